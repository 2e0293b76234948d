// Who a ticket is for: the desk says so over the API, and is told whom its answers reach.
#include <gmock/gmock.h>

#include "hub.hpp"
#include "store/mails.hpp"

namespace ombud::http::test {
namespace {

using ::testing::HasSubstr;

class RequesterTest : public HubTest {
 protected:
  RequesterTest() {
    // What a mail of somebody whom nobody knows becomes.
    hub_.run([&](Tx& tx) {
      constexpr static Sql kMail{
          "INSERT INTO mail_in (sha256, bytes, envelope_from, envelope_to, dedupe_key, message_id,"
          " received_at, state, outcome, mailbox, sender, sender_name, subject, done_at) VALUES"
          " ('aa', 1, 'x@other.example', 'desk@ombud.example', 'k', '<x@other.example>', $1,"
          " 'done', 'registered', 'lmtp', 'x@other.example', 'Xerxes Xu', 'Hej', $1)"};
      event::Registered registered;
      registered.customer = "alfa";
      registered.channel = Channel::mail;
      registered.subject = "Hej";
      registered.text = "Hej!";
      registered.team = "desk";
      registered.language = "sv";
      const Appended made = append(tx, {}, registered);
      MailMessage message;
      message.message = {made.event.value};
      message.ticket = made.ticket;
      message.mail = tx.insert(kMail, tx.at());
      message.sender = "x@other.example";
      message.sender_name = "Xerxes Xu";
      add_mail_message(tx, message);
      event::MessageAdded note;  // the intake's, with it
      note.visibility = Visibility::internal;
      note.from = Party::system;
      note.author = "mail";
      note.text = "The sender x@other.example is not known.";
      append(tx, made.ticket, note);
      mail_ = "/api/v1/mails/" + std::to_string(message.mail);
      path_ = "/api/v1/tickets/" + std::to_string(made.ticket.value);
    });
  }
  std::string path_, mail_;
};

TEST_F(RequesterTest, WhyAMailGotNoAnswerStandsBesideIt) {
  const auto mail = hub_.expect(200, "GET", mail_, "anna");
  EXPECT_EQ(mail["remarks"].text(), "The sender x@other.example is not known.");
}

TEST_F(RequesterTest, AnAnswerToNobodyIsRefusedByName) {
  const auto refused = hub_.expect(409, "POST", path_ + "/messages", "anna", R"({"text":"Hej x"})");
  EXPECT_EQ(refused["code"].text(), "no_recipient");
  EXPECT_THAT(std::string(refused["detail"].text()), HasSubstr("x@other.example"));
  hub_.expect(201, "POST", path_ + "/messages", "anna",
              R"({"text":"Vem är x?","visibility":"internal"})");
  const auto seen = hub_.expect(200, "GET", path_, "anna");
  EXPECT_EQ(seen["contact"]["address"].text(), "x@other.example");
  EXPECT_EQ(seen["contact"]["name"].text(), "Xerxes Xu");
  EXPECT_EQ(seen["reach"]["way"].text(), "none");
  EXPECT_EQ(seen["reach"]["why"].text(), "no_requester");
  EXPECT_EQ(seen["messages"].at(0)["mail"]["from_name"].text(), "Xerxes Xu");
}

TEST_F(RequesterTest, TheSenderBecomesAPersonInOneStepAndIsAnswered) {
  const auto changed =
      hub_.expect(200, "PATCH", path_, "anna", R"({"requester":{"email":"x@other.example"}})");
  const auto seen = hub_.expect(200, "GET", path_, "anna");
  EXPECT_EQ(seen["requester"].integer(), changed["requester"].integer());
  EXPECT_EQ(seen["requester_name"].text(), "Xerxes Xu");
  EXPECT_FALSE(seen["contact"].present());
  const auto said = hub_.expect(201, "POST", path_ + "/messages", "anna", R"({"text":"Hej x"})");
  EXPECT_EQ(said["reach"]["way"].text(), "mail");
  EXPECT_FALSE(said["reach"]["why"].present());
}

// A form sends the field that nobody filled in.
TEST_F(RequesterTest, AnEmptyNameIsOneThatNobodySaid) {
  hub_.expect(200, "PATCH", path_, "anna",
              R"({"requester":{"email":"x@other.example","name":" "}})");
  EXPECT_EQ(hub_.expect(200, "GET", path_, "anna")["requester_name"].text(), "Xerxes Xu");
  hub_.expect(200, "PATCH", path_, "anna",
              R"({"requester":{"email":"nisse@other.example","name":""}})");
  EXPECT_EQ(hub_.expect(200, "GET", path_, "anna")["requester_name"].text(), "nisse");
}

TEST_F(RequesterTest, ByIdAPersonOfTheTicketsCustomerAlone) {
  hub_.expect(200, "PATCH", path_, "anna", R"({"requester":)" + std::to_string(hub_.erik) + "}");
  hub_.expect(200, "GET", path_, "erik");
  for (const char* bad : {R"({"requester":987654})", R"({"requester":0})", R"({"requester":"x"})",
                          R"({"requester":{}})", R"({"requester":{"email":"no address"}})",
                          R"({"requester":{"email":"a@b.example","id":3}})",
                          R"({"requester":{"email":["a"]}})", R"({"requester":[]})"}) {
    const auto refused = hub_.expect(400, "PATCH", path_, "anna", bad);
    EXPECT_THAT(std::string(refused["errors"].at(0)["pointer"].text()), HasSubstr("/requester"))
        << bad;
  }
  hub_.expect(403, "PATCH", path_, "erik", R"({"requester":{"email":"maja@alfa.example"}})");
}

TEST_F(RequesterTest, WhomAnAnswerReachesIsReadAnewThoughTheTicketStaysTheSame) {
  const std::string path = "/api/v1/tickets/" + hub_.new_ticket();
  const auto before = hub_.send("GET", path, "anna");
  EXPECT_EQ(before->json()["reach"]["way"].text(), "mail");
  const auto again = [&] {
    return hub_.send("GET", path, "anna", "", {{"If-None-Match", before->header("etag")}});
  };
  EXPECT_EQ(again()->status, 304);
  hub_.expect(200, "PUT", "/api/v1/account/notifications", "erik",
              R"({"kinds":[{"kind":"replied","mail":false,"portal":true}]})");
  const auto seen = again();
  ASSERT_EQ(seen->status, 200);
  EXPECT_EQ(seen->json()["reach"]["why"].text(), "own_choice");
}

TEST_F(RequesterTest, WhoeverOnlyUsesThePortalIsToldNothingOfReach) {
  const auto own = hub_.new_ticket();
  const auto said =
      hub_.expect(201, "POST", "/api/v1/tickets/" + own + "/messages", "erik", R"({"text":"Hej"})");
  EXPECT_FALSE(said["reach"].present());
  const auto seen = hub_.expect(200, "GET", "/api/v1/tickets/" + own, "erik");
  EXPECT_FALSE(seen["reach"].present());
  EXPECT_FALSE(seen["contact"].present());
}

}  // namespace
}  // namespace ombud::http::test
