#include "queue/zmq_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

namespace ombud::queue {
namespace {

constexpr int kHeartbeatMs = 2'000;
constexpr int kHeartbeatTimeoutMs = 6'000;
constexpr int kHandshakeMs = 5'000;
constexpr int kReconnectMs = 100;
constexpr int kReconnectMsMax = 2'000;
constexpr int kQueueMax = 1'000;
constexpr std::size_t kFramesMax = 8;
constexpr std::int64_t kSpareMs = 200;        // to say what happened before the deadline passes
constexpr std::int64_t kReachMsMax = 5'000;   // without a connection; the hub tries again later
constexpr std::int64_t kSliceMs = 100;        // how late a cancel is noticed
constexpr std::int64_t kAfterCancelMs = 500;  // for an answer to a write that has left
constexpr const char* kMonitor = "inproc://line-monitor";

constexpr int kWatched = ZMQ_EVENT_CONNECTED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CLOSED |
                         ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                         ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;

std::vector<zmq::message_t> take_frames(zmq::socket_t& socket) {
  std::vector<zmq::message_t> frames;
  bool more = true;
  while (more) {
    zmq::message_t frame;
    if (!socket.recv(frame, zmq::recv_flags::dontwait)) break;
    more = frame.more();
    if (frames.size() < kFramesMax) frames.push_back(std::move(frame));
  }
  return frames;
}

}  // namespace

ZmqLine::ZmqLine(const sdk::Call& call, const Settings& settings)
    : call_(call),
      settings_(settings),
      context_(1),
      socket_(context_, zmq::socket_type::dealer),
      monitor_(context_, zmq::socket_type::pair) {
  socket_.set(zmq::sockopt::linger, 0);
  monitor_.set(zmq::sockopt::linger, 0);
  socket_.set(zmq::sockopt::immediate, true);  // a message is taken only by a finished connection
  socket_.set(zmq::sockopt::sndhwm, kQueueMax);
  socket_.set(zmq::sockopt::rcvhwm, kQueueMax);
  socket_.set(zmq::sockopt::maxmsgsize, static_cast<std::int64_t>(kMessageBytesMax));
  socket_.set(zmq::sockopt::heartbeat_ivl, kHeartbeatMs);
  socket_.set(zmq::sockopt::heartbeat_timeout, kHeartbeatTimeoutMs);
  socket_.set(zmq::sockopt::handshake_ivl, kHandshakeMs);
  socket_.set(zmq::sockopt::reconnect_ivl, kReconnectMs);
  socket_.set(zmq::sockopt::reconnect_ivl_max, kReconnectMsMax);
  socket_.set(zmq::sockopt::ipv6, true);
  if (settings.zmq.encrypted()) {
    socket_.set(zmq::sockopt::curve_serverkey, settings.zmq.server_public_key);
    socket_.set(zmq::sockopt::curve_publickey, settings.zmq.public_key);
    socket_.set(zmq::sockopt::curve_secretkey, settings.zmq.secret_key);
  }
  if (zmq_socket_monitor(socket_.handle(), kMonitor, kWatched) != 0) throw zmq::error_t();
  monitor_.connect(kMonitor);
  socket_.connect(settings.endpoint);
}

ZmqLine::~ZmqLine() {
  zmq_socket_monitor(socket_.handle(), nullptr, 0);
}

void ZmqLine::watch() {
  while (true) {
    const std::vector<zmq::message_t> frames = take_frames(monitor_);
    if (frames.empty()) return;
    if (frames[0].size() < 6) continue;
    std::uint16_t event = 0;
    std::uint32_t value = 0;
    std::memcpy(&event, frames[0].data(), sizeof event);
    std::memcpy(&value, static_cast<const char*>(frames[0].data()) + sizeof event, sizeof value);
    switch (event) {
      case ZMQ_EVENT_CONNECTED:
        connected_ = true;
        break;
      case ZMQ_EVENT_DISCONNECTED:
        connected_ = false;
        break;
      case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
        ++handshakes_;
        break;
      case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
        ++broken_handshakes_;
        break;
      case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
        ++broken_handshakes_;
        mechanism_differs_ = value == ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH;
        break;
      case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
        keys_refused_ = true;
        break;
      default:
        break;
    }
  }
}

bool ZmqLine::send(const Question& question) {
  const auto flags = zmq::send_flags::dontwait;
  if (!socket_.send(zmq::buffer(kProtocol), flags | zmq::send_flags::sndmore)) return false;
  // Once the first frame is taken the others go the same way and cannot block.
  socket_.send(zmq::buffer(question.json),
               question.has_content ? flags | zmq::send_flags::sndmore : flags);
  if (question.has_content) socket_.send(zmq::buffer(question.content), flags);
  return true;
}

bool ZmqLine::receive(const Question& question, Answer& answer) {
  while (true) {
    const std::vector<zmq::message_t> frames = take_frames(socket_);
    if (frames.empty()) return false;
    if (frames.size() < 2 || frames[0].to_string_view() != kProtocol) continue;
    auto parsed = json::parse(frames[1].to_string_view());
    if (!parsed || (*parsed)["re"].text() != question.id) continue;
    if ((*parsed)["type"].text() == "working") {
      still_working_ = true;
      continue;
    }
    answer.heard = Heard::answer;
    answer.json = *std::move(parsed);
    if (frames.size() > 2) answer.content = frames[2].to_string();
    return true;
  }
}

Answer ZmqLine::ask(const Question& question) {
  Answer answer;
  bool sent = false, due = true;
  int sent_in_handshake = 0;
  const std::int64_t begun_at_ms = call_.remaining_ms();
  std::int64_t sent_at_ms = 0, cancelled_at_ms = -1;
  while (true) {
    const std::int64_t left_ms = call_.remaining_ms();
    watch();
    if (receive(question, answer)) return answer;
    if (call_.cancelled()) {
      if (!sent) {
        answer.heard = Heard::stopped;
        return answer;
      }
      if (cancelled_at_ms < 0) cancelled_at_ms = left_ms;
    }
    const bool given_up = cancelled_at_ms >= 0 && cancelled_at_ms - left_ms >= kAfterCancelMs;
    if (left_ms <= kSpareMs || given_up) break;
    if (still_working_) {
      still_working_ = false;
      sent_at_ms = left_ms;
    }
    if (sent && (handshakes_ != sent_in_handshake ||
                 sent_at_ms - left_ms >= settings_.zmq.resend_after_ms)) {
      due = true;
    }
    if (due && send(question)) {
      due = false;
      sent = true;
      sent_at_ms = left_ms;
      sent_in_handshake = handshakes_;
    }
    if (!sent && (keys_refused_ || begun_at_ms - left_ms >= kReachMsMax)) break;
    std::array<zmq::pollitem_t, 2> items{{
        {socket_.handle(), 0, static_cast<short>(due ? ZMQ_POLLIN | ZMQ_POLLOUT : ZMQ_POLLIN), 0},
        {monitor_.handle(), 0, ZMQ_POLLIN, 0},
    }};
    zmq::poll(items.data(), items.size(),
              std::chrono::milliseconds(
                  std::min(kSliceMs, std::max<std::int64_t>(left_ms - kSpareMs, 1))));
  }
  answer.heard = sent ? Heard::silence : Heard::unsent;
  answer.refused = !sent && (keys_refused_ || mechanism_differs_);
  if (keys_refused_) {
    answer.why =
        "it refused our CURVE key: give the supplier our public key " + settings_.zmq.public_key;
  } else if (mechanism_differs_) {
    answer.why = settings_.zmq.encrypted()
                     ? "it does not speak CURVE, and we do"
                     : "it demands CURVE: set server_public_key and secret_key";
  } else if (broken_handshakes_ > 0 && handshakes_ == 0) {
    answer.why =
        "it takes the connection but ends it in the handshake: server_public_key is not its key, "
        "or it "
        "does not know ours";
  } else if (sent) {
    answer.why =
        connected_ ? "it is connected but silent" : "the connection was lost and did not come back";
  } else {
    answer.why = connected_ ? "the handshake did not end in time: is this a ZeroMQ ROUTER, and is "
                              "server_public_key its key?"
                            : "no connection came about in time";
  }
  return answer;
}

Answer ZmqLine::examine() {
  Answer nothing_missing;
  nothing_missing.heard = Heard::answer;
  return nothing_missing;
}

}  // namespace ombud::queue
