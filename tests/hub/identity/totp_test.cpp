// Time-based codes as RFC 6238 has them.
#include "identity/totp.hpp"

#include <gtest/gtest.h>

#include <set>

#include "base/bytes.hpp"
#include "support/memory_store.hpp"

namespace ombud::identity {
namespace {

// The secret of RFC 6238, appendix B: "12345678901234567890".
constexpr std::string_view kSecret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

Instant at_second(std::int64_t second) {
  return instant_of(second * 1000);
}

TEST(Totp, AgreesWithTheStandardsExamples) {
  // Appendix B has eight digits; the last six of them are the code of six.
  for (const auto& [second, code] :
       std::vector<std::pair<std::int64_t, std::string>>{{59, "287082"},
                                                         {1111111109, "081804"},
                                                         {1111111111, "050471"},
                                                         {1234567890, "005924"},
                                                         {2000000000, "279037"},
                                                         {20000000000, "353130"}}) {
    EXPECT_EQ(totp_code(kSecret, totp_step_at(at_second(second))), code) << second;
  }
}

TEST(Totp, AClockMayBeOffByOneStepEitherWayAndNoMore) {
  const Instant now = at_second(1'800'000'000);
  const std::int64_t step = totp_step_at(now);
  for (const std::int64_t off : {-1, 0, 1}) {
    EXPECT_EQ(check_totp(kSecret, totp_code(kSecret, step + off), now, 0), step + off);
  }
  for (const std::int64_t off : {-2, 2, 10}) {
    EXPECT_FALSE(check_totp(kSecret, totp_code(kSecret, step + off), now, 0)) << off;
  }
}

TEST(Totp, AStepCountsOnceAndNoneBeforeIt) {
  const Instant now = at_second(1'800'000'000);
  const std::int64_t step = totp_step_at(now);
  EXPECT_FALSE(check_totp(kSecret, totp_code(kSecret, step), now, step));
  EXPECT_FALSE(check_totp(kSecret, totp_code(kSecret, step - 1), now, step));
  EXPECT_EQ(check_totp(kSecret, totp_code(kSecret, step + 1), now, step), step + 1);
}

TEST(Totp, OnlySixDigitsAreACode) {
  const Instant now = at_second(1'800'000'000);
  const std::string code = totp_code(kSecret, totp_step_at(now));
  EXPECT_TRUE(check_totp(kSecret, " " + code.substr(0, 3) + " " + code.substr(3), now, 0));
  for (const std::string& wrong : {code.substr(1), code + "0", std::string(), std::string("abcdef"),
                                   std::string(100'000, '1')}) {
    EXPECT_FALSE(check_totp(kSecret, wrong, now, 0));
  }
}

TEST(Totp, ASecretIsLongAndTheUriNamesWhoseItIs) {
  test::SeededRandom random(1);
  const std::string secret = new_totp_secret(random);
  EXPECT_EQ(secret.size(), 32U) << "160 bits";
  EXPECT_NE(secret, new_totp_secret(random));
  EXPECT_EQ(totp_uri("Desk & Co", "e@a.example", "ABC"),
            "otpauth://totp/Desk%20%26%20Co:e%40a.example?secret=ABC&issuer=Desk%20%26%20Co");
}

TEST(RecoveryCodes, AreTenAndReadHoweverTheyAreTyped) {
  bytes_init();
  test::SeededRandom random(1);
  const auto codes = new_recovery_codes(random);
  EXPECT_EQ(std::set<std::string>(codes.begin(), codes.end()).size(), 10U);
  std::string typed = codes[0];
  for (char& c : typed) c = c == '-' ? ' ' : static_cast<char>(std::toupper(c));
  EXPECT_EQ(recovery_code_digest(typed), recovery_code_digest(codes[0]));
  EXPECT_NE(recovery_code_digest(codes[1]), recovery_code_digest(codes[0]));
}

}  // namespace
}  // namespace ombud::identity
