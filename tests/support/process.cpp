#include "support/process.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

namespace ombud::testing {
namespace {

namespace fs = std::filesystem;
using SteadyClock = std::chrono::steady_clock;

constexpr auto kLook = std::chrono::milliseconds(20);

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr)
    throw std::runtime_error(std::string(name) + " is not set; run the tests by ctest");
  return value;
}

// Between fork and exec: nothing that allocates.
[[noreturn]] void become(char* const* words, const Command& command, int log) {
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  if (command.file_bytes_max) {
    const rlimit limit{*command.file_bytes_max, RLIM_INFINITY};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    std::signal(SIGXFSZ, SIG_IGN);  // so that a write fails instead of ending the program
  }
  if (command.user && (::setgid(*command.user) != 0 || ::setuid(*command.user) != 0)) ::_exit(126);
  for (const std::string& one : command.environment) ::putenv(const_cast<char*>(one.c_str()));
  ::execvp(words[0], words);
  ::_exit(127);
}

}  // namespace

fs::path program(std::string_view name) {
  return fs::path(variable("OMBUD_BIN")) / name;
}
fs::path source(std::string_view path) {
  return fs::path(variable("OMBUD_SOURCE")) / path;
}

Scratch::Scratch() {
  std::string form = (fs::temp_directory_path() / "ombud-test-XXXXXX").string();
  if (::mkdtemp(form.data()) == nullptr) throw std::runtime_error("cannot make " + form);
  path_ = form;
}
Scratch::~Scratch() {
  if (::testing::Test::HasFailure()) return;
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

int free_port() {
  const int file = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  const bool bound = ::bind(file, any, size) == 0 && ::getsockname(file, any, &size) == 0;
  ::close(file);
  if (!bound) throw std::runtime_error("no free port on 127.0.0.1");
  return ntohs(address.sin_port);
}

std::string read_text(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}
void write_text(const fs::path& file, std::string_view text) {
  fs::create_directories(file.parent_path());
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  if (!out) throw std::runtime_error("cannot write " + file.string());
}

Process::Process(const Command& command) {
  std::vector<char*> words;
  for (const std::string& word : command.words) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  const int log = ::open(command.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log < 0) throw std::runtime_error("cannot open " + command.log.string());
  pid_ = ::fork();
  if (pid_ == 0) become(words.data(), command, log);
  ::close(log);
  if (pid_ < 0) throw std::runtime_error("cannot start " + command.words.front());
}

Process::~Process() {
  if (!running()) return;
  kill_hard();
}

bool Process::running() {
  if (ended_) return false;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_) return true;
  ended_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return false;
}

void Process::signal(int number) const {
  if (!ended_) ::kill(pid_, number);
}

void Process::kill_hard() {
  signal(SIGKILL);
  wait(Millis{10'000});
}

std::optional<int> Process::wait(Millis most) {
  until(most, [this] { return !running(); });
  return ended_;
}

Ran run(std::vector<std::string> words, const std::vector<std::string>& environment, Millis most) {
  const Scratch scratch;
  const fs::path log = scratch.path() / "output";
  Process process({std::move(words), log, environment, {}, {}});
  const auto code = process.wait(most);
  return {code.value_or(-1), read_text(log)};
}

bool until(Millis most, const std::function<bool()>& happened) {
  const auto end = SteadyClock::now() + most;
  while (!happened()) {
    if (SteadyClock::now() > end) return false;
    std::this_thread::sleep_for(kLook);
  }
  return true;
}

}  // namespace ombud::testing
