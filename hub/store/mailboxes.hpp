// The tables mailbox, mailbox_left and mailbox_token: how far each mailbox is read, and with what.
// Synchronous, inside a transaction; they belong to no customer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.hpp"

namespace ombud {

struct MailboxRow {
  std::string name, place;
  std::uint64_t validity = 0;  // UIDVALIDITY; 0: never opened
  std::uint64_t uid = 0;       // up to this one all is taken
  std::uint64_t adopted = 0;   // below this one only what nobody had read …
  std::string since;           // … or what came since this day ("2-Nov-2026"); empty: no such day
  Instant first_at{};
  std::optional<Instant> last_success_at, problem_at;
  std::int64_t taken = 0;  // mails
  std::string problem;     // empty: all is well
};

std::optional<MailboxRow> find_mailbox(Tx& tx, std::string_view name);
std::vector<MailboxRow> mailboxes(Tx& tx);  // by name
// Its place and how far it is read; keeps the rest, but for mails left under other numbers.
void put_mailbox(Tx& tx, const MailboxRow& mailbox);
// A mail was taken (`counted`), or is no longer there.
void advance_mailbox(Tx& tx, std::string_view name, std::uint64_t uid, bool counted);
void note_mailbox_success(Tx& tx, std::string_view name);
// Keeps when it began if there was one already.
void note_mailbox_problem(Tx& tx, std::string_view name, std::string_view place,
                          std::string_view problem);

// The refresh token that its provider gave in place of the operator's, sealed; empty: none.
std::string kept_mailbox_token(Tx& tx, std::string_view name);
void keep_mailbox_token(Tx& tx, std::string_view name, std::string_view sealed);

struct MailLeft {
  std::uint64_t uid = 0;
  std::string why;
  Instant at{};
};
void leave_mail(Tx& tx, std::string_view name, std::uint64_t validity, const MailLeft& mail);
std::vector<MailLeft> mails_left(Tx& tx, std::string_view name, int limit);  // newest first

}  // namespace ombud
