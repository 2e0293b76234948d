#include "delivery/link_runner.hpp"

#include "base/assert.hpp"
#include "base/json.hpp"
#include "delivery/limits.hpp"
#include "delivery/verdict.hpp"
#include "desk/delegations.hpp"
#include "desk/link_health.hpp"
#include "store/await.hpp"
#include "store/directory.hpp"
#include "store/exchanges.hpp"
#include "store/held_changes.hpp"

namespace ombud::delivery {
namespace {

namespace net = boost::asio;

wire::Operation operation_of(std::string_view op) {
  if (op == "put_ticket") return wire::Operation::put_ticket;
  if (op == "add_comment") return wire::Operation::add_comment;
  OMBUD_ASSERT(op == "add_attachment");
  return wire::Operation::add_attachment;
}

std::string_view kind_of(std::string_view op) {
  if (op == "put_ticket") return "ticket";
  return op == "add_comment" ? "comment" : "attachment";
}

void keep_exchanges(Tx& tx, std::string_view link, std::int64_t attempt, const wire::Reply& reply) {
  for (const wire::Exchange& e : reply.exchanges) {
    keep_exchange(tx, link, attempt,
                  {e.method, e.url, e.status, e.request_headers, e.request_body, e.response_headers,
                   e.response_body, e.error, e.ms, e.truncated});
  }
}

// A copy that is already known is brought to a state: doing that twice is doing it once.
bool is_update(const Delivery& d) {
  return d.op == "put_ticket" && !d.lane.external_id.empty();
}

// The desk's mail to a user whose thread has no first mail: that one was given up.
bool is_first_notice(const Delivery& d) {
  return d.lane.delegation.value == 0 && d.lane.external_id.empty();
}

// False for class C: neither an idempotency key nor a search, such as plain mail.
bool can_look_up(const HostStatus& status) {
  const auto& all = status.capabilities;
  return std::find(all.begin(), all.end(), "no-lookup") == all.end();
}

}  // namespace

LinkRunner::LinkRunner(net::any_io_executor executor, Clock& clock, Random& random, Store& store,
                       Blobs& blobs, Hosts& hosts, const Log& log, LinkSettings settings,
                       Rules rules)
    : clock_(clock),
      random_(random),
      store_(store),
      blobs_(blobs),
      hosts_(hosts),
      log_(log),
      settings_(std::move(settings)),
      rules_(rules),
      who_(system_principal("delivery")),
      tasks_(std::move(executor), [this](std::exception_ptr thrown) {
        failed_ = thrown;
        poke();
      }) {}

net::awaitable<void> LinkRunner::run() {
  std::exception_ptr thrown;
  try {
    co_await serve();
  } catch (...) {
    thrown = std::current_exception();
  }
  if (!thrown) co_return;
  // Told to end at once, or an error of ours: nothing that uses this object may outlive it.
  abandon();
  co_await net::this_coro::reset_cancellation_state(net::disable_cancellation());
  co_await tasks_.wait(clock_, kNever);
  std::rethrow_exception(thrown);
}

net::awaitable<void> LinkRunner::serve() {
  co_await recover();
  while (!closing_) {
    if (failed_) std::rethrow_exception(failed_);
    if (hosts_.status(settings_.link).state != HostState::up) {
      co_await clock_.sleep_until(kNever, &bell_);
    } else if (clock_.now() < closed_until()) {
      co_await clock_.sleep_until(closed_until(), &bell_);
    } else if (const int free = room(); free <= 0) {
      co_await clock_.sleep_until(kNever, &bell_);  // whoever is busy rings when it is not
    } else {
      const bool more = co_await claim_some(free);
      if (!more) co_await sleep_until_due();
    }
  }
  co_await tasks_.wait(clock_, kNever);
  if (failed_) std::rethrow_exception(failed_);
}

// Everything leased belongs to a hub that is gone: it may have left or not.
net::awaitable<void> LinkRunner::recover() {
  // The look-up lag is not known before the connector is up; deliver() adds it.
  recovered_at_ = clock_.now();
  const Instant run_at = recovered_at_ + unsettled();
  std::function<Result<int>(Tx&)> work = [this, run_at](Tx& tx) -> Result<int> {
    return ombud::recover(tx, settings_.link, run_at);
  };
  for (;;) {
    const auto recovered = co_await write<int>(store_, who_, work);
    if (recovered) {
      if (*recovered > 0) {
        log_.warning("deliveries in doubt after a stop",
                     {{"link", settings_.link}, {"count", *recovered}});
      }
      co_return;
    }
    co_await clock_.sleep_for(kBackoffFirst);
    if (closing_) co_return;
  }
}

// Nothing is claimed before.
Instant LinkRunner::closed_until() const {
  return settings_.interval.count() > 0 ? std::max(circuit_until_, next_write_) : circuit_until_;
}

// How many more may be claimed now: each of them starts at once, so that a link that is paused
// stands still, and nothing waits under a lease.
int LinkRunner::room() const {
  if (closing_ || holding_ > 0 || clock_.now() < closed_until()) return 0;
  // With the circuit half open, one probe shows whether the supplier is back.
  if (failures_ >= kCircuitAfter) return busy_ == 0 ? 1 : 0;
  const int free = hosts_.status(settings_.link).parallel - busy_;
  return settings_.interval.count() > 0 ? std::min(free, 1) : free;
}

// Whether whoever ends a delivery now may claim another.
bool LinkRunner::may_go_on() const {
  const HostStatus status = hosts_.status(settings_.link);
  return !closing_ && holding_ == 0 && failures_ == 0 && settings_.interval.count() == 0 &&
         status.state == HostState::up && busy_ <= status.parallel;
}

LinkRunner::Wish LinkRunner::wish_for(int room) const {
  Wish wish;
  wish.lease_until =
      clock_.now() + (settings_.soft_deadline + settings_.hard_after_soft) * 2 + kSkew;
  wish.settled = clock_.now() + unsettled();
  wish.room = room;
  wish.lookup = can_look_up(hosts_.status(settings_.link));
  return wish;
}

std::vector<Delivery> LinkRunner::claim_in(Tx& tx, const Wish& wish) const {
  set_link_lookup(tx, settings_.link, wish.lookup);
  expire(tx, settings_.link, wish.settled);
  // The store may have kept this waiting until nothing could start under such a lease.
  if (tx.at() >= start_before(wish.lease_until)) return {};
  return claim(tx, settings_.link, wish.lease_until, wish.room);
}

bool LinkRunner::link_open(Tx& tx) const {
  const auto link = find_link(tx, settings_.link);
  return link && link->state == "open" && link->configured && link->not_before <= tx.at();
}

std::string LinkRunner::link_state(Tx& tx) const {
  const auto link = find_link(tx, settings_.link);
  return link ? link->state : std::string();
}

Instant LinkRunner::take_turn() {
  const Instant turn = std::max(clock_.now(), next_write_);
  next_write_ = turn + settings_.interval;
  return turn;
}

net::awaitable<bool> LinkRunner::claim_some(int room) {
  const Wish wish = wish_for(room);
  std::function<Result<std::vector<Delivery>>(Tx&)> work =
      [this, wish](Tx& tx) -> Result<std::vector<Delivery>> { return claim_in(tx, wish); };
  // They count from here on: another may end, and claim, while this waits for the store.
  busy_ += room;
  auto claimed = co_await write<std::vector<Delivery>>(store_, who_, work);
  busy_ -= room;
  if (!claimed) {
    co_await clock_.sleep_for(kBackoffFirst);
    co_return true;
  }
  for (Delivery& delivery : *claimed) {
    Claim one{std::move(delivery), wish.lease_until};
    ++busy_;
    tasks_.spawn(deliver_from(std::move(one)));
  }
  co_return static_cast<int>(claimed->size()) == room;
}

net::awaitable<void> LinkRunner::sleep_until_due() {
  std::function<Result<Instant>(Tx&)> look = [this](Tx& tx) -> Result<Instant> {
    return next_due(tx, settings_.link);
  };
  const auto due = co_await read<Instant>(store_, who_, look);
  // Not before a moment has passed: a clock that stands still must not make this spin.
  const Instant soonest = clock_.now() + Millis{1};
  co_await clock_.sleep_until(due ? std::max(*due, soonest) : clock_.now() + kBackoffFirst, &bell_);
}

// How long after an unknown outcome "not there" means nothing.
Millis LinkRunner::unsettled() const {
  if (!rules_.wait_until_settled) return Millis{0};
  return settings_.settle + Millis{hosts_.status(settings_.link).lookup_lag_ms} + kSkew;
}

// The latest moment at which an operation may be sent, so that it has surely ended with its lease.
Instant LinkRunner::start_before(Instant lease_until) const {
  if (!rules_.deadline_inside_lease) return kNever;
  return lease_until - settings_.soft_deadline - settings_.hard_after_soft - kSkew;
}

bool LinkRunner::time_left(Instant lease_until) const {
  return clock_.now() < start_before(lease_until);
}

wire::Call LinkRunner::call_for(const Delivery& d) const {
  wire::Call call;
  call.operation = is_first_notice(d) ? wire::Operation::put_ticket : operation_of(d.op);
  call.attempt = static_cast<std::uint32_t>(d.attempts);
  call.correlation = d.correlation;
  call.external_id = d.lane.external_id;
  call.body = d.body;
  call.kind = kind_of(d.op);
  for (std::string_view rest = d.blob; !rest.empty();) {  // several have a space between them
    const std::size_t end = std::min(rest.find(' '), rest.size());
    call.content_path +=
        (call.content_path.empty() ? "" : "\n") + blobs_.path_of(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  call.soft_deadline_ms = settings_.soft_deadline.count();
  return call;
}

net::awaitable<void> LinkRunner::deliver_from(Claim claim) {
  std::optional<Claim> next = std::move(claim);
  while (next) {
    Claim one = std::move(*next);
    next = co_await deliver(std::move(one));
  }
  --busy_;
  poke();
}

// What may have changed while something else was waited for. Whether the link is open only the
// store knows; it is asked in the transaction before.
bool LinkRunner::may_start(Instant lease_until) const {
  return !closing_ && holding_ == 0 && time_left(lease_until) && clock_.now() >= circuit_until_ &&
         hosts_.status(settings_.link).state == HostState::up;
}

net::awaitable<std::optional<LinkRunner::Claim>> LinkRunner::deliver(Claim claim) {
  Delivery d = std::move(claim.delivery);
  const Instant lease_until = claim.lease_until;
  if (!may_start(lease_until)) {
    co_await give_back(std::move(d), clock_.now());
    co_return std::nullopt;
  }
  if (d.op != "put_ticket" && d.lane.external_id.empty() && !is_first_notice(d)) {
    wire::Reply missing;
    missing.status = wire::Status::permanent;
    missing.message =
        "The supplier's copy of the ticket was never made, so nothing can be added to it.";
    const Instant now = clock_.now();
    co_return co_await file(std::move(d), "write", now, std::move(missing));
  }
  if (d.doubt && clock_.now() < recovered_at_ + unsettled()) {
    co_await give_back(std::move(d), recovered_at_ + unsettled());
    co_return std::nullopt;
  }
  if (d.doubt && rules_.find_in_doubt &&
      !(is_update(d) && can_look_up(hosts_.status(settings_.link)))) {
    const Doubt doubt = co_await settle_doubt(d, lease_until);
    if (doubt == Doubt::open) {
      co_await give_back(std::move(d), clock_.now());
      co_return std::nullopt;
    }
    if (doubt != Doubt::not_there) co_return std::nullopt;
    d.doubt = false;
  }
  if (settings_.interval.count() > 0) {
    const Instant turn = std::max(clock_.now(), next_write_);
    if (turn >= start_before(lease_until)) {
      co_await give_back(std::move(d), turn);
      co_return std::nullopt;
    }
    next_write_ = turn + settings_.interval;
    const bool still = clock_.now() >= turn || co_await await_turn(turn, lease_until);
    if (!still) {
      co_await give_back(std::move(d), clock_.now());
      co_return std::nullopt;
    }
  }
  const Instant started = clock_.now();
  wire::Call call = call_for(d);
  wire::Reply reply =
      co_await hosts_.call(settings_.link, std::move(call), start_before(lease_until));
  co_return co_await file(std::move(d), "write", started, std::move(reply));
}

// Several that were in doubt may want to write at once: each has its turn. False: in the meantime
// the link was closed, or there is no time left.
net::awaitable<bool> LinkRunner::await_turn(Instant turn, Instant lease_until) {
  co_await clock_.sleep_until(turn);
  std::function<Result<bool>(Tx&)> ask = [this](Tx& tx) -> Result<bool> { return link_open(tx); };
  const auto open = co_await read<bool>(store_, who_, ask);
  co_return open&&* open&& may_start(lease_until);
}

// `not_there`: the supplier surely does not have it, so it may be written. `open`: not now.
net::awaitable<LinkRunner::Doubt> LinkRunner::settle_doubt(Delivery d, Instant lease_until) {
  const HostStatus status = hosts_.status(settings_.link);
  const Instant started = clock_.now();
  wire::Reply reply;
  if (!can_look_up(status)) {
    reply.status = wire::Status::ambiguous;
    reply.message = d.last_error;
    co_await file(std::move(d), "write", started, std::move(reply));
    co_return Doubt::filed;
  }
  wire::Call call = call_for(d);
  call.operation = wire::Operation::find;
  call.content_path.clear();
  reply = co_await hosts_.call(settings_.link, std::move(call), start_before(lease_until));
  const bool nothing_there = reply.status == wire::Status::ok && reply.documents.empty();
  if (nothing_there) {
    std::function<Result<bool>(Tx&)> note = [this, d, started, reply](Tx& tx) -> Result<bool> {
      const Attempt attempt{d.epoch, "find", "not there", started, clock_.now(), 0, "", 0};
      keep_exchanges(tx, settings_.link, record_attempt(tx, d.id, attempt), reply);
      return link_open(tx);
    };
    const auto open = co_await write<bool>(store_, who_, note);
    co_return open&&* open&& may_start(lease_until) ? Doubt::not_there : Doubt::open;
  }
  co_await file(std::move(d), "find", started, std::move(reply));
  co_return Doubt::filed;
}

net::awaitable<void> LinkRunner::give_back(Delivery d, Instant run_at) {
  std::function<Result<bool>(Tx&)> work = [d, run_at](Tx& tx) -> Result<bool> {
    if (any_held(tx, d.lane.link)) tx.poke_link(d.lane.link);
    return finish(tx, d, {Finish::give_back, run_at, {}, d.last_error, true});
  };
  for (;;) {
    const auto given = co_await write<bool>(store_, who_, work);
    if (given || closing_) co_return;  // else it comes back in doubt when its lease ends
    log_.error(
        "a claimed delivery could not be given back yet",
        {{"link", settings_.link}, {"delivery", d.id.value}, {"reason", given.error().detail}});
    co_await clock_.sleep_for(kBackoffFirst);
  }
}

void LinkRunner::note_health(Tx& tx, const Attempt& attempt, bool trouble, bool mended) const {
  if (trouble) {
    note_trouble(tx, desk::trouble_with(settings_.link, attempt.step == "find" ? "lookup" : "write",
                                        attempt.status, attempt.message));
  }
  if (!mended) return;
  end_trouble(tx, settings_.link, "write");
  end_trouble(tx, settings_.link, "lookup");
}

net::awaitable<std::optional<LinkRunner::Claim>> LinkRunner::file(Delivery d, std::string step,
                                                                  Instant started,
                                                                  wire::Reply reply) {
  const HostStatus status = hosts_.status(settings_.link);
  Context context;
  context.now = clock_.now();
  context.unsettled = unsettled();
  context.lookup_works = can_look_up(status);
  const bool was_probe = failures_ >= kCircuitAfter;
  const Ruling ruling = step == "find" ? judge_find(d, reply, context, random_).value()
                                       : judge_write(d, reply, context, random_);
  if (ruling.failure && settings_.one_receiver) {
    ++failures_;
    // One probe at a time, and never so long that a single ticket's back-off holds up the others.
    if (failures_ >= kCircuitAfter) {
      circuit_until_ = std::min(ruling.verdict.run_at, context.now + kCircuitPauseMax);
    }
  } else if (ruling.verdict.finish == Finish::done) {
    failures_ = 0;
    circuit_until_ = {};
  }
  const bool done = ruling.verdict.finish == Finish::done;
  const bool closes = ruling.close_for_auth || ruling.link_not_before;
  bool holds = closes;  // until the store knows, nothing more is sent into a closed door
  if (holds) ++holding_;
  const Attempt attempt{d.epoch,
                        step,
                        std::string(wire::to_text(reply.status)),
                        started,
                        context.now,
                        reply.supplier_code,
                        reply.message,
                        0};
  struct Filed {
    bool kept = false;  // the lease was still ours
    std::vector<Delivery> next;
  };
  // The next one is claimed in the same commit, if this one leaves room for it.
  const Wish wish = wish_for(done && step == "write" && may_go_on() ? 1 : 0);
  const bool trouble = ruling.failure || closes;
  const bool mended = done && troubled_;
  std::function<Result<Filed>(Tx&)> work = [this, d, ruling, attempt, reply, wish, trouble,
                                            mended](Tx& tx) -> Result<Filed> {
    Filed filed;
    keep_exchanges(tx, settings_.link, record_attempt(tx, d.id, attempt), reply);
    note_health(tx, attempt, trouble, mended);
    if (ruling.link_not_before) set_link_not_before(tx, settings_.link, *ruling.link_not_before);
    // A link that an operator has paused, or that another answer has closed, stays as it is.
    if (ruling.close_for_auth && link_state(tx) == "open") {
      set_link_state(tx, settings_.link, "auth",
                     "The supplier refused the credentials: " + reply.message);
    }
    filed.kept = finish(tx, d, ruling.verdict);
    if (any_held(tx, settings_.link)) tx.poke_link(settings_.link);  // they may have waited for it
    if (filed.kept && ruling.verdict.finish == Finish::done) {
      const auto document = reply.documents.empty() ? Result<json::Document>(json::Document{})
                                                    : json::parse(reply.documents.front());
      const json::View answer = document ? document->root() : json::View{};
      desk::delivered(tx, d, ruling.verdict.external_id, answer["url"].text(), answer);
    }
    if (filed.kept && ruling.verdict.finish == Finish::dead) {
      Delivery dead = d;
      dead.doubt = ruling.verdict.keep_doubt;
      desk::undeliverable(tx, dead, ruling.verdict.error);
    }
    if (wish.room > 0) filed.next = claim_in(tx, wish);
    return filed;
  };
  std::optional<Claim> next;
  // The outcome is known only here: it must not be dropped because the disk is full for a while.
  for (;;) {
    auto filed = co_await write<Filed>(store_, who_, work);
    if (filed) {
      if (trouble || mended) troubled_ = trouble;
      if (!filed->kept) {
        log_.warning("a lease was lost while its delivery was under way",
                     {{"link", settings_.link}, {"delivery", d.id.value}});
      }
      if (!filed->next.empty()) next = Claim{std::move(filed->next.front()), wish.lease_until};
      break;
    }
    if (closing_) break;  // the row stays leased and comes back in doubt
    if (!holds) ++holding_;
    holds = true;
    co_await clock_.sleep_for(kBackoffFirst);
  }
  if (holds) --holding_;
  // serve() sleeps until somebody is free; whoever goes on with the next one is not for a while.
  if (holds || (was_probe && failures_ == 0)) poke();
  if (!done) {
    log_.warning("delivery not done", {{"link", settings_.link},
                                       {"delivery", d.id.value},
                                       {"status", wire::to_text(reply.status)},
                                       {"reason", ruling.verdict.error}});
  }
  co_return next;
}

}  // namespace ombud::delivery
