// Freshservice's REST interface for the conformance kit: notes are private unless they say
// otherwise, the search lags, lists without updated_since end after thirty days, files are parts of
// a form.
#include <ombud/conformance/dialect.hpp>

#include <algorithm>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "base/time.hpp"
#include "paging.hpp"
#include "profile/text.hpp"
#include "profile_settings.hpp"

namespace ombud::dialects {
namespace {

using namespace ombud::conformance;

constexpr std::size_t kPageRows = 30;  // unless asked for otherwise
constexpr std::string_view kKey = "canary-freshservice-key-4711";
constexpr std::string_view kFiles = "https://acme.freshservice.example/files/";
constexpr std::string_view kField = "ombud_reference";
constexpr std::string_view kStatusField = "ombud_status";
constexpr std::int64_t kOurId = 3, kStaffId = 4;
constexpr std::int64_t kListedMs = 30LL * 86'400'000;

std::string time_text(std::int64_t ms) {
  return to_rfc3339(instant_of(ms / 1000 * 1000)).substr(0, 19) + "Z";
}

HttpResponse refused(int code, std::string_view field, std::string_view why) {
  json::Writer out;
  out.begin_object().field("description", "Validation failed").begin_array("errors");
  out.begin_object().field("field", field).field("message", why).field("code", "invalid_value");
  return {code, out.end_object().end_array().end_object().take()};
}

// The last change of the status, or when the ticket was made.
std::int64_t status_since(const Supplier& supplier, const Ticket& ticket) {
  std::int64_t at = ticket.created_at_ms;
  for (const Event& event : supplier.events()) {
    if (event.ticket == ticket.id && event.object == "status") at = event.at_ms;
  }
  return at;
}

void write_ticket(json::Writer& out, const Supplier& supplier, const Ticket& ticket) {
  out.begin_object().field("id", number(ticket.id)).field("subject", ticket.field("subject"));
  out.field("description", profile::html_escaped(ticket.field("description")));
  out.field("status", number(ticket.field("status")));
  out.field("priority", number(ticket.field("priority")));
  out.begin_object("custom_fields").field(kField, ticket.field("reference"));
  out.field(kStatusField, ticket.field("noted")).end_object();
  out.field("created_at", time_text(ticket.created_at_ms));
  out.field("updated_at", time_text(ticket.updated_at_ms)).begin_object("stats");
  out.field("status_updated_at", time_text(status_since(supplier, ticket)));
  out.end_object().end_object();
}

HttpResponse one_ticket(int code, const Supplier& supplier, const Ticket& ticket) {
  json::Writer out;
  out.begin_object().key("ticket");
  write_ticket(out, supplier, ticket);
  return {code, out.end_object().take()};
}

struct Note {
  std::string id, text;
  bool ours = false, shown = true;
  std::int64_t at_ms = 0;
  const File* file = nullptr;
};

void write_note(json::Writer& out, const Note& note) {
  out.begin_object().field("id", number(note.id)).field("body", profile::html_escaped(note.text));
  out.field("private", !note.shown).field("user_id", note.ours ? kOurId : kStaffId);
  out.field("created_at", time_text(note.at_ms)).begin_array("attachments");
  if (note.file != nullptr) {
    out.begin_object().field("id", number(note.file->id) + 5'000).field("name", note.file->name);
    out.field("content_type", note.file->media_type);
    out.field("size", static_cast<std::int64_t>(note.file->bytes.size()));
    out.field("attachment_url", std::string(kFiles) + note.file->id + "?Signature=x").end_object();
  }
  out.end_array().end_object();
}

Note note_of(const File& file) {
  const auto body = file.fields.find("body");
  return {file.id,    body == file.fields.end() ? std::string() : body->second,
          file.ours,  file.shown,
          file.at_ms, &file};
}

HttpResponse one_note(const Note& note) {
  json::Writer out;
  out.begin_object().key("conversation");
  write_note(out, note);
  return {201, out.end_object().take()};
}

// The parts of a form by their names, and the name of the file.
Fields parts_of(const HttpRequest& request) {
  Fields parts;
  const std::string type(request.header("content-type"));
  const std::size_t at = type.find("boundary=");
  if (at == std::string::npos) return parts;
  const std::string edge = "--" + type.substr(at + 9);
  std::size_t from = request.body.find(edge);
  while (from != std::string::npos) {
    const std::size_t start = from + edge.size() + 2;
    from = request.body.find("\r\n" + edge, start);
    if (from == std::string::npos) break;
    const std::string part = request.body.substr(start, from - start);
    from += 2;
    const std::size_t head = part.find("\r\n\r\n");
    const std::size_t name = part.find("name=\"");
    if (head == std::string::npos || name > head) continue;
    const std::string called = part.substr(name + 6, part.find('"', name + 6) - name - 6);
    parts[called] = part.substr(head + 4);
    const std::size_t file = part.find("filename=\"");
    if (file < head) parts["name"] = part.substr(file + 10, part.find('"', file + 10) - file - 10);
  }
  return parts;
}

class Freshservice final : public Dialect {
 public:
  Settings settings() const override {
    return {
        settings_json(
            R"("url":"https://acme.freshservice.example","agent_id":3,"status_field":"ombud_status",
                "api_key":{"$secret":"key"},"requester":"desk@example.org")"),
        {{"key", std::string(kKey)}}};
  }
  std::string status_word(std::string_view canonical) const override {
    return canonical == "new"        ? "2"
           : canonical == "waiting"  ? "3"
           : canonical == "resolved" ? "4"
           : canonical == "closed"   ? "5"
                                     : "";  // open is new and in progress
  }

  HttpResponse answer(Supplier& supplier, const HttpRequest& request) override {
    const auto parts = request.segments();
    if (parts.size() == 2 && parts[0] == "files") return bytes(supplier, request, parts[1]);
    if (request.header("authorization") != "Basic " + to_base64(std::string(kKey) + ":X")) {
      return refused(401, "key", "invalid credentials");
    }
    if (parts.size() < 3 || parts[0] != "api" || parts[1] != "v2") return {404};
    if (parts[2] == "ticket_form_fields") {
      return {200, R"({"ticket_fields":[{"name":"ombud_reference"},{"name":"ombud_status"}]})"};
    }
    if (parts[2] != "tickets") return {404};
    if (request.method == "GET" && (parts.size() == 3 || parts[3] == "filter")) {
      return parts.size() == 3 ? list(supplier, request) : filter(supplier, request);
    }
    if (request.method == "POST" && parts.size() == 3) return create(supplier, request);
    const Ticket* ticket = parts.size() > 3 ? supplier.ticket(parts[3]) : nullptr;
    if (ticket == nullptr) return {404};
    if (request.method == "PUT") return update(supplier, ticket->id, request);
    if (request.method == "POST") return note(supplier, ticket->id, request);
    if (parts.size() == 4) return one_ticket(200, supplier, *ticket);
    return conversations(*ticket, request);
  }

 private:
  static HttpResponse bytes(Supplier& supplier, const HttpRequest& request, const std::string& id) {
    if (request.headers.contains("authorization")) return refused(400, "", "signed twice");
    for (const Ticket* ticket : supplier.tickets()) {
      for (const File& file : ticket->files) {
        if (file.id == id) return {200, file.bytes, {{"Content-Type", file.media_type}}};
      }
    }
    return {404};
  }

  static HttpResponse rows_of(const Supplier& supplier, const std::vector<const Ticket*>& tickets,
                              std::pair<std::size_t, std::size_t> page) {
    json::Writer out;
    out.begin_object().begin_array("tickets");
    for (std::size_t i = page.first; i < page.second; ++i) write_ticket(out, supplier, *tickets[i]);
    return {200, out.end_array().end_object().take()};
  }

  static HttpResponse list(Supplier& supplier, const HttpRequest& request) {
    std::vector<const Ticket*> tickets = supplier.tickets();
    const auto since = parse_rfc3339(request.parameter("updated_since"));
    const std::int64_t from = since ? ms_of(*since) : supplier.now_ms() - kListedMs;
    std::erase_if(tickets, [&](const Ticket* t) { return t->updated_at_ms / 1000 < from / 1000; });
    const bool rising = request.parameter("order_type") == "asc";
    const bool by_update = request.parameter("order_by") == "updated_at";
    std::stable_sort(tickets.begin(), tickets.end(), [&](const Ticket* a, const Ticket* b) {
      const auto left = by_update ? a->updated_at_ms : a->created_at_ms;
      const auto right = by_update ? b->updated_at_ms : b->created_at_ms;
      return rising ? left < right : left > right;
    });
    return rows_of(supplier, tickets, page_of(request, tickets.size(), kPageRows));
  }

  // "field:'value'", with its quotes.
  static HttpResponse filter(Supplier& supplier, const HttpRequest& request) {
    const std::string query = request.parameter("query");
    const std::string start = "\"" + std::string(kField) + ":'";
    if (!query.starts_with(start) || !query.ends_with("'\""))
      return refused(400, "query", "syntax");
    const std::string wanted = query.substr(start.size(), query.size() - start.size() - 2);
    std::vector<const Ticket*> tickets = supplier.indexed();
    std::erase_if(tickets, [&](const Ticket* t) { return t->field("reference") != wanted; });
    return rows_of(supplier, tickets, {0, std::min<std::size_t>(tickets.size(), 30)});
  }

  static bool coded(json::View value, std::int64_t least, std::int64_t most) {
    return value.is_integer() && value.integer() >= least && value.integer() <= most;
  }

  static HttpResponse create(Supplier& supplier, const HttpRequest& request) {
    const auto body = json::parse(request.body);
    if (!body) return refused(400, "", "no JSON");
    const json::View in = body->root();
    for (const char* needed : {"email", "subject", "description"}) {
      if (in[needed].text().empty()) return refused(400, needed, "It should be a/an String");
    }
    if (!coded(in["status"], 2, 7)) return refused(400, "status", "should be a number");
    if (!coded(in["priority"], 1, 4)) return refused(400, "priority", "should be a number");
    Fields fields{{"subject", std::string(in["subject"].text())},
                  {"description", profile::html_to_text(in["description"].text())},
                  {"status", std::to_string(in["status"].integer())},
                  {"priority", std::to_string(in["priority"].integer())},
                  {"reference", std::string(in["custom_fields"][kField].text())}};
    return one_ticket(201, supplier, supplier.create(std::move(fields)));
  }

  static HttpResponse update(Supplier& supplier, const std::string& id,
                             const HttpRequest& request) {
    const auto body = json::parse(request.body);
    if (!body) return refused(400, "", "no JSON");
    const json::View in = body->root();
    Fields changes;
    if (in["subject"].is_text()) changes["subject"] = in["subject"].text();
    if (in["description"].is_text()) {
      changes["description"] = profile::html_to_text(in["description"].text());
    }
    if (in["status"].present()) {
      if (!coded(in["status"], 2, 7)) return refused(400, "status", "should be a number");
      changes["status"] = std::to_string(in["status"].integer());
    }
    if (in["priority"].present()) {
      if (!coded(in["priority"], 1, 4)) return refused(400, "priority", "should be a number");
      changes["priority"] = std::to_string(in["priority"].integer());
    }
    const json::View own = in["custom_fields"];
    for (std::size_t i = 0; i < own.size(); ++i) {
      if (own.name_at(i) != kStatusField) {
        return refused(400, own.name_at(i), "Unexpected/invalid field in request");
      }
      changes["noted"] = own.member_at(i).text();
    }
    return one_ticket(200, supplier, *supplier.update(id, changes));
  }

  // Private unless it says otherwise.
  static HttpResponse note(Supplier& supplier, const std::string& id, const HttpRequest& request) {
    if (request.header("content-type").starts_with("multipart/")) {
      const Fields parts = parts_of(request);
      if (!parts.contains("attachments[]") || !parts.contains("body")) {
        return refused(400, "body", "missing");
      }
      File made;
      made.name = parts.at("name");
      made.bytes = parts.at("attachments[]");
      made.shown = parts.contains("private") && parts.at("private") == "false";
      made.fields["body"] = profile::html_to_text(parts.at("body"));
      return one_note(note_of(*supplier.attach(id, std::move(made))));
    }
    const auto body = json::parse(request.body);
    if (!body || (*body)["body"].text().empty()) return refused(400, "body", "missing");
    Comment made;
    made.text = profile::html_to_text((*body)["body"].text());
    made.shown = !(*body)["private"].boolean(true);
    const Comment* stored = supplier.comment(id, std::move(made));
    return one_note({stored->id, stored->text, true, stored->shown, stored->at_ms, nullptr});
  }

  static HttpResponse conversations(const Ticket& ticket, const HttpRequest& request) {
    std::vector<Note> all;
    for (const Comment& one : ticket.comments) {
      all.push_back({one.id, one.text, one.ours, one.shown, one.at_ms, nullptr});
    }
    for (const File& one : ticket.files) all.push_back(note_of(one));
    const bool falling = request.parameter("order_type") == "desc";
    std::sort(all.begin(), all.end(), [&](const Note& a, const Note& b) {
      return falling ? number(a.id) > number(b.id) : number(a.id) < number(b.id);
    });
    const auto [from, to] = page_of(request, all.size(), kPageRows);
    json::Writer out;
    out.begin_object().begin_array("conversations");
    for (std::size_t i = from; i < to; ++i) write_note(out, all[i]);
    return {200, out.end_array().end_object().take()};
  }
};

}  // namespace
}  // namespace ombud::dialects

OMBUD_DIALECT(ombud::dialects::Freshservice)
