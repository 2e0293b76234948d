// The connector "se.ombud.subscriber": posts events (ombud.event/1) to the callbacks of those who
// subscribed to them. Class A by the event's id: whoever gets one twice knows it by eventId, so
// what is in doubt is sent again.
#pragma once

#include <ombud/connector.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace ombud::subscriber {

class Subscriber {
 public:
  Subscriber(sdk::Host host, std::string_view config_json);  // throws: cannot work by this

  // The first event of a ticket and the later ones alike.
  sdk::Status put_ticket(const sdk::Call& call, const sdk::Write& write, sdk::Sink& reply);
  sdk::Status add_comment(const sdk::Call& call, const sdk::Write& write, sdk::Sink& reply);
  sdk::Status add_attachment(const sdk::Call& call, const sdk::Write& write, sdk::Sink& reply);
  // Nothing is ever found: sending again does no harm.
  sdk::Status find(const sdk::Call& call, std::string_view kind, const sdk::Write& write,
                   sdk::Sink& matches);
  sdk::Status check(const sdk::Call& call);

 private:
  std::optional<std::string> signature_of(std::string_view body) const;

  sdk::Host host_;
  std::string signing_key_, authorization_;  // tokens that stand for secrets; may be empty
};

}  // namespace ombud::subscriber
