#include "queue/server.hpp"

#include <zmq.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>

namespace ombud::example {
namespace {

constexpr std::string_view kProtocol = "ombud-queue/1";
constexpr std::int64_t kMessageBytesMax = 80LL * 1024 * 1024;

std::vector<zmq::message_t> take_frames(zmq::socket_t& socket) {
  std::vector<zmq::message_t> frames;
  bool more = true;
  while (more) {
    zmq::message_t frame;
    if (!socket.recv(frame, zmq::recv_flags::dontwait)) break;
    more = frame.more();
    frames.push_back(std::move(frame));
  }
  return frames;
}

std::string public_key_of(const std::string& secret_key) {
  std::array<char, 41> key{};
  if (zmq_curve_public(key.data(), secret_key.c_str()) != 0) {
    throw std::runtime_error("The CURVE secret key must be 40 characters in Z85.");
  }
  return key.data();
}

}  // namespace

QueueServer::QueueServer(Book& book, const std::string& endpoint, std::optional<Curve> curve)
    : book_(book),
      curve_(std::move(curve)),
      context_(1),
      zap_(context_, zmq::socket_type::rep),
      router_(context_, zmq::socket_type::router) {
  router_.set(zmq::sockopt::linger, 0);
  router_.set(zmq::sockopt::maxmsgsize, kMessageBytesMax);
  zap_.set(zmq::sockopt::linger, 0);
  if (curve_) {
    zap_.bind("inproc://zeromq.zap.01");
    router_.set(zmq::sockopt::zap_domain, "ombud");
    router_.set(zmq::sockopt::curve_server, true);
    router_.set(zmq::sockopt::curve_publickey, public_key_of(curve_->secret_key));
    router_.set(zmq::sockopt::curve_secretkey, curve_->secret_key);
  }
  router_.bind(endpoint);
}

std::string QueueServer::endpoint() const {
  return router_.get(zmq::sockopt::last_endpoint);
}

void QueueServer::serve(int wait_ms) {
  std::array<zmq::pollitem_t, 2> items{{
      {router_.handle(), 0, ZMQ_POLLIN, 0},
      {zap_.handle(), 0, static_cast<short>(curve_ ? ZMQ_POLLIN : 0), 0},
  }};
  zmq::poll(items.data(), curve_ ? 2 : 1, std::chrono::milliseconds(wait_ms));
  if (items[0].revents != 0) take_request();
  if (items[1].revents != 0) take_zap();
}

void QueueServer::take_request() {
  const std::vector<zmq::message_t> frames = take_frames(router_);
  // [who asks, protocol, JSON, (bytes)]; everything else is not for us.
  if (frames.size() < 3 || frames[1].to_string_view() != kProtocol) return;
  const auto answer =
      book_.answer(frames[2].to_string_view(),
                   frames.size() > 3 ? frames[3].to_string_view() : std::string_view());
  if (!answer) return;
  if (answer->json.find("\"type\":\"ack\"") != std::string::npos && drop_answers > 0) {
    --drop_answers;
    ++dropped;
    return;
  }
  // A desk that has gone away meanwhile asks again: nothing is lost by dropping the answer.
  const auto flags = zmq::send_flags::dontwait;
  if (!router_.send(zmq::buffer(frames[0].to_string_view()), flags | zmq::send_flags::sndmore))
    return;
  router_.send(zmq::buffer(kProtocol), flags | zmq::send_flags::sndmore);
  router_.send(zmq::buffer(answer->json),
               answer->has_content ? flags | zmq::send_flags::sndmore : flags);
  if (answer->has_content) router_.send(zmq::buffer(answer->content), flags);
}

void QueueServer::take_zap() {
  const std::vector<zmq::message_t> frames = take_frames(zap_);
  if (frames.size() < 6) return;
  bool welcome = false;
  if (frames.size() >= 7 && frames[5].to_string_view() == "CURVE" && frames[6].size() == 32) {
    std::array<char, 41> key{};
    zmq_z85_encode(key.data(), static_cast<const std::uint8_t*>(frames[6].data()), 32);
    welcome = curve_->allowed.empty() ||
              std::find(curve_->allowed.begin(), curve_->allowed.end(), std::string(key.data())) !=
                  curve_->allowed.end();
  }
  const std::array<std::string_view, 6> reply{"1.0",
                                              frames[1].to_string_view(),
                                              welcome ? "200" : "400",
                                              welcome ? "welcome" : "unknown key",
                                              "",
                                              ""};
  for (std::size_t i = 0; i < reply.size(); ++i) {
    zap_.send(zmq::buffer(reply[i]),
              i + 1 < reply.size() ? zmq::send_flags::sndmore : zmq::send_flags::none);
  }
}

}  // namespace ombud::example
