// What is outside the hub in a run: time, what is going to happen, chance, the suppliers, and the
// list of what went wrong. It goes on while hubs crash and start again.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "conformance/fault_plan.hpp"
#include "conformance/supplier_model.hpp"
#include "sim/options.hpp"
#include "sim/trace.hpp"
#include "support/memory_store.hpp"

namespace ombud::sim {

// The time of the world, for whatever outlives a hub.
class WorldClock final : public Clock {
 public:
  Instant now() const override { return now_; }
  void set(Instant at) { now_ = at; }

 protected:
  void arm(net::steady_timer&, Instant) override {}
  void disarm(net::steady_timer&) override {}

 private:
  Instant now_ = instant_of(1'795'000'000'000);
};

// Things that must never be seen where they do not belong.
inline constexpr std::string_view kSecretCanary = "canary-secret-b7f3";
inline constexpr std::string_view kInternalCanary = "canary-internal-5d20";
inline constexpr std::string_view kPrivateCanary = "canary-private-91ce";  // a supplier's own note
inline constexpr std::string_view kUserMail = "erik.ek@alfa.example";
inline constexpr std::string_view kUserPhone = "+46 70-123 45 67";

struct Supplier {
  Supplier(const LinkOptions& link, Random& random)
      : options(link), model(link.name, link.rules), plan(random, link.faults) {}
  const LinkOptions& options;
  conformance::SupplierModel model;
  conformance::FaultPlan plan;
  int restored = 0;  // how often
  Instant restored_at{};
  int comparisons_left = 0;  // until an operator believes that all is repaired
};

class World {
 public:
  World(std::uint64_t seed, Mutation a_mutation, bool printed)
      : options(draw_options(seed)),
        mutation(a_mutation),
        random(seed * 4 + 2),
        hub_random(seed * 4 + 3),
        news_random(seed * 4 + 7'000'000'021),
        trace(printed) {
    for (const LinkOptions& link : options.links) {
      suppliers.emplace(link.name, std::make_unique<Supplier>(link, random));
    }
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  Instant now() const { return clock.now(); }
  void after(Millis wait, std::function<void()> what) {
    agenda_.emplace(now() + wait, std::move(what));
  }
  Instant next() const { return agenda_.empty() ? kNever : agenda_.begin()->first; }
  // Runs the next thing if it is due. Equal instants: in the order they were planned.
  bool run_due() {
    if (agenda_.empty() || agenda_.begin()->first > now()) return false;
    const auto what = std::move(agenda_.begin()->second);
    agenda_.erase(agenda_.begin());
    what();
    return true;
  }

  bool happens(unsigned per_mille) { return faulty && random.below(1000) < per_mille; }
  Millis up_to(std::int64_t ms) {
    return Millis{static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(ms)))};
  }
  void note(std::string_view who, std::string_view what) { trace.note(now(), who, what); }
  // An invariant does not hold.
  void fail(std::string what) {
    note("BROKEN", what);
    if (failures.size() < 20) failures.push_back(to_rfc3339(now()) + " " + what);
  }
  void crash(std::string_view where) {
    note("hub", where);
    crashed = true;
  }
  Supplier& supplier(std::string_view link) { return *suppliers.find(link)->second; }

  const Options options;
  const Mutation mutation;
  test::SeededRandom random;       // the world's chance
  test::SeededRandom hub_random;   // the hub's
  test::SeededRandom news_random;  // of what the desk announces; apart, so that seeds stay
  Trace trace;
  WorldClock clock;
  bool faulty = true;    // false once faults have stopped
  bool crashed = false;  // the hub is to be destroyed and built anew
  std::map<std::string, std::unique_ptr<Supplier>, std::less<>> suppliers;
  std::vector<std::string> failures;

 private:
  std::multimap<Instant, std::function<void()>> agenda_;
};

}  // namespace ombud::sim
