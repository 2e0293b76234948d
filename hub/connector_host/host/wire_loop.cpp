#include "connector_host/host/wire_loop.hpp"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "connector_host/host/exit_codes.hpp"
#include "connector_host/host/refusal.hpp"
#include "connector_host/limits.hpp"

namespace ombud {
namespace {

constexpr int kLastWordsMs = 500;  // at a wanted end the last reply may take this long to leave

}  // namespace

WireLoop::WireLoop(const std::string& endpoint, const std::string& host)
    : socket_(context_, zmq::socket_type::dealer),
      wake_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  try {
    socket_.set(zmq::sockopt::linger, 0);
    socket_.set(zmq::sockopt::routing_id, host);
    socket_.set(zmq::sockopt::sndhwm, host_limits::kFramesQueuedMax);
    socket_.set(zmq::sockopt::rcvhwm, host_limits::kFramesQueuedMax);
    socket_.set(zmq::sockopt::maxmsgsize, static_cast<std::int64_t>(host_limits::kFrameBytesMax));
    socket_.connect(endpoint);
  } catch (const zmq::error_t& error) {
    throw Refusal(host_exit::kWire,
                  "The hub cannot be reached at " + endpoint + ": " + error.what());
  }
  if (wake_fd_ < 0) {
    throw Refusal(host_exit::kWire, std::string("No event descriptor: ") + std::strerror(errno));
  }
}

WireLoop::~WireLoop() {
  if (wake_fd_ >= 0) ::close(wake_fd_);
}

void WireLoop::post(const wire::Message& message) {
  std::string frame = wire::encode(message);
  {
    const std::lock_guard lock(mutex_);
    const bool full = outgoing_.size() >= static_cast<std::size_t>(host_limits::kFramesQueuedMax);
    if (full && message.kind == wire::Kind::log) return;
    outgoing_.push_back(std::move(frame));
  }
  const std::uint64_t one = 1;
  // Fails only when the counter is full, and then it is readable already.
  [[maybe_unused]] const ssize_t woken = ::write(wake_fd_, &one, sizeof one);
}

void WireLoop::run(Bridge& bridge) {
  bridge_ = &bridge;
  start_worker();
  for (;;) {
    const bool more = !send_queued();
    receive();
    {
      const std::lock_guard lock(mutex_);
      if (stopping_ && !busy_ && outgoing_.empty()) return;
    }
    std::array<zmq::pollitem_t, 2> items{
        zmq::pollitem_t{socket_.handle(), 0,
                        static_cast<short>(ZMQ_POLLIN | (more ? ZMQ_POLLOUT : 0)), 0},
        zmq::pollitem_t{nullptr, wake_fd_, ZMQ_POLLIN, 0}};
    zmq::poll(items.data(), items.size(), std::chrono::milliseconds(-1));
    std::uint64_t count = 0;
    while (::read(wake_fd_, &count, sizeof count) > 0) {
    }
  }
}

void WireLoop::close() {
  send_queued();
  socket_.set(zmq::sockopt::linger, kLastWordsMs);
  socket_.close();
  context_.close();
}

bool WireLoop::send_queued() {
  for (;;) {
    std::string frame;
    {
      const std::lock_guard lock(mutex_);
      if (outgoing_.empty()) return true;
      frame = outgoing_.front();
    }
    if (!socket_.send(zmq::buffer(frame), zmq::send_flags::dontwait)) return false;
    const std::lock_guard lock(mutex_);
    outgoing_.pop_front();  // only this thread takes from it
  }
}

void WireLoop::receive() {
  zmq::message_t frame;
  while (socket_.recv(frame, zmq::recv_flags::dontwait)) {
    auto message = wire::decode(frame.to_string_view());
    if (message) take(std::move(*message));  // anything else is not from our hub
  }
}

void WireLoop::take(wire::Message message) {
  const std::lock_guard lock(mutex_);
  switch (message.kind) {
    case wire::Kind::call:
      if (stopping_) return;
      calls_.push_back(std::move(message));
      work_.notify_one();
      return;
    case wire::Kind::cancel:
      if (current_ != nullptr && current_id_ == message.id) {
        current_->cancel();
      } else {
        cancelled_.insert(message.id);
        if (cancelled_.size() > host_limits::kFramesQueuedMax) cancelled_.erase(cancelled_.begin());
      }
      return;
    case wire::Kind::stop:
      stopping_ = true;
      calls_.clear();
      if (current_ != nullptr) current_->cancel();
      work_.notify_one();
      return;
    case wire::Kind::hello:
    case wire::Kind::started:
    case wire::Kind::reply:
    case wire::Kind::log:
      return;  // these go the other way
  }
}

void WireLoop::start_worker() {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, host_limits::kWorkerStackBytes);
  pthread_t thread{};
  const auto enter = [](void* self) -> void* {
    static_cast<WireLoop*>(self)->work();
    return nullptr;
  };
  const int failed = pthread_create(&thread, &attributes, enter, this);
  pthread_attr_destroy(&attributes);
  if (failed != 0) {
    throw Refusal(host_exit::kSandbox, std::string("No worker thread: ") + std::strerror(failed));
  }
  pthread_detach(thread);  // the process ends by _exit
}

void WireLoop::work() {
  for (;;) {
    wire::Message message;
    {
      std::unique_lock lock(mutex_);
      work_.wait(lock, [this] { return !calls_.empty(); });
      message = std::move(calls_.front());
      calls_.pop_front();
      busy_ = true;
    }
    CallState state(message.call.soft_deadline_ms);
    bool dropped = false;
    {
      const std::lock_guard lock(mutex_);
      dropped = cancelled_.erase(message.id) > 0;
      current_ = &state;
      current_id_ = message.id;
    }
    wire::Message answer;
    answer.id = message.id;
    if (dropped) {
      answer.reply.status = wire::Status::cancelled;
    } else {
      answer.kind = wire::Kind::started;
      const auto entering = [&] { post(answer); };
      wire::Reply reply = bridge_->run(message.call, state, entering);
      answer.reply = std::move(reply);
    }
    answer.kind = wire::Kind::reply;
    {
      const std::lock_guard lock(mutex_);
      current_ = nullptr;
    }
    post(answer);
    {
      const std::lock_guard lock(mutex_);
      busy_ = false;
    }
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t woken = ::write(wake_fd_, &one, sizeof one);
  }
}

}  // namespace ombud
