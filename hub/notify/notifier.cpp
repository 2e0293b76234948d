#include "notify/notifier.hpp"

#include <fmt/format.h>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>

#include "notify/limits.hpp"
#include "store/await.hpp"

namespace ombud::notify {
namespace {

std::string_view words_of(Source source) {
  switch (source) {
    case Source::held:
      return "mails that waited for an hour of somebody's";
    case Source::tickets:
      return "what happens on tickets";
    case Source::notices:
      return "what happens to notices";
    case Source::broadcasts:
      return "major incidents";
  }
  return {};
}

Millis wait_after(int failures) {
  Millis wait = kRetryAfter;
  for (int i = 1; i < failures && wait < kRetryAfterMax; ++i) wait *= 2;
  return std::min(wait, kRetryAfterMax);
}

}  // namespace

Notifier::Notifier(Parts parts, Rules rules) : parts_(std::move(parts)), rules_(rules) {}

void Notifier::poke() {
  boost::asio::post(parts_.executor, [this] { bell_.ring(); });
}

void Notifier::set_files(FilePolicy files) {
  parts_.files = std::move(files);
}

void Notifier::committed(const CommitNote& note) {
  if (!note.tickets.empty() || !note.notices.empty()) poke();
}

void Notifier::close() {
  closing_ = true;
  bell_.ring();
}

std::vector<std::string> Notifier::findings() const {
  std::vector<std::string> all;
  for (const Source source : kSources) {
    const Course& course = course_of(source);
    if (course.failures > 0) {
      all.push_back(fmt::format(
          "People cannot be told of {} since {}: {} It is tried again at least every {} seconds; "
          "nothing is lost",
          words_of(source), to_rfc3339(course.since), course.reason,
          kRetryAfterMax.count() / 1000));
    }
    if (course.left_out > 0) {
      all.push_back(fmt::format(
          "Of {}, {} could not be told since the hub was started and {} left out, the last: {}. "
          "This is a bug, please report it with the hub's log",
          words_of(source), course.left_out, course.left_out == 1 ? "was" : "were",
          course.last_left_out));
    }
  }
  return all;
}

boost::asio::awaitable<void> Notifier::run() {
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  const auto goes_on = [this](boost::asio::cancellation_state state) {
    return !closing_ && state.cancelled() == boost::asio::cancellation_type::none;
  };
  while (goes_on(co_await boost::asio::this_coro::cancellation_state)) {
    wake_ = kNever;
    bool some = false, part = false;
    const auto all = turns();
    for (const Portions& take : all) {
      const Step step = co_await attempt(take);
      some = some || step == Step::some;
      part = part || step == Step::part;
    }
    if (part) continue;
    for (const Course& course : courses_) {
      if (course.apart) wake_ = std::min(wake_, course.next);
    }
    // After some there is another look: what was told now may be due by an hour of somebody's.
    if (!some) co_await parts_.clock.sleep_until(wake_, &bell_);
    if (closing_) co_return;
    // Writers are not disturbed for each of many: what follows closely is told together.
    co_await parts_.clock.sleep_for(kPause);
  }
}

// All that work, together, in one transaction; each that failed, alone.
std::vector<Portions> Notifier::turns() const {
  const Instant now = parts_.clock.now();
  std::vector<Portions> all;
  Portions together{};
  for (const Source source : kSources) {
    const std::size_t i = index_of(source);
    if (!course_of(source).apart) together[i] = kFullPortions[i];
  }
  if (together != Portions{}) all.push_back(together);
  for (const Source source : kSources) {
    const Course& course = course_of(source);
    if (!course.apart || course.next > now) continue;
    Portions alone{};
    alone[index_of(source)] = course.one_by_one > 0 ? 1 : kFullPortions[index_of(source)];
    all.push_back(alone);
  }
  return all;
}

boost::asio::awaitable<Notifier::Step> Notifier::attempt(Portions take) {
  Fault fault;
  Step step = Step::none;
  try {
    step = co_await round(take);
  } catch (const StoreError& error) {
    fault = {error.what(), true};
  } catch (const std::exception& error) {
    fault = {error.what(), false};
  }
  if (fault.reason.empty()) {
    went_well(take, step);
    co_return step;
  }
  co_await went_wrong(take, std::move(fault));
  co_return Step::none;
}

boost::asio::awaitable<Notifier::Step> Notifier::round(Portions take) {
  const Desk desk{*parts_.letters, parts_.key, parts_.reply_key, parts_.public_url, parts_.files};
  std::function<Result<std::shared_ptr<const Plan>>(Tx&)> look =
      [&desk, &take](Tx& tx) -> Result<std::shared_ptr<const Plan>> {
    return std::make_shared<const Plan>(plan(tx, desk, take));
  };
  const auto planned =
      co_await read<std::shared_ptr<const Plan>>(parts_.store, system_principal("notify"), look);
  if (!planned) throw StoreError(planned.error().detail);
  wake_ = std::min(wake_, (*planned)->wake);
  if ((*planned)->empty()) co_return Step::none;
  co_await carry_out_plan(*planned);
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
  if (!rules_.broadcast_with_rows && plan->step) {
    std::function<Result<bool>(Tx&)> step = [plan](Tx& tx) -> Result<bool> {
      set_broadcast(tx, *plan->step);
      return true;
    };
    const auto came = co_await write<bool>(parts_.store, who, step);
    if (!came) throw StoreError(came.error().detail);
  }
  const auto told = co_await write<People>(parts_.store, who, work);
  if (!told) throw StoreError(told.error().detail);
  if (parts_.told && !told->empty()) parts_.told(*told);
}

void Notifier::went_well(const Portions& take, Step step) {
  for (const Source source : kSources) {
    Course& course = course_of(source);
    if (take[index_of(source)] == 0 || !course.apart) continue;
    course.failures = 0;
    course.next = parts_.clock.now();
    if (course.one_by_one > 0) --course.one_by_one;
    if (step == Step::none) course.one_by_one = 0;
    course.apart = course.one_by_one > 0;
  }
}

// What failed together is tried again at once, each source by itself and then one by one, so that
// only what cannot be told waits.
boost::asio::awaitable<void> Notifier::went_wrong(Portions take, Fault fault) {
  const auto taken =
      std::count_if(take.begin(), take.end(), [](int portion) { return portion > 0; });
  const Instant now = parts_.clock.now();
  for (const Source source : kSources) {
    const int portion = take[index_of(source)];
    if (portion == 0) continue;
    Course& course = course_of(source);
    course.next = now;
    if (taken > 1 || !course.apart) {
      course.apart = true;
      continue;
    }
    if (portion > 1) {
      course.one_by_one = portion;
      continue;
    }
    if (course.failures++ == 0) course.since = now;
    course.reason = fault.reason;
    course.next = now + wait_after(course.failures);
    parts_.log.error(
        "people could not be told yet",
        {{"of", words_of(source)}, {"tries", course.failures}, {"reason", fault.reason}});
    if (!fault.of_store && course.failures >= kFailuresMax) co_await leave_out(source);
  }
}

boost::asio::awaitable<void> Notifier::leave_out(Source source) {
  std::function<Result<std::string>(Tx&)> skip = [source](Tx& tx) -> Result<std::string> {
    return leave_out_next(tx, source);
  };
  const auto skipped = co_await write<std::string>(parts_.store, system_principal("notify"), skip);
  if (!skipped) co_return;  // it is tried again, and left out then
  Course& course = course_of(source);
  course.failures = 0;
  course.next = parts_.clock.now();
  if (skipped->empty()) co_return;
  parts_.log.error("something was told to nobody: this is a bug, please report it",
                   {{"of", words_of(source)}, {"what", *skipped}, {"reason", course.reason}});
  ++course.left_out;
  course.last_left_out = fmt::format("{} ({})", *skipped, course.reason);
}

}  // namespace ombud::notify
