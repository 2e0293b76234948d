// How several suppliers count: numbers as texts, and pages by their number.
#pragma once

#include <ombud/conformance/dialect.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace ombud::dialects {

// The whole number that the text begins with; 0 if there is none.
inline std::int64_t number(std::string_view text) {
  std::int64_t read = 0;
  std::from_chars(text.data(), text.data() + text.size(), read);
  return read;
}

// From which row of `count` to which, by the parameters page (from 1) and per_page (a hundred at
// most, `usual` if it is not given).
inline std::pair<std::size_t, std::size_t> page_of(const conformance::HttpRequest& request,
                                                   std::size_t count, std::size_t usual) {
  constexpr std::size_t kRowsMax = 100;
  const auto read = [&](const char* name, std::size_t fallback) {
    const std::string text = request.parameter(name);
    return text.empty() ? fallback : static_cast<std::size_t>(number(text));
  };
  const std::size_t rows = std::min(read("per_page", usual), kRowsMax);
  const std::size_t from = (std::max<std::size_t>(read("page", 1), 1) - 1) * rows;
  return {std::min(from, count), std::min(from + rows, count)};
}

}  // namespace ombud::dialects
