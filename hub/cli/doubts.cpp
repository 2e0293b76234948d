#include "cli/doubts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <filesystem>

#include "base/json.hpp"
#include "cli/context.hpp"
#include "cli/mail_addresses.hpp"

namespace ombud::cli {
namespace {

namespace fs = std::filesystem;

bool allows(const fs::path& path, fs::perms right) {
  std::error_code error;
  const fs::perms mode = fs::status(path, error).permissions();
  return !error && mode != fs::perms::unknown && (mode & right) != fs::perms::none;
}

bool is_this_machine_alone(const std::string& url) {
  const auto parsed = boost::urls::parse_uri(url);
  if (!parsed) return false;
  const std::string host = lower(std::string(parsed->host_address()));
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

// Letters to people: that they leave, that their answers come back, that their links lead
// somewhere.
void doubt_letters(const Settings& settings, std::vector<FieldProblem>& doubts) {
  const std::string file = settings.file.string();
  const bool mail_in = settings.mail.listen || !settings.mail.mailboxes.empty();
  bool mail_out = false;
  for (const LinkSettings& link : settings.links) {
    if (link.kind != LinkKind::notices || !link.enabled) continue;
    mail_out = true;
    const auto written = json::parse(link.settings_json);
    const std::string from = written ? lower(std::string((*written)["from"].text())) : "";
    const auto& own = settings.mail.addresses;
    if (mail_in && !from.empty() && std::find(own.begin(), own.end(), from) == own.end()) {
      doubts.push_back(
          {link.file, fmt::format("writes letters from {}, which is not among [mail] addresses "
                                  "of {}: answers to them do not come back",
                                  from, file)});
    }
  }
  if (mail_in && !mail_out) {
    const fs::path example = settings.suppliers_dir / "mail-to-users.toml";
    doubts.push_back(
        {file, fmt::format("takes mail, and no letter leaves: nobody gets a receipt or an answer. "
                           "Copy {0}.example to {0}, name your mail server in it, then: ombud "
                           "supplier test mail-to-users && ombud check --apply",
                           example.lexically_proximate(fs::current_path()).string())});
  }
  if (mail_out && is_this_machine_alone(settings.http.public_url)) {
    doubts.push_back({file, fmt::format("leaves links in letters to {}, which nobody else's "
                                        "machine reaches; set [http] public_url",
                                        settings.http.public_url)});
  }
}

// What others on this machine could change or read.
void doubt_rights(const Settings& settings, std::vector<FieldProblem>& doubts) {
  const fs::path config = fs::absolute(settings.file).parent_path();
  for (const fs::path& folder :
       {config, settings.suppliers_dir, settings.suppliers_dir / "secrets", settings.letters_dir,
        settings.connectors_dir, settings.data_dir}) {
    if (!allows(folder, fs::perms::others_write)) continue;
    doubts.push_back({folder.lexically_normal().string(),
                      fmt::format("can be changed by everybody on this machine; chmod o-w {}",
                                  folder.lexically_normal().string())});
  }
  if (!settings.data_dir.empty() && allows(settings.data_dir, fs::perms::others_exec)) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(settings.data_dir, error)) {
      const bool secret = entry.path().extension() == ".key" || entry.path().extension() == ".db";
      if (!secret || !allows(entry.path(), fs::perms::others_read)) continue;
      doubts.push_back({entry.path().string(),
                        fmt::format("can be read by everybody on this machine; chmod 600 {}",
                                    entry.path().string())});
    }
  }
}

}  // namespace

std::vector<FieldProblem> doubts_of(const Settings& settings) {
  std::vector<FieldProblem> doubts;
  doubt_letters(settings, doubts);
  doubt_rights(settings, doubts);
  return doubts;
}

std::optional<Failure> no_configuration(const Context& on) {
  const fs::path file = on.config_file();
  std::error_code error;
  if (fs::exists(file.is_absolute() ? file : on.world.directory / file, error) || error) {
    return std::nullopt;  // what cannot be looked at is told by whoever reads it
  }
  return Failure{Exit::not_found,
                 fmt::format("There is no {}.", file.string()),
                 {},
                 "Go to the folder of your desk, or name its configuration with --config or "
                 "OMBUD_CONFIG. A new desk: ombud init FOLDER",
                 {}};
}

}  // namespace ombud::cli
