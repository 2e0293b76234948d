#include "channel/mail/smtp/smtp_server.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <cstring>
#include <set>
#include <tuple>
#include <utility>

#include "base/bytes.hpp"
#include "channel/mail/addresses.hpp"
#include "channel/mail/smtp/smtp_commands.hpp"
#include "channel/mail/smtp/spool.hpp"

namespace ombud::mail {
namespace {

using Protocol = net::generic::stream_protocol;
using Socket = Protocol::socket;
using Acceptor = net::basic_socket_acceptor<Protocol>;

constexpr std::size_t kReadBytes = 64U << 10U;
constexpr Millis kAcceptPause{1'000};  // after a failed accept, such as too many open files

}  // namespace

struct SmtpServer::State {
  State(net::any_io_executor on, Clock& clock_, MailSink& sink_, const Log& log_,
        SmtpOptions options_)
      : executor(std::move(on)),
        clock(clock_),
        sink(sink_),
        log(log_),
        options(std::move(options_)),
        acceptor(executor) {}

  net::any_io_executor executor;
  Clock& clock;
  MailSink& sink;
  const Log& log;
  SmtpOptions options;
  Acceptor acceptor;
  std::uint16_t port = 0;
  bool bound_path = false;
  bool draining = false;
  std::size_t received_bytes = 0;
  std::uint64_t spooled = 0;  // messages so far
  std::set<SmtpSession*> sessions;
  Doorbell empty;  // rings when the last session ends
};

// One connection. Lives until both of its coroutines have ended.
class SmtpSession {
 public:
  SmtpSession(std::shared_ptr<SmtpServer::State> server, Socket socket);
  ~SmtpSession();
  SmtpSession(const SmtpSession&) = delete;
  SmtpSession& operator=(const SmtpSession&) = delete;

  net::awaitable<void> talk();
  net::awaitable<void> watch();  // cuts off what takes longer than its deadline
  void stop_waiting();           // drain: says good-bye if no command is under way
  void cut();

 private:
  enum class Line { whole, too_long, bare_lf, ended };
  net::awaitable<Line> read_line();
  net::awaitable<bool> read_more();  // false: closed, timed out or told to stop
  net::awaitable<bool> flush();
  net::awaitable<void> converse();
  net::awaitable<void> receive();
  net::awaitable<bool> set_aside(DataDecoder& decoder, std::optional<SpoolFile>& spool);
  void answer(const Command& command);
  void greet(const Command& command);
  void mail(const Command& command);
  void rcpt(const Command& command);
  void wrong(std::string_view line);  // answers and counts an error
  void say(std::string_view line);
  void say_to_all(std::string_view line);  // LMTP: once per recipient
  void forget();                           // the mail under way
  void allow(Millis time);
  void allow_for_ever();
  bool lmtp() const { return server_->options.protocol == MailProtocol::lmtp; }
  const SmtpLimits& limits() const { return server_->options.limits; }

