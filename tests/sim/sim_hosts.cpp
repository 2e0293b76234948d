#include "sim/sim_hosts.hpp"

#include <fmt/format.h>

#include <csignal>
#include <fstream>

#include "base/json.hpp"
#include "sim/announcements.hpp"

namespace ombud::sim {

using conformance::Fault;
using conformance::SupplierClass;
using conformance::WriteAnswer;
using wire::Kind;
using wire::Operation;
using wire::Reply;
using wire::Status;

struct HostFarm::Host {
  HostSpec spec;
  Ended ended;
  bool alive = true;
  int hub = 0;                                   // which one started it
  bool frames_survive = false;                   // those on their way when it died
  Instant last_frame{};                          // to the hub: order is kept
  Instant last_order{};                          // from the hub
  std::map<std::uint64_t, ExchangeRef> running;  // by the id of the call
};

// One operation of a connector with its supplier.
struct HostFarm::Exchange {
  HostRef host;
  std::uint64_t id = 0;
  wire::Call call;
  Fault fault;
  bool answered = false;             // the connector has said something to the hub
  std::optional<Instant> abandoned;  // nobody waits for the supplier any more
};

namespace {

constexpr unsigned kHostileCopies = 100;  // of a thousand, while there are faults
constexpr std::size_t kHostileBytes = 5U << 20U;

Reply reply_of(Status status, int code, std::string message) {
  Reply reply;
  reply.status = status;
  reply.supplier_code = code;
  reply.message = std::move(message);
  return reply;
}

std::string reply_document(const std::string& id) {
  return json::Writer()
      .begin_object()
      .field("external_id", id)
      .field("url", "https://supplier.example/" + id)
      .end_object()
      .take();
}

}  // namespace

bool HostFarm::spawn(const HostSpec& spec, Ended ended, std::string& why_not) {
  if (world_.happens(world_.options.host.spawn_fails)) {
    why_not = "no memory";
    return false;
  }
  const auto host = std::make_shared<Host>();
  host->spec = spec;
  host->hub = hub_;
  host->ended = std::move(ended);
  hosts_[spec.host] = host;
  world_.note(spec.host, "spawned");
  Millis start = Millis{20} + world_.up_to(400);
  if (world_.happens(world_.options.host.slow_start)) start = world_.up_to(20'000);
  const bool dies = world_.happens(world_.options.host.die_before_hello);
  world_.after(start, [this, host, dies] {
    if (!host->alive) return;
    if (dies) return die(host, false, 1);
    say_hello(host);
  });
  return true;
}

void HostFarm::say_hello(const HostRef& host) {
  const LinkOptions& link = world_.supplier(host->spec.link).options;
  json::Writer out;
  out.begin_object()
      .field("wire", wire::kWireVersion)
      .field("secret", host->spec.hello_secret)
      .field("connector", "sim")
      .field("version", "1.0.0")
      .field("lookup_lag_ms", static_cast<std::int64_t>(link.rules.search_lag.count()))
      .field("pid", 1)
      .field("parallel", host->spec.parallel)
      .field("reads_apart", link.reads_apart)
      .begin_array("capabilities")
      .value("attachments");
  if (link.notices) out.value("notices");
  if (link.rules.kind == SupplierClass::idempotent) out.value("idempotent-create");
  if (link.rules.kind == SupplierClass::blind) out.value("no-lookup");
  out.end_array().begin_array("extensions").value("ombud.outbound/1");
  if (!link.notices) out.value("ombud.poll/1").value("ombud.fetch/1").value("ombud.webhook/1");
  if (link.restores) out.value("ombud.snapshot/1");
  out.end_array().end_object();
  wire::Message hello;
  hello.text = out.take();
  to_hub(host, hello);
  if (world_.happens(world_.options.host.die_at_hello)) {
    world_.after(world_.up_to(100), [this, host] { die(host, true, SIGSEGV); });
  }
}

void HostFarm::bytes_to_hub(const HostRef& host, std::string frame) {
  const Instant at = std::max(host->last_frame, world_.now() + world_.up_to(15));
  host->last_frame = at;
  world_.after(at - world_.now(), [this, host, frame = std::move(frame)] {
    if (host->hub != hub_ || !receive_) return;
    if (!host->alive && !host->frames_survive) return;
    receive_(host->spec.host, frame);
  });
}

void HostFarm::to_hub(const HostRef& host, const wire::Message& message) {
  if (host->alive && message.kind != Kind::hello && world_.happens(world_.options.host.garbage)) {
    bytes_to_hub(host, "\x01garbage");
  }
  bytes_to_hub(host, wire::encode(message));
}

bool HostFarm::send(std::string_view name, std::string frame) {
  if (frame.find(kSecretCanary) != std::string::npos) world_.fail("a secret travels in a frame");
  const auto at = hosts_.find(name);
  if (at == hosts_.end()) return false;
  const HostRef host = at->second;
  const Instant when = std::max(host->last_order, world_.now() + world_.up_to(15));
  host->last_order = when;
  world_.after(when - world_.now(), [this, host, frame = std::move(frame)] {
    if (!host->alive) return;
    auto message = wire::decode(frame);
    if (!message) return world_.fail("the hub sent a frame that is none");
    handle(host, *message);
  });
  return true;
}

void HostFarm::handle(const HostRef& host, const wire::Message& message) {
  switch (message.kind) {
    case Kind::call:
      check_room(host, message.call);
      return begin(host, message.id, message.call);
    case Kind::cancel:
      if (const auto at = host->running.find(message.id); at != host->running.end()) {
        give_up(ExchangeRef(at->second));
      }
      return;
    case Kind::stop:
      return die(host, false, 0);
    case Kind::hello:
    case Kind::started:
    case Kind::reply:
    case Kind::log:
      return world_.fail("the hub sent what only a host may send");
  }
}

// Every instance of a connector has one thing to do at a time, and no delivery is done twice at
// once.
void HostFarm::check_room(const HostRef& host, const wire::Call& call) {
  const LinkOptions& link = world_.supplier(host->spec.link).options;
  const auto apart = [&](const wire::Call& one) {
    return link.reads_apart && !wire::is_of_delivery(one.operation);
  };
  int busy = 0;
  for (const auto& [id, exchange] : host->running) {
    if (apart(exchange->call) == apart(call)) ++busy;
    if (wire::is_of_delivery(call.operation) && exchange->call.correlation == call.correlation) {
      world_.fail("two calls at once for " + call.correlation);
    }
  }
  if (busy >= (apart(call) ? 1 : host->spec.parallel)) {
    world_.fail("more calls at once than instances for " + host->spec.host);
  }
}

void HostFarm::begin(const HostRef& host, std::uint64_t id, const wire::Call& call) {
  const HostFaults& faults = world_.options.host;
  world_.note(host->spec.host,
              fmt::format("{} {} attempt {}", wire::to_text(call.operation),
                          call.correlation.empty() ? call.cursor : call.correlation, call.attempt));
  watcher_.on_call(host->spec.link, call);
  if (world_.happens(faults.die_before_started)) return die(host, true, SIGSEGV);
  wire::Message started;
  started.kind = Kind::started;
  started.id = id;
  to_hub(host, started);
  if (world_.happens(faults.die_after_started)) return die(host, true, SIGSEGV);

  const auto exchange = std::make_shared<Exchange>();
  exchange->host = host;
  exchange->id = id;
  exchange->call = call;
  host->running.emplace(id, exchange);
  const Millis patience{call.soft_deadline_ms};
  const auto kind = wire::is_write(call.operation)      ? conformance::FaultPlan::Request::write
                    : call.operation == Operation::find ? conformance::FaultPlan::Request::find
                    : call.operation == Operation::changes
                        ? conformance::FaultPlan::Request::changes
                        : conformance::FaultPlan::Request::other;
  if (call.operation == Operation::decode) {  // no network: only the process itself can fail
    exchange->fault.there = exchange->fault.back = Millis{1} + world_.up_to(20);
  } else {
    exchange->fault = world_.supplier(host->spec.link).plan.draw(world_.now(), kind, patience);
  }
  world_.after(exchange->fault.there, [this, exchange] { arrive(exchange); });
  // A connector that hangs does not even notice that its time is up.
  if (world_.happens(faults.hang)) {
    exchange->answered = true;
    return;
  }
  world_.after(patience, [this, exchange] {
    if (exchange->host->alive) give_up(exchange);
  });
}

// Its time is up, or it was told to stop: it says what it knows, which is nothing.
void HostFarm::give_up(const ExchangeRef& exchange) {
  if (exchange->answered) return;
  exchange->abandoned = world_.now();
  const bool write = wire::is_write(exchange->call.operation);
  answer(exchange, reply_of(write ? Status::ambiguous : Status::retry, 0,
                            "the supplier did not answer in time"));
}

void HostFarm::answer(const ExchangeRef& exchange, Reply reply) {
  if (exchange->answered || !exchange->host->alive) return;
  exchange->answered = true;
  exchange->host->running.erase(exchange->id);
  wire::Message message;
  message.kind = Kind::reply;
  message.id = exchange->id;
  message.reply = std::move(reply);
  to_hub(exchange->host, message);
}

// The request has reached the supplier.
void HostFarm::arrive(const ExchangeRef& exchange) {
  const Fault& fault = exchange->fault;
  if (fault.kind == Fault::Kind::drop_before) return;
  // What takes longer than `settle` after its sender gave up never takes effect: that is what the
  // operator of the hub has promised with that setting.
  if (exchange->abandoned && world_.now() >= *exchange->abandoned + world_.options.settle) return;
  Supplier& supplier = world_.supplier(exchange->host->spec.link);
  const bool write = wire::is_write(exchange->call.operation);
  Reply reply;
  switch (fault.kind) {
    case Fault::Kind::auth:
      reply = reply_of(Status::auth, 401, "unauthorized");
      break;
    case Fault::Kind::server_error:
      reply = reply_of(Status::retry, 503, "service unavailable");
      break;
    case Fault::Kind::refuse:
      reply = reply_of(Status::permanent, 422, "this cannot be processed");
      break;
    case Fault::Kind::rate_limit:
      reply = reply_of(Status::rate_limited, 429, "too many requests");
      reply.retry_after_ms = fault.retry_after_ms;
      break;
    case Fault::Kind::none:
    case Fault::Kind::drop_before:
    case Fault::Kind::drop_after:
    case Fault::Kind::broken_feed: {
      reply = apply(exchange);
      const bool bears_repetition = supplier.options.rules.kind == SupplierClass::idempotent ||
                                    (exchange->call.operation == Operation::put_ticket &&
                                     !exchange->call.external_id.empty());
      if (write && fault.duplicate && bears_repetition) reply = apply(exchange);
      if (write && exchange->host->alive && world_.happens(world_.options.host.die_after_apply)) {
        die(exchange->host, true, SIGKILL);
      }
      if (fault.kind == Fault::Kind::drop_after) return;
      break;
    }
  }
  world_.after(fault.back, [this, exchange, reply = std::move(reply)] { answer(exchange, reply); });
}

Reply HostFarm::apply(const ExchangeRef& exchange) {
  Supplier& supplier = world_.supplier(exchange->host->spec.link);
  const wire::Call& call = exchange->call;
  const Instant now = world_.now();
  Reply reply = reply_of(Status::ok, 200, "");
  switch (call.operation) {
    case Operation::put_ticket:
    case Operation::add_comment:
    case Operation::add_attachment: {
      conformance::WriteRequest request{call.correlation, call.external_id, call.body, ""};
      if (call.operation == Operation::add_attachment) {
        const std::string* bytes =
            blobs_.find(call.content_path.substr(call.content_path.rfind('/') + 1));
        if (bytes == nullptr) world_.fail("an attachment's bytes are gone: " + call.content_path);
        if (bytes != nullptr) request.content = *bytes;
      }
      const WriteAnswer made =
          call.operation == Operation::put_ticket    ? supplier.model.put_ticket(now, request)
          : call.operation == Operation::add_comment ? supplier.model.add_comment(now, request)
                                                     : supplier.model.add_attachment(now, request);
      if (made.verdict != WriteAnswer::Verdict::ok)
        return reply_of(Status::permanent, 404, "there is no such ticket");
      reply.documents.push_back(reply_document(made.external_id));
      return reply;
    }
    case Operation::find: {
      if (supplier.options.rules.kind == SupplierClass::blind)
        world_.fail("a blind supplier was searched");
      for (const std::string& id :
           supplier.model.find(now, call.kind, call.correlation, exchange->fault.stale)) {
        reply.documents.push_back(reply_document(id));
      }
      if (reply.documents.empty())
        watcher_.on_found_nothing(exchange->host->spec.link, call.correlation);
      return reply;
    }
    case Operation::changes: {
      const LinkOptions& link = supplier.options;
      const std::size_t at = call.cursor.empty() ? 0 : std::stoul(call.cursor);
      const std::size_t from = at - std::min(at, link.overlap);
      const auto page = supplier.model.changes(std::to_string(from), at - from + link.page);
      std::size_t left = page.changes.size();
      const bool broken = exchange->fault.kind == Fault::Kind::broken_feed;
      if (broken) left = world_.random.below(left + 1);
      reply.documents = announcements_of(supplier, world_.now());
      for (std::size_t i = 0; i < left; ++i) {
        reply.documents.push_back(
            supplier.model.document_of(page.changes[i], link.attachments_inside));
      }
      if (broken) reply.status = Status::retry;
      if (!broken)
        reply.documents.push_back(
            json::Writer().begin_object().field("cursor", page.cursor).end_object().take());
      return reply;
    }
    case Operation::fetch: {
      const auto reference = json::parse(call.body);
      const auto bytes = supplier.model.attachment_bytes((*reference)["id"].text());
      if (!bytes) return reply_of(Status::permanent, 404, "there is no such file");
      std::ofstream(call.content_path, std::ios::binary) << *bytes;
      return reply;
    }
    case Operation::decode:
      reply.documents.push_back(call.body);
      return reply;
    case Operation::snapshot:
      if (world_.happens(kHostileCopies)) return hostile_copy(call);
      reply.documents.push_back(
          supplier.model.copy_of(call.external_id, call.body, supplier.options.attachments_inside));
      return reply;
    case Operation::check:
    case Operation::probe:
    case Operation::render:
    case Operation::interpret:
      return reply;
  }
  return reply;
}

// What no connector may answer; nothing of it may be believed.
Reply HostFarm::hostile_copy(const wire::Call& call) {
  Reply reply = reply_of(Status::ok, 200, "");
  const std::string head = R"({"schema":"ombud.copy/1","external_id":")" + call.external_id + '"';
  switch (world_.random.below(6)) {
    case 0:
      break;  // nothing at all
    case 1:
      reply.documents = {head + R"(,"exists":true,"url":")" + std::string(kHostileBytes, 'x') +
                         R"("})"};
      break;
    case 2:
      reply.documents = {R"({"schema":"ombud.copy/1","external_id":"another","exists":false})"};
      break;
    case 3:
      reply.documents = {head +
                         R"(,"exists":true,"correlation":7,"changes":{"a":1},"fields":"b"})"};
      break;
    case 4:
      reply.documents = {head +
                         R"(,"exists":true,"changes":[{"event_id":"e","external_id":"other",)"
                         R"("type":"comment","comment":{"text":"Whose?"}}]})"};
      break;
    default:
      reply.documents = {"[[[[", "{}"};
  }
  return reply;
}

