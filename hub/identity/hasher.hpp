// Passwords to argon2id and back, on a few threads of their own: neither a connection's thread nor
// the writer of the store ever waits for one. Thread-safe. Waits for running work when it goes
// away.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "identity/settings.hpp"

namespace ombud::identity {

class Hasher {
 public:
  explicit Hasher(const Settings& settings);
  ~Hasher();
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;

  // Waits for running work and ends the threads: none of them touches the executor of whoever
  // waited for a hash after this. Nobody may ask for another one.
  void end();

  // Both refuse (too_many) when the queue is full. Passwords as prepare_password gives them.
  net::awaitable<Result<std::string>> hash(std::string password);
  // An empty `stored` (no such account, or one without a password) is never right and costs the
  // same work.
  net::awaitable<Result<bool>> verify(std::string password, std::string stored);
  // True: made at another cost than today's; hash it again while the password is at hand.
  bool outdated(const std::string& stored) const;

  std::int64_t jobs() const { return jobs_.load(); }  // ever begun: how a test sees equal work

 private:
  net::awaitable<std::string> run_hash(std::string password);
  net::awaitable<bool> run_verify(std::string password, std::string stored);
  bool enter();

  const HashCost cost_;
  const std::size_t at_once_max_;
  std::atomic<std::size_t> at_once_{0};
  std::atomic<std::int64_t> jobs_{0};
  std::atomic<bool> ended_{false};
  net::thread_pool pool_;
};

}  // namespace ombud::identity
