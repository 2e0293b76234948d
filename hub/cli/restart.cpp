#include "cli/restart.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/quantity.hpp"

namespace ombud::cli {
namespace {

struct Once {
  std::string name, value;
};

std::string_view word(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warning:
      return "warning";
    case Level::error:
      return "error";
  }
  return "";
}

std::string tmf621_of(const Tmf621Settings& tmf) {
  return fmt::format("{} {} {} {} {} {} {} {}", tmf.exact_fields, tmf.lenient_status,
                     tmf.replace_arrays, tmf.append_listener, tmf.partial_content,
                     tmf.unique_external_id, tmf.refuse_unknown, tmf.attachment_bytes_max);
}

// All that hub.cpp hands to its parts when it builds them, and never again.
std::vector<Once> read_once(const Settings& settings) {
  const HttpSettings& http = settings.http;
  const MailSettings& mail = settings.mail;
  return {{"http.listen", to_text(http.listen)},
          {"http.public_url", http.public_url},
          {"http.proxies", fmt::format("{}", fmt::join(http.proxies, ", "))},
          {"http.threads", std::to_string(http.threads)},
          {"http.connections_max", std::to_string(http.connections_max)},
          {"http.pages", http.pages ? http.pages->string() : std::string()},
          {"mail.listen", mail.listen ? to_text(*mail.listen) : std::string()},
          {"mail.protocol", mail.protocol == MailProtocol::smtp ? "smtp" : "lmtp"},
          {"mail.message_max", bytes_text(mail.message_bytes_max)},
          {"data.directory", settings.data_dir.string()},
          {"delivery.drain_grace", duration_text(settings.delivery.drain_grace)},
          {"tmf621", tmf621_of(settings.tmf621)},
          {"log.level", std::string(word(settings.log_level))}};
}

std::string shown(const std::string& value) {
  return value.empty() ? "nothing" : value;
}

}  // namespace

std::vector<std::string> needs_restart(const Settings& running, const Settings& fresh) {
  std::vector<std::string> all;
  const auto before = read_once(running), after = read_once(fresh);
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i].value == after[i].value) continue;
    all.push_back(before[i].name == "tmf621"
                      ? "tmf621 has changed in the file"
                      : fmt::format("{} is {} in the file, and {} in the hub", before[i].name,
                                    shown(after[i].value), shown(before[i].value)));
  }
  return all;
}

}  // namespace ombud::cli
