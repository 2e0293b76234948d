#include "notify/notifier.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include "notify/limits.hpp"
#include "store/await.hpp"

namespace ombud::notify {

Notifier::Notifier(Parts parts, Rules rules)
    : parts_(std::move(parts)), rules_(rules), events_max_(kEventsPerRound) {}

void Notifier::poke() {
  boost::asio::post(parts_.executor, [this] { bell_.ring(); });
}

void Notifier::committed(const CommitNote& note) {
  if (!note.tickets.empty() || !note.notices.empty()) poke();
}

void Notifier::close() {
  closing_ = true;
  bell_.ring();
}

boost::asio::awaitable<void> Notifier::run() {
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  const auto goes_on = [this](boost::asio::cancellation_state state) {
    return !closing_ && state.cancelled() == boost::asio::cancellation_type::none;
  };
  while (goes_on(co_await boost::asio::this_coro::cancellation_state)) {
    std::string store_failed, failed;
    Step step = Step::none;
    try {
      step = co_await round();
    } catch (const StoreError& error) {
      store_failed = error.what();
    } catch (const std::exception& error) {
      failed = error.what();
    }
    if (!store_failed.empty()) {
      co_await rest(std::move(store_failed));
    } else if (!failed.empty()) {
      co_await leave_out_one(std::move(failed));
    } else if (step != Step::part) {
      // After some there is another look: what was told now may be due by an hour of somebody's.
      if (step == Step::none) co_await parts_.clock.sleep_until(wake_, &bell_);
      if (closing_) co_return;
      // Writers are not disturbed for each of many: what follows closely is told together.
      co_await parts_.clock.sleep_for(kPause);
    }
  }
}

boost::asio::awaitable<Notifier::Step> Notifier::round() {
  const Desk desk{*parts_.letters, parts_.key, parts_.reply_key, parts_.public_url, parts_.files};
  std::function<Result<std::shared_ptr<const Plan>>(Tx&)> look =
      [&desk, events = events_max_](Tx& tx) -> Result<std::shared_ptr<const Plan>> {
    return std::make_shared<const Plan>(plan(tx, desk, events));
  };
  const auto planned =
      co_await read<std::shared_ptr<const Plan>>(parts_.store, system_principal("notify"), look);
  if (!planned) throw StoreError(planned.error().detail);
  wake_ = (*planned)->wake;
  if ((*planned)->empty()) co_return Step::none;
  co_await carry_out_plan(*planned);
  failures_ = 0;
  events_max_ = kEventsPerRound;
  co_return (*planned)->more ? Step::part : Step::some;
}

boost::asio::awaitable<void> Notifier::carry_out_plan(std::shared_ptr<const Plan> plan) {
  using People = std::vector<PersonId>;
  const Principal who = system_principal("notify");
  std::function<Result<People>(Tx&)> work = [plan](Tx& tx) -> Result<People> {
    return carry_out(tx, *plan);
  };
  if (!rules_.cursor_with_rows) {
    std::function<Result<bool>(Tx&)> cursors = [plan](Tx& tx) -> Result<bool> {
      move_cursors(tx, *plan);
      return true;
    };
    const auto moved = co_await write<bool>(parts_.store, who, cursors);
    if (!moved) throw StoreError(moved.error().detail);
    work = [plan](Tx& tx) -> Result<People> { return carry_out_rows(tx, *plan); };
  }
  const auto told = co_await write<People>(parts_.store, who, work);
  if (!told) throw StoreError(told.error().detail);
  if (parts_.told && !told->empty()) parts_.told(*told);
}

boost::asio::awaitable<void> Notifier::rest(std::string reason) {
  parts_.log.error("people could not be told yet", {{"reason", reason}});
  co_await parts_.clock.sleep_until(parts_.clock.now() + kRetryAfter, &bell_);
}

// A fault of ours at one event must not keep all others from being told: they are tried one by one,
// and the one that fails again and again is left out.
boost::asio::awaitable<void> Notifier::leave_out_one(std::string reason) {
  const bool alone = events_max_ == 1;
  events_max_ = 1;
  if (!alone || ++failures_ < kFailuresMax) {
    co_await rest(std::move(reason));
    co_return;
  }
  failures_ = 0;
  std::function<Result<std::int64_t>(Tx&)> skip = [](Tx& tx) -> Result<std::int64_t> {
    const auto events = events_to_tell(tx, notify_cursor(tx, kTicketLog), 1);
    if (events.empty()) return 0;
    set_notify_cursor(tx, kTicketLog, events.front().id.value);
    return events.front().id.value;
  };
  const auto skipped = co_await write<std::int64_t>(parts_.store, system_principal("notify"), skip);
  parts_.log.error("nobody was told of an event: this is a bug, please report it",
                   {{"event", skipped ? *skipped : 0}, {"reason", reason}});
}

}  // namespace ombud::notify
