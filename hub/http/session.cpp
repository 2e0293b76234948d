#include "http/session.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>

#include "base/bytes.hpp"
#include "http/problem.hpp"
#include "http/websocket.hpp"

namespace ombud::http {

namespace beast = boost::beast;
using beast::error_code;

namespace {

constexpr auto kTuple = net::as_tuple(net::use_awaitable);

// A file descriptor with one owner.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() { reset(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  void reset(int fd = -1) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
  }

 private:
  int fd_;
};

// Where a body goes: into a text, or into a file.
struct Sink {
  std::string text;
  int file = -1;
  bool discard = false;
  std::int64_t bytes = 0;
};

struct SinkBody {
  using value_type = Sink;
  class reader {
   public:
    template <bool is_request, class Fields>
    reader(beast::http::header<is_request, Fields>&, Sink& sink) : sink_(sink) {}
    void init(const boost::optional<std::uint64_t>& length, error_code& ec) {
      ec = {};
      if (length && sink_.file < 0 && !sink_.discard) {
        sink_.text.reserve(static_cast<std::size_t>(*length));  // already checked against the limit
      }
    }
    template <class Buffers>
    std::size_t put(const Buffers& buffers, error_code& ec) {
      ec = {};
      std::size_t taken = 0;
      for (auto it = net::buffer_sequence_begin(buffers); it != net::buffer_sequence_end(buffers);
           ++it) {
        const net::const_buffer part(*it);
        taken += part.size();
        if (sink_.discard) continue;
        if (sink_.file < 0) {
          sink_.text.append(static_cast<const char*>(part.data()), part.size());
        } else if (!write_all(static_cast<const char*>(part.data()), part.size())) {
          ec = error_code(errno, boost::system::system_category());
          return taken;
        }
      }
      sink_.bytes += static_cast<std::int64_t>(taken);
      return taken;
    }
    void finish(error_code& ec) { ec = {}; }

   private:
    bool write_all(const char* data, std::size_t size) {
      while (size > 0) {
        const ssize_t written = ::write(sink_.file, data, size);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        data += written;
        size -= static_cast<std::size_t>(written);
      }
      return true;
    }
    Sink& sink_;
  };
};

using Parser = beast::http::request_parser<SinkBody>;

Method method_of(beast::http::verb word) {
  using beast::http::verb;
  switch (word) {
    case verb::get:
      return Method::get;
    case verb::head:
      return Method::head;
    case verb::post:
      return Method::post;
    case verb::put:
      return Method::put;
    case verb::patch:
      return Method::patch;
    case verb::delete_:
      return Method::delete_;
    case verb::options:
      return Method::options;
    default:
      return Method::other;
  }
}

std::string_view view_of(beast::string_view text) {
  return {text.data(), text.size()};
}

// Looks for a header line that begins with a space or tab, in bytes that arrive piece by piece.
// Beast joins such a line to the one before; others take it as a field of its own.
class FoldFinder {
 public:
  // False as soon as a folded line is seen. Stops by itself at the end of the header.
  bool feed(std::string_view bytes) {
    for (const char c : bytes) {
      if (at_end_) return true;
      if (c == '\n') {
        if (line_bytes_ == 0 && lines_ > 0) at_end_ = true;
        ++lines_;
        line_bytes_ = 0;
        continue;
      }
      if (c == '\r') continue;
      if (line_bytes_ == 0 && lines_ > 0 && (c == ' ' || c == '\t')) return false;
      ++line_bytes_;
    }
    return true;
  }

 private:
  std::size_t lines_ = 0;
  std::size_t line_bytes_ = 0;
  bool at_end_ = false;
};

struct Refusal {
  unsigned status;
  std::string_view code;
  std::string detail;
};

bool no_control_characters(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

}  // namespace

