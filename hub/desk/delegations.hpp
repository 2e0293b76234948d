// Use cases of a delegation: the hand-over of one ticket to one supplier. Inside only.
#pragma once

#include <string>

#include "base/json.hpp"
#include "base/result.hpp"
#include "store/outbox.hpp"
#include "store/tickets.hpp"

namespace ombud::desk {

struct Delegate {
  TicketId ticket;
  std::string link;     // empty: the one that the agreement names; refused if there are several
  std::string service;  // empty: the ticket's
  std::string brief;    // the desk's own words to the supplier; leaves whatever the policy says
};
// Needs an agreement valid now for (customer, supplier, service). What leaves is decided by its
// privacy policy; the documents are composed here and kept byte for byte.
Result<Delegation> delegate(Tx& tx, const Delegate& request);

// What would leave, without doing it: the documents in order, and the fields held back.
struct Preview {
  std::vector<NewDelivery> documents;
  std::vector<std::string> shared, withheld;
  std::string supplier, link;
};
Result<Preview> preview(Tx& tx, const Delegate& request);

// A message to the supplier alone, in the desk's name.
Result<Message> message_supplier(Tx& tx, DelegationId delegation, const std::string& text,
                                 const std::vector<AttachmentId>& files = {});
// Asks the supplier to stop; what waits unsent is taken back.
Result<Delegation> withdraw(Tx& tx, DelegationId delegation, const std::string& reason);
// The desk has verified the supplier's solution: its copy will be closed.
Result<Delegation> accept(Tx& tx, DelegationId delegation, const std::string& reason);
// Not solved: back to the supplier with the reason.
Result<Delegation> reject(Tx& tx, DelegationId delegation, const std::string& reason);

// The bytes of the attachment that a supplier's change tells of.
struct AttachmentBytes {
  std::string sha256;  // empty: not in the blob store
  std::int64_t bytes = 0;
  bool lost = false;  // and they will not come: the desk is told to ask for them
};
// held: it is kept, and taken by take_held() once what it waits for is settled.
enum class Applied { applied, duplicate, echo, unknown_ticket, ignored, held };
std::string_view to_text(Applied applied);
// Takes one change into the ticket, at most once per (link, event_id). A supplier's word moves the
// delegation, never the ticket's owner, and never closes the ticket; a public comment reaches the
// user only by the agreement's relay policy, in the desk's name. `rules` are switched off by the
// simulator only, to prove that it would notice.
struct IntakeRules {
  bool filter_echoes = true;
  bool take_once = true;
  bool hold_in_order = true;  // a change queues behind those of its ticket that are held
  bool keep_held = true;
};
// A change is held, and the caller's cursor may move on, while
//  - it may be about a ticket that is just being created there, whose id is not yet known;
//  - a write of ours is under way or in doubt that may have made it;
//  - the bytes of its attachment are not here, and not lost;
//  - an earlier change of the same supplier ticket is held.
Result<Applied> apply_change(Tx& tx, std::string_view link, json::View change,
                             const AttachmentBytes& bytes,
                             const IntakeRules& rules = IntakeRules());
// Whether it is news about a ticket of ours: lets the intake skip the bytes of an attachment that
// nobody will want.
bool is_wanted(Tx& tx, std::string_view link, json::View change);

// Takes what is held of this link and waits for nothing any more, in the order of arrival.
// What has waited for longer than kHeldMax is decided as things stand: whose ticket nobody knows is
// `unknown_ticket`; what may be an echo is taken, and the desk is told of the doubt.
struct HeldPass {
  int taken = 0;                      // decided, whatever came of them
  std::vector<std::string> given_up;  // event ids of those decided by kHeldMax
  int left = 0;                       // looked at, and still waiting
  bool more = false;                  // stopped at kHeldPerPass: call again
  Instant look_again = kNever;        // when the next one will have waited for too long
};
HeldPass take_held(Tx& tx, std::string_view link, const IntakeRules& rules = IntakeRules());

// Called by delivery in the transaction that finishes a row.
void delivered(Tx& tx, const Delivery& delivery, std::string_view external_id,
               std::string_view external_url, json::View reply);
// Likewise when a row dies: the desk reads on the ticket what did not reach whom, and why.
void undeliverable(Tx& tx, const Delivery& delivery, std::string_view reason);

}  // namespace ombud::desk
