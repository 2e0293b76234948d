// Texts as suppliers keep them: markers that are found again, escapes, HTML.
#include "profile/text.hpp"

#include <gtest/gtest.h>

namespace ombud::profile {
namespace {

TEST(ProfileText, FindsTheMarkerInTheLastLineWhateverTheLineEnds) {
  EXPECT_EQ(marked_last("Hej\r\n\r\n[ombud:01abc]\r\n\r\n"), "01abc");
  EXPECT_EQ(marked_last("[ombud:01abc]\nTack!"), std::nullopt);
  EXPECT_EQ(marked_last("Hej\n<!-- ombud:01abc -->"), "01abc");
  EXPECT_EQ(marked_last("Hej\n\\[ombud:01abc]"), "01abc");
  EXPECT_EQ(marked_last(""), std::nullopt);
}

TEST(ProfileText, TakesAQuotedOrBrokenMarkerForNone) {
  EXPECT_EQ(marked_last("> [ombud:01abc]"), std::nullopt);
  EXPECT_EQ(marked("see [ombud:01abc]"), std::nullopt);
  EXPECT_EQ(marked("[ombud:]\n[ombud:a b]\n[ombud:x"), std::nullopt);
}

TEST(ProfileText, FindsAMarkerThatSomebodyWroteBelow) {
  EXPECT_EQ(marked("Text\n[ombud:01abc]\n\nEdited by Sven"), "01abc");
}

TEST(ProfileText, RemovesMarkersAndTheirQuotesFromWhatPeopleRead) {
  EXPECT_EQ(without_markers("Klart.\r\n\r\n> Hej\r\n> [ombud:01abc]\r\n<!-- ombud:02 -->\r\n"),
            "Klart.\n\n> Hej");
}

TEST(ProfileText, SurvivesTheWayThroughHtml) {
  const std::string text = "Räk & smörgås <3\n\nrad två\n[ombud:01abc]";
  EXPECT_EQ(html_to_text(html_escaped(text)), text);
  EXPECT_EQ(html_to_text("<p>Hej&nbsp;du</p><div>rad <b>två</b></div><script>x()</script>"),
            "Hej du\nrad två");
  EXPECT_EQ(marked_last(html_to_text("<p>x</p>" + hidden_marker("01"))), "01");
  EXPECT_EQ(html_to_text("&lt;b&gt; &#229;&#x1F600; &unknown;"), "<b> å😀 &unknown;");
}

TEST(ProfileText, CutsByCharactersAndNotByBytes) {
  EXPECT_EQ(truncated("åäö", 2), "åä");
  EXPECT_EQ(truncated("abc", 5), "abc");
}

TEST(ProfileText, EscapesWhatWouldBecomeMarkup) {
  EXPECT_EQ(markdown_escaped("*a* <b> [c]"), "\\*a\\* \\<b\\> \\[c\\]");
  EXPECT_EQ(jira_escaped("{code} *b*"), "\\{code\\} \\*b\\*");
  EXPECT_EQ(percent_encode("a-._~9>=[å]"), "a-._~9%3E%3D%5B%C3%A5%5D");
}

TEST(ProfileText, ReadsADelayInSecondsOrAsADate) {
  EXPECT_EQ(retry_after_ms("17", ""), 17'000);
  EXPECT_EQ(retry_after_ms("Sun, 22 Nov 2026 10:00:30 GMT", "Sun, 22 Nov 2026 10:00:00 GMT"),
            30'000);
  EXPECT_EQ(retry_after_ms("Sun, 22 Nov 2026 09:00:00 GMT", "Sun, 22 Nov 2026 10:00:00 GMT"), 0);
}

TEST(ProfileText, NamesNoDelayItCannotKnow) {
  EXPECT_EQ(retry_after_ms("soon", ""), -1);
  EXPECT_EQ(retry_after_ms("-5", ""), -1);
  EXPECT_EQ(retry_after_ms("", ""), -1);
  EXPECT_EQ(retry_after_ms("Sun, 22 Nov 2026 10:00:30 GMT", ""), -1);
}

}  // namespace
}  // namespace ombud::profile
