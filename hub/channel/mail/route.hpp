// Where a mail belongs: to which ticket, as whose word; or to nobody's, so that it becomes a new
// one. Decided in a reading transaction; nothing is changed. Tenant-safe: a mail is added to a
// ticket only if its sender belongs to that ticket, however right the number in its subject is;
// what proves that he knows the ticket (our Message-ID, a signed tag) but not who he is becomes a
// note.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "channel/mail/mail_rows.hpp"
#include "channel/mail/mime/message.hpp"
#include "channel/mail/nature.hpp"
#include "domain/reply_address.hpp"
#include "store/directory.hpp"
#include "store/store.hpp"

namespace ombud::mail {

// A supplier's address ("help@acme.example") or domain ("@acme.example"), by which its mails are
// known that answer none of ours but name a ticket.
struct SupplierSender {
  std::string address;
  std::string link;
};

// What a mail is taken to be for when nothing else says so, by the address or mailbox it came to.
struct MailDefaults {
  std::string customer;  // key: of whom nobody else is known to be; may be empty
  std::string team;      // that owns a new ticket; may be empty
  std::string language;  // of somebody unknown: "sv" or "en"; may be empty
};

struct RouteOptions {
  std::string unknown_customer =
      "unknown";  // key: whose tickets the mails of unknown senders become
  std::vector<SupplierSender> suppliers;
  std::map<std::string, MailDefaults> by_address;  // by plain_address()
  std::map<std::string, MailDefaults> by_mailbox;  // by the mailbox's name; an address is stronger
  ReplyKey key;
  bool believe_unproven = true;  // a sender of whom nothing was proven is whom he says he is
};

enum class Way {
  duplicate,  // a copy of a mail that came before
  reply,      // the requester's word on his ticket
  note,       // for the desk to read on a ticket: a colleague's, or a machine's
  supplier,   // for the connector of a link
  fresh,      // a new ticket
};

struct Route {
  Way way = Way::fresh;
  TicketId ticket;              // all but fresh
  std::string link;             // supplier; fresh: whose announcement it may be
  std::string customer;         // reply: the ticket's; fresh: whose it becomes
  PersonId person;              // reply: who; fresh: the requester, 0: unknown or none
  bool new_person = false;      // fresh: to be made at `customer` from the mail's sender
  std::string team;             // fresh: that owns it; empty: the desk
  std::string also_team;        // fresh, duplicate: another team whose address it was sent to, too
  std::int64_t copy_of = 0;     // duplicate: the mail that came before
  bool other_customer = false;  // duplicate: it was sent to another customer's address, too
  // fresh: what the same words became that came from somebody who may not be who he says
  TicketId twin;
  // The sender may be somebody else than he says: nothing here is done in his name.
  bool doubted = false;
  PersonId claimed;     // doubted: whom he says he is, if that is somebody we know; 0: nobody
  DeliveryId reported;  // note: our mail that a report is about
  std::string language = "sv";
  TicketId mentioned;  // fresh: it names this ticket, but its sender has no part in that
  std::string sender;  // address, as good as it is known; may be empty
  std::string sender_name;
};

Route find_route(Tx& tx, const MailRow& row, const ParsedMail& mail, Nature nature,
                 const RouteOptions& options);

// The recipients of one mail, apart by whose customers' they are: each group is taken as a mail of
// its own. At least one group.
std::vector<std::vector<std::string>> by_customer(const std::vector<std::string>& recipients,
                                                  const RouteOptions& options);

// The ticket numbers in a subject, in order: "[OMB-12]", "omb-12", but not "XOMB-12" or "OMB-12a".
std::vector<TicketId> tags_in(std::string_view subject);

}  // namespace ombud::mail
