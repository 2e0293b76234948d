#include "conformance/supplier_model.hpp"

#include <algorithm>
#include <charconv>

#include "base/bytes.hpp"
#include "base/json.hpp"

namespace ombud::conformance {
namespace {

// What the supplier calls the status of a document that the hub puts.
std::string status_of(const json::Document& document) {
  const std::string_view status = document["status"].text("new");
  return std::string(status == "withdrawn" ? "closed" : status);
}

}  // namespace

SupplierModel::SupplierModel(std::string name, SupplierRules rules)
    : name_(std::move(name)), rules_(rules) {}

std::string SupplierModel::mint(std::string_view what) {
  return name_ + "-" + std::string(what) + "-" + std::to_string(++ids_);
}

ModelTicket* SupplierModel::ticket_of(std::string_view id) {
  for (ModelTicket& ticket : tickets_) {
    if (ticket.id == id) return &ticket;
  }
  return nullptr;
}

const ModelTicket* SupplierModel::ticket(std::string_view id) const {
  return const_cast<SupplierModel*>(this)->ticket_of(id);
}

void SupplierModel::changed(Instant now, const ModelTicket& ticket, std::string type,
                            std::string caused_by, std::string object) {
  ModelChange change;
  change.event_id = name_ + "-event-" + std::to_string(feed_.size() + 1);
  change.ticket = ticket.id;
  change.type = std::move(type);
  change.caused_by = std::move(caused_by);
  change.status = ticket.status;
  change.object = std::move(object);
  change.at = now;
  const bool backwards = rules_.clock_jumps && feed_.size() % 2 == 1;
  change.told_at = now + (backwards ? -rules_.clock_skew : rules_.clock_skew);
  feed_.push_back(std::move(change));
  if (listener_) listener_(feed_.back());
}

void SupplierModel::applied(Instant now, std::string operation, const std::string& correlation,
                            const std::string& ticket, bool made_object) {
  if (made_object) ++copies_[correlation];
  const bool again = applications_[correlation]++ > 0;
  if (observer_) observer_({std::move(operation), correlation, ticket, made_object, again, now});
}

WriteAnswer SupplierModel::put_ticket(Instant now, const WriteRequest& request) {
  const auto document = json::parse(request.body);
  if (!document) return {WriteAnswer::Verdict::not_understood, ""};
  if (request.external_id.empty()) {
    if (rules_.kind == SupplierClass::idempotent) {
      const auto known = first_objects_.find(request.correlation);
      if (known != first_objects_.end()) return {WriteAnswer::Verdict::ok, known->second};
    }
    ModelTicket made;
    made.id = mint("ticket");
    made.correlation = made.last_put = request.correlation;
    made.document = request.body;
    made.status = status_of(*document);
    made.at = now;
    first_objects_.emplace(request.correlation, made.id);
    tickets_.push_back(std::move(made));
    changed(now, tickets_.back(), "status", request.correlation, "");
    applied(now, "put_ticket", request.correlation, tickets_.back().id, true);
    return {WriteAnswer::Verdict::ok, tickets_.back().id};
  }
  ModelTicket* ticket = ticket_of(request.external_id);
  if (ticket == nullptr) return {WriteAnswer::Verdict::no_such_ticket, ""};
  const std::string before = ticket->status;
  ticket->document = request.body;
  ticket->last_put = request.correlation;
  ticket->status = status_of(*document);
  ticket->status_is_ours = true;
  if (ticket->status != before) changed(now, *ticket, "status", request.correlation, "");
  applied(now, "put_ticket", request.correlation, ticket->id, false);
  return {WriteAnswer::Verdict::ok, ticket->id};
}

WriteAnswer SupplierModel::add_comment(Instant now, const WriteRequest& request) {
  const auto document = json::parse(request.body);
  if (!document) return {WriteAnswer::Verdict::not_understood, ""};
  ModelTicket* ticket = ticket_of(request.external_id);
  if (ticket == nullptr) return {WriteAnswer::Verdict::no_such_ticket, ""};
  if (rules_.kind == SupplierClass::idempotent) {
    const auto known = first_objects_.find(request.correlation);
    if (known != first_objects_.end()) return {WriteAnswer::Verdict::ok, known->second};
  }
  ModelComment made;
  made.id = mint("comment");
  made.correlation = request.correlation;
  made.text = (*document)["text"].text();
  made.author = (*document)["author"].text();
  made.shown = (*document)["public"].boolean(true);
  made.at = now;
  first_objects_.emplace(request.correlation, made.id);
  ticket->comments.push_back(made);
  changed(now, *ticket, "comment", request.correlation, made.id);
  applied(now, "add_comment", request.correlation, ticket->id, true);
  return {WriteAnswer::Verdict::ok, made.id};
}

WriteAnswer SupplierModel::add_attachment(Instant now, const WriteRequest& request) {
  const auto document = json::parse(request.body);
  if (!document) return {WriteAnswer::Verdict::not_understood, ""};
  ModelTicket* ticket = ticket_of(request.external_id);
  if (ticket == nullptr) return {WriteAnswer::Verdict::no_such_ticket, ""};
  if (rules_.kind == SupplierClass::idempotent) {
    const auto known = first_objects_.find(request.correlation);
    if (known != first_objects_.end()) return {WriteAnswer::Verdict::ok, known->second};
  }
  ModelAttachment made;
  made.id = mint("file");
  made.correlation = request.correlation;
  made.name = (*document)["name"].text();
  made.media_type = (*document)["media_type"].text();
  made.bytes = request.content;
  made.at = now;
  first_objects_.emplace(request.correlation, made.id);
  ticket->attachments.push_back(made);
  changed(now, *ticket, "attachment", request.correlation, made.id);
  applied(now, "add_attachment", request.correlation, ticket->id, true);
  return {WriteAnswer::Verdict::ok, made.id};
}

std::vector<std::string> SupplierModel::find(Instant now, std::string_view kind,
                                             std::string_view correlation, bool stale) const {
  std::vector<std::string> found;
  const auto look = [&](const auto& object) {
    const bool indexed = !stale || object.at + rules_.search_lag <= now;
    if (indexed && object.correlation == correlation) found.push_back(object.id);
  };
  for (const ModelTicket& ticket : tickets_) {
    if (kind == "ticket") look(ticket);
    if (kind == "comment") std::for_each(ticket.comments.begin(), ticket.comments.end(), look);
    if (kind == "attachment")
      std::for_each(ticket.attachments.begin(), ticket.attachments.end(), look);
  }
  return found;
}

SupplierModel::Page SupplierModel::changes(std::string_view cursor, std::size_t limit) const {
  std::size_t from = 0;
  std::from_chars(cursor.data(), cursor.data() + cursor.size(), from);
  from = std::min(from, feed_.size());
  const std::size_t to = std::min(from + limit, feed_.size());
  Page page;
  page.changes.assign(feed_.begin() + static_cast<std::ptrdiff_t>(from),
                      feed_.begin() + static_cast<std::ptrdiff_t>(to));
  page.cursor = std::to_string(to);
  return page;
}

std::string SupplierModel::document_of(const ModelChange& change, bool inside) const {
  const ModelTicket* ticket = this->ticket(change.ticket);
  json::Writer out;
  out.begin_object()
      .field("schema", "ombud.change/1")
      .field("event_id", change.event_id)
      .field("external_id", change.ticket)
      .field("type", change.type)
      .field("at", to_rfc3339(change.told_at));
  if (rules_.shows_correlation) out.field("correlation", ticket->correlation);
  if ((rules_.shows_echo || change.type == "status") && !change.caused_by.empty()) {
    out.field("echo_of", change.caused_by);
  }
  if (change.type == "status") {
    out.field("status", change.status).field("status_text", change.event_id + " " + change.status);
  }
  for (const ModelComment& comment : ticket->comments) {
    if (change.type != "comment" || comment.id != change.object) continue;
    out.begin_object("comment")
        .field("id", comment.id)
        .field("text", comment.text)
        .field("public", comment.shown)
        .field("author", comment.author)
        .end_object();
  }
  for (const ModelAttachment& file : ticket->attachments) {
    if (change.type != "attachment" || file.id != change.object) continue;
    out.begin_object("attachment")
        .field("id", file.id)
        .field("name", file.name)
        .field("media_type", file.media_type)
        .field("size", static_cast<std::int64_t>(file.bytes.size()))
        .field("public", file.shown);
    if (inside) out.field("content", to_base64(file.bytes));
    out.begin_object("reference").field("id", file.id).end_object().end_object();
  }
  return out.end_object().take();
}

std::optional<std::string> SupplierModel::attachment_bytes(std::string_view id) const {
  for (const ModelTicket& ticket : tickets_) {
    for (const ModelAttachment& file : ticket.attachments) {
      if (file.id == id) return file.bytes;
    }
  }
  return std::nullopt;
}

std::string SupplierModel::comment(Instant now, std::string_view id, std::string text, bool shown) {
  ModelTicket* ticket = ticket_of(id);
  if (ticket == nullptr) return {};
  std::string made = mint("comment");
  ticket->comments.push_back({made, "", std::move(text), "Sven", shown, now});
  changed(now, *ticket, "comment", "", made);
  return made;
}

void SupplierModel::set_status(Instant now, std::string_view id, std::string_view status) {
  ModelTicket* ticket = ticket_of(id);
  if (ticket == nullptr || ticket->status == status) return;
  ticket->status = status;
  ticket->status_is_ours = false;
  changed(now, *ticket, "status", "", "");
}

std::string SupplierModel::attach(Instant now, std::string_view id, std::string name,
                                  std::string bytes) {
  ModelTicket* ticket = ticket_of(id);
  if (ticket == nullptr) return {};
  std::string made = mint("file");
  ticket->attachments.push_back(
      {made, "", std::move(name), "text/plain", std::move(bytes), true, now});
  changed(now, *ticket, "attachment", "", made);
  return made;
}

std::size_t SupplierModel::copies_of(std::string_view correlation) const {
  const auto at = copies_.find(correlation);
  return at == copies_.end() ? 0 : at->second;
}

}  // namespace ombud::conformance
