// ombud check: every mistake in every configuration file, and whether providers of sign-in answer;
// nothing is changed. Letters are looked at too, though a mistake in one keeps nothing from
// running.
#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "base/nearest.hpp"
#include "cli/context.hpp"
#include "cli/doubts.hpp"
#include "cli/letter_files.hpp"
#include "cli/restart.hpp"

namespace ombud::cli {
namespace {

Exit report(Context& on, const Problem& wrong) {
  if (on.json()) {
    json::Writer out;
    out.begin_object().field("ok", false).begin_array("mistakes");
    for (const FieldProblem& mistake : wrong.fields) {
      // "config/ombud.toml:12"; a mistake of a whole file has no line.
      const auto colon = mistake.pointer.rfind(':');
      const bool lined =
          colon != std::string::npos && colon + 1 < mistake.pointer.size() &&
          mistake.pointer.find_first_not_of("0123456789", colon + 1) == std::string::npos;
      out.begin_object().field("file",
                               mistake.pointer.substr(0, lined ? colon : std::string::npos));
      out.field("line", lined ? std::stoi(mistake.pointer.substr(colon + 1)) : 0);
      out.field("detail", mistake.detail).end_object();
    }
    on.out() << out.end_array().end_object().take() << '\n';
    return Exit::failed;
  }
  for (const FieldProblem& mistake : wrong.fields) {
    on.out() << on.style(Paint::bold, printable(mistake.pointer)) << ": "
             << printable(mistake.detail) << '\n';
  }
  on.out() << wrong.detail << '\n';
  return Exit::failed;
}

// The providers that cannot be used as they are described, each at its issuer.
Problem silent_providers(Context& on, const Settings& settings) {
  Problem wrong{ProblemKind::unavailable, "", {}};
  if (!on.local.try_provider) return wrong;
  for (const ProviderEntry& entry : settings.providers) {
    if (const auto why = on.local.try_provider(entry.provider)) {
      wrong.fields.push_back({entry.place, fmt::format("identity.oidc \"{}\" cannot be used: {}",
                                                       entry.provider.id, *why)});
    }
  }
  wrong.detail =
      fmt::format("The files are right, but {} of {} providers of sign-in cannot be used.",
                  wrong.fields.size(), settings.providers.size());
  return wrong;
}

Problem broken_letters(const notify::LetterBook& letters) {
  Problem wrong{ProblemKind::invalid, "", {}};
  for (const notify::LetterFinding& finding : letters.findings()) {
    if (finding.in_use) continue;
    wrong.fields.push_back(
        {finding.line == 0 ? finding.file : fmt::format("{}:{}", finding.file, finding.line),
         finding.detail});
  }
  wrong.detail = fmt::format(
      "The configuration is right, but {} mistake{} in its letters. The hub uses the built-in ones "
      "instead.",
      wrong.fields.size(), wrong.fields.size() == 1 ? " is" : "s are");
  return wrong;
}

// What is no mistake and yet hardly meant: said, and keeps nothing from anything.
std::vector<FieldProblem> notes_of(Context& on, const Settings& settings,
                                   const notify::LetterBook& letters) {
  std::vector<FieldProblem> notes;
  for (const notify::LetterFinding& note : letters.findings()) {
    notes.push_back({note.file, note.detail});
  }
  for (const notify::LetterFinding& note : half_changed_letters(settings)) {
    notes.push_back({note.file, note.detail});
  }
  for (FieldProblem& doubt : doubts_of(settings)) notes.push_back(std::move(doubt));
  // Which customers there are only the hub knows; without one it is not asked.
  const std::vector<std::string> folders = letter_customers(settings);
  if (folders.empty()) return notes;
  const auto pages = on.get_all("/customers");
  if (!pages) return notes;
  std::vector<std::string> customers;
  for (const json::Document& page : *pages) {
    const json::View items = page["items"];
    for (std::size_t i = 0; i < items.size(); ++i) customers.emplace_back(items.at(i)["id"].text());
  }
  for (const std::string& folder : folders) {
    if (std::find(customers.begin(), customers.end(), folder) != customers.end()) continue;
    const auto meant = nearest(folder, customers);
    notes.push_back({(settings.file.parent_path() / "letters" / folder).string(),
                     fmt::format("is for no customer that the hub knows, so nobody gets these "
                                 "letters{}",
                                 meant ? fmt::format("; did you mean {}?", *meant) : "")});
  }
  return notes;
}

// "replied (sv, acme)" of each that is the operator's own.
std::vector<std::string> own_letters(const notify::LetterBook& letters) {
  std::vector<std::string> all;
  for (const auto& entry : letters.entries()) {
    if (!entry.own) continue;
    all.push_back(fmt::format("{} ({}{})", entry.kind, entry.language,
                              entry.customer.empty() ? "" : ", " + entry.customer));
  }
  return all;
}

// What stands in the files and not in the running hub, in its own words.
std::vector<std::string> waits_for_restart(Context& on) {
  std::vector<std::string> all;
  const auto answer = on.get("/configuration");
  if (!answer) return all;
  const json::View findings = answer->root()["findings"];
  for (std::size_t i = 0; i < findings.size(); ++i) {
    const std::string_view said = findings.at(i)["message"].text();
    if (said.starts_with(kNeedsRestart)) all.emplace_back(said.substr(kNeedsRestart.size()));
  }
  return all;
}

Exit check(Context& on, const Values& with) {
  const LoadOptions options = on.load_options();
  if (const auto missing = no_configuration(on)) return on.fail(*missing);
  const auto settings = load_settings(options);
  if (!settings) return report(on, settings.error());
  const bool apply = with.flag("--apply");
  if (apply) {
    const auto taken = on.post("/configuration/reload", "{}");
    if (!taken) return on.fail(taken.error());
  }
  const std::vector<std::string> restart =
      apply ? waits_for_restart(on) : std::vector<std::string>();
  if (!with.flag("--offline")) {
    const Problem silent = silent_providers(on, *settings);
    if (!silent.fields.empty()) return report(on, silent);
  }
  const auto letters = read_letters(*settings);
  const Problem broken = broken_letters(*letters);
  if (!broken.fields.empty()) return report(on, broken);
  const std::vector<std::string> own = own_letters(*letters);
  const std::vector<FieldProblem> notes = notes_of(on, *settings, *letters);
  if (on.json()) {
    json::Writer out;
    out.begin_object().field("ok", true).field("applied", apply).begin_array("links");
    for (const LinkSettings& link : settings->links) {
      out.begin_object().field("id", link.id).field("connector", link.connector);
      out.field("enabled", link.enabled).end_object();
    }
    out.end_array().begin_array("providers");
    for (const ProviderEntry& entry : settings->providers) out.value(entry.provider.id);
    out.end_array().begin_array("letters");
    for (const std::string& letter : own) out.value(letter);
    out.end_array().begin_array("notes");
    for (const FieldProblem& note : notes) out.value(note.pointer + ": " + note.detail);
    out.end_array().begin_array("restart");
    for (const std::string& setting : restart) out.value(setting);
    on.out() << out.end_array().end_object().take() << '\n';
    return Exit::ok;
  }
  if (!settings->links.empty()) {
    Table table({"LINK", "CONNECTOR", "KIND", "POLLED", "ENABLED", "SUPPLIER"});
    for (const LinkSettings& link : settings->links) {
      table.add({{link.id, Paint::bold},
                 {link.connector},
                 {std::string(to_text(link.kind))},
                 {duration_text(link.poll_every)},
                 {link.enabled ? "yes" : "no", link.enabled ? Paint::green : Paint::yellow},
                 {link.supplier}});
    }
    table.print(on.out(), on.style, on.columns);
  }
  if (!own.empty()) {
    on.out() << fmt::format("Letters of your own: {}.\n", printable(joined(own, "and")));
  }
  for (const FieldProblem& note : notes) {
    on.out() << on.style(Paint::yellow, "Note") << ": "
             << printable(fmt::format("{} {}", note.pointer, note.detail))
             << (note.detail.ends_with('?') ? "\n" : ".\n");
  }
  for (const std::string& setting : restart) {
    on.out() << on.style(Paint::yellow, "Needs a restart") << ": " << printable(setting) << '\n';
  }
  on.out() << fmt::format("{} is right: {} link{}. Next: {}\n", options.file.string(),
                          settings->links.size(), settings->links.size() == 1 ? "" : "s",
                          apply && restart.empty() ? "the hub works by it now. ombud supplier list"
                          : apply ? "the hub works by the rest now; restart it, such as by "
                                    "systemctl restart ombud"
                          : settings->links.empty()
                              ? "ombud supplier new, or ombud serve"
                              : "ombud serve, then ombud supplier test <link>");
  return Exit::ok;
}

}  // namespace

std::vector<Command> check_commands() {
  return {
      {.group = "",
       .name = "check",
       .summary =
           "Find every mistake in the configuration, with its line and what to write instead.",
       .arguments = {{.name = "--apply",
                      .help = "if all is right, let the running hub work by it",
                      .kind = Argument::Kind::flag},
                     {.name = "--offline",
                      .help = "do not ask the providers of sign-in whether they answer",
                      .kind = Argument::Kind::flag}},
       .examples = {"ombud check", "ombud check --apply", "ombud check --config /etc/ombud --json"},
       .more =
           "Reads ombud.toml, every suppliers/<link>.toml, the secrets they refer to and the "
           "connectors' manifests, and the letters below letters/, where a mistake keeps nothing "
           "from "
           "running: the built-in letter is used instead. Asks each [[identity.oidc]] what it says "
           "of itself and for "
           "its keys; there is no other use of the network but --apply, which does not wait for "
           "a provider that is silent. Ends with 1 if anything is wrong. "
           "What is no mistake and hardly meant is a note: folders that everybody may change, "
           "letters that nobody gets. A running hub takes links, letters, mail addresses and "
           "mailboxes, providers of sign-in and the desk's name; where it listens, where it lies "
           "and its limits need a restart, and --apply says so.",
       .run = check}};
}

}  // namespace ombud::cli
