#include "hub.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/thread_pool.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "base/key_file.hpp"
#include "channel/mail/imap/curl_wire.hpp"
#include "channel/mail/imap/mailboxes.hpp"
#include "channel/mail/intake.hpp"
#include "channel/mail/smtp/smtp_server.hpp"
#include "cli/letter_files.hpp"
#include "configuration_report.hpp"
#include "delivery/limits.hpp"
#include "desk/approvals.hpp"
#include "http/app.hpp"
#include "http/server.hpp"
#include "http/tmf621/publisher.hpp"
#include "identity/oidc/curl_fetcher.hpp"
#include "identity/oidc/limits.hpp"
#include "identity/oidc/sign_in.hpp"
#include "links.hpp"
#include "notify/letters/book.hpp"
#include "notify/letters/file_links.hpp"
#include "notify/notifier.hpp"
#include "store/await.hpp"
#include "store/directory.hpp"
#include "store/exchanges.hpp"
#include "store/idempotency.hpp"
#include "store/link_steps.hpp"
#include "store/outbox.hpp"
#include "store/recording.hpp"
#include "store/sqlite/data_directory.hpp"
#include "store/sqlite/file_blobs.hpp"
#include "store/sqlite/migrate.hpp"
#include "store/sqlite/sqlite_store.hpp"
#include "supervisor/process_spawner.hpp"
#include "supervisor/zmq_wire.hpp"

