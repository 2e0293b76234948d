#include "http/tmf621/publisher.hpp"

#include <boost/asio/post.hpp>

#include "http/tmf621/events.hpp"
#include "store/await.hpp"
#include "store/systems.hpp"

namespace ombud::http::tmf {
namespace {

constexpr Millis kRetryAfter{1'000};

}  // namespace

Publisher::Publisher(boost::asio::any_io_executor executor, Clock& clock, Store& store,
                     const Log& log, Settings settings)
    : executor_(std::move(executor)),
      clock_(clock),
      store_(store),
      log_(log),
      settings_(std::move(settings)) {}

void Publisher::wake() {
  boost::asio::post(executor_, [this] { bell_.ring(); });
}

void Publisher::committed(const CommitNote& note) {
  if (active_ && !note.tickets.empty()) wake();
}

void Publisher::subscribed() {
  active_ = true;
  wake();
}

void Publisher::close() {
  closing_ = true;
  bell_.ring();
}

boost::asio::awaitable<void> Publisher::run() {
  const Principal who = system_principal("publisher");
  std::function<Result<bool>(Tx&)> anybody = [](Tx& tx) -> Result<bool> {
    return !list_subscriptions(tx).empty();
  };
  std::function<Result<bool>(Tx&)> publish = [this](Tx& tx) -> Result<bool> {
    return publish_some(tx, settings_);
  };
  while (!closing_) {
    active_ = true;
    const auto some = co_await read<bool>(store_, who, anybody);
    if (some && !*some) {
      active_ = false;
      // Whoever subscribed since then has set it again, and rung.
      co_await clock_.sleep_until(kNever, &bell_);
      continue;
    }
    const auto more =
        some ? co_await write<bool>(store_, who, publish) : Result<bool>(some.error());
    if (!more) {
      log_.error("subscribers could not be told yet", {{"reason", more.error().detail}});
      co_await clock_.sleep_until(clock_.now() + kRetryAfter, &bell_);
    } else if (!*more) {
      co_await clock_.sleep_until(kNever, &bell_);
    }
  }
}

}  // namespace ombud::http::tmf
