#include "conformance/kit/supervise.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace ombud::conformance {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kReportFd = 3;
constexpr std::size_t kOutputBytesMax = 64U << 10U;
constexpr std::size_t kReportBytesMax = 1U << 20U;

struct Pipe {
  int ends[2] = {-1, -1};
  Pipe() {
    if (::pipe2(ends, O_CLOEXEC) != 0) {
      throw std::runtime_error(std::string("no pipe: ") + std::strerror(errno));
    }
  }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void close_end(int end) {
    if (ends[end] >= 0) ::close(ends[end]);
    ends[end] = -1;
  }
};

// In the child: nothing but system calls until exec.
[[noreturn]] void become(const std::vector<char*>& arguments, int output, int report) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int nothing = ::open("/dev/null", O_RDONLY);
  // Both may stand on numbers that are about to be taken.
  const int output_copy = ::fcntl(output, F_DUPFD, 10);
  const int report_copy = ::fcntl(report, F_DUPFD, 10);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(output_copy, STDOUT_FILENO);
  ::dup2(output_copy, STDERR_FILENO);
  ::dup2(report_copy, kReportFd);
  ::close(output_copy);
  ::close(report_copy);
  if (nothing > kReportFd) ::close(nothing);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

void take(int fd, std::string& into, std::size_t bytes_max, bool& open) {
  std::array<char, 4096> piece;
  const ssize_t got = ::read(fd, piece.data(), piece.size());
  if (got < 0 && errno == EINTR) return;
  if (got <= 0) {
    open = false;
    return;
  }
  const std::size_t room = bytes_max - std::min(bytes_max, into.size());
  into.append(piece.data(), std::min(room, static_cast<std::size_t>(got)));
}

std::string how_it_ended(int status) {
  if (WIFSIGNALED(status)) {
    const int number = WTERMSIG(status);
    return std::string("The process died: ") + ::strsignal(number) + " (signal " +
           std::to_string(number) + ").";
  }
  return "The process ended with code " + std::to_string(WEXITSTATUS(status)) +
         (WEXITSTATUS(status) == 0 ? ": something in the connector called exit()."
                                   : ": something in it ended the process, or a sanitizer did.");
}

}  // namespace

Result run_in_process_of_its_own(const Case& wanted, std::vector<std::string> command,
                                 std::chrono::milliseconds patience) {
  command.insert(command.end(), {"--report-fd", std::to_string(kReportFd)});
  std::vector<char*> arguments;
  for (std::string& argument : command) arguments.push_back(argument.data());
  arguments.push_back(nullptr);

  Pipe output, report;
  const auto began = Clock::now();
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error(std::string("no process: ") + std::strerror(errno));
  if (child == 0) become(arguments, output.ends[1], report.ends[1]);
  output.close_end(1);
  report.close_end(1);

  std::string written, reported;
  bool output_open = true, report_open = true, late = false;
  while (output_open || report_open) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(began + patience - Clock::now());
    if (left.count() <= 0) {
      late = true;
      break;
    }
    pollfd wait[2] = {{output_open ? output.ends[0] : -1, POLLIN, 0},
                      {report_open ? report.ends[0] : -1, POLLIN, 0}};
    if (::poll(wait, 2, static_cast<int>(left.count())) <= 0) continue;
    if (wait[0].revents != 0) take(output.ends[0], written, kOutputBytesMax, output_open);
    if (wait[1].revents != 0) take(report.ends[0], reported, kReportBytesMax, report_open);
  }
  if (late) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }

  Result result;
  if (auto read = result_from_json(reported)) result = std::move(*read);
  const bool has_report = !result.name.empty();
  result.name = wanted.name;
  result.level = wanted.level;
  result.shows = wanted.shows;
  result.output = std::move(written);
  result.seconds = std::chrono::duration<double>(Clock::now() - began).count();
  if (late) {
    result.verdict = Verdict::crashed;
    result.message = "It did not end within " + std::to_string(patience.count() / 1000) +
                     " s, so it was killed.";
  } else if (!has_report || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    result.verdict = Verdict::crashed;
    result.message =
        how_it_ended(status) + (has_report && !result.message.empty() ? "\n" + result.message : "");
  }
  return result;
}

}  // namespace ombud::conformance
