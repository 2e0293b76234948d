// A misspelt word finds what was meant, and a strange one finds nothing.
#include "base/nearest.hpp"

#include <gtest/gtest.h>

namespace ombud {
namespace {

const std::vector<std::string> kWords = {"listen", "threads", "public_url"};

TEST(Nearest, FindsWhatWasMeant) {
  EXPECT_EQ(nearest("lsiten", kWords), "listen");   // two letters swapped
  EXPECT_EQ(nearest("thread", kWords), "threads");  // one left out
  EXPECT_EQ(nearest("public-url", kWords), "public_url");
}

TEST(Nearest, DoesNotGuessWildly) {
  EXPECT_EQ(nearest("colour", kWords), std::nullopt);
  EXPECT_EQ(nearest(std::string(100'000, 'x'), kWords), std::nullopt);
  EXPECT_EQ(nearest("listen", {}), std::nullopt);
}

TEST(Nearest, JoinsWordsAsPeopleDo) {
  EXPECT_EQ(joined({"a"}, "or"), "a");
  EXPECT_EQ(joined({"a", "b", "c"}, "or"), "a, b or c");
}

}  // namespace
}  // namespace ombud
