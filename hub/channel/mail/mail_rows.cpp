#include "channel/mail/mail_rows.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "channel/mail/addresses.hpp"

namespace ombud::mail {
namespace {

#define OMBUD_MAIL_COLUMNS                                                                      \
  "SELECT mail_id, sha256, bytes, envelope_from, envelope_to, dedupe_key, message_id, state, "  \
  "outcome, ticket_id, link_id, attempts, received_at, mailbox, sender, sender_name, subject, " \
  "verdict, spf, dkim, dmarc, content, transport, copy_of FROM mail_in "

constexpr Sql kAdd{
    "INSERT INTO mail_in (sha256, bytes, envelope_from, envelope_to, dedupe_key, message_id,"
    " received_at, mailbox, content, transport, state)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'received')"
    " ON CONFLICT (dedupe_key) DO NOTHING"};
constexpr Sql kIdOfKey{"SELECT mail_id FROM mail_in WHERE dedupe_key = $1"};
// '@' stands between the key and the time of an undated one, and 'A' is the next letter.
constexpr Sql kIdOfUndated{
    "SELECT mail_id FROM mail_in WHERE dedupe_key >= $1 AND dedupe_key < $1 || 'A'"
    " AND received_at > $2 ORDER BY mail_id DESC LIMIT 1"};
constexpr Sql kIdOfTransport{
    "SELECT mail_id FROM mail_in WHERE transport = $1 AND transport <> '' AND content = $2"};
constexpr Sql kOpen{OMBUD_MAIL_COLUMNS
                    "WHERE state <> 'done' AND mail_id > $1 ORDER BY mail_id LIMIT $2"};
constexpr Sql kFind{OMBUD_MAIL_COLUMNS "WHERE mail_id = $1"};
constexpr Sql kAttempt{"UPDATE mail_in SET attempts = attempts + 1 WHERE mail_id = $1"};
constexpr Sql kTakeBack{
    "UPDATE mail_in SET attempts = attempts - 1 WHERE mail_id = $1 AND attempts > 0"};
constexpr Sql kError{"UPDATE mail_in SET last_error = $2 WHERE mail_id = $1"};
#define OMBUD_SET_FACTS \
  " sender = $5, sender_name = $6, subject = $7, verdict = $8, spf = $9, dkim = $10, dmarc = $11"
constexpr Sql kWait{
    "UPDATE mail_in SET state = 'waiting_link', link_id = $2, ticket_id = $3, last_error = "
    "$4," OMBUD_SET_FACTS " WHERE mail_id = $1 AND state <> 'done'"};
constexpr Sql kFinish{
    "UPDATE mail_in SET state = 'done', outcome = $2, ticket_id = $3, link_id = $4, done_at = $12,"
    " copy_of = $13,"
    " last_error = ''," OMBUD_SET_FACTS " WHERE mail_id = $1 AND state <> 'done'"};
constexpr Sql kSameContent{
    OMBUD_MAIL_COLUMNS
    "WHERE content = $1 AND content <> '' AND mail_id <> $2 AND copy_of IS NULL"
    " AND (state = 'done' OR (state = 'waiting_link' AND mail_id < $2))"
    " AND (ticket_id IS NOT NULL OR outcome = 'notice') AND received_at > $3"
    " ORDER BY CASE verdict WHEN 'fail' THEN 2 WHEN 'none' THEN 1 ELSE 0 END, mail_id LIMIT 1"};
constexpr Sql kOfMessageId{
    "SELECT ticket_id, max(CASE WHEN lower(envelope_from) = $2 THEN 1 ELSE 0 END) FROM mail_in"
    " WHERE message_id = $1 AND message_id <> '' AND ticket_id IS NOT NULL AND outcome <> "
    "'supplier'"
    " GROUP BY ticket_id ORDER BY min(mail_id) LIMIT $3"};
constexpr Sql kTally{
    "SELECT coalesce(sum(CASE WHEN outcome = 'registered' THEN 1 ELSE 0 END), 0), count(*)"
    " FROM mail_in WHERE sender = $1 AND received_at >= $2 AND state = 'done'"
    " AND CASE WHEN verdict = 'fail' THEN 1 ELSE 0 END = $3"
    " AND outcome IN ('registered', 'quiet', 'gathered')"};
constexpr Sql kLastTicket{
    "SELECT m.ticket_id FROM mail_in m JOIN ticket t ON t.ticket_id = m.ticket_id"
    " WHERE m.sender = $1 AND m.received_at >= $2"
    " AND CASE WHEN m.verdict = 'fail' THEN 1 ELSE 0 END = $3 AND m.state = 'done' AND m.outcome "
    "IN ('registered', 'quiet', 'gathered')"
    " AND t.customer_id = $4 AND ($tenant IS NULL OR t.customer_id = $tenant)"
    " ORDER BY m.mail_id DESC LIMIT 1"};

constexpr Sql kAlike{
    "SELECT count(*) FROM mail_message mm JOIN message m ON m.message_id = mm.message_id"
    " WHERE mm.sender = $1 AND mm.at >= $2 AND mm.quiet = 0 AND coalesce(mm.shown, m.text) = $3"
    " -- all tenants: a brake, which asks for an address"};

#undef OMBUD_MAIL_COLUMNS

constexpr char kBeforeTime = '@';  // in the key of an undated mail

MailRow row_from(const Rows& rows) {
  MailRow mail;
  mail.id = rows.integer(0);
  mail.sha256 = rows.text(1);
  mail.bytes = rows.integer(2);
  mail.envelope_from = rows.text(3);
  mail.envelope_to = rows.text(4);
  mail.dedupe_key = rows.text(5);
  mail.undated = mail.dedupe_key.find(kBeforeTime) != std::string::npos;
  mail.message_id = rows.text(6);
  mail.state = rows.text(7);
  mail.outcome = rows.text(8);
  mail.ticket = {rows.integer(9)};
  mail.link = rows.text(10);
  mail.attempts = static_cast<int>(rows.integer(11));
  mail.received_at = rows.instant(12);
  mail.mailbox = rows.text(13);
  mail.facts = {rows.text(14),
                rows.text(15),
                rows.text(16),
                {rows.text(17), rows.text(18), rows.text(19), rows.text(20)}};
  mail.content = rows.text(21);
  mail.transport = rows.text(22);
  mail.copy_of = rows.integer(23);
  return mail;
}

std::optional<MailRow> first_of(Rows rows) {
  return rows.next() ? std::optional(row_from(rows)) : std::nullopt;
}

}  // namespace

std::string dedupe_key(std::string_view digest, std::vector<std::string> recipients) {
  for (std::string& recipient : recipients) recipient = folded(recipient);
  std::sort(recipients.begin(), recipients.end());
  std::string all;
  for (const std::string& recipient : recipients) all += recipient + "\n";
  return std::string(digest) + ":" + sha256_hex(all).substr(0, 32);
}

std::int64_t add_mail(Tx& tx, const MailRow& mail) {
  if (!mail.transport.empty()) {
    Rows known = tx.query(kIdOfTransport, mail.transport, mail.content);
    if (known.next()) return known.integer(0);
  }
  std::string key = mail.dedupe_key;
  if (mail.undated) {
    Rows known = tx.query(kIdOfUndated, key, tx.at() - kUndatedSame);
    if (known.next()) return known.integer(0);
    key += kBeforeTime + std::to_string(ms_of(tx.at()));
  }
  tx.run(kAdd, mail.sha256, mail.bytes, mail.envelope_from, mail.envelope_to, key, mail.message_id,
         tx.at(), mail.mailbox, mail.content, mail.transport);
  Rows rows = tx.query(kIdOfKey, key);
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

void count_attempt(Tx& tx, std::int64_t id) {
  tx.run(kAttempt, id);
}

void take_back_attempt(Tx& tx, std::int64_t id) {
  tx.run(kTakeBack, id);
}

void set_mail_error(Tx& tx, std::int64_t id, std::string_view error) {
  tx.run(kError, id, error);
}

void wait_for_link(Tx& tx, const MailRow& mail, std::string_view link, TicketId ticket) {
  const MailFacts& facts = mail.facts;
  const MailAuthentication& found = facts.authentication;
  tx.run(kWait, mail.id, link, ticket, "", facts.sender, facts.sender_name, facts.subject,
         found.verdict, found.spf, found.dkim, found.dmarc);
}

bool finish_mail(Tx& tx, const MailRow& mail, std::string_view outcome, TicketId ticket,
                 std::string_view link) {
  const MailFacts& facts = mail.facts;
  const MailAuthentication& found = facts.authentication;
  return tx.run(kFinish, mail.id, outcome, or_null(ticket), or_null(link), facts.sender,
                facts.sender_name, facts.subject, found.verdict, found.spf, found.dkim, found.dmarc,
                tx.at(), mail.copy_of == 0 ? Param(std::nullopt) : Param(mail.copy_of)) == 1;
}

std::optional<MailRow> same_content(Tx& tx, const MailRow& mail) {
  const std::int64_t since = mail.undated ? ms_of(mail.received_at - kUndatedSame) : -1;
  return first_of(tx.query(kSameContent, mail.content, mail.id, since));
}

std::vector<ThreadTicket> tickets_of_message_id(Tx& tx, std::string_view message_id,
                                                std::string_view sender) {
  std::vector<ThreadTicket> all;
  Rows rows = tx.query(kOfMessageId, message_id, sender, kThreadTicketsMax);
  while (rows.next()) {
    all.push_back({{rows.integer(0)}, !sender.empty() && rows.integer(1) != 0});
  }
  return all;
}

SenderTally tally_of_sender(Tx& tx, std::string_view sender, bool doubted,
                            std::string_view customer, Instant since) {
  SenderTally tally;
  {
    Rows rows = tx.query(kTally, sender, since, doubted);
    OMBUD_ASSERT(rows.next());
    tally.receipts = static_cast<int>(rows.integer(0));
    tally.tickets = static_cast<int>(rows.integer(1));
  }
  if (tally.tickets == 0) return tally;
  Rows last = tx.query(kLastTicket, sender, since, doubted, customer);
  if (last.next()) tally.last = {last.integer(0)};
  return tally;
}

int receipts_for_alike(Tx& tx, std::string_view sender, std::string_view said, Instant since) {
  Rows rows = tx.query(kAlike, sender, since, said);
  OMBUD_ASSERT(rows.next());
  return static_cast<int>(rows.integer(0));
}

}  // namespace ombud::mail
