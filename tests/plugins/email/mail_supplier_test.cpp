// The example mail supplier: keeps every copy, replies in the thread, and its reply comes back as a
// change of the right ticket.
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "email/decode.hpp"
#include "mail/receiver.hpp"

namespace ombud::example {
namespace {

constexpr std::string_view kMail =
    "Message-ID: <root1@ombud.example>\r\nFrom: Servicedesk <desk@ombud.example>\r\n"
    "To: support@byggit.example\r\nSubject: [OMB-7] Skrivaren\r\n\r\nHej,\r\n#resolved\r\n";

class MailSupplier : public testing::Test {
 protected:
  MailSupplier() {
    bytes_init();
    std::string pattern = (std::filesystem::temp_directory_path() / "mail-test-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    open();
  }
  ~MailSupplier() override { std::filesystem::remove_all(folder_); }
  void open() {
    mailbox.reset();
    mailbox.emplace(folder_ + "/mails.jsonl", [] { return std::int64_t{1795339800}; });
  }
  void session(const std::string& said) {
    std::istringstream from_peer(said);
    std::ostringstream to_peer;
    receive_mails(from_peer, to_peer, *mailbox);
  }
  std::optional<Mailbox> mailbox;

 private:
  std::string folder_;
};

std::string transaction() {
  return "MAIL FROM:<desk@ombud.example>\r\nRCPT TO:<support@byggit.example>\r\nDATA\r\n" +
         std::string(kMail) + "..dot\r\n.\r\n";
}

TEST_F(MailSupplier, KeepsEveryCopyAndShowsThatItIsOne) {
  session("EHLO desk\r\n" + transaction() + transaction() + "QUIT\r\n");
  ASSERT_EQ(mailbox->count(), 2U);
  open();  // killed and started again
  ASSERT_EQ(mailbox->count(), 2U);
  const auto mails = json::parse(mailbox->mails_json());
  EXPECT_FALSE(mails->root().at(0)["copy_of"].present());
  EXPECT_EQ(mails->root().at(1)["copy_of"].integer(), 1);
  EXPECT_NE(mails->root().at(0)["text"].text().find("\n.dot"), std::string::npos);
}

TEST_F(MailSupplier, AnswersOutOfOrderAndUnknownCommandsWithoutKeepingAnything) {
  session(
      "DATA\r\nRCPT TO:<a@b>\r\nMAIL FROM:nobody\r\nXYZZY\r\nMAIL FROM:<a@b>\r\nDATA\r\nQUIT\r\n");
  EXPECT_EQ(mailbox->count(), 0U);
}

TEST_F(MailSupplier, AMailThatBreaksOffIsNotKept) {
  session("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nSubject: x\r\n\r\nhalf");
  EXPECT_EQ(mailbox->count(), 0U);
}

TEST_F(MailSupplier, ItsReplyComesBackAsAChangeOfTheTicket) {
  session(transaction());
  const auto reply = mailbox->reply(1, "#resolved\nNy nätdel.", false);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->to, "desk@ombud.example");
  email::Settings settings;
  settings.domain = "ombud.example";
  settings.commands = {{"#resolved", "resolved"}};
  const auto changes = email::changes_of(reply->raw, settings);
  ASSERT_EQ(changes.size(), 2U);
  const auto comment = json::parse(changes[0]);
  EXPECT_EQ((*comment)["comment"]["text"].text(), "Ny nätdel.");
  EXPECT_EQ((*comment)["external_id"].text(), "<root1@ombud.example>");
  EXPECT_EQ((*comment)["reference"].text(), "OMB-7");
  const auto other = mailbox->reply(1, "igen", false);
  EXPECT_NE(other->raw, reply->raw);
  EXPECT_FALSE(mailbox->reply(2, "x", false));
}

TEST_F(MailSupplier, ItsAutomaticReplyIsPrivate) {
  session(transaction());
  const auto reply = mailbox->reply(1, "Vi har tagit emot ert mejl.", true);
  email::Settings settings;
  settings.domain = "ombud.example";
  const auto change = json::parse(email::changes_of(reply->raw, settings).at(0));
  EXPECT_FALSE((*change)["comment"]["public"].boolean(true));
}

}  // namespace
}  // namespace ombud::example
