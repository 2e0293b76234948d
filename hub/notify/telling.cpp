#include "notify/telling.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "desk/approvals.hpp"
#include "notify/broadcasts.hpp"
#include "notify/limits.hpp"
#include "notify/preferences.hpp"
#include "store/directory.hpp"
#include "store/outbox.hpp"
#include "store/ticket_ties.hpp"

namespace ombud::notify {
namespace {

constexpr Sql kOtherRequester{
    "SELECT 1 FROM event WHERE ticket_id = $1 AND version > $2 AND type = 'edited'"
    " AND data LIKE '%\"requester\":%' LIMIT 1 -- all tenants: of an event that is told"};
constexpr Sql kRequesterThen{
    "SELECT json_extract(data, '$.requester') FROM event WHERE ticket_id = $1 AND version <= $2"
    " AND (type = 'registered' OR type = 'edited' AND data LIKE '%\"requester\":%')"
    " ORDER BY version DESC LIMIT 1 -- all tenants: of an event that is told"};
constexpr Sql kStillWaits{
    "SELECT 1 FROM notification WHERE notification_id = $1 AND due_at IS NOT NULL"
    " -- all tenants: by id"};

// Whose the ticket was when that happened: whoever it was given to later is told nothing of before,
// and what was said to somebody is told him, whoever has it now.
PersonId requester_then(Tx& tx, const Ticket& ticket, const LoggedEvent& event) {
  if (event.version == ticket.version) return ticket.requester;
  if (!tx.query(kOtherRequester, ticket.id, event.version).next()) return ticket.requester;
  Rows rows = tx.query(kRequesterThen, ticket.id, event.version);
  return rows.next() && !rows.is_null(0) ? PersonId{rows.integer(0)} : PersonId{};
}

// What one person hears by which way, and when his mail goes.
class Addressee {
 public:
  Addressee(Tx& tx, PersonId person) : tx_(tx), person_(person) {
    if (const auto row = find_preferences(tx, person)) {
      chose_ = true;
      chosen_ = preferences_from(*row);
      zone_ = zone_of_person(tx, person);
    }
  }

  Ways ways(Kind kind, bool answer_too) const {
    Ways ways = chosen_.of(kind);
    if (answer_too) {
      ways.mail |= chosen_.of(Kind::replied).mail;
      ways.portal |= chosen_.of(Kind::replied).portal;
    }
    return ways;
  }

  // Sets what becomes of the mail of this row.
  void set_mail(Notification& row, Kind kind) const {
    row.mail = MailState::enqueued;
    if (!chose_) return;
    const Instant now = tx_.at();
    if (chosen_.digest != Digest::off && !is_urgent(kind)) {
      row.mail = MailState::digest;
      row.due_at = next_digest(chosen_.digest, chosen_.digest_at, zone_, now);
      const auto quiet =
          chosen_.quiet ? quiet_until(*chosen_.quiet, zone_, *row.due_at) : std::nullopt;
      if (quiet) row.due_at = quiet;
      return;
    }
    const auto quiet =
        chosen_.quiet && !wakes(kind) ? quiet_until(*chosen_.quiet, zone_, now) : std::nullopt;
    // Nor before what waits already: mails about one ticket go in order.
    if (!quiet && !has_held(tx_, person_, row.ticket)) return;
    row.mail = MailState::held;
    row.due_at = quiet.value_or(now);
  }

 private:
  Tx& tx_;
  PersonId person_;
  bool chose_ = false;
  Preferences chosen_;
  std::string zone_;
};

// Whether what waited for an hour of this person may be told him still: he may have left the ticket
// since, or an order may have been decided without him.
bool may_be_told_now(Tx& tx, const Notification& row) {
  const auto ticket = find_ticket(tx, row.ticket);
  if (!ticket) return false;
  if (row.kind != to_text(Kind::approval_needed)) {
    return ticket->requester == row.person || is_participant(tx, row.ticket, row.person);
  }
  return desk::might_decide(tx, *ticket, row.person);
}

// Most of a log is tickets that begin, of which the requester alone is told.
bool concerns_participants(const Happening& h) {
  using What = Happening::What;
  return h.what == What::message || h.what == What::status || h.what == What::approval_decided;
}

class Planner {
 public:
  Planner(Tx& tx, const Desk& desk) : tx_(tx), desk_(desk), by_mail_(notices_link(tx)) {}

