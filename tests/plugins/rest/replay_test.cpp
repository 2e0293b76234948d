// What would be sent and what a recording means, without a supplier; and what is looked at before
// the first ticket.
#include <filesystem>

#include "profile_bench.hpp"
#include "scripted.hpp"

namespace ombud::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kPolled = R"(
[map.status_from]
open = "new"
wait = "waiting"
[list.words]
request = "GET /words"
rows = "answer"
entry = "{name}"
id = "{id}"
word = "new"
[auth]
kind = "header"
name = "X-Key"
value = "{settings.key}"
[poll]
by = "feed"
next = "{answer.after}"
end = "answer.end"
row = { id = "{row.id}", ours = "row.key" }
ticket = { external_id = "{row.id}", correlation = "{row.key}" }
list = [{ request = "GET /feed", query = { cursor = "{cursor}" }, rows = "answer.rows" }]
[[poll.detail]]
name = "full"
request = "GET /tickets/{row.id}"
[[poll.event]]
type = "status"
id = "{row.id}-{full.version}"
at = "{full.at}"
status = "{full.word|word_of:words:status_from}"
[[check.step]]
proves = "the key works"
name = "me"
request = "GET /me"
[[check.step]]
proves = "every word is there"
for_each = "['open', 'wait', 'lost', 'gone']"
let = { word = "{item|id_of:words}" }
)";

class RestReplay : public Scripted {
 protected:
  RestReplay() {
    profile(kPolled);
    answers([this](const BenchRequest& request) {
      if (request.target == "/api/me") return answer(code_, "{}");
      if (request.target == "/api/words") {
        return answer(200, R"([{"id":1,"name":"open"},{"id":2,"name":"wait"}])");
      }
      if (request.target.starts_with("/api/tickets/")) {
        return answer(200, R"({"version":1,"at":"2026-11-22T09:30:00Z","word":2})");
      }
      return answer(200, R"({"rows":[{"id":1,"key":"a"}],"after":"c1","end":true})");
    });
  }
  int code_ = 200;
};

TEST_F(RestReplay, RendersWithoutANetworkAndWithoutASecret) {
  const BenchOutcome made =
      bench_->render("put_ticket", {.correlation = "c1", .body = ticket_json({.subject = "Hej"})});
  EXPECT_EQ(made.status, Status::ok) << made.message;
  ASSERT_EQ(made.documents.size(), 1U);
  const json::Document request = parsed(made.documents.front());
  EXPECT_EQ(request["method"].text(), "POST");
  EXPECT_EQ(request["json"]["subject"].text(), "Hej");
  EXPECT_EQ(request["headers"]["X-Key"].text(), "[secret]");
  EXPECT_THAT(bench_->requests(), IsEmpty());
  EXPECT_EQ(bench_->render("drop_table", {}).status, Status::permanent);
  EXPECT_EQ(bench_->render("put_ticket", {.body = "{"}).status, Status::permanent);
}

TEST_F(RestReplay, AUsersTextThatLooksLikeASecretStaysText) {
  const BenchOutcome made = bench_->render(
      "put_ticket", {.correlation = "c1", .body = ticket_json({.subject = "my {{secret:t1}}"})});
  EXPECT_THAT(made.joined(), Not(HasSubstr("s3cret")));
}

TEST_F(RestReplay, InterpretsWhatAPollRecordedAsThePollDid) {
  const Polled now = polled(bench_->changes(""));
  ASSERT_EQ(now.events.size(), 1U);
  ASSERT_EQ(bench_->recorded().size(), 1U);
  EXPECT_THAT(bench_->recorded().front(), Not(HasSubstr("t1"))) << "not even a secret's name";
  bench_->forget_requests();
  const BenchOutcome again = bench_->interpret(bench_->recorded().front());
  EXPECT_EQ(again.status, Status::ok) << again.message;
  ASSERT_EQ(again.documents.size(), 1U);
  EXPECT_THAT(again.documents.front(), HasSubstr("\"status\":\"waiting\""));
  EXPECT_THAT(bench_->requests(), IsEmpty()) << "the supplier's own words were recorded with it";
  EXPECT_EQ(bench_->interpret("nonsense").status, Status::permanent);
  EXPECT_EQ(bench_->interpret(R"({"from":"webhook"})").status, Status::permanent);
}

