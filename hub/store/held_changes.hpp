// Changes of suppliers that came and are not in their ticket yet: because it is not known whose
// they are, because they may be the echo of a write under way, because their attachment is still
// being fetched, or because an earlier one of the same ticket waits. Rows keep the order of
// arrival; their documents stand in inbound_event with outcome 'held'. Nothing here decides
// (desk/supplier_changes.cpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.hpp"

namespace ombud {

enum class HeldFor { create, write, bytes, turn, unknown };

struct HeldChange {
  std::int64_t id = 0;  // grows with arrival
  std::string link, event_id, external_id, correlation;
  LaneId lane;  // 0: not known
  HeldFor why = HeldFor::turn;
  Instant since;
  DeliveryId after;    // the newest delivery when it came: none enqueued later can be its cause
  std::string sha256;  // of its attachment; empty: not here
  std::int64_t bytes = 0;
  bool lost = false;  // its bytes will not come
};

// The newest delivery of all.
DeliveryId newest_delivery(Tx& tx);
// The oldest create of the link that is under way or in doubt, and whose id at the other side is
// not yet known.
std::optional<DeliveryId> oldest_open_create(Tx& tx, std::string_view link);

// Keeps it behind all others. `id` and `since` are set here. Pokes its link if there is something
// to fetch: nothing else can be done about it before something is settled.
void hold(Tx& tx, const HeldChange& change);
// True if a change of the same supplier ticket is held: later ones must queue behind it. Those that
// are `unknown` do not count.
bool is_queued(Tx& tx, std::string_view link, std::string_view external_id,
               std::string_view correlation, LaneId lane);
// Those of a link that wait for something, in the order of arrival, and the document of one.
std::vector<HeldChange> held_changes(Tx& tx, std::string_view link);
std::string held_document(Tx& tx, const HeldChange& change);
bool any_held(Tx& tx, std::string_view link);
void set_held(Tx& tx, std::int64_t id, HeldFor why, LaneId lane);
// It is in its ticket, or dropped.
void drop_held(Tx& tx, std::int64_t id);
// What came about this ticket of the supplier while nobody knew whose it is waits for its turn
// again, from now on. How many. Pokes the link.
int find_held(Tx& tx, std::string_view link, std::string_view external_id);

// The next attachment to fetch, if its time has come; else when to look again, kNever for none.
struct HeldFetch {
  std::int64_t id = 0;  // 0: none is due
  std::string event_id, document;
  int fetches = 0;
  std::optional<Instant> first_at;  // of the first attempt
  Instant next_at = kNever;
};
HeldFetch next_fetch(Tx& tx, std::string_view link);
// Each answers false if the change is gone or has its bytes by now; they poke the link.
bool put_held_bytes(Tx& tx, std::int64_t id, std::string_view sha256, std::int64_t bytes);
bool lose_held_bytes(Tx& tx, std::int64_t id);
// An attempt came to nothing; the next at `again`. `counts`: from the first that does, the time
// runs after which they are given up.
bool put_off_fetch(Tx& tx, std::int64_t id, Instant again, bool counts);

struct HeldBacklog {
  std::int64_t count = 0;
  std::optional<Instant> since;  // the oldest
};
HeldBacklog held_backlog(Tx& tx, std::string_view link);

}  // namespace ombud
