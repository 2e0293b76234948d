// Files that were added to a ticket first, and are sent with a message then.
#include <gmock/gmock.h>

#include "base/bytes.hpp"
#include "desk/ticket_people.hpp"
#include "store/outbox.hpp"
#include "store/projection.hpp"
#include "support/desk_world.hpp"

namespace ombud::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

struct Uploads : testing::Test {
  Uploads() { bytes_init(); }
  ~Uploads() override {
    const auto differences =
        world.store.run(world.system, [](Tx& tx) { return verify_projection(tx); });
    EXPECT_THAT(differences, IsEmpty());
  }
  DeskWorld world;
  TicketId ticket = world.new_ticket();

  AttachmentId attach(const Principal& who, bool internal = false, TicketId to = {}) {
    const TicketId into = to.value == 0 ? ticket : to;
    return world.store
        .run(who,
             [&](Tx& tx) {
               return desk::attach(tx, into, {"a.txt", "text/plain", 1, std::string(64, 'a')},
                                   internal);
             })
        .value()
        .id;
  }
  Result<Message> reply(const Principal& who, std::vector<AttachmentId> files) {
    return world.store.run(who, [&](Tx& tx) {
      desk::Reply request;
      request.ticket = ticket;
      request.text = "Se bilagan";
      request.uploaded = std::move(files);
      return desk::reply(tx, request);
    });
  }
  Result<Message> note(std::vector<AttachmentId> files) {
    return world.store.run(world.agent,
                           [&](Tx& tx) { return desk::note(tx, ticket, "Se", {}, files); });
  }
  Attachment file(AttachmentId id) {
    return world.store.run(world.agent, [&](Tx& tx) { return find_attachment(tx, id); }).value();
  }
  void refused(const Result<Message>& answer, const std::string& why) {
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ProblemKind::invalid);
    EXPECT_THAT(answer.error().fields.at(0).detail, HasSubstr(why));
  }
};

TEST_F(Uploads, BelongToTheMessageThatTheyAreSentWith) {
  const AttachmentId mine = attach(world.user), answer = attach(world.agent),
                     inside = attach(world.agent, true);
  const auto said = reply(world.user, {mine});
  ASSERT_TRUE(said) << said.error().detail;
  EXPECT_EQ(file(mine).message, said->id);
  EXPECT_EQ(file(answer).message.value, 0);
  EXPECT_EQ(file(answer).message.value, 0);
  const auto answered = reply(world.agent, {answer});
  ASSERT_TRUE(answered) << answered.error().detail;
  EXPECT_EQ(file(answer).message, answered->id);
  const auto noted = note({inside});
  ASSERT_TRUE(noted) << noted.error().detail;
  EXPECT_EQ(file(inside).message, noted->id);
  EXPECT_EQ(file(inside).visibility, Visibility::internal);
}

TEST_F(Uploads, GoWithTheWordsThatSolveTheTicket) {
  const AttachmentId guide = attach(world.agent), secret = attach(world.agent, true);
  const auto resolve = [&](const std::string& text, const std::vector<AttachmentId>& files) {
    return world.store.run(world.agent,
                           [&](Tx& tx) { return desk::resolve(tx, ticket, text, files); });
  };
  EXPECT_EQ(resolve(" ", {guide}).error().fields.at(0).pointer, "/text");
  EXPECT_EQ(resolve("Se", {guide, secret}).error().fields.at(0).pointer, "/attachments/1");
  EXPECT_EQ(resolve("Se", {guide, guide}).error().fields.at(0).pointer, "/attachments/1");
  EXPECT_EQ(world.view(world.agent, ticket).ticket.status, TicketStatus::fresh);
  const auto solved = resolve("Se guiden.", {guide});
  ASSERT_TRUE(solved) << solved.error().detail;
  EXPECT_EQ(solved->status, TicketStatus::resolved);
  EXPECT_EQ(file(guide).message, world.view(world.user, ticket).messages.back().id);
  EXPECT_EQ(file(secret).message.value, 0);
}

TEST_F(Uploads, OfOthersUsedOnesAndThoseForOtherEyesAreRefused) {
  const TicketId other = world.new_ticket();
  world.store
      .run(world.agent,
           [&](Tx& tx) {
             return desk::add_participant(tx, {ticket, world.colleague.person, "", ""});
           })
      .value();
  const AttachmentId mine = attach(world.user), hers = attach(world.colleague),
                     inside = attach(world.agent, true),
                     elsewhere = attach(world.user, false, other);
  refused(reply(world.user, {hers}), "somebody else");
  refused(reply(world.user, {elsewhere}), "no such file");
  refused(reply(world.user, {inside}), "no such file");
  refused(reply(world.user, {{987654}}), "no such file");
  refused(reply(world.user, {mine, mine}), "twice");
  refused(reply(world.agent, {inside}), "for the desk only");
  refused(note({attach(world.agent)}), "seen by the user");
  ASSERT_TRUE(reply(world.user, {mine}));
  refused(reply(world.user, {mine}), "another message");
}

TEST_F(Uploads, ForASupplierLeaveBehindTheirMessageAndBelongToItsLeg) {
  const Delegation leg = world.delegate(ticket);
  world.done(world.claim().at(0), "R-1");
  const AttachmentId plan = attach(world.agent, true);
  const auto told = world.store.run(
      world.agent, [&](Tx& tx) { return desk::message_supplier(tx, leg.id, "Se planen", {plan}); });
  ASSERT_TRUE(told) << told.error().detail;
  EXPECT_EQ(file(plan).message, told->id);
  EXPECT_EQ(file(plan).delegation, leg.id);
  EXPECT_EQ(file(plan).visibility, Visibility::supplier);
  const auto comment = world.claim();
  ASSERT_EQ(comment.size(), 1U);
  EXPECT_EQ(comment[0].op, "add_comment");
  world.done(comment[0], "C-1");
  const auto sent = world.claim();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].op, "add_attachment");
  EXPECT_THAT(sent[0].body, HasSubstr("a.txt"));
  for (const Attachment& seen : world.view(world.user, ticket).attachments) {
    EXPECT_NE(seen.id, plan);
  }
}

TEST(UploadsUnderAnAgreement, ThatSharesNoFilesDoNotLeave) {
  bytes_init();
  DeskWorld world({"subject", "description"});
  const TicketId ticket = world.new_ticket();
  const Delegation leg = world.delegate(ticket);
  const auto plan = world.store.run(world.agent, [&](Tx& tx) {
    return desk::attach(tx, ticket, {"a.txt", "", 1, std::string(64, 'a')}, true);
  });
  const auto told = world.store.run(world.agent, [&](Tx& tx) {
    return desk::message_supplier(tx, leg.id, "Se planen", {plan->id});
  });
  ASSERT_FALSE(told);
  EXPECT_THAT(told.error().fields.at(0).detail, HasSubstr("shares no attachments"));
}

}  // namespace
}  // namespace ombud::test
