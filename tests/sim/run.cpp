#include "sim/run.hpp"

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include "sim/people.hpp"

namespace ombud::sim {
namespace {

constexpr Millis kConvergenceMax{7 * 24LL * 3'600'000};
constexpr Millis kLookEvery{15 * 60'000};
constexpr Millis kReopenEvery{3'600'000};
constexpr Millis kPushPatience{60'000};
constexpr Millis kPushAgain{120'000};  // times the attempt, at most
constexpr int kPushesMax = 6;
constexpr int kComparisonsMax = 8;
constexpr int kAnnouncements = 6;
constexpr std::int64_t kStepsMax = 3'000'000;
constexpr std::int64_t kDayMs = 24LL * 3'600'000;

volatile std::uint64_t running_seed = 0;

// An assertion of production ends the process: say first which run it was.
extern "C" void tell_seed(int) {
  char text[64];
  const int size = std::snprintf(text, sizeof text, "sim --seed %llu\n",
                                 static_cast<unsigned long long>(running_seed));
  if (::write(2, text, static_cast<std::size_t>(size)) < 0) std::_Exit(1);
  std::signal(SIGABRT, SIG_DFL);
}

class Run {
 public:
  Run(std::uint64_t seed, Mutation mutation, bool printed)
      : world_(seed, mutation, printed),
        auditor_(world_),
        store_(world_, world_.hub_random, auditor_),
        farm_(world_, blobs_, auditor_),
        people_(world_, store_, blobs_, auditor_),
        scratch_(std::filesystem::temp_directory_path() / fmt::format("ombud-sim-{}", ::getpid())) {
    std::filesystem::create_directories(scratch_);
    auditor_.watch(store_);
    for (const auto& [name, supplier] : world_.suppliers) {
      if (!supplier->options.pushes) continue;
      supplier->model.on_change(
          [this, who = supplier.get()](const conformance::ModelChange& change) {
            push_soon(*who, change, 1);
          });
    }
  }
  ~Run() {
    hub_.reset();
    std::filesystem::remove_all(scratch_);
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  Outcome go() {
    people_.set_up();
    start_hub();
    plan_faults();
    plan_restores();
    run_until(world_.now() + world_.options.fault_phase);
    stop_faults();
    const Instant end = world_.now() + kConvergenceMax;
    Instant reopen = world_.now();
    while (whole() && !auditor_.is_quiet() && world_.now() < end) {
      if (world_.now() >= reopen) {
        people_.reopen(hub_.get());
        people_.reconcile();
        reopen = world_.now() + kReopenEvery;
      }
      run_until(world_.now() + kLookEvery);
    }
    if (whole() && !auditor_.is_quiet())
      world_.fail("does not come to rest:" + auditor_.unfinished());
    if (whole()) auditor_.check_end();
    Outcome outcome{world_.failures, world_.trace.hash(), crashes_, 0};
    for (const auto& [name, supplier] : world_.suppliers)
      outcome.objects += supplier->model.feed().size();
    return outcome;
  }

 private:
  bool whole() const { return world_.failures.empty(); }

  void start_hub() {
    hub_ = std::make_unique<Hub>(world_, store_, blobs_, farm_, scratch_.string());
  }

  // The supplier calls our webhook; if it hears no yes, it tries again, but not for ever.
  void push_soon(const Supplier& supplier, conformance::ModelChange change, int attempt) {
    const Millis wait = attempt == 1 ? world_.up_to(supplier.options.push_delay.count() + 1)
                                     : world_.up_to(kPushAgain.count() * attempt);
    world_.after(wait, [this, &supplier, change = std::move(change), attempt] {
      const auto answered = std::make_shared<bool>(false);
      const auto again = [this, &supplier, change, attempt] {
        if (attempt < kPushesMax) push_soon(supplier, change, attempt + 1);
      };
      if (hub_ == nullptr || world_.crashed) return again();
      world_.note(supplier.options.name, "pushes " + change.event_id);
      if (!supplier.model.tells(change.event_id)) return;
      const LinkOptions& link = supplier.options;
      hub_->push(link.name, supplier.model.document_of(change, link.attachments_inside),
                 [this, answered, again, &link, event = change.event_id](bool taken) {
                   *answered = true;
                   if (taken) auditor_.on_pushed(link.name, event);
                   if (!taken || world_.happens(link.push_again)) again();
                 });
      world_.after(kPushPatience, [answered, again] {
        if (!*answered) again();
      });
    });
  }

  void plan_faults() {
    const auto phase = static_cast<std::uint64_t>(world_.options.fault_phase.count());
    const auto some_time = [&] {
      return Millis{static_cast<std::int64_t>(world_.random.below(phase))};
    };
    for (int i = 0; i < world_.options.actions; ++i) {
      world_.after(some_time(), [this] { people_.act(hub_.get()); });
    }
    for (int i = 0; i < kAnnouncements; ++i) {
      const Millis when{static_cast<std::int64_t>(world_.news_random.below(phase))};
      // The next step often comes before all have been told of this one.
      world_.after(when, [this] { people_.announce(); });
      world_.after(when + Millis{static_cast<std::int64_t>(world_.news_random.below(200))},
                   [this] { people_.announce(); });
    }
    const auto in_phase = [&](unsigned per_day) {
      return per_day * phase / static_cast<std::uint64_t>(kDayMs) + (per_day > 0 ? 1 : 0);
    };
    for (std::uint64_t i = 0; i < in_phase(world_.options.host.kills_per_day); ++i) {
      world_.after(some_time(), [this] { farm_.kill_one(); });
    }
    for (std::uint64_t i = 0; i < in_phase(world_.options.store.full_per_day); ++i) {
      const Millis from = some_time();
      const Millis length = world_.up_to(20 * 60'000);
      world_.after(from, [this] { store_.set_full(world_.faulty); });
      world_.after(from + length, [this] { store_.set_full(false); });
    }
  }

  // Some of the suppliers fall back behind what they had said yes to.
  void plan_restores() {
    for (const auto& [name, supplier] : world_.suppliers) {
      if (!supplier->options.restores) continue;
      const auto backup = std::make_shared<conformance::SupplierModel::Backup>();
      const Millis taken = world_.up_to(world_.options.fault_phase.count());
      const Millis lost = taken + world_.up_to((world_.options.fault_phase - taken).count() + 1);
      world_.after(taken, [backup, who = supplier.get()] { *backup = who->model.back_up(); });
      world_.after(lost, [this, backup, who = supplier.get()] {
        world_.note(who->options.name, "is restored");
        who->model.restore(*backup);
        auditor_.on_restored(*who);
        ++who->restored;
        who->restored_at = world_.now();
        who->comparisons_left = kComparisonsMax;
        for (int i = 1; i < kComparisonsMax; ++i) {
          world_.after(world_.up_to(i * 3'600'000LL), [this] { people_.reconcile(); });
        }
      });
    }
  }

  void stop_faults() {
    world_.note("world", "faults stop");
    world_.faulty = false;
    store_.set_full(false);
    for (const auto& [name, supplier] : world_.suppliers) supplier->plan.heal();
  }

  void run_until(Instant until) {
    while (whole() && step(until)) {
      if (++steps_ > kStepsMax) world_.fail("too many steps");
    }
  }

  // False: nothing more happens until `until`.
  bool step(Instant until) {
    if (hub_) hub_->poll();
    if (world_.crashed) {
      world_.crashed = false;
      ++crashes_;
      hub_.reset();
      auditor_.check_after_crash();
      world_.after(world_.up_to(60'000), [this] { start_hub(); });
      return true;
    }
    if (world_.run_due()) return true;
    const Instant limit = std::min(world_.next(), until);
    if (hub_) {
      if (hub_->advance(limit)) return true;
    } else {
      world_.clock.set(limit);
    }
    return world_.next() <= until;
  }

  World world_;
  SimBlobs blobs_;
  Auditor auditor_;
  SimStore store_;
  HostFarm farm_;
  People people_;
  const std::filesystem::path scratch_;
  std::unique_ptr<Hub> hub_;
  int crashes_ = 0;
  std::int64_t steps_ = 0;
};

}  // namespace

Outcome run(std::uint64_t seed, Mutation mutation, bool printed) {
  running_seed = seed;
  const auto before = std::signal(SIGABRT, tell_seed);
  Outcome outcome = Run(seed, mutation, printed).go();
  std::signal(SIGABRT, before);
  return outcome;
}

}  // namespace ombud::sim
