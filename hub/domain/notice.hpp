// What a supplier announces by itself, in its own system, or the desk to its users: maintenance, an
// outage, or something to know. It is no ticket, and no ticket of ours is ever one. Plain types and
// pure rules.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/time.hpp"
#include "domain/ids.hpp"
#include "domain/words.hpp"

namespace ombud {

using NoticeId = Id<struct NoticeTag>;

enum class NoticeKind { maintenance, outage, information };
enum class NoticeState { announced, ongoing, over, cancelled };  // by the supplier's word
// What the desk has made of it. Users see it only when it is published.
enum class NoticeReview { fresh, published, dismissed };
// What a link does with its supplier's announcements: an agent decides; they are shown to users at
// once, in the supplier's words; they are not taken.
enum class NoticePolicy { ask, publish, ignore };

template <>
inline constexpr std::array kWords<NoticeKind>{
    std::pair{NoticeKind::maintenance, std::string_view("maintenance")},
    std::pair{NoticeKind::outage, std::string_view("outage")},
    std::pair{NoticeKind::information, std::string_view("information")}};
template <>
inline constexpr std::array kWords<NoticeState>{
    std::pair{NoticeState::announced, std::string_view("announced")},
    std::pair{NoticeState::ongoing, std::string_view("ongoing")},
    std::pair{NoticeState::over, std::string_view("over")},
    std::pair{NoticeState::cancelled, std::string_view("cancelled")}};
template <>
inline constexpr std::array kWords<NoticeReview>{
    std::pair{NoticeReview::fresh, std::string_view("new")},
    std::pair{NoticeReview::published, std::string_view("published")},
    std::pair{NoticeReview::dismissed, std::string_view("dismissed")}};
template <>
inline constexpr std::array kWords<NoticePolicy>{
    std::pair{NoticePolicy::ask, std::string_view("ask")},
    std::pair{NoticePolicy::publish, std::string_view("publish")},
    std::pair{NoticePolicy::ignore, std::string_view("ignore")}};

// One ombud.announcement/1 (sdk/DOCUMENTS.md), cut to size and made valid UTF-8.
struct Announcement {
  std::string remote_id;
  std::string correlation, reference;  // of a ticket of ours, if the supplier shows one: no notice
  NoticeKind kind = NoticeKind::information;
  NoticeState state = NoticeState::announced;
  std::string title, text, url;
  std::vector<std::string> services;  // in the supplier's words
  std::optional<Instant> starts_at, ends_at, told_at;
  bool operator==(const Announcement&) const = default;
};

inline constexpr std::size_t kRemoteIdBytesMax = 512;
inline constexpr std::size_t kNoticeTitleBytesMax = 255;
inline constexpr std::size_t kNoticeTextBytesMax = 64U << 10U;
inline constexpr std::size_t kNoticeServicesMax = 100;

// Refused without a remote id or a title. A kind, state or time that nobody knows counts as
// information, announced and unknown: a supplier's odd word must not lose its announcement.
Result<Announcement> announcement_from(json::View document);

// Whether `told` brings something new to what is known. What was told earlier by the supplier's own
// clock is old news, whichever way it came.
bool is_news(const Announcement& known, const Announcement& told);

bool is_ended(NoticeState state);

// What the desk announces itself goes by its times, unless it was ended: nobody tells the rest.
NoticeState state_at(const Announcement& own, Instant now);

// Announced, and not begun.
bool is_planned(const Announcement& told, Instant now);
// Ended before it began: it never happened.
bool never_began(const Announcement& told);

}  // namespace ombud
