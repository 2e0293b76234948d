#include "supervisor/hosts.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <deque>
#include <map>
#include <optional>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "base/task_group.hpp"
#include "connector_host/limits.hpp"
#include "supervisor/limits.hpp"

namespace ombud {
namespace {

using wire::Kind;
using wire::Message;
using wire::Reply;
using wire::Status;

// One call() that waits for its answer.
struct Pending {
  std::uint64_t id = 0;
  wire::Call call;
  Reply reply;
  bool answered = false;
  bool abandoned = false;  // nobody waits any more
  bool started = false;    // the host said so
  bool cancel_sent = false;
  Instant start_before = kNever;
  Instant hard_by = kNever;
  Doorbell bell;

  void answer(Status status, std::string message) {
    reply = Reply();
    reply.status = status;
    reply.message = std::move(message);
    finish();
  }
  void finish() {
    answered = true;
    bell.ring();
  }
};

// One link: what is wanted of it, its process, its calls.
struct Link {
  HostSpec spec;
  Doorbell* changed = nullptr;
  HostStatus status;
  Doorbell bell;  // wakes its coroutine
  bool wanted = true;
  bool renew = false;  // end the process in good order, then start at once

  // The process, from spawn to its end.
  std::string host;  // empty: none
  std::string hello_secret;
  bool said_hello = false;
  bool in_line = false;  // waits until fewer are starting
  bool called = false;   // … and may start now
  bool stop_sent = false;
  std::string kill_reason;  // not empty: killed by us
  Instant began = kNever, hello_by = kNever, stop_by = kNever;
  std::optional<HostExit> exit;

  std::uint64_t generation = 0;
  int deaths = 0;       // unwanted ones in a row
  int fast_deaths = 0;  // short and useless lives in a row
  bool useful = false;  // this process has answered a call
  bool held = false;

  // Calls that are sent, and those that wait for an instance of the connector. Two lines where
  // reads have an instance of their own; else all stand in the first.
  struct Line {
    std::vector<std::shared_ptr<Pending>> running;
    std::deque<std::shared_ptr<Pending>> queue;
    std::size_t slots = 1;
  };
  Line deliveries, reads;

  Instant log_window = instant_of(0);
  int log_lines = 0;

  bool has_process() const { return !host.empty(); }
  Line& line_of(wire::Operation operation) {
    return status.reads_apart && !wire::is_of_delivery(operation) ? reads : deliveries;
  }
  std::array<Line*, 2> lines() { return {&deliveries, &reads}; }
  std::size_t queued() const { return deliveries.queue.size() + reads.queue.size(); }
  bool idle() const { return deliveries.running.empty() && reads.running.empty(); }
  std::shared_ptr<Pending> running(std::uint64_t id) {
    for (const Line* line : lines()) {
      for (const auto& call : line->running) {
        if (call->id == id) return call;
      }
    }
    return nullptr;
  }
};

bool same(const HostSpec& a, const HostSpec& b) {
  return a.link == b.link && a.connector_dir == b.connector_dir &&
         a.settings_json == b.settings_json && a.secrets == b.secrets && a.origins == b.origins &&
         a.scratch_dir == b.scratch_dir && a.memory_bytes_max == b.memory_bytes_max &&
         a.files_max == b.files_max && a.parallel == b.parallel;
}

std::string describe(const HostExit& exit) {
  if (exit.signalled) {
    const char* name = sigabbrev_np(exit.code);
    std::string text = "It was ended by signal " +
                       (name == nullptr ? std::to_string(exit.code) : "SIG" + std::string(name)) +
                       ".";
    return exit.last_words.empty() ? text : text + " Its last words: " + exit.last_words;
  }
  if (!exit.last_words.empty()) return exit.last_words;
  return "It ended with code " + std::to_string(exit.code) + ".";
}

Level level_from(std::string_view text) {
  if (text == "debug") return Level::debug;
  if (text == "info") return Level::info;
  if (text == "error") return Level::error;
  return Level::warning;
}

std::vector<std::string> texts(json::View array) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < array.size(); ++i) all.emplace_back(array.at(i).text());
  return all;
}

}  // namespace

