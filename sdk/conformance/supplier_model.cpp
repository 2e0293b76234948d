#include "conformance/supplier_model.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "base/bytes.hpp"
#include "base/json.hpp"

namespace ombud::conformance {
namespace {

// What the supplier calls the status of a document that the hub puts.
std::string status_of(const json::Document& document) {
  const std::string_view status = document["status"].text("new");
  return std::string(status == "withdrawn" ? "closed" : status);
}

bool lists(json::View list, std::string_view word) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list.at(i).text() == word) return true;
  }
  return false;
}

// What is there, with those members of the repair that its `only` names.
std::string repaired(std::string_view stored, json::View repair) {
  const auto before = json::parse(stored);
  json::Writer out;
  out.begin_object();
  for (std::size_t i = 0; before && i < before->root().size(); ++i) {
    const std::string_view name = before->root().name_at(i);
    out.field(name, lists(repair["only"], name) ? repair[name] : before->root().member_at(i));
  }
  return out.end_object().take();
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
  const json::View only = (*document)["only"];
  ticket->document = only.is_array() ? repaired(ticket->document, document->root()) : request.body;
  ticket->last_put = request.correlation;
  if (!only.is_array() || lists(only, "status")) {
    ticket->status = status_of(*document);
    ticket->status_is_ours = true;
  }
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
  std::copy_if(feed_.begin() + static_cast<std::ptrdiff_t>(from),
               feed_.begin() + static_cast<std::ptrdiff_t>(to), std::back_inserter(page.changes),
               [](const ModelChange& change) { return !change.lost; });
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

void SupplierModel::restore(const Backup& backup) {
  for (const ModelTicket& ticket : tickets_) {
    for (const ModelComment& comment : ticket.comments) {
      if (comment.correlation.empty()) lost_words_.push_back(comment.text);
    }
    for (const ModelAttachment& file : ticket.attachments) {
      if (file.correlation.empty()) lost_words_.push_back(file.name + " " + sha256_hex(file.bytes));
    }
  }
  tickets_ = backup.tickets;
  first_objects_ = backup.first_objects;
  for (std::size_t i = backup.feed; i < feed_.size(); ++i) feed_[i].lost = true;
  copies_.clear();
  applications_.clear();
  const auto count = [&](const std::string& correlation) {
    if (correlation.empty()) return;
    ++copies_[correlation];
    ++applications_[correlation];
  };
  for (const ModelTicket& ticket : tickets_) {
    count(ticket.correlation);
    for (const ModelComment& comment : ticket.comments) count(comment.correlation);
    for (const ModelAttachment& file : ticket.attachments) count(file.correlation);
  }
}

bool SupplierModel::tells(std::string_view event_id) const {
  return std::any_of(feed_.begin(), feed_.end(), [&](const ModelChange& change) {
    return change.event_id == event_id && !change.lost;
  });
}

std::string SupplierModel::copy_of(std::string_view id, std::string_view known, bool inside) const {
  const ModelTicket* ticket = this->ticket(id);
  json::Writer out;
  out.begin_object().field("schema", "ombud.copy/1").field("external_id", id);
  out.field("exists", ticket != nullptr);
  if (ticket == nullptr) return out.end_object().take();
  out.field("correlation", ticket->correlation).field("status", ticket->status);
  out.begin_array("shows").value("comment").value("attachment").end_array();
  const auto document = json::parse(known);
  const auto stored = json::parse(ticket->document);
  out.begin_array("fields");
  for (const char* name : {"subject", "description", "priority", "status"}) {
    const bool is_status = std::string_view(name) == "status";
    out.begin_object().field("name", name);
    const std::string has = is_status ? ticket->status : (*stored)[name].dump();
    const json::View tickets = (*document)["tickets"];
    for (std::size_t i = 0; i < tickets.size(); ++i) {
      const std::string_view word = tickets.at(i)["status"].text();
      const std::string wanted = is_status ? std::string(word == "withdrawn" ? "closed" : word)
                                           : tickets.at(i)[name].dump();
      if (wanted != has) continue;
      out.field("agrees_with", static_cast<std::int64_t>(i));
      break;
    }
    out.end_object();
  }
  out.end_array().begin_array("changes");
  for (const ModelChange& change : feed_) {
    if (change.ticket == id && !change.lost) out.raw(document_of(change, inside));
  }
  return out.end_array().end_object().take();
}

std::size_t SupplierModel::copies_of(std::string_view correlation) const {
  const auto at = copies_.find(correlation);
  return at == copies_.end() ? 0 : at->second;
}

}  // namespace ombud::conformance
