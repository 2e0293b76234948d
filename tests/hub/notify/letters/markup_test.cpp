// Which HTML an operator is told to leave out of a letter.
#include "notify/letters/markup.hpp"

#include <gtest/gtest.h>

namespace ombud::notify {
namespace {

TEST(Markup, QuietHtmlHasNoFindings) {
  EXPECT_TRUE(markup_mistakes("<!DOCTYPE html><p style=\"margin:0\">a < b && c > d {{name}}</p>"
                              "<a href=\"{{url}}\" title='on x'>x</a><br/><!-- <script> -->"
                              "<table bgcolor=#fff><tr><td width=600>x</td></tr></table>")
                  .empty());
}

class Refused : public testing::TestWithParam<const char*> {};
TEST_P(Refused, IsFoundOnItsLine) {
  const auto found = markup_mistakes("<p>\n" + std::string(GetParam()) + "\n</p>");
  ASSERT_EQ(found.size(), 1U) << GetParam();
  EXPECT_EQ(found[0].line, 2);
}
INSTANTIATE_TEST_SUITE_P(
    All, Refused,
    testing::Values("<script>x</script>", "<SCRIPT\n>", "<iframe>", "<link rel=x>",
                    "<style>p{}</style>", "<form>", "<img src=\"https://x.example/p.gif\">",
                    "<td background='//x.example/a.png'>", "<p onclick=\"x()\">",
                    "<p ONMOUSEOVER=x>", "<a href=\" java\tscript:x\">",
                    "<p style=\"background:URL(https://x.example)\">",
                    "<meta http-equiv=refresh content=0>", "<a href={{url}}>",
                    "<!--[if mso]><img src=\"x\"><![endif]-->", "<a/onclick=y>", "<img srcset=x>"));

TEST(Markup, TakesAnythingAndEnds) {
  for (const char* odd : {"<", "<a", "<a =", "<a x=", "<a x=\"", "<!--", "{{", "<a {{", "</",
                          "<a =>", "<a / / >", "<a x = 'y' z>", "\xFF<\xFE>"}) {
    markup_mistakes(odd);
  }
  std::string long_one;
  for (int i = 0; i < 20'000; ++i) long_one += "<a ";
  markup_mistakes(long_one);
}

}  // namespace
}  // namespace ombud::notify
