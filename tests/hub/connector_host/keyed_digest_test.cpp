// Signatures are checked with a secret that stays in the host.
#include "connector_host/host/keyed_digest.hpp"

#include <gtest/gtest.h>
#include <ombud/connector.hpp>

#include "base/bytes.hpp"

namespace ombud {
namespace {

const std::map<std::string, std::string> kSecrets = {{"t", "It's a Secret to Everybody"},
                                                     {"k", "key"}};

std::string digest(const char* algorithm, const char* token, const char* message) {
  char room[64];
  const auto size =
      keyed_digest(kSecrets, algorithm, sdk::bytes(token), sdk::bytes(message), room, sizeof room);
  return size < 0 ? "none" : to_hex({room, static_cast<std::size_t>(size)});
}

TEST(KeyedDigest, GivesTheDigestsOfThePublishedVectors) {
  // GitHub's documentation of its webhooks.
  EXPECT_EQ(digest("sha256", "t", "Hello, World!"),
            "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17");
  EXPECT_EQ(digest("sha1", "k", "The quick brown fox jumps over the lazy dog"),
            "de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d9");
}

TEST(KeyedDigest, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(digest("md5", "t", ""), "none");
  EXPECT_EQ(digest("sha256", "other", ""), "none");
  char small[8];
  EXPECT_EQ(keyed_digest(kSecrets, "sha256", sdk::bytes("t"), {}, small, sizeof small), -1);
}

TEST(KeyedDigest, ComparesASecretWithoutTellingIt) {
  EXPECT_EQ(equals_secret(kSecrets, sdk::bytes("k"), sdk::bytes("key")), 1);
  EXPECT_EQ(equals_secret(kSecrets, sdk::bytes("k"), sdk::bytes("kez")), 0);
  EXPECT_EQ(equals_secret(kSecrets, sdk::bytes("k"), {}), 0);
  EXPECT_EQ(equals_secret(kSecrets, sdk::bytes("other"), sdk::bytes("key")), -1);
}

}  // namespace
}  // namespace ombud
