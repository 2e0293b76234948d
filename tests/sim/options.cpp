#include "sim/options.hpp"

#include "support/memory_store.hpp"

namespace ombud::sim {
namespace {

using conformance::FaultRates;
using conformance::SupplierClass;

constexpr std::int64_t kDayMs = 24LL * 3'600'000;

struct Drawer {
  Random& random;

  template <class T>
  T one_of(std::initializer_list<T> values) {
    return *(values.begin() + random.below(values.size()));
  }
  bool coin() { return random.below(2) == 0; }
  // Half of the runs do not have the fault at all.
  unsigned rate(unsigned most) {
    return coin() ? 0 : static_cast<unsigned>(random.below(most)) + 1;
  }

  FaultRates faults() {
    FaultRates r;
    r.drop_before = rate(250);
    r.drop_after = rate(250);
    r.duplicate = rate(200);
    r.server_error = rate(150);
    r.rate_limit = rate(80);
    r.refuse = random.below(4) == 0 ? rate(30) : 0;
    r.slow = rate(60);
    r.stale = coin() ? 1000 : rate(700);
    r.broken_feed = rate(100);
    r.auth_outages = rate(1500);
    r.down_outages = rate(3000);
    r.outage_max = Millis{one_of<std::int64_t>({600'000, 3'600'000, 8 * 3'600'000})};
    return r;
  }
  LinkOptions link(int number) {
    LinkOptions l;
    l.name = "supplier-" + std::to_string(number);
    l.rules.kind = one_of({SupplierClass::idempotent, SupplierClass::searchable,
                           SupplierClass::searchable, SupplierClass::blind});
    l.rules.search_lag = Millis{one_of<std::int64_t>({0, 3'000, 30'000, 120'000})};
    l.rules.shows_correlation = coin();
    l.rules.shows_echo = random.below(3) != 0;
    l.faults = faults();
    l.poll_every = Millis{one_of<std::int64_t>({60'000, 180'000, 600'000})};
    l.page = one_of<std::size_t>({1, 5, 50});
    l.overlap = one_of<std::size_t>({0, 0, 1, 3});
    l.attachments_inside = coin();
    l.relay_automatically = coin();
    l.share = {"subject", "description", "messages"};
    if (coin()) l.share.emplace_back("attachments");
    if (coin()) l.share.emplace_back("priority");
    return l;
  }
};

}  // namespace

std::string_view to_text(Mutation mutation) {
  switch (mutation) {
    case Mutation::none:
      return "none";
    case Mutation::no_find_in_doubt:
      return "no_find_in_doubt";
    case Mutation::no_wait_until_settled:
      return "no_wait_until_settled";
    case Mutation::no_deadline_inside_lease:
      return "no_deadline_inside_lease";
    case Mutation::no_echo_filter:
      return "no_echo_filter";
    case Mutation::no_dedupe_key:
      return "no_dedupe_key";
    case Mutation::cursor_apart_from_events:
      return "cursor_apart_from_events";
    case Mutation::held_out_of_order:
      return "held_out_of_order";
    case Mutation::held_lost:
      return "held_lost";
    case Mutation::told_apart_from_cursor:
      return "told_apart_from_cursor";
    case Mutation::broadcast_apart_from_rows:
      return "broadcast_apart_from_rows";
  }
  return "unknown";
}

Options draw_options(std::uint64_t seed) {
  test::SeededRandom random(seed * 4 + 1);
  Drawer draw{random};
  Options o;
  const int suppliers = 1 + static_cast<int>(random.below(2));
  for (int i = 1; i <= suppliers; ++i) o.links.push_back(draw.link(i));
  test::SeededRandom more_random(seed * 4 + 4);  // apart, so that what is above stays for a seed
  Drawer more{more_random};
  for (LinkOptions& link : o.links) {
    link.pushes = more.coin();
    link.push_delay = Millis{more.one_of<std::int64_t>({100, 5'000, 300'000})};
    link.push_again = more.rate(300);
    link.rules.clock_skew = Millis{more.one_of<std::int64_t>({0, -kDayMs, kDayMs})};
    link.rules.clock_jumps = more.coin();
  }
  test::SeededRandom restoring(seed * 4 + 5'000'000'005);
  for (LinkOptions& link : o.links) {
    link.restores = restoring.below(3) == 0 && link.rules.kind != SupplierClass::blind;
  }
  LinkOptions mail;
  mail.name = "desk-mail";
  mail.notices = true;
  mail.rules.kind = SupplierClass::blind;
  mail.faults = draw.faults();
  mail.faults.auth_outages = 0;
  o.links.push_back(std::move(mail));

  o.host.spawn_fails = draw.rate(100);
  o.host.slow_start = draw.rate(100);
  o.host.die_before_hello = draw.rate(100);
  o.host.die_at_hello = draw.rate(100);
  o.host.die_before_started = draw.rate(40);
  o.host.die_after_started = draw.rate(40);
  o.host.die_after_apply = draw.rate(60);
  o.host.hang = draw.rate(20);
  o.host.garbage = draw.rate(10);
  o.host.kills_per_day = draw.rate(12);
  o.store.crashes_max = draw.coin() ? 0 : static_cast<int>(random.below(12)) + 1;
  if (o.store.crashes_max > 0) {
    o.store.crash_before_commit = draw.rate(30);
    o.store.crash_after_commit = draw.rate(30);
  }
  o.store.error = draw.rate(60);
  o.store.full_per_day = draw.rate(4);
  o.fault_phase = Millis{draw.one_of<std::int64_t>({2, 4, 10, 30}) * 3'600'000};
  o.actions = 20 + static_cast<int>(random.below(100));
  for (LinkOptions& link : o.links) {
    link.reads_apart = draw.coin();
    if (link.reads_apart) link.parallel = draw.one_of({1, 2, 4, 8});
    link.interval = Millis{draw.one_of<std::int64_t>({0, 0, 0, 1'000, 20'000})};
  }
  return o;
}

}  // namespace ombud::sim
