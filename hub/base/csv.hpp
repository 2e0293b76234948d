// Tables as CSV (RFC 4180), UTF-8, with a header line. A text that a spreadsheet would take for a
// formula gets an apostrophe in front: what users and suppliers wrote must not be run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ombud {

class Csv {
 public:
  Csv& text(std::string_view field);
  Csv& number(std::int64_t field);
  Csv& number(const std::optional<std::int64_t>& field);  // none: empty
  void end_row();
  std::string take() { return std::move(out_); }

 private:
  void begin_field();
  std::string out_;
  bool in_row_ = false;
};

}  // namespace ombud
