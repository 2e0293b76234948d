#include "links.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

#include "connector_host/limits.hpp"
#include "inbound/limits.hpp"
#include "store/await.hpp"
#include "store/directory.hpp"
#include "store/outbox.hpp"

namespace ombud {
namespace {

std::string_view kind_word(cli::LinkKind kind) {
  return kind == cli::LinkKind::notices ? "notices" : "supplier";
}

// Runs a coroutine on the core executor and comes back with its answer.
template <class T>
net::awaitable<T> on(net::any_io_executor executor, net::awaitable<T> task) {
  co_return co_await net::co_spawn(executor, std::move(task), net::use_awaitable);
}

constexpr int kWebhookRetryAfterS = 30;
static_assert(cli::kParallelMax == host_limits::kParallelMax);

}  // namespace

struct Links::Link {
  cli::LinkSettings settings;
  Doorbell changed;  // the host's status
  bool closing = false;
  std::unique_ptr<delivery::LinkRunner> runner;
  std::unique_ptr<inbound::Poller> poller;

  void close() {
    closing = true;
    changed.ring();
    runner->close();
    if (poller) poller->close();
  }
};

Links::Links(LinkParts parts)
    : parts_(std::move(parts)), tasks_(parts_.executor, [this](std::exception_ptr thrown) {
        try {
          std::rethrow_exception(thrown);
        } catch (const std::exception& error) {
          parts_.log.error("a link's work ended by an error of ours", {{"error", error.what()}});
        }
      }) {}

Links::~Links() = default;

net::awaitable<Result<void>> Links::apply(std::vector<cli::LinkSettings> configured) {
  std::erase_if(configured, [](const cli::LinkSettings& link) { return !link.enabled; });
  std::vector<ombud::Link> rows;
  for (const auto& link : configured) {
    ombud::Link row;
    row.id = link.id;
    row.kind = kind_word(link.kind);
    row.supplier = link.supplier;
    row.connector = link.connector;
    rows.push_back(std::move(row));
  }
  std::function<Result<int>(Tx&)> work = [rows](Tx& tx) -> Result<int> {
    sync_links(tx, rows);
    return 0;
  };
  const auto synced = co_await write<int>(parts_.store, system_principal("configuration"), work);
  if (!synced) co_return synced.error();

  for (auto at = links_.begin(); at != links_.end();) {
    const auto still =
        std::find_if(configured.begin(), configured.end(),
                     [&](const cli::LinkSettings& link) { return link.id == at->first; });
    if (still != configured.end()) {
      ++at;
      continue;
    }
    at->second->close();
    parts_.hosts.stop(at->first);
    parts_.log.info("link stopped: its file is gone or disabled", {{"link", at->first}});
    at = links_.erase(at);
  }
  for (const auto& link : configured) start(link);
  co_return Result<void>();
}

void Links::start(const cli::LinkSettings& settings) {
  auto& link = links_[settings.id];
  const bool fresh = link == nullptr;
  if (fresh) link = std::make_shared<Link>();
  link->settings = settings;

  HostSpec spec;
  spec.link = settings.id;
  spec.connector_dir = settings.connector_dir.string();
  spec.settings_json = settings.settings_json;
  spec.secrets = settings.secrets;
  spec.origins = settings.origins;
  spec.scratch_dir = parts_.run_dir + "/" + settings.id;
  spec.memory_bytes_max = static_cast<std::uint64_t>(settings.limits.memory_bytes_max);
  spec.parallel = settings.parallel;
  parts_.hosts.start(std::move(spec), &link->changed);

  delivery::LinkSettings work;
  work.link = settings.id;
  work.soft_deadline = settings.limits.soft_deadline;
  work.settle = settings.limits.settle;
  if (settings.limits.rate_per_second > 0) {
    work.interval = Millis{static_cast<std::int64_t>(1000.0 / settings.limits.rate_per_second)};
  }
  if (!fresh) {  // what is under way goes on; the next step sees the new values
    link->runner->configure(work);
    if (link->poller) link->poller->configure(settings.poll_every);
    return;
  }
  link->runner = std::make_unique<delivery::LinkRunner>(parts_.executor, parts_.clock,
                                                        parts_.random, parts_.store, parts_.blobs,
                                                        parts_.hosts, parts_.log, work);
  if (settings.kind == cli::LinkKind::supplier) {
    link->poller = std::make_unique<inbound::Poller>(parts_.clock, parts_.random, parts_.store,
                                                     parts_.hosts, parts_.taker, parts_.log,
                                                     settings.id, settings.poll_every);
    tasks_.spawn(run_poller(link));
  }
  tasks_.spawn(run_runner(link));
  tasks_.spawn(relay_changes(link));
}

// A link lives until the last of its coroutines has ended, also when its file is gone.
net::awaitable<void> Links::run_runner(std::shared_ptr<Link> link) {
  co_await link->runner->run();
}
net::awaitable<void> Links::run_poller(std::shared_ptr<Link> link) {
  co_await link->poller->run();
}

// The host rings one bell; several want to know.
net::awaitable<void> Links::relay_changes(std::shared_ptr<Link> link) {
  while (!link->closing) {
    co_await parts_.clock.sleep_until(kNever, &link->changed);
    link->runner->poke();
    if (link->poller) link->poller->poke();
    if (changed_) changed_();
  }
}

void Links::poke(std::string_view link) {
  net::post(parts_.executor, [this, name = std::string(link)] {
    const auto at = links_.find(name);
    if (at != links_.end()) at->second->runner->poke();
  });
}

void Links::close() {
  for (auto& [name, link] : links_) link->close();
}

net::awaitable<void> Links::wait(Instant until) {
  co_await tasks_.wait(parts_.clock, until);
}

net::awaitable<std::vector<http::HostReport>> Links::reports() {
  co_return co_await on(parts_.executor, report_all());
}

net::awaitable<std::vector<http::HostReport>> Links::report_all() {
  std::vector<http::HostReport> reports;
  for (const auto& [name, link] : links_) {
    HostStatus status = parts_.hosts.status(name);
    http::HostReport report;
    report.link = name;
    report.state = to_text(status.state);
    report.reason = status.reason;
    report.connector = status.connector;
    report.version = status.version;
    report.capabilities = std::move(status.capabilities);
    report.extensions = std::move(status.extensions);
    report.pid = status.pid;
    report.restarts = status.restarts;
    if (status.next_start != kNever) report.next_start = status.next_start;
    reports.push_back(std::move(report));
  }
  co_return reports;
}

net::awaitable<Result<void>> Links::restart(std::string link) {
  co_return co_await on(parts_.executor, restart_one(std::move(link)));
}

net::awaitable<Result<void>> Links::restart_one(std::string link) {
  if (!links_.contains(link)) co_return not_found("link");
  parts_.hosts.restart(link);
  co_return Result<void>();
}

net::awaitable<Result<http::CheckReport>> Links::check(std::string link) {
  co_return co_await on(parts_.executor, check_one(std::move(link)));
}

net::awaitable<Result<http::CheckReport>> Links::check_one(std::string link) {
  if (!links_.contains(link)) co_return not_found("link");
  const Instant began = parts_.clock.now();
  wire::Call call;
  call.operation = wire::Operation::check;
  const wire::Reply reply = co_await parts_.hosts.call(link, std::move(call));
  http::CheckReport report;
  report.ok = reply.status == wire::Status::ok;
  report.message = reply.message;
  report.took_ms = (parts_.clock.now() - began).count();
  co_return report;
}

net::awaitable<Links::Understood> Links::understand(std::string link, std::string headers_json,
                                                    std::string body) {
  Understood understood;
  wire::Call call;
  call.operation = wire::Operation::decode;
  call.headers_json = std::move(headers_json);
  call.body = std::move(body);
  call.soft_deadline_ms = inbound::kDecodeDeadline.count();
  wire::Reply reply = co_await parts_.hosts.call(link, std::move(call));
  understood.status = reply.status;
  understood.why = reply.message;
  if (reply.status != wire::Status::ok) co_return understood;
  const auto taken = co_await parts_.taker.take(link, std::move(reply.documents));
  if (!taken) {
    understood.status = wire::Status::retry;
    understood.why = taken.error().detail;
  } else {
    understood.deferred = taken->deferred;
    understood.changes = taken->applied + taken->duplicates + taken->echoes;
  }
  co_return understood;
}

net::awaitable<http::WebhookAnswer> Links::take(std::string link, std::string headers_json,
                                                std::string body) {
  co_return co_await on(parts_.executor,
                        take_webhook(std::move(link), std::move(headers_json), std::move(body)));
}

net::awaitable<http::WebhookAnswer> Links::take_webhook(std::string link, std::string headers_json,
                                                        std::string body) {
  using http::WebhookVerdict;
  http::WebhookAnswer answer;
  const bool known = links_.contains(link);
  const HostStatus status = known ? parts_.hosts.status(link) : HostStatus();
  const bool takes = std::find(status.extensions.begin(), status.extensions.end(),
                               "ombud.webhook/1") != status.extensions.end();
  if (!known || (status.state == HostState::up && !takes)) {
    answer.verdict = WebhookVerdict::unknown_link;
    answer.detail = "no such link, or it takes no webhooks";
    co_return answer;
  }
  const Understood understood =
      co_await understand(std::move(link), std::move(headers_json), std::move(body));
  answer.detail = understood.why;
  if (understood.status == wire::Status::auth) {
    answer.verdict = WebhookVerdict::bad_signature;
  } else if (understood.status != wire::Status::ok || understood.deferred) {
    answer.verdict = WebhookVerdict::unavailable;
    answer.retry_after_s = kWebhookRetryAfterS;
  }
  co_return answer;
}

net::awaitable<mail::SupplierMail::Outcome> Links::decode(std::string link, std::string raw) {
  const std::string headers = R"({"content-type":"message/rfc822"})";
  const Understood understood = co_await understand(std::move(link), headers, std::move(raw));
  switch (understood.status) {
    case wire::Status::ok:
      if (understood.deferred) co_return Outcome::later;
      co_return understood.changes > 0 ? Outcome::taken : Outcome::not_understood;
    case wire::Status::permanent:
    case wire::Status::auth:
      co_return Outcome::not_understood;
    default:
      co_return Outcome::later;
  }
}

net::awaitable<void> Links::collect(http::MetricText& out) {
  struct Row {
    std::string link;
    LinkBacklog backlog;
    bool open = false;
  };
  std::function<Result<std::vector<Row>>(Tx&)> ask = [](Tx& tx) -> Result<std::vector<Row>> {
    std::vector<Row> rows;
    for (const auto& link : list_links(tx)) {
      rows.push_back({link.id, backlog_of(tx, link.id), link.state == "open"});
    }
    return rows;
  };
  const auto rows = co_await read<std::vector<Row>>(parts_.store, system_principal("metrics"), ask);
  if (!rows) co_return;
  const Instant now = parts_.clock.now();
  out.family("ombud_link_open", "gauge",
             "1 if the link delivers, 0 if it is paused or its credentials are refused.");
  for (const Row& row : *rows)
    out.sample("ombud_link_open", {{"link", row.link}}, std::int64_t{row.open});
  out.family("ombud_deliveries_unfinished", "gauge", "Deliveries that are not done.");
  for (const Row& row : *rows) {
    out.sample("ombud_deliveries_unfinished", {{"link", row.link}}, row.backlog.unfinished);
  }
  out.family("ombud_deliveries_dead", "gauge", "Deliveries that wait for a person.");
  for (const Row& row : *rows)
    out.sample("ombud_deliveries_dead", {{"link", row.link}}, row.backlog.dead);
  out.family("ombud_deliveries_in_doubt", "gauge", "Deliveries whose outcome is unknown.");
  for (const Row& row : *rows) {
    out.sample("ombud_deliveries_in_doubt", {{"link", row.link}}, row.backlog.in_doubt);
  }
  out.family("ombud_deliveries_oldest_age_ms", "gauge", "Age of the oldest unfinished delivery.");
  for (const Row& row : *rows) {
    out.sample("ombud_deliveries_oldest_age_ms", {{"link", row.link}},
               row.backlog.oldest_at ? (now - *row.backlog.oldest_at).count() : std::int64_t{0});
  }
}

}  // namespace ombud
