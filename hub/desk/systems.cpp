#include "desk/systems.hpp"

#include "base/bytes.hpp"
#include "desk/access.hpp"
#include "desk/delegations.hpp"
#include "desk/limits.hpp"
#include "desk/tickets.hpp"
#include "store/systems.hpp"

namespace ombud::desk {

Result<Delegation> own_delegation(Tx& tx, DelegationId id) {
  auto delegation = find_delegation(tx, id);
  if (!delegation || !tx.principal().owns_link(delegation->link)) return not_found("ticket");
  return std::move(*delegation);
}

Result<void> keep(Tx& tx, const Keep& what) {
  if (what.delegation.value != 0) {
    const auto delegation = own_delegation(tx, what.delegation);
    if (!delegation) return delegation.error();
    if (delegation->ticket != what.ticket) return not_found("ticket");
  } else {
    const auto ticket = visible_ticket(tx, what.ticket);
    if (!ticket) return ticket.error();
    if (auto refused = needs_part(tx, *ticket)) return *refused;
  }
  if (what.external_id.size() > kNameBytesMax || !is_utf8(what.external_id)) {
    return invalid("/externalId", "must be UTF-8 of at most 255 bytes");
  }
  if (what.attributes.size() > kAttributesBytesMax) {
    return problem(ProblemKind::too_large, "There is too much beside what the desk itself keeps.");
  }
  const Attributes there = attributes_of(tx, what.ticket, what.delegation);
  if (there.external_id == what.external_id && there.data == what.attributes) return {};
  event::Attributed attributed;
  attributed.delegation = what.delegation;
  // Who named it first goes on being whose id it is.
  attributed.client = !there.client.empty() && there.external_id == what.external_id
                          ? there.client
                          : tx.principal().actor();
  attributed.external_id = what.external_id;
  attributed.attributes = what.attributes;
  append(tx, what.ticket, attributed);
  return {};
}

Result<void> supplier_says(Tx& tx, const SupplierWord& word) {
  const auto delegation = own_delegation(tx, word.delegation);
  if (!delegation) return delegation.error();
  const auto handed = handed_over(tx, word.delegation);
  const std::string event = "tmf:" + tx.mint();
  json::Writer out;
  out.begin_object()
      .field("schema", "ombud.change/1")
      .field("event_id", event)
      // Leads to just this delegation; and as it came here it is no echo of a write of ours.
      .field("correlation", handed.empty() ? std::string() : handed.front().correlation)
      .field("reference", reference_of(delegation->ticket))
      .field("echo_of", event)
      .field("type", word.type)
      .field("at", to_rfc3339(tx.at()));
  if (word.type == "status") {
    out.field("status", word.status).field("status_text", word.status_text);
  } else if (word.type == "comment") {
    out.begin_object("comment")
        .field("id", event)
        .field("text", word.text)
        .field("public", true)
        .field("author", word.author)
        .end_object();
  } else if (word.file) {
    out.begin_object("attachment")
        .field("id", event)
        .field("name", word.file->name)
        .field("media_type", word.file->media_type)
        .field("size", word.file->bytes)
        .field("public", true)
        .end_object();
  }
  out.end_object();
  const auto change = json::parse(out.take());
  if (!change) return change.error();
  AttachmentBytes bytes;
  if (word.file) bytes = {word.file->sha256, word.file->bytes, false};
  const auto applied = apply_change(tx, delegation->link, change->root(), bytes);
  if (!applied) return applied.error();
  return {};
}

}  // namespace ombud::desk
