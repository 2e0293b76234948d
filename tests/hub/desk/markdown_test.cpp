// CommonMark becomes a tree of blocks that holds text and nothing that a browser would run.
#include "desk/markdown.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.hpp"

namespace ombud::desk {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string blocks(std::string_view text) {
  const auto tree = markdown_blocks(text);
  return tree ? *tree : "refused: " + tree.error().fields.at(0).detail;
}

std::string paragraph(const std::string& inner) {
  return R"([{"t":"p","c":[)" + inner + "]}]";
}

TEST(Markdown, BlocksAndWordsInThem) {
  EXPECT_EQ(blocks("Hej *du* och **ni**, ~~inte~~ `x<y`."),
            paragraph(R"({"t":"text","v":"Hej "},{"t":"em","c":[{"t":"text","v":"du"}]},)"
                      R"({"t":"text","v":" och "},{"t":"strong","c":[{"t":"text","v":"ni"}]},)"
                      R"({"t":"text","v":", "},{"t":"del","c":[{"t":"text","v":"inte"}]},)"
                      R"({"t":"text","v":" "},{"t":"codespan","v":"x<y"},{"t":"text","v":"."})"));
  EXPECT_EQ(blocks("# A\n\n---\n\n> b\n"),
            R"([{"t":"h","level":1,"c":[{"t":"text","v":"A"}]},{"t":"hr"},)"
            R"({"t":"quote","c":[{"t":"p","c":[{"t":"text","v":"b"}]}]}])");
  EXPECT_EQ(blocks("3. a\n4. b"),
            R"([{"t":"ol","start":3,"c":[{"t":"li","c":[{"t":"text","v":"a"}]},)"
            R"({"t":"li","c":[{"t":"text","v":"b"}]}]}])");
  EXPECT_EQ(blocks("```sh\nls <a>\n\ncd\n```"),
            R"([{"t":"code","lang":"sh","c":[{"t":"text","v":"ls <a>\n\ncd\n"}]}])");
  EXPECT_EQ(blocks("|a|b|\n|---|---|\n|1|2|"),
            R"([{"t":"table","c":[{"t":"tr","c":[{"t":"th","c":[{"t":"text","v":"a"}]},)"
            R"({"t":"th","c":[{"t":"text","v":"b"}]}]},{"t":"tr","c":[)"
            R"({"t":"td","c":[{"t":"text","v":"1"}]},{"t":"td","c":[{"t":"text","v":"2"}]}]}]}])");
  EXPECT_EQ(blocks("en  \ntv\xC3\xA5\ntre"),
            paragraph("{\"t\":\"text\",\"v\":\"en\"},{\"t\":\"br\"},"
                      "{\"t\":\"text\",\"v\":\"tv\xC3\xA5 tre\"}"));
  EXPECT_EQ(blocks(""), "[]");
}

TEST(Markdown, EntitiesAreTheCharactersTheyMean) {
  EXPECT_EQ(blocks("&lt;b&gt; &amp;amp; &#228;"),
            paragraph("{\"t\":\"text\",\"v\":\"<b> &amp; \xC3\xA4\"}"));
}

TEST(Markdown, LinksGoToTheWebAndToMailOnly) {
  EXPECT_EQ(
      blocks("[a](https://x.example/?q=1&amp;r=2)"),
      paragraph(R"({"t":"a","href":"https://x.example/?q=1&r=2","c":[{"t":"text","v":"a"}]})"));
  EXPECT_THAT(blocks("[a](MAILTO:x@y.example)"), HasSubstr(R"("href":"MAILTO:x@y.example")"));
  EXPECT_THAT(blocks("Se www.x.example nu"), HasSubstr(R"("href":"http://www.x.example")"));
  for (const char* address :
       {"javascript:alert(1)", "JaVaScRiPt:alert(1)", "&#106;avascript:alert(1)", "java\\script:x",
        "data:text/html;base64,PHN2Zz4=", "vbscript:x", "//evil.example", "/desk", "file:///etc",
        "https:evil", "http:", "mailto:", "&#1;javascript:alert(1)", "<java\tscript:x>", ""}) {
    const std::string tree = blocks("[a](" + std::string(address) + ")");
    EXPECT_THAT(tree, Not(HasSubstr("href"))) << address;
    EXPECT_THAT(tree, HasSubstr("a")) << address;
  }
  EXPECT_EQ(
      blocks("![bild](https://x.example/b.png)"),
      paragraph(R"({"t":"a","href":"https://x.example/b.png","c":[{"t":"text","v":"bild"}]})"));
  // A link stands in no other.
  EXPECT_EQ(blocks("[![bild](https://x.example/b.png)](https://y.example)"),
            paragraph(R"({"t":"a","href":"https://y.example","c":[{"t":"text","v":"bild"}]})"));
}

TEST(Markdown, HtmlIsTextLikeAnyOther) {
  EXPECT_EQ(blocks("<script>alert(1)</script>"),
            paragraph(R"({"t":"text","v":"<script>alert(1)</script>"})"));
  EXPECT_EQ(blocks("a <img src=x onerror=alert(1)> b"),
            paragraph(R"({"t":"text","v":"a <img src=x onerror=alert(1)> b"})"));
}

TEST(Markdown, WhatIsTooMuchIsRefusedAndNotCut) {
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += ">";
  EXPECT_THAT(blocks(deep + " a"), HasSubstr("refused: is nested deeper"));
  EXPECT_THAT(blocks(std::string(20, '>') + " a"), Not(HasSubstr("refused")));
  std::string stars;
  for (int i = 0; i < 40'000; ++i) stars += "*a* ";
  EXPECT_EQ(blocks(stars).substr(0, 22), "refused: has more than");
  std::string wide = "|";
  for (int i = 0; i < 10'000; ++i) wide += "a|";
  wide += "\n|";
  for (int i = 0; i < 10'000; ++i) wide += "---|";
  for (int i = 0; i < 20'000; ++i) wide += "\n|";
  EXPECT_EQ(blocks(wide).substr(0, 8), "refused:");
  // md4c goes on after it was told to stop: nothing of that may count.
  for (const char* piece : {"a\n\n", "> ", "1. ", "~~a", "www.a.b ", "<http://a>"}) {
    std::string many;
    while (many.size() < 128U << 10U) many += piece;
    EXPECT_EQ(blocks(many).substr(0, 8), "refused:") << piece;
  }
  const std::string nested = std::string(60, '[') + "a" + std::string(60, ']');
  EXPECT_THAT(blocks(nested), HasSubstr("[[["));
}

TEST(Markdown, WhateverComesGivesAWholeTreeOrARefusal) {
  // Pieces that mean something to CommonMark, in every order of four.
  const std::string_view pieces[] = {"*",  "**", "_",  "`", "[", "](", ")",  "![", "<", ">",
                                     "\n", "# ", "- ", "|", "&", ";",  "~~", "\\", "  "};
  std::uint32_t state = 7;
  for (int round = 0; round < 3'000; ++round) {
    std::string text;
    for (int i = 0; i < 40; ++i) {
      state = state * 1664525U + 1013904223U;
      text += pieces[(state >> 16U) % std::size(pieces)];
      if ((state & 3U) == 0) text += 'a';
    }
    const auto tree = markdown_blocks(text);
    if (tree) {
      EXPECT_TRUE(json::parse(*tree)) << text << "\n" << *tree;
    }
  }
}

}  // namespace
}  // namespace ombud::desk
