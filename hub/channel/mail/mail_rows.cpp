#include "channel/mail/mail_rows.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "channel/mail/addresses.hpp"

namespace ombud::mail {
namespace {

#define OMBUD_MAIL_COLUMNS                                                                     \
  "SELECT mail_id, sha256, bytes, envelope_from, envelope_to, dedupe_key, message_id, state, " \
  "outcome, ticket_id, link_id, attempts, received_at, mailbox FROM mail_in "

constexpr Sql kAdd{
    "INSERT INTO mail_in (sha256, bytes, envelope_from, envelope_to, dedupe_key, message_id,"
    " received_at, mailbox, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'received')"
    " ON CONFLICT (dedupe_key) DO NOTHING"};
constexpr Sql kIdOfKey{"SELECT mail_id FROM mail_in WHERE dedupe_key = $1"};
constexpr Sql kOpen{OMBUD_MAIL_COLUMNS
                    "WHERE state <> 'done' AND mail_id > $1 ORDER BY mail_id LIMIT $2"};
constexpr Sql kFind{OMBUD_MAIL_COLUMNS "WHERE mail_id = $1"};
constexpr Sql kAttempt{"UPDATE mail_in SET attempts = attempts + 1 WHERE mail_id = $1"};
constexpr Sql kError{"UPDATE mail_in SET last_error = $2 WHERE mail_id = $1"};
constexpr Sql kFacts{
    "UPDATE mail_in SET sender = $2, sender_name = $3, subject = $4, verdict = $5, spf = $6,"
    " dkim = $7, dmarc = $8 WHERE mail_id = $1"};
constexpr Sql kWait{
    "UPDATE mail_in SET state = 'waiting_link', link_id = $2, ticket_id = $3"
    " WHERE mail_id = $1 AND state <> 'done'"};
constexpr Sql kFinish{
    "UPDATE mail_in SET state = 'done', outcome = $2, ticket_id = $3, link_id = $4, done_at = $5,"
    " last_error = ''"
    " WHERE mail_id = $1 AND state <> 'done'"};
// ';' is the character behind ':'
constexpr Sql kSameContent{
    OMBUD_MAIL_COLUMNS
    "WHERE dedupe_key >= $1 || ':' AND dedupe_key < $1 || ';' AND mail_id <> $2"
    " AND state = 'done' AND ticket_id IS NOT NULL ORDER BY mail_id LIMIT 1"};
constexpr Sql kOfMessageId{OMBUD_MAIL_COLUMNS
                           "WHERE message_id = $1 AND message_id <> '' AND ticket_id IS NOT NULL"
                           " ORDER BY mail_id DESC LIMIT 1"};
constexpr Sql kTicketsByMail{
    "SELECT count(*) FROM ticket WHERE requester_id = $1 AND updated_at >= $2 AND created_at >= $2"
    " AND channel = 'mail' AND ($tenant IS NULL OR customer_id = $tenant)"};

#undef OMBUD_MAIL_COLUMNS

MailRow row_from(const Rows& rows) {
  MailRow mail;
  mail.id = rows.integer(0);
  mail.sha256 = rows.text(1);
  mail.bytes = rows.integer(2);
  mail.envelope_from = rows.text(3);
  mail.envelope_to = rows.text(4);
  mail.dedupe_key = rows.text(5);
  mail.message_id = rows.text(6);
  mail.state = rows.text(7);
  mail.outcome = rows.text(8);
  mail.ticket = {rows.integer(9)};
  mail.link = rows.text(10);
  mail.attempts = static_cast<int>(rows.integer(11));
  mail.received_at = rows.instant(12);
  mail.mailbox = rows.text(13);
  return mail;
}

std::optional<MailRow> first_of(Rows rows) {
  return rows.next() ? std::optional(row_from(rows)) : std::nullopt;
}

}  // namespace

std::string dedupe_key(std::string_view content_digest, std::vector<std::string> recipients) {
  for (std::string& recipient : recipients) recipient = folded(recipient);
  std::sort(recipients.begin(), recipients.end());
  std::string all;
  for (const std::string& recipient : recipients) all += recipient + "\n";
  return std::string(content_digest) + ":" + sha256_hex(all).substr(0, 32);
}

std::int64_t add_mail(Tx& tx, const MailRow& mail) {
  tx.run(kAdd, mail.sha256, mail.bytes, mail.envelope_from, mail.envelope_to, mail.dedupe_key,
         mail.message_id, tx.at(), mail.mailbox);
  Rows rows = tx.query(kIdOfKey, mail.dedupe_key);
  OMBUD_ASSERT(rows.next());
  return rows.integer(0);
}

std::vector<MailRow> open_mails(Tx& tx, std::int64_t after, int limit) {
  std::vector<MailRow> mails;
  Rows rows = tx.query(kOpen, after, limit);
  while (rows.next()) mails.push_back(row_from(rows));
  return mails;
}

std::optional<MailRow> find_mail(Tx& tx, std::int64_t id) {
  return first_of(tx.query(kFind, id));
}

void set_mail_facts(Tx& tx, std::int64_t id, const MailFacts& facts) {
  const MailAuthentication& found = facts.authentication;
  tx.run(kFacts, id, facts.sender, facts.sender_name, facts.subject, found.verdict, found.spf,
         found.dkim, found.dmarc);
}

void count_attempt(Tx& tx, std::int64_t id) {
  tx.run(kAttempt, id);
}

void set_mail_error(Tx& tx, std::int64_t id, std::string_view error) {
  tx.run(kError, id, error);
}

void wait_for_link(Tx& tx, std::int64_t id, std::string_view link, TicketId ticket) {
  tx.run(kWait, id, link, ticket);
}

bool finish_mail(Tx& tx, std::int64_t id, std::string_view outcome, TicketId ticket,
                 std::string_view link) {
  return tx.run(kFinish, id, outcome, or_null(ticket), or_null(link), tx.at()) == 1;
}

std::optional<MailRow> same_content(Tx& tx, const MailRow& mail) {
  const std::string_view key = mail.dedupe_key;
  return first_of(tx.query(kSameContent, key.substr(0, key.find(':')), mail.id));
}

std::optional<MailRow> mail_of_message_id(Tx& tx, std::string_view message_id) {
  return first_of(tx.query(kOfMessageId, message_id));
}

int tickets_by_mail(Tx& tx, PersonId person, Instant since) {
  Rows rows = tx.query(kTicketsByMail, person, since);
  OMBUD_ASSERT(rows.next());
  return static_cast<int>(rows.integer(0));
}

}  // namespace ombud::mail
