// Where suppliers' webhooks go: an interface, implemented by inbound/ and handed down by main.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <string>

#include "base/clock.hpp"

namespace ombud::http {

enum class WebhookVerdict {
  taken,          // committed: the supplier may forget it
  bad_signature,  // not from the supplier
  unknown_link,   // no link of that name takes webhooks
  unavailable,    // cannot be judged or kept now: the supplier must send it again
};

struct WebhookAnswer {
  WebhookVerdict verdict = WebhookVerdict::taken;
  std::string detail;     // for the log
  int retry_after_s = 0;  // for unavailable; 0: the default
};

class WebhookIntake {
 public:
  virtual ~WebhookIntake() = default;
  // `headers_json`: an object of lower-case names to values, repeated ones joined by ", ".
  virtual net::awaitable<WebhookAnswer> take(std::string link, std::string headers_json,
                                             std::string body) = 0;
};

}  // namespace ombud::http
