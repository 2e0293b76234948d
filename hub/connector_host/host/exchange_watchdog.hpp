// Ends an HTTP exchange that takes too long or whose head grows too large, by shutting its socket
// down: the library's own timeouts are per read. Also knows from the kernel whether bytes left. It
// holds a duplicate of the descriptor, so it can never touch a stranger that got the same number.
// Thread-safe; has one thread of its own.
#pragma once

#include <pthread.h>

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace ombud {

class ExchangeWatchdog {
 public:
  enum class Fired { no, deadline, head };

  ExchangeWatchdog();  // throws std::runtime_error if there is no thread to be had
  ~ExchangeWatchdog();
  ExchangeWatchdog(const ExchangeWatchdog&) = delete;
  ExchangeWatchdog& operator=(const ExchangeWatchdog&) = delete;

  void adopt(int fd);                  // a new socket of this connection, not yet connected
  void arm(std::int64_t deadline_ms);  // by ticks_ms(); an exchange begins
  void head_arrived();                 // from now on only the deadline counts
  Fired disarm();                      // the exchange ended; what was done to it

  // False if the kernel is sure that no byte left since arm() and none is waiting to. Below TLS.
  bool may_have_sent();
  // An idle connection must be silent: anything to read is its end, or was not asked for.
  bool quiet();

 private:
  void run();
  std::mutex mutex_;
  std::condition_variable wake_;
  int fd_ = -1;
  bool ended_ = false, armed_ = false, in_head_ = false;
  Fired fired_ = Fired::no;
  std::int64_t deadline_ = 0;
  std::uint64_t received_before_ = 0, sent_before_ = 0;
  pthread_t thread_{};  // last: it uses all of the above
};

}  // namespace ombud
