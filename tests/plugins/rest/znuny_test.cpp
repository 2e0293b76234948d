// Where Znuny misleads: what the profile for it does then.
#include <fstream>
#include <iterator>

#include "profile_bench.hpp"

namespace ombud::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kSettings =
    R"("user":"ombud","password":{"$secret":"t"},"queue":"Desk","customer":"desk@example.org")";

// Of an article, beyond its words.
struct Kind {
  std::string sender = "agent", media_type = "text/plain", shown = "1";
};

class ZnunyProfile : public ProfileBench {
 protected:
  ZnunyProfile() { loaded(); }
  void loaded(const std::string& more = {}) {
    load("znuny", kSettings + more);
    rules_.clear();
    on("POST", "/Session", answer(200, R"({"SessionID":"s1"})"));
    on("POST", "/TicketUpdate", answer(200, R"({"TicketID":"7","ArticleID":"21"})"));
    on("POST", "/TicketHistory", answer(200, R"({"TicketHistory":[{"TicketID":7,"History":[]}]})"));
    ticket("");
  }
  // Ticket 7 as TicketGet shows it, made by agent 3; `more`: further members, each with a comma.
  void ticket(const std::string& more, const std::string& state = "open") {
    on("POST", "/TicketGet",
       answer(200,
              R"({"Ticket":[{"TicketID":7,"Title":"x","State":")" + state +
                  R"(","StateType":"open","Priority":"3 normal","CreateBy":3,
                "Changed":"2026-11-22 09:30:00","DynamicField":[{"Name":"OmbudReference","Value":"c1"}])" +
                  more + "}]}",
              {{"Date", "Sun, 22 Nov 2026 09:30:05 GMT"}}));
  }
  static std::string article(int id, int by, const std::string& body, const Kind& kind = {},
                             const std::string& files = "[]") {
    json::Writer out;
    out.begin_object().field("ArticleID", id).field("CreateBy", by).field("From", "Sven");
    out.field("CreateTime", "2026-11-22 09:30:00").field("Body", body);
    out.field("ContentType", kind.media_type + "; charset=utf-8").field("SenderType", kind.sender);
    out.field("IsVisibleForCustomer", kind.shown).key("Attachment").raw(files);
    return out.end_object().take();
  }
  static std::string articles(const std::string& rest) {
    return R"(,"Article":[)" + article(1, 3, "the ticket's own text") + "," + rest + "]";
  }
  void listed() { on("POST", "/TicketSearch", answer(200, R"({"TicketID":["7"]})")); }
  static BenchFault error(const std::string& code, const std::string& words) {
    return answer(200,
                  R"({"Error":{"ErrorCode":")" + code + R"(","ErrorMessage":")" + words + "\"}}");
  }
  Polled poll() { return polled(bench_->changes(kSince)); }
};

TEST_F(ZnunyProfile, PutsNoPasswordAndNoSessionIntoAnAddress) {
  listed();
  put("7", {.status = "waiting"});
  comment("7", true);
  find("ticket");
  poll();
  for (const BenchRequest& request : bench_->requests()) {
    EXPECT_EQ(request.method, "POST");
    EXPECT_THAT(request.target, AllOf(Not(HasSubstr("s3cret")), Not(HasSubstr("s1"))));
    if (request.target.ends_with("/Session")) continue;
    EXPECT_EQ(parsed(request.body)["SessionID"].text(), "s1");
    EXPECT_THAT(request.body, Not(HasSubstr("s3cret")));
  }
}

TEST_F(ZnunyProfile, ADryRunShowsWhatWouldBeSentAndNotTheSession) {
  on("POST", "/Session", answer(200, R"({"SessionID":"s3ss10n"})"));
  EXPECT_EQ(bench_
                ->add_comment(
                    {.correlation = "c2", .body = comment_json("Hej", true), .external_id = "7"})
                .status,
            Status::ok);  // a session is open from here on
  const BenchOutcome probe =
      bench_->probe(R"({"samples":[{"operation":"put_ticket","correlation":"c","document":)" +
                    ticket_json({}) + "}]}");
  EXPECT_EQ(probe.status, Status::ok) << probe.message;
  EXPECT_THAT(probe.joined(), HasSubstr("dry-run"));
  EXPECT_EQ(probe.joined().find("s3ss10n"), std::string::npos) << probe.joined();
}

