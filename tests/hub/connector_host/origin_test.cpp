#include "connector_host/host/origin.hpp"

#include <gtest/gtest.h>

namespace ombud {
namespace {

TEST(Url, KnowsItsOriginAndTarget) {
  const auto url = parse_url("HTTPS://Desk.Example/api?q=1");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->origin.text(), "https://desk.example:443");
  EXPECT_EQ(url->target, "/api?q=1");
  EXPECT_EQ(parse_url("http://h")->target, "/");
  EXPECT_EQ(parse_url("http://h?x")->target, "/?x");
  EXPECT_EQ(parse_url("http://[::1]:8080/x")->origin.text(), "http://[::1]:8080");
}

TEST(Url, ComparesSchemeHostAndPort) {
  const Origin origin = parse_url("https://a.example")->origin;
  EXPECT_EQ(parse_url("https://A.example:443/x")->origin, origin);
  EXPECT_NE(parse_url("http://a.example")->origin, origin);
  EXPECT_NE(parse_url("https://a.example:444")->origin, origin);
  EXPECT_NE(parse_url("https://b.a.example")->origin, origin);
  EXPECT_NE(parse_url("https://a.example.")->origin, origin);
}

TEST(Url, RefusesWhatReadersCouldUnderstandDifferently) {
  for (const char* text :
       {"", "desk.example", "ftp://h/", "https://user@h/", "https://h\\@evil/", "https://h#f",
        "https://h:0/", "https://h:65536/", "https://h:/", "https://h:1x/", "https:///x",
        "https://h/a b", "https://h/\r\nX: y", "https://h\x7F/", "https://[::1", "https://[::1]x/",
        "https://h:80:90/", "https://h/{{secret:x}}", "https://h%41/"}) {
    EXPECT_FALSE(parse_url(text)) << text;
  }
}

}  // namespace
}  // namespace ombud
