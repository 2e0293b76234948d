#include "sim/auditor.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "domain/delegation_rules.hpp"
#include "sim/announcements.hpp"
#include "sim/told.hpp"
#include "store/outbox.hpp"
#include "store/projection.hpp"
#include "store/tickets.hpp"

namespace ombud::sim {
namespace {

using conformance::ModelChange;
using conformance::ModelComment;
using conformance::ModelTicket;
using conformance::SupplierClass;

constexpr Sql kRow{
    "SELECT d.delivery_id, d.lane_id, d.lane_seq, d.state, d.body, d.doubt, k.lookup FROM delivery "
    "d"
    " JOIN link k ON k.link_id = d.link_id WHERE d.correlation = $1 -- all tenants: audit"};
constexpr Sql kRetries{
    "SELECT count(*) FROM attempt a JOIN delivery d ON d.delivery_id = a.delivery_id WHERE a.step "
    "= 'retry'"
    " AND (d.delivery_id = $1 OR ($2 AND d.lane_id = (SELECT lane_id FROM delivery WHERE "
    "delivery_id = $1)))"
    " -- all tenants: audit"};
constexpr Sql kSkips{
    "SELECT count(*) FROM attempt a JOIN delivery d ON d.delivery_id = a.delivery_id WHERE a.step "
    "= 'skip'"
    " AND d.lane_id = $1 -- all tenants: audit"};
constexpr Sql kSentAgain{
    "SELECT 1 FROM attempt WHERE delivery_id = $1 AND step = 'send again' LIMIT 1"};
constexpr Sql kLanesOf{"SELECT lane_id FROM lane WHERE link_id = $1 -- all tenants: audit"};
constexpr Sql kComparing{"SELECT 1 FROM reconciliation WHERE finished_at IS NULL LIMIT 1"};
constexpr Sql kVersion{"SELECT version FROM ticket WHERE ticket_id = $1 -- all tenants: audit"};
constexpr Sql kUnquiet{
    "SELECT count(*) FROM delivery d WHERE d.state IN ('ready', 'leased') OR (d.state = 'waiting' "
    "AND NOT EXISTS"
    " (SELECT 1 FROM delivery h WHERE h.lane_id = d.lane_id AND h.state IN ('dead', 'parked')))"
    " -- all tenants: audit"};
constexpr Sql kHeldCount{"SELECT count(*) FROM held_change WHERE why <> 'unknown'"};
constexpr Sql kHeldSome{
    "SELECT h.link_id, h.event_id, h.external_id, h.why, h.fetches FROM held_change h"
    " WHERE h.why <> 'unknown' ORDER BY h.held_id LIMIT 6"};
constexpr Sql kArrivals{"SELECT event_id FROM temp.arrival WHERE link_id = $1 ORDER BY n"};
constexpr Sql kFilesOf{
    "SELECT name, sha256 FROM attachment WHERE delegation_id = $1 AND party = 'supplier'"
    " ORDER BY attachment_id -- all tenants: audit"};
constexpr Sql kFilesLost{
    "SELECT count(*) FROM message WHERE delegation_id = $1 AND party = 'system'"
    " AND text LIKE '%could not be fetched%' -- all tenants: audit"};
// What the supplier's people did, as the log has it: one key each.
constexpr Sql kDeeds{
    "SELECT text FROM (SELECT event_id, json_extract(data, '$.external_status') AS text FROM event"
    "  WHERE ticket_id = $1 AND type = 'delegation_changed'"
    "  AND json_extract(data, '$.delegation') = $2 AND json_extract(data, '$.external_status') <> "
    "''"
    " UNION ALL SELECT message_id, text FROM message WHERE delegation_id = $2 AND party = "
    "'supplier'"
    " UNION ALL SELECT attachment_id, sha256 FROM attachment WHERE delegation_id = $2"
    "  AND party = 'supplier') ORDER BY event_id -- all tenants: audit"};
constexpr Sql kCursor{"SELECT poll_cursor FROM link WHERE link_id = $1"};
constexpr Sql kUnfinished{
    "SELECT d.delivery_id, d.link_id, d.op, d.state, d.doubt, d.attempts, d.last_error, k.state "
    "FROM delivery d"
    " JOIN link k ON k.link_id = d.link_id WHERE d.state IN ('ready', 'leased', 'waiting') LIMIT 6"
    " -- all tenants: audit"};
constexpr Sql kWithoutReason{
    "SELECT delivery_id, state FROM delivery WHERE state IN ('dead', 'parked') AND last_error = ''"
    " -- all tenants: audit"};
constexpr Sql kTaken{"SELECT outcome FROM inbound_event WHERE link_id = $1 AND event_id = $2"};
constexpr Sql kLaneOfTicket{
    "SELECT lane_id, delegation_id, ticket_id FROM lane WHERE link_id = $1 AND external_id = $2 -- "
    "all tenants: audit"};
constexpr Sql kMessagesOf{
    "SELECT text, visibility FROM message WHERE delegation_id = $1 AND party = 'supplier' ORDER BY "
    "message_id"
    " -- all tenants: audit"};
constexpr Sql kSupplierMessages{
    "SELECT m.text, g.link_id FROM message m JOIN delegation g ON g.delegation_id = m.delegation_id"
    " WHERE m.party = 'supplier' -- all tenants: audit"};
constexpr Sql kLanes{
    "SELECT lane_id, coalesce(external_id, ''), delegation_id,"
    " (SELECT count(*) FROM delivery d WHERE d.lane_id = l.lane_id AND d.state IN ('dead', "
    "'parked', 'cancelled'))"
    " FROM lane l WHERE link_id = $1 -- all tenants: audit"};
constexpr Sql kDone{
    "SELECT op, correlation, body FROM delivery WHERE lane_id = $1 AND state = 'done' ORDER BY "
    "lane_seq"
    " -- all tenants: audit"};
constexpr Sql kDelegation{
    "SELECT external_id, external_status, state FROM delegation WHERE delegation_id = $1 -- all "
    "tenants: audit"};
constexpr Sql kSecrets{
    "SELECT 'delivery' FROM delivery WHERE instr(body || last_error, $1) > 0 UNION ALL"
    " SELECT 'event' FROM event WHERE instr(data, $1) > 0 UNION ALL"
    " SELECT 'attempt' FROM attempt WHERE instr(message, $1) > 0 UNION ALL"
    " SELECT 'inbound_event' FROM inbound_event WHERE instr(body, $1) > 0 UNION ALL"
    " SELECT 'link' FROM link WHERE instr(reason, $1) > 0 -- all tenants: audit"};

constexpr Millis kClaimsWindow{5'000};
constexpr int kClaimsMax = 12;  // in the window: more is a hub that turns in circles

bool is_final(std::string_view state) {
  return state == "done" || state == "cancelled";
}

}  // namespace

void Auditor::watch(SimStore& store) {
  store_ = &store;
  for (const auto& [name, supplier] : world_.suppliers) {
    supplier->model.observe(
        [this, who = supplier.get()](const conformance::Application& application) {
          on_applied(*who, application);
        });
  }
}

std::optional<Auditor::Row> Auditor::row_of(std::string_view correlation) {
  return store_->run(eye_, [&](Tx& tx) -> std::optional<Row> {
    Rows rows = tx.query(kRow, correlation);
    if (!rows.next()) return std::nullopt;
    return Row{rows.integer(0), rows.integer(1),      rows.integer(2),     rows.text(3),
               rows.text(4),    rows.integer(5) != 0, rows.integer(6) != 0};
  });
}

std::int64_t Auditor::retries_of(std::int64_t delivery, bool whole_lane) {
  return *store_->run(eye_, [&](Tx& tx) -> std::optional<std::int64_t> {
    Rows rows = tx.query(kRetries, delivery, whole_lane);
    return rows.next() ? rows.integer(0) : 0;
  });
}

bool Auditor::was_skipped(std::int64_t lane) {
  return *store_->run(eye_, [&](Tx& tx) -> std::optional<bool> {
    Rows rows = tx.query(kSkips, lane);
    return rows.next() && rows.integer(0) > 0;
  });
}

bool Auditor::was_sent_again(std::int64_t delivery) {
  return *store_->run(
      eye_, [&](Tx& tx) -> std::optional<bool> { return tx.query(kSentAgain, delivery).next(); });
}

bool Auditor::has_ended(std::int64_t delegation) {
  return *store_->run(eye_, [&](Tx& tx) -> std::optional<bool> {
    const auto found = find_delegation(tx, DelegationId{delegation});
    return found && is_ended(found->state);
  });
}

// What counts as done before is no longer so.
void Auditor::on_restored(const Supplier& supplier) {
  store_->run(eye_, [&](Tx& tx) {
    Rows rows = tx.query(kLanesOf, supplier.options.name);
    while (rows.next()) {
      applied_up_to_.erase(rows.integer(0));
      std::erase_if(tickets_[rows.integer(0)],
                    [&](const std::string& id) { return supplier.model.ticket(id) == nullptr; });
    }
    return true;
  });
}

void Auditor::on_call(const std::string& link, const wire::Call& call) {
  if (call.operation == wire::Operation::decode) return;  // it came from there
  const bool notices = world_.supplier(link).options.notices;
  for (const std::string_view canary : {kInternalCanary, kPrivateCanary}) {
    if (call.body.find(canary) != std::string::npos)
      world_.fail(fmt::format("{} leaves by {}", canary, link));
  }
  if (!notices && (call.body.find(kUserMail) != std::string::npos ||
                   call.body.find(kUserPhone) != std::string::npos)) {
    world_.fail("what the agreement withholds leaves by " + link);
  }
  if (!wire::is_write(call.operation)) return;
  const auto row = row_of(call.correlation);
  if (!row) return world_.fail("a write that is no delivery: " + call.correlation);
  if (row->state != "leased")
    world_.fail(fmt::format("delivery {} is written while it is {}", row->id, row->state));
  if (row->body != call.body)
    world_.fail(fmt::format("delivery {} does not leave as it was composed", row->id));
  const bool update = call.operation == wire::Operation::put_ticket && !call.external_id.empty();
  if (!row->doubt || (update && row->lookup)) return;
  const auto found = found_nothing_.find(call.correlation);
  const auto since = doubt_since_.find(row->id);
  if (found == found_nothing_.end() || since == doubt_since_.end() ||
      found->second < since->second) {
    world_.fail(fmt::format("delivery {} is written in doubt without a look-up", row->id));
  }
}

void Auditor::on_found_nothing(const std::string&, const std::string& correlation) {
  found_nothing_[correlation] = world_.now();
}

void Auditor::on_applied(const Supplier& supplier, const conformance::Application& a) {
  world_.note(supplier.options.name,
              fmt::format("applies {} {} to {}", a.operation, a.correlation, a.ticket));
  const auto row = row_of(a.correlation);
  if (!row) return world_.fail("the supplier got what nobody enqueued: " + a.correlation);
  const bool blind = supplier.options.rules.kind == SupplierClass::blind;
  const auto copies = static_cast<std::int64_t>(supplier.model.copies_of(a.correlation));
  if (copies > 1 + (blind ? retries_of(row->id, false) : 0)) {
    world_.fail(
        fmt::format("{} has {} objects of delivery {}", supplier.options.name, copies, row->id));
  }
  if (a.operation == "put_ticket" && a.made_object) {
    auto& made = tickets_[row->lane];
    made.insert(a.ticket);
    const auto allowed = 1 + (blind ? retries_of(row->id, true) : 0);
    if (static_cast<std::int64_t>(made.size()) > allowed && !was_skipped(row->lane)) {
      world_.fail(fmt::format("{} has {} tickets of lane {}", supplier.options.name, made.size(),
                              row->lane));
    }
  }
  if (a.again) return;
  std::int64_t& latest = applied_up_to_.try_emplace(row->lane, -1).first->second;
  // An operator who gives up what is under way lets the next overtake it.
  if (row->lane_seq < latest && !was_skipped(row->lane) && !was_sent_again(row->id)) {
    world_.fail(fmt::format("delivery {} (lane {}, {}) took effect after {}", row->id, row->lane,
                            row->lane_seq, latest));
  }
  latest = std::max(latest, row->lane_seq);
}

void Auditor::on_commit(const Principal& who, const std::vector<RowChange>& changes) {
  for (const RowChange& c : changes) {
    world_.note("row", fmt::format("{} {}{} -> {}{} attempts {} by {}", c.delivery, c.old_state,
                                   c.old_doubt ? "?" : "", c.new_state, c.new_doubt ? "?" : "",
                                   c.new_attempts, who.actor()));
    if (c.new_doubt && !c.old_doubt) doubt_since_[c.delivery] = world_.now();
    if (c.old_state == "leased" && c.new_doubt) doubt_since_[c.delivery] = world_.now();
    if (c.new_state == "leased") {
      Claims& claims = claims_[c.delivery];
      if (world_.now() - claims.since > kClaimsWindow) claims = {world_.now(), 0};
      if (++claims.count > kClaimsMax) {
        world_.fail(fmt::format("delivery {} was claimed {} times in {} ms", c.delivery,
                                claims.count, kClaimsWindow.count()));
      }
    }
    if (c.new_epoch < c.old_epoch)
      world_.fail(fmt::format("the epoch of delivery {} went back", c.delivery));
    const bool given_back =
        c.old_state == "leased" && c.new_state == "ready" && c.new_attempts == c.old_attempts - 1;
    if (c.new_attempts < c.old_attempts && !given_back) {
      world_.fail(fmt::format("the attempts of delivery {} went back", c.delivery));
    }
    // Reconciliation sends again what a person has ordered.
    const bool ordered = c.new_state == "waiting" && who.role == Role::operator_;
    if (is_final(c.old_state) && c.old_state != c.new_state && !ordered) {
      world_.fail(
          fmt::format("delivery {} was {} and became {}", c.delivery, c.old_state, c.new_state));
    }
    const bool held = c.old_state == "dead" || c.old_state == "parked";
    if (held && c.new_state != c.old_state && who.role == Role::system) {
      world_.fail(fmt::format("delivery {} was {} and became {} without a person", c.delivery,
                              c.old_state, c.new_state));
    }
  }
}

void Auditor::on_acknowledged(TicketId ticket) {
  store_->run(eye_, [&](Tx& tx) {
    Rows rows = tx.query(kVersion, ticket);
    if (!rows.next()) {
      world_.fail(fmt::format("ticket {} was acknowledged and is not there", ticket.value));
      return true;
    }
    std::int64_t& version = versions_[ticket.value];
    version = std::max(version, rows.integer(0));
    return true;
  });
}

void Auditor::check_acknowledged() {
  store_->run(eye_, [&](Tx& tx) {
    for (const auto& [ticket, version] : versions_) {
      Rows rows = tx.query(kVersion, TicketId{ticket});
      const std::int64_t found = rows.next() ? rows.integer(0) : 0;
      if (found < version) {
        world_.fail(fmt::format("ticket {} was acknowledged at version {} and is at {}", ticket,
                                version, found));
      }
    }
    return true;
  });
}

bool Auditor::has_arrived(const std::string& link, const std::string& event_id) {
  return *store_->run(
      eye_, [&](Tx& tx) -> std::optional<bool> { return tx.query(kTaken, link, event_id).next(); });
}

void Auditor::on_pushed(const std::string& link, const std::string& event_id) {
  if (!has_arrived(link, event_id)) world_.fail(event_id + " was called taken and is not there");
  pushed_.insert({link, event_id});
}

void Auditor::check_after_crash() {
  check_acknowledged();
  for (const auto& [link, event_id] : pushed_) {
    if (!has_arrived(link, event_id)) world_.fail(event_id + " was called taken and is gone");
  }
  const auto headless =
      store_->run(eye_, [](Tx& tx) -> std::optional<int> { return sweep_headless(tx); });
  if (*headless != 0) world_.fail(fmt::format("{} lanes have no head", *headless));
}

bool Auditor::is_quiet() {
  const auto open = store_->run(eye_, [](Tx& tx) -> std::optional<std::int64_t> {
    Rows rows = tx.query(kUnquiet);
    return rows.next() ? rows.integer(0) : 0;
  });
  if (*open != 0 || !is_all_told(*store_)) return false;
  const auto held = store_->run(eye_, [](Tx& tx) -> std::optional<std::int64_t> {
    Rows rows = tx.query(kHeldCount);
    return rows.next() ? rows.integer(0) : 0;
  });
  if (*held != 0) return false;
  const auto comparing =
      store_->run(eye_, [](Tx& tx) -> std::optional<bool> { return tx.query(kComparing).next(); });
  if (*comparing) return false;
  for (const auto& [name, supplier] : world_.suppliers) {
    if (supplier->options.notices) continue;
    if (supplier->comparisons_left > 0) return false;
    const auto cursor = store_->run(eye_, [&, link = name](Tx& tx) -> std::optional<std::string> {
      Rows rows = tx.query(kCursor, link);
      return rows.next() ? rows.text(0) : "";
    });
    if (*cursor != supplier->model.feed_end() && !supplier->model.feed().empty()) return false;
  }
  return true;
}

std::string Auditor::unfinished() {
  return *store_->run(eye_, [&](Tx& tx) -> std::optional<std::string> {
    std::string all;
    Rows rows = tx.query(kUnfinished);
    while (rows.next()) {
      all += fmt::format(" [delivery {} by {} {} {} doubt {} attempts {} \"{}\", link {}]",
                         rows.integer(0), rows.view(1), rows.view(2), rows.view(3), rows.integer(4),
                         rows.integer(5), rows.view(6), rows.view(7));
    }
    Rows held = tx.query(kHeldSome);
    while (held.next()) {
      all += fmt::format(" [{} {} of {} held for {}, {} fetches]", held.view(0), held.view(1),
                         held.view(2), held.view(3), held.integer(4));
    }
    return all;
  });
}

void Auditor::check_end() {
  check_after_crash();
  check_rows();
  for (const auto& [name, supplier] : world_.suppliers) {
    if (!supplier->options.notices) check_feed(*supplier);
    check_announcements(world_, *store_, *supplier);
    check_copies(*supplier);
  }
  check_words_of_suppliers();
  check_told(world_, *store_);
  check_canaries();
  const auto differences = store_->run(eye_, [](Tx& tx) -> Result<std::vector<std::string>> {
    const auto found = verify_projection(tx);
    if (found.empty()) return conflict("nothing to see: undo");
    return found;
  });
  if (differences) world_.fail("the tables are not what the log says: " + differences->front());
}

void Auditor::check_rows() {
  store_->run(eye_, [&](Tx& tx) {
    Rows rows = tx.query(kWithoutReason);
    while (rows.next())
      world_.fail(fmt::format("delivery {} is {} without a reason", rows.integer(0), rows.view(1)));
    return true;
  });
}

// As the hub first had them. What is only polled comes in the order of the feed.
std::vector<ModelChange> Auditor::in_order_of_arrival(const Supplier& supplier) {
  std::map<std::string, std::size_t> arrived;  // by event
  store_->run(eye_, [&](Tx& tx) {
    Rows rows = tx.query(kArrivals, supplier.options.name);
    while (rows.next()) arrived.emplace(rows.text(0), arrived.size());
    return true;
  });
  std::vector<ModelChange> changes = supplier.model.feed();
  // Told before it was forgotten, or never.
  std::erase_if(changes, [](const ModelChange& change) { return change.lost; });
  const auto before = [&](const ModelChange& a, const ModelChange& b) {
    return arrived[a.event_id] < arrived[b.event_id];
  };
  // What a comparison brought came before its turn in the feed, but not before its ticket's.
  std::map<std::string, std::vector<ModelChange>> in_order;
  for (const ModelChange& change : changes) {
    if (supplier.restored > 0 && !change.caused_by.empty()) continue;  // echoes: nobody takes them
    in_order[supplier.restored > 0 ? change.ticket : ""].push_back(change);
  }
  const bool ordered = std::all_of(in_order.begin(), in_order.end(), [&](const auto& part) {
    return std::is_sorted(part.second.begin(), part.second.end(), before);
  });
  if (!supplier.options.pushes && !ordered) {
    world_.fail("the feed of " + supplier.options.name + " was taken in another order");
  }
  std::stable_sort(changes.begin(), changes.end(), before);
  return changes;
}

// Every file of the supplier's people is there, or the desk was told to ask for it.
void Auditor::check_attachments(const Supplier& supplier, const ModelTicket& ticket,
                                std::int64_t delegation) {
  std::vector<std::string> here;
  std::int64_t lost = 0;
  store_->run(eye_, [&](Tx& tx) {
    Rows files = tx.query(kFilesOf, delegation);
    while (files.next()) here.push_back(files.text(0) + " " + files.text(1));
    Rows rows = tx.query(kFilesLost, delegation);
    if (rows.next()) lost = rows.integer(0);
    return true;
  });
  std::vector<std::string> there;
  for (const auto& file : ticket.attachments) {
    const std::string shown = file.name + " " + sha256_hex(file.bytes);
    if (file.correlation.empty()) {
      there.push_back(shown);
    } else if (supplier.model.copies_of(file.correlation) > 1) {
      // Of several copies that an operator ordered, one is known by its id; another may be taken.
      const auto taken = std::find(here.begin(), here.end(), shown);
      if (taken != here.end()) here.erase(taken);
    }
  }
  std::sort(here.begin(), here.end());
  std::sort(there.begin(), there.end());
  if (supplier.restored > 0) {  // what the supplier has forgotten stays with us
    const auto& forgotten = supplier.model.lost_words();
    std::erase_if(here, [&](const std::string& file) {
      return std::find(forgotten.begin(), forgotten.end(), file) != forgotten.end() &&
             std::find(there.begin(), there.end(), file) == there.end();
    });
    if (!std::includes(there.begin(), there.end(), here.begin(), here.end())) {
      world_.fail(ticket.id + " never had one of the files that are here");
    }
    return;
  }
  const bool all_theirs = std::includes(there.begin(), there.end(), here.begin(), here.end());
  if (!all_theirs || static_cast<std::int64_t>(there.size() - here.size()) != lost) {
    world_.fail(fmt::format("{} of {}: {} files there, {} here, {} told to be lost", ticket.id,
                            supplier.options.name, there.size(), here.size(), lost));
  }
}

// Words, files and states of one supplier ticket stand in our log in the order in which they came.
void Auditor::check_order(const Supplier& supplier, const ModelTicket& ticket,
                          std::int64_t our_ticket, std::int64_t delegation) {
  std::vector<std::string> came;
  for (const ModelChange& change : in_order_of_arrival(supplier)) {
    if (change.ticket != ticket.id || !change.caused_by.empty()) continue;
    if (change.type == "status") came.push_back(change.event_id + " " + change.status);
    for (const ModelComment& comment : ticket.comments) {
      if (comment.id == change.object) came.push_back(comment.text);
    }
    for (const auto& file : ticket.attachments) {
      if (file.id == change.object) came.push_back(sha256_hex(file.bytes));
    }
  }
  store_->run(eye_, [&](Tx& tx) {
    auto next = came.begin();
    Rows rows = tx.query(kDeeds, our_ticket, delegation);
    while (rows.next()) {
      if (std::find(came.begin(), came.end(), rows.view(0)) == came.end()) continue;
      next = std::find(next, came.end(), rows.view(0));
      if (next == came.end()) {
        world_.fail(fmt::format("{}: \"{}\" was taken out of its turn", ticket.id, rows.view(0)));
        break;
      }
      ++next;
    }
    return true;
  });
}

// Every word and deed of the supplier's people is taken once and in order; none of ours comes back.
void Auditor::check_feed(const Supplier& supplier) {
  const std::string& link = supplier.options.name;
  std::map<std::string, std::string> last_status;               // by ticket
  std::map<std::string, std::vector<std::string>> comments_of;  // likewise: ids, as they arrived
  for (const ModelChange& change : in_order_of_arrival(supplier)) {
    if (change.type == "comment") comments_of[change.ticket].push_back(change.object);
    std::string outcome;
    bool known = false;
    store_->run(eye_, [&](Tx& tx) {
      Rows taken = tx.query(kTaken, link, change.event_id);
      if (taken.next()) outcome = taken.text(0);
      known = tx.query(kLaneOfTicket, link, change.ticket).next();
      return true;
    });
    if (outcome.empty()) world_.fail(change.event_id + " was never taken");
    // Of several copies that an operator ordered, one is known by its id.
    if (!change.caused_by.empty() && outcome == "applied" &&
        supplier.model.copies_of(change.caused_by) < 2) {
      world_.fail(fmt::format("{} is an echo of {} and was taken for news", change.event_id,
                              change.caused_by));
    }
    if (change.caused_by.empty() && known && outcome != "applied" && outcome != "ignored") {
      world_.fail(fmt::format("{} of {} was taken as {}", change.event_id, change.ticket, outcome));
    }
    if (change.type == "status" && change.caused_by.empty() && outcome == "applied") {
      last_status[change.ticket] = change.event_id + " " + change.status;
    }
  }
  for (const ModelTicket& ticket : supplier.model.tickets()) {
    std::vector<std::pair<std::string, std::string>> here;  // text, visibility
    bool known = false;
    std::string external_status;
    bool ended = false;
    std::int64_t lane_id = 0, delegation_id = 0, our_ticket = 0;
    store_->run(eye_, [&](Tx& tx) {
      std::int64_t& delegation = delegation_id;
      {
        Rows lane = tx.query(kLaneOfTicket, link, ticket.id);
        known = lane.next();
        if (known) {
          lane_id = lane.integer(0);
          delegation = lane.integer(1);
          our_ticket = lane.integer(2);
        }
      }
      Rows rows = tx.query(kMessagesOf, delegation);
      while (rows.next()) here.emplace_back(rows.text(0), rows.text(1));
      Rows of = tx.query(kDelegation, delegation);
      if (of.next()) {
        external_status = of.text(1);
        const auto state = from_text<DelegationState>(of.view(2));
        ended = state && is_ended(*state);
      }
      return true;
    });
    // Where an operator ordered a second copy, or gave up a create, the words about both belong to
    // one delegation.
    bool copied = supplier.model.copies_of(ticket.correlation) > 1;
    for (const ModelComment& comment : ticket.comments) {
      copied = copied ||
               (!comment.correlation.empty() && supplier.model.copies_of(comment.correlation) > 1);
    }
    if (!known || copied || was_skipped(lane_id)) continue;
    std::vector<std::pair<std::string, std::string>> there;
    for (const std::string& id : comments_of[ticket.id]) {
      for (const ModelComment& comment : ticket.comments) {
        if (comment.id == id && comment.correlation.empty())
          there.emplace_back(comment.text, comment.shown ? "supplier" : "internal");
      }
    }
    if (supplier.restored > 0) {  // what the supplier has forgotten stays with us
      const auto& forgotten = supplier.model.lost_words();
      std::erase_if(here, [&](const auto& message) {
        return std::find(forgotten.begin(), forgotten.end(), message.first) != forgotten.end() &&
               std::find(there.begin(), there.end(), message) == there.end();
      });
    }
    if (here != there) {
      world_.fail(
          fmt::format("{}: {} comments of the supplier are {} messages here, or in another order",
                      ticket.id, there.size(), here.size()));
    }
    check_attachments(supplier, ticket, delegation_id);
    check_order(supplier, ticket, our_ticket, delegation_id);
    // The last word of the supplier that moved the delegation stands there, unless the desk had
    // ended it.
    const auto last = last_status.find(ticket.id);
    if (external_status.empty() || last == last_status.end()) continue;
    if (!ended && supplier.restored == 0 && external_status != last->second) {
      world_.fail(fmt::format("{}: its last word was \"{}\", here stands \"{}\"", ticket.id,
                              last->second, external_status));
    }
  }
}

void Auditor::check_words_of_suppliers() {
  store_->run(eye_, [&](Tx& tx) {
    Rows rows = tx.query(kSupplierMessages);
    while (rows.next()) {
      bool theirs = false;
      const auto& model = world_.supplier(rows.view(1)).model;
      for (const ModelTicket& ticket : model.tickets()) {
        for (const ModelComment& comment : ticket.comments) {
          const bool said = comment.correlation.empty() || model.copies_of(comment.correlation) > 1;
          theirs = theirs || (said && comment.text == rows.view(0));
        }
      }
      for (const std::string& text : model.lost_words()) theirs = theirs || text == rows.view(0);
      if (!theirs) world_.fail(fmt::format("the supplier never said \"{}\"", rows.view(0)));
    }
    return true;
  });
}

// What the hub calls done is there, once, in order, and as it was sent.
void Auditor::check_copies(const Supplier& supplier) {
  struct Lane {
    std::int64_t id = 0, delegation = 0, trouble = 0;
    std::string external_id;
  };
  std::vector<Lane> lanes;
  store_->run(eye_, [&](Tx& tx) {
    Rows rows = tx.query(kLanes, supplier.options.name);
    while (rows.next())
      lanes.push_back({rows.integer(0), rows.integer(2), rows.integer(3), rows.text(1)});
    return true;
  });
  for (const Lane& lane : lanes) {
    if (lane.trouble > 0) continue;  // a person has decided, or is asked to
    struct Sent {
      std::string op, correlation, body;
    };
    std::vector<Sent> sent;
    std::string known_as;
    store_->run(eye_, [&](Tx& tx) {
      Rows rows = tx.query(kDone, lane.id);
      while (rows.next()) sent.push_back({rows.text(0), rows.text(1), rows.text(2)});
      Rows of = tx.query(kDelegation, lane.delegation);
      if (of.next()) known_as = of.text(0);
      return true;
    });
    if (sent.empty()) continue;
    const ModelTicket* ticket = supplier.model.ticket(lane.external_id);
    if (ticket == nullptr && supplier.restored > 0 && has_ended(lane.delegation)) continue;
    if (ticket == nullptr) {
      world_.fail(fmt::format("lane {} is done, but {} has no ticket \"{}\"", lane.id,
                              supplier.options.name, lane.external_id));
      continue;
    }
    if (lane.delegation != 0 && known_as != lane.external_id) {
      world_.fail(fmt::format("lane {} and its delegation name two tickets: {} and {}", lane.id,
                              lane.external_id, known_as));
    }
    std::vector<std::string> wanted, found;
    std::string last_put;
    for (const Sent& one : sent) {
      if (one.op == "put_ticket") last_put = one.correlation;
      if (one.op == "add_comment") wanted.push_back(one.correlation);
    }
    for (const ModelComment& comment : ticket->comments) {
      const bool again = std::find(found.begin(), found.end(), comment.correlation) != found.end();
      if (!comment.correlation.empty() && !again) found.push_back(comment.correlation);
    }
    if (supplier.restored > 0) {  // what was said before it was sent again stands before it
      std::sort(wanted.begin(), wanted.end());
      std::sort(found.begin(), found.end());
    }
    if (wanted != found) {
      world_.fail(fmt::format("{}: {} comments were sent, {} are there, or in another order",
                              ticket->id, wanted.size(), found.size()));
    }
    if (ticket->last_put != last_put && supplier.restored == 0) {
      world_.fail(fmt::format("{} is not as it was last put: {} instead of {}", ticket->id,
                              ticket->last_put, last_put));
    }
  }
}

void Auditor::check_canaries() {
  store_->run(eye_, [&](Tx& tx) {
    Rows rows = tx.query(kSecrets, kSecretCanary);
    while (rows.next()) world_.fail(fmt::format("a secret stands in table {}", rows.view(0)));
    return true;
  });
}

}  // namespace ombud::sim
