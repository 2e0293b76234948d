#include "domain/notice.hpp"

#include "base/bytes.hpp"

namespace ombud {
namespace {

constexpr std::size_t kUrlBytesMax = 2048;

std::string cut(std::string_view text, std::size_t bytes_max) {
  return to_valid_utf8(cut_utf8(text, bytes_max));
}

// One line, for titles and names.
std::string line(std::string_view text, std::size_t bytes_max) {
  std::string clean = cut(text, bytes_max);
  for (char& c : clean) c = static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
  const std::size_t first = clean.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  return clean.substr(first, clean.find_last_not_of(' ') - first + 1);
}

// Only what a browser may open by itself.
std::string web_address(std::string_view text) {
  const bool web = text.starts_with("https://") || text.starts_with("http://");
  return web && text.size() <= kUrlBytesMax ? line(text, kUrlBytesMax) : std::string();
}

std::optional<Instant> time_of(json::View value) {
  return value.is_text() ? parse_rfc3339(value.text()) : std::nullopt;
}

}  // namespace

Result<Announcement> announcement_from(json::View in) {
  Announcement told;
  const std::string_view id = in["remote_id"].text();
  if (id.empty() || id.size() > kRemoteIdBytesMax || !is_utf8(id)) {
    return invalid("/remote_id", "is required: without it an announcement cannot come only once");
  }
  told.remote_id = id;
  told.title = line(in["title"].text(), kNoticeTitleBytesMax);
  if (told.title.empty()) return invalid("/title", "is required");
  told.correlation = line(in["correlation"].text(), kRemoteIdBytesMax);
  told.reference = line(in["reference"].text(), kNoticeTitleBytesMax);
  told.kind = from_text<NoticeKind>(in["kind"].text()).value_or(NoticeKind::information);
  told.state = from_text<NoticeState>(in["state"].text()).value_or(NoticeState::announced);
  told.text = cut(in["text"].text(), kNoticeTextBytesMax);
  told.url = web_address(in["url"].text());
  const json::View services = in["services"];
  for (std::size_t i = 0; i < services.size() && i < kNoticeServicesMax; ++i) {
    std::string name = line(services.at(i).text(), kNoticeTitleBytesMax);
    if (!name.empty()) told.services.push_back(std::move(name));
  }
  told.starts_at = time_of(in["starts_at"]);
  told.ends_at = time_of(in["ends_at"]);
  told.told_at = time_of(in["updated_at"]);
  return told;
}

bool is_news(const Announcement& known, const Announcement& told) {
  if (known.told_at && told.told_at && *told.told_at < *known.told_at) return false;
  Announcement same_time = told;
  same_time.told_at = known.told_at;
  same_time.correlation = known.correlation;
  same_time.reference = known.reference;
  return !(same_time == known);
}

bool is_ended(NoticeState state) {
  return state == NoticeState::over || state == NoticeState::cancelled;
}

NoticeState state_at(const Announcement& own, Instant now) {
  if (is_ended(own.state)) return own.state;
  if (own.ends_at && *own.ends_at <= now) return NoticeState::over;
  if (own.starts_at && *own.starts_at > now) return NoticeState::announced;
  return NoticeState::ongoing;
}

bool is_planned(const Announcement& told, Instant now) {
  const bool later = !told.starts_at || *told.starts_at > now;
  return told.state == NoticeState::announced && later;
}

bool never_began(const Announcement& told) {
  if (told.state == NoticeState::cancelled) return true;
  return told.state == NoticeState::over && told.starts_at && told.ends_at &&
         *told.ends_at < *told.starts_at;
}

}  // namespace ombud
