// What a supplier announces comes once, reaches users only when the desk says so, and never turns
// into a loop.
#include <gmock/gmock.h>

#include "base/bytes.hpp"
#include "desk/supplier_notices.hpp"
#include "support/desk_world.hpp"

namespace ombud::test {
namespace {

using desk::Announced;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

struct Told {
  std::string id = "CHG-1", state = "announced", title = "Skrivarna nere", text = "Byte av server.";
  std::string updated_at = "2026-11-22T10:00:00Z", services = R"(["Utskrift"])", more = "";
};
std::string json_of(const Told& t) {
  json::Writer out;
  out.begin_object()
      .field("schema", "ombud.announcement/1")
      .field("remote_id", t.id)
      .field("kind", "maintenance")
      .field("state", t.state)
      .field("title", t.title)
      .field("text", t.text)
      .field("updated_at", t.updated_at)
      .field("starts_at", "2026-11-23T06:00:00Z");
  out.key("services").raw(t.services);
  std::string text = out.end_object().take();
  if (!t.more.empty()) text.insert(text.size() - 1, "," + t.more);
  return text;
}

struct Notices : testing::Test {
  Notices() { bytes_init(); }
  Result<Announced> take(const std::string& document, const std::string& link = "nordprint") {
    const auto parsed = json::parse(document).value();
    return world.store.run(
        world.system, [&](Tx& tx) { return desk::take_announcement(tx, link, parsed.root()); });
  }
  Announced told(const Told& t) { return take(json_of(t)).value(); }
  std::vector<desk::NoticeView> seen_by(const Principal& who) {
    return world.store.run(who, [](Tx& tx) { return desk::list_notices(tx, {}); }).value().notices;
  }
  NoticeId only() { return seen_by(world.agent).at(0).notice.id; }
  Result<desk::NoticeView> publish(const desk::Publish& request) {
    return world.store.run(world.agent, [&](Tx& tx) { return desk::publish_notice(tx, request); });
  }
  Result<desk::NoticeView> promote(const desk::Promote& request) {
    return world.store.run(world.agent, [&](Tx& tx) { return desk::promote_notice(tx, request); });
  }
  void policy(NoticePolicy policy) {
    world.store.run(world.system, [&](Tx& tx) {
      put_notice_policy(tx, "nordprint", policy);
      return true;
    });
  }
  // Beta has hired the same supplier for the same service.
  void beta_too() {
    world.store.run(world.system, [&](Tx& tx) {
      Agreement a = *find_agreement(tx, world.agreement);
      a.id = {};
      a.customer = "beta";
      put_agreement(tx, a);
      return true;
    });
  }
  std::vector<std::string> log_types(NoticeId id) {
    std::vector<std::string> types;
    const auto log =
        world.store.run(world.agent, [&](Tx& tx) { return desk::notice_log(tx, id); }).value();
    for (const NoticeEvent& event : log) types.push_back(event.type);
    return types;
  }
  std::vector<std::string> notes(TicketId ticket) {
    std::vector<std::string> words;
    for (const Message& m : world.view(world.agent, ticket).messages) {
      if (m.visibility == Visibility::internal) words.push_back(m.text);
    }
    return words;
  }
  DeskWorld world;
};

TEST_F(Notices, OneThatIsToldAgainAndAgainIsOneAndConcernsWhomTheAgreementsSay) {
  EXPECT_EQ(told({}), Announced::fresh);
  EXPECT_EQ(told({}), Announced::same);
  EXPECT_EQ(told({.updated_at = "2026-11-22T11:00:00Z"}), Announced::same) << "only its time moved";
  const auto all = seen_by(world.agent);
  ASSERT_THAT(all, SizeIs(1));
  EXPECT_EQ(all[0].notice.supplier, "Nordprint AB");
  EXPECT_EQ(all[0].notice.review, NoticeReview::fresh);
  ASSERT_THAT(all[0].customers, SizeIs(1)) << "beta has no agreement with it";
  EXPECT_EQ(all[0].customers[0].customer, "alfa");
  EXPECT_THAT(all[0].customers[0].services, ElementsAre("printing"));
  EXPECT_THAT(log_types(all[0].notice.id), ElementsAre("told"));
}

TEST_F(Notices, AnUpdateChangesTheSameOneAndOlderNewsThatComesLaterDoesNot) {
  told({});
  EXPECT_EQ(told({.state = "over", .updated_at = "2026-11-22T12:00:00Z"}), Announced::changed);
  EXPECT_EQ(told({.state = "ongoing", .updated_at = "2026-11-22T11:00:00Z"}), Announced::same)
      << "a poll that was overtaken by a push";
  const auto all = seen_by(world.agent);
  ASSERT_THAT(all, SizeIs(1));
  EXPECT_EQ(all[0].notice.told.state, NoticeState::over) << "and it stays readable";
  EXPECT_THAT(log_types(all[0].notice.id), ElementsAre("told", "told"));
}

TEST_F(Notices, UsersSeeNothingBeforeAnAgentPublishesAndThenOnlyTheWordsHeChose) {
  told({});
  EXPECT_THAT(seen_by(world.user), IsEmpty());
  const auto hidden =
      world.store.run(world.user, [&](Tx& tx) { return desk::show_notice(tx, NoticeId{1}); });
  EXPECT_EQ(hidden.error().kind, ProblemKind::not_found);
  ASSERT_TRUE(publish({only(), "Utskrift nere måndag", "Planera om.", {}}));
  const auto seen = seen_by(world.user);
  ASSERT_THAT(seen, SizeIs(1));
  EXPECT_EQ(seen[0].notice.told.title, "Utskrift nere måndag");
  EXPECT_EQ(seen[0].notice.told.text, "Planera om.");
  EXPECT_THAT(seen[0].notice.supplier, IsEmpty()) << "who does the work is the desk's business";
  EXPECT_TRUE(seen[0].notice.told.starts_at.has_value());
  EXPECT_THAT(seen_by(world.other_tenant), IsEmpty());

  told({.state = "over", .text = "Klart!", .updated_at = "2026-11-23T12:00:00Z"});
  const auto later = seen_by(world.user);
  EXPECT_EQ(later[0].notice.told.state, NoticeState::over) << "how far it is, is no one's prose";
  EXPECT_EQ(later[0].notice.told.text, "Planera om.");
  EXPECT_TRUE(seen_by(world.agent)[0].notice.news);

  ASSERT_TRUE(publish({only(), "Utskrift åter", {}, {}}));
  EXPECT_THAT(seen_by(world.user)[0].notice.told.text, IsEmpty()) << "no supplier's word beside it";
  ASSERT_TRUE(publish({only(), {}, {}, {}}));
  EXPECT_EQ(seen_by(world.user)[0].notice.told.text, "Klart!")
      << "its words, when an agent says so";

  const NoticeId id = only();
  world.store.run(world.agent, [&](Tx& tx) { return desk::dismiss_notice(tx, id, "klart"); });
  EXPECT_THAT(seen_by(world.user), IsEmpty());
  EXPECT_THAT(log_types(only()),
              ElementsAre("told", "published", "told", "published", "published", "dismissed"));
}

TEST_F(Notices, ALinkMayPublishByItselfButDoesNotOverruleAnAgent) {
  policy(NoticePolicy::publish);
  told({});
  EXPECT_EQ(seen_by(world.user).at(0).notice.told.text, "Byte av server.");
  told({.text = "Klart.", .updated_at = "2026-11-22T11:00:00Z"});
  EXPECT_EQ(seen_by(world.user).at(0).notice.told.text, "Klart.");
  ASSERT_TRUE(publish({only(), {}, "Vi har kollat: klart.", {}}));
  told({.text = "Nja.", .updated_at = "2026-11-22T12:00:00Z"});
  EXPECT_EQ(seen_by(world.user).at(0).notice.told.text, "Vi har kollat: klart.");
}

TEST_F(Notices, ALinkThatPublishesByItselfKeepsToTheCustomersThatAnAgentChose) {
  beta_too();
  policy(NoticePolicy::publish);
  told({});
  EXPECT_THAT(seen_by(world.other_tenant), SizeIs(1));
  EXPECT_FALSE(seen_by(world.agent).at(0).notice.news);
  ASSERT_TRUE(publish({only(), {}, {}, {"alfa"}}));
  EXPECT_THAT(seen_by(world.other_tenant), IsEmpty());
  told({.text = "Klart.", .updated_at = "2026-11-22T11:00:00Z"});
  EXPECT_EQ(seen_by(world.user).at(0).notice.told.text, "Klart.");
  EXPECT_THAT(seen_by(world.other_tenant), IsEmpty());
  EXPECT_TRUE(seen_by(world.agent).at(0).notice.news) << "beta is the desk's to decide";
}

TEST_F(Notices, AMajorIncidentHasThePublishedWordsOnlyWhereTheyWereShown) {
  beta_too();
  told({});
  ASSERT_TRUE(publish({only(), "Alfas skrivare nere", "Hos Alfa i Luleå.", {"alfa"}}));
  const auto made = promote({only(), "", {}, {}, ""});
  ASSERT_TRUE(made) << made.error().detail;
  ASSERT_THAT(made->customers, SizeIs(2));
  for (const NoticeCustomer& c : made->customers) {
    const bool alfa = c.customer == "alfa";
    const auto view = world.view(world.agent, c.ticket);
    EXPECT_EQ(view.ticket.subject, alfa ? "Alfas skrivare nere" : "Maintenance: Utskrift");
    bool told_where = false;
    for (const Message& m : view.messages) {
      const bool to_user = m.visibility == Visibility::user;
      told_where = told_where || (to_user && m.text.find("Luleå") != std::string::npos);
    }
    EXPECT_EQ(told_where, alfa) << c.customer;
  }
}

TEST_F(Notices, ALinkMayTakeNone) {
  policy(NoticePolicy::ignore);
  EXPECT_EQ(told({}), Announced::ignored);
  EXPECT_THAT(seen_by(world.agent), IsEmpty());
}

TEST_F(Notices, OurOwnTicketAtTheSupplierIsNone) {
  const TicketId ticket = world.new_ticket();
  world.delegate(ticket);
  const auto claimed = world.claim().at(0);
  EXPECT_EQ(told({.id = "x", .more = R"("correlation":")" + claimed.correlation + "\""}),
            Announced::ours);
  EXPECT_EQ(told({.id = "y", .more = R"("reference":")" + reference_of(ticket) + "\""}),
            Announced::ours);
  // Nobody knew yet that 4711 is ours; once the answer of the create has come, everybody does.
  EXPECT_EQ(told({.id = "4711"}), Announced::fresh);
  world.done(claimed, "4711");
  EXPECT_EQ(seen_by(world.agent).at(0).notice.review, NoticeReview::dismissed);
  EXPECT_EQ(told({.id = "4711", .title = "Ny"}), Announced::ours);
}

