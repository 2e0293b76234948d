// How mail is taken in: what main reads from the configuration, and what tests set.
#pragma once

#include <string>
#include <vector>

#include "base/time.hpp"
#include "channel/mail/route.hpp"

namespace ombud::mail {

struct IntakeOptions {
  RouteOptions route;
  // A customer made for mails of unknown senders, if there is none with the key in `route`.
  std::string unknown_customer_name = "Unknown senders";
  // Servers whose Authentication-Results are believed (authentication.hpp), lower case.
  std::vector<std::string> authentication_from;
  // Brakes on one address, for when everything in its mails lies; for the same words there are
  // fewer receipts (apply.cpp).
  int receipts_per_hour = 5;  // more tickets are registered without a receipt
  int tickets_per_hour = 30;  // what comes beyond that is gathered on the last of them
  int crashes_max = 3;  // lives of the hub that began to read a mail; then it is not parsed again
  Millis retry_first{10'000};  // after a failure: doubled each time …
  Millis retry_max{600'000};   // … up to this
  // A supplier's mail that its link has not taken after this long is noted for the desk, so that
  // it does not stand before its ticket's later ones for ever.
  Millis link_wait_max{72LL * 60 * 60'000};
};

}  // namespace ombud::mail
