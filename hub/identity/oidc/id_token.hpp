// ID tokens (OpenID Connect Core 1.0, 2 and 3.1.3.7): first taken apart, then held against a
// provider's keys, then against what was expected. Nothing of a token counts before all three.
#pragma once

#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/time.hpp"
#include "identity/oidc/keys.hpp"
#include "identity/oidc/outcome.hpp"

namespace ombud::oidc {

struct IdToken {
  Algorithm algorithm = Algorithm::rs256;
  std::string key_id;        // may be empty
  std::string signed_bytes;  // header and payload as they came
  std::string signature;
  json::Document claims;
};

// Refused: not three parts of base64url, no JSON, another algorithm than the four (so "none" and
// HMACs), another kind of token, critical header fields.
Outcome<IdToken> take_apart(std::string_view token);

struct Expected {
  std::string_view issuer, client_id, nonce;
  Instant now;
};

// Issuer, audience, authorized party, times and nonce. Says the first thing that is wrong.
Outcome<void> check_claims(json::View claims, const Expected& expected);

}  // namespace ombud::oidc
