// Lines to standard error: all of them, whole and in each thread's order, from several threads at
// once; a warning stands there before the call returns.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <thread>

#include "base/json.hpp"
#include "base/log.hpp"

namespace ombud {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

// Standard error goes into a file as long as this lives.
class StderrFile {
 public:
  StderrFile()
      : path_(std::filesystem::temp_directory_path() / ("log." + std::to_string(::getpid()))) {
    kept_ = ::dup(STDERR_FILENO);
    const int file = ::open(path_.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_APPEND, 0600);
    ::dup2(file, STDERR_FILENO);
    ::close(file);
  }
  ~StderrFile() {
    ::dup2(kept_, STDERR_FILENO);
    ::close(kept_);
    std::filesystem::remove(path_);
  }
  StderrFile(const StderrFile&) = delete;
  StderrFile& operator=(const StderrFile&) = delete;
  std::vector<std::string> lines() const {
    std::ifstream in(path_);
    std::vector<std::string> all;
    for (std::string line; std::getline(in, line);) all.push_back(line);
    return all;
  }

 private:
  std::filesystem::path path_;
  int kept_ = -1;
};

TEST(LogToStderr, KeepsEveryLineWholeAndInTheOrderOfItsThread) {
  constexpr int kThreads = 4, kLines = 5'000;  // together more than is gathered before a write
  const StderrFile file;
  RealClock clock;
  {
    const Log log = log_to_stderr(clock, Level::info);
    std::vector<std::jthread> writers;
    for (int t = 0; t < kThreads; ++t) {
      writers.emplace_back([&log, t] {
        for (int i = 0; i < kLines; ++i) {
          log.info("line", {{"thread", std::int64_t{t}}, {"number", std::int64_t{i}}});
        }
      });
    }
  }
  const auto lines = file.lines();
  ASSERT_THAT(lines, SizeIs(kThreads * kLines));
  std::map<std::int64_t, std::int64_t> next;
  for (const std::string& line : lines) {
    const auto document = json::parse(line);
    ASSERT_TRUE(document) << line;
    ASSERT_EQ(document->root()["number"].integer(), next[document->root()["thread"].integer()]++);
  }
}

TEST(LogToStderr, WarningIsThereAtOnceBehindWhatWasSaidBefore) {
  const StderrFile file;
  RealClock clock;
  const Log log = log_to_stderr(clock, Level::info);
  log.info("first");
  log.debug("too little to say");
  log.warning("second");
  const auto lines = file.lines();
  ASSERT_THAT(lines, SizeIs(2));
  EXPECT_THAT(lines[0], HasSubstr("\"first\""));
  EXPECT_THAT(lines[1], HasSubstr("\"second\""));
}

}  // namespace
}  // namespace ombud
