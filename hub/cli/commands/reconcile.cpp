// ombud supplier reconcile: what the hub believes beside what the supplier has, and the repair.
#include <fmt/format.h>

#include <algorithm>
#include <istream>
#include <ostream>

#include "cli/commands/troubles.hpp"
#include "cli/commands/words.hpp"
#include "cli/context.hpp"

namespace ombud::cli {
namespace {

constexpr Millis kLookEvery{500};
constexpr int kFileColumns = 100;  // where nobody knows how wide it is shown
constexpr int kSideLinesMax = 4;

int columns_of(const Context& on) {
  return on.columns > 0 ? on.columns : kFileColumns;
}

bool is_under_way(json::View run) {
  const std::string_view state = run["state"].text();
  return state == "reading" || state == "settling" || run["ordered"].integer() > 0;
}

std::string path_of(json::View run, std::string_view what = {}) {
  return fmt::format("/reconciliations/{}{}", run["id"].integer(), what);
}

// Says how far it is, on the terminal's one line; nothing where somebody else reads.
void show_progress(Context& on, json::View run) {
  if (!on.world.out_is_terminal || on.json()) return;
  const std::int64_t looked =
      run["compared"].integer() + run["skipped"].integer() + run["unread"].integer();
  const std::int64_t ordered = run["ordered"].integer();
  on.world.err << "\r\x1b[K"
               << (ordered > 0 ? fmt::format("repairing, {} to go", ordered)
                   : run["state"].text() == "settling"
                       ? std::string("waiting for what is on its way")
                       : fmt::format("compared {} of {}", looked, run["to_compare"].integer()))
               << std::flush;
}
void end_progress(Context& on) {
  if (on.world.out_is_terminal && !on.json()) on.world.err << "\r\x1b[K" << std::flush;
}

// The run, once nothing of it is under way any more.
Outcome<Answer> follow(Context& on, const std::string& path) {
  for (;;) {
    auto run = on.get(path);
    if (!run || !is_under_way(run->root())) {
      end_progress(on);
      return run;
    }
    show_progress(on, run->root());
    if (!on.world.pause(kLookEvery)) {
      end_progress(on);
      return run;  // interrupted: the hub goes on
    }
  }
}

Cell state_of(json::View row) {
  const std::string_view state = row["state"].text();
  const Paint paint = state == "applied" || state == "undone"         ? Paint::green
                      : state == "skipped" || state == "kept"         ? Paint::yellow
                      : state == "found" && row["proposed"].boolean() ? Paint::plain
                                                                      : Paint::dim;
  return {std::string(state), paint};
}

// What a repair would do, in the words of whoever says yes to it.
std::string plan_of(json::View row) {
  const std::string_view repair = row["repair"].text();
  std::string words = repair == "recreate"  ? "make the ticket anew there; cannot be undone"
                      : repair == "send"    ? "send it again; cannot be undone"
                      : repair == "restore" ? row["undoable"].boolean()
                                                  ? "put ours back; can be undone for 30 days"
                                                  : "put ours back; cannot be undone"
                      : repair == "take"    ? "take it into our ticket; cannot be undone"
                                            : "a person must decide";
  if (repair != "none" && !row["proposed"].boolean()) words += "; only if you name this row";
  return words;
}

void print_side(Context& on, std::string_view sign, std::string_view text, Paint paint) {
  if (text.empty()) return;
  std::string_view rest = text;
  for (int lines = 0; !rest.empty() && lines < kSideLinesMax; ++lines) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    on.out() << on.style(paint, fit(fmt::format("    {} {}", sign, printable(rest.substr(0, end))),
                                    columns_of(on)))
             << '\n';
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

void print_row(Context& on, json::View row) {
  std::string kind(row["kind"].text());
  for (char& c : kind) c = c == '_' ? ' ' : c;
  const bool names_itself = row["kind"].text() == "field_differs";
  on.out() << on.style(Paint::bold, fmt::format("  {}  {}", row["id"].integer(),
                                                printable(row["ticket"].text())))
           << "  " << kind << (names_itself ? ": " + printable(row["about"].text()) : "") << '\n';
  print_side(on, "-", row["theirs"].text(), Paint::red);
  print_side(on, "+", row["ours"].text(), Paint::green);
  if (!row["note"].text().empty()) {
    on.out() << wrap(printable(row["note"].text()), columns_of(on), "      ");
  }
  const Cell state = state_of(row);
  on.out() << "    > "
           << (state.text == "found" ? plan_of(row)
                                     : on.style(state.paint, state.text) +
                                           (row["outcome"].text().empty() ? "" : ": ") +
                                           printable(row["outcome"].text()))
           << '\n';
}

Outcome<std::vector<json::Document>> rows_of(Context& on, json::View run) {
  return on.get_all(path_of(run, "/drift"));
}

std::vector<json::View> items_of(const std::vector<json::Document>& pages) {
  std::vector<json::View> all;
  for (const json::Document& page : pages) {
    for (std::size_t i = 0; i < page["items"].size(); ++i) all.push_back(page["items"].at(i));
  }
  return all;
}

void print_run(Context& on, json::View run, const std::vector<json::View>& rows) {
  on.out() << on.style(Paint::bold, fmt::format("Reconciliation {}", run["id"].integer())) << " of "
           << printable(run["link"].text()) << ", " << on.when(run["created_at"]) << ": "
           << run["compared"].integer() << " compared";
  if (run["skipped"].integer() > 0) {
    on.out() << ", " << run["skipped"].integer() << " skipped (work under way)";
  }
  if (run["unread"].integer() > 0) on.out() << ", " << run["unread"].integer() << " not shown";
  on.out() << '\n';
  if (run["state"].text() == "failed") {
    on.out() << on.style(Paint::red, printable(run["reason"].text())) << '\n';
    return;
  }
  if (!run["reason"].text().empty()) {
    on.out() << on.style(Paint::yellow, printable(run["reason"].text())) << '\n';
  }
  if (run["state"].text() != "done") {
    on.out() << "It is " << printable(run["state"].text()) << "; see later: ombud supplier "
             << "reconcile " << printable(run["link"].text()) << " --show\n";
  }
  if (rows.empty() && run["state"].text() == "done") {
    on.out() << on.style(Paint::green, "Hub and supplier agree.") << '\n';
    return;
  }
  if (!rows.empty()) {
    on.out() << on.style(Paint::dim, "(- what the supplier has, + what the hub believes)")
             << "\n\n";
  }
  for (const json::View row : rows) print_row(on, row);
}

void print_json(Context& on, json::View run, const std::vector<json::View>& rows) {
  json::Writer out;
  out.begin_object().field("run", run).begin_array("drift");
  for (const json::View row : rows) out.value(row);
  on.out() << out.end_array().end_object().take() << '\n';
}

// 0: nothing is left to do; of an undo: all of it was put back. 1: something is.
Exit show(Context& on, json::View run, bool after_undo = false) {
  const auto pages = rows_of(on, run);
  if (!pages) return on.fail(pages.error());
  const auto rows = items_of(*pages);
  if (on.json()) {
    print_json(on, run, rows);
  } else {
    print_run(on, run, rows);
  }
  if (after_undo) {
    const bool kept = std::any_of(rows.begin(), rows.end(),
                                  [](json::View row) { return row["state"].text() == "kept"; });
    return kept ? Exit::failed : Exit::ok;
  }
  const bool whole =
      run["state"].text() == "done" && run["left"].integer() == 0 && run["unread"].integer() == 0;
  return whole ? Exit::ok : Exit::failed;
}

Outcome<Answer> last_run(Context& on, const std::string& link) {
  auto runs = on.get("/links/" + escape_url(link) + "/reconciliations?limit=1");
  if (!runs) return explained(on, link, runs.error());
  const json::View first = runs->root()["items"].at(0);
  if (!first.present()) {
    return Failure{Exit::not_found,
                   fmt::format("{} has never been compared.", link),
                   {},
                   fmt::format("Compare it: ombud supplier reconcile {}", link),
                   {}};
  }
  return on.get(path_of(first));
}

// "3,5" → {"rows":["3","5"]}; "all": without rows.
std::string order_body(const std::string& which) {
  json::Writer out;
  out.begin_object();
  if (which != "all") {
    out.begin_array("rows");
    for (std::size_t at = 0; at < which.size();) {
      const std::size_t end = std::min(which.find(',', at), which.size());
      out.value(which.substr(at, end - at));
      at = end + 1;
    }
    out.end_array();
  }
  return out.end_object().take();
}

Exit carry_out(Context& on, json::View run, std::string_view what, const std::string& which) {
  const auto ordered = on.post(path_of(run, what), order_body(which));
  if (!ordered) return on.fail(ordered.error());
  const auto done = follow(on, path_of(run));
  if (!done) return on.fail(done.error());
  return show(on, done->root(), what == "/undo");
}

bool says_yes(Context& on, json::View run) {
  on.out() << fmt::format("\nRepair {} now? Only what the hub itself wrote is touched. [y/N] ",
                          run["proposed"].integer() == 1
                              ? std::string("it")
                              : fmt::format("the {} proposed", run["proposed"].integer()))
           << std::flush;
  std::string line;
  std::getline(on.world.in, line);
  return line == "y" || line == "Y" || line == "yes" || line == "j" || line == "ja";
}

Exit reconcile(Context& on, const Values& with) {
  const std::string link = with.text("LINK");
  const auto apply = with.maybe("--apply");
  const auto undo = with.maybe("--undo");
  if (apply && undo) return on.usage("Choose --apply or --undo.");
  if (undo) {
    const auto number = on.number(*undo, "run");
    if (!number) return on.fail(number.error());
    const auto run = on.get(fmt::format("/reconciliations/{}", *number));
    if (!run) return on.fail(run.error());
    if (run->root()["link"].text() != link) {
      return on.usage(fmt::format("Run {} is of {}.", *undo, run->root()["link"].text()));
    }
    return carry_out(on, run->root(), "/undo", with.text("--rows", "all"));
  }
  if (with.flag("--stop")) {
    const auto run = last_run(on, link);
    if (!run) return on.fail(run.error());
    return on.finish(on.post(path_of(run->root(), "/cancel"), "{}"), [&](json::View stopped) {
      on.out() << fmt::format("Run {} is stopped; what it found stays.\n", stopped["id"].integer());
    });
  }
  const bool numbers = apply && *apply != "all";
  if (with.flag("--show") || numbers) {
    const auto run = last_run(on, link);
    if (!run) return on.fail(run.error());
    if (numbers) return carry_out(on, run->root(), "/apply", *apply);
    return show(on, run->root());
  }
  auto begun = on.post("/links/" + escape_url(link) + "/reconciliations", "{}");
  if (!begun && begun.error().exit == Exit::conflict) {
    auto open = last_run(on, link);  // somebody else's, or the schedule's: follow that
    if (open && is_under_way(open->root())) begun = std::move(open);
  }
  if (!begun) return on.fail(explained(on, link, begun.error()));
  const auto run = follow(on, path_of(begun->root()));
  if (!run) return on.fail(run.error());
  const bool can_repair =
      run->root()["state"].text() == "done" && run->root()["proposed"].integer() > 0;
  if (apply && can_repair) return carry_out(on, run->root(), "/apply", "all");
  const Exit exit = show(on, run->root());
  const bool may_ask = on.world.in_is_terminal && on.world.out_is_terminal && !on.json();
  if (!can_repair || !may_ask || !says_yes(on, run->root())) return exit;
  return carry_out(on, run->root(), "/apply", "all");
}

}  // namespace

std::vector<Command> reconcile_commands() {
  return {
      {.group = "supplier",
       .name = "reconcile",
       .summary = "Compare what the hub believes with what the supplier has, and repair.",
       .arguments =
           {{.name = "LINK", .help = "the name of its file, such as acme-it", .required = true},
            {.name = "--apply",
             .help = "repair without asking: all that is proposed, or rows of the last run: 3,5"},
            {.name = "--undo", .help = "put back what this run restored, such as 12"},
            {.name = "--rows", .help = "with --undo: only these, such as 3,5"},
            {.name = "--stop",
             .help = "stop the run that is under way",
             .kind = Argument::Kind::flag},
            {.name = "--show",
             .help = "the last run, without a new one",
             .kind = Argument::Kind::flag}},
       .examples = {"ombud supplier reconcile acme-it",
                    "ombud supplier reconcile acme-it --apply all",
                    "ombud supplier reconcile acme-it --apply 3,5",
                    "ombud supplier reconcile acme-it --undo 12"},
       .more =
           "Looks at every delegation that is open or ended in the last 30 days, one at a time "
           "and\n"
           "after the deliveries, and changes nothing before you say yes. A repair writes only "
           "what\n"
           "the hub itself had written; what the supplier's people wrote is taken in or shown. "
           "Each\n"
           "row is looked at again before it is repaired. Fields can be put back for 30 days; "
           "what\n"
           "was sent, made anew or taken in stays.\n"
           "Ends with 0 if hub and supplier agree, or all was repaired or put back, else with 1.",
       .run = reconcile},
  };
}

}  // namespace ombud::cli
