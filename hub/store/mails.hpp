// Mails that came in, as people ask about them: which came, what became of each, which message of a
// ticket was one, and what of the desk's own mail came back. The intake's own questions are in
// channel/mail/mail_rows.hpp.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/tickets.hpp"

namespace ombud {

// What a server that the desk trusts found out about a mail's sender (RFC 8601). Words as in the
// header ("pass", "softfail" …), empty: nothing was said of that method.
struct MailAuthentication {
  std::string verdict;  // pass, fail or none; empty: not looked at yet
  std::string spf, dkim, dmarc;
};

struct MailIn {
  std::int64_t id = 0;
  Instant received_at;
  std::string mailbox;          // "lmtp", "smtp" or a mailbox's name
  std::string from, from_name;  // as the mail says; empty until it was read
  std::string envelope_from;    // empty: the null sender
  std::vector<std::string> to;  // of the envelope
  std::string subject;          // empty until it was read
  std::string message_id;       // with its brackets; may be empty
  std::int64_t bytes = 0;
  std::string sha256;
  std::string state;         // received, waiting_link or done
  std::string outcome;       // registered, quiet, reply, note, supplier, notice, duplicate …
  std::int64_t copy_of = 0;  // of a duplicate: the mail that came before; 0: none
  TicketId ticket;           // 0: none
  std::string link;          // may be empty
  std::string problem;       // why it is not done; empty: nothing went wrong
  int attempts = 0;          // times that a hub began to read it
  MailAuthentication authentication;
  std::optional<Instant> done_at;
};

struct MailFilter {
  std::string state, outcome;  // empty: any
  bool problem_only = false;
  std::string words;  // a part of address, name or subject; empty: any
};
// Of one page of `words` at most so many are looked at.
inline constexpr std::int64_t kMailsSearchedMax = 20'000;
struct MailPage {
  std::vector<MailIn> mails;         // newest first
  std::optional<std::int64_t> next;  // `before` of the next page; nothing: that was all
};
// Of a principal with a tenant: mails on its tickets alone.
MailPage list_mails(Tx& tx, const MailFilter& filter, std::optional<std::int64_t> before,
                    int limit);
std::optional<MailIn> find_mail_in(Tx& tx, std::int64_t mail);
// The intake reads it again at once, also if it took the hub down before. False: it is done.
bool retry_mail(Tx& tx, std::int64_t mail);

// --- Messages that were mails -------------------------------------------------------------------

struct MailMessage {
  MessageId message;
  TicketId ticket;
  std::string customer;  // the ticket's; filled by add_mail_message
  std::int64_t mail = 0;
  PersonId person;  // 0: nobody's that we know for sure
  std::string sender, sender_name;
  std::optional<std::string> shown;  // without history and signature; nothing: equal to the text
  std::string body;                  // block tree, a JSON array; empty: none
  std::string signed_by;             // "smime", "openpgp" or empty
  bool encrypted = false;
  // Nobody may get a mail because of this one: a machine wrote it, or its sender has had too many.
  bool quiet = false;
  Instant at;
  // Of the mail itself; not for add_mail_message.
  std::string message_id;  // with its brackets; may be empty: what an answer refers to
  MailAuthentication authentication;
};
void add_mail_message(Tx& tx, const MailMessage& message);
// Without `body`, which may be large, but for whether there is one.
std::map<MessageId, MailMessage> mail_messages_of(Tx& tx, TicketId ticket);
std::optional<MailMessage> find_mail_message(Tx& tx, MessageId message);
// All that were made of it, oldest first; more than one only after a retry of a broken hub.
std::vector<MailMessage> messages_of_mail(Tx& tx, std::int64_t mail);
// Mails from this address since then that somebody may have got a mail for: those not quiet.
int loud_mails_from(Tx& tx, std::string_view sender, Instant since);

// --- Mail of the desk that did not arrive
// ---------------------------------------------------------

struct MailBounce {
  EventId event;
  TicketId ticket;
  PersonId person;  // 0: unknown
  std::string address;
  DeliveryId delivery;
  bool permanent = false;
  std::string why;
  Instant at;
};
// Appends the event to the ticket's log and keeps it for the questions below.
EventId add_mail_bounce(Tx& tx, TicketId ticket, const event::MailBounced& bounced);
std::vector<MailBounce> bounces_of(Tx& tx, TicketId ticket);       // oldest first
std::optional<MailBounce> bounce_of(Tx& tx, DeliveryId delivery);  // the last one
// The last permanent failure of an address, unless a mail came from there since.
std::optional<MailBounce> bouncing(Tx& tx, std::string_view address);
void clear_bounces(Tx& tx, std::string_view address);

}  // namespace ombud
