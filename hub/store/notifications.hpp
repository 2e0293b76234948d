// Rows of what people were told (hub/notify): notifications, what each chose to be told, how far
// the logs have been told, and broadcasts. The rules are in notify/. Of all tenants, but where a
// function says whose.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/notice.hpp"
#include "store/tickets.hpp"

namespace ombud {

struct Person;  // store/directory.hpp

using NotificationId = Id<struct NotificationTag>;

// no: not by mail. enqueued: it is in the outbox. held: its person's quiet hours end at `due_at`.
// digest: it goes with what else waits then.
enum class MailState { no, enqueued, held, digest };
template <>
inline constexpr std::array kWords<MailState>{
    std::pair{MailState::no, std::string_view("no")},
    std::pair{MailState::enqueued, std::string_view("enqueued")},
    std::pair{MailState::held, std::string_view("held")},
    std::pair{MailState::digest, std::string_view("digest")}};

struct Notification {
  NotificationId id;
  EventId event;  // of the ticket's log; of a notice: event_of(edition, phase)
  PersonId person;
  NoticeId notice;  // 0: about a ticket
  std::string customer;
  TicketId ticket;   // 0: about a notice
  std::string kind;  // a word of notify::Kind
  Instant at;        // of the event
  bool portal = false;
  std::optional<Instant> read_at;
  MailState mail = MailState::no;
  std::optional<Instant> due_at;
  DeliveryId delivery;  // 0: none
};

// --- How far the logs have been told -------------------------------------------------------------
inline constexpr std::string_view kTicketLog = "ticket", kNoticeLog = "notice";
std::int64_t notify_cursor(Tx& tx, std::string_view log);
void set_notify_cursor(Tx& tx, std::string_view log, std::int64_t until);
// Events of all tickets after this one, oldest first.
std::vector<LoggedEvent> events_to_tell(Tx& tx, std::int64_t after, int limit);
// Who takes part in the ticket and did so then, first come, first.
std::vector<PersonId> participants_at(Tx& tx, TicketId ticket, Instant at);
// Under which identities whoever acted (Principal::actor) reads what the desk writes: he himself,
// and all people of his account or his address; of one of the desk's likewise.
std::vector<PersonId> people_behind(Tx& tx, std::string_view actor);
// Notices that something happened to after that event of their logs, each once, and the last event.
struct NoticesToTell {
  std::vector<NoticeId> notices;
  std::int64_t until = 0;
  bool more = false;
};
NoticesToTell notices_to_tell(Tx& tx, std::int64_t after, int limit);

// --- Notifications -------------------------------------------------------------------------------
bool was_told(Tx& tx, EventId event, PersonId person, NoticeId notice);
std::optional<Instant> when_told(Tx& tx, EventId event, PersonId person, NoticeId notice);
NotificationId add_notification(Tx& tx, const Notification& told);
// Whether mails about this ticket to this person wait for an hour of his, or are due and not gone.
bool has_held(Tx& tx, PersonId person, TicketId ticket);
// What waits about this ticket goes no later than this new one, which waits too: the rules may have
// changed in between, such as his time zone.
void bring_forward(Tx& tx, const Notification& told);
// Due at `now` or earlier, the longest waiting first.
std::vector<Notification> due_notifications(Tx& tx, Instant now, int limit);
// All of the person's that wait for a digest and are due, oldest first.
std::vector<Notification> digest_of(Tx& tx, PersonId person, Instant now, int limit);
Instant next_due_notification(Tx& tx);  // kNever: none waits
void set_enqueued(Tx& tx, NotificationId id, DeliveryId delivery);
void set_not_mailed(Tx& tx, NotificationId id);
void set_held(Tx& tx, NotificationId id);  // of a digest: it goes alone, when it is due
// What waits for an hour of his waits no longer: he chose anew.
void release_held(Tx& tx, PersonId person, Instant now);

// What stands in his portal, the newest first; `before`: the last one seen.
std::vector<Notification> notifications_of(Tx& tx, PersonId person, bool unread_only,
                                           std::optional<NotificationId> before, int limit);
std::int64_t count_unread(Tx& tx, PersonId person, int max);
// Those up to this one, or these; how many were unread.
std::int64_t mark_told_read(Tx& tx, PersonId person, NotificationId until);
std::int64_t mark_told_read(Tx& tx, PersonId person, const std::vector<NotificationId>& ids);

// Who was told of an event of the ticket by mail, and what came of each: for the desk. By event.
struct ToldByMail {
  EventId event;
  PersonId person;
  std::string name, address;
  DeliveryId delivery;       // 0: it waits for an hour of his
  std::string state, error;  // of the delivery; empty: there is none yet
  bool bounced = false;      // it came back for good; `error` says why
};
std::vector<ToldByMail> told_by_mail(Tx& tx, TicketId ticket);

// --- What somebody chose -------------------------------------------------------------------------
struct PreferenceRow {
  std::string kinds = "{}";  // JSON: word of kind → "mail", "portal", "both" or "none"
  std::string digest = "off";
  int digest_at = 450;  // minutes of his day
  std::optional<int> quiet_from, quiet_until;
};
std::optional<PreferenceRow> find_preferences(Tx& tx, PersonId person);
void put_preferences(Tx& tx, PersonId person, const PreferenceRow& row);
// The zone of the account that this person has; empty: none is known.
std::string zone_of_person(Tx& tx, PersonId person);
// In which language to write to him: his account's choice, else that of the directory.
std::string language_of_person(Tx& tx, const Person& person);

// --- Broadcasts ----------------------------------------------------------------------------------
// started: it began, or is planned. over: it has ended. begins: what was planned begins.
enum class Phase { started = 1, over = 2, begins = 3 };
// What stands as the event in notifications about a notice.
constexpr EventId event_of(int edition, Phase phase) {
  return {4 * (std::int64_t{edition} - 1) + static_cast<std::int64_t>(phase)};
}
constexpr Phase phase_of(EventId event) {
  return static_cast<Phase>((event.value - 1) % 4 + 1);
}
// stopped: it was withdrawn before all had heard of it.
enum class BroadcastState { open, done, stopped };
template <>
inline constexpr std::array kWords<BroadcastState>{
    std::pair{BroadcastState::open, std::string_view("open")},
    std::pair{BroadcastState::done, std::string_view("done")},
    std::pair{BroadcastState::stopped, std::string_view("stopped")}};

struct Broadcast {
  NoticeId notice;
  std::string customer;
  int edition = 1;
  Phase phase = Phase::started;
  bool planned = false;  // started: before it had begun
  PersonId after;        // the last who was told
  BroadcastState state = BroadcastState::open;
};
// Once; one that was stopped goes on where it was.
void start_broadcast(Tx& tx, const Broadcast& broadcast);
std::optional<Broadcast> open_broadcast(Tx& tx);  // the first that has people left
void set_broadcast(Tx& tx, const Broadcast& broadcast);
// Notices whose newest edition was told and whose end was not.
std::vector<NoticeId> notices_under_way(Tx& tx);
// Who did that to the notice last: its actor; empty: nobody.
std::string last_actor(Tx& tx, NoticeId notice, std::string_view type);
std::vector<Broadcast> broadcasts_of(Tx& tx, NoticeId notice, int edition);

}  // namespace ombud