  void tell(const LoggedEvent& event, std::vector<Telling>& tellings) {
    const auto happening = happening_of(tx_, event);
    if (!happening) return;
    const auto ticket = find_ticket(tx_, event.ticket);
    if (!ticket) return;
    Concerned people;
    people.requester = requester_then(tx_, *ticket, event);
    if (concerns_participants(*happening)) {
      people.participants = participants_at(tx_, ticket->id, event.at);
    }
    for (const Tell& tell : whom_to_tell(*happening, people)) {
      if (was_told(tx_, event.id, tell.person, {})) continue;
      const auto person = find_person(tx_, tell.person);
      if (!person) continue;
      const Addressee addressee(tx_, tell.person);
      const Ways ways = addressee.ways(tell.kind, is_answer_too(*happening));
      Telling one;
      one.row.event = event.id;
      one.row.person = tell.person;
      one.row.customer = ticket->customer;
      one.row.ticket = ticket->id;
      one.row.kind = to_text(tell.kind);
      one.row.at = event.at;
      one.row.portal = ways.portal;
      if (ways.mail && by_mail_ && !person->email.empty()) addressee.set_mail(one.row, tell.kind);
      if (one.row.mail == MailState::enqueued) {
        one.letter = ticket_letter(tx_, desk_, event, tell.person, tell.kind).value_or(Outgoing());
        if (one.letter.document.empty()) one.row.mail = MailState::no;
      }
      if (one.row.portal || one.row.mail != MailState::no) tellings.push_back(std::move(one));
    }
  }

  void release(std::vector<Due>& due, int rows_max) {
    std::set<std::int64_t> digests;  // whose were gathered
    for (const Notification& row : due_notifications(tx_, tx_.at(), rows_max)) {
      if (row.mail == MailState::digest) {
        if (!digests.insert(row.person.value).second) continue;
        Due told, dropped;  // without a letter: it is not mailed
        for (Notification& item : digest_of(tx_, row.person, tx_.at(), kDigestItemsMax)) {
          (may_be_told_now(tx_, item) ? told : dropped).rows.push_back(std::move(item));
        }
        if (!dropped.rows.empty()) due.push_back(std::move(dropped));
        if (told.rows.empty()) continue;
        told.letter.document = digest_letter(tx_, desk_, row.person, told.rows).value_or("");
        due.push_back(std::move(told));
        continue;
      }
      const auto kind = from_text<Kind>(row.kind);
      const auto event = find_event(tx_, row.event);
      Due one{{row}, {}};
      if (kind && event && may_be_told_now(tx_, row)) {
        one.letter = ticket_letter(tx_, desk_, *event, row.person, *kind).value_or(Outgoing());
      }
      due.push_back(std::move(one));
    }
  }

