#include "connector_host/host/keyed_digest.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <climits>
#include <cstring>
#include <string_view>

#include "base/bytes.hpp"

namespace ombud {
namespace {

std::string_view text_of(ombud_bytes bytes) {
  return bytes.data == nullptr ? std::string_view() : std::string_view(bytes.data, bytes.size);
}

const std::string* secret_of(const std::map<std::string, std::string>& secrets, ombud_bytes token) {
  const auto found = secrets.find(std::string(text_of(token)));
  return found == secrets.end() ? nullptr : &found->second;
}

}  // namespace

std::int32_t keyed_digest(const std::map<std::string, std::string>& secrets, const char* algorithm,
                          ombud_bytes token, ombud_bytes message, char* to, std::size_t room) {
  const std::string* secret = secret_of(secrets, token);
  if (secret == nullptr || algorithm == nullptr || to == nullptr || secret->size() > INT_MAX) {
    return -1;
  }
  const EVP_MD* hash = std::strcmp(algorithm, "sha256") == 0 ? EVP_sha256()
                       : std::strcmp(algorithm, "sha1") == 0 ? EVP_sha1()
                                                             : nullptr;
  if (hash == nullptr || room < static_cast<std::size_t>(EVP_MD_size(hash))) return -1;
  const std::string_view text = text_of(message);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (HMAC(hash, secret->data(), static_cast<int>(secret->size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest,
           &size) == nullptr) {
    return -1;
  }
  std::memcpy(to, digest, size);
  return static_cast<std::int32_t>(size);
}

std::int32_t equals_secret(const std::map<std::string, std::string>& secrets, ombud_bytes token,
                           ombud_bytes text) {
  const std::string* secret = secret_of(secrets, token);
  if (secret == nullptr) return -1;
  return equal_constant_time(*secret, text_of(text)) ? 1 : 0;
}

}  // namespace ombud
