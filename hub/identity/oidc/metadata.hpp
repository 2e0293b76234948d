// What a provider says of itself (OpenID Connect Discovery 1.0).
#pragma once

#include <string>
#include <string_view>

#include "base/json.hpp"
#include "identity/oidc/outcome.hpp"

namespace ombud::oidc {

struct Metadata {
  std::string authorization_endpoint, token_endpoint, jwks_uri;
  std::string userinfo_endpoint, end_session_endpoint;  // may be empty
  bool secret_in_body = false;  // client_secret_post, where client_secret_basic is not taken
  bool tells_issuer = false;    // its way back always holds `iss` (RFC 9207)
};

std::string discovery_address(std::string_view issuer);

// Checks that it speaks for this very issuer, can do what we need, and that its addresses may be
// talked to.
Outcome<Metadata> metadata_from(json::View document, std::string_view issuer);

}  // namespace ombud::oidc
