// What an IMAP server says is cut into responses however the bytes are cut, and read without
// trusting it.
#include "channel/mail/imap/responses.hpp"

#include <gtest/gtest.h>

namespace ombud::mail {
namespace {

constexpr std::size_t kLine = 1'000;
constexpr std::size_t kLiteral = 10'000;

std::vector<ImapResponse> all_of(std::string_view bytes, std::size_t step) {
  ResponseReader reader(kLine, kLiteral);
  std::vector<ImapResponse> responses;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    reader.feed(bytes.substr(at, step));
    while (auto response = reader.next()) responses.push_back(std::move(*response));
  }
  EXPECT_EQ(reader.broken(), "");
  return responses;
}

TEST(ImapResponses, AreTheSameHoweverTheBytesAreCut) {
  constexpr std::string_view kBytes =
      "* OK ready\r\n"
      "* 3 FETCH (UID 17 BODY[] {11}\r\nA: {3}\r\n\r\nx RFC822.SIZE 11)\r\n"
      "* 4 FETCH (BODY[] {0}\r\n UID 18)\r\n"
      "O1 OK done\n";
  for (std::size_t step = 1; step <= kBytes.size(); ++step) {
    const auto responses = all_of(kBytes, step);
    ASSERT_EQ(responses.size(), 4U) << step;
    EXPECT_EQ(responses[0].text, "* OK ready");
    const auto mail = fetched(responses[1]);
    ASSERT_TRUE(mail);
    EXPECT_EQ(mail->uid, 17U);
    EXPECT_EQ(mail->bytes, 11U);
    EXPECT_EQ(mail->body, "A: {3}\r\n\r\nx");
    const auto empty = fetched(responses[2]);
    ASSERT_TRUE(empty);
    EXPECT_EQ(empty->uid, 18U);
    EXPECT_EQ(empty->body, "");
    const auto verdict = verdict_of(responses[3], "O1");
    ASSERT_TRUE(verdict);
    EXPECT_EQ(verdict->word, "OK");
    EXPECT_EQ(verdict->said, "done");
  }
}

TEST(ImapResponses, WithoutEndAreFoundOut) {
  ResponseReader lines(kLine, kLiteral);
  lines.feed(std::string(kLine + 1, 'x'));
  EXPECT_FALSE(lines.next());
  EXPECT_EQ(lines.broken(), "it sent a line of more than 1000 bytes");

  ResponseReader literals(kLine, kLiteral);
  literals.feed("* 1 FETCH (BODY[] {10001}\r\n");
  EXPECT_FALSE(literals.next());
  EXPECT_EQ(literals.broken(), "it sent 10001 bytes at once; 10000 were the most to be taken");

  // Many literals of one response make one long line.
  ResponseReader many(kLine, kLiteral);
  for (int i = 0; i < 1'000; ++i) many.feed("x {1}\r\ny");
  EXPECT_FALSE(many.next());
  EXPECT_NE(many.broken(), "");
}

TEST(ImapResponses, NumbersThatAreNoneAreNotRead) {
  EXPECT_EQ(count_of({"* 12 EXISTS", {}}, "EXISTS"), 12U);
  EXPECT_EQ(count_of({"* 12 exists", {}}, "EXISTS"), 12U);
  EXPECT_FALSE(count_of({"* -1 EXISTS", {}}, "EXISTS"));
  EXPECT_FALSE(count_of({"* 99999999999999999999 EXISTS", {}}, "EXISTS"));
  EXPECT_FALSE(count_of({"12 EXISTS", {}}, "EXISTS"));
  EXPECT_EQ(code_number({"* OK [UIDVALIDITY 1795413280] UIDs valid", {}}, "UIDVALIDITY"),
            1795413280U);
  EXPECT_FALSE(code_number({"* OK [UIDVALIDITY x]", {}}, "UIDVALIDITY"));
  EXPECT_FALSE(code_number({"* OK [UIDVALIDITY 5", {}}, "UIDVALIDITY"));
  EXPECT_EQ(searched({"* SEARCH 9 4 x 4 7", {}}), (std::vector<std::uint64_t>{4, 7, 9}));
  EXPECT_TRUE(searched({"* SEARCH", {}}).empty());
  EXPECT_EQ(capabilities({"* CAPABILITY imap4rev1 Idle", {}}),
            (std::vector<std::string>{"IMAP4REV1", "IDLE"}));
}

TEST(ImapResponses, AFetchMayNameAnythingElseToo) {
  ImapResponse response{
      "* 7 FETCH (FLAGS (\\Seen $Junk) INTERNALDATE \"1-Nov-2026 10:00:00 +0100\" "
      "ENVELOPE ((\"A ) (\" NIL {2} \"b\")) BODY[HEADER.FIELDS (SUBJECT)] {3} UID 5 BODY[] {4})",
      {"xx", "yyy", "mail"}};
  // Literals that stand inside a list are skipped with it; those of items are counted.
  response.literals.erase(response.literals.begin());
  response.text.replace(response.text.find(" {2}"), 4, "");
  const auto mail = fetched(std::move(response));
  ASSERT_TRUE(mail);
  EXPECT_EQ(mail->uid, 5U);
  EXPECT_EQ(mail->body, "mail");
}

TEST(ImapResponses, GarbageIsNoMail) {
  for (const char* text :
       {"", "*", "* 3", "* 3 FETCH", "* 3 FETCH (", "* 3 FETCH (UID", "* x FETCH (UID 3)",
        "* 3 FETCH (BODY[] {5})", "* 3 FETCH )))(((", "* 3 FETCH (\"", "* 3 FETCH ([[[["}) {
    const auto mail = fetched({text, {}});
    EXPECT_FALSE(mail && mail->body) << text;
  }
}

TEST(ImapFolders, AreWrittenInModifiedUtf7) {
  EXPECT_EQ(quoted_folder("INBOX"), "\"INBOX\"");
  EXPECT_EQ(quoted_folder("Ärenden"), "\"&AMQ-renden\"");
  EXPECT_EQ(quoted_folder("~peter/mail/台北/日本語"), "\"~peter/mail/&U,BTFw-/&ZeVnLIqe-\"");
  EXPECT_EQ(quoted_folder("A & B \"x\\"), "\"A &- B \\\"x\\\\\"");
  EXPECT_EQ(quoted_folder("😀"), "\"&2D3eAA-\"");
}

}  // namespace
}  // namespace ombud::mail
