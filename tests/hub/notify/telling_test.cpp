// What the log says is told once to each whom it concerns, in his own thread, in the desk's name.
#include "notify/telling.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "desk/approvals.hpp"
#include "desk/leaving.hpp"
#include "desk/rearrange.hpp"
#include "desk/ticket_people.hpp"
#include "notify/preferences.hpp"
#include "store/identity.hpp"
#include "store/outbox.hpp"
#include "support/desk_world.hpp"
#include "support/tell.hpp"

namespace ombud::notify {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class Telling : public ::testing::Test {
 protected:
  // "address kind" of each mail so far, oldest first.
  std::vector<std::string> mails() {
    std::vector<std::string> all;
    for (const Delivery& mail : deliveries()) {
      const auto body = json::parse(mail.body).value();
      all.push_back(std::string(body["to"]["address"].text()) + " " +
                    std::string(body["kind"].text()));
    }
    return all;
  }
  std::vector<Delivery> deliveries() {
    tell();
    DeliveryFilter filter;
    filter.link = "desk-mail";
    auto all = world.store.run(
        world.system, [&](Tx& tx) { return list_deliveries(tx, filter, std::nullopt, 1000); });
    std::reverse(all.begin(), all.end());
    return all;
  }
  std::vector<PersonId> tell(int events_max = 200) {
    return test::tell_people(world.store, "https://desk.example", events_max);
  }
  void as(const Principal& who, const std::function<void(Tx&)>& work) {
    world.clock.advance(Millis{5});
    world.store.run(who, [&](Tx& tx) { return work(tx), true; });
  }
  void reply(TicketId ticket, const std::string& text, std::optional<TicketStatus> status = {}) {
    as(world.agent, [&](Tx& tx) {
      desk::Reply said;
      said.ticket = ticket;
      said.text = text;
      said.status = status;
      ASSERT_TRUE(desk::reply(tx, said));
    });
  }
  void add(TicketId ticket, const Principal& who) {
    as(world.agent, [&](Tx& tx) {
      ASSERT_TRUE(desk::add_participant(tx, {ticket, who.person, "", ""}));
    });
  }
  // An order of Erik's, which Maja is asked about.
  TicketId order() {
    as(world.system, [&](Tx& tx) { set_approver(tx, world.colleague.person, true); });
    desk::Register request;
    request.subject = "Ny skärm";
    request.kind = TicketKind::order;
    TicketId ticket;
    as(world.user, [&](Tx& tx) { ticket = desk::register_ticket(tx, request).value().id; });
    as(world.agent, [&](Tx& tx) {
      if (find_ticket(tx, ticket)->waits_for_approval()) return;
      ASSERT_TRUE(desk::ask_approval(tx, ticket));
    });
    return ticket;
  }
  void decide(TicketId ticket, bool yes, const std::string& comment) {
    Principal who = world.colleague;
    who.role = Role::approver;
    as(who, [&](Tx& tx) {
      const desk::Decision decision{ticket, yes, comment};
      ASSERT_TRUE(desk::decide(tx, decision));
    });
  }
  void choose(const Principal& who, const Preferences& chosen) {
    as(world.system, [&](Tx& tx) { ASSERT_TRUE(notify::choose(tx, who.person, chosen)); });
  }
  // As the notifier decides at one moment, to be carried out later.
  Plan planned() {
    const Desk desk{test::letters(), test::signing_key(), {}, "https://desk.example"};
    return world.store.run(world.system, [&](Tx& tx) { return plan(tx, desk, 100); });
  }
  void carry_out_late(const Plan& late) {
    as(world.system, [&](Tx& tx) { notify::carry_out(tx, late); });
  }
  void erase(const Principal& who) {
    as(world.system, [&](Tx& tx) { ASSERT_TRUE(desk::erase_person(tx, who.person)); });
  }
  std::vector<Notification> portal(const Principal& who) {
    tell();
    return world.store.run(world.system, [&](Tx& tx) {
      return notifications_of(tx, who.person, false, std::nullopt, 100);
    });
  }

  Instant next_due() {
    return world.store.run(world.system, [](Tx& tx) { return next_due_notification(tx); });
  }

