// People's words in one line, in many lines, as HTML and as a quote.
#include "notify/letters/words.hpp"

#include <gtest/gtest.h>

#include "base/bytes.hpp"

namespace ombud::notify {
namespace {

TEST(Words, OneLineStaysOneLine) {
  EXPECT_EQ(one_line("  a\r\nBcc: x\t\x01 b\n", 100), "a Bcc: x b");
  EXPECT_EQ(one_line("a\xE2\x80\xA8"
                     "b\xC2\x85"
                     "c\xC2\x9B"
                     "d",
                     100),
            "a b c d");
  EXPECT_EQ(one_line("bild\xE2\x80\xAEgpj.exe\xE2\x81\xA6", 100), "bildgpj.exe");
  EXPECT_EQ(one_line("שלום עולם", 100), "שלום עולם");
  EXPECT_EQ(one_line("", 10), "");
  EXPECT_EQ(one_line("åäöåäö", 8), "åä…");
  EXPECT_EQ(one_line("a\xFF"
                     "b",
                     100),
            "a\xEF\xBF\xBD"
            "b");
}

TEST(Words, ManyLinesKeepTheirLinesAndLoseWhatNobodySees) {
  EXPECT_EQ(many_lines("\r\n a  \r\nb\r\rc\n\n\n\n\nd\x02\x1b[31m\te \n\n"),
            " a\nb\n\nc\n\n\nd[31m\te");
  EXPECT_EQ(many_lines(""), "");
}

TEST(Words, HtmlKeepsLinesIndentsAndLinks) {
  EXPECT_EQ(html_of("a <b>\n  c & \"d\""), "a &lt;b&gt;<br>\n&nbsp;&nbsp;c &amp; &quot;d&quot;");
  EXPECT_EQ(
      html_of("Se https://x.example/a?b=1&c=(d). Eller (http://y.example/å)!"),
      "Se <a href=\"https://x.example/a?b=1&amp;c=(d)\">https://x.example/a?b=1&amp;c=(d)</a>. "
      "Eller (<a href=\"http://y.example/å\">http://y.example/å</a>)!");
  EXPECT_EQ(html_of("https://x.example/\"onmouseover=\"x"),
            "<a href=\"https://x.example/\">https://x.example/</a>&quot;onmouseover=&quot;x");
  EXPECT_EQ(html_of("javascript:alert(1) https:// http://."),
            "javascript:alert(1) https:// http://.");
}

TEST(Words, QuotesAreMarkedAndCut) {
  EXPECT_EQ(quoted("a\n\n> b\nc", 10), "> a\n>\n>> b\n> c");
  EXPECT_EQ(quoted("a\nb\nc\nd", 3), "> a\n> b\n> […]");
  EXPECT_EQ(quoted("a\nb\nc", 3), "> a\n> b\n> c");
  EXPECT_EQ(first_lines("a\nb\nc", 2), "a\n[…]");
}

TEST(Words, TimesAndSizesAsPeopleSayThem) {
  const Instant at = *parse_rfc3339("2026-11-23T09:05:00Z");
  EXPECT_EQ(time_words(at, "Europe/Stockholm", "sv"), "23 november 2026 kl. 10.05");
  EXPECT_EQ(time_words(at, "Europe/London", "en"), "23 November 2026, 09:05");
  EXPECT_EQ(time_words(at, "No/Where", "en"), "23 November 2026, 09:05");
  EXPECT_EQ(size_words(999, "sv"), "999 B");
  EXPECT_EQ(size_words(184'300, "sv"), "184 kB");
  EXPECT_EQ(size_words(1'449'999, "sv"), "1,4 MB");
  EXPECT_EQ(size_words(48'211'004, "en"), "48.2 MB");
}

TEST(Words, HostileTextIsTakenInLinearTime) {
  std::string urls;
  for (int i = 0; i < 40'000; ++i) urls += "https://((((";
  EXPECT_FALSE(html_of(urls).empty());
  EXPECT_TRUE(is_utf8(html_of(many_lines(std::string(1'000'000, '\xE2')))));
}

}  // namespace
}  // namespace ombud::notify
