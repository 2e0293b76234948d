#include "store/mails.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace ombud {
namespace {

#define OMBUD_MAIL_COLUMNS                                                                        \
  "SELECT m.mail_id, m.received_at, m.mailbox, m.sender, m.sender_name, m.envelope_from,"         \
  " m.envelope_to, m.subject, m.message_id, m.bytes, m.sha256, m.state, m.outcome, m.ticket_id,"  \
  " m.link_id, m.last_error, m.attempts, m.verdict, m.spf, m.dkim, m.dmarc, m.done_at, m.copy_of" \
  " FROM mail_in m "
// What a mail says belongs to the customer on whose ticket it is; before that to nobody.
#define OMBUD_MAIL_SCOPE                                                                    \
  " AND ($tenant IS NULL OR EXISTS (SELECT 1 FROM ticket t WHERE t.ticket_id = m.ticket_id" \
  " AND t.customer_id = $tenant))"

constexpr Sql kList{OMBUD_MAIL_COLUMNS
                    "WHERE m.mail_id < $1 AND ($2 IS NULL OR m.state = $2)"
                    " AND ($3 IS NULL OR m.outcome = $3)" OMBUD_MAIL_SCOPE
                    " ORDER BY m.mail_id DESC LIMIT $4"};
// By the index of what is not done.
constexpr Sql kListProblems{OMBUD_MAIL_COLUMNS
                            "WHERE m.mail_id < $1 AND m.state <> 'done' AND m.last_error <> ''"
                            " AND ($2 IS NULL OR m.state = $2)"
                            " AND ($3 IS NULL OR m.outcome = $3)" OMBUD_MAIL_SCOPE
                            " ORDER BY m.mail_id DESC LIMIT $4"};
constexpr Sql kSearch{
    OMBUD_MAIL_COLUMNS
    "WHERE m.mail_id < $1 AND m.mail_id >= $5 AND ($2 IS NULL OR m.state = $2)"
    " AND ($3 IS NULL OR m.outcome = $3)"
    " AND ($7 = 0 OR (m.state <> 'done' AND m.last_error <> ''))"
    " AND lower(m.sender || ' ' || m.sender_name || ' ' || m.envelope_from ||"
    " ' ' || m.envelope_to || ' ' || m.subject) LIKE $6 ESCAPE '\\'" OMBUD_MAIL_SCOPE
    " ORDER BY m.mail_id DESC LIMIT $4"};
constexpr Sql kNewest{"SELECT coalesce(max(mail_id), 0) FROM mail_in"};
constexpr Sql kFind{OMBUD_MAIL_COLUMNS "WHERE m.mail_id = $1" OMBUD_MAIL_SCOPE};
constexpr Sql kRetry{
    "UPDATE mail_in SET attempts = 0, last_error = '' WHERE mail_id = $1 AND state <> 'done'"};

MailIn mail_from(const Rows& rows) {
  MailIn mail;
  mail.id = rows.integer(0);
  mail.received_at = rows.instant(1);
  mail.mailbox = rows.text(2);
  mail.from = rows.text(3);
  mail.from_name = rows.text(4);
  mail.envelope_from = rows.text(5);
  for (std::string_view to = rows.view(6); !to.empty();) {
    const std::size_t end = std::min(to.find(' '), to.size());
    if (end > 0) mail.to.emplace_back(to.substr(0, end));
    to.remove_prefix(std::min(end + 1, to.size()));
  }
  mail.subject = rows.text(7);
  mail.message_id = rows.text(8);
  mail.bytes = rows.integer(9);
  mail.sha256 = rows.text(10);
  mail.state = rows.text(11);
  mail.outcome = rows.text(12);
  mail.ticket = {rows.integer(13)};
  mail.link = rows.text(14);
  mail.problem = rows.text(15);
  mail.attempts = static_cast<int>(rows.integer(16));
  mail.authentication = {rows.text(17), rows.text(18), rows.text(19), rows.text(20)};
  mail.done_at = rows.maybe_instant(21);
  mail.copy_of = rows.integer(22);
  return mail;
}

// "%words%", with what LIKE takes for its own escaped.
std::string pattern_of(std::string_view words) {
  std::string pattern = "%";
  for (const char c : words) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  }
  return pattern + "%";
}