std::string_view to_text(HostState state) {
  switch (state) {
    case HostState::stopped:
      return "stopped";
    case HostState::starting:
      return "starting";
    case HostState::up:
      return "up";
    case HostState::backing_off:
      return "backing_off";
    case HostState::held:
      return "held";
  }
  return "stopped";
}

// Each link is a state machine that step() moves on: it does what is due and answers when to look
// again. Frames, exits and orders only note what happened and ring the link's bell.
struct Hosts::Impl : std::enable_shared_from_this<Hosts::Impl> {
  Impl(net::any_io_executor executor, Clock& a_clock, Random& a_random, Wire& a_wire,
       Spawner& a_spawner, const Log& a_log, HostLimits a_limits)
      : clock(a_clock),
        random(a_random),
        wire(a_wire),
        spawner(a_spawner),
        log(a_log),
        limits(a_limits),
        tasks(std::move(executor), [this](std::exception_ptr thrown) { report(thrown); }) {}

  Clock& clock;
  Random& random;
  Wire& wire;
  Spawner& spawner;
  const Log& log;
  const HostLimits limits;
  std::map<std::string, std::shared_ptr<Link>, std::less<>> links;
  std::map<std::string, std::shared_ptr<Link>, std::less<>> by_host;  // with a process
  std::optional<Instant> draining_until;
  std::deque<std::shared_ptr<Link>> in_line;  // for their start
  std::size_t starting = 0;                   // processes that have not said hello
  std::uint64_t calls = 0;
  bool closed = false;
  TaskGroup tasks;

