// Templates: what may stand in them, and how their gaps are filled.
#include <gmock/gmock.h>

#include "base/bytes.hpp"
#include "desk/limits.hpp"
#include "desk/templates.hpp"
#include "desk/views.hpp"
#include "support/desk_world.hpp"

namespace ombud::test {
namespace {

using testing::HasSubstr;

struct Templates : testing::Test {
  Templates() { bytes_init(); }
  DeskWorld world;

  Result<Template> save(const std::string& text, const std::string& audience = "user",
                        const std::string& name = "Hej") {
    return world.store.run(world.agent, [&](Tx& tx) {
      return desk::save_template(tx, {{}, name, "sv", audience, text, "{}"});
    });
  }
  std::string rendered(const std::string& text, TicketId ticket) {
    const auto saved = save(text, "user", "Mall " + std::to_string(++made_));
    if (!saved) return "refused: " + saved.error().fields.at(0).detail;
    return world.store
        .run(world.agent, [&](Tx& tx) { return desk::render_template(tx, saved->id, ticket); })
        .value();
  }

 private:
  int made_ = 0;
};

TEST_F(Templates, GapsAreFilledFromTicketUserAndAgent) {
  const TicketId ticket = world.new_ticket();
  EXPECT_EQ(rendered("Hej {{user.name}}! {{ ticket.reference }}: {{ticket.subject}}. "
                     "{{agent.name}}, {{desk.name}}, {{customer.name}}, {{ticket.service}}",
                     ticket),
            "Hej Erik Ek! OMB-1: Skrivare trasig. Anna Agent, Servicedesk, Alfa AB, Utskrift");
}

TEST_F(Templates, BracesThatAreNoGapAreText) {
  const TicketId ticket = world.new_ticket("{{agent.name}} {{{{", "x");
  EXPECT_EQ(rendered("{{ticket.subject}}", ticket), "{{agent.name}} {{{{")
      << "what stands in a name is never a gap";
  for (const char* text : {"{{", "}}", "{{}}", "{{ }}", "{{x", "{ {user.name} }", "{{user name}}",
                           "{{USER.NAME}}", "{% if x %}", "{{{{{{", "a {{ ansible_var }} b"}) {
    EXPECT_EQ(rendered(text, ticket), text);
  }
  EXPECT_EQ(rendered("{{{ticket.reference}}}", ticket), "{OMB-1}");
  EXPECT_EQ(rendered("{{x {{ticket.reference}}", ticket), "{{x OMB-1");
}

TEST_F(Templates, AGapThatNobodyCanFillIsRefusedByName) {
  const auto refused = save("Hej {{user.shoe_size}}");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().fields.at(0).detail, HasSubstr("{{user.shoe_size}}"));
  EXPECT_THAT(refused.error().fields.at(0).detail, HasSubstr("user.name"));
  EXPECT_FALSE(save(std::string(desk::kTemplateBytesMax + 1, 'x')));
  EXPECT_FALSE(save("\xC3\x28"));
}

TEST_F(Templates, WhatGoesToASupplierNamesNothingThatAnAgreementMayWithhold) {
  for (const char* gap :
       {"user.name", "user.email", "user.phone", "customer.name", "ticket.subject", "agent.name"}) {
    EXPECT_FALSE(save(std::string("{{") + gap + "}}", "supplier")) << gap;
  }
  EXPECT_TRUE(save("Om {{ticket.reference}}: hör av er till {{desk.email}}.", "supplier"));
}

TEST_F(Templates, ANameStandsOnceForALanguageAndAnAudience) {
  const auto first = save("a");
  ASSERT_TRUE(first);
  EXPECT_EQ(save("b").error().kind, ProblemKind::conflict);
  EXPECT_TRUE(save("b", "internal"));
  const auto again = world.store.run(world.agent, [&](Tx& tx) {
    return desk::save_template(tx, {first->id, "Hej", "sv", "user", "c", "{}"});
  });
  EXPECT_TRUE(again) << "itself may keep its name";
}

TEST_F(Templates, AnotherTenantsTicketFillsNoGap) {
  const auto saved = save("{{user.name}}");
  const TicketId ticket = world.new_ticket();
  Principal bea = world.agent;
  bea.tenant = "beta";
  const auto render = [&](const Principal& who, TicketId id) {
    return world.store.run(who, [&](Tx& tx) { return desk::render_template(tx, saved->id, id); });
  };
  EXPECT_EQ(render(bea, ticket).error().fields.at(0).detail,
            render(bea, {987}).error().fields.at(0).detail);
  EXPECT_EQ(render(world.user, ticket).error().kind, ProblemKind::forbidden);
  const auto written = world.store.run(bea, [&](Tx& tx) {
    return desk::save_template(tx, {{}, "B", "sv", "user", "x", "{}"});
  });
  EXPECT_EQ(written.error().kind, ProblemKind::forbidden) << "templates are the whole desk's";
}

TEST_F(Templates, AViewIsItsOwnersAndASharedOneEverybodysToRead) {
  Principal bo = world.agent, bea = world.agent;
  bo.agent = "bo";
  bea.tenant = "beta";
  bea.agent = "bea";
  bea.role = Role::lead;
  world.agent.role = Role::lead;
  const auto save_view = [&](const Principal& who, SavedView view) {
    return world.store.run(who, [&](Tx& tx) { return desk::save_view(tx, view); });
  };
  const auto seen = [&](const Principal& who) {
    return world.store.run(who, [&](Tx& tx) { return desk::saved_views(tx); }).value().size();
  };
  const auto own = save_view(world.agent, {{}, "", "Mina", false, "{}"});
  const auto shared = save_view(world.agent, {{}, "", "Alfa AB", true, "{}"});
  ASSERT_TRUE(own && shared);
  EXPECT_EQ(seen(world.agent), 2U);
  EXPECT_EQ(seen(bo), 1U);
  EXPECT_EQ(seen(bea), 0U) << "its name may tell of another customer";
  EXPECT_EQ(save_view(bo, {own->id, "", "x", false, "{}"}).error().kind, ProblemKind::not_found);
  EXPECT_EQ(save_view(bo, {shared->id, "", "x", false, "{}"}).error().kind, ProblemKind::forbidden);
  EXPECT_EQ(save_view(bea, {shared->id, "", "x", false, "{}"}).error().kind,
            ProblemKind::not_found);
  EXPECT_EQ(save_view(bea, {{}, "", "x", true, "{}"}).error().kind, ProblemKind::forbidden);
  EXPECT_EQ(save_view(bo, {{}, "", "x", true, "{}"}).error().kind, ProblemKind::forbidden)
      << "leads share views";
  EXPECT_EQ(save_view(world.user, {{}, "", "x", false, "{}"}).error().kind, ProblemKind::forbidden);
  EXPECT_FALSE(save_view(world.agent, {{}, "", " ", false, "{}"}));
  const auto remove = [&](const Principal& who, ViewId id) {
    return world.store.run(who, [&](Tx& tx) { return desk::remove_view(tx, id); });
  };
  EXPECT_FALSE(remove(bo, own->id));
  EXPECT_TRUE(remove(world.agent, own->id));
  EXPECT_EQ(remove(world.agent, own->id).error().kind, ProblemKind::not_found);
}

}  // namespace
}  // namespace ombud::test
