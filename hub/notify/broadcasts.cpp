#include "notify/broadcasts.hpp"

#include <algorithm>

#include "notify/limits.hpp"
#include "notify/preferences.hpp"
#include "notify/sentences.hpp"
#include "store/directory.hpp"

namespace ombud::notify {
namespace {

// The desk's own goes by its times; a supplier's by its word.
NoticeState state_of(const Notice& notice, Instant now) {
  return notice.link.empty() ? state_at(notice.told, now) : notice.told.state;
}

bool is_planned_now(const Notice& notice, Instant now) {
  Announcement told = notice.told;
  told.state = state_of(notice, now);
  return is_planned(told, now);
}

// Whether users see it, and it is one of those that all of them are told of.
bool is_told(const Notice& notice) {
  return notice.review == NoticeReview::published && notice.told.kind == NoticeKind::outage;
}

// Whether this customer heard of an earlier edition that it began, and of none since that it is
// over.
bool end_is_owed(Tx& tx, const Notice& notice, const std::string& customer) {
  for (int i = notice.edition - 1; i > 0; --i) {
    bool started = false, over = false;
    for (const Broadcast& b : broadcasts_of(tx, notice.id, i)) {
      if (b.customer != customer) continue;
      started = started || b.phase == Phase::started;
      over = over || (b.phase == Phase::over && b.state == BroadcastState::done);
    }
    if (started || over) return started && !over;
  }
  return false;
}

void begin_where_it_is_new(Tx& tx, int events_max, Plan& plan) {
  const NoticesToTell news = notices_to_tell(tx, plan.notices_from, events_max);
  plan.notices_until = news.until;
  plan.more = plan.more || news.more;
  for (const NoticeId id : news.notices) {
    const auto notice = find_notice(tx, id);
    if (!notice || !is_told(*notice)) continue;
    const bool over = is_ended(state_of(*notice, tx.at()));
    const auto known = broadcasts_of(tx, id, notice->edition);
    for (const NoticeCustomer& one : customers_of_notice(tx, id)) {
      if (!one.shown) continue;
      bool started = false;
      for (const Broadcast& b : known) {
        if (b.customer != one.customer) continue;
        started = started || b.phase == Phase::started;
        // It was withdrawn in the middle, and comes back.
        const bool fits = (b.phase == Phase::over) == over;
        if (fits && b.state == BroadcastState::stopped) plan.begin.push_back(b);
      }
      if (started || (over && !end_is_owed(tx, *notice, one.customer))) continue;
      Broadcast start;
      start.notice = id;
      start.customer = one.customer;
      start.edition = notice->edition;
      // With other words, and over before those were told: who heard of the earlier ones waits.
      if (over) start.phase = Phase::over;
      start.planned = is_planned_now(*notice, tx.at());
      plan.begin.push_back(std::move(start));
    }
  }
}

// To those who were told of it: what was planned begins, if that is wanted.
void begin_where_it_starts(Tx& tx, const Notice& notice, Plan& plan) {
  if (!notice.tell_start || !is_told(notice)) return;
  if (is_planned_now(notice, tx.at())) {
    if (notice.told.starts_at) plan.wake = std::min(plan.wake, *notice.told.starts_at);
    return;
  }
  const auto told = broadcasts_of(tx, notice.id, notice.edition);
  for (const Broadcast& one : told) {
    const bool begins_too = std::any_of(told.begin(), told.end(), [&](const Broadcast& b) {
      return b.customer == one.customer && b.phase == Phase::begins;
    });
    if (one.phase != Phase::started || !one.planned || begins_too) continue;
    Broadcast start = one;
    start.phase = Phase::begins;
    plan.begin.push_back(std::move(start));
  }
}

// What begins or ends by its own time has no event for that.
void begin_where_the_time_has_come(Tx& tx, Plan& plan) {
  for (const NoticeId id : notices_under_way(tx)) {
    const auto notice = find_notice(tx, id);
    if (!notice) continue;
    if (!is_ended(state_of(*notice, tx.at()))) {
      begin_where_it_starts(tx, *notice, plan);
      if (notice->link.empty() && notice->told.ends_at) {
        plan.wake = std::min(plan.wake, *notice->told.ends_at);
      }
      continue;
    }
    for (Broadcast one : broadcasts_of(tx, id, notice->edition)) {
      if (one.phase != Phase::started) continue;
      one.phase = Phase::over;
      plan.begin.push_back(std::move(one));
    }
  }
}

bool is_shown_to(Tx& tx, const Notice& notice, const std::string& customer) {
  const auto all = customers_of_notice(tx, notice.id);
  return std::any_of(all.begin(), all.end(), [&](const NoticeCustomer& one) {
    return one.customer == customer && one.shown;
  });
}

// Who announced it, or ended it, knows.
std::vector<PersonId> caused_by(Tx& tx, const Notice& notice, Phase phase) {
  switch (phase) {
    case Phase::started:
      return people_behind(tx, last_actor(tx, notice.id, "published"));
    case Phase::over:
      return people_behind(tx, last_actor(tx, notice.id, "ended"));
    case Phase::begins:
      return {};
  }
  return {};
}

// Whether he knows, of any edition, that it began, and has not heard since that it is over.
bool waits_for_the_end(Tx& tx, const Notice& notice, PersonId person, int edition) {
  for (int i = edition; i > 0; --i) {
    if (was_told(tx, event_of(i, Phase::over), person, notice.id)) return false;
    if (was_told(tx, event_of(i, Phase::started), person, notice.id)) return true;
  }
  return false;
}

bool heard_of_the_plan(Tx& tx, const Notice& notice, PersonId person, int edition) {
  const auto at = when_told(tx, event_of(edition, Phase::started), person, notice.id);
  return at && (!notice.told.starts_at || *at < *notice.told.starts_at);
}

std::optional<Telling> telling_of(Tx& tx, const Desk& desk, const DeskIdentity& sender,
                                  const Notice& notice, const Broadcast& to, const Person& person,
                                  bool by_mail) {
  const EventId event = event_of(to.edition, to.phase);
  if (was_told(tx, event, person.id, notice.id)) return std::nullopt;
  // Whoever came after it began need not hear that it is over, nor twice that it begins.
  if (to.phase == Phase::over && !waits_for_the_end(tx, notice, person.id, to.edition)) {
    return std::nullopt;
  }
  if (to.phase == Phase::begins && !heard_of_the_plan(tx, notice, person.id, to.edition)) {
    return std::nullopt;
  }
  const auto row = find_preferences(tx, person.id);
  const Ways ways = row ? preferences_from(*row).of(Kind::major_incident) : Ways();
  Telling one;
  one.row.event = event;
  one.row.person = person.id;
  one.row.notice = notice.id;
  one.row.customer = person.customer;
  one.row.kind = to_text(Kind::major_incident);
  one.row.at = tx.at();
  one.row.portal = ways.portal;
  if (ways.mail && by_mail) {
    const std::string zone = zone_of_person(tx, person.id);
    Announcement told = notice.told;
    told.state = state_of(notice, tx.at());
    const auto words = incident_phase(to.phase, &told, tx.at());
    Person reader = person;
    reader.language = language_of_person(tx, person);
    one.letter.document = notice_letter(desk, sender, notice, reader, zone, words).value_or("");
    if (!one.letter.document.empty()) one.row.mail = MailState::enqueued;
  }
  if (!one.row.portal && one.row.mail == MailState::no) return std::nullopt;
  return one;
}

void go_on(Tx& tx, const Desk& desk, int people_max, Plan& plan) {
  const auto open = open_broadcast(tx);
  if (!open) return;
  plan.more = true;
  Broadcast step = *open;
  const auto notice = find_notice(tx, open->notice);
  const bool withdrawn = !notice || !is_told(*notice) || open->edition != notice->edition ||
                         !is_shown_to(tx, *notice, open->customer);
  // Over before all had heard of it.
  const bool stale =
      !withdrawn && open->phase != Phase::over && is_ended(state_of(*notice, tx.at()));
  step.state = withdrawn ? BroadcastState::stopped : BroadcastState::done;
  if (!withdrawn && !stale) {
    const DeskIdentity sender = desk_identity(tx);
    const bool by_mail = notices_link(tx).has_value();
    const auto people = list_people(tx, open->customer, open->after, people_max);
    const auto by = caused_by(tx, *notice, open->phase);
    for (const Person& person : people) {
      step.after = person.id;
      if (std::find(by.begin(), by.end(), person.id) != by.end()) continue;
      auto one = telling_of(tx, desk, sender, *notice, *open, person, by_mail);
      if (one) plan.tellings.push_back(std::move(*one));
    }
    const bool all = people.size() < static_cast<std::size_t>(people_max);
    step.state = all ? BroadcastState::done : BroadcastState::open;
  }
  plan.step = step;
}

}  // namespace

void plan_broadcasts(Tx& tx, const Desk& desk, int events_max, int people_max, Plan& plan) {
  plan.notices_from = plan.notices_until = notify_cursor(tx, kNoticeLog);
  if (events_max > 0) {
    begin_where_it_is_new(tx, events_max, plan);
    begin_where_the_time_has_come(tx, plan);
  }
  if (people_max > 0) go_on(tx, desk, people_max, plan);
}

}  // namespace ombud::notify
