#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "base/log.hpp"

namespace ombud {
namespace {

constexpr Millis kGatherFor{5};
constexpr std::size_t kGatherBytesMax =
    std::size_t{256} * 1024;  // beyond it who logs waits for the write

class StderrLines {
 public:
  StderrLines() : thread_([this] { run(); }) {}
  ~StderrLines() {
    {
      const std::lock_guard lock(mutex_);
      closing_ = true;
    }
    changed_.notify_all();
    thread_.join();
    flush();  // what came while the thread wrote
  }
  StderrLines(const StderrLines&) = delete;
  StderrLines& operator=(const StderrLines&) = delete;

  void add(std::string_view line) {
    std::size_t gathered = 0;
    {
      const std::lock_guard lock(mutex_);
      gathered = lines_.size();
      lines_.append(line).push_back('\n');
    }
    if (gathered == 0) changed_.notify_one();
    if (gathered > kGatherBytesMax) flush();
  }

  void flush() {
    const std::lock_guard order(writing_);
    std::string lines;
    {
      const std::lock_guard lock(mutex_);
      lines.swap(lines_);
    }
    std::string_view rest = lines;
    while (!rest.empty()) {
      const ssize_t written = ::write(STDERR_FILENO, rest.data(), rest.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return;  // nobody reads: there is no other place to say so
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (!closing_) {
      changed_.wait(lock, [this] { return closing_ || !lines_.empty(); });
      changed_.wait_for(lock, kGatherFor, [this] { return closing_; });
      lock.unlock();
      flush();
      lock.lock();
    }
  }

  std::mutex writing_;  // taken before mutex_: keeps the order of what was gathered
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string lines_;
  bool closing_ = false;
  std::thread thread_;
};

}  // namespace

Log log_to_stderr(const Clock& clock, Level from) {
  const auto lines = std::make_shared<StderrLines>();
  return {clock, from, [lines](std::string_view line) { lines->add(line); },
          [lines] { lines->flush(); }};
}

}  // namespace ombud
