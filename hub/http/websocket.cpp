#include "http/websocket.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace ombud::http {

namespace beast = boost::beast;
namespace websocket = beast::websocket;
using beast::error_code;

namespace {

constexpr auto kTuple = net::as_tuple(net::use_awaitable);
constexpr std::size_t kReasonBytesMax = 123;  // RFC 6455, 5.5

}  // namespace

WebSocket::WebSocket(beast::tcp_stream stream, const Clock& clock, const ServerLimits& limits,
                     std::shared_ptr<SocketUser> user)
    : clock_(clock),
      limits_(limits),
      executor_(stream.get_executor()),
      stream_(std::move(stream)),
      user_(std::move(user)),
      write_gate_(executor_),
      farewell_gate_(executor_),
      frames_since_(clock.now()) {
  websocket::stream_base::timeout times{};
  times.handshake_timeout = limits_.header;
  times.idle_timeout = limits_.socket_idle;
  times.keep_alive_pings = true;
  stream_.set_option(times);
  stream_.read_message_max(kSocketMessageBytesMax);
  stream_.auto_fragment(false);
  beast::get_lowest_layer(stream_).expires_never();  // the options above rule from here on
}

net::awaitable<void> WebSocket::run(Handshake handshake, std::string request_id,
                                    const std::atomic<bool>& draining) {
  const auto self = shared_from_this();
  stream_.set_option(websocket::stream_base::decorator(
      [request_id = std::move(request_id)](websocket::response_type& response) {
        response.set("X-Request-Id", request_id);
        response.set(beast::http::field::server, "ombud");  // or Beast names itself
      }));
  stream_.control_callback([this](websocket::frame_type kind, beast::string_view) {
    if (kind != websocket::frame_type::close && !count_frame()) flooded();
  });
  const auto [refused] = co_await stream_.async_accept(handshake, kTuple);
  if (refused) co_return;
  handshake = {};
  open_ = true;
  user_->opened(*this);
  if (draining) close(websocket::close_code::going_away, "The hub is about to end.");
  for (;;) {
    const auto [ended, bytes] = co_await stream_.async_read(buffer_, kTuple);
    if (ended) break;
    if (ending_) {
      buffer_.clear();  // nobody hears it any more, but its side of the end must be read
      continue;
    }
    if (!count_frame()) {
      flooded();
    } else if (!stream_.got_text()) {
      close(websocket::close_code::unknown_data, "Only text is understood.");
    } else {
      user_->received({static_cast<const char*>(buffer_.cdata().data()), buffer_.size()});
    }
    buffer_.clear();
  }
  open_ = false;
  user_->closed();
  user_.reset();
  cut();
}

// False: it sends more than anybody needs to.
bool WebSocket::count_frame() {
  const Instant now = clock_.now();
  const auto since_ms = static_cast<double>(std::max(Millis{0}, now - frames_since_).count());
  frames_since_ = now;
  frames_left_ =
      std::min<double>(kSocketFramesBurst, frames_left_ + since_ms * kSocketFramesPerSecond / 1000);
  if (frames_left_ < 1) return false;
  frames_left_ -= 1;
  return true;
}

// Also called in the midst of a read, from where nothing else may be begun.
void WebSocket::flooded() {
  net::post(executor_, [self = shared_from_this()] {
    self->close(websocket::close_code::policy_error, "Too many messages.");
  });
}

void WebSocket::wake() {
  if (!open_ || writing_ != nullptr || farewelled_) return;
  if (ending_) return say_farewell();
  writing_ = user_->next();
  if (writing_ == nullptr) return;
  watch_write();
  stream_.text(true);
  stream_.async_write(
      net::buffer(*writing_),
      [self = shared_from_this()](error_code error, std::size_t) { self->wrote(error); });
}

void WebSocket::wrote(error_code error) {
  writing_.reset();
  ++written_;
  if (error) return cut();  // the read ends too
  wake();
}

// A peer that takes no bytes is cut off after one to two times the limit: one timer serves many
// writes, and looks whether the one that it saw begin is still under way.
void WebSocket::watch_write() {
  if (watching_) return;
  watching_ = true;
  write_gate_.expires_after(limits_.write);
  write_gate_.async_wait([self = shared_from_this(), seen = written_](error_code cancelled) {
    self->watching_ = false;
    if (cancelled || self->writing_ == nullptr) return;
    if (self->written_ == seen) return self->cut();
    self->watch_write();
  });
}

void WebSocket::close(unsigned code, std::string_view reason) {
  if (ending_ || !open_) return;
  ending_ = true;
  farewell_.code = static_cast<std::uint16_t>(code);
  reason = reason.substr(0, kReasonBytesMax);
  farewell_.reason.assign(reason.data(), reason.size());
  farewell_gate_.expires_after(limits_.socket_farewell);
  farewell_gate_.async_wait([self = shared_from_this()](error_code cancelled) {
    if (!cancelled) self->cut();
  });
  wake();
}

void WebSocket::say_farewell() {
  farewelled_ = true;
  stream_.async_close(farewell_, [self = shared_from_this()](error_code) { self->cut(); });
}

void WebSocket::cut() {
  error_code ignored;
  beast::get_lowest_layer(stream_).socket().close(ignored);
  write_gate_.cancel();
  farewell_gate_.cancel();
}

}  // namespace ombud::http
