// The mailbox is read after its cursor: nothing is skipped, not by a drop and not by a renumbered
// folder.
#include "email/imap.hpp"
#include "base/json.hpp"
#include "plugins/bench.hpp"
#include "plugins/email/fake_server.hpp"

namespace ombud::email::test {
namespace {

using sdk::Status;

std::string mail(int number) {
  return "Message-ID: <m" + std::to_string(number) +
         "@byggit.example>\r\nFrom: b@byggit.example\r\nReferences: "
         "<root@ombud.example>\r\n\r\nmail " +
         std::to_string(number) + "\r\n";
}

std::string settings_for(int port) {
  return R"({"from":"d@ombud.example","domain":"ombud.example","smtp":{"host":"127.0.0.1","port":1},)"
         R"("imap":{"host":"127.0.0.1","security":"none","login":"desk","password":{"$secret":"t"},)"
         R"("folder":"ByggIT svar","port":)" +
         std::to_string(port) + "}}";
}

class Imap : public testing::Test {
 protected:
  FakeImap imap;
  bench::Bench bench{EMAIL_LIBRARY, settings_for(imap.port()), {{"t", "hemligt"}}};
  static std::vector<std::string> event_ids(const bench::Outcome& outcome) {
    std::vector<std::string> ids;
    for (const std::string& text : outcome.documents) {
      const auto document = json::parse(text);
      if ((*document)["event_id"].present()) ids.emplace_back((*document)["event_id"].text());
    }
    return ids;
  }
};

TEST_F(Imap, ReadsAfterTheCursorAndNoMoreThanThat) {
  ASSERT_TRUE(bench.created()) << bench.refusal;
  imap.mails = {{3, mail(3)}, {5, mail(5)}, {9, mail(9)}};
  const auto all = bench.changes("");
  ASSERT_EQ(all.status, Status::ok) << all.message;
  EXPECT_EQ(event_ids(all).size(), 3U);
  EXPECT_EQ(all.documents.back(), R"({"cursor":"7:9"})");
  EXPECT_NE(all.documents[0].find("mail 3"), std::string::npos) << all.documents[0];

  const auto later = bench.changes("7:5");
  EXPECT_EQ(event_ids(later), std::vector<std::string>{"<m9@byggit.example>"});
  const auto none = bench.changes("7:9");
  EXPECT_TRUE(event_ids(none).empty());
  EXPECT_EQ(none.documents.back(), R"({"cursor":"7:9"})");
}

TEST_F(Imap, ARenumberedFolderIsReadFromItsStart) {
  imap.mails = {{1, mail(1)}, {2, mail(2)}};
  imap.validity = 8;
  const auto outcome = bench.changes("7:900");
  EXPECT_EQ(event_ids(outcome).size(), 2U);
  EXPECT_EQ(outcome.documents.back(), R"({"cursor":"8:2"})");
}

TEST_F(Imap, AConnectionLostAmidTheMailsKeepsWhatWasTaken) {
  imap.mails = {{1, mail(1)}, {2, mail(2)}, {3, mail(3)}};
  imap.drop_at_uid = 3;
  const auto outcome = bench.changes("7:0");
  EXPECT_EQ(outcome.status, Status::retry) << outcome.message;
  EXPECT_EQ(outcome.documents.back(), R"({"cursor":"7:2"})");
}

TEST_F(Imap, AWrongPasswordIsAuth) {
  imap.password = "annat";
  const auto outcome = bench.changes("");
  EXPECT_EQ(outcome.status, Status::auth) << outcome.message;
  EXPECT_EQ(outcome.message.find("hemligt"), std::string::npos);
}

TEST_F(Imap, AnEmptyFolderIsNoFault) {
  const auto outcome = bench.changes("");
  EXPECT_EQ(outcome.status, Status::ok) << outcome.message;
}

TEST(ImapCursor, IsReadBackAndNonsenseIsNone) {
  EXPECT_EQ(to_text(*parse_cursor("12:34")), "12:34");
  for (const char* bad : {"", "12", "a:1", "1:", ":1", "1:2x"})
    EXPECT_FALSE(parse_cursor(bad)) << bad;
}

}  // namespace
}  // namespace ombud::email::test
