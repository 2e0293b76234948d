#include "channel/mail/mime/header.hpp"

#include "channel/mail/addresses.hpp"

namespace ombud::mail {
namespace {

bool goes_on(std::string_view text) {
  return text.starts_with(' ') || text.starts_with('\t');
}

}  // namespace

std::string_view HeaderReader::take_line() {
  const std::size_t end = rest_.find('\n');
  std::string_view line = rest_.substr(0, end);
  rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::optional<HeaderField> HeaderReader::next() {
  if (ended_) return std::nullopt;
  while (goes_on(rest_)) take_line();  // of no field: only at the top
  const std::string_view line = take_line();
  if (line.empty()) {
    ended_ = true;
    return std::nullopt;
  }
  const std::size_t colon = line.find(':');
  HeaderField field;
  field.name = folded(line.substr(0, colon));
  if (colon != std::string_view::npos) field.value = line.substr(colon + 1, kHeaderFieldBytesMax);
  while (goes_on(rest_)) {
    const std::string_view more = take_line();
    if (field.value.size() < kHeaderFieldBytesMax) {
      field.value += more.substr(0, kHeaderFieldBytesMax);
    }
  }
  return field;
}

std::vector<HeaderField> header_fields(std::string_view raw) {
  std::vector<HeaderField> all;
  HeaderReader reader(raw);
  while (all.size() < kHeaderFieldsMax) {
    auto field = reader.next();
    if (!field) break;
    all.push_back(std::move(*field));
  }
  return all;
}

}  // namespace ombud::mail
