// A file of lines that survives a kill at any moment: how the example suppliers remember.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ombud::example {

// Appends lines to a file; a line is on disk when append() returns.
class Journal {
 public:
  explicit Journal(const std::string& path);  // throws std::runtime_error
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  // The whole lines found at the start; a torn last line (a crash amid append) is cut off.
  std::vector<std::string> take_lines() { return std::move(lines_); }
  void append(std::string_view line);

 private:
  int file_ = -1;
  std::vector<std::string> lines_;
};

}  // namespace ombud::example
