// A supplier is restored from last week's backup: what the hub had written since is gone there,
// numbers that were given away are given away again, and what its people wrote since then is
// theirs alone to mourn. A comparison shows it, a yes repairs it, once and in order.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "hub_world.hpp"

namespace ombud::testing {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLink = R"(supplier = "Skrivarpartner AB"
connector = "rest"
{}
[settings]
profile = "redmine"
url = "http://127.0.0.1:{}"
api_key = {{ file = "secrets/skrivarpartner" }}
project = "support"
correlation_field = 7
poll_overlap_seconds = 2
)";

class Restored : public ::testing::Test {
 protected:
  void SetUp() override {
    const fs::path key = hub().config() / "suppliers/secrets/skrivarpartner";
    write_text(key, "example-key\n");
    fs::permissions(key, fs::perms::owner_read | fs::perms::owner_write);
    write_link("");
    supplier_.start();
    ASSERT_TRUE(supplier_.await_ready());
    lone_.start();
    lone_.add_customer();
    hub().must("PUT", "/services/print", R"({"name":"Utskrift","words":[]})");
    hub().must("POST", "/agreements",
               R"({"customer":"acme","link":"skrivarpartner","services":["print"],
                   "share":["subject","description","messages","attachments","priority"],
                   "valid_from":"2020-01-01T00:00:00Z"})");
  }

  Hub& hub() { return lone_.hub; }
  void write_link(const std::string& more) {
    hub().write_link("skrivarpartner", fmt::format(fmt::runtime(kLink), more, port_));
  }
  void restart_hub() {
    hub().kill_hard();
    lone_.start();
  }

  // Handed over, and there.
  std::int64_t handed_over(const std::string& subject) {
    const std::int64_t ticket = hub()
                                    .must("POST", "/tickets",
                                          object({{"customer", "acme"},
                                                  {"service", "print"},
                                                  {"subject", subject},
                                                  {"text", "Text."}}))
                                    .json["id"]
                                    .integer();
    hub().must("POST", fmt::format("/tickets/{}/delegations", ticket), "{}");
    EXPECT_TRUE(until(kSoon, [&] { return !remote(ticket).empty(); })) << hub().log();
    return ticket;
  }
  json::Document ticket_now(std::int64_t ticket) {
    return hub().must("GET", fmt::format("/tickets/{}", ticket)).json;
  }
  std::string remote(std::int64_t ticket) {
    return std::string(ticket_now(ticket)["delegations"].at(0)["external_id"].text());
  }
  std::string state_of(std::int64_t ticket) {
    return std::string(ticket_now(ticket)["delegations"].at(0)["state"].text());
  }
  void say(std::int64_t ticket, const std::string& text) {
    const std::int64_t delegation = ticket_now(ticket)["delegations"].at(0)["id"].integer();
    hub().must("POST", fmt::format("/delegations/{}/messages", delegation),
               object({{"text", text}}));
    ASSERT_TRUE(await_rest()) << hub().log();
  }
  bool await_rest() {
    return until(kSoon, [this] {
      for (const char* state : {"waiting", "ready", "leased"}) {
        if (hub().must("GET", fmt::format("/deliveries?state={}", state)).json["items"].size() > 0)
          return false;
      }
      return true;
    });
  }
  // How often a text of the supplier stands in the ticket.
  int heard(std::int64_t ticket, const std::string& text) {
    int count = 0;
    const Answer all = hub().must("GET", fmt::format("/tickets/{}", ticket));
    const json::View messages = all.json["messages"];
    for (std::size_t i = 0; i < messages.size(); ++i) {
      count += messages.at(i)["text"].text() == text && messages.at(i)["from"].text() == "supplier";
    }
    return count;
  }
  bool await_heard(std::int64_t ticket, const std::string& text) {
    return until(kSoon, [&] { return heard(ticket, text) == 1; });
  }

  // The supplier's side.
  json::Document issue(const std::string& id) {
    return http(port_, "GET", "/issues/" + id + ".json?include=journals,attachments", "",
                {{"X-Redmine-API-Key", "example-key"}})
        .json;
  }
  // The notes of an issue, each cut to its first line.
  std::vector<std::string> notes(const std::string& id) {
    std::vector<std::string> all;
    const json::Document now = issue(id);
    const json::View journals = now["issue"]["journals"];
    for (std::size_t i = 0; i < journals.size(); ++i) {
      const std::string_view text = journals.at(i)["notes"].text();
      if (!text.empty()) all.emplace_back(text.substr(0, text.find_first_of("\r\n")));
    }
    return all;
  }
  void back_up() { fs::copy_file(data_, backup_, fs::copy_options::overwrite_existing); }
  void restore() {
    supplier_.kill_hard();
    fs::copy_file(backup_, data_, fs::copy_options::overwrite_existing);
    supplier_.start();
    ASSERT_TRUE(supplier_.await_ready());
  }
  // A ticket of somebody else at the supplier; its number.
  std::string others_issue(const std::string& subject) {
    const Answer made = http(port_, "POST", "/issues.json",
                             R"({"issue":{"project_id":"support","subject":")" + subject + R"("}})",
                             {{"X-Redmine-API-Key", "example-key"}});
    EXPECT_EQ(made.status, 201) << made.body;
    return std::to_string(made.json["issue"]["id"].integer());
  }

  // What is drifted, "kind about" each, by the API.
  std::vector<std::string> drift(std::int64_t run) {
    std::vector<std::string> all;
    const Answer rows = hub().must("GET", fmt::format("/reconciliations/{}/drift?limit=200", run));
    for (std::size_t i = 0; i < rows.json["items"].size(); ++i) {
      const json::View row = rows.json["items"].at(i);
      all.push_back(fmt::format("{} {}", row["kind"].text(), row["repair"].text()));
    }
    std::sort(all.begin(), all.end());
    return all;
  }
  std::int64_t begin_run() {
    return hub().must("POST", "/links/skrivarpartner/reconciliations", "{}").json["id"].integer();
  }
  json::Document ended(std::int64_t run) {
    json::Document now;
    EXPECT_TRUE(until(kSoon * 2, [&] {
      now = hub().must("GET", fmt::format("/reconciliations/{}", run)).json;
      return now["finished_at"].is_text() && now["ordered"].integer() == 0;
    })) << hub().log();
    return now;
  }

  LoneHub lone_;
  const int port_ = free_port();
  const fs::path data_ = lone_.scratch.path() / "rest.jsonl";
  const fs::path backup_ = lone_.scratch.path() / "last-week.jsonl";
  Supplier supplier_{{program("example-redmine").string(), "--port", std::to_string(port_),
                      "--data", data_.string(), "--key", "example-key"},
                     port_,
                     "/demo/issues",
                     lone_.scratch.path() / "rest.log"};
};

