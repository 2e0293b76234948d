#include "identity/oidc/state_cookie.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/json.hpp"
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

class File {
 public:
  File(const std::filesystem::path& path, int flags)
      : file_(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600)) {}
  ~File() {
    if (file_ >= 0) ::close(file_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return file_; }

 private:
  int file_;
};

Problem key_problem(const std::filesystem::path& file, std::string_view what) {
  return problem(ProblemKind::unavailable,
                 fmt::format("The key that seals sign-ins, {}, {}.", file.string(), what));
}

}  // namespace

SealKey SealKey::from_bytes(std::string bytes) {
  bytes.resize(kKeyBytes);
  return SealKey(std::move(bytes));
}

Result<SealKey> SealKey::in_file(const std::filesystem::path& file, Random& random) {
  const File known(file, O_RDONLY);
  if (known.get() >= 0) {
    std::string bytes(kKeyBytes + 1, '\0');
    if (::read(known.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(kKeyBytes)) {
      return key_problem(file, "is damaged; remove it, and a new one is made");
    }
    return from_bytes(std::move(bytes));
  }
  if (errno != ENOENT) {
    return key_problem(file, "cannot be read: " + std::generic_category().message(errno));
  }
  std::string bytes = random_bytes(random, kKeyBytes);
  const std::filesystem::path fresh = file.string() + ".new";
  ::unlink(fresh.c_str());
  const File made(fresh, O_WRONLY | O_CREAT | O_EXCL);
  if (made.get() < 0 ||
      ::write(made.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()) ||
      ::fsync(made.get()) != 0 || ::rename(fresh.c_str(), file.c_str()) != 0) {
    return key_problem(file, "cannot be written: " + std::generic_category().message(errno));
  }
  return from_bytes(std::move(bytes));
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
