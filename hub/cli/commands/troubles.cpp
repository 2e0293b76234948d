#include "cli/commands/troubles.hpp"

#include <fmt/format.h>

#include <ostream>

namespace ombud::cli {

std::string why_of(json::View link) {
  if (const std::string_view reason = link["reason"].text(); !reason.empty()) {
    return std::string(reason);
  }
  if (const json::View first = link["troubles"].at(0); first.present()) {
    const std::string_view message = first["message"].text();
    return std::string(message.empty() ? first["next_step"].text() : message);
  }
  return std::string(link["host"]["reason"].text());
}

void print_troubles(Context& on, json::View link) {
  const json::View troubles = link["troubles"];
  for (std::size_t i = 0; i < troubles.size(); ++i) {
    const json::View trouble = troubles.at(i);
    const bool warning = trouble["status"].text() == "warning";
    on.out() << '\n'
             << on.style(warning ? Paint::yellow : Paint::red, printable(trouble["about"].text()))
             << "  " << printable(trouble["message"].text()) << '\n';
    if (trouble["times"].integer() > 1) {
      on.out() << fmt::format("  {} times in a row since {}\n", trouble["times"].integer(),
                              on.when(trouble["since"]));
    }
    on.out() << "  next: " << printable(trouble["next_step"].text()) << '\n';
  }
}

}  // namespace ombud::cli
