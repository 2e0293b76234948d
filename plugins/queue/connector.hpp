// The queue connector: a supplier that speaks the protocol in PROTOCOL.md over ZeroMQ or through an
// AMQP broker. Class A: the supplier takes our correlation as key and answers a repeated write like
// the first.
#pragma once

#include <ombud/connector.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "queue/line.hpp"
#include "queue/settings.hpp"

namespace ombud::queue {

class QueueConnector {
 public:
  QueueConnector(sdk::Host host, std::string_view config_json);
  QueueConnector(sdk::Host host, Settings settings, std::unique_ptr<Carrier> carrier);
  QueueConnector(const QueueConnector&) = delete;
  QueueConnector& operator=(const QueueConnector&) = delete;

  sdk::Status put_ticket(const sdk::Call& call, const sdk::Write& write, sdk::Sink& reply);
  sdk::Status add_comment(const sdk::Call& call, const sdk::Write& write, sdk::Sink& reply);
  sdk::Status add_attachment(const sdk::Call& call, const sdk::Write& write, sdk::Sink& reply);
  sdk::Status find(const sdk::Call& call, std::string_view kind, const sdk::Write& write,
                   sdk::Sink& matches);
  sdk::Status changes(const sdk::Call& call, std::string_view cursor, sdk::Sink& out);
  sdk::Status attachment(const sdk::Call& call, std::string_view reference_json, sdk::Sink& bytes);
  sdk::Status check(const sdk::Call& call);
  sdk::Status probe(const sdk::Call& call, std::string_view question_json, sdk::Sink& findings);

 private:
  // What the supplier said in its welcome.
  struct Terms {
    sdk::Status status = sdk::Status::ok;
    std::int64_t attachment_bytes_max = 0;
  };
  Terms greet(const sdk::Call& call, Line& line) const;
  sdk::Status write(const sdk::Call& call, std::string_view type, const sdk::Write& write,
                    sdk::Sink& reply, bool with_content) const;
  sdk::Status take_events(const sdk::Call& call, EventQueue& queue, std::string_view cursor,
                          sdk::Sink& out);
  // The status of anything but the wanted answer; tells the call why.
  sdk::Status refuse(const sdk::Call& call, const Answer& answer, std::string_view wanted,
                     bool is_write) const;

  sdk::Host host_;
  Settings settings_;
  std::unique_ptr<Carrier> carrier_;  // refers to settings_
};

}  // namespace ombud::queue
