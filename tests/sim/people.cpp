#include "sim/people.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "desk/deliveries.hpp"
#include "desk/own_notices.hpp"
#include "desk/rearrange.hpp"
#include "desk/reconcile.hpp"
#include "desk/ticket_people.hpp"
#include "notify/limits.hpp"
#include "notify/preferences.hpp"
#include "store/directory.hpp"

namespace ombud::sim {
namespace {

constexpr Sql kTickets{"SELECT count(*) FROM ticket -- all tenants: test"};
constexpr Sql kDelegations{
    "SELECT delegation_id FROM delegation ORDER BY delegation_id -- all tenants: test"};
constexpr std::string_view kColleague = "maja@alfa.example";
constexpr std::string_view kThird = "ola@alfa.example";
constexpr int kManyPeople = notify::kPeoplePerRound * 5 / 2;
constexpr int kMailEvery = 40;
constexpr std::int64_t kSupplierPromiseMs = 8 * 3'600'000;

}  // namespace

People::People(World& world, SimStore& store, SimBlobs& blobs, Auditor& auditor)
    : world_(world),
      store_(store),
      blobs_(blobs),
      auditor_(auditor),
      system_(system_principal("setup")) {
  agent_.role = Role::agent;
  agent_.agent = "anna";
  agent_.name = "Anna";
  operator_.role = Role::operator_;
  operator_.agent = operator_.name = "otto";
}

void People::set_up() {
  store_.run(system_, [&](Tx& tx) {
    put_desk_identity(tx, {"Servicedesk", "desk@provider.example"});
    put_agent(tx, {"anna", "Anna Agent", "anna@provider.example", "desk"});
    put_customer(tx, {"alfa", "Alfa AB", {"alfa.example"}, "sv"});
    user_.role = Role::user;
    user_.tenant = "alfa";
    user_.name = "Erik Ek";
    user_.person = put_person(
        tx, {{}, "alfa", "Erik Ek", std::string(kUserMail), std::string(kUserPhone), "sv", false});
    const PersonId maja =
        put_person(tx, {{}, "alfa", "Maja Malm", std::string(kColleague), "", "en", false});
    // Her mails wait for the morning, and go out in order then.
    notify::Preferences hers;
    hers.quiet = notify::Quiet();
    if (!notify::choose(tx, maja, hers)) world_.fail("quiet hours were refused");
    // His wait for the morning, too, and come in one.
    const PersonId ola =
        put_person(tx, {{}, "alfa", "Ola Ohl", std::string(kThird), "", "sv", false});
    notify::Preferences his;
    his.digest = notify::Digest::daily;
    if (!notify::choose(tx, ola, his)) world_.fail("a digest was refused");
    // Told of major incidents: more than one transaction takes, most of them in the portal alone.
    put_customer(tx, {"gamma", "Gamma AB", {"gamma.example"}, "sv"});
    for (int i = 0; i < kManyPeople; ++i) {
      const bool by_mail = i % kMailEvery == 0;
      put_person(tx, {{},
                      "gamma",
                      fmt::format("Person {}", i),
                      by_mail ? fmt::format("p{}@gamma.example", i) : "",
                      "",
                      "sv",
                      false});
    }
    put_service(tx, {"printing", "Utskrift", {"skrivare"}});
    std::vector<ombud::Link> links;
    for (const LinkOptions& link : world_.options.links) {
      links.push_back({link.name,
                       link.notices ? "notices" : "supplier",
                       link.name + " AB",
                       "sim",
                       true,
                       "open",
                       "",
                       {},
                       "",
                       {}});
    }
    sync_links(tx, links);
    for (const LinkOptions& link : world_.options.links) {
      if (link.notices) continue;
      Agreement agreement;
      agreement.customer = "alfa";
      agreement.link = link.name;
      agreement.services = {"printing"};
      agreement.share = link.share;
      agreement.relay_automatically = link.relay_automatically;
      agreement.valid_from = tx.at();
      agreement.resolve_within = Millis{kSupplierPromiseMs};
      put_agreement(tx, agreement);
    }
    return true;
  });
}

void People::act(Hub* hub) {
  const auto what = world_.random.below(100);
  if (what < 30) {
    user_acts();
  } else if (what < 62) {
    agent_acts();
  } else if (what < 85) {
    supplier_acts();
  } else {
    operator_acts(hub);
  }
}

void People::announce() {
  const auto what = world_.news_random.below(6);
  const auto hours = Millis{static_cast<std::int64_t>(world_.news_random.below(5)) * 3'600'000};
  const std::string text = words("Anna");
  world_.note("agent:anna", fmt::format("announces ({})", what));
  Store::Work work = [what, hours, text](Tx& tx) {
    NoticeFilter filter;
    const auto all = list_notices(tx, filter, {}, 100);
    const auto own = std::find_if(all.begin(), all.end(),
                                  [](const Notice& notice) { return notice.link.empty(); });
    if (own == all.end() || what == 0) {
      desk::Announce request;
      request.title = "Nere";
      request.text = text;
      request.customers = {"gamma"};
      if (hours > Millis{0}) request.starts_at = tx.at() + hours;
      request.tell_start = hours > Millis{2 * 3'600'000};
      return desk::announce(tx, request).has_value();
    }
    desk::Publish publish;
    publish.notice = own->id;
    switch (what) {
      case 1:
      case 2:
        return desk::dismiss_notice(tx, own->id, "").has_value();
      case 3:
        publish.title = own->public_title;
        publish.text = own->public_text;
        return desk::publish_notice(tx, publish).has_value();
      case 4:
        publish.text = text;
        return desk::publish_notice(tx, publish).has_value();
      default:
        return desk::end_notice(tx, own->id).has_value();
    }
  };
  store_.write(agent_, std::move(work), [](std::exception_ptr) {});
}

void People::request(const Principal& who, std::string_view what,
                     std::function<Result<TicketId>(Tx&)> use_case) {
  world_.note(who.actor(), what);
  auto answer = std::make_shared<std::optional<Result<TicketId>>>();
  Store::Work work = [answer, use_case = std::move(use_case)](Tx& tx) {
    answer->emplace(use_case(tx));
    return (*answer)->has_value();
  };
  store_.write(who, std::move(work), [this, answer, who](std::exception_ptr error) {
    if (error) return world_.note(who.actor(), "is told: later");
    if (!(*answer)->has_value())
      return world_.note(who.actor(), "is refused: " + (*answer)->error().detail);
    const TicketId ticket = ***answer;
    if (ticket.value != 0) auditor_.on_acknowledged(ticket);  // 0: of a letter about none
  });
}

std::string People::words(std::string_view who) {
  return fmt::format("{} says {}.", who, ++said_);
}

desk::NewAttachment People::file() {
  const BlobRef ref = blobs_.keep(words("a file"));
  return {fmt::format("file-{}.txt", said_), "text/plain", ref.bytes, ref.sha256};
}

TicketId People::some_ticket() {
  const auto count = store_.run(system_, [](Tx& tx) -> std::optional<std::int64_t> {
    Rows rows = tx.query(kTickets);
    return rows.next() ? rows.integer(0) : 0;
  });
  return {static_cast<std::int64_t>(world_.random.below(static_cast<std::uint64_t>(*count))) +
          (*count > 0 ? 1 : 0)};
}

DelegationId People::some_delegation() {
  std::vector<std::int64_t> all;
  store_.run(system_, [&](Tx& tx) {
    Rows rows = tx.query(kDelegations);
    while (rows.next()) all.push_back(rows.integer(0));
    return true;
  });
  return {all.empty() ? 0 : all[world_.random.below(all.size())]};
}

void People::user_acts() {
  const TicketId ticket = some_ticket();
  const auto what = ticket.value == 0 ? 0 : world_.random.below(10);
  if (what < 4) {
    desk::Register request_;
    request_.subject = "Skrivare trasig " + words("Erik");
    request_.text = fmt::format("Ring {} eller skriv till {}.", kUserPhone, kUserMail);
    request_.service = "printing";
    if (world_.random.below(4) == 0) request_.attachments = {file()};
    return request(user_, "register", [request_](Tx& tx) -> Result<TicketId> {
      auto made = desk::register_ticket(tx, request_);
      if (!made) return made.error();
      // A colleague takes part in some of them.
      if (made->id.value % 3 == 0) {
        const auto added = desk::add_participant(tx, {made->id, {}, std::string(kColleague), ""});
        if (!added) return added.error();
      }
      if (made->id.value % 4 == 0) {
        const auto added = desk::add_participant(tx, {made->id, {}, std::string(kThird), ""});
        if (!added) return added.error();
      }
      return made->id;
    });
  }
  if (what < 9) {
    desk::Reply reply;
    reply.ticket = ticket;
    reply.text = words("Erik") + fmt::format(" {}", kUserMail);
    if (world_.random.below(4) == 0) reply.attachments = {file()};
    return request(user_, "reply", [reply](Tx& tx) -> Result<TicketId> {
      auto made = desk::reply(tx, reply);
      if (!made) return made.error();
      return made->ticket;
    });
  }
  request(user_, "close", [ticket](Tx& tx) -> Result<TicketId> {
    auto closed = desk::close(tx, ticket, "tack");
    if (!closed) return closed.error();
    return closed->id;
  });
}

void People::agent_acts() {
  const TicketId ticket = some_ticket();
  if (ticket.value == 0) return user_acts();
  const DelegationId delegation = some_delegation();
  const auto what = world_.random.below(23);
  const std::string text = words("Anna");
  const auto ticket_of = [](const auto& result) -> Result<TicketId> {
    if (!result) return result.error();
    return result->ticket;
  };
  if (what < 7 || delegation.value == 0) {
    desk::Delegate wanted;
    wanted.ticket = ticket;
    const auto suppliers = world_.options.links.size() - 1;
    wanted.link = world_.options.links[world_.random.below(suppliers)].name;
    wanted.brief = text;
    return request(agent_, "delegate",
                   [=](Tx& tx) { return ticket_of(desk::delegate(tx, wanted)); });
  }
  if (what < 10) {
    return request(agent_, "message",
                   [=](Tx& tx) { return ticket_of(desk::message_supplier(tx, delegation, text)); });
  }
  if (what < 12) {
    desk::Reply reply;
    reply.ticket = ticket;
    reply.text = text;
    return request(agent_, "reply", [=](Tx& tx) { return ticket_of(desk::reply(tx, reply)); });
  }
  if (what < 13) {
    return request(agent_, "note", [=](Tx& tx) {
      return ticket_of(desk::note(tx, ticket, text + std::string(kInternalCanary), {}));
    });
  }
  if (what < 15) {
    return request(agent_, "withdraw",
                   [=](Tx& tx) { return ticket_of(desk::withdraw(tx, delegation, text)); });
  }
  if (what < 17) {
    return request(agent_, "accept",
                   [=](Tx& tx) { return ticket_of(desk::accept(tx, delegation, "")); });
  }
  if (what < 18) {
    return request(agent_, "reject",
                   [=](Tx& tx) { return ticket_of(desk::reject(tx, delegation, text)); });
  }
  const auto id_of = [](const auto& result) -> Result<TicketId> {
    if (!result) return result.error();
    return result->id;
  };
  if (what < 19) {
    return request(agent_, "resolve",
                   [=](Tx& tx) { return id_of(desk::resolve(tx, ticket, text)); });
  }
  if (what >= 20) return rearrange(ticket, text);
  desk::Change change;
  change.priority = world_.random.below(2) == 0 ? Priority::high : Priority::low;
  request(agent_, "change", [=](Tx& tx) { return id_of(desk::change(tx, ticket, {}, change)); });
}

void People::rearrange(TicketId ticket, const std::string& text) {
  const TicketId other = some_ticket();
  const auto id_of = [](const Result<Ticket>& result) -> Result<TicketId> {
    if (!result) return result.error();
    return result->id;
  };
  switch (world_.random.below(4)) {
    case 0:
      return request(agent_, "merge",
                     [=](Tx& tx) { return id_of(desk::merge(tx, ticket, other)); });
    case 1:
      return request(agent_, "split", [=](Tx& tx) {
        desk::Split wanted{ticket, {}, text};
        for (const Message& m : messages_of(tx, ticket)) {
          if (m.id.value % 2 == 0) wanted.messages.push_back(m.id);
        }
        return id_of(desk::split(tx, wanted));
      });
    case 2:
      return request(agent_, "relate", [=](Tx& tx) -> Result<TicketId> {
        const auto related = desk::relate(tx, ticket, RelationKind::parent, other);
        if (!related) return related.error();
        return ticket;
      });
    default:
      return request(agent_, "undo", [=](Tx& tx) -> Result<TicketId> {
        const auto events = events_of(tx, ticket, 0, 1000);
        for (auto last = events.rbegin(); last != events.rend(); ++last) {
          if (const auto undone = desk::undo(tx, ticket, last->id)) return undone->id;
        }
        return conflict("there is nothing to undo");
      });
  }
}

void People::supplier_acts() {
  const auto suppliers = world_.options.links.size() - 1;
  Supplier& supplier = world_.supplier(world_.options.links[world_.random.below(suppliers)].name);
  const auto& tickets = supplier.model.tickets();
  if (tickets.empty()) return user_acts();
  const std::string ticket = tickets[world_.random.below(tickets.size())].id;
  const auto what = world_.random.below(10);
  world_.note(supplier.options.name, "somebody works on " + ticket);
  if (what < 4) {
    const bool shown = world_.random.below(3) != 0;
    supplier.model.comment(world_.now(), ticket,
                           words("Sven") + (shown ? "" : std::string(kPrivateCanary)), shown);
  } else if (what < 9) {
    constexpr std::string_view kStatuses[] = {"in_progress", "waiting",     "resolved",
                                              "closed",      "in_progress", "resolved"};
    supplier.model.set_status(world_.now(), ticket,
                              kStatuses[world_.random.below(std::size(kStatuses))]);
  } else {
    supplier.model.attach(world_.now(), ticket, "bild.txt", words("a picture"));
  }
}

void People::operator_acts(Hub* hub) {
  if (world_.random.below(2) == 0) return operator_repairs();
  reopen(hub);
}

void People::reopen(Hub* hub) {
  for (const LinkOptions& link : world_.options.links) {
    const auto known = store_.run(system_, [&](Tx& tx) { return find_link(tx, link.name); });
    if (known->state != "open") {
      world_.note("operator", "opens " + link.name);
      store_.write(
          operator_,
          [name = link.name](Tx& tx) { return set_link_state(tx, name, "open", ""), true; },
          [](std::exception_ptr) {});
    }
    if (hub != nullptr && hub->host_state(link.name) == HostState::held) {
      world_.note("operator", "restarts the host of " + link.name);
      hub->restart_host(link.name);
    }
  }
}

void People::reconcile() {
  for (const LinkOptions& link : world_.options.links) {
    Supplier& supplier = world_.supplier(link.name);
    if (supplier.comparisons_left == 0) continue;
    const auto last = store_.run(system_, [&](Tx& tx) -> std::optional<Reconciliation> {
      return last_reconciliation(tx, link.name).value_or(Reconciliation());
    });
    if (last->id != 0 && (!last->finished_at || last->ordered > 0)) continue;
    // All that can be sent again is, whatever stands there by now.
    std::vector<std::int64_t> rows;
    bool differs = false;
    store_.run(system_, [&](Tx& tx) {
      for (const Drift& row : list_drift(tx, last->id, 0, 1'000)) {
        const bool again = row.repair == "send" || (row.repair == "recreate" && row.proposed);
        differs = differs || again || row.proposed;
        if (row.state == "found" && (again || row.proposed)) rows.push_back(row.id);
      }
      return true;
    });
    if (last->id != 0 && !rows.empty()) {
      world_.note("operator", fmt::format("repairs {} of {}", rows.size(), link.name));
      store_.write(
          operator_,
          [run = last->id, rows](Tx& tx) { return desk::order_repair(tx, run, rows).has_value(); },
          [](std::exception_ptr) {});
      continue;
    }
    const bool whole = !differs && last->id != 0 && last->state == "done" && last->skipped == 0 &&
                       last->unread == 0 && last->created_at >= supplier.restored_at;
    supplier.comparisons_left = whole ? 0 : supplier.comparisons_left - 1;
    if (supplier.comparisons_left == 0) continue;
    world_.note("operator", "compares " + link.name);
    store_.write(
        operator_,
        [name = link.name](Tx& tx) {
          return start_reconciliation(tx, name, "command", 0).has_value();
        },
        [](std::exception_ptr) {});
  }
}

// Looks at one delivery in trouble, and at the supplier, and does what a sensible person does.
void People::operator_repairs() {
  DeliveryFilter filter;
  filter.trouble_only = true;
  const auto all = store_.run(system_, [&](Tx& tx) -> std::optional<std::vector<Delivery>> {
    return list_deliveries(tx, filter, std::nullopt, 100);
  });
  if (all->empty()) return;
  const Delivery& row = (*all)[world_.random.below(all->size())];
  const auto& model = world_.supplier(row.lane.link).model;
  const std::string_view kind = row.op == "put_ticket"    ? "ticket"
                                : row.op == "add_comment" ? "comment"
                                                          : "attachment";
  const auto there = model.find(world_.now(), kind, row.correlation, false);
  desk::Operate order{row.id, words("Otto"), ""};
  const auto chance = world_.random.below(10);
  using UseCase = Result<Delivery> (*)(Tx&, const desk::Operate&);
  UseCase use_case = desk::retry;
  if (row.doubt && !there.empty() && chance < 5) {
    use_case = desk::confirm;
    order.external_id = there.front();
  } else if (chance == 5) {
    use_case = desk::park;
  } else if (chance == 6) {
    use_case = desk::skip;
  }
  request(operator_, fmt::format("repairs delivery {}", row.id.value),
          [=](Tx& tx) -> Result<TicketId> {
            const auto done = use_case(tx, order);
            if (!done) return done.error();
            return done->lane.ticket;
          });
}

}  // namespace ombud::sim
