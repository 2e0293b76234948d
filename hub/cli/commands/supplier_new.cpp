// ombud supplier new: what a link can be made of, and the file that it begins with.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <ostream>
#include <system_error>

#include "base/nearest.hpp"
#include "cli/context.hpp"
#include "cli/offers.hpp"

namespace ombud::cli {
namespace {

namespace fs = std::filesystem;

Exit list(Context& on, const fs::path& connectors) {
  const std::vector<Offer> all = offers(connectors);
  if (on.json()) {
    json::Writer out;
    out.begin_object().begin_array("items");
    for (const Offer& offer : all) {
      out.begin_object().field("name", offer.name).field("title", offer.title);
      out.field("connector", offer.connector).field("profile", offer.profile);
      out.field("version", offer.version).field("class", std::string(1, offer.promise));
      out.begin_object("tested").field("against", offer.against).field("with", offer.with);
      out.field("on", offer.on).end_object().field("wrong", offer.wrong).end_object();
    }
    on.out() << out.end_array().end_object().take() << '\n';
    return Exit::ok;
  }
  if (all.empty()) {
    return on.fail(
        Failure{Exit::not_found,
                fmt::format("No connector is installed in {}.", connectors.string()),
                {},
                "Install Ombud with its connectors (config/install), or name their folder: "
                "[suppliers] connectors in ombud.toml, or OMBUD_CONNECTORS.",
                {}});
  }
  Table table({"NAME", "CLASS", "CONNECTOR", "TESTED"});
  for (const Offer& offer : all) {
    if (!offer.wrong.empty()) {
      table.add({{offer.name, Paint::bold}, {"-"}, {offer.connector}, {offer.wrong, Paint::red}});
      continue;
    }
    table.add({{offer.name, Paint::bold},
               {std::string(1, offer.promise)},
               {offer.connector},
               {offer.tested_text(), offer.against == "real" ? Paint::green : Paint::plain}});
  }
  table.print(on.out(), on.style, on.columns);
  on.out() << "\nIf an answer is lost on the way: A is sent again, the supplier knows it by its "
              "key. B is looked for\nbefore anything is written again. C is shown to a person. "
              "None is lost, none is silently doubled.\n"
              "Next: ombud supplier new NAME --name LINK\n";
  return Exit::ok;
}

Failure none_such(const std::string& wanted, const std::vector<Offer>& all) {
  std::vector<std::string> names;
  for (const Offer& offer : all) names.push_back(offer.name);
  const auto meant = nearest(wanted, names);
  return Failure{
      Exit::not_found,
      fmt::format("There is no profile or connector \"{}\".", wanted),
      {},
      (meant ? fmt::format("Did you mean {}? ", *meant) : std::string()) +
          "ombud supplier new lists what there is; the path of a profile of your own will do too.",
      {}};
}

Outcome<Offer> find(const fs::path& connectors, const std::string& wanted,
                    const fs::path& directory, const fs::path& folder) {
  if (wanted.find('/') != std::string::npos || wanted.ends_with(".toml")) {
    const fs::path file = (directory / wanted).lexically_normal();
    std::string as = file.lexically_relative(folder).string();
    if (as.empty()) as = file.string();
    if (as.find('/') == std::string::npos) as = "./" + as;
    auto offer = offer_of_file(connectors, file, as);
    if (!offer) {
      Failure failure = failure_of(offer.error());
      failure.detail = fmt::format("{} cannot be used as a profile.", file.string());
      failure.advice = "What profiles are written in: plugins/rest/README.md";
      return failure;
    }
    return std::move(*offer);
  }
  std::vector<Offer> all = offers(connectors);
  for (Offer& offer : all) {
    if (offer.name != wanted) continue;
    if (offer.wrong.empty()) return std::move(offer);
    return Failure{Exit::failed,
                   fmt::format("{} cannot be used: {}", wanted, offer.wrong),
                   {},
                   "Install the connector again.",
                   {}};
  }
  return none_such(wanted, all);
}

// Made, never replaced, and never readable half written under a name that somebody uses.
std::optional<Failure> make(const fs::path& file, const std::string& text) {
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  const int out = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (out < 0) {
    const bool there = errno == EEXIST;
    return Failure{
        there ? Exit::conflict : Exit::failed,
        fmt::format("{} cannot be made: {}.", file.string(),
                    there ? "it is there already" : std::system_category().message(errno)),
        {},
        there ? "Name another with --name or --file; what is there was left as it is."
              : "Check the permissions of the folder, or name another with --file.",
        {}};
  }
  const bool written = ::write(out, text.data(), text.size()) == std::ssize(text);
  if (::close(out) == 0 && written) return std::nullopt;
  fs::remove(file, error);
  return Failure{Exit::failed,
                 fmt::format("{} cannot be written.", file.string()),
                 {},
                 "Is the disk full?",
                 {}};
}

struct Place {
  int line = 0;
  std::string text;
};

std::vector<Place> places(const std::string& text, std::string_view wanted) {
  std::vector<Place> all;
  int line = 1;
  std::string_view left = text;
  while (!left.empty()) {
    const auto end = std::min(left.find('\n'), left.size());
    const std::string_view here = left.substr(0, end);
    if (!here.starts_with('#') && here.find(wanted) != std::string_view::npos) {
      all.push_back({line, std::string(here)});
    }
    left.remove_prefix(std::min(end + 1, left.size()));
    ++line;
  }
  return all;
}

// `secrets/acme-api-key` of a line that names it.
std::string secret_file(const std::string& line) {
  constexpr std::string_view kFile = "file = \"";
  const auto start = line.find(kFile) + kFile.size();
  return line.substr(start, line.find('"', start) - start);
}

void say_what_next(Context& on, const fs::path& file, const std::string& link,
                   const std::string& text) {
  const std::string shown = file.lexically_proximate(on.world.directory).string();
  on.out() << on.style(Paint::green, "made") << "  " << shown << "\n\nNext:\n  $EDITOR " << shown
           << '\n';
  for (const Place& place : places(text, kFillIn)) {
    on.out() << fmt::format("      line {:<3} {}\n", place.line,
                            place.text.substr(0, place.text.find(" =")));
  }
  for (const Place& place : places(text, "{ file = ")) {
    const fs::path secret = file.parent_path() / secret_file(place.text);
    const std::string named = secret.lexically_proximate(on.world.directory).string();
    on.out() << fmt::format(
        "  (umask 077; mkdir -p {}; cat > {})   # {}: type it, end with Enter and Ctrl-D\n",
        fs::path(named).parent_path().string(), named, place.text.substr(0, place.text.find(" =")));
  }
  on.out() << "  ombud check\n  ombud supplier test " << link << "\n  ombud supplier enable "
           << link << '\n';
}

Exit make_new(Context& on, const Values& with) {
  const LoadOptions options = on.load_options();
  const LinkFolders folders = link_folders(options, on.world.directory);
  const auto wanted = with.maybe("PROFILE");
  if (!wanted) return list(on, folders.connectors);
  fs::path file;
  if (const auto named = with.maybe("--file")) {
    file = (on.world.directory / *named).lexically_normal();
    if (file.extension() != ".toml") {
      return on.usage(
          fmt::format("\"{}\" must end with .toml: the hub reads no other file as a "
                      "link.",
                      *named));
    }
  }
  const bool path = wanted->find('/') != std::string::npos || wanted->ends_with(".toml");
  const std::string link = with.text("--name", !file.empty() ? file.stem().string()
                                               : path        ? fs::path(*wanted).stem().string()
                                                             : *wanted);
  if (!is_key(link)) {
    return on.usage(fmt::format(
        "\"{}\" cannot be the name of a link: a-z, 0-9, '-', '_' and '.', such as acme-it.", link));
  }
  if (file.empty()) file = folders.suppliers / (link + ".toml");
  if (file.stem() != link) {
    return on.usage(fmt::format("The file's name is the link's: {} and --name {} do not agree.",
                                file.filename().string(), link));
  }
  const auto offer = find(folders.connectors, *wanted, on.world.directory, file.parent_path());
  if (!offer) return on.fail(offer.error());
  const std::string text = link_file_text(*offer, link);
  if (auto failed = make(file, text)) return on.fail(*failed);
  if (on.json()) {
    json::Writer out;
    out.begin_object().field("link", link).field("file", file.string());
    out.begin_array("fill_in");
    for (const Place& place : places(text, kFillIn)) {
      out.begin_object().field("line", place.line);
      out.field("setting", place.text.substr(0, place.text.find(" ="))).end_object();
    }
    on.out() << out.end_array().end_object().take() << '\n';
    return Exit::ok;
  }
  say_what_next(on, file, link, text);
  return Exit::ok;
}

}  // namespace

std::vector<Command> supplier_new_commands() {
  return {{.group = "supplier",
           .name = "new",
           .summary = "Write the file of a new link; without a name, list what one can be made of.",
           .arguments = {{.name = "PROFILE",
                          .help = "a profile, a connector, or the path of a profile of your own"},
                         {.name = "--name", .help = "of the link; else that of the profile"},
                         {.name = "--file", .help = "where; else suppliers/<link>.toml"}},
           .examples = {"ombud supplier new redmine --name byggit", "ombud supplier new",
                        "ombud supplier new ./acme.profile.toml --name acme"},
           .more =
               "The file has every setting with its meaning and default, and what the supplier has "
               "to prepare. What must be written stands there as <fill in: …>, and check tells "
               "each by line. A file that is there already is never touched. Needs no hub.",
           .run = make_new}};
}

}  // namespace ombud::cli
