// The mail connector: a supplier (or the desk's users) reached by SMTP, answers read from raw mails
// or from an IMAP folder. Class C: plain mail has no key and cannot be searched, so an unknown
// outcome goes to a person.
#pragma once

#include <ombud/connector.hpp>

#include <string_view>

#include "base/json.hpp"
#include "email/imap.hpp"
#include "email/settings.hpp"
#include "email/smtp.hpp"

namespace ombud::email {

class EmailConnector {
 public:
  EmailConnector(sdk::Host host, std::string_view config_json);

  sdk::Status put_ticket(const sdk::Call& call, const sdk::Write& write, sdk::Sink& reply);
  sdk::Status add_comment(const sdk::Call& call, const sdk::Write& write, sdk::Sink& reply);
  sdk::Status add_attachment(const sdk::Call& call, const sdk::Write& write, sdk::Sink& reply);
  sdk::Status find(const sdk::Call& call, std::string_view kind, const sdk::Write& write,
                   sdk::Sink& matches);
  bool polls() const {
    return settings_.imap.has_value();
  }  // else answers come by the desk's own mail
  sdk::Status changes(const sdk::Call& call, std::string_view cursor, sdk::Sink& out);
  sdk::Status decode(const sdk::Call& call, std::string_view headers_json, std::string_view body,
                     sdk::Sink& out);
  sdk::Status check(const sdk::Call& call);
  sdk::Status probe(const sdk::Call& call, std::string_view question_json, sdk::Sink& findings);

 private:
  sdk::Status send(const sdk::Call& call, const sdk::Write& write, sdk::Sink& reply,
                   bool with_content);
  void try_sample(json::View sample, std::int64_t now_s, sdk::Sink& out) const;
  sdk::Status conclude(const sdk::Call& call, const Verdict& verdict) const;

  sdk::Host host_;
  Settings settings_;
};

}  // namespace ombud::email
