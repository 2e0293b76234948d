// Line-based servers for the tests: an SMTP and an IMAP server that do as the test says, on a free
// port of the loopback address.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace ombud::email::test {

// One accepted connection.
class Peer {
 public:
  explicit Peer(int socket) : socket_(socket) {}
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  bool say(std::string_view text) const;
  std::optional<std::string> line();  // without CRLF; nothing when the peer is gone
  void reset() const;                 // the connection breaks hard when it closes

 private:
  int socket_;
  std::string buffer_;
};

// Serves connections one after the other with `serve` until destroyed.
class Listener {
 public:
  explicit Listener(std::function<void(Peer&)> serve);
  ~Listener();
  int port() const { return port_; }

 private:
  int socket_ = -1;
  int port_ = 0;
  std::atomic<bool> stop_{false};
  std::jthread thread_;
};

// Where the SMTP server breaks off.
enum class Drop {
  never,
  at_greeting,  // before it says 220
  at_ehlo,
  at_mail,
  at_rcpt,
  at_data,            // instead of 354
  in_body,            // after some lines of the mail
  after_dot,          // the whole mail is read, then silence and a closed connection
  hang_after_dot,     // the whole mail is read, then silence
  garbage_after_dot,  // the whole mail is read, then something that is no reply
  hang_at_quit,
};

class FakeSmtp {
 public:
  FakeSmtp();
  int port() const { return listener_->port(); }

  // Set before the connection they are for.
  Drop drop = Drop::never;
  std::map<std::string, std::string>
      replies;                          // verb (or "greeting", "dot") → reply line without CRLF
  std::vector<std::string> extensions;  // EHLO lines such as "AUTH PLAIN"

  std::vector<std::string> mails();  // taken whole and answered with 250, dots unstuffed
  std::vector<std::string> commands();
  void release();  // ends a hang

 private:
  void serve(Peer& peer);
  std::string reply(const std::string& verb, const std::string& fallback);
  std::mutex mutex_;
  std::vector<std::string> mails_, commands_;
  std::atomic<bool> released_{false};
  std::unique_ptr<Listener> listener_;
};

class FakeImap {
 public:
  FakeImap();
  int port() const { return listener_->port(); }
  std::uint64_t validity = 7;
  std::map<std::uint64_t, std::string> mails;  // by UID
  std::string password = "hemligt";
  std::uint64_t drop_at_uid = 0;  // the connection breaks when this mail is asked for

 private:
  void serve(Peer& peer);
  std::unique_ptr<Listener> listener_;
};

}  // namespace ombud::email::test
