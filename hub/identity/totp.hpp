// Time-based one-time codes (RFC 6238: HMAC-SHA1, 30 s, 6 digits) and recovery codes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.hpp"
#include "base/time.hpp"

namespace ombud::identity {

// 160 random bits in base 32 (RFC 4648, upper case, no padding), as authenticators take it.
std::string new_totp_secret(Random& random);
// "otpauth://totp/Desk:erik%40alfa.example?secret=…&issuer=Desk", to be shown as a QR code.
std::string totp_uri(std::string_view desk, std::string_view email, std::string_view secret);

// The code of one step; `secret` in base 32.
std::string totp_code(std::string_view secret, std::int64_t step);
std::int64_t totp_step_at(Instant at);
// The step whose code this is, within kTotpWindow of now and later than `last_step`, which was used
// already; nothing for any other code. White space in the code is ignored.
std::optional<std::int64_t> check_totp(std::string_view secret, std::string_view code, Instant now,
                                       std::int64_t last_step);

// kRecoveryCodes codes such as "k3m9-x7qf-20tv" (60 bits each).
std::vector<std::string> new_recovery_codes(Random& random);
// What is kept of one: its digest, whatever case, spaces or dashes it was typed with.
std::string recovery_code_digest(std::string_view code);

}  // namespace ombud::identity