TEST_F(Restored, EverythingThatWasLostIsThereAgainOnceAndInOrder) {
  const std::int64_t paper = handed_over("Papper"), toner = handed_over("Toner");
  const std::string paper_there = remote(paper);
  say(paper, "Ett.");
  supplier_.tell("/demo/issues/" + paper_there + "/comment", object({{"text", "Vi tittar."}}));
  supplier_.tell("/demo/issues/" + paper_there + "/status", object({{"status", "In Progress"}}));
  ASSERT_TRUE(await_heard(paper, "Vi tittar."));
  ASSERT_TRUE(until(kSoon, [&] { return state_of(paper) == "in_progress"; }));

  const Ran agree = hub().ombud({"supplier", "reconcile", "skrivarpartner"});
  EXPECT_EQ(agree.code, 0) << agree.output;
  EXPECT_NE(agree.output.find("agree"), std::string::npos) << agree.output;

  back_up();
  say(paper, "Två.");
  say(paper, "Tre.");
  supplier_.tell("/demo/issues/" + paper_there + "/comment", object({{"text", "Del beställd."}}));
  ASSERT_TRUE(await_heard(paper, "Del beställd."));
  const std::int64_t cover = handed_over("Lucka");
  const std::string cover_there = remote(cover);
  say(cover, "Den går inte att stänga.");
  hub().must("PATCH", fmt::format("/tickets/{}", paper), R"({"subject":"Papper i fack 2"})");
  ASSERT_TRUE(await_rest());
  ASSERT_EQ(issue(paper_there)["issue"]["subject"].text(),
            fmt::format("[OMB-{}] Papper i fack 2", paper));

  restore();
  // The numbers of the lost week are given away again: a ticket's, and that of a note of ours.
  ASSERT_EQ(others_issue("Something else"), cover_there);
  supplier_.tell("/demo/issues/" + paper_there + "/comment", object({{"text", "Vi är åter här."}}));

  const Ran shown = hub().ombud({"supplier", "reconcile", "skrivarpartner"});
  EXPECT_EQ(shown.code, 1) << shown.output;
  for (const char* said :
       {"ticket replaced", "our message missing", "their message missing", "field differs: subject",
        "Tre.", "Vi är åter här.", "cannot be undone"}) {
    EXPECT_NE(shown.output.find(said), std::string::npos) << said << "\n" << shown.output;
  }
  EXPECT_EQ(notes(paper_there), (std::vector<std::string>{"Ett.", "Vi tittar.", "Vi är åter här."}))
      << "showing it has changed something";
  EXPECT_EQ(hub().must("GET", "/links/skrivarpartner").json["reconciliation"]["left"].integer(), 5);

  const Ran repaired = hub().ombud({"supplier", "reconcile", "skrivarpartner", "--apply", "all"});
  EXPECT_EQ(repaired.code, 0) << repaired.output;
  ASSERT_TRUE(await_rest()) << hub().log();
  EXPECT_EQ(notes(paper_there),
            (std::vector<std::string>{"Ett.", "Vi tittar.", "Vi är åter här.", "Två.", "Tre."}));
  EXPECT_EQ(issue(paper_there)["issue"]["subject"].text(),
            fmt::format("[OMB-{}] Papper i fack 2", paper));
  EXPECT_EQ(issue(paper_there)["issue"]["status"]["name"].text(), "In Progress");
  EXPECT_EQ(heard(paper, "Vi är åter här."), 1);
  EXPECT_EQ(heard(paper, "Del beställd."), 1) << "what they told is in our log, whatever they lose";
  ASSERT_TRUE(until(kSoon, [&] { return remote(cover) != cover_there; })) << hub().log();
  EXPECT_EQ(issue(cover_there)["issue"]["subject"].text(), "Something else");
  EXPECT_TRUE(notes(cover_there).empty());
  EXPECT_EQ(notes(remote(cover)), std::vector<std::string>{"Den går inte att stänga."});
  EXPECT_EQ(supplier_.seen()["issues"].size(), 4U) << "papper, toner, the other's, lucka";
  EXPECT_EQ(notes(remote(toner)).size(), 0U);

  // From here on all goes its ordinary way, and nothing differs.
  say(cover, "Tack.");
  EXPECT_EQ(notes(remote(cover)).size(), 2U);
  supplier_.tell("/demo/issues/" + remote(cover) + "/comment", object({{"text", "Klart."}}));
  ASSERT_TRUE(await_heard(cover, "Klart."));
  const Ran after = hub().ombud({"supplier", "reconcile", "skrivarpartner"});
  EXPECT_EQ(after.code, 0) << after.output;
  const Ran audit = hub().ombud({"audit", "verify"});
  EXPECT_EQ(audit.code, 0) << audit.output;
}

