// One WebSocket after its handshake was found proper: reads, writes one message at a time, pings,
// and ends a peer that does not read, does not answer or sends too much. Only the session includes
// this.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "http/limits.hpp"
#include "http/message.hpp"

namespace ombud::http {

// Made by make_shared: what Asio still holds of it keeps it alive. On its stream's executor only.
class WebSocket final : public Socket, public std::enable_shared_from_this<WebSocket> {
 public:
  using Handshake = boost::beast::http::request<boost::beast::http::empty_body>;

  // `clock` outlives it.
  WebSocket(boost::beast::tcp_stream stream, const Clock& clock, const ServerLimits& limits,
            std::shared_ptr<SocketUser> user);

  // Answers the handshake and reads until the end. If the server drains by then, it says farewell.
  net::awaitable<void> run(Handshake handshake, std::string request_id,
                           const std::atomic<bool>& draining);

  net::any_io_executor executor() const override { return executor_; }
  void wake() override;
  void close(unsigned code, std::string_view reason) override;
  void cut();  // at once, without a word

 private:
  using Beast = boost::beast::websocket::stream<boost::beast::tcp_stream>;
  bool count_frame();
  void flooded();
  void wrote(boost::beast::error_code error);
  void watch_write();
  void say_farewell();

  const Clock& clock_;
  const ServerLimits limits_;
  const net::any_io_executor executor_;
  Beast stream_;
  boost::beast::flat_buffer buffer_;
  std::shared_ptr<SocketUser> user_;
  std::shared_ptr<const std::string> writing_;  // null: nothing is being written
  boost::beast::websocket::close_reason farewell_;
  net::steady_timer write_gate_, farewell_gate_;
  std::uint64_t written_ = 0;  // messages
  bool watching_ = false;      // the write gate is armed
  bool open_ = false;          // between the user's `opened` and `closed`
  bool ending_ = false;        // close() was called
  bool farewelled_ = false;
  double frames_left_ = kSocketFramesBurst;
  Instant frames_since_;
};

}  // namespace ombud::http
