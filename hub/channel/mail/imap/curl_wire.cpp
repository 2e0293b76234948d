#include "channel/mail/imap/curl_wire.hpp"

#include <curl/curl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "base/json.hpp"

namespace ombud::mail {
namespace {

constexpr long kConnectMs = 15'000;  // for name, connection, TLS and login together
constexpr std::size_t kChunkBytes = 64U << 10U;
constexpr std::size_t kTokenBytesMax = 256U << 10U;
constexpr std::int64_t kTokenSeconds = 300;  // that it is good for, if nothing is said
constexpr Millis kTokenMargin{60'000};       // an access token is renewed so long before its end

struct FreeEasy {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using Easy = std::unique_ptr<CURL, FreeEasy>;

void start_curl() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
      throw std::runtime_error("libcurl could not start");
    }
  });
}

Easy open_handle() {
  start_curl();
  Easy handle(curl_easy_init());
  if (!handle) throw std::bad_alloc();
  return handle;
}

template <class Value>
void set(const Easy& handle, CURLoption option, Value value) {
  const CURLcode code = curl_easy_setopt(handle.get(), option, value);
  if (code != CURLE_OK) {
    throw std::runtime_error(std::string("libcurl refused a setting: ") + curl_easy_strerror(code));
  }
}
void set(const Easy& handle, CURLoption option, const std::string& value) {
  set(handle, option, value.c_str());
}

int go_on(void* closing, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::atomic<bool>*>(closing)->load() ? 1 : 0;
}

