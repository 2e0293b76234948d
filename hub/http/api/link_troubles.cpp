#include "http/api/link_troubles.hpp"

#include <fmt/format.h>

#include "http/api/render.hpp"

namespace ombud::http {
namespace {

constexpr Millis kDay{24LL * 60 * 60'000};
constexpr Millis kCertificateWarning = 21 * kDay;  // time enough for a supplier to renew it
constexpr Millis kClockWarning{5 * 60'000};        // less may be the way that an answer takes

constexpr Member kTroubleMembers[] = {
    {.name = "about", .about = "poll, write, lookup, status, certificate or clock"},
    {.name = "status", .about = "The outcome, such as retry; warning where everything still works"},
    {.name = "times", .shape = Shape::integer, .about = "In a row"},
    {.name = "since", .shape = Shape::time},
    {.name = "last_at", .shape = Shape::time},
    {.name = "message",
     .about = "What is wrong; left out for who works for one customer only where it may quote the "
              "supplier on another's ticket",
     .required = false},
    {.name = "next_step", .about = "What to do, or that nothing need be done"}};

LinkTrouble seen(std::string_view link, std::string_view about, std::string_view status,
                 Instant now) {
  LinkTrouble trouble;
  trouble.link = link;
  trouble.about = about;
  trouble.status = status;
  trouble.since = trouble.last_at = now;
  trouble.times = 1;
  return trouble;
}

std::string length_words(Millis length) {
  const std::int64_t minutes = length.count() / 60'000;
  if (minutes < 120) return fmt::format("{} minutes", minutes);
  if (minutes < 2880) return fmt::format("{} hours", minutes / 60);
  return fmt::format("{} days", minutes / 1440);
}

}  // namespace

constexpr Schema kLinkTroubleSchema{"LinkTrouble", kTroubleMembers};

std::vector<LinkTrouble> all_troubles(std::vector<LinkTrouble> kept, std::string_view link,
                                      const HostReport* host, Instant now) {
  if (host == nullptr) return kept;
  if (host->certificate_until && *host->certificate_until - now < kCertificateWarning) {
    const bool over = *host->certificate_until <= now;
    LinkTrouble trouble = seen(link, "certificate", over ? "expired" : "warning", now);
    const std::string day = to_rfc3339(*host->certificate_until).substr(0, 10);
    trouble.message =
        over ? fmt::format(
                   "The supplier's certificate expired on {}. Nothing is sent to a server "
                   "that cannot prove who it is.",
                   day)
             : fmt::format("The supplier's certificate expires on {}, in {}.", day,
                           length_words(*host->certificate_until - now));
    trouble.next_step =
        over ? "Ask the supplier to renew it. What waits is kept and goes out by itself then."
             : "Ask the supplier to renew it before that day; after it nothing is sent.";
    kept.push_back(std::move(trouble));
  }
  if (host->clock_ahead && std::chrono::abs(*host->clock_ahead) > kClockWarning) {
    LinkTrouble trouble = seen(link, "clock", "warning", now);
    trouble.message = fmt::format("The supplier's clock is {} {} ours.",
                                  length_words(std::chrono::abs(*host->clock_ahead)),
                                  host->clock_ahead->count() > 0 ? "ahead of" : "behind");
    trouble.next_step =
        "No change is lost: polls go by the supplier's own clock. But times that it tells are "
        "wrong "
        "by as much. Check the clock of this machine (timedatectl), then ask the supplier to mend "
        "its own.";
    kept.push_back(std::move(trouble));
  }
  return kept;
}

void write_troubles(json::Writer& out, const std::vector<LinkTrouble>& troubles) {
  out.begin_array("troubles");
  for (const LinkTrouble& trouble : troubles) {
    out.begin_object()
        .field("about", trouble.about)
        .field("status", trouble.status)
        .field("times", trouble.times);
    write_time(out, "since", trouble.since);
    write_time(out, "last_at", trouble.last_at);
    if (!trouble.message.empty()) out.field("message", trouble.message);
    out.field("next_step", trouble.next_step).end_object();
  }
  out.end_array();
}

}  // namespace ombud::http
