// The header fields of a mail, of a part of one, or of a delivery report's groups (RFC 5322 section
// 2.2): told apart and unfolded, not understood. Pure; takes any bytes; linear.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ombud::mail {

inline constexpr std::size_t kHeaderFieldsMax = 500;
inline constexpr std::size_t kHeaderFieldBytesMax = 32U
                                                    << 10U;  // of one value, give or take a line

struct HeaderField {
  std::string name;  // lower case, without white space around; of a line without a colon all of it
  std::string
      value;  // its lines joined without their ends; the white space that folds them is left
};

// Reads one field after the other. `text` must outlive it.
class HeaderReader {
 public:
  explicit HeaderReader(std::string_view text) : rest_(text) {}
  // The next field; nothing behind the last: at an empty line or at the end.
  std::optional<HeaderField> next();
  // After that: what stands behind the empty line.
  std::string_view rest() const { return rest_; }

 private:
  std::string_view take_line();
  std::string_view rest_;
  bool ended_ = false;
};

// From the top, at most kHeaderFieldsMax.
std::vector<HeaderField> header_fields(std::string_view raw);

}  // namespace ombud::mail
