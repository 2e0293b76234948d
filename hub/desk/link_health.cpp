#include "desk/link_health.hpp"

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "base/json.hpp"

namespace ombud::desk {
namespace {

constexpr std::size_t kMessageBytesMax = 4096;

std::string next_step_for(std::string_view link, std::string_view about, std::string_view status) {
  if (status == "auth") {
    return fmt::format(
        "The link is closed until you act. Mend the credentials in config/suppliers/{0}.toml, "
        "then: ombud check --apply && ombud supplier resume {0}",
        link);
  }
  if (status == "rate_limited") {
    return "Nothing: the link waits as long as the supplier asks, 30 seconds if it names no time, "
           "and goes on by itself. If it happens often, set rate_per_second in the link's file.";
  }
  if (status == "permanent") {
    return fmt::format(
        "It does not go away by itself. Mend what the message says, then: ombud supplier test {}",
        link);
  }
  if (about == "poll") {
    return fmt::format(
        "Nothing is lost: the supplier is asked again by itself, from the same place. To try now: "
        "ombud supplier test {}",
        link);
  }
  if (about == "lookup") {
    return fmt::format(
        "Nothing is written before a look-up has answered, so nothing can be doubled. It is asked "
        "again by itself for 72 hours. To try now: ombud supplier test {}",
        link);
  }
  return fmt::format(
      "Nothing is lost: it is tried again by itself for 72 hours. To try now: ombud supplier test "
      "{}",
      link);
}

}  // namespace

LinkTrouble trouble_with(std::string_view link, std::string_view about, std::string_view status,
                         std::string_view message) {
  LinkTrouble trouble;
  trouble.link = link;
  trouble.about = about;
  trouble.status = status;
  trouble.message = message.empty() ? "The connector gave no reason."
                                    : std::string(cut_utf8(message, kMessageBytesMax));
  trouble.next_step = next_step_for(link, about, status);
  return trouble;
}

LinkTrouble unmapped_status(std::string_view link, std::string_view connector,
                            std::string_view supplier, std::string_view word) {
  LinkTrouble trouble;
  trouble.link = link;
  trouble.about = "status";
  trouble.status = "unmapped";
  trouble.message = fmt::format(
      "{} uses the status \"{}\", which this link does not map. Its tickets keep the "
      "last status that was understood.",
      supplier, word);
  trouble.next_step =
      connector == "rest"
          ? fmt::format(
                "Add to config/suppliers/{}.toml, below [settings.status_from], the line "
                "{} = \"in_progress\" (or new, waiting, resolved, closed), then: "
                "ombud check --apply",
                link, json::Writer().value(word).take())
          : fmt::format(
                "Ask {} to send one of new, in_progress, waiting, resolved, closed, or "
                "mend the connector \"{}\".",
                supplier, connector);
  return trouble;
}

}  // namespace ombud::desk
