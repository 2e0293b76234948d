// What a browser carries between the button and the way back, sealed so that it can neither read
// nor change it (libsodium's secretbox). It binds the answer of a provider to the browser that
// asked.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace ombud::oidc {

struct Pending {
  std::string provider;  // id
  std::string state, nonce, verifier;
  std::string to;  // where to go afterwards; a path
  Instant until;
};

class SealKey {
 public:
  static SealKey from_bytes(std::string bytes);  // 32 of them
  // The key in this file; made, with mode 0600, if there is none yet. Whoever loses it loses the
  // sign-ins of ten minutes and nothing else.
  static Result<SealKey> in_file(const std::filesystem::path& file, Random& random);

  std::string seal(const Pending& pending, Random& random) const;  // safe in a cookie
  // Nothing if it was not sealed by this key. Whether it is still good is for the caller to say.
  std::optional<Pending> unseal(std::string_view cookie) const;

 private:
  explicit SealKey(std::string bytes) : bytes_(std::move(bytes)) {}
  std::string bytes_;
};

// "__Host-ombud_oidc" where the hub is reached by https: no other host can set it there.
std::string_view cookie_name(bool secure);
std::string cookie_with(std::string_view value, bool secure);  // for Set-Cookie
std::string cookie_gone(bool secure);
// The value of one cookie of a Cookie header; nothing if it is not there, or there twice.
std::optional<std::string_view> cookie_in(std::string_view header, std::string_view name);

}  // namespace ombud::oidc
