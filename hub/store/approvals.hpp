// Approvals of orders: what the log says of them, and who may decide. Written by append() alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/tickets.hpp"

namespace ombud {

struct Approval {
  TicketId ticket;
  ApprovalState state = ApprovalState::needed;
  Instant requested_at;       // when the waiting began
  Instant remind_at, due_at;  // of that waiting
  std::optional<Instant> reminded_at;
  bool hand_over = false;  // once it is approved, an agreement may hand it over by itself
  std::string writer;      // key of the agent who registered it for somebody; may be empty
  PersonId decided_by;     // 0: nobody
  PersonId decided_for;    // in whose place; 0: his own
  std::optional<Instant> decided_at;
  std::string comment;  // of the decision, or why none is needed
};
// Nothing: nobody was ever asked.
std::optional<Approval> approval_of(Tx& tx, TicketId ticket);
// Whether this person has said yes or no to it, at any time.
bool has_decided(Tx& tx, TicketId ticket, PersonId person);

// Whether the order was ever asked of this person.
bool was_asked(Tx& tx, TicketId ticket, PersonId person);
// Who registered it, as the log names him (Principal::actor).
std::string registrar_of(Tx& tx, TicketId ticket);
// Its requester then, whoever it is now; 0: nobody known.
PersonId orderer_of(Tx& tx, TicketId ticket);

struct Approver {
  PersonId person;
  std::string name;
  std::string agent = {};  // the key that his account has as one of the desk's agents; mostly none
};
// The key that a person's account has as one of the desk's agents; empty: none.
std::string agent_of(Tx& tx, PersonId person);
// Who of the customer's people may say yes or no to orders now, by name: whom the directory calls
// an approver, and managers, whose role may (domain/policy.hpp). Nobody whose account is disabled.
std::vector<Approver> approvers_of(Tx& tx, std::string_view customer);
// One of them.
bool is_approver(Tx& tx, PersonId person);
// Whether the directory calls somebody there an approver. A manager may approve, too, but does not
// make an organisation one that wants its orders approved.
bool has_approver(Tx& tx, std::string_view customer);

// Who says yes or no in an approver's place, from a time until before another. An approver has at
// most one, of his own customer.
struct Deputy {
  PersonId approver, person;
  std::string approver_name, name;
  Instant from, until;
  std::string agent = {};  // of `person`, as above

  bool is_active(Instant at) const { return from <= at && at < until; }
};
void put_deputy(Tx& tx, std::string_view customer, const Deputy& deputy);  // by approver
bool remove_deputy(Tx& tx, PersonId approver);
// Whatever the time; nothing once it is past.
std::optional<Deputy> deputy_of(Tx& tx, PersonId approver);
std::vector<Deputy> stands_in_for(Tx& tx, PersonId person);  // by the approver's name
// Now, by name; nobody whose account is disabled. Whether the approver still is one, and what he
// may decide himself, is the caller's to ask.
std::vector<Deputy> active_deputies(Tx& tx, std::string_view customer);

// Open orders whose half of the time is over and of which nobody was reminded, oldest first.
std::vector<TicketId> approvals_to_remind(Tx& tx, int limit);

}  // namespace ombud
