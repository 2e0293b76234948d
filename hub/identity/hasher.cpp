#include "identity/hasher.hpp"

#include <sodium.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <new>

namespace ombud::identity {
namespace {

struct Leaves {
  std::atomic<std::size_t>& count;
  ~Leaves() { count.fetch_sub(1); }
};

Problem full() {
  return problem(ProblemKind::too_many,
                 "Too many people sign in at this moment; try again in a few seconds.");
}

}  // namespace

Hasher::Hasher(const Settings& settings)
    : cost_(settings.cost),
      at_once_max_(settings.hash_queue_max + settings.hash_threads),
      pool_(settings.hash_threads) {}

Hasher::~Hasher() {
  end();
}

void Hasher::end() {
  if (!ended_.exchange(true)) pool_.join();
}

bool Hasher::enter() {
  if (at_once_.fetch_add(1) >= at_once_max_) {
    at_once_.fetch_sub(1);
    return false;
  }
  jobs_.fetch_add(1);
  return true;
}

net::awaitable<std::string> Hasher::run_hash(std::string password) {
  std::array<char, crypto_pwhash_STRBYTES> out{};
  if (crypto_pwhash_str_alg(out.data(), password.data(), password.size(), cost_.passes, cost_.bytes,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    throw std::bad_alloc();  // the only way in which it fails
  }
  sodium_memzero(password.data(), password.size());
  co_return std::string(out.data());
}

net::awaitable<bool> Hasher::run_verify(std::string password, std::string stored) {
  if (stored.empty() || stored.size() >= crypto_pwhash_STRBYTES) {
    co_await run_hash(std::move(password));
    co_return false;
  }
  const bool right =
      crypto_pwhash_str_verify(stored.c_str(), password.data(), password.size()) == 0;
  sodium_memzero(password.data(), password.size());
  co_return right;
}

net::awaitable<Result<std::string>> Hasher::hash(std::string password) {
  if (!enter()) co_return full();
  const Leaves leaves{at_once_};
  auto work = run_hash(std::move(password));
  co_return co_await net::co_spawn(pool_, std::move(work), net::use_awaitable);
}

net::awaitable<Result<bool>> Hasher::verify(std::string password, std::string stored) {
  if (!enter()) co_return full();
  const Leaves leaves{at_once_};
  auto work = run_verify(std::move(password), std::move(stored));
  co_return co_await net::co_spawn(pool_, std::move(work), net::use_awaitable);
}

bool Hasher::outdated(const std::string& stored) const {
  return !stored.empty() &&
         crypto_pwhash_str_needs_rehash(stored.c_str(), cost_.passes, cost_.bytes) != 0;
}

}  // namespace ombud::identity