TEST_F(ZnunyProfile, AsksByTheRoutesThatTheSupplierHas) {
  loaded(R"(,"route_to":{"update":"Ticket-Update"})");
  on("POST", "/Ticket-Update", answer(200, R"({"TicketID":"7","ArticleID":"21"})"));
  EXPECT_EQ(comment("7", true).status, Status::ok);
  EXPECT_EQ(sent("POST", "/TicketUpdate").method, "");
  // The file that the supplier imports has the routes that the profile asks for by itself.
  std::string profile_file_name = profile_file("znuny-webservice");
  profile_file_name.replace(profile_file_name.rfind(".toml"), 5, ".yml");
  std::ifstream file(profile_file_name);
  const std::string imported{std::istreambuf_iterator<char>(file), {}};
  const json::Document profile = parsed(profile_json("znuny"));
  const json::View routes = profile["map"]["route_to"];
  ASSERT_EQ(routes.size(), 6U);
  for (std::size_t i = 0; i < routes.size(); ++i) {
    EXPECT_THAT(imported, HasSubstr("Route: /" + std::string(routes.member_at(i).text()) + "\n"));
  }
}

TEST_F(ZnunyProfile, ReadsInsideASuccessThatNothingWasDone) {
  on("POST", "/TicketCreate", error("TicketCreate.InvalidParameter", "Ticket->Queue is invalid!"));
  const BenchOutcome made = put();
  EXPECT_EQ(made.status, Status::permanent);
  EXPECT_THAT(made.message, HasSubstr("Ticket->Queue is invalid!"));
  on("POST", "/TicketUpdate", error("TicketUpdate.AccessDenied", "no access"));
  EXPECT_THAT(comment("7", true).message, HasSubstr("no ticket 7"));
}

TEST_F(ZnunyProfile, IsInDoubtAfterAFaultAndNotAfterTooLargeARequest) {
  on("POST", "/TicketCreate",
     answer(500, R"({"faultcode":"Server","faultstring":"Article could not be created"})",
            {{"Content-Type", "text/plain"}}));
  const BenchOutcome made = put();
  EXPECT_EQ(made.status, Status::ambiguous);
  EXPECT_THAT(made.message, HasSubstr("Article could not be created"));
  on("POST", "/TicketCreate", answer(413, ""));
  EXPECT_EQ(put().status, Status::permanent);
}

TEST_F(ZnunyProfile, BeginsANewSessionWhenTheOldOneEnded) {
  int sessions = 0;
  bench_->on_request([&](const BenchRequest& request) {
    if (request.target.ends_with("/Session")) {
      return answer(200, R"({"SessionID":"s)" + std::to_string(++sessions) + "\"}");
    }
    return parsed(request.body)["SessionID"].text() == "s2"
               ? answer(200, R"({"TicketID":"7","ArticleID":"21"})")
               : error("TicketUpdate.AuthFail", "User could not be authenticated!");
  });
  EXPECT_EQ(comment("7", true).status, Status::ok);
  EXPECT_EQ(sessions, 2);
}

TEST_F(ZnunyProfile, SearchesForTheWholeReferenceAndTakesNoHitForNone) {
  on("POST", "/TicketSearch", answer(200, "{}"));
  const BenchOutcome found = find("ticket");
  EXPECT_EQ(found.status, Status::ok) << found.message;
  EXPECT_THAT(found.documents, IsEmpty());
  const json::Document asked = parsed(sent("POST", "/TicketSearch").body);
  EXPECT_EQ(asked["DynamicField_OmbudReference"]["Equals"].text(), "c1");  // Like has wildcards
}

TEST_F(ZnunyProfile, ReadsIdsThatAreTextsOrNumbers) {
  for (const char* ids : {R"({"TicketID":["7"]})", R"({"TicketID":[7]})", R"({"TicketID":7})"}) {
    on("POST", "/TicketSearch", answer(200, ids));
    EXPECT_EQ(external_id(find("ticket")), "7") << ids;
    // Without it the answer does not have the reference at all.
    EXPECT_EQ(parsed(sent("POST", "/TicketGet").body)["DynamicFields"].integer(), 1);
  }
}