class Session final : public Exchange {
 public:
  Session(SessionShared& shared, Lane& lane, net::ip::tcp::socket socket)
      : shared_(shared), lane_(lane), stream_(std::move(socket)) {
    error_code ignored;
    stream_.socket().set_option(net::ip::tcp::no_delay(true), ignored);
    const auto remote = stream_.socket().remote_endpoint(ignored);
    if (!ignored) peer_ = remote.address().to_string();
    lane_.sessions.insert(this);
  }
  ~Session() override { lane_.sessions.erase(this); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  net::awaitable<void> run();
  net::awaitable<void> turn_away();
  bool idle() const { return idle_; }
  void cut() {
    if (websocket_) return websocket_->cut();
    error_code ignored;
    stream_.socket().close(ignored);
  }
  // What lives on between requests ends by itself.
  void go_away() {
    if (websocket_) {
      websocket_->close(beast::websocket::close_code::going_away, "The hub is about to end.");
    }
  }

  Method method() const override { return method_; }
  std::string_view target() const override { return target_; }
  std::string_view header(std::string_view name) const override {
    const auto found = parser_->get().find(beast::string_view(name.data(), name.size()));
    return found == parser_->get().end() ? std::string_view() : view_of(found->value());
  }
  void each_header(
      const std::function<void(std::string_view, std::string_view)>& visit) const override {
    for (const auto& field : parser_->get()) {
      visit(view_of(field.name_string()), view_of(field.value()));
    }
  }
  const std::string& id() const override { return id_; }
  const std::string& peer() const override { return peer_; }
  Instant received_at() const override { return received_at_; }
  std::optional<Response> not_a_handshake() const override;
  net::awaitable<Result<std::string>> read_body(std::size_t bytes_max, Millis within) override;
  net::awaitable<Result<Upload>> read_upload(std::string path, std::int64_t bytes_max) override;

 private:
  enum class Head { complete, refused, ended };
  net::awaitable<Head> read_head();
  bool refuse(unsigned status, std::string_view code, std::string detail);
  bool check_head();
  net::awaitable<std::optional<Problem>> receive(std::uint64_t bytes_max, Millis within);
  net::awaitable<void> settle_unread_body();
  net::awaitable<bool> send(Response response);
  net::awaitable<bool> send_file(int file, std::int64_t bytes);
  net::awaitable<void> linger();
  net::awaitable<void> switch_to_websocket(std::shared_ptr<SocketUser> user);
  std::string_view date();
  bool wants_close() const { return close_ || shared_.draining.load(std::memory_order_relaxed); }

  SessionShared& shared_;
  Lane& lane_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  std::optional<Refusal> refusal_;
  std::shared_ptr<WebSocket> websocket_;  // has the stream from then on
  std::string id_, peer_, target_, head_;
  Instant received_at_;
  Method method_ = Method::other;
  bool idle_ = false;    // waiting for the first byte of a request
  bool close_ = false;   // this connection ends with the answer
  bool broken_ = false;  // nothing can be sent any more
  bool expects_continue_ = false;
};

bool Session::refuse(unsigned status, std::string_view code, std::string detail) {
  refusal_ = Refusal{status, code, std::move(detail)};
  close_ = true;
  return false;
}

// Reads up to the end of a header. Pipelined bytes behind it stay in the buffer.
net::awaitable<Session::Head> Session::read_head() {
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(shared_.limits.header_bytes_max));
  parser_->body_limit(boost::none);  // set when a handler asks for the body
  refusal_.reset();
  close_ = false;
  expects_continue_ = false;
  method_ = Method::other;

  FoldFinder folds;
  std::size_t header_bytes = 0;  // Beast's own limit counts anew after every field it has consumed
  std::size_t looked_at = 0;     // bytes at the front of the buffer that `folds` has seen
  bool begun = false;
  if (buffer_.size() == 0) {
    idle_ = true;
    stream_.expires_after(shared_.limits.idle);
  }
  for (;;) {
    if (buffer_.size() > 0) {
      if (!begun) {
        begun = true;
        stream_.expires_after(shared_.limits.header);  // once: a drip of bytes does not prolong it
        received_at_ = shared_.clock.now();
        id_ = shared_.id_prefix + std::to_string(shared_.next_id.fetch_add(1));
      }
      const auto data = buffer_.cdata();
      const std::string_view bytes(static_cast<const char*>(data.data()), data.size());
      const bool plain = folds.feed(bytes.substr(looked_at));
      looked_at = bytes.size();
      error_code ec;
      const std::size_t used = parser_->put(data, ec);
      buffer_.consume(used);
      looked_at -= used;
      header_bytes += used;
      if (ec && ec != beast::http::error::need_more) {
        if (ec == beast::http::error::header_limit) {
          refuse(431, "header_too_large", "The header of the request is too long.");
        } else {
          refuse(400, "bad_request",
                 "This is not a proper HTTP/1.1 request: " + ec.message() + ".");
        }
        co_return Head::refused;
      }
      if (!plain) {
        refuse(400, "bad_request",
               "A header line begins with a space; send each field on one line.");
        co_return Head::refused;
      }
      if (header_bytes + (parser_->is_header_done() ? 0 : buffer_.size()) >
          shared_.limits.header_bytes_max) {
        refuse(431, "header_too_large", "The header of the request is too long.");
        co_return Head::refused;
      }
      if (parser_->is_header_done()) co_return check_head() ? Head::complete : Head::refused;
    }
    if (idle_ && shared_.draining.load(std::memory_order_relaxed)) co_return Head::ended;
    const auto room = buffer_.prepare(shared_.limits.header_bytes_max / 4);
    const auto [ec, received] = co_await stream_.async_read_some(room, kTuple);
    idle_ = false;
    if (ec) co_return Head::ended;
    buffer_.commit(received);
  }
}

