// Similar tickets: by rare words, never itself, never another tenant's.
#include <gmock/gmock.h>

#include "base/bytes.hpp"
#include "desk/similar.hpp"
#include "support/desk_world.hpp"

namespace ombud::test {
namespace {

struct SimilarTickets : testing::Test {
  SimilarTickets() { bytes_init(); }
  DeskWorld world;

  std::vector<std::int64_t> similar(const Principal& who, TicketId ticket) {
    std::vector<std::int64_t> ids;
    const auto found =
        world.store.run(who, [&](Tx& tx) { return desk::similar_tickets(tx, ticket); }).value();
    for (const desk::Similar& one : found) {
      ids.push_back(one.row.ticket.id.value);
      EXPECT_GE(one.score, 1);
      EXPECT_LE(one.score, 100);
    }
    return ids;
  }
  TicketId ticket_of(const Principal& who, const std::string& subject) {
    return world.store
        .run(who,
             [&](Tx& tx) {
               desk::Register request;
               request.subject = subject;
               return desk::register_ticket(tx, request);
             })
        .value()
        .id;
  }
};

TEST_F(SimilarTickets, TheOneWithTheSameRareWordsComesFirst) {
  for (int i = 0; i < 40; ++i) world.new_ticket("Skrivaren krånglar", "Den går inte.");
  const TicketId twin = world.new_ticket("VPN kastar ut mig", "Felkod 809 i Gävle.");
  const TicketId asked = world.new_ticket("Felkod 809 från VPN", "Den går inte i Gävle.");
  const auto found = similar(world.agent, asked);
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found.front(), twin.value);
  EXPECT_THAT(found, testing::Not(testing::Contains(asked.value)));
  EXPECT_LE(found.size(), 10U);
}

TEST_F(SimilarTickets, AnotherTenantsAreFoundOnlyByWhoWorksForAll) {
  const TicketId ours = ticket_of(world.user, "Ljusbågen i trafohuset");
  const TicketId theirs = ticket_of(world.other_tenant, "Ljusbågen i trafohuset");
  EXPECT_THAT(similar(world.agent, ours), testing::ElementsAre(theirs.value));
  Principal bea = world.agent;
  bea.tenant = "beta";
  EXPECT_THAT(similar(bea, theirs), testing::IsEmpty());
  for (const TicketId id : {ours, TicketId{987654}}) {
    EXPECT_EQ(
        world.store.run(bea, [&](Tx& tx) { return desk::similar_tickets(tx, id); }).error().kind,
        ProblemKind::not_found);
  }
  EXPECT_EQ(world.store.run(world.user, [&](Tx& tx) { return desk::similar_tickets(tx, ours); })
                .error()
                .kind,
            ProblemKind::forbidden);
}

TEST_F(SimilarTickets, WordsLikeOperatorsOrNoneAtAllDoNoHarm) {
  for (const char* subject : {"\"NEAR(10 OR * : ^", "!!!", "-- ; DROP", "a", "😀"}) {
    const TicketId ticket = ticket_of(world.user, subject);
    similar(world.agent, ticket);
  }
}

}  // namespace
}  // namespace ombud::test