// What every transfer of ours has in common; nothing is left to the environment.
void prepare(const Easy& handle, const MailboxSettings& mailbox, std::atomic<bool>& closing,
             char* words) {
  set(handle, CURLOPT_NOPROGRESS, 0L);
  set(handle, CURLOPT_XFERINFOFUNCTION, &go_on);
  set(handle, CURLOPT_XFERINFODATA, static_cast<void*>(&closing));
  set(handle, CURLOPT_ERRORBUFFER, words);
  set(handle, CURLOPT_NOSIGNAL, 1L);
  set(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  set(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  set(handle, CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
  set(handle, CURLOPT_TIMEOUT_MS, kConnectMs);
  set(handle, CURLOPT_CONNECTTIMEOUT_MS, kConnectMs);
  if (!mailbox.authority.empty()) set(handle, CURLOPT_CAINFO, mailbox.authority);
}

std::string server_of(const MailboxSettings& mailbox) {
  return fmt::format("{}:{}", mailbox.host, mailbox.port);
}

// The sentence for the operator: what failed, and which setting decides it.
std::string refusal(const MailboxSettings& mailbox, CURLcode code, const char* words) {
  const std::string why = words[0] != '\0' ? std::string(words) : curl_easy_strerror(code);
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return fmt::format("The name {} could not be looked up. See host of the mailbox \"{}\".",
                         mailbox.host, mailbox.name);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      return fmt::format(
          "The certificate of {} is not to be trusted ({}). See host and authority "
          "of the mailbox \"{}\".",
          server_of(mailbox), why, mailbox.name);
    case CURLE_USE_SSL_FAILED:
      return fmt::format("{} offers no STARTTLS. See security of the mailbox \"{}\".",
                         server_of(mailbox), mailbox.name);
    case CURLE_SSL_CONNECT_ERROR:
      return fmt::format("No TLS with {} ({}). See port and security of the mailbox \"{}\".",
                         server_of(mailbox), why, mailbox.name);
    case CURLE_LOGIN_DENIED:
      return fmt::format(
          "{} refused the login of {} ({}). See login and password of the mailbox "
          "\"{}\".",
          server_of(mailbox), mailbox.login, why, mailbox.name);
    default:
      return fmt::format("No connection to {}: {}.", server_of(mailbox), why);
  }
}

std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* to) {
  auto& body = *static_cast<std::string*>(to);
  if (body.size() + size * count > kTokenBytesMax) return 0;
  body.append(bytes, size * count);
  return size * count;
}

std::string escaped(const Easy& handle, const std::string& text) {
  char* made = curl_easy_escape(handle.get(), text.data(), static_cast<int>(text.size()));
  if (made == nullptr) throw std::bad_alloc();
  std::string copy(made);
  curl_free(made);
  return copy;
}

struct AccessToken {
  std::string text;
  Instant until{};
};

// Blocks. `now` is when it was asked for.
Result<AccessToken> fetch_token(const MailboxSettings& mailbox, std::atomic<bool>& closing,
                                Instant now) {
  const MailboxOauth& oauth = mailbox.oauth;
  Easy handle = open_handle();
  std::array<char, CURL_ERROR_SIZE> words{};
  prepare(handle, mailbox, closing, words.data());
  set(handle, CURLOPT_URL, oauth.token_url);
  set(handle, CURLOPT_PROTOCOLS_STR, "https,http");
  std::string form = "client_id=" + escaped(handle, oauth.client_id);
  if (!oauth.client_secret.empty())
    form += "&client_secret=" + escaped(handle, oauth.client_secret);
  if (!oauth.scope.empty()) form += "&scope=" + escaped(handle, oauth.scope);
  form += oauth.refresh_token.empty()
              ? std::string("&grant_type=client_credentials")
              : "&grant_type=refresh_token&refresh_token=" + escaped(handle, oauth.refresh_token);
  set(handle, CURLOPT_POSTFIELDS, form.c_str());
  std::string body;
  set(handle, CURLOPT_WRITEFUNCTION, &take_body);
  set(handle, CURLOPT_WRITEDATA, &body);
  const CURLcode code = curl_easy_perform(handle.get());
  long status = 0;
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  const auto answer = json::parse(body);
  if (code != CURLE_OK || status != 200 || !answer) {
    std::string why = code != CURLE_OK ? std::string(curl_easy_strerror(code))
                                       : fmt::format("it answered {}", status);
    if (answer) {
      const std::string_view error = (*answer)["error"].text();
      if (!error.empty()) why += fmt::format(" {}", error);
    }
    return problem(ProblemKind::unauthenticated,
                   fmt::format("No access token from {}: {}. See oauth of the mailbox \"{}\".",
                               oauth.token_url, why, mailbox.name));
  }
  AccessToken token;
  token.text = std::string((*answer)["access_token"].text());
  token.until = now + Millis(1000 * (*answer)["expires_in"].integer(kTokenSeconds)) - kTokenMargin;
  if (token.text.empty()) {
    return problem(ProblemKind::unauthenticated,
                   fmt::format("{} answered without an access token. See oauth of the mailbox "
                               "\"{}\".",
                               oauth.token_url, mailbox.name));
  }
  return token;
}

Result<Easy> log_in(const MailboxSettings& mailbox, std::atomic<bool>& closing,
                    const std::string& token) {
  Easy handle = open_handle();
  std::array<char, CURL_ERROR_SIZE> words{};
  prepare(handle, mailbox, closing, words.data());
  const bool tls = mailbox.security == MailboxSecurity::tls;
  const bool literal6 = mailbox.host.find(':') != std::string::npos;
  set(handle, CURLOPT_URL,
      fmt::format("{}://{}{}{}:{}/", tls ? "imaps" : "imap", literal6 ? "[" : "", mailbox.host,
                  literal6 ? "]" : "", mailbox.port));
  set(handle, CURLOPT_PROTOCOLS_STR, "imap,imaps");
  set(handle, CURLOPT_PROXY, "");
  if (mailbox.security == MailboxSecurity::starttls) {
    set(handle, CURLOPT_USE_SSL, long{CURLUSESSL_ALL});
  }
  set(handle, CURLOPT_USERNAME, mailbox.login);
  if (token.empty()) {
    set(handle, CURLOPT_PASSWORD, mailbox.password);
  } else {
    set(handle, CURLOPT_XOAUTH2_BEARER, token);
  }
  set(handle, CURLOPT_TCP_KEEPALIVE, 1L);
  set(handle, CURLOPT_CONNECT_ONLY, 1L);
  const CURLcode code = curl_easy_perform(handle.get());
  set(handle, CURLOPT_ERRORBUFFER, static_cast<char*>(nullptr));
  set(handle, CURLOPT_NOPROGRESS, 1L);
  if (code != CURLE_OK) {
    const ProblemKind kind =
        code == CURLE_LOGIN_DENIED ? ProblemKind::unauthenticated : ProblemKind::unavailable;
    return problem(kind, refusal(mailbox, code, words.data()));
  }
  return handle;
}

class CurlWire final : public ImapWire {
 public:
  CurlWire(Clock& clock, const net::any_io_executor& executor, std::string server, Easy handle)
      : clock_(clock), server_(std::move(server)), handle_(std::move(handle)) {
    curl_easy_getinfo(handle_.get(), CURLINFO_ACTIVESOCKET, &socket_);
    const int own = ::dup(socket_);
    if (own < 0) throw std::runtime_error("no file descriptor is left");
    state_ = std::make_shared<State>(executor, own);
  }

  ~CurlWire() override {
    // Otherwise libcurl says good-bye and waits for the answer.
    ::shutdown(socket_, SHUT_RDWR);
    boost::system::error_code ignored;
    state_->descriptor.close(ignored);
  }

  net::awaitable<Result<std::monostate>> send(std::string bytes, Instant until) override {
    std::size_t sent = 0;
    while (sent < bytes.size()) {
      std::size_t now = 0;
      const CURLcode code =
          curl_easy_send(handle_.get(), bytes.data() + sent, bytes.size() - sent, &now);
      if (code == CURLE_AGAIN) {
        if (!co_await ready(net::posix::stream_descriptor::wait_write, until)) {
          co_return problem(ProblemKind::unavailable, server_ + " took no more of what was sent.");
        }
      } else if (code != CURLE_OK) {
        co_return gone(code);
      }
      sent += now;
    }
    co_return std::monostate();
  }

  net::awaitable<Result<std::string>> receive(Instant until) override {
    std::string bytes(kChunkBytes, '\0');
    while (true) {
      std::size_t read = 0;
      const CURLcode code = curl_easy_recv(handle_.get(), bytes.data(), bytes.size(), &read);
      if (code == CURLE_OK && read > 0) {
        bytes.resize(read);
        co_return bytes;
      }
      if (code == CURLE_OK) co_return gone(CURLE_GOT_NOTHING);
      if (code != CURLE_AGAIN) co_return gone(code);
      if (!co_await ready(net::posix::stream_descriptor::wait_read, until)) co_return std::string();
    }
  }

 private:
  struct State {
    State(const net::any_io_executor& executor, int own) : descriptor(executor, own) {}
    net::posix::stream_descriptor descriptor;
    Doorbell bell;
    bool ready = false;
  };

  // False: not before `until`.
  net::awaitable<bool> ready(net::posix::stream_descriptor::wait_type what, Instant until) {
    const std::shared_ptr<State> state = state_;
    state->ready = false;
    state->descriptor.async_wait(what, [state](const boost::system::error_code& error) {
      if (error == net::error::operation_aborted) return;
      state->ready = true;
      state->bell.ring();
    });
    while (!state->ready && clock_.now() < until) co_await clock_.sleep_until(until, &state->bell);
    if (!state->ready) state->descriptor.cancel();
    co_return state->ready;
  }

  Problem gone(CURLcode code) const {
    return problem(ProblemKind::unavailable, code == CURLE_GOT_NOTHING
                                                 ? server_ + " closed the connection."
                                                 : fmt::format("The connection to {} broke: {}.",
                                                               server_, curl_easy_strerror(code)));
  }

  Clock& clock_;
  std::string server_;
  Easy handle_;
  curl_socket_t socket_ = CURL_SOCKET_BAD;
  std::shared_ptr<State> state_;
};

}  // namespace