TEST_F(RestReplay, AProbeTellsEveryWordThatIsMissingAndWritesNothing) {
  const std::string question =
      R"({"samples":[{"operation":"put_ticket","correlation":"c","document":)" + ticket_json({}) +
      "}]}";
  const BenchOutcome probe = bench_->probe(question);
  EXPECT_EQ(probe.status, Status::ok);
  ASSERT_EQ(probe.documents.size(), 4U) << probe.joined();
  EXPECT_EQ(parsed(probe.documents[0])["state"].text(), "ok");
  EXPECT_EQ(parsed(probe.documents[0])["detail"].text(), "The key works.");
  EXPECT_THAT(probe.documents[1], HasSubstr("lost"));
  EXPECT_THAT(probe.documents[2], HasSubstr("gone"));
  const json::Document dry = parsed(probe.documents[3]);
  EXPECT_EQ(dry["check"].text(), "dry-run");
  EXPECT_EQ(dry["requests"].at(0)["url"].text(), "https://acme.example/api/tickets");
  for (const BenchRequest& sent : bench_->requests()) EXPECT_EQ(sent.method, "GET");
}

TEST_F(RestReplay, AProbeEndsWhereTheCredentialsAreRefused) {
  code_ = 401;
  const BenchOutcome probe = bench_->probe("{}");
  ASSERT_EQ(probe.documents.size(), 2U) << probe.joined();
  EXPECT_EQ(parsed(probe.documents[0])["check"].text(), "credentials");
  EXPECT_EQ(parsed(probe.documents[0])["state"].text(), "fail");
  EXPECT_EQ(parsed(probe.documents[1])["state"].text(), "skip");
}

// ---- the profiles that ship ----

std::vector<std::string> shipped() {
  std::vector<std::string> names;
  const std::filesystem::path folder =
      std::string(std::getenv("OMBUD_SOURCE")) + "/plugins/rest/profiles";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".toml") names.push_back(entry.path().stem().string());
  }
  return names;
}

std::string settings_for(const std::string& name) {
  toml::Mistakes mistakes;
  const auto text = profile::read_file(profile_file(name), mistakes);
  std::vector<profile::Mistake> wrong;
  const auto document = json::parse(text->text);
  const auto rules = profile::compile(document->root(), wrong);
  json::Writer out;
  out.begin_object().key("profile").raw(text->text);
  for (const auto& [key, setting] : rules->settings) {
    if (!setting.required) continue;
    out.key(key);
    switch (setting.type) {
      case profile::SettingType::url:
        out.value("https://acme.example");
        break;
      case profile::SettingType::secret:
        out.begin_object().field("$secret", "t").end_object();
        break;
      case profile::SettingType::number:
        out.value(setting.min);
        break;
      case profile::SettingType::boolean:
        out.value(true);
        break;
      case profile::SettingType::choice:
        out.value(setting.choices.front());
        break;
      default:
        out.value("some");
    }
  }
  return out.end_object().take();
}

TEST(ShippedProfiles, RenderEveryWriteOffline) {
  for (const std::string& name : shipped()) {
    ConnectorBench bench(load_connector(OMBUD_REST_LIBRARY), settings_for(name),
                         {{"t", "s3cret-4711"}});
    const auto check = [&](const std::string& operation, const BenchWrite& write) {
      const BenchOutcome made = bench.render(operation, write);
      EXPECT_TRUE(made.status == sdk::Status::ok || made.status == sdk::Status::permanent)
          << name << ' ' << operation << ": " << made.message;
      if (made.status == sdk::Status::ok) {
        EXPECT_FALSE(made.documents.empty()) << name << ' ' << operation;
      } else {
        EXPECT_NE(made.message, "") << name;
      }
      EXPECT_EQ(made.joined().find("s3cret"), std::string::npos) << name;
      EXPECT_EQ(made.joined().find("{{secret"), std::string::npos) << name;
      EXPECT_THAT(bench.requests(), IsEmpty()) << name << ' ' << operation;
      return made.status == sdk::Status::ok;
    };
    EXPECT_TRUE(check("put_ticket", {.correlation = "c1", .body = ticket_json({})})) << name;
    check("put_ticket", {.correlation = "c1", .body = ticket_json({}), .external_id = "7"});
    check("add_comment",
          {.correlation = "c2", .body = comment_json("Hej", true), .external_id = "7"});
    check("add_attachment",
          {.correlation = "c3", .body = attachment_json("a.txt", 3), .external_id = "7"});
  }
}

}  // namespace
}  // namespace ombud::test
