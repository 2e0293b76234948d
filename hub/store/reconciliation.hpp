// Runs of reconciliation and what they found, and what of the outbox and the intake a comparison
// needs. What is a difference, and what may be done about it, is decided in desk/reconcile.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/outbox.hpp"
#include "store/tickets.hpp"

namespace ombud {

struct Reconciliation {
  std::int64_t id = 0;
  std::string link;
  std::string cause;  // command, schedule
  std::string actor;
  std::string state;   // reading, settling, done, failed, cancelled
  std::string reason;  // why it failed
  Instant created_at;
  std::optional<Instant> finished_at, last_read_at;
  DelegationId after;
  std::int64_t to_compare = 0, compared = 0, skipped = 0, unread = 0;
  // Of its drift, by what has become of it.
  std::int64_t found = 0, proposed = 0, ordered = 0, applied = 0, left = 0;
};

struct Drift {
  std::int64_t id = 0, run = 0;
  std::string link, customer;
  TicketId ticket;
  DelegationId delegation;
  std::string kind, about, ours, theirs, note;
  std::string repair = "none";  // recreate, send, restore, take
  bool proposed = false;        // else it is repaired only if somebody names it
  bool undoable = false;
  std::string was;  // undoable: JSON of the document's member before the repair
  std::string state = "found", outcome, actor;
  Instant changed_at;
  std::vector<std::string> before;  // not kept: what must be taken in before it
};

// Delegations of a link that a run compares: those that are open, and those that ended after
// `ended_after`; of these only such as the supplier has taken.
std::int64_t count_comparable(Tx& tx, std::string_view link, Instant ended_after);
std::optional<DelegationId> next_comparable(Tx& tx, std::string_view link, DelegationId after,
                                            Instant ended_after);

// Refused (conflict) while another run of the link is under way.
Result<Reconciliation> start_reconciliation(Tx& tx, std::string_view link, std::string_view cause,
                                            std::int64_t to_compare);
std::optional<Reconciliation> find_reconciliation(Tx& tx, std::int64_t run);
std::optional<Reconciliation> open_reconciliation(Tx& tx, std::string_view link);
std::optional<Reconciliation> last_reconciliation(Tx& tx, std::string_view link);
std::vector<Reconciliation> list_reconciliations(Tx& tx, std::string_view link,
                                                 std::optional<std::int64_t> before, int limit);
// One delegation was dealt with: `again` keeps it for a second look.
enum class Compared { compared, skipped, unread, again };
void note_compared(Tx& tx, std::int64_t run, DelegationId delegation, Compared how);
std::optional<DelegationId> next_again(Tx& tx, std::int64_t run);
void drop_again(Tx& tx, std::int64_t run, DelegationId delegation);
void set_reconciliation_state(Tx& tx, std::int64_t run, std::string_view state,
                              std::string_view reason);
// Runs that ended before `before` go, with their drift; how many. Call now and then.
std::int64_t drop_old_reconciliations(Tx& tx, Instant before);

std::int64_t put_drift(Tx& tx, const Drift& drift);
void drop_drift(Tx& tx, std::int64_t id);
std::optional<Drift> find_drift(Tx& tx, std::int64_t id);
std::vector<Drift> list_drift(Tx& tx, std::int64_t run, std::int64_t after, int limit);
void set_drift_state(Tx& tx, std::int64_t id, std::string_view state, std::string_view outcome,
                     std::string_view actor);
// The next delegation of the link with rows that somebody ordered, and those rows.
std::optional<DelegationId> next_ordered(Tx& tx, std::string_view link, DelegationId after);
std::vector<Drift> ordered_drift(Tx& tx, std::string_view link, DelegationId delegation);

// Everything of a lane, in order.
std::vector<Delivery> deliveries_of(Tx& tx, LaneId lane);
// What the supplier has told of one of its tickets, by its id or by our correlation, in the order
// of arrival.
struct ToldChange {
  std::string event_id, outcome, document;
  Instant received_at;
};
std::vector<ToldChange> told_of(Tx& tx, std::string_view link, std::string_view external_id,
                                std::string_view correlation);
// True if a change of that ticket or lane is held and waits for something.
bool is_held(Tx& tx, std::string_view link, std::string_view external_id, LaneId lane);

// Puts what is done, or dead without doubt, back into its lane: searched for before it is written
// again, and before whatever waits behind it. The caller has seen to it that nothing of the lane is
// under way. The ids at the other side are forgotten; `anew`: the ticket's too, so that the first
// put_ticket among them makes it.
void send_again(Tx& tx, const Lane& lane, const std::vector<DeliveryId>& deliveries, bool anew,
                std::string_view why);
// The other side's id of something that we made and that is lost: it may now be of another thing.
void forget_object(Tx& tx, LaneId lane, std::string_view op, std::string_view external_id);

}  // namespace ombud
