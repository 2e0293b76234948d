// Hands one mail to an SMTP server and says exactly how far it got (RFC 5321).
#pragma once

#include <ombud/connector.hpp>

#include <string>
#include <string_view>

#include "email/settings.hpp"

namespace ombud::email {

struct Verdict {
  sdk::Status status = sdk::Status::retry;
  int code = 0;         // the server's reply code, 0 if it gave none
  std::string message;  // for the operator; empty if ok
};

struct Envelope {
  std::string from;
  std::string to;
};

// The one border that matters is the line with a single dot that ends DATA:
//  - before it was sent nothing was delivered: `retry`, `permanent` (5xx to MAIL, RCPT or DATA),
//    `auth` (login refused) or `cancelled`;
//  - after it, a reply decides (250 ok, 4xx retry, 5xx permanent);
//  - after it without a reply: `ambiguous`. A cancel that comes then is not heard, the deadline is.
// `hello` is our name in EHLO; `mail` has CRLF line ends.
Verdict send_mail(const sdk::Call& call, const Server& server, const std::string& hello,
                  const Envelope& envelope, std::string_view mail);

// Connects, greets, logs in and says NOOP.
Verdict try_smtp(const sdk::Call& call, const Server& server, const std::string& hello);

}  // namespace ombud::email
