// Mails that came in, as the desk sees them, and how little of them others see.
#include "store/mails.hpp"
#include "hub.hpp"

namespace ombud::http::test {
namespace {

class MailsTest : public HubTest {
 protected:
  std::string ticket_ = hub_.new_ticket();
  const std::string raw_ = std::string("Subject: Hej\r\n\r\nbin\0\x80\xff", 22);
  Hub::NewMail mail_ = hub_.new_mail(ticket_, raw_);

  // The message that was a mail, as this caller sees it.
  json::Document message_for(const std::string& caller) {
    const auto seen = hub_.expect(200, "GET", "/api/v1/tickets/" + ticket_, caller);
    for (std::size_t i = 0; i < seen["messages"].size(); ++i) {
      const json::View message = seen["messages"].at(i);
      if (std::to_string(message["id"].integer()) == mail_.message) {
        auto copy = json::parse(message.dump());
        return std::move(*copy);
      }
    }
    ADD_FAILURE() << "no such message for " << caller;
    return {};
  }
};

TEST_F(MailsTest, TheDeskSeesWhoWroteAMailAndWhetherThatWasProven) {
  const auto message = message_for("anna");
  EXPECT_EQ(message["person"].integer(), hub_.erik);
  EXPECT_EQ(message["text"].text(), "Hej!\n\n> gammalt");
  EXPECT_EQ(message["shown"].text(), "Hej!");
  EXPECT_EQ(message["body"].text(), "/api/v1/messages/" + mail_.message + "/body");
  const json::View mail = message["mail"];
  EXPECT_EQ(mail["from"].text(), "erik@alfa.example");
  EXPECT_EQ(mail["authentication"]["verdict"].text(), "pass");
  EXPECT_EQ(mail["authentication"]["dkim"].text("none was told"), "none was told");
  EXPECT_EQ(mail["signed"].text(), "smime");
  EXPECT_EQ(mail["original"].text(), "/api/v1/mails/" + mail_.mail + "/original");
}

TEST_F(MailsTest, TheWriterGetsHisMailBackAndNotWhatTheDeskThinksOfIt) {
  const auto message = message_for("erik");
  EXPECT_EQ(message["shown"].text(), "Hej!");
  EXPECT_EQ(message["mail"]["signed"].text(), "smime");
  EXPECT_FALSE(message["mail"]["authentication"].present());
  EXPECT_FALSE(message["mail"]["from"].present());
  const auto own = hub_.send("GET", std::string(message["mail"]["original"].text()), "erik");
  ASSERT_TRUE(own);
  EXPECT_EQ(own->status, 200);
  EXPECT_EQ(own->body, raw_);
}

TEST_F(MailsTest, AParticipantReadsTheTextButGetsNotTheMail) {
  hub_.expect(201, "POST", "/api/v1/tickets/" + ticket_ + "/participants", "anna",
              R"({"email":"maja@alfa.example"})");
  const auto message = message_for("maja");
  EXPECT_EQ(message["shown"].text(), "Hej!");
  EXPECT_FALSE(message["mail"].present());
  hub_.expect(404, "GET", "/api/v1/mails/" + mail_.mail + "/original", "maja");
  const auto body = hub_.expect(200, "GET", "/api/v1/messages/" + mail_.message + "/body", "maja");
  EXPECT_EQ(body["blocks"].at(0)["t"].text(), "p");
}

TEST_F(MailsTest, TheOriginalIsADownloadByteForByte) {
  const auto original = hub_.send("GET", "/api/v1/mails/" + mail_.mail + "/original", "anna");
  ASSERT_TRUE(original);
  EXPECT_EQ(original->body, raw_);
  EXPECT_EQ(original->header("content-type"), "message/rfc822");
  EXPECT_EQ(original->header("content-disposition").substr(0, 10), "attachment");
  EXPECT_EQ(original->header("content-security-policy"), "sandbox; default-src 'none'");
}

TEST_F(MailsTest, TheListIsFilteredAndPaged) {
  const auto all = hub_.expect(200, "GET", "/api/v1/mails", "anna");
  ASSERT_EQ(all["items"].size(), 1U);
  const json::View mail = all["items"].at(0);
  EXPECT_EQ(mail["from_name"].text(), "Erik Ek");
  EXPECT_EQ(mail["to"].at(0).text(), "desk@ombud.example");
  EXPECT_EQ(mail["reference"].text(), "OMB-" + ticket_);
  EXPECT_EQ(mail["outcome"].text(), "reply");
  const auto second = hub_.new_mail(ticket_);
  const auto page = hub_.expect(200, "GET", "/api/v1/mails?limit=1", "olof");
  EXPECT_EQ(page["items"].at(0)["id"].integer(), std::stoll(second.mail));
  const auto rest = hub_.expect(
      200, "GET", "/api/v1/mails?limit=1&cursor=" + std::string(page["next"].text()), "olof");
  EXPECT_EQ(rest["items"].at(0)["id"].integer(), std::int64_t{std::stoll(mail_.mail)});
  for (const auto& [query, found] :
       std::map<std::string, std::size_t>{{"q=ERIK@alfa", 2},
                                          {"q=erik%25", 0},
                                          {"q=nobody", 0},
                                          {"state=received", 0},
                                          {"outcome=reply", 2},
                                          {"outcome=note", 0},
                                          {"problem=true", 0},
                                          {"q=hej&outcome=reply", 2}}) {
    const auto some = hub_.expect(200, "GET", "/api/v1/mails?" + query, "anna");
    EXPECT_EQ(some["items"].size(), found) << query;
  }
  hub_.expect(400, "GET", "/api/v1/mails?state=lost", "anna");
  // Who serves another customer alone sees neither the list's entry nor the mail.
  EXPECT_EQ(hub_.expect(200, "GET", "/api/v1/mails", "bea")["items"].size(), 0U);
  hub_.expect(403, "GET", "/api/v1/mails", "erik");
}

TEST_F(MailsTest, OnlyAMailThatIsNotDoneIsReadAgain) {
  const auto refused = hub_.expect(409, "POST", "/api/v1/mails/" + mail_.mail + "/retry", "olof");
  EXPECT_NE(refused["detail"].text().find("OMB-" + ticket_), std::string_view::npos);
  hub_.run([&](Tx& tx) {
    constexpr static Sql kStuck{
        "UPDATE mail_in SET state = 'received', outcome = '', attempts = 3, last_error = 'broken',"
        " done_at = NULL WHERE mail_id = $1"};
    tx.run(kStuck, std::int64_t{std::stoll(mail_.mail)});
  });
  const auto stuck = hub_.expect(200, "GET", "/api/v1/mails?problem=true", "olof");
  EXPECT_EQ(stuck["items"].at(0)["problem"].text(), "broken");
  hub_.expect(403, "POST", "/api/v1/mails/" + mail_.mail + "/retry", "anna");
  const auto again = hub_.expect(200, "POST", "/api/v1/mails/" + mail_.mail + "/retry", "olof",
                                 R"({"reason":"lagad"})");
  EXPECT_EQ(again["attempts"].integer(), 0);
  EXPECT_FALSE(again["problem"].present());
  EXPECT_EQ(hub_.mails_to_read_again, 1);
  EXPECT_EQ(hub_.expect(200, "GET", "/api/v1/mails?problem=true", "olof")["items"].size(), 0U);
}

TEST_F(MailsTest, AnAddressThatTakesNoMailIsShownToTheDesk) {
  const auto bounced = [&](bool permanent) {
    hub_.run([&](Tx& tx) {
      add_mail_bounce(tx, ticket_of_reference(ticket_),
                      {{hub_.erik}, "Erik@alfa.example", {1}, permanent, "550 no such user"});
    });
  };
  const auto shown = [&](const std::string& caller) {
    const auto seen = hub_.expect(200, "GET", "/api/v1/tickets/" + ticket_, caller);
    return std::string(seen["requester_detail"]["bouncing"].text());
  };
  bounced(false);
  EXPECT_EQ(shown("anna"), "") << "it may arrive yet";
  bounced(true);
  EXPECT_EQ(shown("anna"), "550 no such user");
  EXPECT_EQ(shown("erik"), "");
  const auto log = hub_.expect(200, "GET", "/api/v1/tickets/" + ticket_ + "/events", "anna");
  const json::View last = log["items"].at(log["items"].size() - 1);
  EXPECT_EQ(last["type"].text(), "mail_bounced");
  EXPECT_EQ(last["data"]["why"].text(), "550 no such user");
  EXPECT_TRUE(last["data"]["permanent"].boolean());
  hub_.run([&](Tx& tx) { clear_bounces(tx, "erik@ALFA.example"); });
  EXPECT_EQ(shown("anna"), "");
}

}  // namespace
}  // namespace ombud::http::test