void HostFarm::die(const HostRef& host, bool signalled, int code) {
  if (!host->alive) return;
  host->alive = false;
  host->frames_survive = world_.random.below(2) == 0;
  for (const auto& [id, exchange] : host->running) {
    if (!exchange->abandoned) exchange->abandoned = world_.now();
  }
  host->running.clear();
  world_.note(host->spec.host, fmt::format("died {}", code));
  const auto at = hosts_.find(host->spec.host);
  if (at != hosts_.end() && at->second == host) hosts_.erase(at);
  HostExit exit;
  exit.signalled = signalled;
  exit.code = code;
  // A process that is killed takes its time to be gone, most of all when it writes a core.
  const Millis dying = world_.happens(200) ? world_.up_to(8'000) : world_.up_to(60);
  world_.after(dying, [this, host, exit] {
    if (host->hub == hub_) host->ended(exit);
  });
}

void HostFarm::kill(std::string_view name) {
  const auto at = hosts_.find(name);
  if (at != hosts_.end()) die(HostRef(at->second), true, SIGKILL);
}

void HostFarm::kill_one() {
  if (hosts_.empty()) return;
  const auto at =
      std::next(hosts_.begin(), static_cast<std::ptrdiff_t>(world_.random.below(hosts_.size())));
  die(HostRef(at->second), true, SIGKILL);
}

void HostFarm::hub_gone() {
  receive_ = nullptr;
  const auto all = std::move(hosts_);
  hosts_.clear();
  ++hub_;
  for (const auto& [name, host] : all) die(host, true, SIGKILL);
}

}  // namespace ombud::sim
