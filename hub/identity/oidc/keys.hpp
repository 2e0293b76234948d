// A provider's public keys (RFC 7517) and the signatures that they make (RFC 7515, 7518, 8037), by
// OpenSSL. The key decides which algorithms it is for; a token's header only chooses among those,
// so that a public key is never taken for the secret of an HMAC.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "identity/oidc/outcome.hpp"

namespace ombud::oidc {

enum class Algorithm { rs256, ps256, es256, eddsa };
std::optional<Algorithm> algorithm_from(std::string_view text);  // "RS256" …; never "none", "HS256"

class Key {
 public:
  // Nothing for a key that is not for signatures, is of an unknown kind, or too weak: a set may
  // hold such keys for others.
  static std::optional<Key> from_jwk(json::View jwk);

  const std::string& id() const { return id_; }  // kid; may be empty
  bool fits(Algorithm algorithm) const;
  // Whether this key made this signature. Thread-safe.
  bool verifies(Algorithm algorithm, std::string_view signed_bytes,
                std::string_view signature) const;

 private:
  enum class Kind { rsa, p256, ed25519 };
  struct Native;
  Key(std::string id, Kind kind, std::optional<Algorithm> only, std::shared_ptr<Native> native);
  std::string id_;
  Kind kind_;
  std::optional<Algorithm> only_;  // its `alg`
  std::shared_ptr<Native> native_;
};

class KeySet {
 public:
  // Refused when it is no set, or a set without any key that could have signed an ID token.
  static Outcome<KeySet> from_jwks(json::View document);

  // Whether a key of this id made the signature; without an id, whether the only fitting key did.
  bool verify(Algorithm algorithm, std::string_view key_id, std::string_view signed_bytes,
              std::string_view signature) const;
  std::size_t size() const { return keys_.size(); }

 private:
  std::vector<Key> keys_;
};

}  // namespace ombud::oidc