  const std::string erik = "erik.ek@alfa.example ", maja = "maja@alfa.example ";
  test::DeskWorld world;
};

TEST_F(Telling, AReceiptAndAnAnswerStandInOneThread) {
  const TicketId ticket = world.new_ticket();
  reply(ticket, "Vi tittar på det.");
  const auto all = deliveries();
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_EQ(all[0].op, "put_ticket");
  EXPECT_EQ(all[1].op, "add_comment");
  EXPECT_EQ(all[0].lane.id, all[1].lane.id);
  EXPECT_THAT(all[1].body, AllOf(HasSubstr("Vi tittar på det."), HasSubstr("Servicedesk"),
                                 Not(HasSubstr("Anna"))));
  EXPECT_THAT(all[1].body, HasSubstr("https://desk.example/notifications?token="));
}

TEST_F(Telling, NobodyIsToldOfHisOwnDoingUnderWhicheverIdentity) {
  // Anna of the desk is Maja of alfa by her account; Erik works at beta too, by his address.
  as(world.system, [&](Tx& tx) {
    Account account;
    account.email = "anna@desk.example";
    account.name = "Anna";
    account.staff.emplace();
    account.staff->agent = world.agent.agent;
    account.staff->role = Role::agent;
    put_membership(tx, add_account(tx, account), {"alfa", "", world.colleague.person, Role::user});
  });
  Principal erik_at_beta;
  as(world.system, [&](Tx& tx) {
    erik_at_beta = test::DeskWorld::person(tx, "beta", "Erik", "erik.ek@alfa.example", "");
  });
  const TicketId ticket = world.new_ticket();
  add(ticket, world.colleague);
  EXPECT_THAT(mails(), ElementsAre(erik + "registered"));  // Anna added herself
  reply(ticket, "Vi tittar på det.");
  EXPECT_THAT(mails(), ElementsAre(erik + "registered", erik + "replied"));
  as(world.system, [&](Tx& tx) {
    EXPECT_THAT(people_behind(tx, world.user.actor()),
                ::testing::UnorderedElementsAre(world.user.person, erik_at_beta.person));
    EXPECT_THAT(people_behind(tx, "system:notify"), IsEmpty());
    EXPECT_THAT(people_behind(tx, "customer:alfa:"), IsEmpty());
  });
}

TEST_F(Telling, IsNotDoneAgainHoweverOftenTheLogIsRead) {
  reply(world.new_ticket(), "Hej");
  const auto before = mails();
  world.store.run(world.system, [](Tx& tx) { return set_notify_cursor(tx, kTicketLog, 0), true; });
  EXPECT_EQ(mails(), before);
}

TEST_F(Telling, GoesOnWhereItWasAlsoOneEventAtATime) {
  const TicketId ticket = world.new_ticket();
  add(ticket, world.colleague);
  reply(ticket, "Vad står det på skärmen?", TicketStatus::waiting_user);
  as(world.agent, [&](Tx& tx) { ASSERT_TRUE(desk::resolve(tx, ticket, "Omstartad.")); });
  tell(1);
  EXPECT_THAT(mails(), ElementsAre(erik + "registered", maja + "added", erik + "waiting_for_you",
                                   maja + "waiting_for_you", erik + "solved", maja + "solved"));
}

TEST_F(Telling, APlanIsVoidIfTheLogWasToldMeanwhile) {
  const Desk desk{test::letters(), test::signing_key(), {}, ""};
  world.new_ticket();
  const Plan planned = world.store.run(world.system, [&](Tx& tx) { return plan(tx, desk, 10); });
  tell();
  world.store.run(world.system, [&](Tx& tx) { return carry_out(tx, planned), true; });
  EXPECT_THAT(mails(), ElementsAre(erik + "registered"));
}

TEST_F(Telling, WhoeverWasErasedSinceTheLetterWasWrittenDoesNotGetIt) {
  world.new_ticket();
  const Plan late = planned();
  ASSERT_THAT(late.tellings, SizeIs(1));
  EXPECT_THAT(late.tellings[0].letter.document, HasSubstr("erik.ek@alfa.example"));
  erase(world.user);
  carry_out_late(late);
  EXPECT_THAT(mails(), IsEmpty());
  EXPECT_THAT(portal(world.user), IsEmpty());
}

TEST_F(Telling, WhatWaitedForSomebodyGoesOutOnlyIfItWaitsStill) {
  Preferences nights, daily;
  nights.quiet = Quiet{0, 1439};
  daily.digest = Digest::daily;
  for (const Preferences& chosen : {nights, daily}) {
    const auto before = mails();
    choose(world.user, chosen);
    reply(world.new_ticket(), "Hej");
    tell();
    world.clock.set(next_due());
    const Plan late = planned();
    ASSERT_THAT(late.due, Not(IsEmpty()));
    Preferences none = chosen;
    for (const Kind kind : {Kind::registered, Kind::replied}) none.of(kind).mail = false;
    choose(world.user, none);
    carry_out_late(late);
    EXPECT_EQ(mails(), before);
  }
}

TEST_F(Telling, WhoeverWasErasedDoesNotGetWhatWaitedForHim) {
  Preferences nights;
  nights.quiet = Quiet{0, 1439};
  choose(world.user, nights);
  world.new_ticket();
  tell();
  world.clock.set(next_due());
  const Plan late = planned();
  ASSERT_THAT(late.due, SizeIs(1));
  erase(world.user);
  carry_out_late(late);
  EXPECT_THAT(mails(), IsEmpty());
}

TEST_F(Telling, EachTakesPartInAThreadOfHisOwn) {
  const TicketId ticket = world.new_ticket();
  add(ticket, world.colleague);
  reply(ticket, "Hej");
  const auto all = deliveries();
  ASSERT_THAT(all, SizeIs(4));
  EXPECT_NE(all[2].lane.id, all[3].lane.id);
  EXPECT_EQ(all[3].op, "add_comment");
  EXPECT_THAT(all[2].body, Not(HasSubstr("maja@")));
  EXPECT_THAT(all[3].body, Not(HasSubstr("erik.ek@")));
}

TEST_F(Telling, AnAnswerGoesToWhoeverWasTheRequesterWhenItWasGiven) {
  const TicketId ticket = world.new_ticket();
  const auto give_to = [&](const Principal& who) {
    desk::Change what;
    what.requester = who.person;
    as(world.agent, [&](Tx& tx) { ASSERT_TRUE(desk::change(tx, ticket, std::nullopt, what)); });
  };
  reply(ticket, "Till Erik.");
  give_to(world.colleague);
  reply(ticket, "Till Maja.");
  give_to(world.user);
  reply(ticket, "Till Erik igen.");
  EXPECT_THAT(mails(), ElementsAre(erik + "registered", erik + "replied", maja + "replied",
                                   erik + "replied"));
  const auto all = deliveries();
  EXPECT_THAT(all[1].body, HasSubstr("Till Erik."));
  EXPECT_THAT(all[2].body, AllOf(HasSubstr("Till Maja."), Not(HasSubstr("Till Erik"))));
}

TEST_F(Telling, NobodyIsToldWhatWasSaidBeforeTheTicketHadARequester) {
  TicketId ticket;
  as(world.agent, [&](Tx& tx) {
    desk::Register request;
    request.customer = "alfa";
    request.subject = "Någon ringde";
    request.channel = Channel::phone;
    ticket = desk::register_ticket(tx, request).value().id;
  });
  reply(ticket, "Till den som ringde.");
  desk::Change what;
  what.requester = world.user.person;
  as(world.agent, [&](Tx& tx) { ASSERT_TRUE(desk::change(tx, ticket, std::nullopt, what)); });
  EXPECT_THAT(mails(), IsEmpty());
}

TEST_F(Telling, NotesAndSuppliersWordsStayInside) {
  const TicketId ticket = world.new_ticket();
  as(world.agent, [&](Tx& tx) { ASSERT_TRUE(desk::note(tx, ticket, "INTERNAL", {})); });
  world.delegate(ticket);
  const auto made = world.claim();
  ASSERT_THAT(made, SizeIs(1));
  world.done(made[0], "NP-1");
  world.change(R"({"event_id":"e1","external_id":"NP-1","type":"comment",)"
               R"("comment":{"id":"c1","text":"SUPPLIER","public":true}})");
  for (const Delivery& mail : deliveries()) {
    EXPECT_THAT(mail.body, AllOf(Not(HasSubstr("INTERNAL")), Not(HasSubstr("SUPPLIER")),
                                 Not(HasSubstr("Nordprint"))));
  }
  EXPECT_THAT(mails(), ElementsAre(erik + "registered"));
}

TEST_F(Telling, ASolutionIsOneMailHoweverManyEventsItHas) {
  const TicketId ticket = world.new_ticket();
  as(world.agent, [&](Tx& tx) { ASSERT_TRUE(desk::resolve(tx, ticket, "Ny trumma.")); });
  as(world.user, [&](Tx& tx) { ASSERT_TRUE(desk::close(tx, ticket, "tack")); });
  EXPECT_THAT(mails(), ElementsAre(erik + "registered", erik + "solved"));
  EXPECT_THAT(deliveries()[1].body, HasSubstr("Ny trumma."));
}

TEST_F(Telling, ASolutionWithoutWordsAndAReopeningAreToldToo) {
  const TicketId ticket = world.new_ticket();
  as(world.agent, [&](Tx& tx) { ASSERT_TRUE(desk::resolve(tx, ticket, "")); });
  as(world.agent, [&](Tx& tx) { ASSERT_TRUE(desk::reopen(tx, ticket, "internal reason")); });
  EXPECT_THAT(mails(), ElementsAre(erik + "registered", erik + "solved", erik + "reopened"));
  EXPECT_THAT(deliveries()[2].body, Not(HasSubstr("internal reason")));
}

TEST_F(Telling, TheReceiptAnswersTheMailAndAQuietTicketHasNone) {
  desk::Register request;
  request.customer = "alfa";
  request.requester = world.user.person;
  request.subject = "Mejl";
  request.mail_message_id = "<m-1@alfa.example>";
  as(world.system, [&](Tx& tx) { ASSERT_TRUE(desk::register_ticket(tx, request)); });
  request.quiet = true;
  as(world.system, [&](Tx& tx) { ASSERT_TRUE(desk::register_ticket(tx, request)); });
  const auto all = deliveries();
  ASSERT_THAT(all, SizeIs(1));
  EXPECT_THAT(all[0].body, HasSubstr(R"("in_reply_to":"<m-1@alfa.example>")"));
  EXPECT_THAT(all[0].body, HasSubstr(R"("automatic":true)"));
}

TEST_F(Telling, WhatWaitsIsNotOvertakenWhenItsReaderMovesToAnotherZone) {
  AccountId account;
  as(world.system, [&](Tx& tx) {
    Account his;
    his.email = "erik@home.example";
    his.name = "Erik";
    his.zone = "Europe/Stockholm";
    account = add_account(tx, his);
    put_membership(tx, account, {"alfa", "", world.user.person, Role::user});
  });
  Preferences nights;
  nights.quiet = Quiet{20 * 60, 7 * 60};
  const TicketId ticket = world.new_ticket();
  tell();
  choose(world.user, nights);
  world.clock.set(parse_rfc3339("2026-11-18T20:30:00Z").value());
  reply(ticket, "Det första.");
  EXPECT_THAT(mails(), SizeIs(1));  // it waits until 06:00Z
  as(world.system, [&](Tx& tx) {
    Account his = *find_account(tx, account);
    his.zone = "Asia/Tokyo";  // where the night ends at 22:00Z
    update_account(tx, his);
  });
  reply(ticket, "Det andra.");
  EXPECT_THAT(mails(), SizeIs(1));
  world.clock.set(parse_rfc3339("2026-11-18T22:00:00Z").value());
  const auto all = deliveries();
  ASSERT_THAT(all, SizeIs(3));
  EXPECT_THAT(all[1].body, HasSubstr("Det första."));
  EXPECT_THAT(all[2].body, HasSubstr("Det andra."));
}

TEST_F(Telling, WhatIsReleasedFromADigestIsNotOvertaken) {
  Preferences digest;
  digest.digest = Digest::weekly;
  const TicketId ticket = world.new_ticket();
  tell();
  choose(world.user, digest);
  std::vector<TicketId> others;
  for (int i = 0; i < kDuePerRound + 10; ++i) others.push_back(world.new_ticket());
  reply(ticket, "Det första.");
  tell();
  as(world.system, [&](Tx& tx) {  // many wait before it
    for (int i = 0; i < kDuePerRound + 10; ++i) {
      Notification one;
      one.event = {1'000'000 + i};
      one.person = {5'000 + i};
      one.customer = "alfa";
      one.ticket = others[static_cast<std::size_t>(i)];
      one.kind = "replied";
      one.at = tx.at();
      one.mail = MailState::held;
      one.due_at = Instant{};
      add_notification(tx, one);
    }
  });
  choose(world.user, Preferences());
  reply(ticket, "Det andra.");
  const auto all = deliveries();
  std::string order;
  for (const Delivery& mail : all) {
    if (mail.body.find("Det första.") != std::string::npos) order += "1";
    if (mail.body.find("Det andra.") != std::string::npos) order += "2";
  }
  EXPECT_EQ(order, "12");
}

TEST_F(Telling, WhoeverWroteTheMergedTicketHearsOfTheSolution) {
  const TicketId ticket = world.new_ticket("Skrivare A");
  desk::Register request;
  request.subject = "Skrivare A igen";
  TicketId other;
  as(world.colleague, [&](Tx& tx) { other = desk::register_ticket(tx, request).value().id; });
  as(world.agent, [&](Tx& tx) { ASSERT_TRUE(desk::merge(tx, other, ticket)); });
  as(world.agent, [&](Tx& tx) { ASSERT_TRUE(desk::resolve(tx, ticket, "Klart.")); });
  EXPECT_THAT(mails(), ElementsAre(erik + "registered", maja + "registered", maja + "added",
                                   erik + "solved", maja + "solved"));
}

TEST_F(Telling, CopiesInASplitTicketAreNotSaidAgain) {
  const TicketId ticket = world.new_ticket();
  reply(ticket, "Två saker.");
  mails();
  as(world.agent, [&](Tx& tx) {
    desk::Split wanted{ticket, {}, "Den andra saken"};
    for (const Message& m : messages_of(tx, ticket)) wanted.messages.push_back(m.id);
    ASSERT_TRUE(desk::split(tx, wanted));
  });
  EXPECT_THAT(mails(), ElementsAre(erik + "registered", erik + "replied", erik + "registered"));
}

TEST_F(Telling, ApproversAreAskedAndTheDecisionIsToldWithItsReason) {
  const TicketId ticket = world.new_ticket();
  as(world.system, [&](Tx& tx) {
    event::ApprovalRequested asked;
    asked.asked = {world.colleague.person, world.user.person};
    append(tx, ticket, asked);
  });
  as(world.colleague, [&](Tx& tx) {
    append(tx, ticket, event::ApprovalDecided{false, world.colleague.person, "Vi har redan en."});
  });
  EXPECT_THAT(mails(), ElementsAre(erik + "registered", maja + "approval_needed",
                                   erik + "approval_needed", erik + "approval_decided"));
  EXPECT_THAT(deliveries()[3].body, HasSubstr("Vi har redan en."));
}

TEST_F(Telling, AnApproverReadsWhoAsksForWhatAndUntilWhen) {
  as(world.system, [&](Tx& tx) { set_approver(tx, world.colleague.person, true); });
  desk::Register request;
  request.subject = "Ny skärm";
  request.text = "Den gamla flimrar.";
  request.kind = TicketKind::order;
  as(world.user, [&](Tx& tx) { ASSERT_TRUE(desk::register_ticket(tx, request)); });
  request.subject = "Ny telefon";
  request.customer = "alfa";
  request.requester = world.user.person;
  request.channel = Channel::phone;
  as(world.agent, [&](Tx& tx) { ASSERT_TRUE(desk::register_ticket(tx, request)); });
  std::vector<std::string> asked;
  for (const Delivery& mail : deliveries()) {
    const auto body = json::parse(mail.body).value();
    if (body["kind"].text() != "approval_needed") continue;
    asked.emplace_back(body["text"].text());
    EXPECT_TRUE(body["automatic"].boolean(false));
  }
  ASSERT_THAT(asked, SizeIs(2));
  EXPECT_THAT(asked[0],
              AllOf(HasSubstr("Erik Ek vill göra en beställning"),
                    HasSubstr("Beställning: Ny skärm (OMB-1)"), HasSubstr("Svara gärna senast: "),
                    HasSubstr("Den gamla flimrar."), Not(HasSubstr("Till: "))));
  EXPECT_THAT(asked[1], AllOf(HasSubstr("har registrerat en beställning åt Erik Ek"),
                              HasSubstr("Till: Erik Ek"), Not(HasSubstr("Anna"))));
}

TEST_F(Telling, WhoeverOrderedReadsWhoDecidedAndWhy) {
  const TicketId ticket = order();
  decide(ticket, false, "Vi har redan en.");
  const auto no = json::parse(deliveries().back().body).value();
  EXPECT_THAT(std::string(no["text"].text()),
              AllOf(HasSubstr("Maja Malm har inte godkänt beställning OMB-1"),
                    HasSubstr("Maja Malm skriver:\n\nVi har redan en.")));
  const TicketId next = order();
  decide(next, true, "");
  const auto yes = json::parse(deliveries().back().body).value();
  EXPECT_THAT(std::string(yes["text"].text()),
              HasSubstr("Maja Malm har godkänt beställning OMB-2"));
}

TEST_F(Telling, WhoeverOrderedReadsInWhosePlaceItWasDecided) {
  const TicketId ticket = order();
  PersonId eva;
  as(world.system, [&](Tx& tx) {
    eva = test::DeskWorld::person(tx, "alfa", "Eva Ed", "eva@alfa.example", "").person;
  });
  as(world.colleague, [&](Tx& tx) {
    append(tx, ticket, event::ApprovalDecided{true, world.colleague.person, "", eva});
  });
  const auto yes = json::parse(deliveries().back().body).value();
  EXPECT_THAT(std::string(yes["text"].text()),
              HasSubstr("Maja Malm (för Eva Ed) har godkänt beställning OMB-1"));
  EXPECT_THAT(std::string(yes["html"].text()),
              HasSubstr("<strong>Maja Malm</strong> (för Eva Ed) har godkänt"));
}

TEST_F(Telling, ANoIsToldOnceAndNotAsASolutionToo) {
  const TicketId ticket = order();
  decide(ticket, false, "Vi har redan en.");
  EXPECT_THAT(mails(), ElementsAre(erik + "registered", maja + "approval_needed",
                                   erik + "approval_decided"));
  EXPECT_THAT(portal(world.user), SizeIs(1));
  // The same word again, by itself, is told.
  as(world.agent, [&](Tx& tx) { ASSERT_TRUE(desk::reopen(tx, ticket, "")); });
  as(world.agent, [&](Tx& tx) { ASSERT_TRUE(desk::resolve(tx, ticket, "")); });
  EXPECT_EQ(mails().back(), erik + "solved");
}

TEST_F(Telling, AnswersGoToTheSignedAddressOfTheTicket) {
  const TicketId ticket = world.new_ticket();
  const Desk desk{test::letters(), test::signing_key(),
                  ReplyKey(std::string(ReplyKey::kBytes, 'r')), ""};
  world.store.run(world.system, [&](Tx& tx) {
    const Plan next = plan(tx, desk, 10);
    EXPECT_THAT(next.tellings, SizeIs(1));
    const auto mail = json::parse(next.tellings.at(0).letter.document).value();
    EXPECT_EQ(ticket_of_reply_address(desk.reply_key, mail["reply_to"].text()), ticket);
    return true;
  });
}

TEST_F(Telling, FilesOfAnAnswerGoWithItOrAreALinkIfTheyAreTooLarge) {
  const TicketId ticket = world.new_ticket();
  as(world.agent, [&](Tx& tx) {
    desk::Reply said;
    said.ticket = ticket;
    said.text = "Se bilagorna.";
    said.attachments = {{"a.pdf", "application/pdf", 600, "aa"},
                        {"b.pdf", "application/pdf", 600, "bb"},
                        {"c.txt", "text/plain", 300, "cc"}};
    ASSERT_TRUE(desk::reply(tx, said));
    ASSERT_TRUE(desk::note(tx, ticket, "Internt", {{"secret.txt", "text/plain", 1, "dd"}}));
  });
  Desk desk{test::letters(), test::signing_key(), {}, "https://desk.example"};
  desk.files.bytes_max = 1'000;
  desk.files.url_of = [](AttachmentId file, Instant) {
    return "https://desk.example/files/" + std::to_string(file.value);
  };
  world.store.run(world.system, [&](Tx& tx) { return carry_out(tx, plan(tx, desk, 100)), true; });
  const Delivery mail = deliveries().back();
  EXPECT_EQ(mail.blob, "aa cc");
  const auto document = json::parse(mail.body).value();
  ASSERT_EQ(document["attachments"].size(), 2U);
  EXPECT_EQ(document["attachments"].at(1)["name"].text(), "c.txt");
  EXPECT_EQ(document["attachments"].at(1)["size"].integer(), 300);
  EXPECT_THAT(std::string(document["text"].text()),
              AllOf(HasSubstr("b.pdf"), HasSubstr("https://desk.example/files/"),
                    Not(HasSubstr("secret.txt"))));
}

TEST_F(Telling, WhoeverIsNamedInHisLanguageIsToldInIt) {
  TicketId ticket;
  desk::Register request;
  request.subject = "Printer";
  as(world.other_tenant, [&](Tx& tx) { ticket = desk::register_ticket(tx, request).value().id; });
  EXPECT_THAT(deliveries()[0].body, HasSubstr("We have received your ticket"));
}

TEST_F(Telling, TheLanguageThatSomebodyChoseGoesBeforeThatOfTheDirectory) {
  const std::string person = std::to_string(world.user.person.value);
  const std::string script =
      "INSERT INTO account (account_id, email, name, language, created_at)"
      " VALUES (901, 'erik@alfa.example', 'Erik', 'en', 0);"
      "INSERT INTO membership (account_id, customer_id, person_id, role)"
      " VALUES (901, 'alfa', " +
      person + ", 'user')";
  world.store.connection().execute_script(script.c_str());
  world.new_ticket();
  EXPECT_THAT(deliveries()[0].body,
              AllOf(HasSubstr("We have received your ticket"), HasSubstr(R"("language":"en")")));
  world.store.connection().execute_script("UPDATE account SET language = NULL");
  world.new_ticket();
  EXPECT_THAT(deliveries()[1].body, HasSubstr(R"("language":"sv")"));
}

TEST_F(Telling, ThePortalShowsWhatThePersonIsToldThere) {
  const TicketId ticket = world.new_ticket();
  reply(ticket, "Hej");
  const auto shown = portal(world.user);
  ASSERT_THAT(shown, SizeIs(1));  // the receipt is only mailed
  EXPECT_EQ(shown[0].kind, "replied");
  EXPECT_EQ(shown[0].ticket, ticket);
  EXPECT_FALSE(shown[0].read_at);
  EXPECT_THAT(portal(world.colleague), IsEmpty());
}

TEST_F(Telling, NothingIsToldTwiceIfNothingIsWanted) {
  Preferences chosen;
  for (Ways& ways : chosen.kinds) ways = {false, false};
  chosen.of(Kind::approval_needed).portal = true;
  chosen.of(Kind::replied) = {false, true};
  choose(world.user, chosen);
  const TicketId ticket = world.new_ticket();
  // A solution with words is an answer too: whoever wants answers gets it.
  as(world.agent, [&](Tx& tx) { ASSERT_TRUE(desk::resolve(tx, ticket, "Klart.")); });
  as(world.agent, [&](Tx& tx) { ASSERT_TRUE(desk::reopen(tx, ticket, "")); });
  as(world.agent, [&](Tx& tx) { ASSERT_TRUE(desk::resolve(tx, ticket, "")); });
  EXPECT_THAT(mails(), IsEmpty());
  EXPECT_THAT(portal(world.user), SizeIs(1));
}

TEST_F(Telling, QuietHoursHoldMailsInTheirOrder) {
  Preferences chosen;
  chosen.quiet = Quiet{0, 1439};  // all but the last minute of the day
  choose(world.user, chosen);
  const TicketId ticket = world.new_ticket();
  reply(ticket, "Första");
  EXPECT_THAT(mails(), IsEmpty());
  EXPECT_THAT(portal(world.user), SizeIs(1));  // the portal wakes nobody
  const Instant end =
      world.store.run(world.system, [](Tx& tx) { return next_due_notification(tx); });
  world.clock.set(end);
  reply(ticket, "Andra");  // after the end, before what waits was sent
  EXPECT_THAT(mails(), ElementsAre(erik + "registered", erik + "replied", erik + "replied"));
  EXPECT_THAT(deliveries()[1].body, HasSubstr("Första"));
  EXPECT_THAT(deliveries()[2].body, HasSubstr("Andra"));
}

TEST_F(Telling, WhoeverChoosesAnewGetsWhatWaitsBeforeWhatComes) {
  Preferences chosen;
  chosen.quiet = Quiet{0, 1439};
  choose(world.user, chosen);
  const TicketId ticket = world.new_ticket();
  tell();
  choose(world.user, {});
  reply(ticket, "Hej");
  EXPECT_THAT(mails(), ElementsAre(erik + "registered", erik + "replied"));
}

TEST_F(Telling, WhoeverWantsNoMailsAnyMoreGetsNotEvenThoseThatWait) {
  Preferences chosen;
  chosen.quiet = Quiet{0, 1439};
  choose(world.user, chosen);
  reply(world.new_ticket(), "Hej");
  tell();
  chosen.of(Kind::replied).mail = false;
  choose(world.user, chosen);
  EXPECT_THAT(mails(), ElementsAre(erik + "registered"));
  EXPECT_EQ(next_due(), kNever);
}

TEST_F(Telling, ADigestGathersWhatCanWait) {
  Preferences chosen;
  chosen.digest = Digest::daily;
  choose(world.user, chosen);
  const TicketId ticket = world.new_ticket();
  reply(ticket, "Första svaret");
  reply(world.new_ticket("Mus trasig"), "Andra svaret");
  reply(ticket, "Vilket rum?", TicketStatus::waiting_user);
  EXPECT_THAT(mails(), ElementsAre(erik + "waiting_for_you"));  // somebody waits for him
  world.clock.set(world.store.run(world.system, [](Tx& tx) { return next_due_notification(tx); }));
  const auto all = deliveries();
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_THAT(all[1].body, AllOf(HasSubstr("Första svaret"), HasSubstr("Andra svaret"),
                                 HasSubstr("Mus trasig"), Not(HasSubstr("Vilket rum?"))));
  EXPECT_EQ(all[1].lane.ticket.value, 0);
  EXPECT_EQ(world.store.run(world.system, [](Tx& tx) { return next_due_notification(tx); }),
            kNever);
}

TEST_F(Telling, WhoeverLeftTheTicketGetsNothingOfItThatWaited) {
  Preferences chosen;
  chosen.quiet = Quiet{0, 1439};
  choose(world.colleague, chosen);
  const TicketId ticket = world.new_ticket();
  add(ticket, world.colleague);
  reply(ticket, "Hemligt");
  tell();
  as(world.agent,
     [&](Tx& tx) { ASSERT_TRUE(desk::remove_participant(tx, ticket, world.colleague.person)); });
  world.clock.set(next_due());
  EXPECT_THAT(mails(), ElementsAre(erik + "registered", erik + "replied"));
  EXPECT_EQ(next_due(), kNever);
}

TEST_F(Telling, NobodyIsAskedLateForAYesThatIsNotHisToGive) {
  Preferences chosen;
  chosen.quiet = Quiet{0, 1439};
  choose(world.colleague, chosen);
  order();
  EXPECT_THAT(mails(), ElementsAre(erik + "registered"));
  EXPECT_NE(next_due(), kNever);
  as(world.system, [&](Tx& tx) { set_approver(tx, world.colleague.person, false); });
  world.clock.set(next_due());
  EXPECT_THAT(mails(), ElementsAre(erik + "registered"));
  EXPECT_EQ(next_due(), kNever);
}

TEST_F(Telling, ADigestLeavesOutTicketsThatThePersonLeft) {
  Preferences chosen;
  chosen.digest = Digest::daily;
  choose(world.colleague, chosen);
  const TicketId left = world.new_ticket("Hemligt"), kept = world.new_ticket("Mus trasig");
  for (const TicketId ticket : {left, kept}) add(ticket, world.colleague);
  tell();
  as(world.agent,
     [&](Tx& tx) { ASSERT_TRUE(desk::remove_participant(tx, left, world.colleague.person)); });
  world.clock.set(next_due());
  EXPECT_THAT(deliveries().back().body,
              AllOf(HasSubstr("maja@"), HasSubstr("Mus trasig"), Not(HasSubstr("Hemligt"))));
  EXPECT_EQ(next_due(), kNever);
}

TEST_F(Telling, WithoutAMailLinkOnlyThePortalIsLeft) {
  as(world.system, [](Tx& tx) { sync_links(tx, {}); });
  reply(world.new_ticket(), "Hej");
  EXPECT_THAT(portal(world.user), SizeIs(1));
  EXPECT_THAT(mails(), IsEmpty());
}

TEST_F(Telling, EventsOfANewerVersionAreLeftAlone) {
  const TicketId ticket = world.new_ticket();
  mails();
  world.store.connection().execute_script(
      "INSERT INTO event (ticket_id, version, customer_id, at, actor, type, data)"
      " VALUES (1, 99, 'alfa', 0, 'system:x', 'teleported', '{}'),"
      " (1, 100, 'alfa', 0, 'system:x', 'status_changed', '{\"status\":\"levitating\"}'),"
      " (777, 1, 'alfa', 0, 'system:x', 'status_changed', '{\"status\":\"closed\"}')");
  tell();
  EXPECT_THAT(mails(), ElementsAre(erik + "registered"));
  EXPECT_EQ(ticket.value, 1);
}

TEST_F(Telling, TheDeskSeesWhoWasToldByMailAndWhatCameOfIt) {
  const TicketId ticket = world.new_ticket();
  add(ticket, world.colleague);
  reply(ticket, "Hej");
  tell();
  const auto told = world.store.run(world.agent, [&](Tx& tx) { return told_by_mail(tx, ticket); });
  ASSERT_THAT(told, SizeIs(4));
  EXPECT_EQ(told[2].name, "Erik Ek");
  EXPECT_EQ(told[2].state, "waiting");  // behind the receipt
  EXPECT_EQ(told[0].state, "ready");
  EXPECT_EQ(told[2].event, told[3].event);
  Principal beta = world.agent;
  beta.tenant = "beta";
  EXPECT_THAT(world.store.run(beta, [&](Tx& tx) { return told_by_mail(tx, ticket); }), IsEmpty());
}

}  // namespace
}  // namespace ombud::notify
