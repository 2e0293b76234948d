#include "email/settings.hpp"

#include <fmt/format.h>

#include <array>
#include <stdexcept>

#include "base/json.hpp"
#include "email/announcement.hpp"
#include "shared/host_name.hpp"

namespace ombud::email {
namespace {

constexpr std::size_t kCommandsMax = 50;
constexpr std::int64_t kMebibyte = 1 << 20;
constexpr std::int64_t kAttachmentMibDefault =
    20;  // most mail servers stop at 25 to 35 MB, base 64 adds a third

struct DefaultWords {
  const char* status;
  std::vector<std::string> words;
};
const std::array<DefaultWords, 4>& default_words() {
  static const std::array<DefaultWords, 4> kWords{{
      {"in_progress", {"#in progress", "#in-progress", "#started", "#pågår", "#påbörjat"}},
      {"waiting", {"#waiting", "#väntar"}},
      {"resolved", {"#resolved", "#solved", "#löst", "#klart"}},
      {"closed", {"#closed", "#stängt", "#avslutat"}},
  }};
  return kWords;
}

std::string secret(json::Reader& in, const std::string& where, const Reveal& reveal) {
  const json::View reference = in.object("password");
  if (!reference.present()) return {};
  const std::string_view token = reference["$secret"].text();
  if (token.empty()) {
    in.refuse("password", "must be a reference such as { file = \"/etc/ombud/secrets/smtp\" }");
    return {};
  }
  auto clear = reveal(token);
  if (!clear) {
    in.refuse("password",
              "is a secret that the host cannot read: see the file or variable named for " + where);
    return {};
  }
  if (clear->find_first_of("\r\n") != std::string::npos) {
    in.refuse("password", "holds a line break: write the secret on one line without anything else");
  }
  return *std::move(clear);
}

Server server(json::Reader& in, const std::string& where, const Reveal& reveal, int port_starttls,
              int port_tls, std::string_view security_default) {
  Server result;
  result.host = in.text("host", {.required = true});
  if (!result.host.empty() && !is_host(result.host)) {
    in.refuse("host", "must be a host name or an IP address without scheme or path");
  }
  const std::string security =
      in.maybe_text("security", {}).value_or(std::string(security_default));
  if (security == "none") {
    result.security = Security::none;
  } else if (security == "starttls") {
    result.security = Security::starttls;
  } else if (security == "tls") {
    result.security = Security::tls;
  } else {
    in.refuse("security", "must be \"starttls\", \"tls\" or \"none\"");
  }
  result.port =
      static_cast<int>(in.maybe_integer("port", 1, 65535)
                           .value_or(result.security == Security::tls ? port_tls : port_starttls));
  result.login = in.maybe_text("login", {}).value_or("");
  result.password = secret(in, where, reveal);
  result.ca_file = in.maybe_text("ca_file", {.bytes_max = 4096}).value_or("");
  if (!result.login.empty() && result.security == Security::none && !is_loopback(result.host)) {
    in.refuse("security",
              "\"none\" would send the password in clear text over the network: use \"starttls\" "
              "or \"tls\"");
  }
  if (result.login.empty() != result.password.empty()) {
    in.refuse("login", "and password belong together: give both or neither");
  }
  return result;
}

void collect(json::Reader& in, std::vector<FieldProblem>& wrong) {
  if (auto refused = in.finish()) {
    wrong.insert(wrong.end(), refused->fields.begin(), refused->fields.end());
  }
}

// What tells an announcement from other mail, and how far it is. Without words for a kind there is
// none.
void read_announcements(json::Reader& in, Settings& settings, std::vector<FieldProblem>& wrong) {
  if (!in.has("announcements")) return;
  static const std::vector<std::pair<std::string, std::vector<std::string>>> kStates = {
      {"cancelled", {"inställd", "inställt", "avbruten", "avbrutet", "cancelled", "canceled"}},
      {"over", {"avslutad", "avslutat", "åtgärdad", "åtgärdat", "löst", "completed", "resolved"}},
      {"ongoing", {"pågår", "pågående", "påbörjad", "påbörjat", "ongoing", "started"}}};
  json::Reader words(in.object("announcements"), "/settings/announcements");
  const auto add = [&](const std::string& means, std::vector<AnnouncementWord>& to,
                       const std::vector<std::string>& fallback) {
    std::vector<std::string> given = fallback;
    if (words.has(means)) given = words.texts(means, kCommandsMax, {.bytes_max = 60});
    for (const std::string& word : given) to.push_back({announcement_lower(word), means});
  };
  for (const char* kind : {"maintenance", "outage", "information"}) add(kind, settings.kinds, {});
  for (const auto& [state, fallback] : kStates) add(state, settings.states, fallback);
  if (settings.kinds.empty()) {
    words.refuse("maintenance",
                 "give words for at least one of maintenance, outage and information, such as "
                 "maintenance = [\"planerat underhåll\"]");
  }
  collect(words, wrong);
}

std::string address(json::Reader& in, std::string_view name, bool required) {
  std::string text = in.maybe_text(name, {}).value_or("");
  if (text.empty() ? required : !is_address(text)) {
    in.refuse(name, "must be one plain mail address such as \"desk@example.org\"");
  }
  return text;
}

}  // namespace

bool is_address(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos || at == 0 || at + 1 == text.size() || text.size() > 254 ||
      text.find('@', at + 1) != std::string_view::npos) {
    return false;
  }
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (code <= 0x20 || code == 0x7F) return false;
  }
  return text.find_first_of("<>()[]\\,;:\"") == std::string_view::npos;
}

