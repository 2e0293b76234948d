#include "notify/signed_person.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <system_error>

#include "base/assert.hpp"
#include "base/bytes.hpp"

namespace ombud::notify {
namespace {

constexpr std::size_t kSignatureBytes = 16;  // of an HMAC-SHA-256: 128 bits cannot be guessed
constexpr std::size_t kTokenBytesMax = 64;

class File {
 public:
  File(const std::filesystem::path& path, int flags)
      : descriptor_(::open(path.c_str(), flags | O_CLOEXEC, S_IRUSR | S_IWUSR)) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

Problem key_problem(const std::filesystem::path& file, std::string_view what) {
  return problem(ProblemKind::unavailable,
                 fmt::format("The key in {}, which signs the links at the end of letters, {}.",
                             file.string(), what));
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string random_key(Random& random) {
  std::string bytes;
  while (bytes.size() < SigningKey::kBytes) {
    std::uint64_t drawn = random.next();
    for (int i = 0; i < 8; ++i, drawn >>= 8U) bytes += static_cast<char>(drawn & 0xFFU);
  }
  return bytes;
}

std::string signature(const std::string& key, std::int64_t person) {
  const std::string said = fmt::format("notification preferences of person {}", person);
  unsigned char made[crypto_auth_hmacsha256_BYTES];
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, bytes_of(key), key.size());
  crypto_auth_hmacsha256_update(&state, bytes_of(said), said.size());
  crypto_auth_hmacsha256_final(&state, made);
  return to_hex({reinterpret_cast<const char*>(made), kSignatureBytes});
}

}  // namespace

SigningKey::SigningKey(std::string bytes) : bytes_(std::move(bytes)) {
  OMBUD_ASSERT(bytes_.size() == kBytes);
}

Result<SigningKey> SigningKey::in_file(const std::filesystem::path& file, Random& random) {
  const File known(file, O_RDONLY);
  if (known.get() >= 0) {
    std::string bytes(kBytes + 1, '\0');
    if (::read(known.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(kBytes)) {
      return key_problem(file,
                         "is damaged; remove it, and a new one is made. Links in letters "
                         "that were sent before stop working then");
    }
    bytes.resize(kBytes);
    return SigningKey(std::move(bytes));
  }
  if (errno != ENOENT) {
    return key_problem(file, "cannot be read: " + std::generic_category().message(errno));
  }
  std::string bytes = random_key(random);
  const std::filesystem::path fresh = file.string() + ".new";
  ::unlink(fresh.c_str());
  const File made(fresh, O_WRONLY | O_CREAT | O_EXCL);
  if (made.get() < 0 ||
      ::write(made.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()) ||
      ::fsync(made.get()) != 0 || ::rename(fresh.c_str(), file.c_str()) != 0) {
    return key_problem(file, "cannot be written: " + std::generic_category().message(errno));
  }
  return SigningKey(std::move(bytes));
}

std::string SigningKey::token_of(PersonId person) const {
  return fmt::format("{}-{}", person.value, signature(bytes_, person.value));
}

std::optional<PersonId> SigningKey::person_of(std::string_view token) const {
  const std::size_t dash = token.find('-');
  if (token.size() > kTokenBytesMax || dash == std::string_view::npos || dash == 0) {
    return std::nullopt;
  }
  std::int64_t person = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + dash, person);
  if (error != std::errc() || end != token.data() + dash || person <= 0) return std::nullopt;
  // One spelling each: "017" is nobody.
  return equal_constant_time(token, token_of({person})) ? std::optional(PersonId{person})
                                                        : std::nullopt;
}

}  // namespace ombud::notify
