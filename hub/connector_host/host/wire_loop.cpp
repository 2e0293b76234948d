#include "connector_host/host/wire_loop.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "connector_host/host/exit_codes.hpp"
#include "connector_host/host/refusal.hpp"
#include "connector_host/host/thread.hpp"
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

void WireLoop::run(const Crew& crew) {
  const bool many = crew.deliverers.size() > 1 || crew.reader != nullptr;
  const std::size_t stack =
      many ? host_limits::kParallelStackBytes : host_limits::kWorkerStackBytes;
  reads_apart_ = crew.reader != nullptr;
  for (Bridge* bridge : crew.deliverers) workers_.push_back({*this, deliveries_, *bridge});
  if (reads_apart_) workers_.push_back({*this, reads_, *crew.reader});
  for (Worker& worker : workers_) start_worker(worker, stack);
  for (;;) {
    const bool more = !send_queued();
    receive();
    {
      const std::lock_guard lock(mutex_);
      if (stopping_ && busy_ == 0 && outgoing_.empty()) return;
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
    case wire::Kind::call: {
      if (stopping_) return;
      const bool apart = reads_apart_ && !wire::is_of_delivery(message.call.operation);
      Line& line = apart ? reads_ : deliveries_;
      line.calls.push_back(std::move(message));
      line.work.notify_one();
      return;
    }
    case wire::Kind::cancel:
      if (const auto at = running_.find(message.id); at != running_.end()) {
        at->second->cancel();
      } else {
        cancelled_.insert(message.id);
        if (cancelled_.size() > host_limits::kFramesQueuedMax) cancelled_.erase(cancelled_.begin());
      }
      return;
    case wire::Kind::stop:
      stopping_ = true;
      deliveries_.calls.clear();
      reads_.calls.clear();
      for (const auto& [id, state] : running_) state->cancel();
      return;
    case wire::Kind::hello:
    case wire::Kind::started:
    case wire::Kind::reply:
    case wire::Kind::log:
      return;  // these go the other way
  }
}

void WireLoop::start_worker(Worker& worker, std::size_t stack_bytes) {
  pthread_t thread{};
  const auto enter = [](void* raw) -> void* {
    const auto& self = *static_cast<Worker*>(raw);
    self.loop.work(self.line, self.bridge);
    return nullptr;
  };
  const int failed = start_thread(thread, stack_bytes, enter, &worker);
  if (failed != 0) {
    throw Refusal(host_exit::kSandbox, std::string("No worker thread: ") + std::strerror(failed));
  }
  pthread_detach(thread);  // the process ends by _exit
}

void WireLoop::work(Line& line, Bridge& bridge) {
  for (;;) {
    wire::Message message;
    std::optional<CallState> state;
    bool dropped = false;
    {
      std::unique_lock lock(mutex_);
      line.work.wait(lock, [&line] { return !line.calls.empty(); });
      message = std::move(line.calls.front());
      line.calls.pop_front();
      ++busy_;
      dropped = cancelled_.erase(message.id) > 0;
      state.emplace(message.call.soft_deadline_ms);
      running_.emplace(message.id, &*state);
    }
    wire::Message answer;
    answer.id = message.id;
    if (dropped) {
      answer.reply.status = wire::Status::cancelled;
    } else {
      answer.kind = wire::Kind::started;
      const auto entering = [&] { post(answer); };
      wire::Reply reply = bridge.run(message.call, *state, entering);
      answer.reply = std::move(reply);
    }
    answer.kind = wire::Kind::reply;
    {
      const std::lock_guard lock(mutex_);
      running_.erase(message.id);
    }
    post(answer);
    {
      const std::lock_guard lock(mutex_);
      --busy_;
    }
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t woken = ::write(wake_fd_, &one, sizeof one);
  }
}

}  // namespace ombud