Settings read_settings(std::string_view config_json, const Reveal& reveal) {
  const auto parsed = json::parse(config_json);
  if (!parsed) throw std::invalid_argument("The settings are not JSON: " + parsed.error().detail);
  json::Reader in(parsed->root(), "/settings");
  Settings settings;
  settings.to = address(in, "to", false);
  settings.from.address = address(in, "from", true);
  settings.from.name = in.maybe_text("from_name", {}).value_or("");
  settings.envelope_from = address(in, "envelope_from", false);
  if (settings.envelope_from.empty()) settings.envelope_from = settings.from.address;
  settings.domain = in.text("domain", {.required = true});
  if (!settings.domain.empty() &&
      (!is_host(settings.domain) || settings.domain.find(':') != std::string::npos)) {
    in.refuse("domain", "must be a domain name such as \"desk.example.org\"");
  }
  const std::string language = in.maybe_text("language", {}).value_or("sv");
  if (language != "sv" && language != "en") in.refuse("language", "must be \"sv\" or \"en\"");
  settings.language = language == "en" ? Language::en : Language::sv;
  settings.attachment_bytes_max =
      in.maybe_integer("attachment_mib_max", 1, 100).value_or(kAttachmentMibDefault) * kMebibyte;

  std::vector<FieldProblem> wrong;
  json::Reader smtp(in.object("smtp"), "/settings/smtp");
  settings.smtp = server(smtp, "smtp.password", reveal, 587, 465, "starttls");
  collect(smtp, wrong);
  if (in.has("imap")) {
    json::Reader imap(in.object("imap"), "/settings/imap");
    settings.imap = server(imap, "imap.password", reveal, 143, 993, "tls");
    settings.imap_folder = imap.maybe_text("folder", {}).value_or("INBOX");
    collect(imap, wrong);
  }
  const bool own_words = in.has("commands");
  json::Reader commands(own_words ? in.object("commands") : json::View{}, "/settings/commands");
  for (const DefaultWords& fallback : default_words()) {
    std::vector<std::string> words = fallback.words;
    if (own_words && commands.has(fallback.status)) {
      words = commands.texts(fallback.status, kCommandsMax, {.bytes_max = 60});
    }
    for (std::string& word : words) settings.commands.push_back({std::move(word), fallback.status});
  }
  if (own_words) collect(commands, wrong);

  read_announcements(in, settings, wrong);
  collect(in, wrong);
  if (!wrong.empty()) {
    std::string text = "The settings of this mail link are not right:";
    for (const FieldProblem& mistake : wrong) {
      text += fmt::format(" {} {}.", mistake.pointer, mistake.detail);
    }
    throw std::invalid_argument(text);
  }
  return settings;
}

}  // namespace ombud::email