constexpr Sql kAddMessage{
    "INSERT INTO mail_message (message_id, ticket_id, customer_id, mail_id, person_id, sender,"
    " sender_name, shown, body, signed, encrypted, quiet, at)"
    " SELECT $1, ticket_id, customer_id, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 FROM ticket"
    " WHERE ticket_id = $2 -- all tenants: the message was scoped when it was added"};
#define OMBUD_MESSAGE_COLUMNS(body)                                                             \
  "SELECT mm.message_id, mm.ticket_id, mm.customer_id, mm.mail_id, mm.person_id, mm.sender,"    \
  " mm.sender_name, mm.shown, " body                                                            \
  ", mm.signed, mm.encrypted, mm.quiet, mm.at, m.message_id, m.verdict, m.spf, m.dkim, m.dmarc" \
  " FROM mail_message mm JOIN mail_in m ON m.mail_id = mm.mail_id "
#define OMBUD_MESSAGE_SCOPE " AND ($tenant IS NULL OR mm.customer_id = $tenant)"
constexpr Sql kMessagesOf{OMBUD_MESSAGE_COLUMNS(
    "CASE WHEN mm.body = '' THEN '' ELSE '[]' END") "WHERE mm.ticket_id = $1" OMBUD_MESSAGE_SCOPE};
constexpr Sql kMessage{
    OMBUD_MESSAGE_COLUMNS("mm.body") "WHERE mm.message_id = $1" OMBUD_MESSAGE_SCOPE};
constexpr Sql kOfMail{OMBUD_MESSAGE_COLUMNS("mm.body") "WHERE mm.mail_id = $1" OMBUD_MESSAGE_SCOPE
                                                       " ORDER BY mm.message_id"};
constexpr Sql kLoud{
    "SELECT count(*) FROM mail_message WHERE sender = $1 AND at >= $2 AND quiet = 0"
    " -- all tenants: a brake, which asks for an address and not for what it wrote"};

MailMessage message_from(const Rows& rows) {
  MailMessage message;
  message.message = {rows.integer(0)};
  message.ticket = {rows.integer(1)};
  message.customer = rows.text(2);
  message.mail = rows.integer(3);
  message.person = {rows.integer(4)};
  message.sender = rows.text(5);
  message.sender_name = rows.text(6);
  if (!rows.is_null(7)) message.shown = rows.text(7);
  message.body = rows.text(8);
  message.signed_by = rows.text(9);
  message.encrypted = rows.integer(10) != 0;
  message.quiet = rows.integer(11) != 0;
  message.at = rows.instant(12);
  message.message_id = rows.text(13);
  message.authentication = {rows.text(14), rows.text(15), rows.text(16), rows.text(17)};
  return message;
}

constexpr Sql kAddBounce{
    "INSERT INTO mail_bounce (bounce_id, ticket_id, customer_id, person_id, address, delivery_id,"
    " permanent, why, at) SELECT $1, ticket_id, customer_id, $3, $4, $5, $6, $7, $8 FROM ticket"
    " WHERE ticket_id = $2 -- all tenants: the event was scoped when it was appended"};
#define OMBUD_BOUNCE_COLUMNS                                                               \
  "SELECT bounce_id, ticket_id, person_id, address, delivery_id, permanent, why, at FROM " \
  "mail_bounce "
constexpr Sql kBouncesOf{OMBUD_BOUNCE_COLUMNS
                         "WHERE ticket_id = $1 AND ($tenant IS NULL OR customer_id = $tenant)"
                         " ORDER BY bounce_id"};
constexpr Sql kBounceOf{OMBUD_BOUNCE_COLUMNS
                        "WHERE delivery_id = $1 AND ($tenant IS NULL OR customer_id = $tenant)"
                        " ORDER BY bounce_id DESC LIMIT 1"};
constexpr Sql kBouncing{OMBUD_BOUNCE_COLUMNS
                        "WHERE address = $1 AND cleared_at IS NULL AND permanent = 1"
                        " AND ($tenant IS NULL OR customer_id = $tenant)"
                        " ORDER BY bounce_id DESC LIMIT 1"};
constexpr Sql kClear{
    "UPDATE mail_bounce SET cleared_at = $2 WHERE address = $1 AND cleared_at IS NULL"
    " AND permanent = 1 -- all tenants: the address works, whoever wrote to it"};

MailBounce bounce_from(const Rows& rows) {
  MailBounce bounce;
  bounce.event = {rows.integer(0)};
  bounce.ticket = {rows.integer(1)};
  bounce.person = {rows.integer(2)};
  bounce.address = rows.text(3);
  bounce.delivery = {rows.integer(4)};
  bounce.permanent = rows.integer(5) != 0;
  bounce.why = rows.text(6);
  bounce.at = rows.instant(7);
  return bounce;
}

