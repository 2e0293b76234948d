// Zammad's REST interface for the conformance kit: the search is an index that lags, a pending
// state wants a time, articles of the type email would be sent, unknown attributes are dropped.
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

constexpr std::string_view kToken = "canary-zammad-token-4711";
constexpr std::string_view kAttribute = "ombud_reference";
constexpr const char* kHook =
    R"({"ticket":{"id":7,"ombud_reference":"01abc"},"article":{"id":9,"body":"<p>Klart <b>nu</b></p>","content_type":"text/html","internal":false,"from":"Sven","created_at":"2026-11-22T09:30:00.000Z"}})";
constexpr std::int64_t kOurId = 3, kStaffId = 4;
constexpr std::string_view kStates[] = {"new",           "open",   "pending reminder",
                                        "pending close", "closed", "merged"};
constexpr std::string_view kPriorities[] = {"1 low", "2 normal", "3 high"};

template <class List>
bool has(const List& list, std::string_view name) {
  return std::find(std::begin(list), std::end(list), name) != std::end(list);
}

std::string time_text(std::int64_t ms) {
  return to_rfc3339(instant_of(ms));
}

HttpResponse refused(int code, std::string_view why) {
  json::Writer out;
  return {code,
          out.begin_object().field("error", why).field("error_human", why).end_object().take()};
}

void write_ticket(json::Writer& out, const Ticket& ticket) {
  out.begin_object().field("id", number(ticket.id)).field("number", "9" + ticket.id);
  out.field("title", ticket.field("subject")).field("group", "Users");
  const auto status = ticket.field("status");
  out.field("state", status.empty() ? "new" : status);
  const auto priority = ticket.field("priority");
  out.field("priority", priority.empty() ? "2 normal" : priority);
  out.field(kAttribute, ticket.field("reference"));
  out.field("created_at", time_text(ticket.created_at_ms));
  out.field("updated_at", time_text(ticket.updated_at_ms)).end_object();
}

void write_file(json::Writer& out, const File& file) {
  out.begin_object().field("id", number(file.id)).field("filename", file.name);
  out.field("size", std::to_string(file.bytes.size()));
  out.begin_object("preferences").field("Content-Type", file.media_type).end_object().end_object();
}

void write_article(json::Writer& out, const Comment& comment, const File* file) {
  out.begin_object().field("id", number(comment.id)).field("body", comment.text);
  out.field("content_type", "text/plain").field("type", "note").field("internal", !comment.shown);
  out.field("created_by_id", comment.ours ? kOurId : kStaffId).field("from", comment.author);
  out.field("created_at", time_text(comment.at_ms)).begin_array("attachments");
  if (file != nullptr) write_file(out, *file);
  out.end_array().end_object();
}

// Every article of a ticket: its own text, the comments, and files that the staff sent without
// words.
std::string articles(const Ticket& ticket) {
  json::Writer out;
  out.begin_array();
  Comment own;
  own.id = "0";
  own.text = ticket.field("description");
  own.ours = true;
  own.author = kOurUser;
  own.at_ms = ticket.created_at_ms;
  write_article(out, own, nullptr);
  std::vector<std::pair<std::int64_t, std::pair<Comment, const File*>>> rest;
  for (const Comment& comment : ticket.comments) {
    rest.push_back({number(comment.id), {comment, nullptr}});
  }
  for (const File& file : ticket.files) {
    Comment around;
    around.id = file.id;
    around.shown = file.shown;
    around.ours = file.ours;
    around.author = file.author;
    around.at_ms = file.at_ms;
    const auto said = file.fields.find("body");
    around.text = said == file.fields.end() ? "" : said->second;
    rest.push_back({number(file.id), {around, &file}});
  }
  std::sort(rest.begin(), rest.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [id, article] : rest) write_article(out, article.first, article.second);
  return out.end_array().take();
}

std::string history(const Supplier& supplier, const Ticket& ticket) {
  json::Writer out;
  out.begin_object().begin_array("history");
  for (const Event& event : supplier.events()) {
    if (event.ticket != ticket.id || event.kind != Event::Kind::changed) continue;
    out.begin_object().field("id", number(event.id)).field("object", "Ticket");
    out.field("type", "updated");
    out.field("attribute", event.object == "status" ? std::string_view("state") : event.object);
    out.field("value_from", event.from).field("value_to", event.to);
    out.field("created_by_id", event.ours ? kOurId : kStaffId);
    out.field("created_at", time_text(event.at_ms)).end_object();
  }
  return out.end_array().end_object().take();
}

