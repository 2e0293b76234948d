// What a person sees: tables fit the terminal, times read as people say them, and no text of a user
// or supplier can steer the terminal.
#include "cli/terminal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace ombud::cli {
namespace {

const Instant kNow{Millis{1'800'000'000'000}};

TEST(Terminal, EscapeSequencesNeverReachIt) {
  EXPECT_EQ(printable("a\033[2Jb\007c\r\nd"), "a [2Jb c  d");
  EXPECT_EQ(printable("a\r\nb\tc", true), "a\nb c");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            " 31m");  // a control of Latin 1
  EXPECT_EQ(printable("a\xe2\x80\xae"
                      "b"),
            "a b");  // text direction turned around
  EXPECT_EQ(printable("Åsa 中 👍"), "Åsa 中 👍");
}

TEST(Terminal, WidthCountsColumnsNotBytes) {
  EXPECT_EQ(width_of("Åsa"), 3);
  EXPECT_EQ(width_of("中文"), 4);
  EXPECT_EQ(fit("Skrivaren på våning tre", 10), "Skrivaren…");
  EXPECT_EQ(fit("kort", 10), "kort");
}

TEST(Terminal, TimesReadAsPeopleSayThem) {
  EXPECT_EQ(relative(kNow - Millis(2'000), kNow), "just now");
  EXPECT_EQ(relative(kNow - Millis(42'000), kNow), "42 s ago");
  EXPECT_EQ(relative(kNow - Millis(300'000), kNow), "5 min ago");
  EXPECT_EQ(relative(kNow - Millis(7'200'000), kNow), "2 h ago");
  EXPECT_EQ(relative(kNow + Millis(7'200'000), kNow), "in 2 h");
  EXPECT_EQ(relative(kNow - Millis(3 * 86'400'000), kNow), "3 days ago");
  EXPECT_EQ(relative(kNow - Millis(90LL * 86'400'000), kNow), "2026-10-17");
}

TEST(Terminal, ATableIsAlignedAndFits) {
  Table table({"ID", "NAME", "TEXT"});
  table.add({{"1"}, {"Åsa"}, {"a long text that does not fit into the line at all"}});
  table.add({{"22"}, {"Bo"}, {"short"}});
  std::ostringstream out;
  table.print(out, Style(false), 30);
  EXPECT_EQ(out.str(),
            "ID  NAME  TEXT\n"
            "1   Åsa   a long text that do…\n"
            "22  Bo    short\n");
}

TEST(Terminal, ColoursOnlyWhenWanted) {
  EXPECT_EQ(Style(false)(Paint::red, "x"), "x");
  EXPECT_EQ(Style(true)(Paint::red, "x"), "\033[31mx\033[0m");
}

TEST(Terminal, TextIsWrappedBetweenWords) {
  EXPECT_EQ(wrap("one two three four five six", 20, "  "), "  one two three four\n  five six\n");
  EXPECT_EQ(wrap("a\n\nb", 20, ""), "a\n\nb\n");
}

}  // namespace
}  // namespace ombud::cli
