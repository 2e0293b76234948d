// Files of a letter: with the mail while they fit, else as links that nobody can guess or prolong.
#include <gtest/gtest.h>

#include "notify/letters/enclosures.hpp"

namespace ombud::notify {
namespace {

const Instant kNow = *parse_rfc3339("2026-11-23T09:00:00Z");
constexpr Millis kDay{86'400'000};

FileLinks links(char key = 'k') {
  return {std::string(FileLinks::kKeyBytes, key), "https://desk.example", 30 * kDay};
}
std::string token_in(const std::string& url) {
  return url.substr(url.rfind('/') + 1);
}

TEST(FileLinks, OpenWhatTheySignedUntilTheyExpire) {
  const std::string url = links().url_of(17, kNow);
  EXPECT_TRUE(url.starts_with("https://desk.example/files/17.")) << url;
  EXPECT_LT(url.size(), 100U);
  const std::string token = token_in(url);
  ASSERT_TRUE(links().open(token, kNow));
  EXPECT_EQ(links().open(token, kNow)->attachment, 17);
  EXPECT_FALSE(links().open(token, kNow + 30 * kDay - Millis(1000))->expired);
  EXPECT_TRUE(links().open(token, kNow + 30 * kDay)->expired);
  EXPECT_FALSE(links('x').open(token, kNow)) << "another key makes them void";
}

TEST(FileLinks, NothingOfThemCanBeChanged) {
  const std::string token = token_in(links().url_of(17, kNow));
  for (std::size_t i = 0; i < token.size(); ++i) {
    for (const char c : {'0', '1', 'a', '.', '-', '+', ' ', '\0'}) {
      std::string other = token;
      if (other[i] == c) continue;
      other[i] = c;
      EXPECT_FALSE(links().open(other, kNow)) << other;
    }
    EXPECT_FALSE(links().open(token.substr(0, i), kNow));
  }
  for (const char* odd : {"", ".", "..", "17", "017.1.x", "17.-1.", "17.99999999999999999999."}) {
    EXPECT_FALSE(links().open(odd, kNow)) << odd;
  }
  EXPECT_FALSE(links().open("0" + token, kNow)) << "one file has one link";
}

TEST(FileLinks, ThereAreNoneWhereNobodyReachesTheHub) {
  const FileLinks none(std::string(FileLinks::kKeyBytes, 'k'), "", kDay);
  EXPECT_EQ(none.url_of(17, kNow), "");
}

TEST(Enclosures, GoWithTheMailAsLongAsTheyFit) {
  const FileLinks signer = links();
  const std::vector<Enclosed> files{{1, "a", "text/plain", 600, "aa"},
                                    {2, "b", "text/plain", 600, "bb"},
                                    {3, "c", "text/plain", 400, "cc"}};
  const Enclosures all = enclose(files, {1000, &signer}, kNow);
  ASSERT_EQ(all.named.size(), 3U);
  EXPECT_EQ(all.named[0].url, "");
  EXPECT_EQ(all.named[1].url, signer.url_of(2, kNow));
  EXPECT_EQ(all.named[2].url, "");
  EXPECT_EQ(all.blobs(), "aa cc");
  json::Writer out;
  out.begin_object();
  all.write(out);
  EXPECT_EQ(out.end_object().take(),
            R"({"attachments":[{"name":"a","media_type":"text/plain","size":600,"sha256":"aa"},)"
            R"({"name":"c","media_type":"text/plain","size":400,"sha256":"cc"}]})");
  EXPECT_EQ(enclose(files, {0, nullptr}, kNow).named[0].url, "");
  EXPECT_EQ(enclose(files, {0, nullptr}, kNow).blobs(), "");
  json::Writer none;
  none.begin_object();
  enclose({}, {}, kNow).write(none);
  EXPECT_EQ(none.end_object().take(), "{}");
}

}  // namespace
}  // namespace ombud::notify