TEST_F(ZnunyProfile, DoesNotBelieveASearchByAFieldThatIsNotThere) {
  listed();
  on("POST", "/TicketGet",
     answer(200, R"({"Ticket":[{"TicketID":7,"DynamicField":[{"Name":"Other","Value":"c1"}]}]})"));
  const BenchOutcome found = find("ticket");
  EXPECT_EQ(found.status, Status::permanent);
  EXPECT_THAT(found.message, HasSubstr("dynamic field OmbudReference"));
  EXPECT_THAT(bench_->check().message, HasSubstr("dynamic field OmbudReference"));
}

TEST_F(ZnunyProfile, GivesAPendingStateItsTimeAndNoOtherOne) {
  put("7", {.status = "waiting"});
  const json::Document waiting = parsed(sent("POST", "/TicketUpdate").body);
  EXPECT_EQ(waiting["Ticket"]["State"].text(), "pending reminder");
  EXPECT_EQ(waiting["Ticket"]["PendingTime"]["Diff"].integer(), 168 * 60);
  put("7", {.status = "closed"});
  EXPECT_FALSE(parsed(sent("POST", "/TicketUpdate").body)["Ticket"]["PendingTime"].present());
}

TEST_F(ZnunyProfile, TellsWhatAnUpdateLeftUndone) {
  // Its parts are written one after the other, and the answer names the ticket alone.
  const BenchOutcome updated = put("7", {.status = "closed"});
  EXPECT_EQ(updated.status, Status::ok);
  EXPECT_THAT(changed(updated), Contains("status"));
}

TEST_F(ZnunyProfile, SaysWhoMaySeeAnArticleAndLooksWhetherItIsSo) {
  ticket(articles(article(21, 3, "Hej")));
  EXPECT_THAT(changed(comment("7", true)), IsEmpty());
  json::Document written = parsed(sent("POST", "/TicketUpdate").body);
  EXPECT_EQ(written["Article"]["IsVisibleForCustomer"].integer(-1), 1);
  // An article of the channel Email may be mailed.
  EXPECT_EQ(written["Article"]["CommunicationChannel"].text(), "Internal");
  EXPECT_THAT(changed(comment("7", false)), ElementsAre("public")) << "it was stored as public";
  written = parsed(sent("POST", "/TicketUpdate").body);
  EXPECT_EQ(written["Article"]["IsVisibleForCustomer"].integer(-1), 0);
}

TEST_F(ZnunyProfile, AsksForChangesInOrderAndByTheHundred) {
  // The default is the youngest first, and to leave out what is over the limit.
  std::vector<std::string> limits;
  bench_->on_request([&](const BenchRequest& request) {
    if (request.target.ends_with("/Session")) return answer(200, R"({"SessionID":"s1"})");
    const json::Document in = parsed(request.body);
    if (!request.target.ends_with("/TicketSearch")) return answer(200, R"({"Ticket":[]})");
    EXPECT_EQ(in["SortBy"].at(0).text(), "Changed");
    EXPECT_EQ(in["OrderBy"].at(0).text(), "Up");
    EXPECT_EQ(in["TicketLastChangeTimeNewerDate"].text(), "2026-11-22 09:28:00");
    limits.push_back(in["Limit"].dump());
    json::Writer out;
    out.begin_object().begin_array("TicketID");
    for (std::int64_t i = 0; i < std::min<std::int64_t>(in["Limit"].integer(), 120); ++i) {
      out.value(i + 1);
    }
    return answer(200, out.end_array().end_object().take());
  });
  EXPECT_EQ(bench_->changes(kSince).status, Status::ok);
  EXPECT_THAT(limits, ElementsAre("100", "190"));
  EXPECT_THAT(sent("POST", "/TicketGet").body, HasSubstr("\"91,92,"));
}

TEST_F(ZnunyProfile, KeepsItsCursorAtZnunysOwnTime) {
  // To a time ahead of its clock it lists nothing, and says nothing.
  listed();
  on("POST", "/TicketGet",
     answer(200,
            R"({"Ticket":[{"TicketID":7,"State":"open","Changed":"2026-11-22 11:30:00","CreateBy":3,
                "DynamicField":[{"Name":"OmbudReference","Value":"c1"}]}]})",
            {{"Date", "Sun, 22 Nov 2026 09:30:05 GMT"}}));
  EXPECT_THAT(poll().cursor, HasSubstr("2026-11-22T09:30:05Z"));
}

