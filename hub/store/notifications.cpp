#include "store/notifications.hpp"

#include <algorithm>
#include <charconv>

#include "base/assert.hpp"
#include "store/directory.hpp"
#include "store/event_rows.hpp"

namespace ombud {
namespace {

constexpr Sql kCursor{"SELECT until FROM notify_cursor WHERE log = $1"};
constexpr Sql kSetCursor{"UPDATE notify_cursor SET until = $2 WHERE log = $1"};
constexpr Sql kEvents{
    "SELECT event_id, ticket_id, version, at, actor, type, data FROM event WHERE event_id > $1"
    " ORDER BY event_id LIMIT $2 -- all tenants: each is told only what is his"};
constexpr Sql kParticipants{
    "SELECT person_id FROM participant WHERE ticket_id = $1 AND since <= $2"
    " AND ($tenant IS NULL OR customer_id = $tenant) ORDER BY since, person_id"};
constexpr Sql kPeopleOfPerson{
    "SELECT o.person_id FROM membership m JOIN membership o ON o.account_id = m.account_id"
    " WHERE m.person_id = $1 UNION SELECT q.person_id FROM person p JOIN person q"
    " ON q.email = p.email AND q.email <> '' WHERE p.person_id = $1"
    " -- all tenants: one person may be several customers'"};
constexpr Sql kPeopleOfAgent{
    "SELECT m.person_id FROM account a JOIN membership m ON m.account_id = a.account_id"
    " WHERE a.agent_id = $1 UNION SELECT p.person_id FROM account a JOIN person p"
    " ON p.email = a.email AND p.email <> '' WHERE a.agent_id = $1"
    " UNION SELECT p.person_id FROM agent g JOIN person p ON p.email = lower(g.email)"
    " AND p.email <> '' WHERE g.agent_id = $1"
    " -- all tenants: one of the desk's may be some customer's person"};
constexpr Sql kLastActor{
    "SELECT actor FROM notice_event WHERE notice_id = $1 AND type = $2"
    " ORDER BY event_id DESC LIMIT 1"};
constexpr Sql kNoticeEvents{
    "SELECT event_id, notice_id FROM notice_event WHERE event_id > $1 ORDER BY event_id LIMIT $2"};

#define OMBUD_NOTIFICATION_COLUMNS                                                             \
  "notification_id, event_id, person_id, notice_id, customer_id, ticket_id, kind, at, portal," \
  " read_at, mail, due_at, delivery_id"
constexpr Sql kWasTold{
    "SELECT 1 FROM notification WHERE event_id = $1 AND person_id = $2 AND notice_id = $3"
    " -- all tenants: by event and person"};
constexpr Sql kWhenTold{
    "SELECT at FROM notification WHERE event_id = $1 AND person_id = $2 AND notice_id = $3"
    " -- all tenants: by event and person"};
constexpr Sql kAdd{
    "INSERT INTO notification (event_id, person_id, notice_id, customer_id, ticket_id, kind, at,"
    " portal, mail, due_at, delivery_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
    " -- all tenants: insert"};
constexpr Sql kHasHeld{
    "SELECT 1 FROM notification WHERE person_id = $1 AND ticket_id = $2 AND due_at IS NOT NULL"
    " AND (mail = 'held' OR due_at <= $3) LIMIT 1 -- all tenants: by person"};
constexpr Sql kBringForward{
    "UPDATE notification SET due_at = $3 WHERE person_id = $1 AND ticket_id = $2"
    " AND due_at IS NOT NULL AND due_at > $3 AND (mail = 'held' OR mail = $4)"
    " -- all tenants: by person"};
constexpr Sql kDue{
    "SELECT " OMBUD_NOTIFICATION_COLUMNS
    " FROM notification WHERE due_at <= $1 AND due_at IS NOT NULL ORDER BY due_at, notification_id"
    " LIMIT $2 -- all tenants: each is told only what is his"};
constexpr Sql kDigestOf{
    "SELECT " OMBUD_NOTIFICATION_COLUMNS
    " FROM notification WHERE person_id = $1 AND due_at IS NOT NULL AND mail = 'digest'"
    " AND due_at <= $2 ORDER BY notification_id LIMIT $3 -- all tenants: by person"};
constexpr Sql kNextDue{
    "SELECT min(due_at) FROM notification WHERE due_at IS NOT NULL -- all tenants: a time alone"};
constexpr Sql kEnqueued{
    "UPDATE notification SET mail = 'enqueued', due_at = NULL, delivery_id = $2"
    " WHERE notification_id = $1 -- all tenants: by id"};
constexpr Sql kNotMailed{
    "UPDATE notification SET mail = 'no', due_at = NULL WHERE notification_id = $1"
    " -- all tenants: by id"};
constexpr Sql kHeld{
    "UPDATE notification SET mail = 'held' WHERE notification_id = $1 AND due_at IS NOT NULL"
    " -- all tenants: by id"};
constexpr Sql kRelease{
    "UPDATE notification SET due_at = min(due_at, $2) WHERE person_id = $1 AND due_at IS NOT NULL"
    " -- all tenants: by person"};
constexpr Sql kOfPerson{
    "SELECT " OMBUD_NOTIFICATION_COLUMNS
    " FROM notification WHERE person_id = $1 AND portal = 1 AND notification_id < $2"
    " ORDER BY notification_id DESC LIMIT $3 -- all tenants: by person"};
constexpr Sql kUnreadOfPerson{
    "SELECT " OMBUD_NOTIFICATION_COLUMNS
    " FROM notification WHERE person_id = $1 AND portal = 1 AND read_at IS NULL"
    " AND notification_id < $2 ORDER BY notification_id DESC LIMIT $3 -- all tenants: by person"};
constexpr Sql kCount{
    "SELECT count(*) FROM (SELECT 1 FROM notification WHERE person_id = $1 AND portal = 1"
    " AND read_at IS NULL LIMIT $2) -- all tenants: by person"};
constexpr Sql kReadUntil{
    "UPDATE notification SET read_at = $3 WHERE person_id = $1 AND portal = 1 AND read_at IS NULL"
    " AND notification_id <= $2 -- all tenants: by person"};
constexpr Sql kReadOne{
    "UPDATE notification SET read_at = $3 WHERE person_id = $1 AND portal = 1 AND read_at IS NULL"
    " AND notification_id = $2 -- all tenants: by person"};
constexpr Sql kToldByMail{
    "SELECT n.event_id, n.person_id, p.name, p.email, n.delivery_id, coalesce(d.state, ''),"
    " coalesce((SELECT b.why FROM mail_bounce b WHERE b.delivery_id = n.delivery_id"
    "  AND b.permanent = 1 ORDER BY b.bounce_id DESC LIMIT 1), d.last_error, ''),"
    " EXISTS (SELECT 1 FROM mail_bounce b WHERE b.delivery_id = n.delivery_id AND b.permanent = 1)"
    " FROM event e JOIN notification n ON n.event_id = e.event_id"
    " AND n.notice_id = 0 AND n.mail <> 'no' JOIN person p ON p.person_id = n.person_id"
    " LEFT JOIN delivery d ON d.delivery_id = n.delivery_id WHERE e.ticket_id = $1"
    " AND ($tenant IS NULL OR e.customer_id = $tenant) ORDER BY n.event_id, n.notification_id"};

constexpr Sql kPreferences{
    "SELECT kinds, digest, digest_at, quiet_from, quiet_until FROM notification_preference"
    " WHERE person_id = $1"};
constexpr Sql kPutPreferences{
    "INSERT INTO notification_preference (person_id, kinds, digest, digest_at, quiet_from,"
    " quiet_until, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7)"
    " ON CONFLICT (person_id) DO UPDATE SET kinds = excluded.kinds, digest = excluded.digest,"
    " digest_at = excluded.digest_at, quiet_from = excluded.quiet_from,"
    " quiet_until = excluded.quiet_until, changed_at = excluded.changed_at"};
constexpr Sql kZone{
    "SELECT a.zone FROM membership m JOIN account a ON a.account_id = m.account_id"
    " WHERE m.person_id = $1 -- all tenants: by person"};

constexpr Sql kLanguage{
    "SELECT a.language FROM membership m JOIN account a ON a.account_id = m.account_id"
    " WHERE m.person_id = $1 AND a.language IS NOT NULL -- all tenants: by person"};

#define OMBUD_BROADCAST_COLUMNS \
  "b.notice_id, b.customer_id, b.edition, b.phase, b.planned, b.after, b.state FROM broadcast b"
constexpr Sql kStartBroadcast{
    "INSERT INTO broadcast (notice_id, customer_id, edition, phase, planned)"
    " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (notice_id, customer_id, edition, phase) DO UPDATE"
    " SET state = 'open' WHERE state = 'stopped' -- all tenants: insert"};
constexpr Sql kOpenBroadcast{"SELECT " OMBUD_BROADCAST_COLUMNS
                             " WHERE b.state = 'open'"
                             " ORDER BY b.notice_id, b.edition, b.phase, b.customer_id LIMIT 1"
                             " -- all tenants: the hub tells all of them"};
constexpr Sql kSetBroadcast{
    "UPDATE broadcast SET after = $5, state = $6 WHERE notice_id = $1 AND customer_id = $2"
    " AND edition = $3 AND phase = $4 -- all tenants: by key"};
constexpr Sql kUnderWay{
    "SELECT DISTINCT b.notice_id FROM broadcast b JOIN notice n ON n.notice_id = b.notice_id"
    " AND n.edition = b.edition WHERE b.phase = 1 AND NOT EXISTS (SELECT 1 FROM broadcast e"
    " WHERE e.notice_id = b.notice_id AND e.customer_id = b.customer_id"
    " AND e.edition = b.edition AND e.phase = 2) -- all tenants: the hub tells all of them"};
constexpr Sql kBroadcastsOf{"SELECT " OMBUD_BROADCAST_COLUMNS
                            " WHERE b.notice_id = $1 AND b.edition = $2"
                            " ORDER BY b.customer_id, b.phase"
                            " -- all tenants: the hub tells all of them"};

Notification notification_from(const Rows& row) {
  Notification n;
  n.id = {row.integer(0)};
  n.event = {row.integer(1)};
  n.person = {row.integer(2)};
  n.notice = {row.integer(3)};
  n.customer = row.text(4);
  n.ticket = {row.integer(5)};
  n.kind = row.text(6);
  n.at = row.instant(7);
  n.portal = row.integer(8) != 0;
  n.read_at = row.maybe_instant(9);
  const auto mail = from_text<MailState>(row.view(10));
  OMBUD_ASSERT(mail.has_value());
  n.mail = *mail;
  n.due_at = row.maybe_instant(11);
  n.delivery = {row.integer(12)};
  return n;
}

Broadcast broadcast_from(const Rows& row) {
  Broadcast one;
  one.notice = {row.integer(0)};
  one.customer = row.text(1);
  one.edition = static_cast<int>(row.integer(2));
  one.phase = static_cast<Phase>(row.integer(3));
  one.planned = row.integer(4) != 0;
  one.after = {row.integer(5)};
  const auto state = from_text<BroadcastState>(row.view(6));
  OMBUD_ASSERT(state.has_value());
  one.state = *state;
  return one;
}

std::vector<Notification> all_of(Rows rows) {
  std::vector<Notification> all;
  while (rows.next()) all.push_back(notification_from(rows));
  return all;
}

constexpr std::int64_t kNewest = INT64_MAX;

}  // namespace

std::int64_t notify_cursor(Tx& tx, std::string_view log) {
  Rows rows = tx.query(kCursor, log);
  const bool there = rows.next();
  OMBUD_ASSERT(there);
  return rows.integer(0);
}

void set_notify_cursor(Tx& tx, std::string_view log, std::int64_t until) {
  tx.run(kSetCursor, log, until);
}

std::vector<LoggedEvent> events_to_tell(Tx& tx, std::int64_t after, int limit) {
  return events_from(tx.query(kEvents, after, limit));
}

std::vector<PersonId> participants_at(Tx& tx, TicketId ticket, Instant at) {
  std::vector<PersonId> all;
  Rows rows = tx.query(kParticipants, ticket, at);
  while (rows.next()) all.push_back({rows.integer(0)});
  return all;
}

std::vector<PersonId> people_behind(Tx& tx, std::string_view actor) {
  std::vector<PersonId> all;
  const auto add = [&all](Rows rows) {
    while (rows.next()) all.push_back({rows.integer(0)});
  };
  constexpr std::string_view kUser = "user:";
  const std::size_t colon = actor.find(':');
  if (colon == std::string_view::npos || colon + 1 == actor.size()) return all;
  const std::string_view who = actor.substr(colon + 1);
  if (!actor.starts_with(kUser)) {
    if (who.find(':') == std::string_view::npos) add(tx.query(kPeopleOfAgent, who));
    return all;
  }
  PersonId person;
  std::from_chars(who.data(), who.data() + who.size(), person.value);
  if (person.value == 0) return all;
  add(tx.query(kPeopleOfPerson, person));
  if (std::find(all.begin(), all.end(), person) == all.end()) all.push_back(person);
  return all;
}

NoticesToTell notices_to_tell(Tx& tx, std::int64_t after, int limit) {
  NoticesToTell found;
  found.until = after;
  int read = 0;
  Rows rows = tx.query(kNoticeEvents, after, limit);
  while (rows.next()) {
    ++read;
    found.until = rows.integer(0);
    const NoticeId notice{rows.integer(1)};
    std::erase(found.notices, notice);
    found.notices.push_back(notice);
  }
  found.more = read == limit;
  return found;
}

bool was_told(Tx& tx, EventId event, PersonId person, NoticeId notice) {
  return tx.query(kWasTold, event, person, notice).next();
}

std::optional<Instant> when_told(Tx& tx, EventId event, PersonId person, NoticeId notice) {
  Rows rows = tx.query(kWhenTold, event, person, notice);
  return rows.next() ? std::optional(rows.instant(0)) : std::nullopt;
}

NotificationId add_notification(Tx& tx, const Notification& n) {
  return {tx.insert(kAdd, n.event, n.person, n.notice, n.customer, n.ticket, n.kind, n.at, n.portal,
                    to_text(n.mail), n.due_at, or_null(n.delivery))};
}

bool has_held(Tx& tx, PersonId person, TicketId ticket) {
  return tx.query(kHasHeld, person, ticket, tx.at()).next();
}

void bring_forward(Tx& tx, const Notification& told) {
  tx.run(kBringForward, told.person, told.ticket, told.due_at, to_text(told.mail));
}

std::vector<Notification> due_notifications(Tx& tx, Instant now, int limit) {
  return all_of(tx.query(kDue, now, limit));
}

std::vector<Notification> digest_of(Tx& tx, PersonId person, Instant now, int limit) {
  return all_of(tx.query(kDigestOf, person, now, limit));
}

Instant next_due_notification(Tx& tx) {
  Rows rows = tx.query(kNextDue);
  return rows.next() && !rows.is_null(0) ? rows.instant(0) : kNever;
}

void set_enqueued(Tx& tx, NotificationId id, DeliveryId delivery) {
  tx.run(kEnqueued, id, delivery);
}

void set_not_mailed(Tx& tx, NotificationId id) {
  tx.run(kNotMailed, id);
}

void set_held(Tx& tx, NotificationId id) {
  tx.run(kHeld, id);
}

void release_held(Tx& tx, PersonId person, Instant now) {
  tx.run(kRelease, person, now);
}

std::vector<Notification> notifications_of(Tx& tx, PersonId person, bool unread_only,
                                           std::optional<NotificationId> before, int limit) {
  const std::int64_t until = before ? before->value : kNewest;
  return all_of(tx.query(unread_only ? kUnreadOfPerson : kOfPerson, person, until, limit));
}

std::int64_t count_unread(Tx& tx, PersonId person, int max) {
  Rows rows = tx.query(kCount, person, max);
  return rows.next() ? rows.integer(0) : 0;
}

std::int64_t mark_told_read(Tx& tx, PersonId person, NotificationId until) {
  return tx.run(kReadUntil, person, until, tx.at());
}

std::int64_t mark_told_read(Tx& tx, PersonId person, const std::vector<NotificationId>& ids) {
  std::int64_t read = 0;
  for (const NotificationId id : ids) read += tx.run(kReadOne, person, id, tx.at());
  return read;
}

std::vector<ToldByMail> told_by_mail(Tx& tx, TicketId ticket) {
  std::vector<ToldByMail> all;
  Rows rows = tx.query(kToldByMail, ticket);
  while (rows.next()) {
    all.push_back({{rows.integer(0)},
                   {rows.integer(1)},
                   rows.text(2),
                   rows.text(3),
                   {rows.integer(4)},
                   rows.text(5),
                   rows.text(6),
                   rows.integer(7) != 0});
  }
  return all;
}

std::optional<PreferenceRow> find_preferences(Tx& tx, PersonId person) {
  Rows rows = tx.query(kPreferences, person);
  if (!rows.next()) return std::nullopt;
  PreferenceRow row;
  row.kinds = rows.text(0);
  row.digest = rows.text(1);
  row.digest_at = static_cast<int>(rows.integer(2));
  if (!rows.is_null(3)) {
    row.quiet_from = static_cast<int>(rows.integer(3));
    row.quiet_until = static_cast<int>(rows.integer(4));
  }
  return row;
}

void put_preferences(Tx& tx, PersonId person, const PreferenceRow& row) {
  tx.run(kPutPreferences, person, row.kinds, row.digest, row.digest_at, row.quiet_from,
         row.quiet_until, tx.at());
}

std::string zone_of_person(Tx& tx, PersonId person) {
  Rows rows = tx.query(kZone, person);
  return rows.next() ? rows.text(0) : "";
}

std::string language_of_person(Tx& tx, const Person& person) {
  Rows rows = tx.query(kLanguage, person.id);
  return rows.next() ? rows.text(0) : person.language;
}

void start_broadcast(Tx& tx, const Broadcast& one) {
  tx.run(kStartBroadcast, one.notice, one.customer, one.edition, static_cast<int>(one.phase),
         one.planned);
}

std::optional<Broadcast> open_broadcast(Tx& tx) {
  Rows rows = tx.query(kOpenBroadcast);
  return rows.next() ? std::optional(broadcast_from(rows)) : std::nullopt;
}

void set_broadcast(Tx& tx, const Broadcast& one) {
  tx.run(kSetBroadcast, one.notice, one.customer, one.edition, static_cast<int>(one.phase),
         one.after, to_text(one.state));
}

std::vector<NoticeId> notices_under_way(Tx& tx) {
  std::vector<NoticeId> all;
  Rows rows = tx.query(kUnderWay);
  while (rows.next()) all.push_back({rows.integer(0)});
  return all;
}

std::string last_actor(Tx& tx, NoticeId notice, std::string_view type) {
  Rows rows = tx.query(kLastActor, notice, type);
  return rows.next() ? rows.text(0) : "";
}

std::vector<Broadcast> broadcasts_of(Tx& tx, NoticeId notice, int edition) {
  std::vector<Broadcast> all;
  Rows rows = tx.query(kBroadcastsOf, notice, edition);
  while (rows.next()) all.push_back(broadcast_from(rows));
  return all;
}

}  // namespace ombud
