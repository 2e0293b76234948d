#include "sim/hub.hpp"

#include <fmt/format.h>

#include "notify/letters/book.hpp"

namespace ombud::sim {
namespace {

constexpr int kTurnsMax = 20'000;  // of the executor while time stands still: more is a loop

// They are read once for all lives of all hubs.
std::shared_ptr<const notify::Letters> letters_of_all() {
  static const auto book = std::make_shared<const notify::LetterBook>();
  return book;
}

}  // namespace

struct Hub::Link {
  Doorbell changed;
  std::unique_ptr<delivery::LinkRunner> runner;
  std::unique_ptr<inbound::Poller> poller;
  std::unique_ptr<inbound::HeldChanges> held;
  std::unique_ptr<inbound::Reconciler> reconciler;
  std::string name;

  void poke() {
    runner->poke();
    held->poke();
    reconciler->poke();
  }
};

Hub::Hub(World& world, SimStore& store, SimBlobs& blobs, HostFarm& farm, std::string scratch)
    : world_(world),
      store_(store),
      farm_(farm),
      clock_(world.now()),
      log_(clock_, Level::debug, [this](std::string_view line) { said(line); }),
      tasks_(context_.get_executor(), [this](std::exception_ptr thrown) {
        try {
          std::rethrow_exception(thrown);
        } catch (const std::exception& error) {
          world_.fail(fmt::format("a task of the hub threw: {}", error.what()));
        }
      }) {
  delivery::Rules delivery_rules;
  delivery_rules.find_in_doubt = world_.mutation != Mutation::no_find_in_doubt;
  delivery_rules.wait_until_settled = world_.mutation != Mutation::no_wait_until_settled;
  delivery_rules.deadline_inside_lease = world_.mutation != Mutation::no_deadline_inside_lease;
  inbound::Rules inbound_rules;
  inbound_rules.intake.filter_echoes = world_.mutation != Mutation::no_echo_filter;
  inbound_rules.intake.take_once = world_.mutation != Mutation::no_dedupe_key;
  inbound_rules.intake.hold_in_order = world_.mutation != Mutation::held_out_of_order;
  inbound_rules.intake.keep_held = world_.mutation != Mutation::held_lost;
  inbound_rules.cursor_with_events = world_.mutation != Mutation::cursor_apart_from_events;
  store_.hub_is_back();
  store_.observe([this](const CommitNote& note) { on_commit(note); });
  hosts_ = std::make_unique<Hosts>(context_.get_executor(), clock_, world_.hub_random, farm_, farm_,
                                   log_, HostLimits());
  taker_ = std::make_unique<inbound::ChangeTaker>(store_, blobs, log_, inbound_rules);
  pushed_ = std::make_unique<inbound::Pushed>(clock_, *hosts_, *taker_);
  for (const LinkOptions& options : world_.options.links) {
    auto link = std::make_unique<Link>();
    link->name = options.name;
    delivery::LinkSettings settings;
    settings.link = options.name;
    settings.settle = world_.options.settle;
    settings.interval = options.interval;
    link->runner = std::make_unique<delivery::LinkRunner>(context_.get_executor(), clock_,
                                                          world_.hub_random, store_, blobs, *hosts_,
                                                          log_, settings, delivery_rules);
    link->poller =
        std::make_unique<inbound::Poller>(clock_, world_.hub_random, store_, *hosts_, *taker_, log_,
                                          options.name, options.poll_every);
    link->held = std::make_unique<inbound::HeldChanges>(
        inbound::HeldParts{clock_, world_.hub_random, store_, blobs, *hosts_, log_, taker_->rules(),
                           scratch},
        options.name);
    link->reconciler = std::make_unique<inbound::Reconciler>(
        inbound::ReconcilerParts{clock_, store_, *hosts_, log_,
                                 [runner = link->runner.get()] { return runner->take_turn(); },
                                 [runner = link->runner.get()] { return runner->is_delivering(); },
                                 [poller = link->poller.get()] { poller->poke(); }},
        options.name, inbound::ReconcileSettings{Millis{0}, world_.options.settle});
    HostSpec spec;
    spec.link = options.name;
    spec.secrets["token"] = std::string(kSecretCanary);
    spec.parallel = options.parallel;
    hosts_->start(std::move(spec), &link->changed);
    tasks_.spawn(link->runner->run());
    tasks_.spawn(link->poller->run());
    tasks_.spawn(link->held->run());
    tasks_.spawn(link->held->run_fetches());
    if (options.restores) tasks_.spawn(link->reconciler->run());
    tasks_.spawn(watch(*link));
    links_.push_back(std::move(link));
  }
  notify::Rules notify_rules;
  notify_rules.cursor_with_rows = world_.mutation != Mutation::told_apart_from_cursor;
  notify_rules.broadcast_with_rows = world_.mutation != Mutation::broadcast_apart_from_rows;
  notifier_ = std::make_unique<notify::Notifier>(
      notify::Notifier::Parts{context_.get_executor(),
                              clock_,
                              store_,
                              log_,
                              notify::SigningKey(std::string(notify::SigningKey::kBytes, 'k')),
                              {},
                              "https://desk.example",
                              letters_of_all()},
      notify_rules);
  tasks_.spawn(notifier_->run());
}

// As a power cut: whatever waits is never answered. The coroutines are ended in good order only
// because their memory must be given back.
Hub::~Hub() {
  store_.hub_gone();
  farm_.hub_gone();
  tasks_.cancel(net::cancellation_type::terminal);
  for (const auto& link : links_) link->runner->abandon();
  run_dry();
  store_.drop_unanswered();
  run_dry();
  hosts_.reset();
  run_dry();
}

void Hub::run_dry() {
  do {
    context_.restart();
  } while (context_.poll() > 0);
}

void Hub::said(std::string_view line) {
  if (line.find(kSecretCanary) != std::string_view::npos) world_.fail("a secret stands in the log");
  world_.note("log", line);
}

net::awaitable<void> Hub::watch(Link& link) {
  for (;;) {
    co_await clock_.sleep_until(kNever, &link.changed);
    link.poke();
    link.poller->poke();
  }
}

void Hub::on_commit(const CommitNote& note) {
  for (const auto& link : links_) {
    if (std::find(note.links.begin(), note.links.end(), link->name) != note.links.end())
      link->poke();
  }
  notifier_->committed(note);
}

void Hub::push(const std::string& link, std::string body, std::function<void(bool)> answered) {
  tasks_.spawn(take_push(link, std::move(body), std::move(answered)));
}

net::awaitable<void> Hub::take_push(std::string link, std::string body,
                                    std::function<void(bool)> answered) {
  const inbound::Understood understood = co_await pushed_->understand(link, "{}", std::move(body));
  answered(understood.status == wire::Status::ok);
}

void Hub::poll() {
  context_.restart();
  while (!world_.crashed && context_.poll_one() > 0) {
    if (++turns_ > kTurnsMax) {
      world_.fail("the hub turns round and round while time stands still");
      world_.crashed = true;
      return;
    }
  }
}

bool Hub::advance(Instant until) {
  const Instant before = clock_.now();
  const bool woke = clock_.advance(until);
  world_.clock.set(clock_.now());
  if (clock_.now() != before) turns_ = 0;
  return woke;
}

}  // namespace ombud::sim
