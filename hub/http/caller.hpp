// Who sent a request, and how he showed it.
#pragma once

#include <optional>
#include <string>

#include "base/time.hpp"
#include "domain/principal.hpp"

namespace ombud::http {

// A session of the pages, by its cookie.
struct SignedIn {
  AccountId account;
  std::string session;  // its id, as in GET /sessions
  std::string csrf;     // what X-CSRF-Token must say
  Instant expires_at;   // at the latest
};

struct Caller {
  Principal principal;
  std::optional<SignedIn> session;  // none: he came with a token
};

}  // namespace ombud::http