TEST_F(Notices, AMajorIncidentHasTheSuppliersWordsAsNotesAndIsNotHandedBack) {
  world.store.run(world.system, [&](Tx& tx) {
    Agreement a = *find_agreement(tx, world.agreement);
    a.delegate_automatically = true;
    put_agreement(tx, a);
    return true;
  });
  told({});
  const auto made = promote({only(), "", {}, {}, ""});
  ASSERT_TRUE(made) << made.error().detail;
  const TicketId ticket = made->customers.at(0).ticket;
  const auto view = world.view(world.agent, ticket);
  EXPECT_EQ(view.ticket.customer, "alfa");
  EXPECT_EQ(view.ticket.priority, Priority::urgent);
  EXPECT_EQ(view.ticket.subject, "Underhåll: Utskrift") << "the desk's words, not the supplier's";
  EXPECT_THAT(view.delegations, IsEmpty()) << "no loop, whatever the agreement does by itself";
  EXPECT_THAT(world.claim(), IsEmpty());
  EXPECT_THAT(notes(ticket), ElementsAre(HasSubstr("Byte av server.")));
  for (const Message& m : view.messages) {
    if (m.visibility != Visibility::internal) {
      EXPECT_THAT(m.text, Not(HasSubstr("server")));
    }
  }
  told({.state = "over", .text = "Klart.", .updated_at = "2026-11-22T12:00:00Z"});
  EXPECT_THAT(notes(ticket), ElementsAre(HasSubstr("Byte"), HasSubstr("Klart.")));
  EXPECT_EQ(promote({only(), "", {}, {}, ""}).error().kind, ProblemKind::conflict) << "only one";
  // An agent may hand it over all the same: to ask, for instance.
  EXPECT_EQ(world.delegate(ticket, "När är det klart?").link, "nordprint");
}

