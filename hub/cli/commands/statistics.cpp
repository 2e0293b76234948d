// ombud statistics: the figures of a span of time as a table.
#include <fmt/format.h>

#include <ostream>

#include "cli/commands/words.hpp"
#include "cli/context.hpp"

namespace ombud::cli {
namespace {

// "4 min", "2.5 h", "3.1 d"
std::string span(json::View ms) {
  const auto value = ms.maybe_integer();
  if (!value) return "";
  const double minutes = static_cast<double>(*value) / 60'000;
  if (minutes < 100) return fmt::format("{:.0f} min", minutes);
  if (minutes < 48 * 60) return fmt::format("{:.1f} h", minutes / 60);
  return fmt::format("{:.1f} d", minutes / (24 * 60));
}

std::vector<Cell> row_of(Context& on, Cell name, json::View figures) {
  std::vector<Cell> row{std::move(name)};
  for (const char* figure : {"registered", "resolved", "reopened", "closed", "backlog"}) {
    row.push_back({figures[figure].dump()});
  }
  for (const char* duration : {"first_response_ms", "resolution_ms"}) {
    row.push_back({span(figures[duration]["p50"])});
    row.push_back({span(figures[duration]["p90"])});
  }
  row.push_back({on.when(figures["oldest_open_at"])});
  return row;
}

Exit statistics(Context& on, const Values& with) {
  Query query;
  query.add("from", with.text("--from")).add("to", with.text("--to"));
  query.add("zone", with.text("--zone")).add("by", with.text("--by"));
  query.add("customer", with.text("--customer")).add("service", with.text("--service"));
  query.add("team", with.text("--team")).add("supplier", with.text("--supplier"));
  query.add("kind", with.text("--kind")).add("priority", with.text("--priority"));
  return on.finish(on.get("/statistics" + query.text()), [&](json::View all) {
    const std::string by(all["by"].text());
    std::string title = by;
    for (char& c : title) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    Table table({title, "NEW", "RESOLVED", "REOPENED", "CLOSED", "OPEN", "ANSWER p50", "p90",
                 "SOLUTION p50", "p90", "OLDEST OPEN"},
                0);
    const json::View rows = all["rows"];
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::string_view label = rows.at(i)["label"].text();
      table.add(row_of(on, {label.empty() ? "(none)" : std::string(label)}, rows.at(i)));
    }
    table.add(row_of(on, {"all", Paint::bold}, all["totals"]));
    table.print(on.out(), on.style, on.columns);
  });
}

}  // namespace

std::vector<Command> statistics_commands() {
  return {
      {.group = "",
       .name = "statistics",
       .summary = "What came, was answered and solved in a span of time, and what is open.",
       .arguments =
           {{.name = "--from", .help = "a day such as 2026-11-01; 30 days back, if left out"},
            {.name = "--to", .help = "the last day; today, if left out"},
            {.name = "--zone", .help = "whose days, such as Europe/Stockholm; UTC, if left out"},
            {.name = "--by",
             .help = "a line for each; day, if left out",
             .choices = {"day", "customer", "service", "team", "supplier", "kind", "priority"}},
            {.name = "--customer", .help = "only its tickets"},
            {.name = "--service", .help = "only about this; - for those about none"},
            {.name = "--team", .help = "only those that it owns"},
            {.name = "--supplier", .help = "only those that were handed to this link"},
            {.name = "--kind", .help = "only those", .choices = {"incident", "order", "question"}},
            {.name = "--priority",
             .help = "only those",
             .choices = {"low", "normal", "high", "urgent"}}},
       .examples = {"ombud statistics --by customer --from 2026-11-01 --to 2026-11-30",
                    "ombud statistics --zone Europe/Stockholm --supplier nordprint"},
       .more =
           "ANSWER is from registration to the desk's first words to the user, SOLUTION to the "
           "last resolution; half of the tickets (p50) or nine of ten (p90) took no longer. OPEN "
           "and OLDEST OPEN are as of the end. The same as CSV: GET /api/v1/statistics.csv.",
       .run = statistics}};
}

}  // namespace ombud::cli