class Zammad final : public Dialect {
 public:
  Settings settings() const override {
    return {settings_json(R"("url":"https://zammad.example","token":{"$secret":"token"},
                "group":"Users","customer":"desk@example.com","webhook_token":{"$secret":"hook"})"),
            {{"token", std::string(kToken)}, {"hook", "canary-zammad-hook-0815"}}};
  }
  std::string status_word(std::string_view canonical) const override {
    return canonical == "new"           ? "new"
           : canonical == "in_progress" ? "open"
           : canonical == "waiting"     ? "pending reminder"
           : canonical == "resolved"    ? ""  // the profile closes it
                                        : "closed";
  }
  std::vector<Webhook> webhooks() const override {
    // Signed with openssl dgst -sha1 -hmac canary-zammad-hook-0815.
    Webhook comment{.name = "article created", .body = kHook, .is_signed = true};
    comment.headers_json =
        R"({"X-Hub-Signature":"sha1=471ea2ce2a3d48560e7faeace8c3704a6538506e","X-Zammad-Trigger":"hub"})";
    comment.changes = {
        R"({"external_id":"7","correlation":"01abc","type":"comment","event_id":"article-9",
            "comment":{"id":"9","text":"Klart nu","public":true,"author":"Sven"}})"};
    return {comment};
  }

  HttpResponse answer(Supplier& supplier, const HttpRequest& request) override {
    if (request.header("authorization") != "Token token=" + std::string(kToken)) {
      return refused(401, "Invalid Token!");
    }
    const auto parts = request.segments();
    if (parts.size() < 3 || parts[0] != "api" || parts[1] != "v1") return refused(404, "No route");
    const std::string& what = parts[2];
    if (request.method == "GET") return read(supplier, request, parts);
    const auto body = json::parse(request.body);
    if (!request.header("content-type").starts_with("application/json") || !body) {
      return refused(422, "The body is not JSON.");
    }
    if (request.method == "POST" && what == "tickets" && parts.size() == 3) {
      return create(supplier, body->root());
    }
    if (request.method == "PUT" && what == "tickets" && parts.size() == 4) {
      const Ticket* ticket = supplier.ticket(parts[3]);
      if (ticket == nullptr) return refused(404, "Couldn't find Ticket");
      return update(supplier, ticket->id, body->root());
    }
    if (request.method == "POST" && what == "ticket_articles")
      return article(supplier, body->root());
    return refused(404, "No route");
  }

 private:
  static HttpResponse read(Supplier& supplier, const HttpRequest& request,
                           const std::vector<std::string>& parts) {
    const std::string& what = parts[2];
    if (what == "users" && parts.size() == 4 && parts[3] == "me") {
      return {200, R"({"id":3,"login":"desk"})"};
    }
    if (what == "tickets" && parts.size() == 4 && parts[3] == "search") {
      const std::string query = request.parameter("query");
      // The kit's polls do not wait for the index; in life the profile's overlap does.
      const bool poll = query.find('*') != std::string::npos;
      return list(poll ? supplier.tickets() : supplier.indexed(), request, query);
    }
    if (what == "ticket_attachment" && parts.size() == 6) {
      const Ticket* ticket = supplier.ticket(parts[3]);
      for (std::size_t i = 0; ticket != nullptr && i < ticket->files.size(); ++i) {
        const File& file = ticket->files[i];
        if (file.id == parts[5]) return {200, file.bytes, {{"Content-Type", file.media_type}}};
      }
      return refused(404, "Couldn't find Store");
    }
    const Ticket* ticket = supplier.ticket(parts.back());
    if (ticket == nullptr) return refused(404, "Couldn't find Ticket with 'id'=" + parts.back());
    if (what == "ticket_articles") return {200, articles(*ticket)};
    if (what == "ticket_history") return {200, history(supplier, *ticket)};
    json::Writer out;
    write_ticket(out, *ticket);
    return {200, out.take()};
  }

  // The two queries that the index knows: attribute:"value", and attribute:* AND updated_at:[… TO
  // *].
  static HttpResponse list(std::vector<const Ticket*> tickets, const HttpRequest& request,
                           const std::string& query) {
    const std::string exact = std::string(kAttribute) + ":\"";
    if (query.starts_with(exact)) {
      const std::string wanted = query.substr(exact.size(), query.size() - exact.size() - 1);
      std::erase_if(tickets, [&](const Ticket* t) { return t->field("reference") != wanted; });
    } else if (!query.empty()) {
      std::erase_if(tickets, [&](const Ticket* t) { return t->field("reference").empty(); });
      std::string since = query.find("updated_at:[") == std::string::npos
                              ? std::string()
                              : query.substr(query.find("updated_at:[") + 12);
      since = since.substr(0, since.find(" TO "));
      std::erase(since, '\\');
      if (const auto at = parse_rfc3339(since)) {
        std::erase_if(tickets, [&](const Ticket* t) { return t->updated_at_ms < ms_of(*at); });
      }
    }
    const bool by_update = request.parameter("sort_by") == "updated_at";
    std::stable_sort(tickets.begin(), tickets.end(), [&](const Ticket* a, const Ticket* b) {
      return by_update ? a->updated_at_ms < b->updated_at_ms : a->created_at_ms > b->created_at_ms;
    });
    const std::string rows_text = request.parameter("per_page"),
                      page_text = request.parameter("page");
    const std::size_t rows =
        std::min<std::size_t>(rows_text.empty() ? 50 : std::stoul(rows_text), 200);
    const std::size_t page =
        page_text.empty() ? 1 : std::max<std::size_t>(std::stoul(page_text), 1);
    json::Writer out;
    out.begin_array();
    for (std::size_t i = (page - 1) * rows; i < std::min(tickets.size(), page * rows); ++i) {
      write_ticket(out, *tickets[i]);
    }
    return {200, out.end_array().take()};
  }

  // Why the fields cannot be, and what they become.
  static std::optional<HttpResponse> read_fields(json::View in, Fields& fields) {
    const std::string_view state = in["state"].text();
    if (!state.empty() && !has(kStates, state))
      return refused(422, "No lookup value found for 'state'");
    if (state.starts_with("pending") && !in["pending_time"].is_text()) {
      return refused(422, "Missing required value for field 'pending_time'!");
    }
    const std::string_view priority = in["priority"].text();
    if (!priority.empty() && !has(kPriorities, priority)) {
      return refused(422, "No lookup value found for 'priority'");
    }
    if (in["title"].is_text()) fields["subject"] = in["title"].text();
    if (!state.empty()) fields["status"] = state;
    if (!priority.empty()) fields["priority"] = priority;
    if (in[kAttribute].is_text()) fields["reference"] = in[kAttribute].text();
    return std::nullopt;
  }

  static HttpResponse create(Supplier& supplier, json::View in) {
    if (in["title"].text().empty() || in["group"].text() != "Users" ||
        !in["customer_id"].text().starts_with("guess:") || !in["article"].is_object()) {
      return refused(422, "Missing required value");
    }
    Fields fields;
    if (auto wrong = read_fields(in, fields)) return *wrong;
    if (!fields.contains("status")) fields["status"] = "new";
    if (in["article"]["type"].text() != "note") return refused(422, "this article would be mailed");
    fields["description"] = in["article"]["body"].text();
    json::Writer out;
    write_ticket(out, supplier.create(std::move(fields)));
    return {201, out.take()};
  }

  static HttpResponse update(Supplier& supplier, const std::string& id, json::View in) {
    Fields changes;
    if (auto wrong = read_fields(in, changes)) return *wrong;
    json::Writer out;
    write_ticket(out, *supplier.update(id, changes));
    return {200, out.take()};
  }

  static HttpResponse article(Supplier& supplier, json::View in) {
    const std::string id = std::to_string(in["ticket_id"].integer());
    if (supplier.ticket(id) == nullptr) return refused(404, "Couldn't find Ticket");
    if (in["type"].text() != "note") return refused(422, "this article would be mailed");
    const std::string body(in["body"].text());
    if (body.empty()) return refused(422, "Need at least an 'article body' field.");
    json::Writer out;
    const json::View file = in["attachments"].at(0);
    if (file.is_object()) {
      const auto bytes = from_base64(file["data"].text());
      if (!bytes) return refused(422, "Invalid base64 for attachment");
      File made;
      made.name = file["filename"].text();
      made.media_type = file["mime-type"].text();
      made.bytes = *bytes;
      made.shown = !in["internal"].boolean();
      made.fields["body"] = body;
      const File* stored = supplier.attach(id, std::move(made));
      Comment around;
      around.id = stored->id;
      around.text = body;
      around.ours = true;
      around.shown = stored->shown;
      around.at_ms = stored->at_ms;
      write_article(out, around, stored);
      return {201, out.take()};
    }
    Comment comment;
    comment.text = body;
    comment.shown = !in["internal"].boolean();
    write_article(out, *supplier.comment(id, std::move(comment)), nullptr);
    return {201, out.take()};
  }
};

}  // namespace
}  // namespace ombud::dialects

OMBUD_DIALECT(ombud::dialects::Zammad)