TEST_F(Restored, AFieldCanBePutBackWhereTheSupplierStillHasOurs) {
  const std::int64_t paper = handed_over("Papper");
  back_up();
  hub().must("PATCH", fmt::format("/tickets/{}", paper),
             R"({"subject":"Papper i fack 2","priority":"high"})");
  ASSERT_TRUE(await_rest());
  restore();
  const Ran repaired = hub().ombud({"supplier", "reconcile", "skrivarpartner", "--apply", "all"});
  EXPECT_EQ(repaired.code, 0) << repaired.output;
  ASSERT_TRUE(await_rest());
  const std::string there = remote(paper);
  ASSERT_EQ(issue(there)["issue"]["priority"]["name"].text(), "High");
  const std::int64_t run = hub()
                               .must("GET", "/links/skrivarpartner/reconciliations")
                               .json["items"]
                               .at(0)["id"]
                               .integer();

  // Somebody there changes the one field; the other is still as the repair left it.
  ASSERT_EQ(http(port_, "PUT", "/issues/" + there + ".json",
                 R"({"issue":{"subject":"Papper, vår egen rubrik"}})",
                 {{"X-Redmine-API-Key", "example-key"}})
                .status,
            204);
  const Ran undone =
      hub().ombud({"supplier", "reconcile", "skrivarpartner", "--undo", std::to_string(run)});
  ASSERT_TRUE(await_rest()) << undone.output;
  EXPECT_EQ(undone.code, 1) << "one of the two is not as the repair left it";
  EXPECT_NE(undone.output.find("kept"), std::string::npos) << undone.output;
  EXPECT_EQ(issue(there)["issue"]["priority"]["name"].text(), "Normal");
  EXPECT_EQ(issue(there)["issue"]["subject"].text(), "Papper, vår egen rubrik");

  // What somebody there wrote is shown, and no order overwrites it.
  const std::int64_t next = begin_run();
  ended(next);
  EXPECT_EQ(drift(next), std::vector<std::string>{"field_differs none"});
  const Answer rows = hub().must("GET", fmt::format("/reconciliations/{}/drift", next));
  const Answer refused =
      hub().api("POST", fmt::format("/reconciliations/{}/apply", next),
                fmt::format(R"({{"rows":["{}"]}})", rows.json["items"].at(0)["id"].integer()));
  EXPECT_EQ(refused.status, 409) << refused.body;
}

