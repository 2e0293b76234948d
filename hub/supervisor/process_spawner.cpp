#include "supervisor/process_spawner.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <map>
#include <optional>

#include "base/bytes.hpp"
#include "connector_host/limits.hpp"
#include "connector_host/mask.hpp"
#include "connector_host/start_order.hpp"
#include "supervisor/limits.hpp"

namespace ombud {
namespace {

constexpr int kOrderFd = 3;       // where the host finds its order
constexpr int kFirstFreeFd = 10;  // ours stay above those that the child gets
constexpr int kPipeBytes = 1 << 20;

// An owned descriptor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

struct Pipe {
  Fd read, write;
};

// Above the numbers that the child uses, so that posix_spawn's copies never meet their sources.
Fd lifted(int fd) {
  const Fd low(fd);
  return Fd(::fcntl(fd, F_DUPFD_CLOEXEC, kFirstFreeFd));
}

std::optional<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return std::nullopt;
  Pipe pipe{lifted(ends[0]), lifted(ends[1])};
  if (pipe.read.get() < 0 || pipe.write.get() < 0) return std::nullopt;
  return pipe;
}

StartOrder order_for(const HostSpec& spec, const std::string& endpoint) {
  StartOrder order;
  order.host = spec.host;
  order.link = spec.link;
  order.endpoint = endpoint;
  order.connector_dir = spec.connector_dir;
  order.settings_json = spec.settings_json;
  order.secrets = spec.secrets;
  order.origins = spec.origins;
  order.hello_secret = spec.hello_secret;
  order.scratch_dir = spec.scratch_dir;
  order.memory_bytes_max = spec.memory_bytes_max;
  order.files_max = spec.files_max;
  order.parallel = static_cast<std::uint32_t>(spec.parallel);
  return order;
}

// Starts the program; 0 and the reason if it cannot.
pid_t start(const ProcessSpawner::Options& options, int order_fd, int output_fd,
            std::string& why_not) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output_fd, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output_fd, STDERR_FILENO);
  posix_spawn_file_actions_adddup2(&actions, order_fd, kOrderFd);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  // Its own session: a Ctrl-C at the hub's terminal must not reach it, the hub drains first.
  posix_spawnattr_setflags(
      &attributes,
      static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID));
  std::string program = options.program, number = std::to_string(kOrderFd);
  std::array<char*, 3> arguments{program.data(), number.data(), nullptr};
  std::vector<std::string> environment = options.environment;
  std::vector<char*> variables;
  for (std::string& variable : environment) variables.push_back(variable.data());
  variables.push_back(nullptr);
  pid_t pid = 0;
  const int failed = ::posix_spawn(&pid, program.c_str(), &actions, &attributes, arguments.data(),
                                   variables.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (failed == 0) return pid;
  why_not = program + " cannot be run: " + std::strerror(failed) + ".";
  return 0;
}

}  // namespace

struct ProcessSpawner::State : std::enable_shared_from_this<ProcessSpawner::State> {
  struct Child {
    explicit Child(const boost::asio::any_io_executor& executor)
        : process(executor), output(executor) {}
    std::string host, link, scratch_dir;
    pid_t pid = 0;
    Fd lifeline;  // the write end of the order's pipe; its end is the host's
    boost::asio::posix::stream_descriptor process;  // pidfd
    boost::asio::posix::stream_descriptor output;
    std::array<char, 4096> piece{};
    std::string line;        // begun, not ended
    std::string last_words;  // not yet masked
    Mask mask;
    Ended ended;
    Instant window = instant_of(0);
    int lines = 0;
  };

  State(boost::asio::any_io_executor an_executor, Options an_options, const Clock& a_clock,
        const Log& a_log)
      : executor(std::move(an_executor)),
        options(std::move(an_options)),
        clock(a_clock),
        log(a_log) {}

  boost::asio::any_io_executor executor;
  const Options options;
  const Clock& clock;
  const Log& log;
  std::map<std::string, std::shared_ptr<Child>, std::less<>> children;

  void watch(const std::shared_ptr<Child>& child) {
    auto gone = [weak = weak_from_this(), child](boost::system::error_code error) {
      const auto self = weak.lock();
      if (self && !error) self->reap(child);
    };
    child->process.async_wait(boost::asio::posix::stream_descriptor::wait_read, std::move(gone));
  }

  void listen(const std::shared_ptr<Child>& child) {
    auto came = [weak = weak_from_this(), child](boost::system::error_code error,
                                                 std::size_t size) {
      const auto self = weak.lock();
      if (!self || error) return;
      self->hear(*child, {child->piece.data(), size});
      self->listen(child);
    };
    child->output.async_read_some(boost::asio::buffer(child->piece), std::move(came));
  }

  // Output of the process: nobody should write there, so it is worth a warning.
  void hear(Child& child, std::string_view text) {
    child.last_words += text;
    if (child.last_words.size() > 2 * supervisor_limits::kLastWordsBytesMax) {
      child.last_words.erase(0, child.last_words.size() - supervisor_limits::kLastWordsBytesMax);
    }
    for (const char c : text) {
      if (c == '\n') {
        tell(child);
      } else if (child.line.size() < supervisor_limits::kOutputLineBytesMax) {
        child.line += c;
      }
    }
  }

