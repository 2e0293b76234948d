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
Result<Message> message_supplier(Tx& tx, DelegationId delegation, const std::string& text);
// Asks the supplier to stop; what waits unsent is taken back.
Result<Delegation> withdraw(Tx& tx, DelegationId delegation, const std::string& reason);
// The desk has verified the supplier's solution: its copy will be closed.
Result<Delegation> accept(Tx& tx, DelegationId delegation, const std::string& reason);
// Not solved: back to the supplier with the reason.
Result<Delegation> reject(Tx& tx, DelegationId delegation, const std::string& reason);

// The inside of a supplier's change (sdk/DOCUMENTS.md, ombud.change/1), from poll, webhook or mail.
struct SupplierAttachment {
  std::string id, name, media_type;
  std::string reference_json;  // for ombud.fetch/1
  std::string sha256;          // filled in once the bytes are in the blob store
  std::int64_t bytes = 0;
  bool shown = true;  // public at the supplier
};
// deferred: the ticket's create is under way and its id not yet known; nothing was taken, try
// again.
enum class Applied { applied, duplicate, echo, unknown_ticket, ignored, deferred };
std::string_view to_text(Applied applied);
// Takes one change into the ticket, at most once per (link, event_id). A supplier's word moves the
// delegation, never the ticket's owner, and never closes the ticket; a public comment reaches the
// user only by the agreement's relay policy, in the desk's name. `rules` are switched off by the
// simulator only, to prove that it would notice.
struct IntakeRules {
  bool filter_echoes = true;
  bool take_once = true;
};
Result<Applied> apply_change(Tx& tx, std::string_view link, json::View change,
                             const std::optional<SupplierAttachment>& fetched,
                             const IntakeRules& rules = IntakeRules());
// Whether apply_change would take it: lets a poller skip fetching the bytes of an attachment in
// vain.
bool is_wanted(Tx& tx, std::string_view link, json::View change);

// Takes what came about the supplier's ticket of this lane before anybody knew whose ticket it is:
// its create was in doubt and given to a person. For the transaction in which the lane learns its
// external id.
void take_held_changes(Tx& tx, const Lane& lane);

// Called by delivery in the transaction that finishes a row.
void delivered(Tx& tx, const Delivery& delivery, std::string_view external_id,
               std::string_view external_url, json::View reply);
// Likewise when a row dies: the desk reads on the ticket what did not reach whom, and why.
void undeliverable(Tx& tx, const Delivery& delivery, std::string_view reason);

}  // namespace ombud::desk
