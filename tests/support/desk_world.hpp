// A small provider for tests: two customers, three people, a service, a supplier with an agreement.
#pragma once

#include <string>

#include "desk/delegations.hpp"
#include "desk/tickets.hpp"
#include "domain/principal.hpp"
#include "store/directory.hpp"
#include "support/memory_store.hpp"

namespace ombud::test {

// A clock that is set by hand.
class HandClock final : public Clock {
 public:
  Instant now() const override { return now_; }
  void set(Instant at) { now_ = at; }
  void advance(Millis by) { now_ += by; }

 protected:
  void arm(net::steady_timer&, Instant) override {}
  void disarm(net::steady_timer&) override {}

 private:
  Instant now_ = instant_of(1'795'000'000'000);
};

struct DeskWorld {
  HandClock clock;
  SeededRandom random{1};
  MemoryStore store{clock, random};
  Principal system = system_principal("test");
  Principal agent;         // Anna at the desk
  Principal user;          // Erik at Alfa
  Principal colleague;     // Maja at Alfa
  Principal other_tenant;  // Otto at Beta
  AgreementId agreement;

  explicit DeskWorld(std::vector<std::string> share = {"subject", "description", "priority",
                                                       "messages", "attachments"}) {
    agent.role = Role::agent;
    agent.agent = "anna";
    agent.name = "Anna";
    store.run(system, [&](Tx& tx) {
      put_desk_identity(tx, {"Servicedesk", "desk@provider.example"});
      put_agent(tx, {"anna", "Anna Agent", "anna@provider.example", "desk"});
      put_customer(tx, {"alfa", "Alfa AB", {"alfa.example"}, "sv"});
      put_customer(tx, {"beta", "Beta AB", {"beta.example"}, "en"});
      user = person(tx, "alfa", "Erik Ek", "erik.ek@alfa.example", "+46 70-123 45 67");
      colleague = person(tx, "alfa", "Maja Malm", "maja@alfa.example", "");
      other_tenant = person(tx, "beta", "Otto Ob", "otto@beta.example", "");
      put_service(tx, {"printing", "Utskrift", {"skrivare", "printer"}});
      sync_links(tx,
                 {{"nordprint", "supplier", "Nordprint AB", "rest", true, "open", "", {}, "", {}},
                  {"desk-mail", "notices", "Users", "email", true, "open", "", {}, "", {}}});
      Agreement a;
      a.customer = "alfa";
      a.link = "nordprint";
      a.services = {"printing"};
      a.share = std::move(share);
      a.valid_from = clock.now() - Millis{1};
      agreement = put_agreement(tx, a);
      return true;
    });
  }

  static Principal person(Tx& tx, const std::string& customer, const std::string& name,
                          const std::string& email, const std::string& phone) {
    Principal who;
    who.role = Role::user;
    who.tenant = customer;
    who.person =
        put_person(tx, {{}, customer, name, email, phone, customer == "beta" ? "en" : "sv", false});
    who.name = name;
    return who;
  }

  TicketId new_ticket(const std::string& subject = "Skrivare trasig",
                      const std::string& text = "Den drar inte papper.") {
    return store
        .run(user,
             [&](Tx& tx) {
               desk::Register request;
               request.subject = subject;
               request.text = text;
               return desk::register_ticket(tx, request);
             })
        .value()
        .id;
  }

  Delegation delegate(TicketId ticket, const std::string& brief = "") {
    return store
        .run(agent,
             [&](Tx& tx) {
               desk::Delegate request;
               request.ticket = ticket;
               request.brief = brief;
               return desk::delegate(tx, request);
             })
        .value();
  }

  // Claims what is due on a link, and finishes the head as the supplier would.
  std::vector<Delivery> claim(const std::string& link = "nordprint") {
    return store.run(
        system, [&](Tx& tx) { return ombud::claim(tx, link, clock.now() + Millis{60'000}, 16); });
  }
  void done(const Delivery& delivery, const std::string& external_id) {
    store.run(system, [&](Tx& tx) {
      const bool kept = finish(tx, delivery, {Finish::done, {}, external_id, "", false});
      if (kept) desk::delivered(tx, delivery, external_id, "", {});
      return kept;
    });
  }
  desk::Applied change(const std::string& json, desk::AttachmentBytes bytes = {}) {
    const auto document = json::parse(json).value();
    return store
        .run(system,
             [&](Tx& tx) { return desk::apply_change(tx, "nordprint", document.root(), bytes); })
        .value();
  }
  // Takes what is held and waits for nothing any more; how many.
  int take_held() {
    return store.run(system, [](Tx& tx) { return desk::take_held(tx, "nordprint"); }).taken;
  }
  desk::TicketView view(const Principal& who, TicketId ticket) {
    return store.run(who, [&](Tx& tx) { return desk::show(tx, ticket); }).value();
  }
};

}  // namespace ombud::test
