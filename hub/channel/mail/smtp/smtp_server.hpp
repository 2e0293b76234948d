// Receives mail by SMTP (RFC 5321) or LMTP (RFC 2033), on TCP or a UNIX socket. Meant to stand
// behind the organisation's mail server, which does TLS, SPF, DKIM and spam; so no STARTTLS and no
// AUTH.
//
// A mail is answered 250 only after the sink has it on disk; anything else that goes wrong in
// between is 451, and the sender keeps it. Extensions: PIPELINING, SIZE, 8BITMIME, SMTPUTF8,
// ENHANCEDSTATUSCODES. Bytes are kept as they come: any line length, NUL, 8-bit, bare CR and LF.
// Not thread-safe: one executor. Clock, sink and log must outlive the executor's work.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "channel/mail/mail_sink.hpp"

namespace ombud::mail {

struct SmtpLimits {
  std::size_t command_bytes_max = 2048;           // RFC 5321 asks for 512 and some for extensions
  std::size_t message_bytes_max = 35U << 20U;     // more: 552
  std::size_t recipients_max = 100;               // more: 452
  std::size_t connections_max = 100;              // more: 421
  std::size_t received_bytes_max = 256U << 20U;   // of all messages in memory at once; more: 452
  std::size_t in_memory_bytes_max = 256U << 10U;  // of one message; a longer one goes to a file
  int errors_max = 20;                            // then 421 and good-bye
  Millis command{300'000};                        // for the whole of one command line to arrive
  Millis data{900'000};                           // for the whole of one message to arrive
  Millis reply{60'000};                           // for the peer to take an answer
};

enum class MailProtocol { smtp, lmtp };

// Where long messages lie while they come in, and who writes them there.
struct SmtpSpool {
  std::string prefix;  // of the files' paths; a number follows
  boost::asio::any_io_executor workers;
};

struct SmtpOptions {
  MailProtocol protocol = MailProtocol::smtp;
  std::string host_name = "localhost";  // how the greeting names us
  std::string unix_path;                // a UNIX socket; empty: TCP
  int unix_mode = 0660;
  std::string address = "127.0.0.1";  // numeric
  std::uint16_t port = 0;             // 0: any free one
  SmtpLimits limits;
  std::optional<SmtpSpool> spool;  // none: every message comes in in memory
};

class SmtpSession;

class SmtpServer {
 public:
  SmtpServer(boost::asio::any_io_executor executor, Clock& clock, MailSink& sink, const Log& log,
             SmtpOptions options);
  ~SmtpServer();  // closes every socket at once
  SmtpServer(const SmtpServer&) = delete;
  SmtpServer& operator=(const SmtpServer&) = delete;

  // Binds; refused with what to change if the address is taken or not ours. A stale socket file is
  // replaced, one that another server listens on is not.
  Result<void> listen();
  std::uint16_t port() const;  // after listen(), for TCP
  // Serves until drain() or cancellation.
  boost::asio::awaitable<void> run();
  // Takes no new connection, says 421 to those that wait for a command, and lets the others finish
  // the mail they are at; what is still there after `grace` is cut off.
  boost::asio::awaitable<void> drain(Millis grace);
  std::size_t connections() const;

 private:
  friend class SmtpSession;
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace ombud::mail
