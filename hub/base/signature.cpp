#include "base/signature.hpp"

#include <sodium.h>

#include "base/assert.hpp"

namespace ombud {

std::string signature_of(std::string_view key, std::string_view text, std::size_t bytes) {
  static_assert(kSigningKeyBytes == crypto_auth_hmacsha256_KEYBYTES);
  OMBUD_ASSERT(key.size() == kSigningKeyBytes && bytes <= crypto_auth_hmacsha256_BYTES);
  std::string made(crypto_auth_hmacsha256_BYTES, '\0');
  crypto_auth_hmacsha256(reinterpret_cast<unsigned char*>(made.data()),
                         reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                         reinterpret_cast<const unsigned char*>(key.data()));
  made.resize(bytes);
  return made;
}

}  // namespace ombud
