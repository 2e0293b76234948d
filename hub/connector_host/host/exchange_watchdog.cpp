#include "connector_host/host/exchange_watchdog.hpp"

#include <fcntl.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>

#include "connector_host/host/thread.hpp"
#include "connector_host/host/ticks.hpp"
#include "connector_host/limits.hpp"

namespace ombud {
namespace {

// While the head is awaited or a shut socket may still connect, it looks this often.
constexpr std::int64_t kPokeMs = 20;
// Counted below TLS, so this is coarse; the exact limit is kept when the head has been read.
constexpr std::uint64_t kHeadBytesCoarse = host_limits::kResponseHeadBytesMax + (1U << 20U);

struct Traffic {
  std::uint64_t sent = 0, received = 0;
};

Traffic traffic_of(int fd) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (fd < 0 || ::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return {};
  return {info.tcpi_bytes_sent, info.tcpi_bytes_received};
}

}  // namespace

ExchangeWatchdog::ExchangeWatchdog() {
  const auto enter = [](void* self) -> void* {
    static_cast<ExchangeWatchdog*>(self)->run();
    return nullptr;
  };
  const int failed = start_thread(thread_, host_limits::kWatchdogStackBytes, enter, this);
  if (failed != 0) {
    throw std::runtime_error(std::string("no thread for a connection: ") + std::strerror(failed));
  }
}

ExchangeWatchdog::~ExchangeWatchdog() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  wake_.notify_all();
  pthread_join(thread_, nullptr);
  if (fd_ >= 0) ::close(fd_);
}

void ExchangeWatchdog::adopt(int fd) {
  const std::lock_guard lock(mutex_);
  if (fd_ >= 0) ::close(fd_);
  fd_ = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
  received_before_ = sent_before_ = 0;
}

void ExchangeWatchdog::arm(std::int64_t deadline_ms) {
  {
    const std::lock_guard lock(mutex_);
    fired_ = Fired::no;
    deadline_ = deadline_ms;
    armed_ = in_head_ = true;
    const Traffic before = traffic_of(fd_);
    received_before_ = before.received;
    sent_before_ = before.sent;
  }
  wake_.notify_all();
}

void ExchangeWatchdog::head_arrived() {
  const std::lock_guard lock(mutex_);
  in_head_ = false;
}

ExchangeWatchdog::Fired ExchangeWatchdog::disarm() {
  const std::lock_guard lock(mutex_);
  armed_ = false;
  return fired_;
}

bool ExchangeWatchdog::may_have_sent() {
  const std::lock_guard lock(mutex_);
  int queued = 0;
  if (fd_ < 0 || ::ioctl(fd_, SIOCOUTQ, &queued) != 0) return true;
  return queued != 0 || traffic_of(fd_).sent != sent_before_;
}

bool ExchangeWatchdog::quiet() {
  const std::lock_guard lock(mutex_);
  char byte = 0;
  return fd_ >= 0 && ::recv(fd_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
         (errno == EAGAIN || errno == EWOULDBLOCK);
}

void ExchangeWatchdog::run() {
  std::unique_lock lock(mutex_);
  while (!ended_) {
    if (!armed_) {
      wake_.wait(lock);
      continue;
    }
    const std::int64_t left = deadline_ - ticks_ms();
    if (fired_ == Fired::no && left <= 0) fired_ = Fired::deadline;
    if (fired_ == Fired::no && in_head_ &&
        traffic_of(fd_).received - received_before_ > kHeadBytesCoarse) {
      fired_ = Fired::head;
    }
    if (fired_ != Fired::no && fd_ >= 0) ::shutdown(fd_, SHUT_RDWR);
    const bool poke = in_head_ || fired_ != Fired::no;
    const std::int64_t pause = fired_ != Fired::no ? kPokeMs
                               : poke              ? std::min(kPokeMs, left)
                                                   : left;
    wake_.wait_for(lock, std::chrono::milliseconds(pause));
  }
}

}  // namespace ombud
