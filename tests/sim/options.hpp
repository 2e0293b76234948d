// What one run is like: drawn from its seed, so that runs differ in kind and not only in detail.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "conformance/fault_plan.hpp"
#include "conformance/supplier_model.hpp"

namespace ombud::sim {

// A rule of production that is switched off, to see whether the simulator notices.
enum class Mutation {
  none,
  no_find_in_doubt,
  no_wait_until_settled,
  no_deadline_inside_lease,
  no_echo_filter,
  no_dedupe_key,
  cursor_apart_from_events,
  held_out_of_order,
  held_lost,
  told_apart_from_cursor,
  broadcast_apart_from_rows,
};
inline constexpr Mutation kMutations[] = {Mutation::no_find_in_doubt,
                                          Mutation::no_wait_until_settled,
                                          Mutation::no_deadline_inside_lease,
                                          Mutation::no_echo_filter,
                                          Mutation::no_dedupe_key,
                                          Mutation::cursor_apart_from_events,
                                          Mutation::held_out_of_order,
                                          Mutation::held_lost,
                                          Mutation::told_apart_from_cursor,
                                          Mutation::broadcast_apart_from_rows};
std::string_view to_text(Mutation mutation);

struct LinkOptions {
  std::string name;
  conformance::SupplierRules rules;
  conformance::FaultRates faults;
  bool notices = false;  // the desk's mail to users: never polled
  Millis poll_every{60'000};
  std::size_t page = 50;           // changes per poll
  std::size_t overlap = 0;         // changes that come again with every poll
  bool attachments_inside = true;  // bytes travel in the change, else by fetch
  bool relay_automatically = false;
  std::vector<std::string> share;
  int parallel = 1;          // deliveries at once
  bool reads_apart = false;  // and polls beside them; always where parallel > 1
  Millis interval{0};        // the hub's own rate limit for writes
  // Webhooks: every change is pushed as well as polled, after a while, perhaps more than once, and
  // perhaps after younger ones.
  bool pushes = false;
  // Now and then it is restored from a backup, and an operator compares and repairs.
  bool restores = false;
  Millis push_delay{0};     // at most
  unsigned push_again = 0;  // of a thousand: sent again although it was taken
};

// Chances in a thousand.
struct HostFaults {
  unsigned spawn_fails = 0;
  unsigned slow_start = 0;  // hello comes late or too late
  unsigned die_before_hello = 0;
  unsigned die_at_hello = 0;
  unsigned die_before_started = 0;  // per call, as the following
  unsigned die_after_started = 0;
  unsigned die_after_apply = 0;  // the supplier did it; nobody says so
  unsigned hang = 0;             // until it is killed
  unsigned garbage = 0;          // a frame that is none
  unsigned kills_per_day = 0;    // from outside, at any moment; not in a thousand
};

struct StoreFaults {
  unsigned crash_before_commit = 0;  // of the whole hub
  unsigned crash_after_commit = 0;   // nobody was answered
  unsigned error = 0;                // StoreError, before or after the work has run
  unsigned full_per_day = 0;         // the disk is full for a while; not in a thousand
  int crashes_max = 0;
};

struct Options {
  std::vector<LinkOptions> links;  // the last is the notices link
  HostFaults host;
  StoreFaults store;
  Millis fault_phase{0};
  int actions = 0;        // of all people together
  Millis settle{10'000};  // how long a request that was cut off may still take effect
};

Options draw_options(std::uint64_t seed);

}  // namespace ombud::sim
