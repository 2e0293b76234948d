#include "supervisor/zmq_wire.hpp"

#include <boost/asio/post.hpp>

#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <zmq.hpp>

#include "connector_host/limits.hpp"
#include "supervisor/limits.hpp"

namespace ombud {
namespace {

struct Outgoing {
  std::string host, frame;
};

std::string prepared(const std::string& directory) {
  struct stat state {};
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    throw std::runtime_error("The directory for sockets, " + directory +
                             ", cannot be made: " + std::strerror(errno));
  }
  if (::lstat(directory.c_str(), &state) != 0 || !S_ISDIR(state.st_mode) ||
      (state.st_mode & 0077) != 0 || state.st_uid != ::geteuid()) {
    throw std::runtime_error("Others may enter " + directory +
                             ", where the hub talks to its connectors: run chmod 700 on it.");
  }
  const std::string path = directory + "/hosts.ipc";
  if (path.size() >= sizeof(sockaddr_un::sun_path)) {
    throw std::runtime_error("The path " + path +
                             " is too long for a socket (107 bytes): choose a "
                             "shorter data directory.");
  }
  return "ipc://" + path;
}

}  // namespace

struct ZmqWire::State : std::enable_shared_from_this<ZmqWire::State> {
  State(boost::asio::any_io_executor an_executor, const Log& a_log)
      : executor(std::move(an_executor)),
        log(a_log),
        wake_fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        router(context, zmq::socket_type::router) {
    if (wake_fd < 0) throw std::runtime_error("There is no event descriptor for the wire.");
  }
  ~State() { ::close(wake_fd); }

  boost::asio::any_io_executor executor;
  const Log& log;

  // On the executor only.
  Receive receive;
  std::set<std::string, std::less<>> peers;

  // Shared.
  std::mutex mutex;
  std::deque<Outgoing> outgoing;
  bool ended = false;
  std::atomic<std::size_t> unread{0};

  // On the ZeroMQ thread only, but for construction.
  int wake_fd;
  zmq::context_t context{1};
  zmq::socket_t router;
  std::thread thread;

  void wake() const {
    const std::uint64_t one = 1;
    // Fails only when the counter is full, and then it is readable already.
    [[maybe_unused]] const ssize_t woken = ::write(wake_fd, &one, sizeof one);
  }

  void run() {
    for (;;) {
      std::deque<Outgoing> batch;
      {
        const std::lock_guard lock(mutex);
        if (ended) break;
        batch.swap(outgoing);
      }
      for (const Outgoing& out : batch) transmit(out);
      // A host that floods the hub fills its own pipe, not our memory.
      const bool room = unread.load() < supervisor_limits::kFramesUnreadMax;
      if (room) take();
      std::array<zmq::pollitem_t, 2> items{zmq::pollitem_t{nullptr, wake_fd, ZMQ_POLLIN, 0},
                                           zmq::pollitem_t{router.handle(), 0, ZMQ_POLLIN, 0}};
      zmq::poll(items.data(), room ? 2U : 1U, std::chrono::milliseconds(-1));
      std::uint64_t count = 0;
      while (::read(wake_fd, &count, sizeof count) > 0) {
      }
    }
    router.close();
    context.close();
  }

  void transmit(const Outgoing& out) {
    try {
      const auto head = zmq::send_flags::sndmore | zmq::send_flags::dontwait;
      if (router.send(zmq::buffer(out.host), head)) {
        router.send(zmq::buffer(out.frame), zmq::send_flags::dontwait);
        return;
      }
      log.warning("a frame to a connector host was dropped, its queue is full",
                  {{"host", out.host}});
    } catch (const zmq::error_t&) {
      // EHOSTUNREACH: it has just gone. Its exit says the rest.
    }
  }

  void take() {
    zmq::message_t host, frame;
    while (unread.load() < supervisor_limits::kFramesUnreadMax &&
           router.recv(host, zmq::recv_flags::dontwait)) {
      int parts = 0;
      bool more = host.more();
      while (more) {
        if (!router.recv(frame, zmq::recv_flags::dontwait)) break;
        more = frame.more();
        ++parts;
      }
      if (parts != 1) continue;  // not from our host program
      unread.fetch_add(1);
      auto deliver = [weak = weak_from_this(), from = host.to_string(), bytes = frame.to_string()] {
        const auto self = weak.lock();
        if (!self) return;
        const bool was_full = self->unread.fetch_sub(1) >= supervisor_limits::kFramesUnreadMax;
        if (was_full) self->wake();
        self->peers.insert(from);
        if (self->receive) self->receive(from, bytes);
      };
      boost::asio::post(executor, std::move(deliver));
    }
  }
};

ZmqWire::ZmqWire(boost::asio::any_io_executor executor, const std::string& directory,
                 const Log& log)
    : endpoint_(prepared(directory)), state_(std::make_shared<State>(std::move(executor), log)) {
  zmq::socket_t& router = state_->router;
  router.set(zmq::sockopt::linger, 0);
  router.set(zmq::sockopt::router_mandatory, true);
  router.set(zmq::sockopt::sndhwm, host_limits::kFramesQueuedMax);
  router.set(zmq::sockopt::rcvhwm, host_limits::kFramesQueuedMax);
  router.set(zmq::sockopt::maxmsgsize, static_cast<std::int64_t>(host_limits::kFrameBytesMax));
  router.bind(endpoint_);
  state_->thread = std::thread(&State::run, state_.get());
}

ZmqWire::~ZmqWire() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->ended = true;
  }
  state_->wake();
  state_->thread.join();
  state_->receive = nullptr;
}

void ZmqWire::on_receive(Receive receive) {
  state_->receive = std::move(receive);
}

bool ZmqWire::send(std::string_view host, std::string frame) {
  if (!state_->peers.contains(host)) return false;
  {
    const std::lock_guard lock(state_->mutex);
    state_->outgoing.push_back({std::string(host), std::move(frame)});
  }
  state_->wake();
  return true;
}

void ZmqWire::forget(std::string_view host) {
  const auto at = state_->peers.find(host);
  if (at != state_->peers.end()) state_->peers.erase(at);
}

}  // namespace ombud
