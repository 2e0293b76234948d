// JSON lines for people and programs: one object a line with time, level, event and fields.
// Log objects are passed down from main; there is no global one. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace ombud {

enum class Level { debug, info, warning, error };

struct Field {
  Field(std::string_view field_name, std::string_view text) : name(field_name), value(text) {}
  Field(std::string_view field_name, const char* text) : name(field_name), value(text) {}
  Field(std::string_view field_name, const std::string& text) : name(field_name), value(text) {}
  Field(std::string_view field_name, std::int64_t count)
      : name(field_name), value(std::to_string(count)), number(true) {}
  std::string name;
  std::string value;
  bool number = false;
};

class Log {
 public:
  using Sink = std::function<void(std::string_view line)>;  // called with whole lines, any thread
  using Flush = std::function<void()>;  // called after a line that is a warning or worse
  Log(const Clock& clock, Level from, Sink sink, Flush flush = nullptr);

  // `event` is a short lower-case sentence that never changes, such as "link opened".
  void write(Level level, std::string_view event, std::initializer_list<Field> fields = {}) const;
  void debug(std::string_view event, std::initializer_list<Field> fields = {}) const {
    write(Level::debug, event, fields);
  }
  void info(std::string_view event, std::initializer_list<Field> fields = {}) const {
    write(Level::info, event, fields);
  }
  void warning(std::string_view event, std::initializer_list<Field> fields = {}) const {
    write(Level::warning, event, fields);
  }
  void error(std::string_view event, std::initializer_list<Field> fields = {}) const {
    write(Level::error, event, fields);
  }

 private:
  const Clock& clock_;
  Level from_;
  Sink sink_;
  Flush flush_;
};

// Whole lines to standard error, in their order. Information is written a few milliseconds later
// by a thread of its own, many lines at once, so that a line costs its writer no system call;
// warnings and errors are written, with all before them, before the call returns.
Log log_to_stderr(const Clock& clock, Level from);

}  // namespace ombud
