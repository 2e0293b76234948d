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
  // Likewise, in at most `bytes_max` bytes of valid UTF-8. `cut`: what stood behind the text was
  // left out, and may have been the rest of a secret; some of its end goes, too. `truncated` is set
  // if anything was left out.
  std::string cut(std::string_view text, std::size_t bytes_max, bool cut, bool& truncated) const;

 private:
  std::vector<std::string> forms_;  // longest first
};

// What nobody has to name to be a secret: values of headers ("Name: value" lines), of JSON members
// and of form or query parameters whose names speak of tokens, passwords, keys, cookies or
// authorization. Such a header keeps its first word, as in "Bearer [secret]".
std::string mask_named_headers(std::string_view lines);
std::string mask_named_values(std::string_view text);

}  // namespace ombud
