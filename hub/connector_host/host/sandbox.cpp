#include "connector_host/host/sandbox.hpp"

#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "connector_host/host/exit_codes.hpp"
#include "connector_host/host/refusal.hpp"
#include "connector_host/host/thread.hpp"
#include "connector_host/limits.hpp"

namespace ombud::sandbox {
namespace {

// The shadow memory of a sanitizer would count as the process's own.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
#  if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kSanitized = true;
#  else
constexpr bool kSanitized = false;
#  endif
#else
constexpr bool kSanitized = false;
#endif

constexpr std::size_t kWatchStackBytes = 64U << 10U;

void require(bool done, const char* what) {
  if (!done) {
    throw Refusal(host_exit::kSandbox, std::string("The connector host could not ") + what + ": " +
                                           std::strerror(errno) + ".");
  }
}

void set_limit(__rlimit_resource resource, rlim_t value, const char* what) {
  rlimit now{};
  require(getrlimit(resource, &now) == 0, what);
  // Never above what the administrator allows.
  const rlim_t bounded = now.rlim_max == RLIM_INFINITY ? value : std::min(value, now.rlim_max);
  const rlimit wanted{bounded, bounded};
  require(setrlimit(resource, &wanted) == 0, what);
}

std::size_t read_fully(int fd, char* to, std::size_t size) {
  std::size_t got = 0;
  while (got < size) {
    const ssize_t piece = ::read(fd, to + got, size - got);
    if (piece < 0 && errno == EINTR) continue;
    if (piece <= 0) break;
    got += static_cast<std::size_t>(piece);
  }
  return got;
}

extern "C" void* watch_hub(void* raw_fd) {
  const int fd = static_cast<int>(reinterpret_cast<std::intptr_t>(raw_fd));
  char byte = 0;
  for (;;) {
    const ssize_t got = ::read(fd, &byte, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) _exit(host_exit::kHubGone);
  }
}

}  // namespace

void seal(int order_fd) {
  require(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "give up new privileges");
  require(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0, "tie itself to the hub");
  // Hosts of other links run as the same user: none may read the secrets in here.
  require(prctl(PR_SET_DUMPABLE, 0) == 0, "forbid tracing");
  set_limit(RLIMIT_CORE, 0, "forbid core files");
  umask(077);
  std::signal(SIGPIPE, SIG_IGN);
  // A look-up of a name cannot be cut short: what bounds it is the patience of the resolver.
  require(::setenv("RES_OPTIONS", "timeout:2 attempts:2", 0) == 0, "bound its look-ups of names");
  constexpr int kKept = 3;  // 0, 1, 2 and the order
  require(order_fd >= kKept, "find its start order");
  require(order_fd == kKept || close_range(kKept, static_cast<unsigned>(order_fd) - 1, 0) == 0,
          "close inherited files");
  require(close_range(static_cast<unsigned>(order_fd) + 1, UINT_MAX, 0) == 0,
          "close inherited files");
  require(fcntl(order_fd, F_SETFD, FD_CLOEXEC) == 0, "keep its start order to itself");
}

StartOrder read_order(int order_fd) {
  std::string header(kOrderHeaderBytes, '\0');
  header.resize(read_fully(order_fd, header.data(), header.size()));
  std::string body(order_size(header), '\0');
  if (body.empty() || read_fully(order_fd, body.data(), body.size()) != body.size()) {
    throw Refusal(host_exit::kBadOrder, "The start order of the hub is cut short.");
  }
  auto order = decode_order(body);
  std::fill(body.begin(), body.end(), '\0');
  if (!order) throw Refusal(host_exit::kBadOrder, order.error().detail);
  return std::move(*order);
}

void limit(const StartOrder& order) {
  // Few threads, so few arenas: each keeps pages of its own.
  mallopt(M_ARENA_MAX, 2);
  // Data, not address space: allocators and ZeroMQ reserve address space that they never touch.
  if (order.memory_bytes_max > 0 && !kSanitized) {
    set_limit(RLIMIT_DATA, order.memory_bytes_max, "limit its memory");
  }
  if (order.files_max > 0) set_limit(RLIMIT_NOFILE, order.files_max, "limit its open files");
  if (!order.scratch_dir.empty()) {
    require(chdir(order.scratch_dir.c_str()) == 0, "enter its scratch directory");
  }
}

void die_with_hub(int order_fd) {
  pthread_t thread{};
  errno = start_thread(thread, kWatchStackBytes, &watch_hub,
                       reinterpret_cast<void*>(static_cast<std::intptr_t>(order_fd)));
  require(errno == 0, "watch the hub");
  pthread_detach(thread);
}

}  // namespace ombud::sandbox
