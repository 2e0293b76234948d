#include "notify/compose.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/json.hpp"
#include "desk/approvals.hpp"
#include "notify/sentences.hpp"
#include "store/approvals.hpp"
#include "store/mails.hpp"

namespace ombud::notify {
namespace {

constexpr Sql kEvent{
    "SELECT event_id, ticket_id, version, at, actor, type, data FROM event WHERE event_id = $1"
    " -- all tenants: by id, of a notification"};
// The event of the same ticket beside this one, whatever files came in between.
constexpr Sql kNext{
    "SELECT event_id, ticket_id, version, at, actor, type, data FROM event WHERE ticket_id = $1"
    " AND version > $2 AND type <> 'attachment_added' ORDER BY version LIMIT 1"
    " -- all tenants: of an event that is told"};
constexpr Sql kPrevious{
    "SELECT event_id, ticket_id, version, at, actor, type, data FROM event WHERE ticket_id = $1"
    " AND version < $2 AND type <> 'attachment_added' ORDER BY version DESC LIMIT 1"
    " -- all tenants: of an event that is told"};
constexpr Sql kStatusBefore{
    "SELECT json_extract(data, '$.status') FROM event WHERE ticket_id = $1 AND version < $2"
    " AND type = 'status_changed' ORDER BY version DESC LIMIT 1"
    " -- all tenants: of an event that is told"};
// A decision that set this status: of the same moment and actor.
constexpr Sql kDecidedWith{
    "SELECT 1 FROM event WHERE ticket_id = $1 AND version < $2 AND type = 'approval_decided'"
    " AND at = $3 AND actor = $4 LIMIT 1 -- all tenants: of an event that is told"};
constexpr Sql kSaidLast{
    "SELECT author, text, at FROM message WHERE ticket_id = $1 AND message_id < $2"
    " AND party = 'user' AND visibility = 'user' ORDER BY message_id DESC LIMIT 1"
    " -- all tenants: of an event that is told"};

constexpr Sql kOrdered{
    "SELECT text FROM message WHERE ticket_id = $1 AND visibility = 'user'"
    " ORDER BY message_id LIMIT 1 -- all tenants: of an event that is told"};

std::optional<LoggedEvent> one_event(Rows rows) {
  if (!rows.next()) return std::nullopt;
  return LoggedEvent{{rows.integer(0)}, {rows.integer(1)}, rows.integer(2), rows.instant(3),
                     rows.text(4),      rows.text(5),      rows.text(6)};
}

bool is_together(const LoggedEvent& a, const LoggedEvent& b) {
  return a.at == b.at && a.actor == b.actor;
}

bool is_desk_to_user(json::View message) {
  return message["visibility"].text() == to_text(Visibility::user) &&
         message["from"].text() == to_text(Party::desk) && !message["said_at"].present();
}

// The status that was set together with this message.
std::optional<TicketStatus> status_with(Tx& tx, const LoggedEvent& message) {
  const auto next = one_event(tx.query(kNext, message.ticket, message.version));
  if (!next || next->type != "status_changed" || !is_together(message, *next)) return std::nullopt;
  const auto data = json::parse(next->data);
  return data ? from_text<TicketStatus>((*data)["status"].text()) : std::nullopt;
}

// The message that this status came with.
struct Cause {
  bool desk_to_user = false;
  bool quiet = false;  // a mail, because of which nobody may get one
};
Cause cause_of(Tx& tx, const LoggedEvent& status) {
  const auto before = one_event(tx.query(kPrevious, status.ticket, status.version));
  if (!before || before->type != "message_added" || !is_together(*before, status)) return {};
  const auto data = json::parse(before->data);
  const auto mail = find_mail_message(tx, {before->id.value});
  return {data && is_desk_to_user(data->root()), mail && mail->quiet};
}

bool is_of_decision(Tx& tx, const LoggedEvent& status) {
  return tx.query(kDecidedWith, status.ticket, status.version, status.at, status.actor).next();
}

bool is_merging(Tx& tx, const LoggedEvent& status) {
  const auto next = one_event(tx.query(kNext, status.ticket, status.version));
  return next && next->type == "merged" && is_together(status, *next);
}

TicketStatus status_before(Tx& tx, const LoggedEvent& event) {
  Rows rows = tx.query(kStatusBefore, event.ticket, event.version);
  if (!rows.next()) return TicketStatus::fresh;
  return from_text<TicketStatus>(rows.view(0)).value_or(TicketStatus::fresh);
}

struct Mail {
  std::string name, address, reference, language;
  LetterText letter;
  Kind kind = Kind::replied;
  bool automatic = true;
  std::string answers;  // Message-ID
  std::string reply_to;
  std::string unsubscribe;
  std::vector<Attachment> files;  // that go with it
};

std::string document_of(const Mail& mail) {
  json::Writer out;
  out.begin_object()
      .field("schema", "ombud.notice/1")
      .field("reference", mail.reference)
      .begin_object("to")
      .field("name", mail.name)
      .field("address", mail.address)
      .end_object()
      .field("subject", mail.letter.subject)
      .field("text", mail.letter.text);
  if (!mail.letter.html.empty()) out.field("html", mail.letter.html);
  out.field("language", mail.language)
      .field("automatic", mail.automatic)
      .field("kind", to_text(mail.kind));
  if (!mail.answers.empty()) {
    out.field("in_reply_to", mail.answers).field("references", mail.answers);
  }
  if (!mail.reply_to.empty()) out.field("reply_to", mail.reply_to);
  if (!mail.files.empty()) {
    out.begin_array("attachments");
    for (const Attachment& file : mail.files) {
      out.begin_object()
          .field("name", file.name)
          .field("media_type", file.media_type)
          .field("size", file.bytes)
          .field("sha256", file.sha256)
          .end_object();
    }
    out.end_array();
  }
  if (!mail.unsubscribe.empty()) out.field("list_unsubscribe", mail.unsubscribe);
  out.end_object();
  return out.take();
}

// The files of this message: those that go with the mail, in `mail`, and all of them in `facts`.
void take_files(Tx& tx, const Desk& desk, const LoggedEvent& event, LetterFacts& facts,
                Mail& mail) {
  std::int64_t bytes = 0;
  for (const Attachment& file : attachments_of(tx, event.ticket)) {
    if (file.message.value != event.id.value || file.visibility != Visibility::user) continue;
    LetterFacts::File shown{file.name, file.bytes, {}};
    if (bytes + file.bytes <= desk.files.bytes_max) {
      bytes += file.bytes;
      mail.files.push_back(file);
    } else {
      if (desk.files.url_of) shown.url = desk.files.url_of(file.id, tx.at());
      if (shown.url.empty()) shown.url = facts.url;
    }
    facts.files.push_back(std::move(shown));
  }
}

std::string said_in(const LoggedEvent& event, json::View data) {
  if (event.type == "message_added") return std::string(data["text"].text());
  if (event.type == "approval_decided") return std::string(data["comment"].text());
  return {};
}

// Who asks for what, for whom, and until when.
void describe_order(Tx& tx, const Ticket& ticket, json::View requested, LetterFacts& facts) {
  const auto requester = find_person(tx, ticket.requester);
  const auto approval = approval_of(tx, ticket.id);
  if (requester) facts.author = requester->name;
  if (requester && approval && !approval->writer.empty()) {
    facts.author = facts.desk_name;
    facts.for_whom = requester->name;
  }
  if (const std::int64_t due = requested["due"].integer(); due > 0) {
    facts.answer_by = Instant(Millis(due));
  }
  facts.reminder = requested["occasion"].text() == to_text(ApprovalOccasion::reminder);
  Rows words = tx.query(kOrdered, ticket.id);
  if (words.next()) facts.text = words.text(0);
}

// "Karin Ek, Nils Nord or 4 others".
std::string names_of(const std::vector<desk::Decides>& deciders, std::string_view language) {
  constexpr std::size_t kNamesMax = 3;
  const bool swedish = language != "en";
  std::vector<std::string> names;
  for (const desk::Decides& one : deciders) {
    if (one.may) names.push_back(one.name);
  }
  const std::size_t named = names.size() > kNamesMax ? kNamesMax - 1 : names.size();
  const std::size_t parts = named + (names.size() > named ? 1 : 0);
  std::string all;
  for (std::size_t i = 0; i < parts; ++i) {
    if (i != 0) all += i + 1 < parts ? ", " : swedish ? " eller " : " or ";
    all += i < named ? names[i]
                     : fmt::format("{} {}", names.size() - named, swedish ? "till" : "others");
  }
  return all;
}

// Whoever ordered it must know that nothing happens before somebody else has acted.
void describe_waiting(Tx& tx, const Ticket& ticket, LetterFacts& facts) {
  if (!ticket.waits_for_approval()) return;
  const auto view = desk::approval_view(tx, ticket);
  if (!view) return;
  facts.waits = true;
  facts.approvers = names_of(view->approvers, facts.language);
  facts.answer_by = view->approval.due_at;
}

}  // namespace

std::string ticket_url(const Desk& desk, TicketId ticket) {
  return desk.public_url.empty() ? "" : fmt::format("{}/tickets/{}", desk.public_url, ticket.value);
}

std::string settings_url(const Desk& desk, PersonId person) {
  return desk.public_url.empty()
             ? ""
             : fmt::format("{}/notifications?token={}", desk.public_url, desk.key.token_of(person));
}

std::optional<LoggedEvent> find_event(Tx& tx, EventId event) {
  return one_event(tx.query(kEvent, event));
}

std::optional<Happening> happening_of(Tx& tx, const LoggedEvent& event) {
  using What = Happening::What;
  // Most of a log is nobody's business outside: it is not even read.
  static constexpr std::array<std::string_view, 6> kTold{"registered",         "message_added",
                                                         "status_changed",     "participant_added",
                                                         "approval_requested", "approval_decided"};
  if (std::find(kTold.begin(), kTold.end(), event.type) == kTold.end()) return std::nullopt;
  const auto parsed = json::parse(event.data);
  if (!parsed) return std::nullopt;
  const json::View data = parsed->root();
  Happening h;
  if (event.type == "registered") {
    h.what = What::registered;
    h.quiet = data["quiet"].boolean(false);
    return h;  // a receipt goes also to whoever did it himself
  } else if (event.type == "message_added") {
    h.what = What::message;
    h.desk_to_user = is_desk_to_user(data);
    if (!h.desk_to_user) return std::nullopt;
    h.with_status = status_with(tx, event);
  } else if (event.type == "status_changed") {
    const auto after = from_text<TicketStatus>(data["status"].text());
    if (!after) return std::nullopt;
    h.what = What::status;
    h.after = *after;
    h.before = status_before(tx, event);
    const Cause cause = cause_of(tx, event);
    h.with_message = cause.desk_to_user;
    h.quiet = cause.quiet;
    h.with_decision = is_of_decision(tx, event);
    h.merging = is_merging(tx, event);
  } else if (event.type == "participant_added") {
    h.what = What::participant_added;
    h.whom = {{data["person"].integer()}};
  } else if (event.type == "approval_requested") {
    h.what = What::approval_requested;
    for (std::size_t i = 0; i < data["asked"].size(); ++i) {
      h.whom.push_back({data["asked"].at(i).integer()});
    }
  } else if (event.type == "approval_decided") {
    h.what = What::approval_decided;
    const PersonId decided_by{data["person"].integer()};
    if (decided_by.value != 0) h.by = people_behind(tx, fmt::format("user:{}", decided_by.value));
  } else {
    return std::nullopt;
  }
  for (const PersonId person : people_behind(tx, event.actor)) h.by.push_back(person);
  return h;
}

std::optional<Outgoing> ticket_letter(Tx& tx, const Desk& desk, const LoggedEvent& event,
                                      PersonId person_id, Kind kind) {
  const auto person = find_person(tx, person_id);
  const auto ticket = find_ticket(tx, event.ticket);
  const auto data = json::parse(event.data);
  if (!person || person->email.empty() || !ticket || !data) return std::nullopt;
  LetterFacts facts;
  facts.kind = kind;
  facts.customer = ticket->customer;
  facts.language = language_of_person(tx, *person);
  if (std::string zone = zone_of_person(tx, person_id); !zone.empty()) facts.zone = std::move(zone);
  facts.person_name = person->name;
  const DeskIdentity sender = desk_identity(tx);
  facts.desk_name = sender.name;
  facts.reference = reference_of(ticket->id);
  facts.subject = ticket->subject;
  const std::string said = said_in(event, data->root());
  facts.text = said;
  if (!said.empty()) facts.author = facts.desk_name;  // whoever did the work
  if (event.type == "approval_requested") describe_order(tx, *ticket, data->root(), facts);
  if (event.type == "approval_decided") {
    facts.approved = data->root()["decision"].text() == "approve";
    const auto decided_by = find_person(tx, {data->root()["person"].integer()});
    facts.author = decided_by ? decided_by->name : std::string();
    const auto instead_of = find_person(tx, {data->root()["for"].integer()});
    if (instead_of) facts.for_whom = instead_of->name;
  }
  if (event.type == "registered") describe_waiting(tx, *ticket, facts);
  facts.status = status_words(ticket->status, facts.language);
  facts.url = ticket_url(desk, ticket->id);
  facts.settings_url = settings_url(desk, person_id);
  if (event.type == "message_added") {
    Rows last = tx.query(kSaidLast, ticket->id, event.id);
    if (last.next()) {
      facts.quoted_author = last.text(0);
      facts.quoted_text = last.text(1);
      facts.quoted_at = last.instant(2);
    }
  }
  Mail mail;
  if (event.type == "message_added") take_files(tx, desk, event, facts, mail);
  mail.name = person->name;
  mail.address = person->email;
  mail.reference = facts.reference;
  mail.language = facts.language;
  mail.letter = desk.letters.write(facts);
  mail.kind = kind;
  mail.automatic = said.empty();  // a person wrote it, then
  if (event.type == "registered") mail.answers = (*data)["answers"].text();
  if (desk.reply_key.usable()) {
    mail.reply_to = reply_address(desk.reply_key, sender.email, ticket->id);
  }
  Outgoing outgoing{document_of(mail), {}};
  for (const Attachment& file : mail.files) {
    outgoing.blobs += (outgoing.blobs.empty() ? "" : " ") + file.sha256;
  }
  return outgoing;
}

std::optional<std::string> notice_letter(const Desk& desk, const DeskIdentity& sender,
                                         const Notice& notice, const Person& person,
                                         const std::string& zone, LetterFacts::Phase phase) {
  if (person.email.empty()) return std::nullopt;
  LetterFacts facts;
  facts.kind = Kind::major_incident;
  facts.customer = person.customer;
  facts.language = person.language;
  if (!zone.empty()) facts.zone = zone;
  facts.person_name = person.name;
  facts.desk_name = sender.name;
  facts.subject = notice.public_title;
  facts.phase = phase;
  const bool ended = phase == LetterFacts::Phase::over || phase == LetterFacts::Phase::cancelled;
  facts.text =
      ended ? sentence_of(Kind::major_incident, person.language, "", phase) : notice.public_text;
  facts.begins_at = notice.told.starts_at;
  facts.ends_at = notice.told.ends_at;
  facts.url = desk.public_url;
  facts.settings_url = settings_url(desk, person.id);
  Mail mail;
  mail.name = person.name;
  mail.address = person.email;
  mail.language = person.language;
  mail.letter = desk.letters.write(facts);
  mail.kind = Kind::major_incident;
  if (!desk.public_url.empty()) {
    mail.unsubscribe = fmt::format("{}/api/v1/notification-preferences/{}/unsubscribe",
                                   desk.public_url, desk.key.token_of(person.id));
  }
  return document_of(mail);
}

std::optional<std::string> digest_letter(Tx& tx, const Desk& desk, PersonId person_id,
                                         const std::vector<Notification>& items) {
  const auto person = find_person(tx, person_id);
  if (!person || person->email.empty()) return std::nullopt;
  DigestFacts facts;
  facts.customer = person->customer;
  facts.language = language_of_person(tx, *person);
  if (std::string zone = zone_of_person(tx, person_id); !zone.empty()) facts.zone = std::move(zone);
  facts.person_name = person->name;
  facts.desk_name = desk_identity(tx).name;
  facts.url = desk.public_url;
  facts.settings_url = settings_url(desk, person_id);
  for (const Notification& item : items) {
    const auto event = find_event(tx, item.event);
    const auto ticket = find_ticket(tx, item.ticket);
    const auto kind = from_text<Kind>(item.kind);
    if (!event || !ticket || !kind) continue;
    const auto data = json::parse(event->data);
    if (!data) continue;
    facts.items.push_back({*kind, reference_of(ticket->id), ticket->subject,
                           said_in(*event, data->root()), ticket_url(desk, ticket->id), item.at});
  }
  if (facts.items.empty()) return std::nullopt;
  Mail mail;
  mail.name = person->name;
  mail.address = person->email;
  mail.language = facts.language;
  mail.letter = desk.letters.write_digest(facts);
  mail.kind = facts.items.back().kind;
  return document_of(mail);
}

}  // namespace ombud::notify