bool Session::check_head() {
  const auto& request = parser_->get();
  close_ = !request.keep_alive();
  method_ = method_of(request.method());
  target_.assign(request.target().data(), request.target().size());

  std::size_t fields = 0, hosts = 0, codings = 0;
  bool exactly_chunked = false;
  for (const auto& field : request) {
    ++fields;
    if (field.name() == beast::http::field::host) ++hosts;
    if (field.name() == beast::http::field::transfer_encoding) {
      ++codings;
      exactly_chunked = beast::iequals(field.value(), "chunked");
    }
  }
  if (fields > kHeaderFieldsMax) {
    return refuse(431, "header_too_large", "The request has too many header fields.");
  }
  if (hosts > 1 || (hosts == 0 && request.version() >= 11)) {
    return refuse(400, "bad_request", "A request needs exactly one Host field.");
  }
  if (codings > 0 && (codings > 1 || !exactly_chunked || request.version() < 11)) {
    return refuse(400, "bad_request",
                  "The only Transfer-Encoding understood is chunked (HTTP/1.1).");
  }
  if (target_.size() > shared_.limits.target_bytes_max) {
    return refuse(414, "target_too_long", "The address of the request is too long.");
  }
  if (!no_control_characters(target_)) {
    return refuse(400, "bad_request", "The address of the request holds a control character.");
  }
  // The absolute form must be accepted too (RFC 9112, 3.2.2): only its path counts.
  const std::size_t scheme = target_.find("://");
  if (scheme != std::string::npos && scheme < 8 && target_.front() != '/') {
    const std::size_t path = target_.find('/', scheme + 3);
    target_ = path == std::string::npos ? "/" : target_.substr(path);
  }
  if (target_.empty() || (target_.front() != '/' && target_ != "*")) {
    return refuse(400, "bad_request", "The address of the request must begin with a slash.");
  }
  const std::string_view expect = header("Expect");
  if (!expect.empty()) {
    if (!beast::iequals(beast::string_view(expect.data(), expect.size()), "100-continue")) {
      return refuse(417, "expectation_failed", "The only expectation understood is 100-continue.");
    }
    expects_continue_ = request.version() >= 11 && !parser_->is_done();
  }
  return true;
}

// Reads the body into the parser's sink.
net::awaitable<std::optional<Problem>> Session::receive(std::uint64_t bytes_max, Millis within) {
  const auto too_large = [&] {
    close_ = true;
    return problem(ProblemKind::too_large, "The body of the request is too large; at most " +
                                               std::to_string(bytes_max) +
                                               " bytes are taken here.");
  };
  if (parser_->is_done()) co_return std::nullopt;
  const auto length = parser_->content_length();
  if (length && *length > bytes_max) co_return too_large();
  parser_->body_limit(bytes_max);
  parser_->eager(true);
  stream_.expires_after(within);
  if (expects_continue_) {
    expects_continue_ = false;
    constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    const auto [ec, sent] =
        co_await net::async_write(stream_, net::buffer(kContinue.data(), kContinue.size()), kTuple);
    if (ec) broken_ = true;
  }
  while (!broken_) {
    if (buffer_.size() > 0) {
      error_code ec;
      buffer_.consume(parser_->put(buffer_.cdata(), ec));
      if (ec == beast::http::error::body_limit) co_return too_large();
      if (ec && ec.category() == boost::system::system_category()) {
        close_ = true;  // the disk, not the peer
        co_return problem(ProblemKind::unavailable,
                          "The upload could not be written: " + ec.message());
      }
      if (ec && ec != beast::http::error::need_more) {
        close_ = true;
        co_return problem(ProblemKind::invalid,
                          "The body of the request is broken: " + ec.message() + ".");
      }
      if (parser_->is_done()) co_return std::nullopt;
      if (buffer_.size() >=
          shared_.limits.header_bytes_max) {  // a chunk header or trailer without end
        close_ = true;
        co_return problem(ProblemKind::invalid,
                          "The body of the request has too long a chunk header.");
      }
    }
    const auto room = buffer_.prepare(shared_.limits.header_bytes_max);
    const auto [ec, received] = co_await stream_.async_read_some(room, kTuple);
    if (ec) broken_ = true;
    buffer_.commit(received);
  }
  close_ = true;
  co_return problem(ProblemKind::invalid,
                    "The connection ended before the body of the request did.");
}

