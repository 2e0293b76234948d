// The configured links at work: for each its connector host, its runner, its poller. Starts, stops
// and replaces them as the configuration says, and answers for them to the API, the webhooks and
// the mail. Everything on the core executor, except where it says "any thread".
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/task_group.hpp"
#include "channel/mail/supplier_mail.hpp"
#include "cli/cli.hpp"
#include "cli/settings.hpp"
#include "delivery/link_runner.hpp"
#include "http/link_control.hpp"
#include "http/metrics.hpp"
#include "http/webhook_intake.hpp"
#include "inbound/held.hpp"
#include "inbound/poller.hpp"
#include "inbound/pushed.hpp"
#include "inbound/reconciler.hpp"
#include "inbound/webhook_gate.hpp"

namespace ombud {

struct LinkParts {
  net::any_io_executor executor;
  Clock& clock;
  Random& random;
  Store& store;
  Blobs& blobs;
  Hosts& hosts;
  inbound::ChangeTaker& taker;
  const Log& log;
  std::string run_dir;
};

class Links final : public http::LinkControl,
                    public http::WebhookIntake,
                    public http::MetricSource,
                    public mail::SupplierMail {
 public:
  explicit Links(LinkParts parts);
  ~Links() override;

  // Makes reality equal to the configuration: new links start, changed ones get a new process,
  // those that are gone stop. Their rows in the store are brought up to date first.
  net::awaitable<Result<void>> apply(std::vector<cli::LinkSettings> configured);
  // Called whenever a link's host comes up or goes: who waits for one looks again.
  void on_change(std::function<void()> changed) { changed_ = std::move(changed); }
  // There may be something to deliver. Any thread.
  void poke(std::string_view link);
  void close();  // nothing more is claimed or polled
  net::awaitable<void> wait(Instant until);

  // http::LinkControl, any thread
  net::awaitable<std::vector<http::HostReport>> reports() override;
  net::awaitable<Result<void>> restart(std::string link) override;
  net::awaitable<Result<http::CheckReport>> check(std::string link) override;
  net::awaitable<Result<http::Findings>> ask(std::string link, http::Question question) override;
  net::awaitable<Result<http::LinkWorks>> works(std::string link) override;
  // http::WebhookIntake, any thread
  Admission admit(const std::string& link) override;
  net::awaitable<http::WebhookAnswer> take(std::string link, std::string request_id,
                                           std::string headers_json, std::string body) override;
  // http::MetricSource, any thread
  net::awaitable<void> collect(http::MetricText& out) override;
  // mail::SupplierMail, core executor
  net::awaitable<mail::SupplierMail::Outcome> decode(std::string link, std::string raw) override;
  net::awaitable<mail::SupplierMail::Outcome> decode_announcement(std::string link,
                                                                  std::string raw) override;

 private:
  struct Link;
  void start(const cli::LinkSettings& settings);
  static net::awaitable<void> run_runner(std::shared_ptr<Link> link);
  static net::awaitable<void> run_poller(std::shared_ptr<Link> link);
  static net::awaitable<void> run_held(std::shared_ptr<Link> link);
  static net::awaitable<void> run_fetches(std::shared_ptr<Link> link);
  static net::awaitable<void> run_reconciler(std::shared_ptr<Link> link);
  net::awaitable<void> relay_changes(std::shared_ptr<Link> link);
  // On the core executor, where the links live.
  net::awaitable<std::vector<http::HostReport>> report_all();
  net::awaitable<Result<void>> restart_one(std::string link);
  net::awaitable<Result<http::CheckReport>> check_one(std::string link);
  net::awaitable<Result<http::Findings>> ask_one(std::string link, http::Question question);
  net::awaitable<Result<http::LinkWorks>> works_of(std::string link);
  net::awaitable<http::WebhookAnswer> take_webhook(std::string link, std::string headers_json,
                                                   std::string body);
  void note_webhook(std::string_view link, inbound::WebhookEnd end, std::string_view request_id,
                    std::string_view why);

  LinkParts parts_;
  inbound::Pushed pushed_;
  inbound::WebhookGate gate_;
  std::function<void()> changed_;
  std::map<std::string, std::shared_ptr<Link>, std::less<>> links_;
  TaskGroup tasks_;
};

}  // namespace ombud
