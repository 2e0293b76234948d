// ombud letter list, show, export: what the desk writes to people.
#include <fmt/format.h>

#include <fstream>
#include <ostream>

#include "cli/commands/words.hpp"
#include "cli/context.hpp"
#include "notify/letters/built_in.hpp"

namespace ombud::cli {
namespace {

namespace fs = std::filesystem;

Exit list(Context& on, const Values&) {
  return on.list("/letters", false, [&](json::View page) {
    const json::View items = page["items"];
    Table table({"LETTER", "LANGUAGE", "CUSTOMER", "SOURCE", "PROBLEM"});
    for (std::size_t i = 0; i < items.size(); ++i) {
      const json::View letter = items.at(i);
      const std::string_view problem = letter["problem"].text();
      const bool own = letter["source"].text() == "file";
      table.add({{std::string(letter["kind"].text()), Paint::bold},
                 {std::string(letter["language"].text())},
                 {letter["customer"].text().empty() ? std::string("(all)")
                                                    : std::string(letter["customer"].text())},
                 {std::string(letter["source"].text()), own ? Paint::green : Paint::dim},
                 {std::string(problem), problem.empty() ? Paint::dim : Paint::red}});
    }
    table.print(on.out(), on.style, on.columns);
    on.out() << "See one: ombud letter show LETTER. Change them: ombud letter export DIR\n";
  });
}

Exit show(Context& on, const Values& with) {
  Query query;
  query.add("language", with.text("--language")).add("customer", with.text("--customer"));
  query.add("ticket", with.text("--ticket"));
  const std::string path = "/letters/" + escape_url(with.text("LETTER"));
  if (with.flag("--html")) {
    const auto answer = on.get(path + "/preview.html" + query.text());
    if (!answer) return on.fail(answer.error());
    on.out() << answer->body;
    return Exit::ok;
  }
  return on.finish(on.get(path + "/preview" + query.text()), [&](json::View letter) {
    on.out() << on.style(Paint::bold, "Subject: " + printable(letter["subject"].text())) << "\n\n"
             << printable(letter["text"].text(), true);
  });
}

Exit export_all(Context& on, const Values& with) {
  const fs::path root = (on.world.directory / with.text("DIR")).lexically_normal();
  std::size_t made = 0, kept = 0;
  json::Writer out;
  out.begin_object().begin_array("made");
  for (const auto& [name, text] : notify::built_in_letters()) {
    const fs::path file = root / "default" / name;
    std::error_code error;
    fs::create_directories(file.parent_path(), error);
    if (fs::exists(file)) {
      ++kept;
      continue;
    }
    std::ofstream to(file, std::ios::binary);
    to << text;
    to.close();
    if (!to) {
      return on.fail(Failure{Exit::failed,
                             fmt::format("{} cannot be written.", file.string()),
                             {},
                             "Check the permissions of the folder above it.",
                             {}});
    }
    out.value(file.string());
    ++made;
  }
  out.end_array().field("kept", static_cast<std::int64_t>(kept)).end_object();
  if (on.json()) {
    on.out() << out.take() << '\n';
    return Exit::ok;
  }
  on.out() << fmt::format(
      "{} files made in {}{}.\nKeep those that you change, and remove the others: the built-in "
      "letters get better with\neach version, and a copy does not. A letter is a .txt and a .html: "
      "change both, or remove\nthe .html, which is then made from the text. A folder named by a "
      "customer's "
      "key in place of\ndefault/ is for that customer alone. Then: ombud check --apply\n",
      made, (root / "default").string(),
      kept == 0 ? std::string() : fmt::format(", {} were there already", kept));
  return Exit::ok;
}

}  // namespace

std::vector<Command> letter_commands() {
  using Kind = Argument::Kind;
  return {
      {.group = "letter",
       .name = "list",
       .summary = "List the letters, which are your own, and which of those are broken.",
       .examples = {"ombud letter list"},
       .run = list},
      {.group = "letter",
       .name = "show",
       .summary = "Show a letter as somebody would get it. Nothing is sent.",
       .arguments = {{.name = "LETTER", .help = "such as replied; see the list", .required = true},
                     {.name = "--language", .help = "sv by default", .choices = {"sv", "en"}},
                     {.name = "--customer", .help = "as this customer's people get it"},
                     {.name = "--ticket", .help = "about this ticket, in place of made-up words"},
                     {.name = "--html",
                      .help = "its HTML part, such as for a browser",
                      .kind = Kind::flag}},
       .examples = {"ombud letter show replied", "ombud letter show solved --ticket OMB-7",
                    "ombud letter show digest --html > digest.html"},
       .run = show},
      {.group = "letter",
       .name = "export",
       .summary = "Write the built-in letters as files: a starting point for your own.",
       .arguments = {{.name = "DIR", .help = "such as config/letters", .required = true}},
       .examples = {"ombud letter export config/letters"},
       .more =
           "Files that are there already are left alone. A letter is a .txt file whose first "
           "line is \"Subject: …\", and a .html file beside it. Most people read the HTML: change "
           "both, or remove the .html, which is then made from the text. {{name}} is filled in, "
           "{{#name}}…{{/name}} stands only "
           "if it is there, {{^name}}…{{/name}} only if it is not. ombud check tells every "
           "mistake with its line; until it is mended the built-in letter is used.",
       .run = export_all},
  };
}

}  // namespace ombud::cli
