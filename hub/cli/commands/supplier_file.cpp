// ombud supplier enable, disable, key: what stands in a link's file and beside it.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <system_error>

#include "cli/context.hpp"

namespace ombud::cli {
namespace {

namespace fs = std::filesystem;

// The text with its line `enabled = …` changed, or with one put first.
std::string with_enabled(std::string text, bool enabled) {
  const std::string line = fmt::format("enabled = {}", enabled ? "true" : "false");
  std::size_t start = 0;
  while (start < text.size()) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const std::string_view here = std::string_view(text).substr(start, end - start);
    const auto first = here.find_first_not_of(" \t");
    if (first != std::string_view::npos && here[first] == '[') break;  // the root table ends here
    const std::string_view word = first == std::string_view::npos ? "" : here.substr(first);
    if (word.starts_with("enabled") && word.find_first_not_of(" \t", 7) == word.find('=')) {
      const auto comment = here.find('#');
      const std::string kept =
          comment == std::string_view::npos ? "" : "  " + std::string(here.substr(comment));
      return text.replace(start, end - start, line + kept);
    }
    start = end + 1;
  }
  return text.insert(0, line + "\n");
}

// A new file under another name first, on disk before it takes the name: nobody ever reads half of
// it, whatever becomes of this machine.
std::optional<Failure> put_file(const fs::path& file, const std::string& text) {
  const fs::path fresh = file.string() + ".new";
  const auto failure = [&](std::string_view what) {
    return Failure{Exit::failed,
                   fmt::format("{} cannot be {} ({}).", file.string(), what,
                               std::system_category().message(errno)),
                   {},
                   "Check the permissions of the folder, and whether the disk is full.",
                   {}};
  };
  struct stat about {};
  if (::stat(file.c_str(), &about) != 0) return failure("read");
  ::unlink(fresh.c_str());  // left by a command that was stopped on its way
  const int out = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (out < 0) return failure("written");
  std::optional<Failure> wrong;
  if (::write(out, text.data(), text.size()) != std::ssize(text)) {
    wrong = failure("written");
  } else if (::fchmod(out, about.st_mode & 07777) != 0) {
    wrong = failure("given its permissions");
  } else if (::fsync(out) != 0) {
    wrong = failure("written");
  }
  if (::close(out) != 0 && !wrong) wrong = failure("written");
  if (!wrong && ::rename(fresh.c_str(), file.c_str()) != 0) wrong = failure("replaced");
  if (wrong) {
    ::unlink(fresh.c_str());
    return wrong;
  }
  const int folder = ::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool kept = folder >= 0 && ::fsync(folder) == 0;
  if (!kept) wrong = failure("brought to disk");
  if (folder >= 0) ::close(folder);
  return wrong;
}

// A link is turned on only if its file is right; whatever was wrong, the file is then as it was.
// One that is turned off stays so: what the hub refuses may be the mistake of another file.
Exit set_enabled(Context& on, const Values& with, bool enabled) {
  const std::string link = with.text("LINK");
  if (!is_key(link)) return on.usage(fmt::format("\"{}\" is not the name of a link.", link));
  const fs::path file =
      link_folders(on.load_options(), on.world.directory).suppliers / (link + ".toml");
  std::ifstream in(file, std::ios::binary);
  if (!in.is_open()) {
    return on.fail(Failure{Exit::not_found,
                           fmt::format("There is no {}.", file.string()),
                           {},
                           "Name the configuration with --config, or begin one: ombud supplier new",
                           {}});
  }
  const std::string before{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (auto failed = put_file(file, with_enabled(before, enabled))) return on.fail(*failed);
  if (enabled) {
    LoadOptions options = on.load_options();
    options.leave_out_unfinished = true;  // others that are off are nobody's concern here
    const auto settings = load_settings(options);
    if (!settings) {
      if (auto failed = put_file(file, before)) return on.fail(*failed);
      Failure wrong = failure_of(settings.error());
      wrong.detail = fmt::format("{} stays off: the configuration has mistakes.", link);
      wrong.advice = "Correct them and try again.";
      return on.fail(wrong);
    }
  }
  const auto taken = on.post("/configuration/reload", "{}");
  const bool hub_runs = taken || taken.error().exit != Exit::unreachable;
  if (!taken && hub_runs) {
    Failure refused = taken.error();
    if (enabled) {  // else the next start would do what this hub has refused
      if (auto failed = put_file(file, before)) return on.fail(*failed);
      refused.detail =
          fmt::format("{} stays off: the hub did not take it. {}", link, refused.detail);
    } else {
      refused.detail =
          fmt::format("{} is off in {}, but the hub did not take it and works on with the link. {}",
                      link, file.string(), refused.detail);
    }
    return on.fail(refused);
  }
  if (on.json()) {
    json::Writer done;
    done.begin_object()
        .field("file", file.string())
        .field("enabled", enabled)
        .field("taken", hub_runs)
        .end_object();
    on.out() << done.take() << '\n';
    return Exit::ok;
  }
  on.out() << fmt::format(
      "{} is {} in {}{}\n", link, enabled ? "on" : "off", file.string(),
      hub_runs ? enabled ? ". The hub has started it; try it: ombud supplier test " + link
                         : ". The hub has stopped it; its work waits."
               : ". No hub runs here; the next one that starts will read it.");
  return Exit::ok;
}

// The secret key goes into a new file for the hub alone, the public one to whoever asks.
Exit key(Context& on, const Values& with) {
  const fs::path file = on.world.directory / with.text("FILE");
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  // Never over a key that may be in use, and never readable by others, not even for a moment.
  const int out = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (out < 0) {
    return on.fail(Failure{errno == EEXIST ? Exit::conflict : Exit::failed,
                           fmt::format("{} cannot be made: {}.", file.string(),
                                       errno == EEXIST ? "it is there already"
                                                       : std::system_category().message(errno)),
                           {},
                           errno == EEXIST
                               ? "Name another file, or remove it if its key is not in use."
                               : "Check the permissions of the folder.",
                           {}});
  }
  const KeyPair keys = on.local.make_keys();
  const std::string line = keys.secret_key + "\n";
  const bool written = ::write(out, line.data(), line.size()) == std::ssize(line);
  if (::close(out) != 0 || !written) {
    fs::remove(file, error);
    return on.fail(Failure{Exit::failed,
                           fmt::format("{} cannot be written.", file.string()),
                           {},
                           "Is the disk full?",
                           {}});
  }
  if (on.json()) {
    json::Writer done;
    done.begin_object()
        .field("file", file.string())
        .field("public_key", keys.public_key)
        .end_object();
    on.out() << done.take() << '\n';
    return Exit::ok;
  }
  on.out() << fmt::format(
      "Our secret key is in {}; name it in the link's file: secret_key = {{ file = \"…\" }}\n"
      "Give the supplier our public key: {}\n",
      file.string(), on.style(Paint::bold, keys.public_key));
  return Exit::ok;
}

Exit enable(Context& on, const Values& with) {
  return set_enabled(on, with, true);
}
Exit disable(Context& on, const Values& with) {
  return set_enabled(on, with, false);
}

}  // namespace

std::vector<Command> supplier_file_commands() {
  const Argument link{
      .name = "LINK", .help = "the name of its file, such as acme-it", .required = true};
  return {
      {.group = "supplier",
       .name = "enable",
       .summary = "Turn a link on in its file, and in the hub that runs.",
       .arguments = {link},
       .examples = {"ombud supplier enable acme-it && ombud supplier test acme-it"},
       .run = enable},
      {.group = "supplier",
       .name = "disable",
       .summary = "Turn a link off in its file, and in the hub that runs; its work waits.",
       .arguments = {link},
       .examples = {"ombud supplier disable acme-it"},
       .run = disable},
      {.group = "supplier",
       .name = "key",
       .summary = "Make a CURVE key pair for a supplier that is reached by message queue.",
       .arguments = {{.name = "FILE",
                      .help = "where our secret key goes; it must not exist yet",
                      .required = true}},
       .examples = {"ombud supplier key config/suppliers/secrets/drift-curve-key"},
       .run = key},
  };
}

}  // namespace ombud::cli