net::awaitable<Result<std::string>> Session::read_body(std::size_t bytes_max, Millis within) {
  const auto refused = co_await receive(bytes_max, std::min(within, shared_.limits.body));
  stream_.expires_never();
  if (refused) co_return *refused;
  co_return std::move(parser_->get().body().text);
}

net::awaitable<Result<Upload>> Session::read_upload(std::string path, std::int64_t bytes_max) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.get() < 0) {
    co_return problem(ProblemKind::unavailable,
                      "The file " + path + " for an upload could not be made: " +
                          error_code(errno, boost::system::system_category()).message());
  }
  parser_->get().body().file = file.get();
  const auto refused = co_await receive(static_cast<std::uint64_t>(bytes_max), shared_.limits.body);
  stream_.expires_never();
  if (refused) {
    ::unlink(path.c_str());
    co_return *refused;
  }
  Upload upload;
  upload.path = std::move(path);
  upload.bytes = parser_->get().body().bytes;
  co_return upload;
}

// A body that no handler wanted: a small one is read away, for a big one the connection ends.
net::awaitable<void> Session::settle_unread_body() {
  if (parser_->is_done() || close_) co_return;
  const auto length = parser_->content_length();
  if (expects_continue_ || !length || *length > kDiscardBytesMax) {
    close_ = true;
    co_return;
  }
  parser_->get().body().discard = true;
  co_await receive(kDiscardBytesMax, shared_.limits.body);
}

std::string_view Session::date() {
  const std::int64_t second = ms_of(shared_.clock.now()) / 1000;
  if (second != lane_.date_second) {
    const auto when = static_cast<std::time_t>(second);
    std::tm parts{};
    gmtime_r(&when, &parts);
    char text[40];
    const std::size_t size = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    lane_.date.assign(text, size);
    lane_.date_second = second;
  }
  return lane_.date;
}

