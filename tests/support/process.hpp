// Other programs as children of a test: started, watched, killed. And what goes with it: a scratch
// directory, free ports, and waiting for something that another process must bring about.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace ombud::testing {

// Where the programs of this build lie, and where the sources do.
std::filesystem::path program(std::string_view name);
std::filesystem::path source(std::string_view path);

// An empty directory that goes with the object. Kept if the test has failed, so that it can be
// looked at.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// A port of 127.0.0.1 that was free a moment ago.
int free_port();

std::string read_text(const std::filesystem::path& file);
void write_text(const std::filesystem::path& file, std::string_view text);

struct Command {
  std::vector<std::string> words;               // the first is the program
  std::filesystem::path log;                    // standard output and error are appended to it
  std::vector<std::string> environment;         // "NAME=value", beside what the test has
  std::optional<std::uint64_t> file_bytes_max;  // RLIMIT_FSIZE: writing on fails, as on a full disk
  std::optional<unsigned> user;                 // runs as this user
};

// One child. It is killed, if need be, when the object goes. Throws if it cannot be started.
class Process {
 public:
  explicit Process(const Command& command);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  bool running();
  void signal(int number) const;
  void kill_hard();  // SIGKILL, and gone when this returns
  // The exit code, or 128 + the signal that ended it; empty if it still runs after `most`.
  std::optional<int> wait(Millis most);

 private:
  pid_t pid_ = 0;
  std::optional<int> ended_;
};

struct Ran {
  int code = 0;
  std::string output;  // both streams
};
// Runs a program to its end, `most` at most.
Ran run(std::vector<std::string> words, const std::vector<std::string>& environment = {},
        Millis most = Millis{60'000});

// True as soon as `happened` is, false after `most`. Looks every 20 ms: what is awaited happens in
// another process, which cannot ring a bell here.
bool until(Millis most, const std::function<bool()>& happened);

}  // namespace ombud::testing
