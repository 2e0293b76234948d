// A comparison is started, read and ordered by the API; only an operator orders, only what has
// ended is repaired, and only what can be.
#include "hub.hpp"
#include "store/reconciliation.hpp"

namespace ombud::http::test {
namespace {

class ReconciliationsTest : public HubTest {
 protected:
  std::string start(int status = 201, const std::string& token = "olof") {
    const auto run =
        hub_.expect(status, "POST", "/api/v1/links/nordprint/reconciliations", token, "{}");
    return std::to_string(run["id"].integer());
  }
  // A row of that run; its id.
  std::string row(const std::string& run, const std::string& repair, bool proposed) {
    std::int64_t id = 0;
    hub_.run([&](Tx& tx) {
      Drift drift;
      drift.run = std::stoll(run);
      drift.link = "nordprint";
      drift.customer = "alfa";
      drift.ticket = {1};
      drift.delegation = {1};
      drift.kind = "field_differs";
      drift.about = "subject";
      drift.repair = repair;
      drift.proposed = proposed;
      id = put_drift(tx, drift);
    });
    return std::to_string(id);
  }
  void end(const std::string& run) {
    hub_.run([&](Tx& tx) { set_reconciliation_state(tx, std::stoll(run), "done", ""); });
  }
};

TEST_F(ReconciliationsTest, OneIsUnderWayAtATimeAndCanBeStopped) {
  const std::string run = start();
  start(409);
  const std::string path = "/api/v1/reconciliations/" + run;
  EXPECT_EQ(hub_.expect(200, "GET", path, "anna")["state"].text(), "reading");
  EXPECT_EQ(hub_.expect(200, "POST", path + "/cancel", "olof", "{}")["state"].text(), "cancelled");
  hub_.expect(409, "POST", path + "/cancel", "olof", "{}");
  start();
}

TEST_F(ReconciliationsTest, OnlyAnOperatorStartsOrOrders) {
  for (const char* token : {"anna", "erik", "alfa-itsm", "nord-itsm"}) start(403, token);
  const std::string run = start();
  for (const char* token : {"erik", "alfa-itsm", "nord-itsm"}) {
    hub_.expect(403, "GET", "/api/v1/reconciliations/" + run, token);
    hub_.expect(403, "GET", "/api/v1/reconciliations/" + run + "/drift", token);
  }
  hub_.expect(403, "POST", "/api/v1/reconciliations/" + run + "/apply", "anna", "{}");
  hub_.expect(404, "POST", "/api/v1/links/desk-nobody/reconciliations", "olof", "{}");
  hub_.expect(404, "GET", "/api/v1/reconciliations/4711", "olof");
}

TEST_F(ReconciliationsTest, WhatIsOrderedIsWhatIsProposedOrNamed) {
  const std::string run = start(), other = row(run, "send", false), shown = row(run, "none", false);
  const std::string proposed = row(run, "restore", true);
  const std::string apply = "/api/v1/reconciliations/" + run + "/apply";
  hub_.expect(409, "POST", apply, "olof", "{}");  // it has not ended
  end(run);
  hub_.expect(409, "POST", apply, "olof", R"({"rows":[")" + shown + R"("]})");
  hub_.expect(400, "POST", apply, "olof", R"({"rows":["4711"]})");
  hub_.expect(400, "POST", apply, "olof", R"({"rows":[]})");
  hub_.expect(400, "POST", apply, "olof", R"({"rows":["x"]})");
  EXPECT_EQ(hub_.expect(202, "POST", apply, "olof", "{}")["ordered"].integer(), 1);
  EXPECT_EQ(hub_.expect(202, "POST", apply, "olof", R"({"rows":[")" + other + R"("]})")["ordered"]
                .integer(),
            2);
  hub_.expect(409, "POST", apply, "olof", R"({"rows":[")" + proposed + R"("]})");
  const auto rows = hub_.expect(200, "GET", "/api/v1/reconciliations/" + run + "/drift", "anna");
  EXPECT_EQ(rows["items"].at(2)["actor"].text(), "operator:olof");
  hub_.expect(409, "POST", "/api/v1/reconciliations/" + run + "/undo", "olof", "{}");
}

TEST_F(ReconciliationsTest, ALinkThatIsPausedIsNotCompared) {
  hub_.expect(200, "POST", "/api/v1/links/nordprint/pause", "olof", R"({"reason":"their night"})");
  start(409);
}

}  // namespace
}  // namespace ombud::http::test
