// Where suppliers' webhooks go: an interface, implemented above (links.hpp) and handed down by
// main.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>

#include "base/clock.hpp"

namespace ombud::http {

enum class WebhookVerdict {
  taken,          // committed: the supplier may forget it
  bad_signature,  // not from the supplier
  unknown_link,   // no link of that name takes webhooks
  refused,        // the connector will never understand it: sending it again is in vain
  busy,           // too many of this link at a time: the supplier must send it again
  unavailable,    // cannot be judged or kept now: likewise
};

struct WebhookAnswer {
  WebhookVerdict verdict = WebhookVerdict::taken;
  std::string detail;     // for the log, and for the supplier if `refused`
  int retry_after_s = 0;  // for busy and unavailable; 0: the default
};

class WebhookIntake {
 public:
  virtual ~WebhookIntake() = default;
  // Asked before the body is read. A place, to be held until the answer is decided, or the verdict
  // without one. Any thread; at once.
  struct Admission {
    std::shared_ptr<void> place;  // null: `verdict` is the answer
    WebhookAnswer answer;
  };
  virtual Admission admit(const std::string& link) = 0;
  // `headers_json`: an object of lower-case names to values, repeated ones joined by ", ". What is
  // not taken is logged and counted by the intake, which knows how often.
  virtual net::awaitable<WebhookAnswer> take(std::string link, std::string request_id,
                                             std::string headers_json, std::string body) = 0;
};

}  // namespace ombud::http
