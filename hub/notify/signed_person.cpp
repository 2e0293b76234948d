#include "notify/signed_person.hpp"

#include <fmt/format.h>

#include <charconv>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "base/key_file.hpp"
#include "base/signature.hpp"

namespace ombud::notify {
namespace {

constexpr std::size_t kTokenBytesMax = 64;

std::string signature(const std::string& key, std::int64_t person) {
  return to_hex(signature_of(key, fmt::format("notification preferences of person {}", person)));
}

}  // namespace

SigningKey::SigningKey(std::string bytes) : bytes_(std::move(bytes)) {
  static_assert(kBytes == kSigningKeyBytes);
  OMBUD_ASSERT(bytes_.size() == kBytes);
}

Result<SigningKey> SigningKey::in_file(const std::filesystem::path& file, Random& random) {
  auto bytes = key_in_file(file, kBytes, "The key that signs links of letters", random);
  if (!bytes) return bytes.error();
  return SigningKey(std::move(*bytes));
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
