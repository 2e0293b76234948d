// Zendesk's REST interface for the conformance kit: idempotency keys, closed tickets that stay as
// they are, uploads that only a comment can name, an export that refuses the newest minute as its
// start.
#include <ombud/conformance/dialect.hpp>

#include <algorithm>
#include <optional>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "base/time.hpp"
#include "paging.hpp"
#include "profile_settings.hpp"

namespace ombud::dialects {
namespace {

using namespace ombud::conformance;

constexpr std::size_t kPageRows = 100;  // unless asked for otherwise
constexpr std::string_view kToken = "canary-zendesk-token-4711";
constexpr std::string_view kFiles = "https://acme.zendesk.example/attachments/token/";
constexpr std::int64_t kOurId = 3, kStaffId = 4;
constexpr std::int64_t kStartAgeMs = 60'000;
constexpr const char* kHook =
    R"({"type":"zen:event-type:ticket.comment_added","time":"2026-11-22T09:30:00.123456789Z",)"
    R"("detail":{"id":"7","external_id":"01abc","status":"OPEN"},)"
    R"("event":{"comment":{"id":"9","body":"Klart nu","is_public":true,"author":{"id":"4","name":"Sven"}}}})";
constexpr std::string_view kStatuses[] = {"new", "open", "pending", "hold", "solved", "closed"};
constexpr std::string_view kPriorities[] = {"low", "normal", "high", "urgent"};

template <class List>
bool has(const List& list, std::string_view name) {
  return std::find(std::begin(list), std::end(list), name) != std::end(list);
}

std::string time_text(std::int64_t ms) {
  return to_rfc3339(instant_of(ms / 1000 * 1000)).substr(0, 19) + "Z";
}

HttpResponse refused(int code, std::string_view why) {
  return {code, json::Writer().begin_object().field("error", why).end_object().take()};
}

HttpResponse closed_for_good() {
  return {422, R"({"error":"RecordInvalid","description":"Record validation errors","details":)"
               R"({"status":[{"description":"Status: closed prevents ticket update"}]}})"};
}

void write_ticket(json::Writer& out, const Ticket& ticket) {
  out.begin_object().field("id", number(ticket.id));
  out.field("external_id", ticket.field("external_id")).field("subject", ticket.field("subject"));
  out.field("description", ticket.field("description")).field("status", ticket.field("status"));
  if (ticket.field("priority").empty()) {
    out.key("priority").raw("null");
  } else {
    out.field("priority", ticket.field("priority"));
  }
  out.field("created_at", time_text(ticket.created_at_ms));
  out.field("updated_at", time_text(ticket.updated_at_ms));
  out.field("generated_timestamp", ticket.updated_at_ms / 1000).end_object();
}

HttpResponse one_ticket(int code, const Ticket& ticket) {
  json::Writer out;
  out.begin_object().key("ticket");
  write_ticket(out, ticket);
  return {code, out.end_object().take()};
}

struct Said {
  std::string id, text;
  bool ours = false, shown = true;
  std::int64_t at_ms = 0;
  const File* file = nullptr;
};

// The ticket's own text is its first comment; a file stands in a comment of its own.
std::vector<Said> said_in(const Ticket& ticket) {
  std::vector<Said> all;
  all.push_back({ticket.id, std::string(ticket.field("description")), true, true,
                 ticket.created_at_ms, nullptr});
  for (const Comment& one : ticket.comments) {
    all.push_back({one.id, one.text, one.ours, one.shown, one.at_ms, nullptr});
  }
  for (const File& one : ticket.files) {
    const auto body = one.fields.find("body");
    all.push_back({one.id, body == one.fields.end() ? std::string() : body->second, one.ours,
                   one.shown, one.at_ms, &one});
  }
  std::stable_sort(all.begin(), all.end(), [](const Said& a, const Said& b) {
    return a.at_ms != b.at_ms ? a.at_ms < b.at_ms : number(a.id) < number(b.id);
  });
  return all;
}

void write_file(json::Writer& out, const File& file) {
  out.begin_object().field("id", number(file.id) + 5'000).field("file_name", file.name);
  out.field("content_type", file.media_type);
  out.field("size", static_cast<std::int64_t>(file.bytes.size()));
  out.field("content_url", std::string(kFiles) + file.id + "/?name=x").end_object();
}

class Zendesk final : public Dialect {
 public:
  Settings settings() const override {
    return {settings_json(R"("url":"https://acme.zendesk.example","email":"desk@example.org",
                "token":{"$secret":"token"},"webhook_secret":{"$secret":"hook"})"),
            {{"token", std::string(kToken)}, {"hook", "canary-zendesk-hook-0815"}}};
  }
  std::string status_word(std::string_view canonical) const override {
    return canonical == "new"           ? "new"
           : canonical == "in_progress" ? "open"
           : canonical == "waiting"     ? "pending"
           : canonical == "resolved"    ? "solved"
                                        : "";  // closed is never set by us, nor ever left
  }
  std::vector<Webhook> webhooks() const override {
    // openssl dgst -sha256 -hmac canary-zendesk-hook-0815 -binary | base64, of time and body.
    Webhook comment{.name = "comment added", .body = kHook, .is_signed = true};
    comment.headers_json =
        R"({"X-Zendesk-Webhook-Signature":"lzrBTsidmXipJrW9mVgkUih3/R6OgSLqtU/S15VLah8=","X-Zendesk-Webhook-Signature-Timestamp":"2026-11-22T09:30:01Z"})";
    comment.changes = {
        R"({"external_id":"7","correlation":"01abc","type":"comment","event_id":"comment-9",
            "comment":{"id":"9","text":"Klart nu","public":true,"author":"Sven"}})"};
    return {comment};
  }

  HttpResponse answer(Supplier& supplier, const HttpRequest& request) override {
    const auto parts = request.segments();
    if (!parts.empty() && parts[0] == "attachments") return bytes(supplier, request, parts);
    const bool known = request.header("authorization") ==
                       "Basic " + to_base64("desk@example.org/token:" + std::string(kToken));
    if (parts.size() < 3 || parts[0] != "api" || parts[1] != "v2")
      return refused(404, "InvalidEndpoint");
    const std::string& what = parts[2];
    if (what == "users" && !request.headers.contains("authorization")) {
      return {200,
              R"({"user":{"id":null,"name":"Anonymous user"}})"};  // so it is told, with success
    }
    if (!known) return refused(401, "Couldn't authenticate you");
    if (what == "users") return {200, R"({"user":{"id":3,"role":"admin"}})"};
    if (request.method == "GET") return read(supplier, request, parts);
    if (what == "uploads" && request.method == "POST") return upload(supplier, request);
    const auto body = json::parse(request.body);
    if (!request.header("content-type").starts_with("application/json") || !body) {
      return refused(400, "Unparsable JSON");
    }
    const json::View in = body->root()["ticket"];
    if (what == "tickets" && request.method == "POST") return create(supplier, request, in);
    const Ticket* ticket = parts.size() == 4 ? supplier.ticket(parts[3]) : nullptr;
    if (what != "tickets" || request.method != "PUT" || ticket == nullptr) {
      return refused(404, "RecordNotFound");
    }
    return update(supplier, *ticket, in);
  }

 private:
  static HttpResponse bytes(Supplier& supplier, const HttpRequest& request,
                            const std::vector<std::string>& parts) {
    if (request.headers.contains("authorization")) return refused(400, "credentials sent abroad");
    for (const Ticket* ticket : supplier.tickets()) {
      for (const File& file : ticket->files) {
        if (parts.size() > 2 && file.id == parts[2]) {
          return {200, file.bytes, {{"Content-Type", file.media_type}}};
        }
      }
    }
    return refused(404, "no file");
  }

  static HttpResponse read(Supplier& supplier, const HttpRequest& request,
                           const std::vector<std::string>& parts) {
    const std::string& what = parts[2];
    if (what == "incremental") return exported(supplier, request);
    if (what == "attachments" && parts.size() == 4) return about_file(supplier, parts[3]);
    if (what != "tickets") return refused(404, "InvalidEndpoint");
    if (parts.size() == 3) {
      const std::string wanted = request.parameter("external_id");
      json::Writer out;
      out.begin_object().begin_array("tickets");
      for (const Ticket* ticket : supplier.indexed()) {
        if (ticket->field("external_id") == wanted) write_ticket(out, *ticket);
      }
      return {200, out.end_array().end_object().take()};
    }
    const Ticket* ticket = supplier.ticket(parts[3]);
    if (ticket == nullptr) return refused(404, "RecordNotFound");
    if (parts.size() == 4) return one_ticket(200, *ticket);
    return parts[4] == "comments" ? comments(*ticket, request) : audits(supplier, *ticket, request);
  }

  static HttpResponse exported(Supplier& supplier, const HttpRequest& request) {
    const std::string start = request.parameter("start_time");
    if (start.empty()) return refused(400, "start_time is missing");
    if (number(start) * 1000 > supplier.now_ms() - kStartAgeMs) {
      return refused(422, "Too recent start_time. Use a start_time older than 60 seconds");
    }
    std::vector<const Ticket*> rows = supplier.tickets();
    // The real one holds the newest minute back; the kit's staff do not wait so long for us.
    std::erase_if(rows, [&](const Ticket* t) { return t->updated_at_ms / 1000 < number(start); });
    std::stable_sort(rows.begin(), rows.end(), [](const Ticket* a, const Ticket* b) {
      return a->updated_at_ms < b->updated_at_ms;
    });
    json::Writer out;
    out.begin_object().begin_array("tickets");
    for (const Ticket* ticket : rows) write_ticket(out, *ticket);
    out.end_array().field("after_cursor", "MTU3NjYxMzUzOS4wfHw0Njd8").field("end_of_stream", true);
    return {200, out.end_object().take()};
  }

  static HttpResponse about_file(Supplier& supplier, const std::string& id) {
    for (const Ticket* ticket : supplier.tickets()) {
      for (const File& file : ticket->files) {
        if (number(file.id) + 5'000 != number(id)) continue;
        json::Writer out;
        out.begin_object().key("attachment");
        write_file(out, file);
        return {200, out.end_object().take()};
      }
    }
    return refused(404, "RecordNotFound");
  }

  static HttpResponse comments(const Ticket& ticket, const HttpRequest& request) {
    std::vector<Said> all = said_in(ticket);
    if (request.parameter("sort_order") == "desc") std::reverse(all.begin(), all.end());
    const auto [from, to] = page_of(request, all.size(), kPageRows);
    json::Writer out;
    out.begin_object().begin_array("comments");
    for (std::size_t i = from; i < to; ++i) {
      const Said& one = all[i];
      out.begin_object().field("id", number(one.id)).field("type", "Comment");
      out.field("body", one.text).field("public", one.shown);
      out.field("author_id", one.ours ? kOurId : kStaffId);
      out.field("created_at", time_text(one.at_ms)).begin_array("attachments");
      if (one.file != nullptr) write_file(out, *one.file);
      out.end_array().end_object();
    }
    out.end_array().begin_array("users");
    out.begin_object().field("id", kOurId).field("name", kOurUser).end_object();
    out.begin_object().field("id", kStaffId).field("name", "Sven").end_object();
    return {200, out.end_array().end_object().take()};
  }

  static HttpResponse audits(const Supplier& supplier, const Ticket& ticket,
                             const HttpRequest& request) {
    std::vector<const Event*> all;
    for (const Event& event : supplier.events()) {
      if (event.ticket == ticket.id && event.kind == Event::Kind::changed) all.push_back(&event);
    }
    if (request.parameter("sort_order") == "desc") std::reverse(all.begin(), all.end());
    const auto [from, to] = page_of(request, all.size(), kPageRows);
    json::Writer out;
    out.begin_object().begin_array("audits");
    for (std::size_t i = from; i < to; ++i) {
      out.begin_object().field("id", number(all[i]->id) + 70'000);
      out.field("author_id", all[i]->ours ? kOurId : kStaffId);
      out.field("created_at", time_text(all[i]->at_ms)).begin_array("events");
      out.begin_object().field("id", number(all[i]->id)).field("type", "Change");
      out.field("field_name", all[i]->object).field("value", all[i]->to).end_object();
      out.end_array().end_object();
    }
    return {200, out.end_array().end_object().take()};
  }

  static HttpResponse upload(Supplier& supplier, const HttpRequest& request) {
    const std::string name = request.parameter("filename");
    if (name.empty()) return refused(400, "filename is missing");
    Fields& kept = supplier.scratch();
    const std::string token = "upload-" + std::to_string(kept.size());
    kept[token] = request.body;
    kept[token + ".name"] = name;
    kept[token + ".type"] = request.header("content-type");
    json::Writer out;
    out.begin_object().begin_object("upload").field("token", token).end_object().end_object();
    return {201, out.take()};
  }

  // Why the fields cannot be, and what they become.
  static std::optional<HttpResponse> read_fields(json::View in, Fields& fields) {
    const std::string_view status = in["status"].text(), priority = in["priority"].text();
    if (!status.empty() && !has(kStatuses, status)) return refused(422, "RecordInvalid");
    if (!priority.empty() && !has(kPriorities, priority)) return refused(422, "RecordInvalid");
    if (in["subject"].is_text()) fields["subject"] = in["subject"].text();
    if (!status.empty()) fields["status"] = status;
    if (!priority.empty()) fields["priority"] = priority;
    return std::nullopt;
  }

  static HttpResponse create(Supplier& supplier, const HttpRequest& request, json::View in) {
    const std::string key(request.header("idempotency-key"));
    if (key.empty() || key.size() > 255)
      return refused(400, "the desk sends a key with each create");
    Fields& kept = supplier.scratch();
    if (const auto known = kept.find("key " + key); known != kept.end()) {
      const std::size_t space = known->second.find(' ');
      if (known->second.substr(space + 1) != sha256_hex(request.body)) {
        return refused(400, "IdempotencyKeyMismatch");
      }
      HttpResponse again = one_ticket(201, *supplier.ticket(known->second.substr(0, space)));
      again.headers["x-idempotency-lookup"] = "hit";
      return again;
    }
    if (in["comment"]["body"].text().empty()) return refused(422, "Description: cannot be blank");
    Fields fields{{"description", std::string(in["comment"]["body"].text())},
                  {"external_id", std::string(in["external_id"].text())},
                  {"status", "new"}};
    if (auto wrong = read_fields(in, fields)) return *wrong;
    const Ticket& made = supplier.create(std::move(fields));
    kept["key " + key] = made.id + " " + sha256_hex(request.body);
    HttpResponse done = one_ticket(201, made);
    done.headers["x-idempotency-lookup"] = "miss";
    return done;
  }

  static HttpResponse update(Supplier& supplier, const Ticket& ticket, json::View in) {
    const std::string id = ticket.id;
    if (ticket.field("status") == "closed") return closed_for_good();
    if (in["safe_update"].boolean() &&
        in["updated_stamp"].text() != time_text(ticket.updated_at_ms)) {
      return refused(409, "UpdateConflict");
    }
    Fields changes;
    if (auto wrong = read_fields(in, changes)) return *wrong;
    const json::View said = in["comment"];
    if (said.is_object()) {
      const std::string body(said["body"].text());
      if (body.empty()) return refused(422, "RecordInvalid");
      const json::View uploads = said["uploads"];
      for (std::size_t i = 0; i < uploads.size(); ++i) {
        const std::string token(uploads.at(i).text());
        Fields& kept = supplier.scratch();
        if (!kept.contains(token)) return refused(422, "the upload is gone");
        File made;
        made.name = kept[token + ".name"];
        made.media_type = kept[token + ".type"];
        made.bytes = kept[token];
        made.shown = said["public"].boolean(true);
        made.fields["body"] = body;
        supplier.attach(id, std::move(made));
      }
      if (uploads.size() == 0) {
        Comment made;
        made.text = body;
        made.shown = said["public"].boolean(true);
        supplier.comment(id, std::move(made));
      }
    }
    return one_ticket(200, *supplier.update(id, changes));
  }
};

}  // namespace
}  // namespace ombud::dialects

OMBUD_DIALECT(ombud::dialects::Zendesk)
