#include "queue/book.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "base/bytes.hpp"

namespace ombud::example {
namespace {

constexpr std::int64_t kAttachmentBytesMax = 16 * 1024 * 1024;
constexpr std::size_t kEventsMax = 500;

std::string nack(std::string_view re, std::string_view verdict, std::string_view message) {
  json::Writer out;
  out.begin_object().field("type", "nack").field("re", re).field("verdict", verdict);
  out.field("message", message).end_object();
  return out.take();
}

}  // namespace

Book::Book(const std::string& path, Now now) : journal_(path), now_(std::move(now)) {
  for (const std::string& line : journal_.take_lines()) {
    const auto parsed = json::parse(line);
    if (!parsed) throw std::runtime_error("The journal is damaged: " + parsed.error().detail);
    apply(parsed->root());
  }
}

void Book::record(const std::string& line) {
  journal_.append(line);
  apply(json::parse(line)->root());
}

void Book::apply(json::View line) {
  const std::string ticket(line["ticket"].text());
  const std::string_view kind = line["kind"].text();
  if (kind == "event") {
    events_.push_back(line["event"].dump());
    if (line["status"].is_text()) {
      for (Ticket& one : tickets_) {
        if (one.id == ticket) one.status = line["status"].text();
      }
    }
    if (line["content"].is_text()) {
      files_[std::string(line["file"].text())] = from_base64(line["content"].text()).value_or("");
    }
    return;
  }
  const std::string correlation(line["correlation"].text());
  if (kind == "ticket") {
    tickets_.push_back({ticket, correlation, line["document"].dump(), {}, "new"});
  } else {
    for (Ticket& one : tickets_) {
      if (one.id != ticket) continue;
      if (kind == "update")
        one.document = line["document"].dump();
      else
        one.entries.push_back(line["document"].dump());
    }
  }
  applied_[correlation] = {kind == "update" ? "ticket" : std::string(kind), ticket,
                           std::string(line["id"].text())};
}

std::optional<Book::Reply> Book::answer(std::string_view request_json, std::string_view content) {
  const auto parsed = json::parse(request_json);
  if (!parsed) return std::nullopt;
  const json::View request = parsed->root();
  const std::string_view type = request["type"].text(), id = request["id"].text();
  if (id.empty()) return std::nullopt;
  const std::scoped_lock lock(mutex_);
  json::Writer out;
  if (type == "hello") {
    if (request["version"].integer() != 1)
      return Reply{nack(id, "permanent", "I speak version 1 only."), {}};
    out.begin_object().field("type", "welcome").field("re", id).field("version", 1);
    out.field("supplier", "example-queue-supplier")
        .field("attachment_bytes_max", kAttachmentBytesMax);
    return Reply{out.end_object().take(), {}};
  }
  if (type == "ping")
    return Reply{out.begin_object().field("type", "pong").field("re", id).end_object().take(), {}};
  if (type == "put_ticket" || type == "add_comment" || type == "add_attachment") {
    return Reply{write(request, content), {}};
  }
  if (type == "find") return Reply{find(request), {}};
  if (type == "events") return Reply{events(request), {}};
  if (type == "fetch") return fetch(request);
  return Reply{nack(id, "permanent", "I do not know requests of this type."), {}};
}

std::string Book::write(json::View request, std::string_view content) {
  const std::string id(request["id"].text());
  const auto ack = [&](const std::string& external_id) {
    json::Writer out;
    out.begin_object().field("type", "ack").field("re", id).field("external_id", external_id);
    return out.end_object().take();
  };
  // The dedupe rule: what was applied under this id is acknowledged again and not applied again.
  const auto known = applied_.find(id);
  if (known != applied_.end()) return ack(known->second.id);

  const std::string parent(request["external_id"].text());
  const bool is_ticket = request["type"].text() == "put_ticket";
  const bool is_new = is_ticket && parent.empty();
  if (!is_new && std::none_of(tickets_.begin(), tickets_.end(),
                              [&](const Ticket& one) { return one.id == parent; })) {
    return nack(id, "permanent", "There is no ticket " + parent + " here.");
  }
  if (!request["document"].is_object()) return nack(id, "permanent", "The document is missing.");
  const std::string ticket = is_new ? fmt::format("Q-{}", tickets_.size() + 1) : parent;
  const std::string external_id =
      is_ticket ? ticket : fmt::format("{}/{}", ticket, applied_.size() + 1);
  json::Writer line;
  line.begin_object().field("kind", is_new                                       ? "ticket"
                                    : is_ticket                                  ? "update"
                                    : request["type"].text() == "add_attachment" ? "attachment"
                                                                                 : "comment");
  line.field("correlation", id).field("ticket", ticket).field("id", external_id);
  line.field("document", request["document"]);
  if (!content.empty()) line.field("content", to_base64(content));
  record(line.end_object().take());
  return ack(external_id);
}

std::string Book::find(json::View request) const {
  json::Writer out;
  out.begin_object()
      .field("type", "matches")
      .field("re", request["id"].text())
      .begin_array("matches");
  const auto known = applied_.find(request["correlation"].text());
  const std::string_view parent = request["external_id"].text();
  if (known != applied_.end() && known->second.kind == request["kind"].text() &&
      (parent.empty() || parent == known->second.ticket)) {
    out.begin_object().field("external_id", known->second.id).end_object();
  }
  return out.end_array().end_object().take();
}

std::string Book::events(json::View request) const {
  const std::string_view after_text = request["after"].text();
  std::size_t after = 0;
  std::from_chars(after_text.data(), after_text.data() + after_text.size(), after);
  if (after > events_.size()) after = 0;  // a cursor from before a restore: again is legal
  const auto wanted = static_cast<std::size_t>(
      std::clamp<std::int64_t>(request["limit"].integer(100), 1, kEventsMax));
  const std::size_t end = std::min(events_.size(), after + wanted);
  json::Writer out;
  out.begin_object()
      .field("type", "events")
      .field("re", request["id"].text())
      .begin_array("events");
  for (std::size_t i = after; i < end; ++i) out.raw(events_[i]);
  out.end_array().field("cursor", std::to_string(end)).field("more", end < events_.size());
  return out.end_object().take();
}

std::optional<Book::Reply> Book::fetch(json::View request) const {
  const std::string_view id = request["id"].text();
  const auto found = files_.find(request["reference"]["file"].text());
  if (found == files_.end()) return Reply{nack(id, "permanent", "There is no such file."), {}};
  json::Writer out;
  out.begin_object().field("type", "content").field("re", id).end_object();
  return Reply{out.take(), found->second, true};
}

bool Book::tell(const std::string& ticket, const std::function<void(json::Writer&)>& members,
                std::string_view type) {
  const std::scoped_lock lock(mutex_);
  const auto found = std::find_if(tickets_.begin(), tickets_.end(),
                                  [&](const Ticket& one) { return one.id == ticket; });
  if (found == tickets_.end()) return false;
  json::Writer line;
  line.begin_object().field("kind", "event").field("ticket", ticket);
  line.begin_object("event").field("schema", "ombud.change/1");
  line.field("event_id", fmt::format("event-{}", events_.size() + 1)).field("external_id", ticket);
  line.field("correlation", found->correlation).field("type", type).field("at", now_());
  members(line);  // ends the event and may add to the line
  record(line.end_object().take());
  return true;
}

bool Book::comment(const std::string& ticket, const std::string& text, bool is_public) {
  const auto members = [&](json::Writer& out) {
    out.begin_object("comment")
        .field("id", fmt::format("comment-{}", events_.size() + 1))
        .field("text", text);
    out.field("public", is_public).field("author", "Example supplier").end_object().end_object();
  };
  return tell(ticket, members, "comment");
}

bool Book::set_status(const std::string& ticket, const std::string& status,
                      const std::string& word) {
  const auto members = [&](json::Writer& out) {
    out.field("status", status).field("status_text", word).end_object().field("status", status);
  };
  return tell(ticket, members, "status");
}

bool Book::attach(const std::string& ticket, const std::string& name, const std::string& media_type,
                  const std::string& bytes) {
  const auto members = [&](json::Writer& out) {
    const std::string file = fmt::format("file-{}", events_.size() + 1);
    out.begin_object("attachment")
        .field("id", file)
        .field("name", name)
        .field("media_type", media_type);
    out.field("size", static_cast<std::int64_t>(bytes.size())).field("public", true);
    out.begin_object("reference").field("file", file).end_object().end_object().end_object();
    out.field("file", file).field("content", to_base64(bytes));
  };
  return tell(ticket, members, "attachment");
}

std::string Book::tickets_json() const {
  const std::scoped_lock lock(mutex_);
  json::Writer out;
  out.begin_array();
  for (const Ticket& one : tickets_) {
    out.begin_object()
        .field("id", one.id)
        .field("correlation", one.correlation)
        .field("status", one.status);
    out.key("document").raw(one.document);
    out.begin_array("entries");
    for (const std::string& entry : one.entries) out.raw(entry);
    out.end_array().end_object();
  }
  return out.end_array().take();
}

std::size_t Book::ticket_count() const {
  const std::scoped_lock lock(mutex_);
  return tickets_.size();
}

std::size_t Book::event_count() const {
  const std::scoped_lock lock(mutex_);
  return events_.size();
}

}  // namespace ombud::example
