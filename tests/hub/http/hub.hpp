// A whole hub behind a real port: SQLite in a temporary directory, the desk, the application, the
// server, two customers and a supplier; only the link's process and the webhook intake are played.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <filesystem>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "client.hpp"
#include "http/app.hpp"
#include "http/live/stream.hpp"
#include "http/server.hpp"
#include "notify/letters/book.hpp"
#include "notify/telling.hpp"
#include "store/directory.hpp"
#include "store/identity.hpp"
#include "store/outbox.hpp"
#include "store/sqlite/file_blobs.hpp"
#include "store/sqlite/sqlite_store.hpp"
#include "store/tickets.hpp"

namespace ombud::http::test {

class PlayedLinks final : public LinkControl {
 public:
  net::awaitable<std::vector<HostReport>> reports() override;
  net::awaitable<Result<void>> restart(std::string link) override;
  net::awaitable<Result<CheckReport>> check(std::string link) override;
  net::awaitable<Result<Findings>> ask(std::string link, Question question) override;
  net::awaitable<Result<LinkWorks>> works(std::string link) override;
  std::atomic<int> restarts{0};
  // What the host saw of the supplier's server; set before the first request.
  std::optional<Instant> certificate_until;
  std::optional<Millis> clock_ahead;
};

class PlayedWebhooks final : public WebhookIntake {
 public:
  // The body says what the intake answers: "good", "forged", "later", "nonsense"; the link "none"
  // is unknown, "busy" has no place left.
  Admission admit(const std::string& link) override;
  net::awaitable<WebhookAnswer> take(std::string link, std::string request_id,
                                     std::string headers_json, std::string body) override;
  std::string last_headers;
};

class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::string path;
};

class Hub {
 public:
  // `pages`: the folder of the built pages, if there are any.
  explicit Hub(tmf::Settings tmf621 = {}, const std::filesystem::path& pages = "/nowhere",
               const StreamLimits& stream_limits = {}, const ServerLimits& server_limits = {});
  ~Hub();
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;

  // Tokens: erik (user at alfa), maja (his colleague), otto (user at beta), anna (agent), bea
  // (agent limited to beta), olof (operator), ada (administrator); and other systems: alfa-itsm,
  // alfa-portal and beta-itsm (the customers' own), nord-itsm and sud-itsm (suppliers' own).
  std::optional<Answer> send(const std::string& method, const std::string& target,
                             const std::string& token = "", const std::string& body = "",
                             std::vector<std::pair<std::string, std::string>> headers = {}) const;
  // Accounts with a session each, used as the token "@ada": ada (administrator), lena (lead), anna,
  // olof, bea as above, erik and otto (users), asta (approver), mona (manager) of alfa, mats
  // (manager of beta), and dubbel, who is anna's colleague, manager at alfa and user at beta. Their
  // cookies and what X-CSRF-Token must say are in `cookies` and `csrfs`; the password of all is
  // kPassword.
  static constexpr const char* kPassword = "fyra grodor plaskar kvickt";
  std::map<std::string, std::string> cookies, csrfs, sessions;
  std::map<std::string, std::int64_t> accounts;
  // The same, and the status must be this; the body as JSON.
  json::Document expect(int status, const std::string& method, const std::string& target,
                        const std::string& token = "", const std::string& body = "") const;

  // Runs a unit of work as the system and waits for it.
  void run(const std::function<void(Tx&)>& work);

  // Tells people what the logs say by now, and those who listen that they were told.
  void tell();

  // Registers a ticket of erik's; its id as text.
  std::string new_ticket(const std::string& subject = "Skrivare trasig") const;
  std::int64_t delegate(const std::string& ticket) const;
  // A mail of erik's that became a message of this ticket, with a formatted text.
  struct NewMail {
    std::string mail, message;
  };
  NewMail new_mail(const std::string& ticket,
                   const std::string& raw = "Subject: Hej\r\n\r\nHej!\r\n");

  TemporaryDirectory directory;
  RealClock clock;
  SystemRandom random;
  std::mutex log_mutex;
  std::vector<std::string> log_lines;
  Log log;
  net::thread_pool blocking{1};
  std::unique_ptr<sqlite::SqliteStore> store;
  std::unique_ptr<sqlite::FileBlobs> blobs;
  std::unique_ptr<live::Stream> stream;
  std::future<void> streaming;
  const notify::SigningKey letter_key{std::string(notify::SigningKey::kBytes, 'k')};
  PlayedLinks links;
  PlayedWebhooks webhooks;
  Pages pages;
  std::shared_ptr<notify::LiveLetters> letters =
      std::make_shared<notify::LiveLetters>(std::make_shared<const notify::LetterBook>());
  notify::FileLinks file_links{std::string(notify::FileLinks::kKeyBytes, 'k'),
                               "https://desk.example", std::chrono::hours(24 * 30)};
  std::unique_ptr<App> app;
  net::awaitable<Result<ReloadReport>> reload();  // what the app is given
  net::awaitable<ConfigurationReport> configuration();
  std::atomic<int> mails_to_read_again{0};
  std::atomic<int> chose_anew{0};     // how often held mails had to be looked at
  std::string configuration_mistake;  // where, if there is one
  std::unique_ptr<Server> server;
  std::uint16_t port = 0;
  std::int64_t erik = 0, agreement = 0;
};

class HubTest : public ::testing::Test {
 protected:
  Hub hub_;
};

}  // namespace ombud::http::test