  void report(std::exception_ptr thrown) const {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& error) {
      log.error("a link's supervisor failed", {{"error", error.what()}});
    }
  }

  static net::awaitable<void> tend(std::shared_ptr<Impl> self, std::shared_ptr<Link> link) {
    while (!self->closed) {
      const Instant next = self->step(*link);
      if (self->draining_until && !link->has_process()) co_return;
      co_await self->clock.sleep_until(next, &link->bell);
    }
  }

  bool ending(const Link& link) const { return !link.wanted || link.renew || draining_until; }

  void show(Link& link, HostState state, std::string reason) {
    if (link.status.state == state && link.status.reason == reason) return;
    link.status.state = state;
    link.status.reason = std::move(reason);
    log.write(
        state == HostState::held ? Level::error : Level::info, "connector host changed",
        {{"link", link.spec.link}, {"state", to_text(state)}, {"reason", link.status.reason}});
    if (link.changed != nullptr) link.changed->ring();
  }

  Instant step(Link& link) {
    if (link.exit) bury(link);
    if (link.has_process()) return step_alive(link);
    const bool called = std::exchange(link.called, false);
    const Instant next = step_without_process(link);
    // It did not want its turn any more. If somebody else took the place before it, the next one
    // is called when that place is free.
    if (called && !link.has_process() && starting < limits.starting_max) call_next();
    return next;
  }

  bool must_wait_in_line(Link& link) {
    if (starting < limits.starting_max) {
      if (std::exchange(link.in_line, false)) {
        std::erase_if(in_line, [&](const auto& waiting) { return waiting.get() == &link; });
      }
      return false;
    }
    if (!link.in_line) in_line.push_back(links.find(link.spec.link)->second);
    link.in_line = true;
    show(link, HostState::starting, "It waits for other connectors that are starting.");
    return true;
  }

  void call_next() {
    if (in_line.empty()) return;
    const auto next = std::move(in_line.front());
    in_line.pop_front();
    next->in_line = false;
    next->called = true;
    next->bell.ring();
  }

  void no_longer_starting() {
    --starting;
    call_next();
  }

  Instant step_without_process(Link& link) {
    drop_queue(link, "The connector host is not up.");
    if (draining_until || !link.wanted) {
      link.status.next_start = kNever;
      show(link, HostState::stopped, draining_until ? "The hub is ending." : "It was stopped.");
      return kNever;
    }
    if (link.renew) {
      link.renew = link.held = false;
      link.deaths = link.fast_deaths = 0;
      link.status.next_start = kNever;
    }
    if (link.held) return kNever;
    if (link.status.next_start != kNever && clock.now() < link.status.next_start) {
      return link.status.next_start;
    }
    if (must_wait_in_line(link)) return kNever;
    std::string why_not;
    if (launch(link, why_not)) return link.hello_by;
    died(link, "It could not be started: " + why_not, true);
    return link.held ? kNever : link.status.next_start;
  }

  bool launch(Link& link, std::string& why_not) {
    HostSpec spec = link.spec;
    spec.host = spec.link + "#" + std::to_string(++link.generation);
    spec.hello_secret = mint_id(random);
    link.host = spec.host;
    link.hello_secret = spec.hello_secret;
    link.said_hello = link.stop_sent = false;
    link.kill_reason.clear();
    link.exit.reset();
    link.began = clock.now();
    link.useful = false;
    link.hello_by = link.began + limits.hello;
    link.status.next_start = kNever;
    if (link.generation > 1) ++link.status.restarts;
    show(link, HostState::starting, "It is starting.");
    by_host[link.host] = links.find(link.spec.link)->second;
    auto ended = [weak = weak_from_this(), host = spec.host](HostExit exit) {
      const auto self = weak.lock();
      if (!self || self->closed) return;
      const auto at = self->by_host.find(host);
      if (at == self->by_host.end()) return;
      at->second->exit = std::move(exit);
      at->second->bell.ring();
    };
    if (spawner.spawn(spec, std::move(ended), why_not)) {
      ++starting;
      return true;
    }
    by_host.erase(link.host);
    link.host.clear();
    return false;
  }

  // The process has said something within its time and is not on its way out.
  Instant step_alive(Link& link) {
    const Instant now = clock.now();
    if (!link.kill_reason.empty()) {
      drop_queue(link, "The connector host is not up.");
      return kNever;  // its exit will ring
    }
    if (!link.said_hello) {
      if (ending(link)) return kill(link, "It was stopped before it was up.");
      if (now < link.hello_by) return link.hello_by;
      return kill(link,
                  "It did not say hello within " + std::to_string(limits.hello.count()) + " ms.");
    }
    if (ending(link)) drop_queue(link, "The connector host is being stopped.");
    if (!ending(link)) send_more(link);
    if (!link.kill_reason.empty()) return kNever;
    if (link.idle()) return ending(link) ? end_idle(link, now) : kNever;
    Instant next = kNever;
    for (const Link::Line* line : link.lines()) {
      for (const auto& call : line->running) {
        next = std::min(next, watch_call(link, *call, now));
        if (!link.kill_reason.empty()) return kNever;
      }
    }
    return next;
  }

  Instant watch_call(Link& link, Pending& call, Instant now) {
    if (now >= call.hard_by) {
      return kill(link, "It did not answer " + std::string(wire::to_text(call.call.operation)) +
                            " within its time.");
    }
    Instant next = call.hard_by;
    if (draining_until) {
      const Instant kill_by = *draining_until + supervisor_limits::kCancelGrace;
      if (now >= kill_by) return kill(link, "The hub is ending and it did not stop.");
      next = std::min(next, now < *draining_until ? *draining_until : kill_by);
    }
    const bool stop = call.abandoned || (draining_until && now >= *draining_until);
    if (stop && !call.cancel_sent) {
      call.cancel_sent = true;
      send(link, Kind::cancel, call.id);
    }
    return next;
  }

  Instant end_idle(Link& link, Instant now) {
    if (!link.stop_sent) {
      link.stop_sent = true;
      link.stop_by = now + supervisor_limits::kStopGrace;
      if (!send(link, Kind::stop, 0)) return kill(link, "It was stopped.");
    }
    if (now >= link.stop_by) return kill(link, "It did not stop when it was told to.");
    return link.stop_by;
  }

  bool send(const Link& link, Kind kind, std::uint64_t id) {
    Message message;
    message.kind = kind;
    message.id = id;
    return wire.send(link.host, wire::encode(message));
  }

  void send_more(Link& link) {
    for (Link::Line* line : link.lines()) {
      if (link.kill_reason.empty() && !is_about_to_die(link)) send_more(link, *line);
    }
  }

  bool is_about_to_die(Link& link) const {
    const Instant soon = clock.now() + limits.hard_after_soft / supervisor_limits::kQuietPart;
    for (const Link::Line* line : link.lines()) {
      for (const auto& call : line->running) {
        if (call->hard_by <= soon) return true;
      }
    }
    return false;
  }

  // Sends calls until every instance of this line has one.
  void send_more(Link& link, Link::Line& line) {
    while (line.running.size() < line.slots && !line.queue.empty()) {
      const auto next = line.queue.front();
      line.queue.pop_front();
      if (next->abandoned) continue;
      if (clock.now() > next->start_before) {
        next->answer(Status::cancelled, "Other operations of the link took too long.");
        continue;
      }
      Message message;
      message.kind = Kind::call;
      message.id = next->id = ++calls;
      message.call = next->call;
      std::string frame = wire::encode(message);
      if (frame.size() > host_limits::kFrameBytesMax) {
        next->answer(Status::permanent, "The operation is larger than a connector can be given.");
      } else if (wire.send(link.host, std::move(frame))) {
        next->hard_by = clock.now() + Millis{next->call.soft_deadline_ms} + limits.hard_after_soft;
        line.running.push_back(next);
      } else {
        next->answer(Status::cancelled, "The connector host is not reachable.");
        kill(link, "It lost its connection to the hub.");
        return;
      }
    }
  }

  static void drop_queue(Link& link, const std::string& why) {
    for (Link::Line* line : link.lines()) {
      for (const auto& waiting : line->queue) waiting->answer(Status::cancelled, why);
      line->queue.clear();
    }
  }

  // The process is gone with what it was at: what that means for each call.
  static void judge_running(Link& link, const std::string& reason) {
    for (Link::Line* line : link.lines()) {
      for (const auto& call : line->running) {
        const bool write = wire::is_write(call->call.operation);
        call->answer(
            write ? Status::ambiguous : Status::retry,
            std::string("The connector host ended ") +
                (call->started ? "during the operation. " : "before it reported a start. ") +
                reason);
      }
      line->running.clear();
    }
  }

  Instant kill(Link& link, std::string reason) {
    link.kill_reason = std::move(reason);
    log.warning("connector host killed", {{"link", link.spec.link}, {"reason", link.kill_reason}});
    spawner.kill(link.host);
    return kNever;
  }

  // The process is gone: judge its calls, and decide when the next one may start.
  void bury(Link& link) {
    const HostExit exit = *link.exit;
    link.exit.reset();
    const std::string reason = link.kill_reason.empty() ? describe(exit) : link.kill_reason;
    const bool unwanted = !link.stop_sent && !ending(link);
    if (!link.said_hello) no_longer_starting();
    wire.forget(link.host);
    by_host.erase(link.host);
    link.host.clear();
    link.status.pid = 0;
    judge_running(link, reason);
    drop_queue(link, "The connector host is not up.");
    if (unwanted) died(link, reason, false);
  }

  void died(Link& link, const std::string& reason, bool never_lived) {
    const Millis life = never_lived ? Millis{0} : clock.now() - link.began;
    // One that does its work between two deaths is not broken, but one of its tickets may be: the
    // others go on, at the pace of the respawn wait.
    const bool wasted = life < limits.fast_death && !link.useful;
    link.fast_deaths = wasted ? link.fast_deaths + 1 : 0;
    if (life > limits.respawn_max) link.deaths = 0;
    log.warning("connector host died", {{"link", link.spec.link},
                                        {"reason", reason},
                                        {"lived_ms", life.count()},
                                        {"fast_deaths", link.fast_deaths}});
    if (link.fast_deaths >= limits.fast_deaths_max) {
      link.held = true;
      show(link, HostState::held,
           "It died " + std::to_string(link.fast_deaths) +
               " times shortly after its start and is held until an operator "
               "restarts it. " +
               reason);
      return;
    }
    constexpr int kDoublingsMax = 20;
    const Millis grown{1'000LL << std::min(link.deaths, kDoublingsMax)};
    ++link.deaths;
    link.status.next_start =
        clock.now() + std::min(limits.respawn_first + grown, limits.respawn_max);
    show(link, HostState::backing_off, reason);
  }

  // ---- what the wire brings ----

  void receive(std::string_view host, std::string_view frame) {
    const auto at = by_host.find(host);
    if (at == by_host.end()) return;  // a former process, or nobody of ours
    Link& link = *at->second;
    auto message = wire::decode(frame);
    if (!message) {
      if (!link.said_hello) return;  // whoever that is has not shown the secret
      if (link.kill_reason.empty()) kill(link, message.error().detail);
      return;
    }
    if (!link.said_hello) {
      if (message->kind == Kind::hello) greet(link, message->text);
      if (message->kind == Kind::log) say(link, message->text);
      return;
    }
    const auto call = link.running(message->id);
    switch (message->kind) {
      case Kind::log:
        say(link, message->text);
        break;
      case Kind::started:
        if (call) call->started = true;
        break;
      case Kind::reply:
        if (!call) break;
        link.useful = true;
        call->reply = std::move(message->reply);
        note_peer(link.status, call->reply.peer);
        call->finish();
        for (Link::Line* line : link.lines()) std::erase(line->running, call);
        link.bell.ring();
        break;
      case Kind::hello:
      case Kind::call:
      case Kind::cancel:
      case Kind::stop:
        break;  // not from a host
    }
  }

  void note_peer(HostStatus& status, const wire::Peer& peer) const {
    if (peer.certificate_until_s > 0) {
      status.certificate_until = instant_of(peer.certificate_until_s * 1000);
    }
    if (peer.date_s > 0) status.clock_ahead = instant_of(peer.date_s * 1000) - clock.now();
  }

  void greet(Link& link, const std::string& text) {
    const auto parsed = json::parse(text);
    if (!parsed) return;
    const json::View hello = parsed->root();
    if (!equal_constant_time(hello["secret"].text(), link.hello_secret)) {
      log.warning("a stranger said hello on the wire", {{"link", link.spec.link}});
      return;
    }
    if (!link.kill_reason.empty()) return;
    if (hello["wire"].integer() != wire::kWireVersion) {
      kill(link, "ombud-host speaks version " + std::to_string(hello["wire"].integer()) +
                     " of the wire and the hub version " + std::to_string(wire::kWireVersion) +
                     ": install both from one release.");
      return;
    }
    link.said_hello = true;
    no_longer_starting();
    link.status.connector = hello["connector"].text();
    link.status.version = hello["version"].text();
    link.status.capabilities = texts(hello["capabilities"]);
    link.status.extensions = texts(hello["extensions"]);
    link.status.lookup_lag_ms = hello["lookup_lag_ms"].integer();
    link.status.pid = hello["pid"].integer();
    link.status.parallel = static_cast<int>(
        std::clamp<std::int64_t>(hello["parallel"].integer(1), 1, host_limits::kParallelMax));
    link.status.reads_apart = hello["reads_apart"].boolean();
    link.deliveries.slots = static_cast<std::size_t>(link.status.parallel);
    show(link, HostState::up, "");
    link.bell.ring();
  }

  void say(Link& link, const std::string& text) {
    const Instant now = clock.now();
    if (now - link.log_window >= Millis{60'000}) {
      link.log_window = now;
      link.log_lines = 0;
    }
    if (++link.log_lines > supervisor_limits::kLogLinesPerMinute) {
      if (link.log_lines == supervisor_limits::kLogLinesPerMinute + 1) {
        log.warning("connector says too much, the rest of this minute is left out",
                    {{"link", link.spec.link}});
      }
      return;
    }
    const auto parsed = json::parse(text);
    if (!parsed) return;
    const json::View record = parsed->root();
    Field fields("fields", record["fields"].is_object() ? record["fields"].dump() : "{}");
    fields.number = true;  // as JSON, not as a text
    log.write(level_from(record["level"].text()), "connector says",
              {{"link", link.spec.link}, {"message", record["message"].text()}, fields});
  }
};

Hosts::Hosts(net::any_io_executor executor, Clock& clock, Random& random, Wire& wire,
             Spawner& spawner, const Log& log, HostLimits limits)
    : impl_(
          std::make_shared<Impl>(std::move(executor), clock, random, wire, spawner, log, limits)) {
  wire.on_receive([weak = std::weak_ptr<Impl>(impl_)](std::string_view host, std::string frame) {
    const auto self = weak.lock();
    if (self && !self->closed) self->receive(host, frame);
  });
}

Hosts::~Hosts() {
  impl_->closed = true;
  for (const auto& [name, link] : impl_->links) {
    if (link->has_process()) impl_->spawner.kill(link->host);
    Impl::judge_running(*link, "The hub ended.");
    Impl::drop_queue(*link, "The hub ended.");
    link->bell.ring();  // its coroutine sees `closed` and returns
  }
}

void Hosts::start(HostSpec spec, Doorbell* changed) {
  auto& link = impl_->links[spec.link];
  const bool fresh = link == nullptr;
  if (fresh) link = std::make_shared<Link>();
  link->changed = changed;
  if (!fresh && link->wanted && same(link->spec, spec)) return;
  link->renew = !fresh;
  link->wanted = true;
  link->spec = std::move(spec);
  if (fresh) {
    impl_->tasks.spawn(Impl::tend(impl_, link));
  } else {
    link->bell.ring();
  }
}

void Hosts::stop(std::string_view link) {
  const auto at = impl_->links.find(link);
  if (at == impl_->links.end()) return;
  at->second->wanted = false;
  at->second->changed = nullptr;  // whoever listened may go now
  at->second->bell.ring();
}

void Hosts::restart(std::string_view link) {
  const auto at = impl_->links.find(link);
  if (at == impl_->links.end()) return;
  at->second->wanted = at->second->renew = true;
  at->second->bell.ring();
}

HostStatus Hosts::status(std::string_view link) const {
  const auto at = impl_->links.find(link);
  return at == impl_->links.end() ? HostStatus() : at->second->status;
}

net::awaitable<Reply> Hosts::call(std::string link_name, wire::Call call, Instant start_before) {
  const auto impl = impl_;  // outlives this object if it must
  const auto pending = std::make_shared<Pending>();
  pending->call = std::move(call);
  pending->start_before = start_before;
  const auto at = impl->links.find(link_name);
  if (at == impl->links.end()) {
    pending->answer(Status::cancelled, "There is no connector host for " + link_name + ".");
    co_return pending->reply;
  }
  const auto link = at->second;
  if (link->status.state != HostState::up || !link->kill_reason.empty() || impl->ending(*link)) {
    pending->answer(Status::cancelled, "The connector host is not up. " + link->status.reason);
    co_return pending->reply;
  }
  if (link->queued() >= supervisor_limits::kCallsQueuedMax) {
    pending->answer(Status::cancelled, "Too many operations wait for this connector host.");
    co_return pending->reply;
  }
  struct Abandon {  // the caller was cancelled while it waited
    Pending& pending;
    Link& link;
    ~Abandon() {
      if (pending.answered) return;
      pending.abandoned = true;
      link.bell.ring();
    }
  } abandon{*pending, *link};
  link->line_of(pending->call.operation).queue.push_back(pending);
  link->bell.ring();
  while (!pending->answered) co_await impl->clock.sleep_until(kNever, &pending->bell);
  co_return pending->reply;
}

net::awaitable<void> Hosts::drain(Millis grace) {
  const auto impl = impl_;
  impl->draining_until = impl->clock.now() + grace;
  for (const auto& [name, link] : impl->links) link->bell.ring();
  const Instant until = *impl->draining_until + supervisor_limits::kCancelGrace +
                        supervisor_limits::kStopGrace + supervisor_limits::kReapGrace;
  co_await impl->tasks.wait(impl->clock, until);
  if (!impl->tasks.empty()) {
    impl->log.error("connector hosts did not end",
                    {{"left", static_cast<std::int64_t>(impl->tasks.size())}});
  }
}

}  // namespace ombud