  std::shared_ptr<SmtpServer::State> server_;
  Socket socket_;
  std::string input_;   // not yet understood
  std::string output_;  // not yet sent: answers to pipelined commands go together
  std::string line_;
  std::vector<char> chunk_ = std::vector<char>(kReadBytes);
  bool waiting_ = false;  // for a command, and nothing of it has come
  bool over_ = false, timed_out_ = false, quit_ = false, ended_ = false;
  bool greeted_ = false, has_sender_ = false, utf8_ = false, wants_data_ = false;
  int errors_ = 0;
  Envelope envelope_;
  Instant deadline_ = kNever, wakes_at_ = kNever;
  Doorbell bell_;
};

SmtpSession::SmtpSession(std::shared_ptr<SmtpServer::State> server, Socket socket)
    : server_(std::move(server)), socket_(std::move(socket)) {
  server_->sessions.insert(this);
}

SmtpSession::~SmtpSession() {
  server_->sessions.erase(this);
  if (server_->sessions.empty()) server_->empty.ring();
}

void SmtpSession::allow(Millis time) {
  deadline_ = server_->clock.now() + time;
  if (deadline_ < wakes_at_) bell_.ring();
}

void SmtpSession::allow_for_ever() {
  deadline_ = kNever;
}

net::awaitable<void> SmtpSession::watch() {
  while (!over_) {
    wakes_at_ = deadline_;
    co_await server_->clock.sleep_until(wakes_at_, &bell_);
    if (!over_ && server_->clock.now() >= deadline_) {
      timed_out_ = true;
      boost::system::error_code ignored;
      socket_.cancel(ignored);
      deadline_ = kNever;
    }
  }
}

void SmtpSession::stop_waiting() {
  if (!waiting_) return;
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

void SmtpSession::cut() {
  over_ = true;
  bell_.ring();
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void SmtpSession::say(std::string_view line) {
  output_ += line;
  output_ += "\r\n";
}

void SmtpSession::say_to_all(std::string_view line) {
  const std::size_t times = lmtp() ? envelope_.recipients.size() : 1;
  for (std::size_t i = 0; i < times; ++i) say(line);
}

void SmtpSession::wrong(std::string_view line) {
  say(line);
  ++errors_;
}

void SmtpSession::forget() {
  envelope_ = {};
  has_sender_ = utf8_ = false;
}

net::awaitable<bool> SmtpSession::flush() {
  if (output_.empty()) co_return true;
  const std::string now = std::exchange(output_, {});
  allow(limits().reply);
  const auto token = net::as_tuple(net::use_awaitable);
  const auto [error, bytes] = co_await net::async_write(socket_, net::buffer(now), token);
  allow_for_ever();
  co_return !error;
}

net::awaitable<bool> SmtpSession::read_more() {
  if (!co_await flush() || timed_out_ || ended_) co_return false;
  if (server_->draining && waiting_) co_return false;
  const auto token = net::as_tuple(net::use_awaitable);
  const auto [error, bytes] = co_await socket_.async_read_some(net::buffer(chunk_), token);
  if (error) {
    ended_ = error != net::error::operation_aborted;
    co_return false;
  }
  input_.append(chunk_.data(), bytes);
  co_return true;
}

net::awaitable<SmtpSession::Line> SmtpSession::read_line() {
  Line kind = Line::whole;
  std::size_t seen = 0;
  bool timed = false;
  for (;;) {
    const std::size_t end = input_.find('\n', seen);
    if (end != std::string::npos) {
      if (end > limits().command_bytes_max) kind = Line::too_long;
      if (kind == Line::whole && (end == 0 || input_[end - 1] != '\r')) kind = Line::bare_lf;
      line_.assign(input_, 0, kind == Line::whole ? end - 1 : 0);
      input_.erase(0, end + 1);
      co_return kind;
    }
    if (input_.size() > limits().command_bytes_max) {
      kind = Line::too_long;
      input_.clear();
    }
    seen = input_.size();
    if (!co_await flush()) co_return Line::ended;
    if (!timed) allow(limits().command);  // for all of the line, however it drips
    timed = true;
    waiting_ = input_.empty() && kind == Line::whole;
    const bool more = co_await read_more();
    waiting_ = false;
    if (!more) co_return Line::ended;
  }
}

net::awaitable<void> SmtpSession::talk() {
  say(fmt::format("220 {} {} Ombud service desk", server_->options.host_name,
                  lmtp() ? "LMTP" : "ESMTP"));
  co_await converse();
  if (timed_out_) {
    say("421 4.4.2 too slow: closing the connection");
  } else if (server_->draining && !quit_) {
    say("421 4.3.2 the service is shutting down: try again later");
  }
  if (!ended_) co_await flush();
  over_ = true;
  bell_.ring();
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_both, ignored);
  socket_.close(ignored);
}

net::awaitable<void> SmtpSession::converse() {
  while (!quit_) {
    const Line line = co_await read_line();
    switch (line) {
      case Line::ended:
        co_return;
      case Line::too_long:
        wrong("500 5.5.6 line too long");
        break;
      case Line::bare_lf:
        wrong("500 5.5.2 lines must end with CR LF");
        break;
      case Line::whole:
        answer(parse_command(line_));
        break;
    }
    if (wants_data_) {
      wants_data_ = false;
      co_await receive();
      if (timed_out_ || ended_) co_return;
    }
    if (errors_ >= limits().errors_max) {
      say("421 4.7.0 too many errors: closing the connection");
      co_return;
    }
    if (server_->draining && !quit_) co_return;
  }
}

void SmtpSession::greet(const Command& command) {
  const bool right = lmtp() ? command.verb == Verb::lhlo : command.verb != Verb::lhlo;
  if (!right)
    return wrong(lmtp() ? "500 5.5.1 this is LMTP: say LHLO" : "500 5.5.1 this is SMTP: say EHLO");
  if (command.rest.empty()) return wrong("501 5.5.4 say your host name");
  forget();
  greeted_ = true;
  const std::string& name = server_->options.host_name;
  if (command.verb == Verb::helo) return say("250 " + name);
  say("250-" + name);
  say("250-PIPELINING");
  say(fmt::format("250-SIZE {}", limits().message_bytes_max));
  say("250-8BITMIME");
  say("250-SMTPUTF8");
  say("250 ENHANCEDSTATUSCODES");
}

void SmtpSession::mail(const Command& command) {
  if (!greeted_) return wrong("503 5.5.1 say hello first");
  if (has_sender_) return wrong("503 5.5.1 one sender a mail: RSET first");
  const auto path = parse_path(command.rest, "FROM");
  if (!path) return wrong("501 5.5.4 write MAIL FROM:<address>");
  if (!path->unknown.empty()) return wrong("555 5.5.4 unknown parameter of MAIL");
  if (path->bad_parameter) return wrong("501 5.5.4 bad value of a parameter of MAIL");
  if (!is_utf8(path->address) || path->address.find('\0') != std::string::npos ||
      path->address.size() > 320) {
    return wrong("553 5.1.7 this is no address");
  }
  if (path->size.value_or(0) > static_cast<std::int64_t>(limits().message_bytes_max)) {
    return say("552 5.3.4 the message is too large");
  }
  has_sender_ = true;
  utf8_ = path->utf8;
  envelope_.from = path->address;
  say("250 2.1.0 ok");
}

void SmtpSession::rcpt(const Command& command) {
  if (!has_sender_) return wrong("503 5.5.1 say MAIL first");
  const auto path = parse_path(command.rest, "TO");
  if (!path || path->address.empty()) return wrong("501 5.5.4 write RCPT TO:<address>");
  if (!path->unknown.empty() || path->size || path->utf8 || path->bad_parameter) {
    return wrong("555 5.5.4 unknown parameter of RCPT");
  }
  const bool ascii = std::all_of(path->address.begin(), path->address.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (!ascii && (!utf8_ || !is_utf8(path->address))) {
    return wrong("553 5.6.7 write addresses beyond ASCII as UTF-8, with SMTPUTF8");
  }
  const bool known = (is_address(path->address) || folded(path->address) == "postmaster") &&
                     server_->sink.accepts(path->address);
  if (!known) return wrong("550 5.1.1 no such address here");
  if (envelope_.recipients.size() >= limits().recipients_max) {
    return say("452 4.5.3 too many recipients: send the mail to the rest of them once more");
  }
  envelope_.recipients.push_back(path->address);
  say("250 2.1.5 ok");
}

void SmtpSession::answer(const Command& command) {
  switch (command.verb) {
    case Verb::helo:
    case Verb::ehlo:
    case Verb::lhlo:
      return greet(command);
    case Verb::mail:
      return mail(command);
    case Verb::rcpt:
      return rcpt(command);
    case Verb::data:
      if (!has_sender_) return wrong("503 5.5.1 say MAIL first");
      if (!command.rest.empty()) return wrong("501 5.5.4 DATA takes no parameter");
      if (envelope_.recipients.empty()) {
        return wrong(lmtp() ? "503 5.5.1 no valid recipient" : "554 5.5.1 no valid recipient");
      }
      wants_data_ = true;
      return say("354 end with CR LF . CR LF");
    case Verb::rset:
      forget();
      return say("250 2.0.0 ok");
    case Verb::noop:
      return say("250 2.0.0 ok");
    case Verb::quit:
      quit_ = true;
      return say("221 2.0.0 bye");
    case Verb::vrfy:
      return say("252 2.1.5 send a mail to find out");
    case Verb::help:
      return say("214 2.0.0 RFC 5321");
    case Verb::other:
      return wrong("502 5.5.1 no such command here");
  }
}

// Moves a long message's bytes to its file, as soon as there are enough of them. False: the disk
// takes no more.
net::awaitable<bool> SmtpSession::set_aside(DataDecoder& decoder, std::optional<SpoolFile>& spool) {
  const std::optional<SmtpSpool>& options = server_->options.spool;
  const bool enough = decoder.message().size() > limits().in_memory_bytes_max ||
                      (spool && decoder.done() && !decoder.message().empty());
  if (!options || !enough) co_return true;
  if (!spool) {
    spool.emplace(options->workers, fmt::format("{}{}", options->prefix, ++server_->spooled));
  }
  const std::string refusal = co_await spool->add(decoder.release());
  if (refusal.empty()) co_return true;
  server_->log.error("mail not taken", {{"reason", refusal}});
  co_return false;
}

net::awaitable<void> SmtpSession::receive() {
  DataDecoder decoder(limits().message_bytes_max);
  std::optional<SpoolFile> spool;  // of a long message
  std::size_t counted = 0;
  bool crowded = false, full = false;
  if (!co_await flush()) {
    ended_ = true;
    co_return;
  }
  allow(limits().data);
  for (;;) {
    input_.erase(0, decoder.take(input_));
    const bool kept = co_await set_aside(decoder, spool);
    server_->received_bytes += decoder.message().size();
    server_->received_bytes -= counted;
    counted = decoder.message().size();
    full |= !kept;
    crowded |= server_->received_bytes > limits().received_bytes_max;
    if (full || crowded) {
      decoder.drop();
      server_->received_bytes -= std::exchange(counted, 0);
    }
    if (decoder.done()) break;
    if (timed_out_ || !co_await read_more()) {
      server_->received_bytes -= counted;
      ended_ = ended_ || !timed_out_;
      co_return;  // the sender never got a 250 and keeps the mail
    }
  }
  allow_for_ever();
  if (decoder.too_large()) {
    say_to_all("552 5.3.4 the message is too large");
  } else if (full) {
    say_to_all("452 4.3.1 no room for the mail: try again later");
  } else if (crowded) {
    say_to_all("452 4.3.1 too much mail at once: try again later");
  } else {
    Envelope envelope = envelope_;
    envelope.mailbox = lmtp() ? "lmtp" : "smtp";
    Receipt receipt;
    if (spool) {
      receipt = co_await server_->sink.store_file(std::move(envelope), spool->path());
    } else {
      receipt = co_await server_->sink.store(std::move(envelope), decoder.release());
    }
    server_->log.debug("mail received",
                       {{"mail", receipt.mail_id}, {"stored", receipt.stored ? "yes" : "no"}});
    say_to_all(receipt.stored
                   ? fmt::format("250 2.0.0 ok, kept as mail {}", receipt.mail_id)
                   : std::string("451 4.3.0 the mail could not be stored: try again later"));
  }
  server_->received_bytes -= counted;
  forget();
}

namespace {

// Throws away what an exception left behind; the peer sees a closed connection and tries again.
net::awaitable<void> serve(std::shared_ptr<SmtpSession> session, const Log& log) {
  try {
    co_await session->talk();
  } catch (const std::exception& failed) {
    log.error("mail session failed", {{"error", failed.what()}});
    session->cut();
  }
}

net::awaitable<void> watch(std::shared_ptr<SmtpSession> session) {
  co_await session->watch();
}

// A refusal of what bind and its neighbours answered.
Problem cannot_listen(std::string_view where, const boost::system::error_code& error) {
  return problem(
      ProblemKind::unavailable,
      fmt::format("The mail server cannot listen on {}: {}. Free it, or configure another.", where,
                  error.message()));
}

}  // namespace

SmtpServer::SmtpServer(net::any_io_executor executor, Clock& clock, MailSink& sink, const Log& log,
                       SmtpOptions options)
    : state_(std::make_shared<State>(std::move(executor), clock, sink, log, std::move(options))) {}

SmtpServer::~SmtpServer() {
  boost::system::error_code ignored;
  state_->acceptor.close(ignored);
  for (SmtpSession* session : state_->sessions) session->cut();
  if (state_->bound_path) ::unlink(state_->options.unix_path.c_str());
}

Result<void> SmtpServer::listen() {
  const SmtpOptions& options = state_->options;
  Acceptor& acceptor = state_->acceptor;
  boost::system::error_code error;
  if (!options.unix_path.empty()) {
    const std::string& path = options.unix_path;
    if (path.size() > 107) {
      return problem(
          ProblemKind::invalid,
          fmt::format("The socket path {} is longer than 107 bytes: choose a shorter one.", path));
    }
    struct stat found {};
    if (::lstat(path.c_str(), &found) == 0 && S_ISSOCK(found.st_mode)) {
      net::local::stream_protocol::socket probe(state_->executor);
      probe.connect(net::local::stream_protocol::endpoint(path), error);
      if (!error) return cannot_listen(path, net::error::address_in_use);
      ::unlink(path.c_str());
    }
    const Protocol::endpoint endpoint = net::local::stream_protocol::endpoint(path);
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.bind(endpoint, error);
    if (error) return cannot_listen(path, error);
    state_->bound_path = true;
    if (::chmod(path.c_str(), static_cast<mode_t>(options.unix_mode)) != 0) {
      return cannot_listen(path,
                           boost::system::error_code(errno, boost::system::system_category()));
    }
    acceptor.listen(net::socket_base::max_listen_connections, error);
    if (error) return cannot_listen(path, error);
    return {};
  }
  const std::string where = fmt::format("{} port {}", options.address, options.port);
  const auto address = net::ip::make_address(options.address, error);
  if (error) return cannot_listen(where, error);
  const Protocol::endpoint endpoint = net::ip::tcp::endpoint(address, options.port);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(net::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(net::socket_base::max_listen_connections, error);
  if (error) return cannot_listen(where, error);
  net::ip::tcp::endpoint bound;
  const Protocol::endpoint local = acceptor.local_endpoint();
  std::memcpy(bound.data(), local.data(), std::min(local.size(), bound.capacity()));
  state_->port = bound.port();
  return {};
}

std::uint16_t SmtpServer::port() const {
  return state_->port;
}
std::size_t SmtpServer::connections() const {
  return state_->sessions.size();
}

net::awaitable<void> SmtpServer::run() {
  const std::shared_ptr<State> state = state_;
  while (!state->draining) {
    const auto token = net::as_tuple(net::use_awaitable);
    auto [error, socket] = co_await state->acceptor.async_accept(token);
    if (error == net::error::operation_aborted || error == net::error::bad_descriptor) break;
    if (error) {
      state->log.warning("mail connection not accepted", {{"error", error.message()}});
      co_await state->clock.sleep_for(kAcceptPause);
      continue;
    }
    if (state->sessions.size() >= state->options.limits.connections_max) {
      constexpr std::string_view kBusy = "421 4.3.2 too many connections: try again later\r\n";
      boost::system::error_code ignored;
      socket.non_blocking(true, ignored);
      socket.write_some(net::buffer(kBusy), ignored);
      state->log.warning("mail connection refused: too many",
                         {{"connections", static_cast<std::int64_t>(state->sessions.size())}});
      continue;
    }
    auto session = std::make_shared<SmtpSession>(state, std::move(socket));
    net::co_spawn(state->executor, watch(session), net::detached);
    net::co_spawn(state->executor, serve(session, state->log), net::detached);
  }
}

net::awaitable<void> SmtpServer::drain(Millis grace) {
  const std::shared_ptr<State> state = state_;
  state->draining = true;
  boost::system::error_code ignored;
  state->acceptor.close(ignored);
  for (SmtpSession* session : state->sessions) session->stop_waiting();
  const Instant end = state->clock.now() + grace;
  while (!state->sessions.empty() && state->clock.now() < end) {
    co_await state->clock.sleep_until(end, &state->empty);
  }
  for (SmtpSession* session : state->sessions) session->cut();
}

}  // namespace ombud::mail
