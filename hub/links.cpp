#include "links.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

#include "connector_host/limits.hpp"
#include "store/await.hpp"
#include "store/directory.hpp"
#include "store/held_changes.hpp"
#include "store/link_troubles.hpp"
#include "store/notices.hpp"
#include "store/outbox.hpp"
#include "store/reconciliation.hpp"
#include "store/systems.hpp"

namespace ombud {
namespace {

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
  std::unique_ptr<inbound::Poller> poller;  // of suppliers only, as the next
  std::unique_ptr<inbound::HeldChanges> held;
  std::unique_ptr<inbound::Reconciler> reconciler;

  void poke() {
    runner->poke();
    if (held) held->poke();
    if (reconciler) reconciler->poke();
  }
  void close() {
    closing = true;
    changed.ring();
    runner->close();
    if (poller) poller->close();
    if (held) held->close();
    if (reconciler) reconciler->close();
  }
};

Links::Links(LinkParts parts)
    : parts_(std::move(parts)),
      pushed_(parts_.clock, parts_.hosts, parts_.taker),
      tasks_(parts_.executor, [this](std::exception_ptr thrown) {
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
    row.kind = to_text(link.kind);
    row.supplier = link.supplier;
    row.connector = link.connector;
    rows.push_back(std::move(row));
  }
  std::vector<std::string> callbacks;
  for (const auto& link : configured) {
    if (link.kind == cli::LinkKind::subscribers) callbacks = link.origins;
  }
  std::map<std::string, NoticePolicy> policies;
  for (const auto& link : configured) policies[link.id] = link.notices;
  std::function<Result<int>(Tx&)> work = [rows, callbacks, policies](Tx& tx) -> Result<int> {
    put_callback_origins(tx, callbacks);
    sync_links(tx, rows);
    for (const auto& [link, policy] : policies) put_notice_policy(tx, link, policy);
    end_troubles_about(tx, "status");  // told again, if it is still so
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
  std::vector<std::string> suppliers;
  for (const auto& link : configured) {
    if (link.kind == cli::LinkKind::supplier) suppliers.push_back(link.id);
  }
  gate_.set_links(suppliers);
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
  work.one_receiver = settings.kind != cli::LinkKind::subscribers;
  if (settings.limits.rate_per_second > 0) {
    work.interval = Millis{static_cast<std::int64_t>(1000.0 / settings.limits.rate_per_second)};
  }
  if (!fresh) {  // what is under way goes on; the next step sees the new values
    link->runner->configure(work);
    if (link->poller) link->poller->configure(settings.poll_every);
    if (link->reconciler) link->reconciler->configure({settings.reconcile_every, work.settle});
    return;
  }
  link->runner = std::make_unique<delivery::LinkRunner>(parts_.executor, parts_.clock,
                                                        parts_.random, parts_.store, parts_.blobs,
                                                        parts_.hosts, parts_.log, work);
  if (settings.kind == cli::LinkKind::supplier) {
    link->poller = std::make_unique<inbound::Poller>(parts_.clock, parts_.random, parts_.store,
                                                     parts_.hosts, parts_.taker, parts_.log,
                                                     settings.id, settings.poll_every);
    link->held = std::make_unique<inbound::HeldChanges>(
        inbound::HeldParts{parts_.clock, parts_.random, parts_.store, parts_.blobs, parts_.hosts,
                           parts_.log, parts_.taker.rules(), parts_.run_dir},
        settings.id);
    link->reconciler = std::make_unique<inbound::Reconciler>(
        inbound::ReconcilerParts{parts_.clock, parts_.store, parts_.hosts, parts_.log,
                                 [runner = link->runner.get()] { return runner->take_turn(); },
                                 [runner = link->runner.get()] { return runner->is_delivering(); },
                                 [poller = link->poller.get()] { poller->poke(); }},
        settings.id, inbound::ReconcileSettings{settings.reconcile_every, work.settle});
    tasks_.spawn(run_reconciler(link));
    tasks_.spawn(run_poller(link));
    tasks_.spawn(run_held(link));
    tasks_.spawn(run_fetches(link));
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
net::awaitable<void> Links::run_held(std::shared_ptr<Link> link) {
  co_await link->held->run();
}
net::awaitable<void> Links::run_fetches(std::shared_ptr<Link> link) {
  co_await link->held->run_fetches();
}

net::awaitable<void> Links::run_reconciler(std::shared_ptr<Link> link) {
  co_await link->reconciler->run();
}

// The host rings one bell; several want to know.
net::awaitable<void> Links::relay_changes(std::shared_ptr<Link> link) {
  while (!link->closing) {
    co_await parts_.clock.sleep_until(kNever, &link->changed);
    link->poke();
    if (link->poller) link->poller->poke();
    if (changed_) changed_();
  }
}

void Links::poke(std::string_view link) {
  net::post(parts_.executor, [this, name = std::string(link)] {
    const auto at = links_.find(name);
    if (at != links_.end()) at->second->poke();
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
    report.profile = link->settings.profile;
    report.tested = link->settings.tested;
    report.certificate_until = status.certificate_until;
    report.clock_ahead = status.clock_ahead;
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

net::awaitable<Result<http::Findings>> Links::ask(std::string link, http::Question question) {
  co_return co_await on(parts_.executor, ask_one(std::move(link), std::move(question)));
}

net::awaitable<Result<http::Findings>> Links::ask_one(std::string link, http::Question question) {
  if (!links_.contains(link)) co_return not_found("link");
  const auto operation = wire::operation_from(question.operation);
  if (!operation || wire::is_write(*operation)) co_return not_found("operation");
  const HostStatus status = parts_.hosts.status(link);
  if (status.state != HostState::up) {
    co_return problem(ProblemKind::unavailable,
                      "The connector's process is " + std::string(to_text(status.state)) +
                          (status.reason.empty() ? "." : ": " + status.reason));
  }
  wire::Call call;
  call.operation = *operation;
  call.kind = std::move(question.kind);
  call.correlation = std::move(question.correlation);
  call.external_id = std::move(question.external_id);
  call.body = std::move(question.body);
  call.soft_deadline_ms = cli::kQuestionMost.count();
  wire::Reply reply = co_await parts_.hosts.call(link, std::move(call));
  http::Findings findings;
  findings.status = wire::to_text(reply.status);
  findings.message = std::move(reply.message);
  findings.documents = std::move(reply.documents);
  co_return findings;
}

net::awaitable<Result<http::LinkWorks>> Links::works(std::string link) {
  co_return co_await on(parts_.executor, works_of(std::move(link)));
}

net::awaitable<Result<http::LinkWorks>> Links::works_of(std::string link) {
  const auto at = links_.find(link);
  if (at == links_.end()) co_return not_found("link");
  http::LinkWorks works;
  works.connector = at->second->settings.connector;
  works.settings_json = at->second->settings.settings_json;
  co_return works;
}

Links::Admission Links::admit(const std::string& link) {
  using Door = inbound::WebhookGate::Door;
  auto admission = gate_.admit(link);
  if (admission.door == Door::open) return {std::move(admission.place), {}};
  http::WebhookAnswer answer;
  if (admission.door == Door::no_link) {
    answer.verdict = http::WebhookVerdict::unknown_link;
    return {nullptr, std::move(answer)};
  }
  answer.verdict = http::WebhookVerdict::busy;
  answer.retry_after_s = kWebhookRetryAfterS;
  note_webhook(link, inbound::WebhookEnd::busy, "", "too many at a time");
  return {nullptr, std::move(answer)};
}

void Links::note_webhook(std::string_view link, inbound::WebhookEnd end,
                         std::string_view request_id, std::string_view why) {
  const auto alike = gate_.count(link, end, parts_.clock.now());
  if (!alike) return;
  parts_.log.warning("webhook not taken", {{"link", link},
                                           {"outcome", to_text(end)},
                                           {"id", request_id},
                                           {"reason", why},
                                           {"since_last_told", *alike}});
}

net::awaitable<http::WebhookAnswer> Links::take(std::string link, std::string request_id,
                                                std::string headers_json, std::string body) {
  auto answer =
      co_await on(parts_.executor, take_webhook(link, std::move(headers_json), std::move(body)));
  using http::WebhookVerdict;
  switch (answer.verdict) {
    case WebhookVerdict::taken:
      note_webhook(link, inbound::WebhookEnd::taken, request_id, "");
      break;
    case WebhookVerdict::bad_signature:
      note_webhook(link, inbound::WebhookEnd::bad_signature, request_id, answer.detail);
      break;
    case WebhookVerdict::refused:
      note_webhook(link, inbound::WebhookEnd::refused, request_id, answer.detail);
      break;
    case WebhookVerdict::busy:
    case WebhookVerdict::unavailable:
      note_webhook(link, inbound::WebhookEnd::unavailable, request_id, answer.detail);
      break;
    case WebhookVerdict::unknown_link:
      break;
  }
  co_return answer;
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
  const inbound::Understood understood =
      co_await pushed_.understand(std::move(link), std::move(headers_json), std::move(body));
  answer.detail = understood.why;
  switch (understood.status) {
    case wire::Status::ok:
      break;
    case wire::Status::auth:
      answer.verdict = WebhookVerdict::bad_signature;
      break;
    case wire::Status::permanent:
      answer.verdict = WebhookVerdict::refused;
      break;
    default:
      answer.verdict = WebhookVerdict::unavailable;
      answer.retry_after_s = kWebhookRetryAfterS;
  }
  co_return answer;
}

net::awaitable<mail::SupplierMail::Outcome> Links::decode(std::string link, std::string raw) {
  const std::string headers = R"({"content-type":"message/rfc822"})";
  const inbound::Understood understood =
      co_await pushed_.understand(std::move(link), headers, std::move(raw));
  switch (understood.status) {
    case wire::Status::ok:
      co_return understood.changes > 0 ? Outcome::taken : Outcome::not_understood;
    case wire::Status::permanent:
    case wire::Status::auth:
      co_return Outcome::not_understood;
    default:
      co_return Outcome::later;
  }
}

net::awaitable<mail::SupplierMail::Outcome> Links::decode_announcement(std::string link,
                                                                       std::string raw) {
  const std::string headers = R"({"content-type":"message/rfc822","ombud-ticket":"none"})";
  const inbound::Understood understood =
      co_await pushed_.understand(std::move(link), headers, std::move(raw));
  if (understood.status == wire::Status::ok && understood.changes > 0) co_return Outcome::taken;
  const bool told = understood.status == wire::Status::ok ||
                    understood.status == wire::Status::permanent ||
                    understood.status == wire::Status::auth;
  co_return told ? Outcome::not_understood : Outcome::later;
}

net::awaitable<void> Links::collect(http::MetricText& out) {
  struct Row {
    std::string link;
    LinkBacklog backlog;
    HeldBacklog held;
    bool open = false;
    std::optional<Reconciliation> compared;
  };
  std::function<Result<std::vector<Row>>(Tx&)> ask = [](Tx& tx) -> Result<std::vector<Row>> {
    std::vector<Row> rows;
    for (const auto& link : list_links(tx)) {
      rows.push_back({link.id, backlog_of(tx, link.id), held_backlog(tx, link.id),
                      link.state == "open", last_reconciliation(tx, link.id)});
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
  out.family("ombud_changes_held", "gauge",
             "Changes of a supplier that wait for a write of ours or for their attachment.");
  for (const Row& row : *rows)
    out.sample("ombud_changes_held", {{"link", row.link}}, row.held.count);
  out.family("ombud_changes_held_oldest_age_ms", "gauge", "Age of the oldest of them.");
  for (const Row& row : *rows) {
    out.sample("ombud_changes_held_oldest_age_ms", {{"link", row.link}},
               row.held.since ? (now - *row.held.since).count() : std::int64_t{0});
  }
  out.family("ombud_reconciliation_last_age_ms", "gauge",
             "How long ago the link was last compared with its supplier.");
  for (const Row& row : *rows) {
    if (row.compared) {
      out.sample("ombud_reconciliation_last_age_ms", {{"link", row.link}},
                 (now - row.compared->created_at).count());
    }
  }
  out.family("ombud_reconciliation_drift", "gauge",
             "Differences that the last comparison found and that are not repaired.");
  for (const Row& row : *rows) {
    if (row.compared) {
      out.sample("ombud_reconciliation_drift", {{"link", row.link}}, row.compared->left);
    }
  }
  out.family("ombud_webhooks_total", "counter",
             "Webhooks of suppliers, by what came of them: taken, bad_signature, refused (the "
             "connector does not understand them), busy, unavailable.");
  for (const auto& counts : gate_.counts()) {
    for (std::size_t i = 0; i < inbound::kWebhookEnds; ++i) {
      out.sample("ombud_webhooks_total",
                 {{"link", counts.link}, {"outcome", to_text(static_cast<inbound::WebhookEnd>(i))}},
                 counts.ended[i]);
    }
  }
}

}  // namespace ombud