TEST_F(Notices, OneThatConcernsNobodyCanBeReadAndDismissedOnly) {
  world.store.run(world.system, [&](Tx& tx) {
    put_service(tx, {"vpn", "Fjärråtkomst", {}});
    return true;
  });
  told({.services = R"(["vpn"])"});
  EXPECT_THAT(publish({only(), {}, {}, {}}).error().detail, HasSubstr("concerns no customer"));
  EXPECT_EQ(promote({only(), "", {}, {}, ""}).error().kind, ProblemKind::conflict);
  EXPECT_EQ(publish({NoticeId{99}, {}, {}, {}}).error().kind, ProblemKind::not_found);
}

TEST_F(Notices, AServiceThatNobodyKnowsConcernsAllWhoHiredTheSupplier) {
  told({.services = R"(["Fax","Telex"])"});
  EXPECT_THAT(seen_by(world.agent).at(0).customers, SizeIs(1));
}

TEST_F(Notices, HostileDocumentsAreRefusedOrCutButNeverHarm) {
  for (const char* nonsense :
       {R"({})", R"({"remote_id":"","title":"x"})", R"({"remote_id":7,"title":"x"})",
        R"({"remote_id":"a"})", R"({"remote_id":"a","title":"\u0001 \n"})"}) {
    EXPECT_FALSE(take(nonsense)) << nonsense;
  }
  EXPECT_FALSE(take(R"({"title":"x","remote_id":")" + std::string(600, 'i') + "\"}"));
  const std::string huge(1 << 20, 'x');
  const Told odd{.title = huge,
                 .text = huge,
                 .services = "\"no list\"",
                 .more = R"("url":"javascript:alert","ends_at":"soon")"};
  ASSERT_TRUE(take(json_of(odd)));
  const Announcement kept = seen_by(world.agent).at(0).notice.told;
  EXPECT_EQ(kept.title.size(), kNoticeTitleBytesMax);
  EXPECT_EQ(kept.text.size(), kNoticeTextBytesMax);
  EXPECT_THAT(kept.url, IsEmpty());
  EXPECT_FALSE(kept.ends_at.has_value());
  EXPECT_THAT(take(json_of({}), "nobody").value(), Announced::ignored);
  // A feed that goes astray stops at a thousand that nobody has looked at.
  int taken = 1;
  for (int i = 0; i < 1100; ++i) taken += take(json_of({.id = std::to_string(i)})) ? 1 : 0;
  EXPECT_EQ(taken, 1000);
}

TEST_F(Notices, OnlyTheDeskDecides) {
  told({});
  const NoticeId id = only();
  const auto refused = world.store.run(world.user, [&](Tx& tx) {
    return desk::publish_notice(tx, {id, {}, {}, {}});
  });
  EXPECT_EQ(refused.error().kind, ProblemKind::forbidden);
  const auto stranger = publish({id, {}, {}, {"beta"}});
  EXPECT_THAT(stranger.error().fields.at(0).detail, HasSubstr("choose of: alfa"));
}

}  // namespace
}  // namespace ombud::test
