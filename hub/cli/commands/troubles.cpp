#include "cli/commands/troubles.hpp"

#include <fmt/format.h>

#include <filesystem>
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

Failure explained(const Context& on, const std::string& link, Failure failure) {
  if (failure.exit != Exit::not_found) return failure;
  failure.body.clear();
  failure.fields.clear();
  failure.detail = fmt::format("The hub has no link \"{}\".", link);
  failure.advice = "ombud supplier list shows all, also those that have a file and are not on.";
  if (on.globals.url || on.world.environment("OMBUD_URL") || !is_key(link)) return failure;
  const auto folder = link_folders(on.load_options(), on.world.directory).suppliers;
  std::error_code error;
  if (!std::filesystem::is_regular_file(folder / (link + ".toml"), error)) return failure;
  failure.detail =
      fmt::format("{} has a file, {}, and is not on.", link, (folder / (link + ".toml")).string());
  failure.advice =
      fmt::format("Turn it on: ombud supplier test {0} && ombud supplier enable {0}", link);
  return failure;
}

std::optional<bool> letters_leave(Context& on) {
  const auto links = on.get("/links");
  if (!links) return std::nullopt;
  const json::View items = links->root()["items"];
  for (std::size_t i = 0; i < items.size(); ++i) {
    const json::View link = items.at(i);
    if (link["kind"].text() == "notices" && link["configured"].boolean(true)) return true;
  }
  return false;
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
