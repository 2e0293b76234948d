#include "channel/mail/imap/curl_wire.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>
#include <utility>

#include "channel/mail/imap/curl_handle.hpp"

namespace ombud::mail {
namespace {

constexpr std::size_t kChunkBytes = 64U << 10U;

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

Result<Easy> log_in(const MailboxSettings& mailbox, std::atomic<bool>& closing,
                    const std::string& token) {
  CurlWords words{};
  Easy handle = open_handle(mailbox.authority, closing, words);
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

net::awaitable<Result<Easy>> open_connection(MailboxSettings mailbox,
                                             std::shared_ptr<std::atomic<bool>> closing,
                                             std::string token) {
  co_return log_in(mailbox, *closing, token);
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

CurlImapConnector::CurlImapConnector(Clock& clock, Store& store, const Log& log,
                                     net::any_io_executor executor, net::any_io_executor connecting)
    : clock_(clock),
      executor_(std::move(executor)),
      connecting_(std::move(connecting)),
      closing_(std::make_shared<std::atomic<bool>>(false)),
      tokens_(clock, store, log, connecting_, closing_) {}

CurlImapConnector::~CurlImapConnector() {
  *closing_ = true;
}

net::awaitable<Result<std::unique_ptr<ImapWire>>> CurlImapConnector::connect(
    MailboxSettings mailbox) {
  std::string token;
  if (!mailbox.oauth.token_url.empty()) {
    auto got = co_await tokens_.token_for(mailbox);
    if (!got) co_return got.error();
    token = std::move(*got);
  }
  net::awaitable<Result<Easy>> opening = open_connection(mailbox, closing_, std::move(token));
  auto handle = co_await net::co_spawn(connecting_, std::move(opening), net::use_awaitable);
  if (!handle) {
    // What the server refuses it is not asked with again: the next attempt fetches a fresh one.
    if (handle.error().kind == ProblemKind::unauthenticated) tokens_.forget(mailbox.name);
    co_return handle.error();
  }
  co_return std::make_unique<CurlWire>(clock_, executor_, server_of(mailbox), std::move(*handle));
}

}  // namespace ombud::mail
