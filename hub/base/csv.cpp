#include "base/csv.hpp"

namespace ombud {

void Csv::begin_field() {
  if (in_row_) out_ += ',';
  in_row_ = true;
}

Csv& Csv::text(std::string_view field) {
  begin_field();
  // https://owasp.org/www-community/attacks/CSV_Injection: also behind white space that is cut off
  constexpr std::string_view kFormula = "=+-@\t\r";
  const bool formula = !field.empty() && kFormula.find(field.front()) != std::string_view::npos;
  const bool quoted = field.find_first_of(",\"\r\n") != std::string_view::npos ||
                      (!field.empty() && (field.front() == ' ' || field.back() == ' '));
  if (quoted) out_ += '"';
  if (formula) out_ += '\'';
  for (const char c : field) {
    if (c == '"') out_ += '"';
    out_ += c;
  }
  if (quoted) out_ += '"';
  return *this;
}

Csv& Csv::number(std::int64_t field) {
  begin_field();
  out_ += std::to_string(field);
  return *this;
}

Csv& Csv::number(const std::optional<std::int64_t>& field) {
  if (field) return number(*field);
  begin_field();
  return *this;
}

void Csv::end_row() {
  out_ += "\r\n";
  in_row_ = false;
}

}  // namespace ombud
