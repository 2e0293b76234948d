// Takes secrets out of text that people will read: logs, error messages, captured output.
// Immutable after construction, so usable from any thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ombud {

class Mask {
 public:
  Mask() = default;
  // token → clear text. Covers each secret as it is, as base 64 at any offset of a longer text
  // (both alphabets), percent-encoded, and escaped as in JSON.
  explicit Mask(const std::map<std::string, std::string>& secrets);

  // Every occurrence replaced by "[secret]", the longest first.
  std::string operator()(std::string_view text) const;

 private:
  std::vector<std::string> forms_;  // longest first
};

}  // namespace ombud
