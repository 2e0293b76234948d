#include "redmine/text.hpp"

#include <gtest/gtest.h>

namespace ombud::redmine {
namespace {

TEST(RedmineText, FindsTheMarkerInTheLastLineWhateverTheLineEnds) {
  EXPECT_EQ(marked_last("Hej\r\n\r\n[ombud:01abc]\r\n\r\n"), "01abc");
  EXPECT_EQ(marked_last("[ombud:01abc]"), "01abc");
  EXPECT_EQ(marked_last("[ombud:01abc]\nTack!"), std::nullopt);
  EXPECT_EQ(marked_last(""), std::nullopt);
}

TEST(RedmineText, TakesAQuotedOrBrokenMarkerForNone) {
  EXPECT_EQ(marked_last("> [ombud:01abc]"), std::nullopt);
  EXPECT_EQ(marked("see [ombud:01abc]"), std::nullopt);
  EXPECT_EQ(marked("[ombud:]\n[ombud:a b]\n[ombud:x"), std::nullopt);
}

TEST(RedmineText, FindsAMarkerThatSomebodyWroteBelow) {
  EXPECT_EQ(marked("Text\n[ombud:01abc]\n\nEdited by Sven"), "01abc");
}

TEST(RedmineText, RemovesMarkersAndTheirQuotesFromWhatPeopleRead) {
  EXPECT_EQ(without_markers("Klart.\r\n\r\n> Hej\r\n> [ombud:01abc]\r\n[ombud:02]\r\n"),
            "Klart.\n\n> Hej");
}

TEST(RedmineText, EncodesEverythingButUnreservedCharacters) {
  EXPECT_EQ(percent_encode("a-._~9>=[å]"), "a-._~9%3E%3D%5B%C3%A5%5D");
}

TEST(RedmineText, CutsASubjectByCharactersAndNotByBytes) {
  std::string swedish;
  for (int i = 0; i < 255; ++i) swedish += "ö";
  bool cut = true;
  EXPECT_EQ(subject_line(swedish, cut), swedish);
  EXPECT_FALSE(cut);
  EXPECT_EQ(subject_line(swedish + "x", cut), swedish);
  EXPECT_TRUE(cut);
  EXPECT_EQ(subject_line(" two\nlines ", cut), "two lines");
}

}  // namespace
}  // namespace ombud::redmine
