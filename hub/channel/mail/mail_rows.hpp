// The table mail_in: every mail that was ever answered 250, and what became of it. Synchronous,
// inside a transaction. A mail belongs to no customer before it is understood, so no statement here
// is scoped.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/mails.hpp"

namespace ombud::mail {

// What it says of itself, and what a trusted server says of it: known when it was read.
struct MailFacts {
  std::string sender;  // lower case; may be empty
  std::string sender_name, subject;
  MailAuthentication authentication;
};

struct MailRow {
  std::int64_t id = 0;
  std::string sha256;  // of the raw bytes, in the blob store
  std::int64_t bytes = 0;
  std::string envelope_from, envelope_to;
  std::string dedupe_key;
  bool undated = false;      // another mail may have the same key and content, some days later
  std::string content;       // digest of what the sender wrote (identity.hpp)
  std::string transport;     // place in a mailbox; empty: it was handed in
  std::int64_t copy_of = 0;  // the mail that this one is a copy of; 0: none
  std::string message_id;
  std::string mailbox;  // "lmtp", "smtp" or a mailbox's name
  std::string state;    // received, waiting_link, done
  std::string outcome;
  TicketId ticket;
  std::string link;
  int attempts = 0;  // times that a hub began to read it
  Instant received_at{};
  MailFacts facts;
};

// Equal for a mail that is sent to the same recipients again: "<digest of its bytes>:<of
// recipients>".
std::string dedupe_key(std::string_view digest, std::vector<std::string> recipients);

// No mail server tries for longer to hand in the same mail (RFC 5321, 4.5.4.1: 4 to 5 days).
inline constexpr Millis kUndatedSame{5LL * 24 * 60 * 60 * 1000};
// Adds the mail as received; the id of the row that is there already if its key is known, or if it
// has the same content and lay at the same place. An undated one is the same only for kUndatedSame
// after the first; its row's key has the time behind it.
std::int64_t add_mail(Tx& tx, const MailRow& mail);
// Not yet done, oldest first, behind `after`.
std::vector<MailRow> open_mails(Tx& tx, std::int64_t after, int limit);
std::optional<MailRow> find_mail(Tx& tx, std::int64_t id);
void count_attempt(Tx& tx, std::int64_t id);
// It failed in order, and took nobody down.
void take_back_attempt(Tx& tx, std::int64_t id);
void set_mail_error(Tx& tx, std::int64_t id, std::string_view error);
// This one and finish_mail keep the row's facts.
void wait_for_link(Tx& tx, const MailRow& mail, std::string_view link, TicketId ticket);
// False: it was done already, so this unit of work must be undone.
bool finish_mail(Tx& tx, const MailRow& mail, std::string_view outcome, TicketId ticket,
                 std::string_view link);

// Another mail with the same content that has a ticket, or was taken by a connector: of several
// the one whose sender is believed most, then the first. Of an undated mail none is the same that
// came more than kUndatedSame before.
std::optional<MailRow> same_content(Tx& tx, const MailRow& mail);
// The tickets of mails with that Message-ID, which bad senders repeat, but those that a supplier's
// connector took; by the first of their mails, at most kThreadTicketsMax.
struct ThreadTicket {
  TicketId ticket;
  bool wrote = false;  // `sender` is the envelope's sender of one of them
};
inline constexpr int kThreadTicketsMax = 100;
std::vector<ThreadTicket> tickets_of_message_id(Tx& tx, std::string_view message_id,
                                                std::string_view sender);
// What one address brought about since then; whose word was doubted is counted apart, so that a
// forger brakes nobody else.
struct SenderTally {
  int receipts = 0;  // tickets whose sender got a receipt
  int tickets = 0;   // tickets, and mails that were gathered on one
  // The last of those tickets, by this customer.
  TicketId last;
};
SenderTally tally_of_sender(Tx& tx, std::string_view sender, bool doubted,
                            std::string_view customer, Instant since);
// Mails of this address since then that said the same, without what they quote, and got a receipt.
int receipts_for_alike(Tx& tx, std::string_view sender, std::string_view said, Instant since);

}  // namespace ombud::mail