// False: the connection is gone.
net::awaitable<bool> Session::send(Response response) {
  if (broken_) co_return false;
  Descriptor file;
  std::int64_t length = static_cast<std::int64_t>(response.body.size());
  if (!response.file.empty()) {
    file.reset(::open(response.file.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat status {};
    if (file.get() < 0 || ::fstat(file.get(), &status) != 0) {
      response =
          problem_response(500, "internal", "The file is missing in the hub's own storage.", id_);
      file.reset();
      length = static_cast<std::int64_t>(response.body.size());
    } else {
      length = status.st_size;
    }
  }
  const bool bodiless = response.status == 204 || response.status == 304;
  head_.clear();
  head_.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  head_.append(reason_of(response.status)).append("\r\nDate: ").append(date());
  if (!response.content_type.empty()) {
    head_.append("\r\nContent-Type: ").append(response.content_type);
    head_.append("\r\nX-Content-Type-Options: nosniff");
  }
  if (!bodiless) head_.append("\r\nContent-Length: ").append(std::to_string(length));
  head_.append("\r\nX-Request-Id: ").append(id_);
  if (wants_close()) {
    close_ = true;
    head_.append("\r\nConnection: close");
  } else if (parser_ && parser_->get().version() < 11) {
    head_.append("\r\nConnection: keep-alive");
  }
  for (const auto& [name, value] : response.headers) {
    head_.append("\r\n").append(name).append(": ");
    for (const char c : value) head_.push_back(static_cast<unsigned char>(c) < 0x20 ? ' ' : c);
  }
  head_.append("\r\n\r\n");

  const bool with_body = !bodiless && method_ != Method::head;
  const std::array<net::const_buffer, 2> buffers{
      net::buffer(head_),
      with_body && file.get() < 0 ? net::buffer(response.body) : net::const_buffer()};
  stream_.expires_after(shared_.limits.write);
  const auto [ec, sent] = co_await net::async_write(stream_, buffers, kTuple);
  if (ec) co_return false;
  if (with_body && file.get() >= 0) co_return co_await send_file(file.get(), length);
  co_return true;
}

net::awaitable<bool> Session::send_file(int file, std::int64_t bytes) {
  std::string chunk(std::min<std::size_t>(kFileChunkBytes, static_cast<std::size_t>(bytes)), '\0');
  while (bytes > 0) {
    const ssize_t got = ::read(file, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) co_return false;  // shorter than promised: the peer must see a broken answer
    const std::size_t part =
        std::min(static_cast<std::size_t>(got), static_cast<std::size_t>(bytes));
    stream_.expires_after(shared_.limits.write);
    const auto [ec, sent] =
        co_await net::async_write(stream_, net::buffer(chunk.data(), part), kTuple);
    if (ec) co_return false;
    bytes -= static_cast<std::int64_t>(part);
  }
  co_return true;
}

// A connection closed with unread bytes is reset, and the peer may lose the answer: so the rest is
// read away for a moment.
net::awaitable<void> Session::linger() {
  error_code ignored;
  stream_.socket().shutdown(net::ip::tcp::socket::shutdown_send, ignored);
  stream_.expires_after(shared_.limits.linger);
  buffer_.clear();
  for (;;) {
    const auto room = buffer_.prepare(shared_.limits.header_bytes_max);
    const auto [ec, received] = co_await stream_.async_read_some(room, kTuple);
    if (ec) co_return;
  }
}

std::optional<Response> Session::not_a_handshake() const {
  const auto upgrade_required = [this](std::string_view detail) {
    Response refusal = problem_response(426, "upgrade_required", detail, id_);
    refusal.header("Upgrade", "websocket");
    refusal.header("Sec-WebSocket-Version", "13");
    return refusal;
  };
  const auto& request = parser_->get();
  if (!beast::websocket::is_upgrade(request)) {
    return upgrade_required("This address takes only WebSockets.");
  }
  if (header("Sec-WebSocket-Version") != "13") {
    return upgrade_required("The only version of WebSockets spoken here is 13.");
  }
  const auto key = from_base64(header("Sec-WebSocket-Key"));
  if (request.count("Sec-WebSocket-Key") != 1 || !key || key->size() != 16) {
    return problem_response(400, "bad_request",
                            "A WebSocket handshake needs one Sec-WebSocket-Key of 16 bytes.", id_);
  }
  if (!parser_->is_done() || buffer_.size() > 0) {
    return problem_response(400, "bad_request", "A WebSocket handshake has nothing behind it.",
                            id_);
  }
  return std::nullopt;
}

net::awaitable<void> Session::switch_to_websocket(std::shared_ptr<SocketUser> user) {
  WebSocket::Handshake handshake{beast::http::request_header<>(parser_->get().base())};
  parser_.reset();
  buffer_ = {};
  websocket_ = std::make_shared<WebSocket>(std::move(stream_), shared_.clock, shared_.limits,
                                           std::move(user));
  co_await websocket_->run(std::move(handshake), id_, shared_.draining);
}

net::awaitable<void> Session::run() {
  for (;;) {
    const Head head = co_await read_head();
    if (head == Head::ended) co_return;
    if (head == Head::refused) {
      shared_.handler.refused(peer_, id_, refusal_->status, refusal_->detail);
      Response refusal = problem_response(refusal_->status, refusal_->code, refusal_->detail, id_);
      const bool told = co_await send(std::move(refusal));
      if (told) co_await linger();
      co_return;
    }
    stream_.expires_never();  // the database answers when it can
    Response response = co_await shared_.handler.serve(*this);
    if (response.socket_user != nullptr) {
      co_await switch_to_websocket(std::move(response.socket_user));
      co_return;
    }
    co_await settle_unread_body();
    const bool unread = !parser_->is_done();
    const bool sent = co_await send(std::move(response));
    if (!sent) co_return;
    if (close_) {
      if (unread || buffer_.size() > 0) co_await linger();
      co_return;
    }
  }
}

net::awaitable<void> Session::turn_away() {
  id_ = shared_.id_prefix + std::to_string(shared_.next_id.fetch_add(1));
  close_ = true;
  shared_.handler.refused(peer_, id_, 503, "too many connections");
  Response refusal = problem_response(
      503, "unavailable", "There are too many connections at the moment; try again soon.", id_);
  const bool told = co_await send(std::move(refusal));
  if (told) co_await linger();
}

net::awaitable<void> run_session(SessionShared& shared, Lane& lane, net::ip::tcp::socket socket,
                                 bool overfull) {
  Session session(shared, lane, std::move(socket));
  if (overfull) {
    co_await session.turn_away();
  } else {
    co_await session.run();
  }
}

void close_sessions(Lane& lane, bool all) {
  for (Session* session : lane.sessions) {
    if (all || session->idle()) {
      session->cut();
    } else {
      session->go_away();
    }
  }
}

}  // namespace ombud::http