// Used on the threads that connect.
class ImapTokens {
 public:
  std::atomic<bool> closing = false;
  Result<std::string> token_for(const MailboxSettings& mailbox, Instant now) {
    {
      const std::lock_guard lock(mutex_);
      const auto known = by_mailbox_.find(mailbox.name);
      if (known != by_mailbox_.end() && now < known->second.until) return known->second.text;
    }
    auto fresh = fetch_token(mailbox, closing, now);
    if (!fresh) return fresh.error();
    const std::lock_guard lock(mutex_);
    return (by_mailbox_[mailbox.name] = std::move(*fresh)).text;
  }
  void forget(const std::string& mailbox) {
    const std::lock_guard lock(mutex_);
    by_mailbox_.erase(mailbox);
  }

 private:
  std::mutex mutex_;
  std::map<std::string, AccessToken> by_mailbox_;
};

namespace {

// What the server refuses is not asked with again: the next attempt fetches a fresh token.
net::awaitable<Result<Easy>> open_connection(std::shared_ptr<ImapTokens> tokens,
                                             MailboxSettings mailbox, Instant now) {
  std::string token;
  if (!mailbox.oauth.token_url.empty()) {
    auto got = tokens->token_for(mailbox, now);
    if (!got) co_return got.error();
    token = std::move(*got);
  }
  auto handle = log_in(mailbox, tokens->closing, token);
  if (!handle && handle.error().kind == ProblemKind::unauthenticated) tokens->forget(mailbox.name);
  co_return handle;
}

}  // namespace

CurlImapConnector::CurlImapConnector(Clock& clock, net::any_io_executor executor,
                                     net::any_io_executor connecting)
    : clock_(clock),
      executor_(std::move(executor)),
      connecting_(std::move(connecting)),
      tokens_(std::make_shared<ImapTokens>()) {}

CurlImapConnector::~CurlImapConnector() {
  tokens_->closing = true;
}

net::awaitable<Result<std::unique_ptr<ImapWire>>> CurlImapConnector::connect(
    MailboxSettings mailbox) {
  const std::string server = server_of(mailbox);
  net::awaitable<Result<Easy>> opening = open_connection(tokens_, std::move(mailbox), clock_.now());
  auto handle = co_await net::co_spawn(connecting_, std::move(opening), net::use_awaitable);
  if (!handle) co_return handle.error();
  co_return std::make_unique<CurlWire>(clock_, executor_, server, std::move(*handle));
}

}  // namespace ombud::mail
