#include "identity/oidc/state_cookie.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include "base/json.hpp"
#include "base/key_file.hpp"
#include "identity/oidc/limits.hpp"
#include "identity/oidc/text.hpp"

namespace ombud::oidc {
namespace {

constexpr std::size_t kKeyBytes = crypto_secretbox_KEYBYTES;
constexpr std::size_t kNonceBytes = crypto_secretbox_NONCEBYTES;
constexpr std::size_t kCookieBytesMax = 4096;

auto* data_of(std::string& bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}
const auto* data_of(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

SealKey SealKey::from_bytes(std::string bytes) {
  bytes.resize(kKeyBytes);
  return SealKey(std::move(bytes));
}

Result<SealKey> SealKey::in_file(const std::filesystem::path& file, Random& random) {
  auto bytes = key_in_file(file, kKeyBytes, "The key that seals sign-ins", random);
  if (!bytes) return bytes.error();
  return from_bytes(std::move(*bytes));
}

std::string SealKey::seal(const Pending& pending, Random& random) const {
  json::Writer out;
  out.begin_object()
      .field("provider", pending.provider)
      .field("state", pending.state)
      .field("nonce", pending.nonce)
      .field("verifier", pending.verifier)
      .field("to", pending.to)
      .field("until", ms_of(pending.until))
      .end_object();
  const std::string plain = out.take();
  std::string sealed = random_bytes(random, kNonceBytes);
  sealed.resize(kNonceBytes + crypto_secretbox_MACBYTES + plain.size());
  crypto_secretbox_easy(data_of(sealed) + kNonceBytes, data_of(std::string_view(plain)),
                        plain.size(), data_of(sealed), data_of(std::string_view(bytes_)));
  return to_base64url(sealed);
}

std::optional<Pending> SealKey::unseal(std::string_view cookie) const {
  if (cookie.size() > kCookieBytesMax) return std::nullopt;
  const auto sealed = from_base64url(cookie);
  if (!sealed || sealed->size() < kNonceBytes + crypto_secretbox_MACBYTES) return std::nullopt;
  std::string plain(sealed->size() - kNonceBytes - crypto_secretbox_MACBYTES, '\0');
  const auto* bytes = data_of(std::string_view(*sealed));
  if (crypto_secretbox_open_easy(data_of(plain), bytes + kNonceBytes, sealed->size() - kNonceBytes,
                                 bytes, data_of(std::string_view(bytes_))) != 0) {
    return std::nullopt;
  }
  const auto document = json::parse(plain);
  if (!document) return std::nullopt;
  const json::View said = document->root();
  Pending pending;
  pending.provider = said["provider"].text();
  pending.state = said["state"].text();
  pending.nonce = said["nonce"].text();
  pending.verifier = said["verifier"].text();
  pending.to = said["to"].text();
  pending.until = instant_of(said["until"].integer());
  if (pending.state.empty() || pending.nonce.empty() || pending.verifier.empty()) {
    return std::nullopt;
  }
  return pending;
}

std::string_view cookie_name(bool secure) {
  return secure ? "__Host-ombud_oidc" : "ombud_oidc";
}

std::string cookie_with(std::string_view value, bool secure) {
  return fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{}", cookie_name(secure),
                     value, kSignInWithin.count() / 1000, secure ? "; Secure" : "");
}

std::string cookie_gone(bool secure) {
  return fmt::format("{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax{}", cookie_name(secure),
                     secure ? "; Secure" : "");
}

std::optional<std::string_view> cookie_in(std::string_view header, std::string_view name) {
  std::optional<std::string_view> found;
  while (!header.empty()) {
    std::string_view pair = header.substr(0, header.find(';'));
    header.remove_prefix(std::min(pair.size() + 1, header.size()));
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    if (pair.size() <= name.size() || !pair.starts_with(name) || pair[name.size()] != '=') continue;
    if (found) return std::nullopt;
    found = pair.substr(name.size() + 1);
  }
  return found;
}

}  // namespace ombud::oidc
