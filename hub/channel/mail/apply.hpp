// What a mail that was understood does to the desk: each function is one unit of work, which
// finishes the mail's row, so that it happens once. Synchronous, inside a transaction; refused with
// `stale` if the row is done already.
#pragma once

#include <string>
#include <variant>

#include "base/result.hpp"
#include "channel/mail/mail_rows.hpp"
#include "channel/mail/nature.hpp"
#include "channel/mail/prepare.hpp"
#include "channel/mail/route.hpp"

namespace ombud::mail {

struct ApplyOptions {
  std::string unknown_customer;       // key
  std::string unknown_customer_name;  // of one that is made
  int receipts_per_hour = 5;          // to one address
  int tickets_per_hour = 30;          // from one address
};

// An internal note on route.ticket. A report that a mail of the desk did not arrive is an event of
// the ticket, too.
Result<std::monostate> apply_note(Tx& tx, const MailRow& row, const Route& route,
                                  const NatureFound& nature, const Prepared& prepared,
                                  std::string_view outcome);
// A mail that belongs to route.ticket but is nobody's word there: a colleague's, or a machine's.
Result<std::monostate> apply_mail_note(Tx& tx, const MailRow& row, const Route& route,
                                       const NatureFound& nature, const Prepared& prepared);
// The word of route.person, who is the principal.
Result<std::monostate> apply_reply(Tx& tx, const MailRow& row, const Route& route,
                                   const Prepared& prepared);
// A new ticket; beyond tickets_per_hour of one address a note on the last of them. `plain`: in the
// simplest form, with the original, because the desk refused the other one.
Result<std::monostate> apply_ticket(Tx& tx, const MailRow& row, const Route& route,
                                    const NatureFound& nature, const Prepared& prepared,
                                    const ApplyOptions& options, bool plain);
// A copy of route.copy_of; the desk is told if it went to another team or customer, too.
Result<std::monostate> apply_copy(Tx& tx, const MailRow& row, const Route& route);
// Nothing but its outcome; with `note`, if it is not empty, for the desk on the ticket.
Result<std::monostate> apply_outcome(Tx& tx, const MailRow& row, std::string_view outcome,
                                     TicketId ticket, std::string_view link, std::string_view note);

}  // namespace ombud::mail