TEST_F(Restored, WhatChangedSinceThePlanIsSkippedAndSaid) {
  const std::int64_t paper = handed_over("Papper");
  back_up();
  say(paper, "Ett.");
  restore();
  const std::int64_t run = begin_run();
  ended(run);
  ASSERT_EQ(drift(run), std::vector<std::string>{"our_message_missing send"});
  // The supplier finds a younger backup after all.
  const std::string there = remote(paper);
  const json::Document sent = hub().must("GET", "/deliveries?limit=1").json;
  ASSERT_EQ(
      http(
          port_, "PUT", "/issues/" + there + ".json",
          object({{"issue", ""}})
              .replace(9, 2,
                       object({{"notes", fmt::format("Ett.\n\n[ombud:{}]",
                                                     sent["items"].at(0)["correlation"].text())}})),
          {{"X-Redmine-API-Key", "example-key"}})
          .status,
      204);
  hub().must("POST", fmt::format("/reconciliations/{}/apply", run), "{}");
  const json::Document after = ended(run);
  EXPECT_EQ(after["applied"].integer(), 0) << after.root().dump();
  const Answer rows = hub().must("GET", fmt::format("/reconciliations/{}/drift", run));
  EXPECT_EQ(rows.json["items"].at(0)["state"].text(), "skipped");
  EXPECT_EQ(notes(there).size(), 1U);
}

TEST_F(Restored, AKillInTheMiddleOfRunAndRepairCostsNothing) {
  std::vector<std::int64_t> tickets;
  for (int i = 0; i < 4; ++i) tickets.push_back(handed_over(fmt::format("Ärende {}", i)));
  back_up();
  for (const std::int64_t ticket : tickets) say(ticket, "Ett.");
  for (const std::int64_t ticket : tickets) say(ticket, "Två.");
  restore();

  const std::int64_t run = begin_run();
  ASSERT_TRUE(until(kSoon, [&] {
    const Answer now = hub().must("GET", fmt::format("/reconciliations/{}", run));
    return now.json["compared"].integer() > 0 || now.json["finished_at"].is_text();
  }));
  restart_hub();
  const json::Document found = ended(run);
  EXPECT_EQ(found["compared"].integer(), 4) << found.root().dump();
  EXPECT_EQ(drift(run).size(), 8U);

  hub().must("POST", fmt::format("/reconciliations/{}/apply", run), "{}");
  ASSERT_TRUE(until(kSoon, [&] {
    const Answer now = hub().must("GET", fmt::format("/reconciliations/{}", run));
    return now.json["applied"].integer() > 0;
  }));
  restart_hub();
  const json::Document repaired = ended(run);
  EXPECT_EQ(repaired["applied"].integer(), 8) << repaired.root().dump();
  ASSERT_TRUE(await_rest()) << hub().log();
  for (const std::int64_t ticket : tickets) {
    EXPECT_EQ(notes(remote(ticket)), (std::vector<std::string>{"Ett.", "Två."}));
  }
}

TEST_F(Restored, TheScheduleFindsItAndTheLinkShowsIt) {
  const std::int64_t paper = handed_over("Papper");
  back_up();
  say(paper, "Ett.");
  restore();
  write_link("reconcile = \"daily\"");
  restart_hub();  // it was never compared, so it is due
  ASSERT_TRUE(until(kSoon, [this] {
    return hub().must("GET", "/links/skrivarpartner").json["reconciliation"]["left"].integer() == 1;
  })) << hub().log();
  const Ran shown = hub().ombud({"supplier", "show", "skrivarpartner"});
  EXPECT_NE(shown.output.find("supplier reconcile skrivarpartner"), std::string::npos)
      << shown.output;
  const Answer metrics = http(hub().port(), "GET", "/metrics");
  EXPECT_NE(metrics.body.find("ombud_reconciliation_drift{link=\"skrivarpartner\"} 1"),
            std::string::npos)
      << metrics.status << metrics.body;
  EXPECT_EQ(notes(remote(paper)).size(), 0U) << "the schedule repairs nothing";
}

}  // namespace
}  // namespace ombud::testing
