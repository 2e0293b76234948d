#include "inbound/reconciler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "inbound/limits.hpp"
#include "store/await.hpp"
#include "store/directory.hpp"

namespace ombud::inbound {
namespace {

namespace net = boost::asio;

bool has(const std::vector<std::string>& all, std::string_view one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

// Who ordered the repair, as he was then: the log names him.
Principal principal_of(const std::string& actor) {
  Principal who;
  const std::size_t colon = actor.find(':');
  who.role = role_from(actor.substr(0, colon)).value_or(Role::system);
  who.agent = colon == std::string::npos ? actor : actor.substr(colon + 1);
  who.name = who.agent;
  return who;
}

std::string words_of(const Problem& problem) {
  if (problem.fields.empty()) return problem.detail;
  return problem.fields.front().pointer + " " + problem.fields.front().detail;
}

}  // namespace

Reconciler::Reconciler(ReconcilerParts parts, std::string link, ReconcileSettings settings)
    : parts_(std::move(parts)),
      link_(std::move(link)),
      settings_(settings),
      who_(system_principal("reconciliation")) {}

net::awaitable<void> Reconciler::run() {
  while (!closing_) {
    if (parts_.hosts.status(link_).state != HostState::up) {
      co_await parts_.clock.sleep_until(kNever, &bell_);
      continue;
    }
    if (parts_.clock.now() < not_before_) {
      co_await parts_.clock.sleep_until(not_before_, &bell_);
      continue;
    }
    if (const Instant soonest = looked_at_ + kReconcileLookEvery;
        idle_ && parts_.clock.now() < soonest) {
      co_await parts_.clock.sleep_until(soonest);  // it is rung with each commit of the link
    }
    if (!cannot()) no_start_before_ = {};  // another version of the connector may be able to
    looked_at_ = parts_.clock.now();
    std::function<Result<Work>(Tx&)> look = [this](Tx& tx) { return find_work(tx); };
    const auto work = co_await read<Work>(parts_.store, who_, look);
    if (closing_) co_return;
    idle_ = !work || work->kind == Work::Kind::none;
    if (!work) {
      co_await parts_.clock.sleep_for(kReconcileStorePause);
    } else if (work->kind == Work::Kind::none) {
      co_await parts_.clock.sleep_until(work->look_again, &bell_);
    } else {
      co_await do_work(*work);
    }
  }
}

// Repairs before reading: somebody waits for them.
Result<Reconciler::Work> Reconciler::find_work(Tx& tx) const {
  Work work;
  const auto link = find_link(tx, link_);
  if (!link || link->state != "open" || !link->configured) return work;
  if (link->not_before > tx.at()) {
    work.look_again = link->not_before;
    return work;
  }
  if (const auto delegation = next_ordered(tx, link_, {})) {
    work.kind = Work::Kind::repair;
    work.delegation = *delegation;
    return work;
  }
  if (const auto run = open_reconciliation(tx, link_)) {
    work.run = *run;
    const Instant ended_after = tx.at() - desk::kCompareEndedFor;
    const auto next = run->state == "reading" ? next_comparable(tx, link_, run->after, ended_after)
                                              : next_again(tx, run->id);
    work.kind = !next                     ? Work::Kind::settle
                : run->state == "reading" ? Work::Kind::read
                                          : Work::Kind::read_again;
    work.delegation = next.value_or(DelegationId{});
    return work;
  }
  if (settings_.every.count() > 0) {
    const auto last = last_reconciliation(tx, link_);
    const Instant due =
        std::max(last ? last->created_at + settings_.every : tx.at(), no_start_before_);
    work.look_again = due;
    if (due <= tx.at()) work.kind = Work::Kind::start;
  }
  return work;
}

net::awaitable<void> Reconciler::do_work(Work work) {
  using Kind = Work::Kind;
  if (work.kind == Kind::start) {
    co_await start_scheduled();
    co_return;
  }
  if (const auto why = cannot()) {
    if (work.kind == Kind::repair) {
      std::function<Result<int>(Tx&)> give_up = [this, work, why](Tx& tx) -> Result<int> {
        return desk::give_up_repair(tx, link_, work.delegation, *why);
      };
      co_await change<int>(give_up);
    } else {
      co_await end_run(work.run, "failed", *why);
    }
    co_return;
  }
  switch (work.kind) {
    case Kind::none:
    case Kind::start:
      break;
    case Kind::repair:
      co_await repair_one(std::move(work));
      break;
    case Kind::read:
    case Kind::read_again:
      co_await compare_one(std::move(work));
      break;
    case Kind::settle:
      co_await settle(std::move(work));
      break;
  }
}

std::optional<std::string> Reconciler::cannot() const {
  const HostStatus status = parts_.hosts.status(link_);
  if (status.state != HostState::up || has(status.extensions, "ombud.snapshot/1")) {
    return std::nullopt;
  }
  return fmt::format(
      "The connector of this link cannot tell what the supplier has (it offers no "
      "ombud.snapshot/1{}), so it cannot be compared.",
      has(status.capabilities, "profiles") || status.connector == "se.ombud.rest"
          ? ": its profile has no [snapshot]"
          : "");
}

net::awaitable<void> Reconciler::start_scheduled() {
  if (cannot()) {  // told by `ombud supplier reconcile`; here nobody has asked
    no_start_before_ = parts_.clock.now() + settings_.every;
    co_return;
  }
  std::function<Result<Reconciliation>(Tx&)> start = [this](Tx& tx) {
    drop_old_reconciliations(tx, tx.at() - desk::kRunsKeptFor);
    return start_reconciliation(tx, link_, "schedule",
                                count_comparable(tx, link_, tx.at() - desk::kCompareEndedFor));
  };
  co_await change<Reconciliation>(start);
}

template <class T>
net::awaitable<std::optional<T>> Reconciler::change(std::function<Result<T>(Tx&)> work) {
  auto done = co_await write<T>(parts_.store, who_, std::move(work));
  if (done) co_return std::move(*done);
  parts_.log.warning("reconciliation could not be written",
                     {{"link", link_}, {"reason", words_of(done.error())}});
  co_await parts_.clock.sleep_for(kReconcileStorePause);
  co_return std::nullopt;
}

Millis Reconciler::unsettled() const {
  return settings_.settle + Millis{parts_.hosts.status(link_).lookup_lag_ms} + kReconcileSkew;
}

net::awaitable<std::optional<desk::Belief>> Reconciler::believe(DelegationId delegation) {
  using Belief = std::optional<desk::Belief>;
  std::function<Result<Belief>(Tx&)> look = [this, delegation](Tx& tx) -> Result<Belief> {
    return desk::belief_of(tx, delegation, unsettled());
  };
  auto belief = co_await read<Belief>(parts_.store, who_, look);
  co_return belief ? std::move(*belief) : std::nullopt;
}

// Users' work first; but a link that is never idle is compared all the same.
net::awaitable<void> Reconciler::await_turn() {
  const Instant patience = parts_.clock.now() + kReconcileYieldMax;
  while (!closing_ && parts_.delivering() && parts_.clock.now() < patience) {
    co_await parts_.clock.sleep_for(kReconcileYield);
  }
  const Instant turn = parts_.take_turn();
  if (turn > parts_.clock.now()) co_await parts_.clock.sleep_until(turn);
}

net::awaitable<wire::Reply> Reconciler::ask(wire::Call call) {
  co_await await_turn();
  call.soft_deadline_ms = kReconcileDeadline.count();
  co_return co_await parts_.hosts.call(link_, std::move(call));
}

// Whatever closes the link closes it for all.
net::awaitable<void> Reconciler::obey(wire::Reply reply) {
  if (reply.status == wire::Status::auth) {
    std::function<Result<int>(Tx&)> pause = [this, reply](Tx& tx) -> Result<int> {
      const auto row = find_link(tx, link_);
      if (row && row->state == "open") {
        set_link_state(tx, link_, "auth", "The supplier refused the credentials: " + reply.message);
      }
      return 0;
    };
    co_await change<int>(pause);
  }
  if (reply.status == wire::Status::rate_limited) {
    const Millis wait{std::clamp<std::int64_t>(reply.retry_after_ms, kReconcileAgain.count(),
                                               kFailedWaitMax.count())};
    const Instant until = parts_.clock.now() + wait;
    std::function<Result<int>(Tx&)> hold = [this, until](Tx& tx) -> Result<int> {
      set_link_not_before(tx, link_, until);
      return 0;
    };
    co_await change<int>(hold);
    not_before_ = until;
  }
}

net::awaitable<Reconciler::Read> Reconciler::read_ticket(desk::Belief belief) {
  Read outcome;
  wire::Call call;
  const HostStatus status = parts_.hosts.status(link_);
  wire::Reply reply;
  if (!has(status.capabilities, "no-lookup")) {
    call.operation = wire::Operation::find;
    call.kind = "ticket";
    call.correlation = belief.correlation;
    reply = co_await ask(call);
    if (reply.status == wire::Status::ok) {
      outcome.found.emplace();
      for (const std::string& text : reply.documents) {
        const auto match = json::parse(text);
        if (match && outcome.found->size() < kReconcileTwinsMax) {
          outcome.found->emplace_back((*match)["external_id"].text());
        }
      }
    }
  }
  // A supplier that cannot be searched just now may still show the ticket; but not at any price.
  const bool closed =
      reply.status == wire::Status::auth || reply.status == wire::Status::rate_limited;
  if (outcome.found || has(status.capabilities, "no-lookup") ||
      reply.status == wire::Status::permanent) {
    call.operation = wire::Operation::snapshot;
    call.kind.clear();
    call.correlation = belief.correlation;
    call.external_id = belief.delegation.external_id;
    call.body = desk::known_document(belief);
    reply = co_await ask(call);
  } else if (!closed) {
    reply.status = wire::Status::retry;
  }
  outcome.why = reply.message;
  if (reply.status == wire::Status::ok && reply.documents.size() == 1 &&
      reply.documents.front().size() <= kCopyBytesMax) {
    failures_ = 0;
    outcome.end = Read::End::copied;
    outcome.copy = std::move(reply.documents.front());
    co_return outcome;
  }
  if (reply.status == wire::Status::ok) {
    outcome.why =
        reply.documents.size() == 1
            ? fmt::format("the connector pushed a copy of more than {} MiB", kCopyBytesMax >> 20U)
            : fmt::format("the connector pushed {} documents in place of one copy",
                          reply.documents.size());
    outcome.end = Read::End::refused;
  } else if (reply.status == wire::Status::permanent) {
    outcome.end = Read::End::refused;
  } else if (reply.status == wire::Status::auth || reply.status == wire::Status::rate_limited) {
    co_await obey(std::move(reply));
  } else if (reply.status == wire::Status::cancelled) {  // it was never asked
    not_before_ = parts_.clock.now() + kReconcileAgain;
  } else {
    if (failing_ != belief.delegation.id) failures_ = 0;
    failing_ = belief.delegation.id;
    ++failures_;
    if (failures_ >= kReconcileFailuresMax) {
      outcome.end = Read::End::unreachable;
      failures_ = 0;
    } else {
      not_before_ = parts_.clock.now() + kReconcileAgain * (1LL << failures_);
    }
  }
  co_return outcome;
}

net::awaitable<void> Reconciler::compare_one(Work work) {
  const bool second = work.kind == Work::Kind::read_again;
  const std::int64_t run = work.run.id;
  const DelegationId id = work.delegation;
  const auto belief = co_await believe(id);
  Read ticket;
  if (belief && !belief->busy) ticket = co_await read_ticket(*belief);
  if (closing_) co_return;
  if (belief && !belief->busy && ticket.end == Read::End::later) co_return;
  // If not even the first ticket can be asked for, neither can the others: nothing is compared, and
  // it is no answer to wait for each in turn.
  if (ticket.end == Read::End::unreachable && work.run.compared == 0 && work.run.unread == 0) {
    co_await end_run(work.run, "failed",
                     fmt::format("The supplier could not be asked, and nothing was compared: {} "
                                 "Compare again when ombud supplier test {} finds it.",
                                 ticket.why, link_));
    co_return;
  }
  // Compared here and not in the transaction, which the whole hub waits for.
  std::string why = ticket.why;
  auto drift = std::make_shared<std::optional<std::vector<Drift>>>();
  if (ticket.end == Read::End::copied) {
    const auto copy = json::parse(ticket.copy);
    auto found = copy ? desk::compare(*belief, copy->root(), ticket.found)
                      : Result<std::vector<Drift>>(copy.error());
    if (found) {
      drift->emplace(std::move(*found));
    } else {
      why = "the connector's answer makes no sense: " + words_of(found.error());
    }
  }
  std::function<Result<int>(Tx&)> file = [this, run, id, second, belief, drift,
                                          why](Tx& tx) -> Result<int> {
    const auto open = find_reconciliation(tx, run);
    if (!open || open->finished_at) return 0;  // cancelled meanwhile
    if (second) drop_again(tx, run, id);
    const Compared not_now = second ? Compared::skipped : Compared::again;
    const auto now = desk::belief_of(tx, id, unsettled());
    if (!belief || !now) {
      note_compared(tx, run, id, Compared::skipped);
      return 0;
    }
    // What changed while it was read would be found to differ.
    if (belief->busy || now->busy || now->version != belief->version) {
      note_compared(tx, run, id, not_now);
      return 0;
    }
    if (*drift) {
      for (Drift& row : **drift) {
        row.run = run;
        put_drift(tx, row);
      }
      note_compared(tx, run, id, Compared::compared);
      return 0;
    }
    Drift row;
    row.run = run;
    row.link = link_;
    row.customer = now->delegation.customer;
    row.ticket = now->delegation.ticket;
    row.delegation = id;
    row.kind = "not_read";
    row.ours = fmt::format("ticket {}", now->delegation.external_id);
    row.note = why;
    put_drift(tx, row);
    note_compared(tx, run, id, Compared::unread);
    return 0;
  };
  co_await change<int>(file);
}

net::awaitable<void> Reconciler::repair_one(Work work) {
  const DelegationId id = work.delegation;
  const Instant patience = parts_.clock.now() + kReconcileYieldMax + unsettled();
  auto belief = co_await believe(id);
  while (!closing_ && belief && belief->busy && !belief->busy_for_long &&
         parts_.clock.now() < patience) {
    co_await parts_.clock.sleep_for(kReconcileAgain);
    belief = co_await believe(id);
  }
  if (closing_) co_return;
  Read ticket;
  if (belief && !belief->busy) {
    ticket = co_await read_ticket(*belief);
    if (closing_ || ticket.end == Read::End::later) co_return;
  }
  std::string actor = who_.actor();
  std::function<Result<std::string>(Tx&)> ask_who = [this, id](Tx& tx) -> Result<std::string> {
    const auto rows = ordered_drift(tx, link_, id);
    return rows.empty() ? std::string() : rows.front().actor;
  };
  if (const auto named = co_await read<std::string>(parts_.store, who_, ask_who);
      named && !named->empty()) {
    actor = *named;
  }
  std::function<Result<desk::Repaired>(Tx&)> mend = [this, id, belief,
                                                     ticket](Tx& tx) -> Result<desk::Repaired> {
    const auto give_up = [&](const std::string& why) {
      return desk::Repaired{0, desk::give_up_repair(tx, link_, id, why)};
    };
    const auto now = desk::belief_of(tx, id, unsettled());
    if (!belief || !now) return give_up("the delegation is not with the supplier any more");
    if (belief->busy) return give_up("not now: " + *belief->busy);
    if (ticket.end != Read::End::copied) return give_up("it could not be read: " + ticket.why);
    if (now->busy || now->version != belief->version) return desk::Repaired{};  // another look
    const auto copy = json::parse(ticket.copy);
    if (!copy) return give_up("the connector's answer is no JSON");
    return desk::repair(tx, *now, copy->root(), ticket.found);
  };
  const auto mended =
      co_await write<desk::Repaired>(parts_.store, principal_of(actor), std::move(mend));
  if (!mended) {
    parts_.log.warning("a repair could not be written",
                       {{"link", link_}, {"reason", words_of(mended.error())}});
    co_await parts_.clock.sleep_for(kReconcileStorePause);
  } else if (mended->applied + mended->skipped > 0) {
    parts_.log.info("repaired by reconciliation", {{"link", link_},
                                                   {"delegation", id.value},
                                                   {"applied", mended->applied},
                                                   {"skipped", mended->skipped}});
  } else {
    co_await parts_.clock.sleep_for(kReconcileAgain);
  }
}

// All are read. What the supplier wrote only just before may still come by the ordinary way, so a
// poll is waited for; and those that had work under way are looked at once more.
net::awaitable<void> Reconciler::settle(Work work) {
  const Reconciliation run = work.run;
  if (run.state == "reading") {
    parts_.poll_now();
    std::function<Result<bool>(Tx&)> ask_again = [run](Tx& tx) -> Result<bool> {
      return next_again(tx, run.id).has_value();
    };
    const auto again = co_await read<bool>(parts_.store, who_, ask_again);
    // What had only just arrived shows by then.
    if (again && *again) co_await parts_.clock.sleep_for(unsettled());
    if (closing_) co_return;
    std::function<Result<int>(Tx&)> turn = [run](Tx& tx) -> Result<int> {
      set_reconciliation_state(tx, run.id, "settling", "");
      return 0;
    };
    co_await change<int>(turn);
    co_return;
  }
  const bool polls = has(parts_.hosts.status(link_).extensions, "ombud.poll/1");
  const Instant read_at = run.last_read_at.value_or(run.created_at);
  const Instant patience = parts_.clock.now() + kReconcilePollPatience;
  std::function<Result<Instant>(Tx&)> ask_polled = [this](Tx& tx) -> Result<Instant> {
    const auto link = find_link(tx, link_);
    return link && link->polled_at ? *link->polled_at : Instant{};
  };
  bool heard = !polls || run.found == 0;
  while (!heard && !closing_ && parts_.clock.now() < patience) {
    const auto polled = co_await read<Instant>(parts_.store, who_, ask_polled);
    heard = polled && *polled > read_at;
    if (!heard) co_await parts_.clock.sleep_for(kReconcileAgain);
  }
  if (closing_) co_return;
  std::function<Result<int>(Tx&)> sift = [run, heard](Tx& tx) -> Result<int> {
    std::int64_t after = 0;
    for (auto page = list_drift(tx, run.id, after, kReconcilePage); !page.empty();
         page = list_drift(tx, run.id, after, kReconcilePage)) {
      after = page.back().id;
      for (const Drift& row : page) {
        const bool may_come = !heard && row.repair == "take";
        if (may_come || desk::has_come(tx, row)) drop_drift(tx, row.id);
      }
    }
    return 0;
  };
  const auto sifted = co_await change<int>(sift);
  const std::string reason =
      heard ? ""
            : "The supplier could not be polled meanwhile, so what it wrote may still come by "
              "itself and was left out.";
  if (sifted) co_await end_run(run, "done", reason);
}

net::awaitable<void> Reconciler::end_run(Reconciliation run, std::string state,
                                         std::string reason) {
  std::function<Result<Reconciliation>(Tx&)> end = [id = run.id, state,
                                                    reason](Tx& tx) -> Result<Reconciliation> {
    const auto open = find_reconciliation(tx, id);
    if (open && !open->finished_at) set_reconciliation_state(tx, id, state, reason);
    return *find_reconciliation(tx, id);
  };
  const auto ended = co_await change<Reconciliation>(end);
  if (!ended) co_return;
  if (state == "failed" || ended->found > 0) {
    parts_.log.warning("reconciliation found drift", {{"link", link_},
                                                      {"run", ended->id},
                                                      {"cause", ended->cause},
                                                      {"state", ended->state},
                                                      {"drift", ended->found},
                                                      {"reason", ended->reason}});
  } else {
    parts_.log.info("reconciliation found nothing", {{"link", link_},
                                                     {"run", ended->id},
                                                     {"compared", ended->compared},
                                                     {"skipped", ended->skipped}});
  }
}

}  // namespace ombud::inbound
