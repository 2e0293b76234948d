#include "notify/broadcasts.hpp"

#include <algorithm>

#include "notify/limits.hpp"
#include "notify/preferences.hpp"
#include "store/directory.hpp"

namespace ombud::notify {
namespace {

constexpr int kBegun = 1, kOver = 2;  // as table `broadcast` has them

// The desk's own goes by its times; a supplier's by its word.
NoticeState state_of(const Notice& notice, Instant now) {
  return notice.link.empty() ? state_at(notice.told, now) : notice.told.state;
}

// Whether users see it, and it is one of those that all of them are told of.
bool is_told(const Notice& notice) {
  return notice.review == NoticeReview::published && notice.told.kind == NoticeKind::outage;
}

void begin_where_it_is_new(Tx& tx, int events_max, Plan& plan) {
  const NoticesToTell news = notices_to_tell(tx, plan.notices_from, events_max);
  plan.notices_until = news.until;
  plan.more = plan.more || news.more;
  for (const NoticeId id : news.notices) {
    const auto notice = find_notice(tx, id);
    if (!notice || !is_told(*notice) || is_ended(state_of(*notice, tx.at()))) continue;
    const auto told = told_of_notice(tx, id);
    for (const NoticeCustomer& one : customers_of_notice(tx, id)) {
      const bool new_to_him = std::find(told.begin(), told.end(), one.customer) == told.end();
      if (one.shown && new_to_him) plan.begin.push_back({id, one.customer, kBegun, {}});
    }
  }
}

// What ends by its own time has no event for that.
void begin_where_it_is_over(Tx& tx, Plan& plan) {
  for (const NoticeId id : notices_under_way(tx)) {
    const auto notice = find_notice(tx, id);
    if (!notice) continue;
    if (!is_ended(state_of(*notice, tx.at()))) {
      if (notice->link.empty() && notice->told.ends_at) {
        plan.wake = std::min(plan.wake, *notice->told.ends_at);
      }
      continue;
    }
    for (const std::string& customer : told_of_notice(tx, id)) {
      plan.begin.push_back({id, customer, kOver, {}});
    }
  }
}

bool is_shown_to(Tx& tx, const Notice& notice, const std::string& customer) {
  const auto all = customers_of_notice(tx, notice.id);
  return std::any_of(all.begin(), all.end(), [&](const NoticeCustomer& one) {
    return one.customer == customer && one.shown;
  });
}

std::optional<Telling> telling_of(Tx& tx, const Desk& desk, const DeskIdentity& sender,
                                  const Notice& notice, const Broadcast& to, const Person& person,
                                  bool by_mail) {
  const EventId phase{to.phase};
  if (was_told(tx, phase, person.id, notice.id)) return std::nullopt;
  // Whoever came after it began need not hear that it is over.
  if (to.phase == kOver && !was_told(tx, {kBegun}, person.id, notice.id)) return std::nullopt;
  const auto row = find_preferences(tx, person.id);
  const Ways ways = row ? preferences_from(*row).of(Kind::major_incident) : Ways();
  Telling one;
  one.row.event = phase;
  one.row.person = person.id;
  one.row.notice = notice.id;
  one.row.customer = person.customer;
  one.row.kind = to_text(Kind::major_incident);
  one.row.at = tx.at();
  one.row.portal = ways.portal;
  if (ways.mail && by_mail) {
    const std::string zone = zone_of_person(tx, person.id);
    Person reader = person;
    reader.language = language_of_person(tx, person);
    one.letter.document =
        notice_letter(desk, sender, notice, reader, zone, to.phase == kOver).value_or("");
    if (!one.letter.document.empty()) one.row.mail = MailState::enqueued;
  }
  if (!one.row.portal && one.row.mail == MailState::no) return std::nullopt;
  return one;
}

void go_on(Tx& tx, const Desk& desk, int people_max, Plan& plan) {
  const auto open = open_broadcast(tx);
  if (!open) return;
  plan.more = true;
  BroadcastStep step{*open, true};
  const auto notice = find_notice(tx, open->notice);
  // Taken back, or over before all had heard of it.
  const bool stale = !notice || !is_told(*notice) || !is_shown_to(tx, *notice, open->customer) ||
                     (open->phase == kBegun && is_ended(state_of(*notice, tx.at())));
  if (!stale) {
    const DeskIdentity sender = desk_identity(tx);
    const bool by_mail = notices_link(tx).has_value();
    const auto people = list_people(tx, open->customer, open->after, people_max);
    for (const Person& person : people) {
      step.broadcast.after = person.id;
      auto one = telling_of(tx, desk, sender, *notice, *open, person, by_mail);
      if (one) plan.tellings.push_back(std::move(*one));
    }
    step.done = people.size() < static_cast<std::size_t>(people_max);
  }
  plan.step = step;
}

}  // namespace

void plan_broadcasts(Tx& tx, const Desk& desk, int events_max, int people_max, Plan& plan) {
  plan.notices_from = plan.notices_until = notify_cursor(tx, kNoticeLog);
  if (events_max > 0) {
    begin_where_it_is_new(tx, events_max, plan);
    begin_where_it_is_over(tx, plan);
  }
  if (people_max > 0) go_on(tx, desk, people_max, plan);
}

}  // namespace ombud::notify