namespace ombud {
namespace {

constexpr Millis kDrainGraceHttp{10'000};
constexpr Millis kRemindEvery{60'000};
constexpr Millis kLastWait{5'000};  // for coroutines to see that they are closed

mail::SmtpOptions smtp_options(const cli::MailSettings& settings, const cli::DeskSettings& desk,
                               mail::SmtpSpool spool) {
  mail::SmtpOptions options;
  options.protocol = settings.protocol == cli::MailProtocol::smtp ? mail::MailProtocol::smtp
                                                                  : mail::MailProtocol::lmtp;
  options.host_name = desk.domain.empty() ? "localhost" : desk.domain;
  options.address = settings.listen->host;
  options.port = settings.listen->port;
  options.limits.message_bytes_max = static_cast<std::size_t>(settings.message_bytes_max);
  options.spool = std::move(spool);
  return options;
}

std::vector<mail::MailboxSettings> mailboxes_of(const cli::Settings& settings) {
  std::vector<mail::MailboxSettings> all;
  for (const cli::MailboxEntry& entry : settings.mail.mailboxes) all.push_back(entry.mailbox);
  return all;
}

mail::IntakeOptions intake_options(const cli::Settings& settings, const ReplyKey& key) {
  mail::IntakeOptions options;
  options.route.key = key;
  for (const cli::MailAddressEntry& entry : settings.mail.defaults) {
    options.route.by_address[mail::plain_address(entry.address)] = {entry.customer, entry.team,
                                                                    entry.language};
  }
  for (const cli::MailboxEntry& entry : settings.mail.mailboxes) {
    options.route.by_mailbox[entry.mailbox.name] = {entry.customer, entry.team, entry.language};
  }
  options.authentication_from = settings.mail.authentication_from;
  options.route.believe_unproven = settings.mail.believe_unproven;
  options.receipts_per_hour = settings.mail.receipts_per_hour;
  options.tickets_per_hour = settings.mail.tickets_per_hour;
  if (!settings.mail.fallback_customer.empty()) {
    options.route.unknown_customer = settings.mail.fallback_customer;
  }
  for (const cli::LinkSettings& link : settings.links) {
    if (link.enabled && link.kind == cli::LinkKind::supplier) {
      for (const std::string& address : link.mail_addresses) {
        options.route.suppliers.push_back({address, link.id});
      }
    }
  }
  return options;
}

http::tmf::Settings tmf621_of(const cli::Settings& settings) {
  const cli::Tmf621Settings& written = settings.tmf621;
  http::tmf::Settings tmf;
  tmf.public_url = settings.http.public_url;
  tmf.exact_fields = written.exact_fields;
  tmf.lenient_status = written.lenient_status;
  tmf.replace_arrays = written.replace_arrays;
  tmf.append_listener = written.append_listener;
  tmf.partial_content = written.partial_content;
  tmf.unique_external_id = written.unique_external_id;
  tmf.refuse_unknown = written.refuse_unknown;
  tmf.attachment_bytes_max = written.attachment_bytes_max;
  return tmf;
}

identity::Settings identity_of(const cli::Settings& settings) {
  identity::Settings identity;
  identity.public_url = settings.http.public_url;
  identity.proxies = settings.http.proxies;
  return identity;
}

Millis days_of(const cli::Settings& settings) {
  return std::chrono::hours(24) * settings.mail_out.link_days;
}

// `public_url`: by which the hub was started.
notify::FilePolicy files_of(const cli::Settings& settings, const std::string& key,
                            const std::string& public_url) {
  auto links = std::make_shared<const notify::FileLinks>(key, public_url, days_of(settings));
  return {settings.mail_out.attachments_bytes_max,
          [links](AttachmentId file, Instant now) { return links->url_of(file.value, now); }};
}

std::vector<oidc::ProviderSettings> providers_of(const cli::Settings& settings) {
  std::vector<oidc::ProviderSettings> all;
  for (const cli::ProviderEntry& entry : settings.providers) all.push_back(entry.provider);
  return all;
}

// Lets the commands on this machine find the hub and talk to it: <data>/run/local.json, mode 0600.
void write_local_access(const std::string& path, const std::string& url, const std::string& token) {
  json::Writer out;
  out.begin_object()
      .field("url", url)
      .field("token", token)
      .field("pid", std::int64_t{::getpid()})
      .end_object();
  const std::string text = out.take();
  const std::string fresh = path + ".new";
  ::unlink(fresh.c_str());
  const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  const bool written =
      file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (file >= 0) ::close(file);
  if (!written || ::rename(fresh.c_str(), path.c_str()) != 0) {
    throw StoreError("Cannot write " + path + ", by which commands find the hub.");
  }
}

// The parts, in the order in which they are built; they go in the reverse one.
class Hub {
 public:
  explicit Hub(HubOptions options)
      : options_(std::move(options)),
        log_(log_to_stderr(clock_, options_.settings.log_level)),
        data_(options_.settings.data_dir.string()),
        blobs_(data_.blobs(), pool_),
        wire_(core_.get_executor(), data_.run(), log_),
        spawner_(core_.get_executor(), {options_.host_program, wire_.endpoint(), {"LANG=C.UTF-8"}},
                 clock_, log_),
        signals_(core_, SIGTERM, SIGINT, SIGHUP) {}

  int run() {
    sqlite::migrate(data_.database(), log_);
    store_.emplace(data_.database(), clock_, random_, log_);
    hosts_.emplace(core_.get_executor(), clock_, random_, wire_, spawner_, log_, HostLimits{});
    taker_.emplace(*store_, blobs_, log_);
    links_.emplace(LinkParts{core_.get_executor(), clock_, random_, *store_, blobs_, *hosts_,
                             *taker_, log_, data_.run()});
    publisher_.emplace(core_.get_executor(), clock_, *store_, log_, tmf621_of(options_.settings));
    stream_.emplace(core_.get_executor(), clock_, *store_, log_);
    make_notifier();
    store_->observe([this](const CommitNote& note) {
      for (const std::string& link : note.links) links_->poke(link);
      publisher_->committed(note);
      stream_->committed(note);
      notifier_->committed(note);
    });
    const std::filesystem::path pages = options_.settings.http.pages.value_or(options_.pages);
    auto loaded = http::Pages::load(pages);
    if (!loaded) throw std::runtime_error(loaded.error().detail);
    pages_ = std::move(*loaded);
    if (!pages_.built()) log_.warning("there are no pages", {{"folder", pages.string()}});
    auto seal = oidc::SealKey::in_file(data_.path() + "/oidc.key", random_);
    if (!seal) throw StoreError(seal.error().detail);
    providers_.emplace(clock_, random_, *store_, fetcher_, std::move(*seal),
                       options_.settings.http.public_url);
    providers_->configure(providers_of(options_.settings));
    http::AppParts parts{clock_,  random_, log_,          *store_,         blobs_,
                         *links_, *links_, data_.blobs(), options_.version};
    parts.reload = [this] { return reload_from_afar(); };
    parts.tmf621 = tmf621_of(options_.settings);
    parts.subscribed = [this] { publisher_->subscribed(); };
    parts.identity = identity_of(options_.settings);
    parts.identity.frame_letter = [letters = letters_](
                                      std::string_view language, std::string_view desk,
                                      std::string_view subject, std::string_view text) {
      return letters->book()->framed("", language, desk, subject, text);
    };
    parts.letters = letters_;
    parts.file_links = &*file_links_;
    parts.pages = &pages_;
    parts.stream = &*stream_;
    parts.letter_key = &*letter_key_;
    parts.chose = [this] { notifier_->poke(); };
    parts.configuration = [this] { return configuration_from_afar(); };
    parts.providers = &*providers_;
    parts.mail_waits = [this] {
      net::post(core_, [this] {
        if (intake_) intake_->wake();
      });
    };
    app_.emplace(std::move(parts));
    app_->add_source(*links_);
    const cli::Settings& settings = options_.settings;
    http::ServerOptions http;
    http.address = settings.http.listen.host;
    http.port = settings.http.listen.port;
    http.threads = static_cast<unsigned>(settings.http.threads);
    http.limits.connections_max = static_cast<std::size_t>(settings.http.connections_max);
    server_.emplace(clock_, random_, log_, *app_, http);
    app_->add_source(*server_);
    intake_.emplace(clock_, *store_, blobs_, *links_, log_, pool_.get_executor(),
                    mail::DeskAddresses(settings.mail.addresses, {settings.desk.domain}),
                    intake_options(settings, reply_key_));
    links_->on_change([this] { intake_->wake(); });
    imap_.emplace(clock_, *store_, log_, core_.get_executor(), connecting_.get_executor());
    mailboxes_.emplace(clock_, random_, *store_, *imap_, *intake_, log_, core_.get_executor(),
                       [this](std::exception_ptr thrown) { report(thrown); });
    if (settings.mail.listen) {
      mail::SmtpSpool spool{fmt::format("{}/{}mail-{}-", data_.blobs(),
                                        sqlite::FileBlobs::kIncomingPrefix, ::getpid()),
                            pool_.get_executor()};
      smtp_.emplace(core_.get_executor(), clock_, *intake_, log_,
                    smtp_options(settings.mail, settings.desk, std::move(spool)));
    }
    tasks_.emplace(core_.get_executor(), [this](std::exception_ptr thrown) { report(thrown); });
    tasks_->spawn(start());
    net::co_spawn(core_, listen_to_signals(), net::detached);
    core_.run();
    ::unlink((data_.run() + "/local.json").c_str());
    return exit_code_;
  }

 private:
  void report(std::exception_ptr thrown) {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& error) {
      log_.error("the hub met an error of its own", {{"error", error.what()}});
    }
  }

  // The hub's own keys, and who tells people what happened.
  void make_notifier() {
    auto key = notify::SigningKey::in_file(data_.path() + "/notify.key", random_);
    if (!key) throw StoreError(key.error().detail);
    letter_key_.emplace(std::move(*key));
    auto reply_key = key_in_file(data_.path() + "/reply.key", ReplyKey::kBytes,
                                 "The key that signs addresses for answers", random_);
    if (!reply_key) throw StoreError(reply_key.error().detail);
    reply_key_ = ReplyKey(std::move(*reply_key));
    auto file_key = key_in_file(data_.path() + "/file-links.key", notify::FileLinks::kKeyBytes,
                                "The key that signs links to files", random_);
    if (!file_key) throw StoreError(file_key.error().detail);
    file_key_ = std::move(*file_key);
    file_links_.emplace(file_key_, options_.settings.http.public_url, days_of(options_.settings));
    letters_ = std::make_shared<notify::LiveLetters>(cli::read_letters(options_.settings));
    notifier_.emplace(notify::Notifier::Parts{
        core_.get_executor(), clock_, *store_, log_, *letter_key_, reply_key_,
        options_.settings.http.public_url, letters_,
        files_of(options_.settings, file_key_, options_.settings.http.public_url),
        [this](const std::vector<PersonId>& people) { stream_->told(people); }});
  }

  net::awaitable<void> start() {
    std::optional<Problem> refused;
    try {
      refused = co_await start_parts();
    } catch (const std::exception& failed) {
      refused = problem(ProblemKind::unavailable, failed.what());
    }
    if (!refused) co_return;
    log_.error("the hub cannot start", {{"reason", refused->detail}});
    const bool taken = refused->detail.find("cannot listen") != std::string::npos;
    std::fprintf(stderr, "ombud: cannot serve: %s%s\n", refused->detail.c_str(),
                 taken ? "\nPerhaps another hub runs there: end it, or write another listen in "
                         "[http] or [mail] of ombud.toml."
                       : "");
    exit_code_ = 1;
    signals_.cancel();
    net::co_spawn(core_, drain(), net::detached);
  }

  net::awaitable<std::optional<Problem>> start_parts() {
    const cli::Settings& settings = options_.settings;
    const Principal who = system_principal("start");
    const std::string token = mint_id(random_) + mint_id(random_);
    std::function<Result<int>(Tx&)> work = [&](Tx& tx) -> Result<int> {
      put_desk_identity(tx, {settings.desk.name, settings.desk.email});
      forget_local_tokens(tx);
      Token local;
      local.id = "local-" + tx.mint();
      local.name = "local";
      local.principal.role = Role::admin;
      local.created_at = tx.at();
      put_token(tx, local, sha256_hex(token));
      return 0;
    };
    const auto prepared = co_await write<int>(*store_, who, work);
    if (!prepared) co_return prepared.error();
    const auto applied = co_await links_->apply(settings.links);
    if (!applied) co_return applied.error();
    tell_of_letters();
    configuration_ = report_of(settings, settings, *letters_->book(), clock_.now());
    mail_tasks_.emplace(core_.get_executor(),
                        [this](std::exception_ptr thrown) { report(thrown); });
    mail_tasks_->spawn(intake_->run());
    mailboxes_->configure(mailboxes_of(settings));
    if (smtp_) {
      const auto listening = smtp_->listen();
      if (!listening) co_return listening.error();
      tasks_->spawn(smtp_->run());
      log_.info("mail intake listens",
                {{"address", settings.mail.listen->host}, {"port", smtp_->port()}});
    }
    const auto port = server_->start();
    if (!port) co_return port.error();
    const bool any = settings.http.listen.host == "0.0.0.0" || settings.http.listen.host == "::";
    const std::string host = any ? "127.0.0.1" : settings.http.listen.host;
    const std::string url = "http://" +
                            (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" +
                            std::to_string(*port);
    write_local_access(data_.run() + "/local.json", url, token);
    tasks_->spawn(keep_house());
    tasks_->spawn(keep_figures());
    tasks_->spawn(remind_approvers());
    tasks_->spawn(publisher_->run());
    notify_tasks_.emplace(core_.get_executor(),
                          [this](std::exception_ptr thrown) { report(thrown); });
    notify_tasks_->spawn(notifier_->run());
    tasks_->spawn(stream_->run());
    log_.info("the hub serves",
              {{"url", url}, {"data", data_.path()}, {"version", options_.version}});
    co_return std::nullopt;
  }

  // Slow, regular work.
  net::awaitable<void> keep_house() {
    while (!draining_) {
      co_await clock_.sleep_until(clock_.now() + delivery::kSweepEvery, &house_bell_);
      if (draining_) co_return;
      std::function<Result<int>(Tx&)> work = [](Tx& tx) -> Result<int> {
        drop_old_answers(tx);
        forget_recordings(tx);
        return sweep_headless(tx);
      };
      const auto swept = co_await write<int>(*store_, system_principal("housekeeping"), work);
      if (swept && *swept > 0) {
        log_.error("lanes without a head were promoted: this is a bug, please report it",
                   {{"lanes", *swept}});
      }
    }
  }

  // At the end of every five minutes.
  net::awaitable<void> keep_figures() {
    std::function<Result<int>(Tx&)> work = [](Tx& tx) -> Result<int> {
      write_link_steps(tx);
      forget_exchanges(tx);
      return 0;
    };
    while (!draining_) {
      const auto written = co_await write<int>(*store_, system_principal("figures"), work);
      if (!written) log_.warning("figures were not written", {{"reason", written.error().detail}});
      const Instant now = clock_.now();
      const Instant next = now - (now.time_since_epoch() % kLinkStep) + kLinkStep;
      co_await clock_.sleep_until(next, &figures_bell_);
    }
  }

  // What is due follows from the log, so nothing is lost or said twice by a crash or a long stop.
  net::awaitable<void> remind_approvers() {
    std::function<Result<int>(Tx&)> work = [](Tx& tx) -> Result<int> {
      return desk::remind_of_approvals(tx);
    };
    while (!draining_) {
      const auto reminded = co_await write<int>(*store_, system_principal("approvals"), work);
      if (!reminded) {
        log_.warning("approvers were not reminded", {{"reason", reminded.error().detail}});
      }
      if (reminded && *reminded == desk::kRemindedAtOnce) continue;
      co_await clock_.sleep_until(clock_.now() + kRemindEvery, &approvals_bell_);
    }
  }

  net::awaitable<void> listen_to_signals() {
    for (;;) {
      auto token = net::as_tuple(net::use_awaitable);
      const auto [error, signal] = co_await signals_.async_wait(token);
      if (error) co_return;
      if (signal == SIGHUP) {
        if (!draining_) co_await reload_by_signal();
      } else if (!draining_) {
        net::co_spawn(core_, drain(), net::detached);
      } else {
        // Connector hosts end with this process; what was under way comes back in doubt.
        log_.warning("told twice to end: not waiting any longer");
        ::_exit(1);
      }
    }
  }

  // On the core executor. Either everything is taken or nothing is.
  net::awaitable<Result<http::ReloadReport>> reload() {
    if (draining_) co_return problem(ProblemKind::unavailable, "The hub is about to end.");
    auto fresh = options_.reload();
    if (!fresh) {
      note_refused(configuration_, fresh.error(), clock_.now());
      co_return fresh.error();
    }
    const auto applied = co_await links_->apply(fresh->links);
    if (!applied) co_return applied.error();
    letters_->replace(cli::read_letters(*fresh));
    notifier_->set_files(files_of(*fresh, file_key_, options_.settings.http.public_url));
    tell_of_letters();
    configuration_ = report_of(*fresh, options_.settings, *letters_->book(), clock_.now());
    const DeskIdentity desk{fresh->desk.name, fresh->desk.email};
    std::function<Result<int>(Tx&)> work = [desk](Tx& tx) -> Result<int> {
      put_desk_identity(tx, desk);
      return 0;
    };
    const auto named = co_await write<int>(*store_, system_principal("configuration"), work);
    if (!named) co_return named.error();
    providers_->configure(providers_of(*fresh));
    intake_->configure(mail::DeskAddresses(fresh->mail.addresses, {fresh->desk.domain}),
                       intake_options(*fresh, reply_key_));
    mailboxes_->configure(mailboxes_of(*fresh));
    http::ReloadReport report;
    for (const cli::LinkSettings& link : fresh->links) {
      if (link.enabled) report.links.push_back(link.id);
    }
    log_.info("configuration reloaded",
              {{"links", static_cast<std::int64_t>(report.links.size())}});
    co_return report;
  }

  void tell_of_letters() {
    for (const notify::LetterFinding& finding : letters_->book()->findings()) {
      log_.warning(finding.in_use ? "a letter has no words for a case; the built-in one is used"
                                  : "a letter has a mistake; the built-in one is used",
                   {{"file", finding.file}, {"line", finding.line}, {"mistake", finding.detail}});
    }
  }

  // From any thread.
  net::awaitable<http::ConfigurationReport> configuration_from_afar() {
    auto task = configuration();
    co_return co_await net::co_spawn(core_, std::move(task), net::use_awaitable);
  }

  // On the core executor.
  net::awaitable<http::ConfigurationReport> configuration() {
    http::ConfigurationReport report = configuration_;
    for (const std::string& finding : notifier_->findings()) {
      report.findings.push_back({"", 0, true, finding});
    }
    co_return report;
  }

  net::awaitable<void> reload_by_signal() {
    const auto report = co_await reload();
    if (report) co_return;
    log_.error("configuration not reloaded", {{"reason", report.error().detail}});
    for (const FieldProblem& mistake : report.error().fields) {
      log_.error("configuration not reloaded",
                 {{"where", mistake.pointer}, {"mistake", mistake.detail}});
    }
  }

  // From any thread.
  net::awaitable<Result<http::ReloadReport>> reload_from_afar() {
    auto task = reload();
    co_return co_await net::co_spawn(core_, std::move(task), net::use_awaitable);
  }

  net::awaitable<void> drain() {
    draining_ = true;
    house_bell_.ring();
    figures_bell_.ring();
    approvals_bell_.ring();
    publisher_->close();  // what it has not told yet is told after the next start
    notifier_->close();   // likewise
    log_.info("draining", {{"connections", server_->counts().open}});
    if (smtp_) co_await smtp_->drain(kDrainGraceHttp);
    co_await mailboxes_->end(clock_.now() + kLastWait);
    co_await server_->drain(clock_, kDrainGraceHttp);
    stream_->close();
    // Its look at the store uses letters and keys, which go before the store does.
    if (notify_tasks_) co_await notify_tasks_->wait(clock_, clock_.now() + kLastWait);
    log_.info("drained: no more requests; finishing deliveries that are under way");
    links_->close();
    co_await hosts_->drain(options_.settings.delivery.drain_grace);
    co_await links_->wait(clock_.now() + kLastWait);
    if (mail_tasks_) {
      mail_tasks_->cancel(net::cancellation_type::terminal);
      co_await mail_tasks_->wait(clock_, clock_.now() + kLastWait);
    }
    // Handlers may still wait for this executor, so it must run while the server waits for them.
    auto ended = end_server();
    co_await net::co_spawn(pool_, std::move(ended), net::use_awaitable);
    signals_.cancel();
    log_.info("the hub ends");
    // Everything that still waits belongs to parts that go in order after run() has returned.
    core_.stop();
  }

  net::awaitable<void> end_server() {
    server_.reset();
    co_return;
  }

  HubOptions options_;
  RealClock clock_;
  SystemRandom random_;
  Log log_;
  net::thread_pool pool_{2};
  net::io_context core_{1};
  sqlite::DataDirectory data_;
  sqlite::FileBlobs blobs_;
  ZmqWire wire_;
  ProcessSpawner spawner_;
  net::signal_set signals_;
  std::optional<sqlite::SqliteStore> store_;
  std::optional<Hosts> hosts_;
  std::optional<inbound::ChangeTaker> taker_;
  std::optional<Links> links_;
  std::optional<http::tmf::Publisher> publisher_;
  std::optional<http::live::Stream> stream_;
  std::optional<notify::SigningKey> letter_key_;
  std::optional<notify::Notifier> notifier_;
  http::Pages pages_;
  std::optional<oidc::SignIn> providers_;
  oidc::CurlFetcher fetcher_{oidc::kFetchesMax};  // ends before those who wait for it
  ReplyKey reply_key_;                            // signs the addresses that users answer to
  std::shared_ptr<notify::LiveLetters> letters_;
  std::string file_key_;
  std::optional<notify::FileLinks> file_links_;
  std::optional<http::App> app_;
  std::optional<http::Server> server_;
  std::optional<mail::MailIntake> intake_;
  net::thread_pool connecting_{
      2};  // to mailboxes, which blocks; ends before core_, where it answers
  std::optional<mail::CurlImapConnector> imap_;
  std::optional<mail::Mailboxes> mailboxes_;
  std::optional<mail::SmtpServer> smtp_;
  std::optional<TaskGroup> tasks_, notify_tasks_, mail_tasks_;
  Doorbell house_bell_, figures_bell_, approvals_bell_;
  http::ConfigurationReport configuration_;  // on the core executor alone
  bool draining_ = false;
  int exit_code_ = 0;
};

}  // namespace

int serve(HubOptions options) {
  try {
    Hub hub(std::move(options));
    return hub.run();
  } catch (const std::exception& failed) {
    std::fprintf(stderr, "ombud: cannot serve: %s\n", failed.what());
    return 1;
  }
}

}  // namespace ombud
