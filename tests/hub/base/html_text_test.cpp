// HTML as people write it, and as nobody should.
#include "base/html_text.hpp"

#include <gtest/gtest.h>

namespace ombud {
namespace {

TEST(HtmlText, TakesAnything) {
  EXPECT_EQ(html_to_text("a<b"), "a");
  EXPECT_EQ(html_to_text("1 < 2 &amp; 3 &lt; 4 &bogus; &#x1F600; &#0; &"),
            "1 < 2 & 3 < 4 &bogus; 😀 \xEF\xBF\xBD &");
  EXPECT_EQ(html_to_text("<p>a<p>b<br><br>c"), "a\n\nb\n\nc");
  EXPECT_EQ(html_to_text("<pre>a\n  b</pre>c"), "a\n  b\n\nc");
  EXPECT_EQ(html_to_text("<blockquote>a<blockquote>b</blockquote></blockquote>c"), "> a\n> > b\nc");
  EXPECT_EQ(html_to_text("<img src=x alt='En bild'><a href=javascript:x>klick</a>"),
            "[En bild]klick");
  EXPECT_EQ(html_to_text("<a href='https://a.se'>https://a.se</a>"), "https://a.se");
  EXPECT_EQ(html_to_text("<style>x</style>synlig<script>y"), "synlig");
  EXPECT_EQ(html_to_text("<!-- gömd --><!DOCTYPE html>syns"), "syns");
  EXPECT_EQ(html_charset("<meta charset=\"UTF-8\">"), "utf-8");
}

TEST(HtmlText, DecodesEntitiesOnceAndLeavesWhatIsNone) {
  EXPECT_EQ(html_unescaped("&lt;b&gt; &amp;lt; &#229;&#xe5; &aring; &unknown; &#; &#xz; & &lt"),
            "<b> &lt; åå å &unknown; &#; &#xz; & &lt");
  EXPECT_EQ(html_unescaped("&#0;&#xD800;&#x110000;"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(HtmlText, ShowsWhereALinkLeadsUnlessItSaysSoItself) {
  EXPECT_EQ(html_to_text("<a href=' https://a.se/x'>klicka</a> här"),
            "klicka <https://a.se/x> här");
}

}  // namespace
}  // namespace ombud
