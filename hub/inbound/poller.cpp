#include "inbound/poller.hpp"

#include <algorithm>

#include "desk/link_health.hpp"
#include "inbound/limits.hpp"
#include "store/await.hpp"
#include "store/directory.hpp"

namespace ombud::inbound {

namespace net = boost::asio;

Poller::Poller(Clock& clock, Random& random, Store& store, Hosts& hosts, ChangeTaker& taker,
               const Log& log, std::string link, Millis every)
    : clock_(clock),
      random_(random),
      store_(store),
      hosts_(hosts),
      taker_(taker),
      log_(log),
      who_(system_principal("inbound")),
      link_(std::move(link)),
      every_(every) {}

net::awaitable<void> Poller::run() {
  while (!closing_) {
    const HostStatus status = hosts_.status(link_);
    const bool polls = std::find(status.extensions.begin(), status.extensions.end(),
                                 "ombud.poll/1") != status.extensions.end();
    if (status.state != HostState::up || !polls) {
      co_await clock_.sleep_until(kNever, &bell_);
      continue;
    }
    const Millis wait = co_await poll_once();
    co_await clock_.sleep_until(clock_.now() + wait, &bell_);
  }
}

// What an operator reads of it. If the store cannot keep it now, the next poll tells it again.
net::awaitable<void> Poller::note(std::optional<LinkTrouble> trouble) {
  std::function<Result<int>(Tx&)> work = [this, trouble](Tx& tx) -> Result<int> {
    if (trouble) {
      note_trouble(tx, *trouble);
    } else {
      end_trouble(tx, link_, "poll");
    }
    return 0;
  };
  const auto kept = co_await write<int>(store_, who_, work);
  if (kept) troubled_ = trouble.has_value();
}

net::awaitable<Millis> Poller::poll_once() {
  std::function<Result<Link>(Tx&)> ask = [this](Tx& tx) -> Result<Link> {
    auto link = find_link(tx, link_);
    if (!link) return not_found("link");
    return *link;
  };
  const auto link = co_await read<Link>(store_, who_, ask);
  // a little apart from each other, so that a hundred links do not poll in the same second
  const Millis regular = every_ + Millis{static_cast<std::int64_t>(random_.below(
                                      static_cast<std::uint64_t>(every_.count() / 10 + 1)))};
  if (!link || link->state != "open") co_return regular;

  wire::Call call;
  call.operation = wire::Operation::changes;
  call.cursor = link->poll_cursor;
  call.soft_deadline_ms = kPollDeadline.count();
  wire::Reply reply = co_await hosts_.call(link_, std::move(call));
  if (!reply.documents.empty()) {
    // Also what was pushed before a failure: a change may come twice, and its cursor did not come.
    const auto taken = co_await taker_.take(link_, std::move(reply.documents));
    if (!taken) {
      log_.error("polled changes could not be stored",
                 {{"link", link_}, {"reason", taken.error().detail}});
      co_return std::min(every_, kFailedWaitMax);
    }
    if (taken->applied + taken->held > 0) {
      log_.info("changes taken", {{"link", link_},
                                  {"applied", taken->applied},
                                  {"held", taken->held},
                                  {"echoes", taken->echoes}});
    }
  }
  const bool well = reply.status == wire::Status::ok;
  std::optional<LinkTrouble> trouble;
  if (!well && reply.status != wire::Status::cancelled) {
    trouble = desk::trouble_with(link_, "poll", wire::to_text(reply.status), reply.message);
  }
  if (trouble || (well && troubled_)) co_await note(std::move(trouble));
  switch (reply.status) {
    case wire::Status::ok:
      failures_ = 0;
      co_return regular;
    case wire::Status::auth: {
      std::function<Result<int>(Tx&)> pause = [this, why = reply.message](Tx& tx) -> Result<int> {
        const auto row = find_link(tx, link_);  // an operator may have paused it meanwhile
        if (row && row->state == "open") {
          set_link_state(tx, link_, "auth", "The supplier refused the credentials: " + why);
        }
        return 0;
      };
      const auto paused = co_await write<int>(store_, who_, pause);
      if (!paused) co_return std::min(every_, kFailedWaitMax);
      co_return regular;
    }
    case wire::Status::rate_limited:
      co_return std::max(every_, std::min(Millis{reply.retry_after_ms}, kFailedWaitMax));
    default:
      break;
  }
  ++failures_;
  log_.warning("poll failed",
               {{"link", link_}, {"failures", failures_}, {"reason", reply.message}});
  co_return std::max(every_,
                     std::min<Millis>(kFailedWaitMax, every_ * (1LL << std::min(failures_, 6))));
}

}  // namespace ombud::inbound
