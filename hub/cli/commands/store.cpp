// ombud backup, restore, audit verify: on the store itself, by functions that main passes in.
#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "cli/commands/words.hpp"
#include "cli/context.hpp"

namespace ombud::cli {
namespace {

namespace fs = std::filesystem;

Exit absent(Context& on, std::string_view what) {
  return on.fail(
      Failure{Exit::failed, fmt::format("This program was built without {}.", what), {}, {}, {}});
}

Exit say_copy(Context& on, const Result<CopyReport>& report, std::string_view verb,
              const fs::path& where, const std::string& next) {
  if (!report) return on.fail(report.error());
  if (on.json()) {
    json::Writer out;
    out.begin_object().field("path", where.string()).field("files", report->files);
    out.field("bytes", report->bytes).field("tickets", report->tickets).end_object();
    on.out() << out.take() << '\n';
  } else {
    on.out() << fmt::format("{} {}: {} tickets, {} files, {}.\n{}\n", verb, where.string(),
                            report->tickets, report->files, size_words(report->bytes), next);
  }
  return Exit::ok;
}

Exit backup(Context& on, const Values& with) {
  if (!on.local.backup) return absent(on, "backup");
  const fs::path to = on.world.directory / with.text("TO");
  if (fs::exists(to)) {
    return on.usage(
        fmt::format("{} exists already; a backup is written to a new folder.", to.string()));
  }
  return say_copy(
      on, on.local.backup({on.data_dir(), to}), "Backed up to", to,
      fmt::format("It holds the hub's secret keys: keep it as safe as the data directory."
                  "\nTry it: ombud restore {} --data <empty folder>",
                  to.string()));
}

bool holds_keys(const fs::path& backup) {
  return std::any_of(fs::directory_iterator(backup), fs::directory_iterator(),
                     [](const auto& entry) { return entry.path().extension() == ".key"; });
}

Exit restore(Context& on, const Values& with) {
  if (!on.local.restore) return absent(on, "restore");
  const fs::path from = on.world.directory / with.text("FROM");
  if (!fs::is_directory(from))
    return on.usage(fmt::format("There is no folder {}.", from.string()));
  const fs::path data = on.data_dir();
  std::error_code error;
  if (fs::exists(data) && !fs::is_empty(data, error)) {
    return on.fail(Failure{Exit::conflict,
                           fmt::format("{} is not empty and is not overwritten.", data.string()),
                           {},
                           "Restore into an empty folder with --data, or move this one away.",
                           {}});
  }
  const std::string_view warning =
      holds_keys(from) ? ""
                       : "The backup holds no keys (*.key): the hub makes new ones, and links and "
                         "reply addresses in letters that went out before are dead.\n";
  return say_copy(on, on.local.restore({from, data}), "Restored to", data,
                  fmt::format("{}Check it: ombud audit verify", warning));
}

Exit verify(Context& on, const Values&) {
  if (!on.local.verify_audit) return absent(on, "audit verify");
  const auto report = on.local.verify_audit(on.data_dir());
  if (!report) return on.fail(report.error());
  const bool whole = report->differences.empty();
  if (on.json()) {
    json::Writer out;
    out.begin_object().field("ok", whole).field("events", report->events);
    out.field("tickets", report->tickets).begin_array("differences");
    for (const std::string& difference : report->differences) out.value(difference);
    on.out() << out.end_array().end_object().take() << '\n';
  } else if (whole) {
    on.out() << fmt::format(
        "Whole: {} events of {} tickets give exactly the state that is stored.\n", report->events,
        report->tickets);
  } else {
    for (const std::string& difference : report->differences) {
      on.out() << on.style(Paint::red, "differs") << "  " << printable(difference) << '\n';
    }
    on.out() << fmt::format(
        "{} differences in {} events of {} tickets. Keep a copy of the data "
        "directory before anything else.\n",
        report->differences.size(), report->events, report->tickets);
  }
  return whole ? Exit::ok : Exit::failed;
}

}  // namespace

std::vector<Command> store_commands() {
  return {
      {.group = "",
       .name = "backup",
       .summary = "Copy everything to a new folder, as of one moment; the hub may run.",
       .arguments = {{.name = "TO", .help = "a folder that does not exist yet", .required = true}},
       .examples = {"ombud backup /var/backups/ombud-$(date +%F)"},
       .more = "The backup holds secrets: the hub's own keys (*.key), with which links and reply "
               "addresses in letters are signed, and all that the database holds. Whoever reads it "
               "can make such links. Only you may read the folder; keep copies of it as safe.",
       .run = backup},
      {.group = "",
       .name = "restore",
       .summary = "Lay a backup into an empty data directory.",
       .arguments = {{.name = "FROM", .help = "what `ombud backup` wrote", .required = true}},
       .examples = {"ombud restore /var/backups/ombud-2026-11-22 --data /var/lib/ombud"},
       .more = "A backup without keys (*.key), made by an earlier version, is restored with a "
               "warning: links and reply addresses that went out before are dead.",
       .run = restore},
      {.group = "audit",
       .name = "verify",
       .summary = "Rebuild the state from the history and compare; changes nothing.",
       .examples = {"ombud audit verify", "ombud audit verify --data /restored --json"},
       .more = "Ends with 1 if anything differs.",
       .run = verify},
  };
}

}  // namespace ombud::cli
