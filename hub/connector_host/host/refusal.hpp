// Thrown on the way to a running connector: one plain sentence and an exit code. Caught by main.
#pragma once

#include <stdexcept>
#include <string>

namespace ombud {

class Refusal : public std::runtime_error {
 public:
  Refusal(int exit_code, const std::string& sentence)
      : std::runtime_error(sentence), exit_code_(exit_code) {}
  int exit_code() const { return exit_code_; }

 private:
  int exit_code_;
};

}  // namespace ombud