  void tell(Child& child) {
    const std::string line = std::exchange(child.line, {});
    const Instant now = clock.now();
    if (now - child.window >= Millis{60'000}) {
      child.window = now;
      child.lines = 0;
    }
    if (line.empty() || ++child.lines > supervisor_limits::kLogLinesPerMinute) return;
    log.warning("connector host wrote", {{"link", child.link},
                                         {"text", child.mask(to_valid_utf8(line))},
                                         {"pid", static_cast<std::int64_t>(child.pid)}});
  }

  void reap(const std::shared_ptr<Child>& child) {
    // What it left behind in its session goes with it; unreaped, its number is still taken.
    ::kill(-child->pid, SIGKILL);
    siginfo_t info{};
    if (::waitid(P_PID, static_cast<id_t>(child->pid), &info, WEXITED) != 0) return;
    for (std::size_t taken = 0; taken < kPipeBytes;) {  // the rest of its output is there already
      const ssize_t got =
          ::read(child->output.native_handle(), child->piece.data(), child->piece.size());
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) break;
      taken += static_cast<std::size_t>(got);
      hear(*child, {child->piece.data(), static_cast<std::size_t>(got)});
    }
    if (!child->line.empty()) tell(*child);
    boost::system::error_code ignored;
    child->output.close(ignored);
    child->process.close(ignored);
    children.erase(child->host);
    remove_scratch(*child);
    HostExit exit;
    exit.signalled = info.si_code != CLD_EXITED;
    exit.code = info.si_status;
    const std::string words = child->mask(to_valid_utf8(child->last_words));
    const std::string_view tail = std::string_view(words).substr(
        words.size() - std::min(words.size(), supervisor_limits::kLastWordsBytesMax));
    exit.last_words = to_valid_utf8(tail);  // the cut may have split a character
    while (!exit.last_words.empty() && exit.last_words.back() == '\n') exit.last_words.pop_back();
    child->ended(std::move(exit));
  }

  void remove_scratch(const Child& child) const {
    if (child.scratch_dir.empty()) return;
    std::error_code error;
    std::filesystem::remove_all(child.scratch_dir, error);
    if (error) {
      log.warning("scratch directory not removed",
                  {{"link", child.link}, {"path", child.scratch_dir}, {"error", error.message()}});
    }
  }
};

ProcessSpawner::ProcessSpawner(boost::asio::any_io_executor executor, Options options,
                               const Clock& clock, const Log& log)
    : state_(std::make_shared<State>(std::move(executor), std::move(options), clock, log)) {}

ProcessSpawner::~ProcessSpawner() {
  for (auto& [host, child] : state_->children) {
    ::kill(-child->pid, SIGKILL);
    ::kill(child->pid, SIGKILL);
    siginfo_t info{};
    while (::waitid(P_PID, static_cast<id_t>(child->pid), &info, WEXITED) != 0 && errno == EINTR) {
    }
    state_->remove_scratch(*child);
  }
}

bool ProcessSpawner::spawn(const HostSpec& spec, Ended ended, std::string& why_not) {
  const auto errno_text = [](const std::string& what) {
    return what + ": " + std::strerror(errno) + ".";
  };
  auto order = make_pipe();
  auto output = make_pipe();
  if (!order || !output) {
    why_not = errno_text("There is no pipe for it");
    return false;
  }
  const std::string bytes = encode(order_for(spec, state_->options.endpoint));
  if (bytes.size() > host_limits::kOrderBytesMax) {
    why_not = "Its settings and secrets are larger than a host can be given.";
    return false;
  }
  // The whole order fits the pipe, so the hub never waits for the host to read it.
  const bool roomy =
      bytes.size() <= 60'000 || ::fcntl(order->write.get(), F_SETPIPE_SZ, kPipeBytes) > 0;
  ::fcntl(order->write.get(), F_SETFL, O_NONBLOCK);
  if (!roomy || ::write(order->write.get(), bytes.data(), bytes.size()) !=
                    static_cast<ssize_t>(bytes.size())) {
    why_not = errno_text("Its start order cannot be handed over");
    return false;
  }
  if (!spec.scratch_dir.empty()) {
    std::error_code error;
    std::filesystem::remove_all(spec.scratch_dir, error);
    std::filesystem::create_directories(std::filesystem::path(spec.scratch_dir).parent_path(),
                                        error);
    if (::mkdir(spec.scratch_dir.c_str(), 0700) != 0) {
      why_not = errno_text("Its scratch directory " + spec.scratch_dir + " cannot be made");
      return false;
    }
  }
  const auto child = std::make_shared<State::Child>(state_->executor);
  child->pid = start(state_->options, order->read.get(), output->write.get(), why_not);
  if (child->pid == 0) return false;
  child->host = spec.host;
  child->link = spec.link;
  child->scratch_dir = spec.scratch_dir;
  child->lifeline = std::move(order->write);
  auto masked = spec.secrets;
  masked.emplace("", spec.hello_secret);  // no token is empty
  child->mask = Mask(masked);
  child->ended = std::move(ended);
  Fd process(static_cast<int>(::syscall(SYS_pidfd_open, child->pid, 0)));  // has O_CLOEXEC
  if (process.get() < 0) {
    why_not = errno_text("It cannot be watched");
    ::kill(child->pid, SIGKILL);
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(child->pid), &info, WEXITED);
    return false;
  }
  ::fcntl(output->read.get(), F_SETFL, O_NONBLOCK);
  child->process.assign(process.release());
  child->output.assign(output->read.release());
  state_->children.emplace(child->host, child);
  state_->watch(child);
  state_->listen(child);
  return true;
}

void ProcessSpawner::kill(std::string_view host) {
  const auto at = state_->children.find(host);
  if (at == state_->children.end()) return;
  ::kill(-at->second->pid, SIGKILL);  // its session, before it made one: the process itself
  ::kill(at->second->pid, SIGKILL);
}

}  // namespace ombud