std::optional<MailBounce> first_of(Rows rows) {
  return rows.next() ? std::optional(bounce_from(rows)) : std::nullopt;
}

std::string lower(std::string_view text) {
  std::string all(text);
  for (char& c : all) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  return all;
}

}  // namespace

MailPage list_mails(Tx& tx, const MailFilter& filter, std::optional<std::int64_t> before,
                    int limit) {
  MailPage page;
  std::int64_t below = before.value_or(INT64_MAX);
  std::int64_t floor = 0;
  if (!filter.words.empty()) {
    Rows newest = tx.query(kNewest);
    OMBUD_ASSERT(newest.next());
    below = std::min(below, newest.integer(0) + 1);
    floor = std::max<std::int64_t>(0, below - kMailsSearchedMax);
  }
  const auto take = [&](Rows rows) {
    while (rows.next()) page.mails.push_back(mail_from(rows));
  };
  if (!filter.words.empty()) {
    take(tx.query(kSearch, below, or_null(filter.state), or_null(filter.outcome), limit, floor,
                  pattern_of(filter.words), filter.problem_only));
  } else {
    take(tx.query(filter.problem_only ? kListProblems : kList, below, or_null(filter.state),
                  or_null(filter.outcome), limit));
  }
  if (static_cast<int>(page.mails.size()) == limit) {
    page.next = page.mails.back().id;
  } else if (floor > 0) {
    page.next = floor;
  }
  return page;
}

std::optional<MailIn> find_mail_in(Tx& tx, std::int64_t mail) {
  Rows rows = tx.query(kFind, mail);
  return rows.next() ? std::optional(mail_from(rows)) : std::nullopt;
}

bool retry_mail(Tx& tx, std::int64_t mail) {
  return tx.run(kRetry, mail) == 1;
}

void add_mail_message(Tx& tx, const MailMessage& message) {
  const std::int64_t added =
      tx.run(kAddMessage, message.message, message.ticket, message.mail, or_null(message.person),
             message.sender, message.sender_name, message.shown, message.body, message.signed_by,
             message.encrypted, message.quiet, tx.at());
  OMBUD_ASSERT(added == 1);
}

std::map<MessageId, MailMessage> mail_messages_of(Tx& tx, TicketId ticket) {
  std::map<MessageId, MailMessage> all;
  Rows rows = tx.query(kMessagesOf, ticket);
  while (rows.next()) all.emplace(MessageId{rows.integer(0)}, message_from(rows));
  return all;
}

std::optional<MailMessage> find_mail_message(Tx& tx, MessageId message) {
  Rows rows = tx.query(kMessage, message);
  return rows.next() ? std::optional(message_from(rows)) : std::nullopt;
}

std::vector<MailMessage> messages_of_mail(Tx& tx, std::int64_t mail) {
  std::vector<MailMessage> all;
  Rows rows = tx.query(kOfMail, mail);
  while (rows.next()) all.push_back(message_from(rows));
  return all;
}

int loud_mails_from(Tx& tx, std::string_view sender, Instant since) {
  Rows rows = tx.query(kLoud, sender, since);
  OMBUD_ASSERT(rows.next());
  return static_cast<int>(rows.integer(0));
}

EventId add_mail_bounce(Tx& tx, TicketId ticket, const event::MailBounced& bounced) {
  const EventId event = append(tx, ticket, bounced).event;
  tx.run(kAddBounce, event, ticket, or_null(bounced.person), lower(bounced.address),
         bounced.delivery, bounced.permanent, bounced.why, tx.at());
  return event;
}

std::vector<MailBounce> bounces_of(Tx& tx, TicketId ticket) {
  std::vector<MailBounce> all;
  Rows rows = tx.query(kBouncesOf, ticket);
  while (rows.next()) all.push_back(bounce_from(rows));
  return all;
}

std::optional<MailBounce> bounce_of(Tx& tx, DeliveryId delivery) {
  return first_of(tx.query(kBounceOf, delivery));
}

std::optional<MailBounce> bouncing(Tx& tx, std::string_view address) {
  return first_of(tx.query(kBouncing, lower(address)));
}

void clear_bounces(Tx& tx, std::string_view address) {
  tx.run(kClear, lower(address), tx.at());
}

}  // namespace ombud
