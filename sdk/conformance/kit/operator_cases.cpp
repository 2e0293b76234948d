// Level 2: what an operator is told before the first ticket and before a changed mapping is used
// changes nothing and shows no secret.
#include <set>

#include "conformance/kit/case.hpp"
#include "conformance/kit/follower.hpp"
#include "conformance/kit/scene.hpp"

namespace ombud::conformance {
namespace {

constexpr Millis kBetweenPolls{30'000};

void no_secret_in(const Kit& kit, const Outcome& outcome, const std::string& what) {
  for (const auto& [token, secret] : kit.subject.settings.secrets) {
    for (const std::string& document : outcome.documents) {
      expect(secret.empty() || document.find(secret) == std::string::npos,
             what + " shows the secret \"" + token + "\": " + in_quotes(document));
    }
  }
}

void is_finding(const std::string& document) {
  static const std::set<std::string_view> kStates{"ok", "warn", "fail", "skip"};
  const auto finding = json::parse(document);
  expect(finding.has_value() && !(*finding)["check"].text().empty() &&
             !(*finding)["detail"].text().empty() && kStates.contains((*finding)["state"].text()),
         "probe pushed what is no finding (sdk/DOCUMENTS.md): " + in_quotes(document));
}

void probe(Kit& kit, const Case&) {
  kit.need_supplier();
  kit.need_extension(OMBUD_EXT_PROBE);
  Stage stage(kit.subject);
  const std::string question =
      R"({"samples":[{"operation":"put_ticket","correlation":"sample","document":)" +
      ticket_json() + "}]}";
  const Outcome outcome = stage.probe(question);
  expect(outcome.ok(), "probe of a link that works did not end with ok: " + describe(outcome));
  expect(outcome.effects == 0,
         "probe changed something at the supplier: it may only look." + list(outcome.exchanges));
  expect(!outcome.documents.empty(), "probe found nothing to tell.");
  for (const std::string& document : outcome.documents) {
    is_finding(document);
    const auto finding = json::parse(document);
    expect((*finding)["state"].text() != "fail",
           "probe says that a link that works does not: " + in_quotes(document));
  }
  no_secret_in(kit, outcome, "probe");
  for (const char* odd : {"", "{}", "[]", "nonsense", R"({"samples":[{},7,null]})"}) {
    const Outcome asked = stage.probe(odd);
    expect(!asked.threw, std::string("probe threw when asked ") + in_quotes(odd));
    expect(asked.effects == 0, "probe changed something at the supplier." + list(asked.exchanges));
  }
}

void render(Kit& kit, const Case&) {
  kit.need_supplier();
  kit.need_extension(OMBUD_EXT_REPLAY);
  Stage stage(kit.subject);
  const auto drawn = [&](const std::string& operation, const Write& write) {
    const Outcome outcome = stage.render(operation, write);
    expect(!outcome.threw, "render threw: " + outcome.thrown);
    expect(outcome.exchanges.empty(),
           "render of " + operation + " used the network." + list(outcome.exchanges));
    no_secret_in(kit, outcome, "render");
    return outcome;
  };
  const Outcome made = drawn("put_ticket", {.correlation = "sample", .body = ticket_json()});
  expect(made.ok() && !made.documents.empty(),
         "render of a new ticket showed no request: " + describe(made));
  for (const std::string& document : made.documents) {
    const auto request = json::parse(document);
    expect(request.has_value() && !(*request)["method"].text().empty() &&
               !(*request)["url"].text().empty(),
           "render pushed what is no request (sdk/DOCUMENTS.md): " + in_quotes(document));
  }
  drawn("put_ticket", {.correlation = "sample", .external_id = "7", .body = ticket_json()});
  drawn("add_comment", {.correlation = "sample", .external_id = "7", .body = comment_json("Hi")});
  drawn("put_ticket", {.correlation = "sample", .body = "nonsense"});
  drawn("surely_unknown", {.correlation = "sample", .body = "{}"});
  for (const char* odd : {"", "{}", "[]", "nonsense", R"({"from":"webhook","names":{"row":7}})"}) {
    const Outcome told = stage.interpret(odd);
    expect(!told.threw, std::string("interpret threw when given ") + in_quotes(odd));
    expect(told.exchanges.empty(), "interpret used the network." + list(told.exchanges));
  }
}

void recorded(Kit& kit, const Case&) {
  kit.need_supplier();
  for (const char* id : {OMBUD_EXT_OUTBOUND, OMBUD_EXT_POLL, OMBUD_EXT_REPLAY}) {
    kit.need_extension(id);
  }
  Stage stage(kit.subject);
  const Made made = make_ticket(kit, stage);
  stage.supplier().pass(kBetweenPolls);
  stage.supplier().staff_comment(made.id, "Is it plugged in?");
  const std::string word = kit.subject.dialect->status_word("in_progress");
  if (!word.empty()) stage.supplier().staff_status(made.id, word);
  stage.supplier().pass(kBetweenPolls);
  Follower follower(kit, stage);
  follower.catch_up();
  if (stage.recorded().empty()) skip("it records nothing of what it polls");
  const std::vector<std::string> all = stage.recorded();
  std::set<std::string> polled, again;
  for (const Change& change : follower.seen()) polled.insert(change.event_id);
  for (const std::string& raw : all) {
    for (const auto& [token, secret] : kit.subject.settings.secrets) {
      expect(secret.empty() || raw.find(secret) == std::string::npos,
             "A recording holds the secret \"" + token + "\".");
    }
    const Outcome told = stage.interpret(raw);
    expect(told.ok(), "interpret of a recording did not end with ok: " + describe(told));
    expect(told.exchanges.empty(), "interpret used the network." + list(told.exchanges));
    for (const Change& change : read_changes(told.documents, false).changes) {
      again.insert(change.event_id);
    }
  }
  for (const std::string& id : polled) {
    expect(again.contains(id), "The change " + in_quotes(id) +
                                   " was polled, and what was recorded with it does not tell it.");
  }
}

}  // namespace

void add_operator_cases(std::vector<Case>& cases) {
  const auto add = [&](const char* name, const char* shows, void (*run)(Kit&, const Case&)) {
    cases.push_back({name, 2, shows, run, nullptr});
  };
  add("behave.probe", "a probe tells findings, changes nothing and shows no secret", probe);
  add("behave.replay-recorded", "what a poll recorded tells the same changes once more", recorded);
  add("behave.replay", "a replay uses no network and shows no secret", render);
}

}  // namespace ombud::conformance
