// ombud init: a configuration with comments and an empty data directory. Never overwrites.
#include <fmt/format.h>

#include <fstream>
#include <ostream>

#include "cli/context.hpp"
#include "starter_files.inc"  // kStarterFiles: path and text of every file in config/

namespace ombud::cli {
namespace {

namespace fs = std::filesystem;

Exit cannot(Context& on, const fs::path& path, const std::string& why) {
  return on.fail(Failure{Exit::failed,
                         fmt::format("{} cannot be made ({}).", path.string(), why),
                         {},
                         "Check the permissions of the folder above it.",
                         {}});
}

Exit init(Context& on, const Values& with) {
  const fs::path root = (on.world.directory / with.text("FOLDER", ".")).lexically_normal();
  const fs::path secrets = root / "config" / "suppliers" / "secrets";
  const fs::path data = root / "data";
  std::error_code error;
  for (const fs::path& folder : {secrets, data}) {
    if (!fs::create_directories(folder, error) && error) return cannot(on, folder, error.message());
    fs::permissions(folder, fs::perms::owner_all, error);
    if (error) return cannot(on, folder, error.message());
  }
  std::vector<std::string> made, kept;
  for (const auto& [name, text] : kStarterFiles) {
    const fs::path file = root / "config" / name;
    if (fs::exists(file)) {
      kept.push_back(file.string());
      continue;
    }
    std::ofstream out(file, std::ios::binary);
    out << text;
    out.close();
    if (!out) return cannot(on, file, "it could not be written");
    made.push_back(file.string());
  }
  if (on.json()) {
    json::Writer out;
    out.begin_object().begin_array("made");
    for (const std::string& file : made) out.value(file);
    out.end_array().begin_array("kept");
    for (const std::string& file : kept) out.value(file);
    on.out() << out.end_array().end_object().take() << '\n';
    return Exit::ok;
  }
  for (const std::string& file : made)
    on.out() << on.style(Paint::green, "made") << "  " << file << '\n';
  for (const std::string& file : kept) {
    on.out() << on.style(Paint::yellow, "kept") << "  " << file << " (was there already)\n";
  }
  on.out() << "\nNext:\n";
  if (root != on.world.directory.lexically_normal()) {
    on.out() << fmt::format("  cd {}\n", root.string());
  }
  on.out()
      << "  $EDITOR config/ombud.toml                             the desk's name and addresses\n"
         "  ombud check                                           is everything right?\n"
         "  ombud serve                                           run the hub\n"
         "  ombud import FILE                                     customers, users, services, "
         "teams\n"
         "  ombud supplier new                                    what a supplier's link can be "
         "made "
         "of\n";
  return Exit::ok;
}

}  // namespace

std::vector<Command> init_commands() {
  return {{.group = "",
           .name = "init",
           .summary = "Make a configuration with comments and a data directory.",
           .arguments = {{.name = "FOLDER", .help = "where; the current one if left out"}},
           .examples = {"ombud init desk && cd desk && ombud check"},
           .more = "Files that are there already are kept as they are.",
           .run = init}};
}

}  // namespace ombud::cli
