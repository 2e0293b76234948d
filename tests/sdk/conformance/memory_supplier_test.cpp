// The supplier in memory tells apart what the connector did and what the staff did, and its search
// index lags.
#include "conformance/kit/memory_supplier.hpp"

#include <gtest/gtest.h>

namespace ombud::conformance {
namespace {

struct Supply : testing::Test {
  MemorySupplier supplier{instant_of(1'000'000), Millis{5'000}};
};

TEST_F(Supply, CountsOnlyWhatChangesSomething) {
  const std::string id = supplier.create({{"subject", "x"}, {"status", "new"}}).id;
  EXPECT_EQ(supplier.effects(), 1U);
  supplier.update(id, {{"status", "new"}});
  EXPECT_EQ(supplier.effects(), 1U);
  supplier.update(id, {{"status", "closed"}, {"subject", "y"}});
  EXPECT_EQ(supplier.effects(), 3U);
  supplier.staff_comment(id, "hello");
  supplier.staff_status(id, "new");
  supplier.scratch()["upload"] = "bytes";
  EXPECT_EQ(supplier.effects(), 3U);
  EXPECT_EQ(supplier.made().tickets, 1U);
  EXPECT_EQ(supplier.made().comments, 0U);
}

TEST_F(Supply, TellsItsHistoryInOrder) {
  const std::string id = supplier.create({{"status", "new"}}).id;
  supplier.pass(Millis{1'000});
  supplier.comment(id, {.text = "ours"});
  supplier.staff_status(id, "closed");
  const auto& events = supplier.events();
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].kind, Event::Kind::created);
  EXPECT_TRUE(events[1].ours);
  EXPECT_EQ(events[1].author, kOurUser);
  EXPECT_EQ(events[2].from, "new");
  EXPECT_EQ(events[2].to, "closed");
  EXPECT_FALSE(events[2].ours);
  EXPECT_EQ(supplier.ticket(id)->updated_at_ms, 1'001'000);
}

TEST_F(Supply, ItsIndexKnowsATicketOnlyAfterTheLag) {
  supplier.create({});
  EXPECT_TRUE(supplier.indexed().empty());
  EXPECT_EQ(supplier.tickets().size(), 1U);
  supplier.pass(Millis{5'000});
  EXPECT_EQ(supplier.indexed().size(), 1U);
}

TEST_F(Supply, KnowsNoTicketThatIsNotThere) {
  EXPECT_EQ(supplier.ticket("7"), nullptr);
  EXPECT_EQ(supplier.update("7", {{"a", "b"}}), nullptr);
  EXPECT_EQ(supplier.comment("7", {}), nullptr);
  EXPECT_EQ(supplier.attach("7", {}), nullptr);
  EXPECT_EQ(supplier.effects(), 0U);
}

TEST(DialectRequest, TakesTargetsApart) {
  const HttpRequest request{
      "GET", "/a%2Fb/c?x=1+2&y=%C3%A5&&z", {{"accept", "all"}}, "q=a%26b", ""};
  EXPECT_EQ(request.path(), "/a/b/c");
  EXPECT_EQ(request.segments(), (std::vector<std::string>{"a/b", "c"}));
  EXPECT_EQ(request.parameter("x"), "1 2");
  EXPECT_EQ(request.parameter("y"), "å");
  EXPECT_EQ(request.query().size(), 3U);
  EXPECT_EQ(request.form()[0].second, "a&b");
  EXPECT_EQ(request.header("accept"), "all");
  EXPECT_EQ(percent_decode("100%"), "100%");
}

}  // namespace
}  // namespace ombud::conformance