TEST_F(ZnunyProfile, ReadsAStateByItsNameOrElseByItsType) {
  listed();
  ticket("", "vid behov");
  const auto moved = [&](const std::string& to) {
    on("POST", "/TicketHistory",
       answer(200, R"({"TicketHistory":[{"TicketID":7,"History":[
         {"HistoryType":"StateUpdate","Name":"%%new%%)" +
                       to +
                       R"(%%","CreateBy":4,"StateID":9,"CreateTime":"2026-11-22 09:30:00"},
         {"HistoryType":"StateUpdate","Name":"%%x%%open%%","CreateBy":3,"StateID":4,
          "CreateTime":"2026-11-22 09:30:00"}]}]})"));
    const Polled seen = poll();
    return seen.events.size() == 1 ? std::string(seen.events[0]["status"].text()) : "not one event";
  };
  EXPECT_EQ(moved("pending auto close+"), "resolved");
  EXPECT_EQ(moved("merged"), "closed");
  EXPECT_EQ(moved("vid behov"), "in_progress") << "its type is open";
}

TEST_F(ZnunyProfile, TellsWhatPeopleSaidAndNotWhatZnunySaysByItself) {
  listed();
  ticket(
      articles(article(20, 4, "Vi tittar") + "," + article(21, 3, "Hej\n[ombud:c2]") + "," +
               article(22, 1, "Ditt ärende är mottaget", {.sender = "system"}) + "," +
               article(23, 4, "<p>Bara <b>vi</b></p>", {.media_type = "text/html", .shown = "0"})));
  const Polled seen = poll();
  ASSERT_EQ(seen.events.size(), 3U);
  EXPECT_EQ(seen.events[0]["comment"]["text"].text(), "Vi tittar");
  EXPECT_EQ(seen.events[1]["echo_of"].text(), "c2");
  EXPECT_EQ(seen.events[2]["comment"]["text"].text(), "Bara vi");
  EXPECT_FALSE(seen.events[2]["comment"]["public"].boolean(true));
}

TEST_F(ZnunyProfile, TellsEveryFileOfAnArticleAndFetchesOneByItsNumbers) {
  listed();
  const std::string files =
      R"([{"FileID":"1","Filename":"a.txt","ContentType":"text/plain","FilesizeRaw":"3","Content":"YWJj"},
                        {"FileID":"2","Filename":"b.txt","ContentType":"text/plain","FilesizeRaw":"3","Content":"ZGVm"}])";
  ticket(articles(article(20, 4, "se bilagor", {}, files)));
  const Polled seen = poll();
  ASSERT_EQ(seen.events.size(), 3U);
  EXPECT_EQ(parsed(sent("POST", "/TicketGet").body)["GetAttachmentContents"].integer(1), 0);
  EXPECT_EQ(seen.events[2]["attachment"]["name"].text(), "b.txt");
  EXPECT_EQ(seen.events[2]["attachment"]["id"].text(), "20-2");
  EXPECT_EQ(bench_->attachment(seen.events[2]["attachment"]["reference"].dump()).joined(), "def");
  EXPECT_EQ(bench_->attachment(R"({"ticket":7,"article":20,"id":3})").status, Status::permanent);
}

TEST_F(ZnunyProfile, ChecksEveryRouteAndMakesNothing) {
  on("POST", "/TicketSearch", answer(200, "{}"));
  for (const char* what : {"TicketCreate", "TicketUpdate", "TicketGet", "TicketHistory"}) {
    on("POST", "/" + std::string(what), error(std::string(what) + ".MissingParameter", "missing"));
  }
  EXPECT_EQ(bench_->check().status, Status::ok);
  on("POST", "/TicketHistory", answer(500, "no operation"));
  EXPECT_THAT(bench_->check().message,
              AllOf(HasSubstr("no route TicketHistory"), HasSubstr("settings.route_to.history")));
}

}  // namespace
}  // namespace ombud::test
