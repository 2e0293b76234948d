// Quoted history and signatures of common clients go, answers stay; commands are read from the top.
#include "email/trim.hpp"

#include <gtest/gtest.h>

namespace ombud::email {
namespace {

TEST(TrimReply, OutlookInSwedish) {
  EXPECT_EQ(
      trim_reply(
          "Hej!\n\nVi har bytt nätdelen.\n\nMed vänlig hälsning\nBosse\n\n"
          "________________________________\n"
          "Från: Servicedesk <desk@ombud.example>\nSkickat: den 22 november 2026 10:12\n"
          "Till: support@byggit.example\nÄmne: [OMB-1042] Skrivaren\n\nHej,\nvi lämnar över\n"),
      "Hej!\n\nVi har bytt nätdelen.\n\nMed vänlig hälsning\nBosse");
}

TEST(TrimReply, OutlookInEnglishWithDashes) {
  EXPECT_EQ(trim_reply("Fixed.\r\n\r\n-----Original Message-----\r\nFrom: Desk\r\nSent: Monday\r\n"
                       "To: us\r\nSubject: x\r\n\r\nold\r\n"),
            "Fixed.");
}

TEST(TrimReply, GmailInBothLanguages) {
  EXPECT_EQ(
      trim_reply("Done now.\n\nOn Sun, 22 Nov 2026 at 10:12, Servicedesk <desk@ombud.example>\n"
                 "wrote:\n\n> Hello,\n> we are handing\n"),
      "Done now.");
  EXPECT_EQ(trim_reply("Klart.\n\nDen sön 22 nov. 2026 kl 10:12 skrev Servicedesk <\n"
                       "desk@ombud.example>:\n\n> Hej,\n>\n> vi lämnar\n"),
            "Klart.");
}

TEST(TrimReply, AppleMailInSwedishFromAPhone) {
  EXPECT_EQ(
      trim_reply("Vi tittar på det i morgon.\n\nSkickat från min iPhone\n\n"
                 "> 22 nov. 2026 kl. 10:12 skrev Servicedesk <desk@ombud.example>:\n> \n> Hej,\n"),
      "Vi tittar på det i morgon.");
  EXPECT_EQ(trim_reply(
                "Ok.\n\n22 nov. 2026 kl. 10:12 skrev Servicedesk <desk@ombud.example>:\n\n> Hej\n"),
            "Ok.");
}

TEST(TrimReply, SignatureAfterTheMarkerGoes) {
  EXPECT_EQ(trim_reply("Text\n\n-- \nBosse Bygg\n08-123\n"), "Text");
}

TEST(TrimReply, AnswersBetweenTheQuotesKeepEverything) {
  const std::string text =
      "On Sun, 22 Nov 2026, Desk <d@o.example> wrote:\n> Which printer?\nThe one on floor 3.\n"
      "> Since when?\nYesterday.";
  EXPECT_EQ(trim_reply(text), text);
}

TEST(TrimReply, OrdinarySentencesAreNoSeparators) {
  const std::string text =
      "From: the cellar to the roof, all is checked.\nOn Monday we wrote: nothing.\n"
      "Den 3:e skrev vi till er.\n-- tre streck --\nHej";
  EXPECT_EQ(trim_reply(text), text);
}

TEST(TrimReply, AReplyThatIsAllQuotesStays) {
  EXPECT_EQ(trim_reply("> bara citat\n> mer"), "> bara citat\n> mer");
  EXPECT_EQ(trim_reply(""), "");
}

const std::vector<CommandWord> kWords{{"#löst", "resolved"},
                                      {"#resolved", "resolved"},
                                      {"#in progress", "in_progress"},
                                      {"#pågår", "in_progress"},
                                      {"#stängt", "closed"}};

TEST(FindCommand, ReadsTheWordInAnyCaseAndLeavesTheRest) {
  const Command command = find_command("#LÖST. Ny nätdel.\n\nHälsningar", kWords);
  EXPECT_EQ(command.status, "resolved");
  EXPECT_EQ(command.word, "#LÖST");
  EXPECT_EQ(command.text_without, "Ny nätdel.\n\nHälsningar");
}

TEST(FindCommand, KnowsDecomposedLetters) {
  EXPECT_EQ(find_command("#lo\u0308st", kWords).status, "resolved");
}

TEST(FindCommand, LooksAtTheFirstThreeLinesOnly) {
  EXPECT_EQ(find_command("Hej\n\nhej\n#in progress\n", kWords).status, "in_progress");
  EXPECT_EQ(find_command("a\nb\nc\n#resolved", kWords).status, "");
}

TEST(FindCommand, WordsInsideSentencesAreNone) {
  EXPECT_EQ(find_command("Vi är inte #löst än", kWords).status, "");
  EXPECT_EQ(find_command("#lösta saker", kWords).status, "");
  EXPECT_EQ(find_command("#resolvedish", kWords).status, "");
}

}  // namespace
}  // namespace ombud::email
