#include "identity/totp.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "identity/limits.hpp"

namespace ombud::identity {
namespace {

constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::size_t kRecoveryCharacters = 12;
constexpr std::size_t kRecoveryGroup = 4;

std::string to_base32(std::string_view bytes) {
  std::string text;
  unsigned held = 0;
  int bits = 0;
  for (const char byte : bytes) {
    held = (held << 8U | static_cast<unsigned char>(byte)) & 0xFFFFU;
    for (bits += 8; bits >= 5; bits -= 5) text += kBase32[held >> (bits - 5) & 31U];
  }
  if (bits > 0) text += kBase32[held << (5 - bits) & 31U];
  return text;
}

std::string from_base32(std::string_view text) {
  std::string bytes;
  unsigned held = 0;
  int bits = 0;
  for (const char c : text) {
    const std::size_t value = kBase32.find(c);
    OMBUD_ASSERT(value != std::string_view::npos);  // only our own secrets come here
    held = (held << 5U | static_cast<unsigned>(value)) & 0xFFFFU;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes += static_cast<char>(held >> bits & 0xFFU);
    }
  }
  return bytes;
}

// For the URI: everything but letters, digits and "-._~" is escaped.
std::string escaped(std::string_view text) {
  std::string all;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      all += c;
    } else {
      all += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
  }
  return all;
}

}  // namespace

std::string new_totp_secret(Random& random) {
  std::string bytes;
  while (bytes.size() < kTotpSecretBytes) bytes += static_cast<char>(random.below(256));
  return to_base32(bytes);
}

std::string totp_uri(std::string_view desk, std::string_view email, std::string_view secret) {
  return fmt::format("otpauth://totp/{0}:{1}?secret={2}&issuer={0}", escaped(desk), escaped(email),
                     secret);
}

std::int64_t totp_step_at(Instant at) {
  return ms_of(at) / 1000 / kTotpStepSeconds;
}

// RFC 4226, 5.3: four bytes of the digest, from where its last four bits say.
std::string totp_code(std::string_view secret, std::int64_t step) {
  const std::string key = from_base32(secret);
  std::array<unsigned char, 8> counter{};
  for (std::size_t i = 0; i < counter.size(); ++i) {
    counter[i] = static_cast<unsigned char>(static_cast<std::uint64_t>(step) >> (56 - 8 * i));
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  const unsigned char* made = HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()),
                                   counter.data(), counter.size(), digest.data(), &size);
  OMBUD_ASSERT(made != nullptr && size == 20);
  const std::size_t at = digest[size - 1] & 15U;
  const std::uint32_t number = (static_cast<std::uint32_t>(digest[at] & 0x7FU) << 24U) |
                               (static_cast<std::uint32_t>(digest[at + 1]) << 16U) |
                               (static_cast<std::uint32_t>(digest[at + 2]) << 8U) |
                               static_cast<std::uint32_t>(digest[at + 3]);
  return fmt::format("{:0{}}", number % 1'000'000U, kTotpDigits);
}

std::optional<std::int64_t> check_totp(std::string_view secret, std::string_view code, Instant now,
                                       std::int64_t last_step) {
  std::string typed;
  for (const char c : code) {
    if (c != ' ') typed += c;
  }
  std::optional<std::int64_t> found;
  const std::int64_t today = totp_step_at(now);
  for (std::int64_t step = today - kTotpWindow; step <= today + kTotpWindow; ++step) {
    if (equal_constant_time(totp_code(secret, step), typed) && step > last_step) found = step;
  }
  return found;
}

std::vector<std::string> new_recovery_codes(Random& random) {
  constexpr std::string_view kLetters = "0123456789abcdefghjkmnpqrstvwxyz";
  std::vector<std::string> codes;
  while (codes.size() < kRecoveryCodes) {
    std::string code;
    for (std::size_t i = 0; i < kRecoveryCharacters; ++i) {
      if (i > 0 && i % kRecoveryGroup == 0) code += '-';
      code += kLetters[random.below(kLetters.size())];
    }
    codes.push_back(std::move(code));
  }
  return codes;
}

std::string recovery_code_digest(std::string_view code) {
  std::string typed;
  for (const char c : code) {
    if (c == ' ' || c == '-') continue;
    typed += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  return sha256_hex("ombud recovery code " + typed);
}

}  // namespace ombud::identity
