#include "conformance/kit/memory_supplier.hpp"

namespace ombud::conformance {
namespace {

constexpr std::string_view kStaff = "Sven Supplier";

}  // namespace

std::vector<const Ticket*> MemorySupplier::tickets() const {
  std::vector<const Ticket*> all;
  for (const Ticket& ticket : tickets_) all.push_back(&ticket);
  return all;
}

std::vector<const Ticket*> MemorySupplier::indexed() const {
  std::vector<const Ticket*> all;
  for (const Ticket& ticket : tickets_) {
    if (ticket.created_at_ms + index_lag_.count() <= now_ms()) all.push_back(&ticket);
  }
  return all;
}

const Ticket* MemorySupplier::ticket(std::string_view id) const {
  for (const Ticket& ticket : tickets_) {
    if (ticket.id == id) return &ticket;
  }
  return nullptr;
}

Ticket* MemorySupplier::find(std::string_view id) {
  return const_cast<Ticket*>(ticket(id));
}

void MemorySupplier::record(Event event) {
  event.id = std::to_string(++event_ids_);
  event.at_ms = now_ms();
  if (event.ours) {
    event.author = kOurUser;
    ++effects_;
  } else {
    event.author = kStaff;
  }
  find(event.ticket)->updated_at_ms = now_ms();
  events_.push_back(std::move(event));
}

const Ticket& MemorySupplier::create(Fields fields) {
  Ticket ticket;
  ticket.id = mint();
  ticket.fields = std::move(fields);
  ticket.created_at_ms = now_ms();
  tickets_.push_back(std::move(ticket));
  ++made_.tickets;
  Event event;
  event.ticket = tickets_.back().id;
  event.ours = true;
  record(std::move(event));
  return tickets_.back();
}

const Ticket* MemorySupplier::update(std::string_view id, const Fields& changes) {
  Ticket* ticket = find(id);
  if (ticket == nullptr) return nullptr;
  for (const auto& [name, value] : changes) {
    std::string& field = ticket->fields[name];
    if (field == value) continue;
    Event event;
    event.ticket = ticket->id;
    event.kind = Event::Kind::changed;
    event.object = name;
    event.from = field;
    event.to = value;
    event.ours = true;
    field = value;
    record(std::move(event));
  }
  return ticket;
}

const Comment* MemorySupplier::comment(std::string_view id, Comment comment) {
  Ticket* ticket = find(id);
  if (ticket == nullptr) return nullptr;
  comment.id = mint();
  comment.author = kOurUser;
  comment.ours = true;
  comment.at_ms = now_ms();
  ticket->comments.push_back(std::move(comment));
  ++made_.comments;
  Event event;
  event.ticket = ticket->id;
  event.kind = Event::Kind::comment;
  event.object = ticket->comments.back().id;
  event.ours = true;
  record(std::move(event));
  return &ticket->comments.back();
}

const File* MemorySupplier::attach(std::string_view id, File file) {
  Ticket* ticket = find(id);
  if (ticket == nullptr) return nullptr;
  file.id = mint();
  file.author = kOurUser;
  file.ours = true;
  file.at_ms = now_ms();
  ticket->files.push_back(std::move(file));
  ++made_.files;
  Event event;
  event.ticket = ticket->id;
  event.kind = Event::Kind::file;
  event.object = ticket->files.back().id;
  event.ours = true;
  record(std::move(event));
  return &ticket->files.back();
}

std::string MemorySupplier::staff_comment(std::string_view id, std::string text, bool shown) {
  Ticket* ticket = find(id);
  Comment comment;
  comment.id = mint();
  comment.text = std::move(text);
  comment.author = kStaff;
  comment.shown = shown;
  comment.at_ms = now_ms();
  ticket->comments.push_back(comment);
  Event event;
  event.ticket = ticket->id;
  event.kind = Event::Kind::comment;
  event.object = comment.id;
  record(std::move(event));
  return comment.id;
}

void MemorySupplier::staff_status(std::string_view id, std::string word) {
  Ticket* ticket = find(id);
  Event event;
  event.ticket = ticket->id;
  event.kind = Event::Kind::changed;
  event.object = "status";
  event.from = ticket->field("status");
  event.to = word;
  ticket->fields["status"] = std::move(word);
  record(std::move(event));
}

std::string MemorySupplier::staff_attach(std::string_view id, std::string name, std::string bytes) {
  Ticket* ticket = find(id);
  File file;
  file.id = mint();
  file.name = std::move(name);
  file.media_type = "text/plain";
  file.bytes = std::move(bytes);
  file.author = kStaff;
  file.at_ms = now_ms();
  ticket->files.push_back(file);
  Event event;
  event.ticket = ticket->id;
  event.kind = Event::Kind::file;
  event.object = file.id;
  record(std::move(event));
  return file.id;
}

}  // namespace ombud::conformance
