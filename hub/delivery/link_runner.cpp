#include "delivery/link_runner.hpp"

#include "base/assert.hpp"
#include "base/json.hpp"
#include "delivery/limits.hpp"
#include "delivery/verdict.hpp"
#include "desk/delegations.hpp"
#include "store/await.hpp"
#include "store/directory.hpp"

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

LinkRunner::LinkRunner(Clock& clock, Random& random, Store& store, Blobs& blobs, Hosts& hosts,
                       const Log& log, LinkSettings settings, Rules rules)
    : clock_(clock),
      random_(random),
      store_(store),
      blobs_(blobs),
      hosts_(hosts),
      log_(log),
      settings_(std::move(settings)),
      rules_(rules),
      who_(system_principal("delivery")) {}

net::awaitable<void> LinkRunner::run() {
  co_await recover();
  while (!closing_) {
    if (hosts_.status(settings_.link).state != HostState::up) {
      co_await clock_.sleep_until(kNever, &bell_);
      continue;
    }
    if (clock_.now() < circuit_until_) {
      co_await clock_.sleep_until(circuit_until_, &bell_);
      continue;
    }
    co_await work();
  }
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

net::awaitable<void> LinkRunner::work() {
  const Instant lease_until =
      clock_.now() + (settings_.soft_deadline + settings_.hard_after_soft) * 2 + kSkew;
  auto batch = co_await claim_some(lease_until);
  if (batch.empty()) {
    std::function<Result<Instant>(Tx&)> look = [this](Tx& tx) -> Result<Instant> {
      return next_due(tx, settings_.link);
    };
    const auto due = co_await read<Instant>(store_, who_, look);
    // Not before a moment has passed: a clock that stands still must not make this spin.
    const Instant soonest = clock_.now() + Millis{1};
    co_await clock_.sleep_until(due ? std::max(*due, soonest) : clock_.now() + kBackoffFirst,
                                &bell_);
    co_return;
  }
  batch_until_ = {};
  for (Delivery& delivery : batch) co_await deliver(std::move(delivery), lease_until);
}

net::awaitable<std::vector<Delivery>> LinkRunner::claim_some(Instant lease_until) {
  // With the circuit half open, one probe shows whether the supplier is back.
  const int room = failures_ >= kCircuitAfter ? 1 : std::min(settings_.claim_max, kClaimMax);
  const bool lookup = can_look_up(hosts_.status(settings_.link));
  const Instant settled = clock_.now() + unsettled();
  std::function<Result<std::vector<Delivery>>(Tx&)> work =
      [this, lease_until, room, lookup, settled](Tx& tx) -> Result<std::vector<Delivery>> {
    set_link_lookup(tx, settings_.link, lookup);
    expire(tx, settings_.link, settled);
    return claim(tx, settings_.link, lease_until, room);
  };
  auto claimed = co_await write<std::vector<Delivery>>(store_, who_, work);
  if (!claimed) {
    co_await clock_.sleep_for(kBackoffFirst);
    co_return std::vector<Delivery>();
  }
  co_return std::move(*claimed);
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
  if (!d.blob.empty()) call.content_path = blobs_.path_of(d.blob);
  call.soft_deadline_ms = settings_.soft_deadline.count();
  return call;
}

net::awaitable<void> LinkRunner::deliver(Delivery d, Instant lease_until) {
  // An earlier one of this batch may have taken its time, closed the link or opened the circuit.
  if (closing_ || !time_left(lease_until) || clock_.now() < batch_until_ ||
      clock_.now() < circuit_until_ || hosts_.status(settings_.link).state != HostState::up) {
    co_await give_back(std::move(d), clock_.now(), "");
    co_return;
  }
  if (d.op != "put_ticket" && d.lane.external_id.empty() && !is_first_notice(d)) {
    wire::Reply missing;
    missing.status = wire::Status::permanent;
    missing.message =
        "The supplier's copy of the ticket was never made, so nothing can be added to it.";
    const Instant now = clock_.now();
    co_await file(std::move(d), "write", now, std::move(missing));
    co_return;
  }
  if (d.doubt && clock_.now() < recovered_at_ + unsettled()) {
    co_await give_back(std::move(d), recovered_at_ + unsettled(), "");
    co_return;
  }
  if (d.doubt && rules_.find_in_doubt &&
      !(is_update(d) && can_look_up(hosts_.status(settings_.link)))) {
    const bool write_it = co_await settle_doubt(d, lease_until);
    if (!write_it) co_return;
    d.doubt = false;
  }
  if (settings_.interval.count() > 0) {
    if (next_write_ >= start_before(lease_until)) {
      co_await give_back(std::move(d), next_write_, "");
      co_return;
    }
    co_await clock_.sleep_until(next_write_);
    next_write_ = clock_.now() + settings_.interval;
  }
  const Instant started = clock_.now();
  wire::Call call = call_for(d);
  wire::Reply reply =
      co_await hosts_.call(settings_.link, std::move(call), start_before(lease_until));
  co_await file(std::move(d), "write", started, std::move(reply));
}

// True: the supplier surely does not have it, so it may be written.
net::awaitable<bool> LinkRunner::settle_doubt(Delivery d, Instant lease_until) {
  const HostStatus status = hosts_.status(settings_.link);
  const Instant started = clock_.now();
  wire::Reply reply;
  if (!can_look_up(status)) {
    reply.status = wire::Status::ambiguous;
    reply.message = d.last_error;
    co_await file(std::move(d), "write", started, std::move(reply));
    co_return false;
  }
  wire::Call call = call_for(d);
  call.operation = wire::Operation::find;
  call.content_path.clear();
  reply = co_await hosts_.call(settings_.link, std::move(call), start_before(lease_until));
  const bool nothing_there = reply.status == wire::Status::ok && reply.documents.empty();
  if (nothing_there) {
    std::function<Result<int>(Tx&)> note = [this, d, started](Tx& tx) -> Result<int> {
      record_attempt(tx, d.id, {d.epoch, "find", "not there", started, clock_.now(), 0, ""});
      return 0;
    };
    const auto noted = co_await write<int>(store_, who_, note);
    if (!noted || !time_left(lease_until)) {
      co_await give_back(std::move(d), clock_.now(), "");
      co_return false;
    }
    co_return true;
  }
  co_await file(std::move(d), "find", started, std::move(reply));
  co_return false;
}

net::awaitable<void> LinkRunner::give_back(Delivery d, Instant run_at, std::string reason) {
  std::function<Result<bool>(Tx&)> work = [d, run_at, reason](Tx& tx) -> Result<bool> {
    return finish(tx, d,
                  {Finish::give_back, run_at, {}, reason.empty() ? d.last_error : reason, true});
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

net::awaitable<void> LinkRunner::file(Delivery d, std::string step, Instant started,
                                      wire::Reply reply) {
  const HostStatus status = hosts_.status(settings_.link);
  Context context;
  context.now = clock_.now();
  context.unsettled = unsettled();
  context.lookup_works = can_look_up(status);
  const Ruling ruling = step == "find" ? judge_find(d, reply, context, random_).value()
                                       : judge_write(d, reply, context, random_);
  if (ruling.failure) {
    ++failures_;
    // One probe at a time, and never so long that a single ticket's back-off holds up the others.
    if (failures_ >= kCircuitAfter) {
      circuit_until_ = std::min(ruling.verdict.run_at, context.now + kCircuitPauseMax);
    }
  } else if (ruling.verdict.finish == Finish::done) {
    failures_ = 0;
    circuit_until_ = {};
  }
  // The rest of the batch must not be sent into a closed door.
  if (ruling.close_for_auth) batch_until_ = kNever;
  if (ruling.link_not_before) batch_until_ = *ruling.link_not_before;
  const Attempt attempt{d.epoch,      step,        std::string(wire::to_text(reply.status)),
                        started,      context.now, reply.supplier_code,
                        reply.message};
  std::function<Result<bool>(Tx&)> work = [this, d, ruling, attempt,
                                           reply](Tx& tx) -> Result<bool> {
    record_attempt(tx, d.id, attempt);
    if (ruling.link_not_before) set_link_not_before(tx, settings_.link, *ruling.link_not_before);
    if (ruling.close_for_auth) {
      set_link_state(tx, settings_.link, "auth",
                     "The supplier refused the credentials: " + reply.message);
    }
    if (!finish(tx, d, ruling.verdict)) return false;  // the lease was lost; the evidence is kept
    if (ruling.verdict.finish == Finish::done) {
      const auto document = reply.documents.empty() ? Result<json::Document>(json::Document{})
                                                    : json::parse(reply.documents.front());
      const json::View answer = document ? document->root() : json::View{};
      desk::delivered(tx, d, ruling.verdict.external_id, answer["url"].text(), answer);
    }
    if (ruling.verdict.finish == Finish::dead) {
      Delivery dead = d;
      dead.doubt = ruling.verdict.keep_doubt;
      desk::undeliverable(tx, dead, ruling.verdict.error);
    }
    return true;
  };
  // The outcome is known only here: it must not be dropped because the disk is full for a while.
  for (;;) {
    const auto filed = co_await write<bool>(store_, who_, work);
    if (filed) {
      if (!*filed) {
        log_.warning("a lease was lost while its delivery was under way",
                     {{"link", settings_.link}, {"delivery", d.id.value}});
      }
      break;
    }
    if (closing_) co_return;  // the row stays leased and comes back in doubt
    co_await clock_.sleep_for(kBackoffFirst);
  }
  if (ruling.verdict.finish != Finish::done) {
    log_.warning("delivery not done", {{"link", settings_.link},
                                       {"delivery", d.id.value},
                                       {"status", wire::to_text(reply.status)},
                                       {"reason", ruling.verdict.error}});
  }
}

}  // namespace ombud::delivery
