// The desk's mails to the user of a ticket: one thread per ticket, in the user's language, always
// in the desk's name. Enqueued in the transaction of what they tell about; they leave through the
// outbox.
#pragma once

#include <string>

#include "store/tickets.hpp"

namespace ombud::desk {

// "We have received your ticket." `answers` is the message id of the user's own mail, if it was
// one.
void send_receipt(Tx& tx, const Ticket& ticket, const std::string& answers);
// Something the desk wrote to the user.
void send_message(Tx& tx, const Ticket& ticket, const Message& message);
// "We believe it is solved." `text` (may be empty) tells how.
void send_resolved(Tx& tx, const Ticket& ticket, const std::string& text);

}  // namespace ombud::desk