 private:
  Tx& tx_;
  const Desk& desk_;
  const std::optional<std::string> by_mail_;
};

DeliveryId send(Tx& tx, const std::string& link, const Notification& row, const Outgoing& letter) {
  const bool own_thread = row.ticket.value != 0 && row.mail != MailState::digest;
  const Lane lane = own_thread ? lane_of_notices(tx, link, row.ticket, row.customer, row.person)
                               : lane_of_letter(tx, link);
  // The first mail of the thread makes it; the later ones go below it.
  const bool first = !own_thread || lane_is_new(tx, lane.id);
  return enqueue(tx, lane,
                 {first ? "put_ticket" : "add_comment", letter.document, letter.blobs,
                  own_thread ? row.event.value : 0});
}

// The letter was written on a snapshot: since then its reader may have been erased, or have chosen
// to get none of it. What waits still of a digest is then gathered anew.
bool still_waits(Tx& tx, const Due& due) {
  return std::all_of(due.rows.begin(), due.rows.end(), [&tx](const Notification& row) {
    return tx.query(kStillWaits, row.id).next();
  });
}

}  // namespace

Plan plan(Tx& tx, const Desk& desk, const Portions& take) {
  const auto portion = [&take](Source source) { return take[index_of(source)]; };
  Plan plan;
  Planner planner(tx, desk);
  if (const int rows_max = portion(Source::held); rows_max > 0) {
    planner.release(plan.due, rows_max);
    plan.more = plan.due.size() >= static_cast<std::size_t>(rows_max);
    plan.wake = next_due_notification(tx);
  }
  plan.events_from = plan.events_until = notify_cursor(tx, kTicketLog);
  if (const int events_max = portion(Source::tickets); events_max > 0) {
    const auto events = events_to_tell(tx, plan.events_from, events_max);
    for (const LoggedEvent& event : events) {
      planner.tell(event, plan.tellings);
      plan.events_until = event.id.value;
    }
    plan.more = plan.more || events.size() == static_cast<std::size_t>(events_max);
  }
  plan_broadcasts(tx, desk, portion(Source::notices), portion(Source::broadcasts), plan);
  return plan;
}

Plan plan(Tx& tx, const Desk& desk, int events_max) {
  Portions take = kFullPortions;
  take[index_of(Source::tickets)] = events_max;
  return plan(tx, desk, take);
}

std::string leave_out_next(Tx& tx, Source source) {
  switch (source) {
    case Source::held: {
      const auto due = due_notifications(tx, tx.at(), 1);
      if (due.empty()) return {};
      const Notification& row = due.front();
      if (row.mail == MailState::digest) {
        for (const Notification& one : digest_of(tx, row.person, tx.at(), kDigestItemsMax)) {
          set_held(tx, one.id);
        }
        return {};
      }
      set_not_mailed(tx, row.id);
      return fmt::format("a mail that waited, about event {} to person {}", row.event.value,
                         row.person.value);
    }
    case Source::tickets: {
      const auto events = events_to_tell(tx, notify_cursor(tx, kTicketLog), 1);
      if (events.empty()) return {};
      set_notify_cursor(tx, kTicketLog, events.front().id.value);
      return fmt::format("event {} of {}", events.front().id.value,
                         reference_of(events.front().ticket));
    }
    case Source::notices: {
      const NoticesToTell next = notices_to_tell(tx, notify_cursor(tx, kNoticeLog), 1);
      if (next.notices.empty()) return {};
      set_notify_cursor(tx, kNoticeLog, next.until);
      return fmt::format("event {} of notice {}", next.until, next.notices.front().value);
    }
    case Source::broadcasts: {
      auto open = open_broadcast(tx);
      if (!open) return {};
      const auto people = list_people(tx, open->customer, open->after, 1);
      if (!people.empty()) open->after = people.front().id;
      if (people.empty()) open->state = BroadcastState::done;
      set_broadcast(tx, *open);
      return fmt::format("notice {} to person {}", open->notice.value, open->after.value);
    }
  }
  return {};
}

void move_cursors(Tx& tx, const Plan& plan) {
  if (plan.events_until != plan.events_from) set_notify_cursor(tx, kTicketLog, plan.events_until);
  if (plan.notices_until != plan.notices_from) {
    set_notify_cursor(tx, kNoticeLog, plan.notices_until);
  }
}

std::vector<PersonId> carry_out_rows(Tx& tx, const Plan& plan) {
  std::vector<PersonId> people;
  const auto link = notices_link(tx);
  for (const Due& due : plan.due) {
    if (due.rows.empty() || !still_waits(tx, due)) continue;
    const bool sent = link && !due.letter.document.empty();
    const DeliveryId delivery = sent ? send(tx, *link, due.rows.front(), due.letter) : DeliveryId{};
    for (const Notification& row : due.rows) {
      if (sent) set_enqueued(tx, row.id, delivery);
      if (!sent) set_not_mailed(tx, row.id);
    }
  }
  for (const Telling& telling : plan.tellings) {
    Notification row = telling.row;
    if (was_told(tx, row.event, row.person, row.notice)) continue;
    const auto person = find_person(tx, row.person);
    if (!person) continue;
    if (person->email.empty()) {
      row.mail = MailState::no;
      row.due_at.reset();
      if (!row.portal) continue;
    }
    if (row.mail == MailState::enqueued) {
      if (link) row.delivery = send(tx, *link, row, telling.letter);
      if (!link) row.mail = MailState::no;
    }
    if (row.due_at) bring_forward(tx, row);
    add_notification(tx, row);
    if (row.portal) people.push_back(row.person);
  }
  for (const Broadcast& one : plan.begin) start_broadcast(tx, one);
  if (plan.step) set_broadcast(tx, *plan.step);
  return people;
}

std::vector<PersonId> carry_out(Tx& tx, const Plan& plan) {
  const bool moved = notify_cursor(tx, kTicketLog) != plan.events_from ||
                     notify_cursor(tx, kNoticeLog) != plan.notices_from;
  if (moved) return {};
  move_cursors(tx, plan);
  return carry_out_rows(tx, plan);
}

}  // namespace ombud::notify
