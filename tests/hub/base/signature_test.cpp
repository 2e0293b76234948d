// Signatures are HMAC-SHA-256 as RFC 4231 has it.
#include "base/signature.hpp"

#include <gtest/gtest.h>

#include "base/bytes.hpp"

namespace ombud {
namespace {

// RFC 4231 section 4.2; zeros at the end of a key change nothing, so its 20 bytes may be 32.
TEST(Signature, IsThatOfTheStandard) {
  const std::string key = std::string(20, '\x0b') + std::string(12, '\0');
  EXPECT_EQ(to_hex(signature_of(key, "Hi There", 32)),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(to_hex(signature_of(key, "Hi There")), "b0344c61d8db38535ca8afceaf0bf12b");
  EXPECT_EQ(signature_of(key, "Hi There", 10), signature_of(key, "Hi There", 32).substr(0, 10));
}

TEST(Signature, AnotherKeyOrTextGivesAnother) {
  const std::string key(32, 'k'), other(32, 'l');
  EXPECT_NE(signature_of(key, "file 1"), signature_of(key, "file 2"));
  EXPECT_NE(signature_of(key, "file 1"), signature_of(other, "file 1"));
}

}  // namespace
}  // namespace ombud
