// GitLab's issues for the conformance kit: 404 where one may not look, quick actions that are
// carried out, labels and states that are no notes, files that are links, unknown parameters that
// are ignored.
#include <ombud/conformance/dialect.hpp>

#include <algorithm>

#include "base/json.hpp"
#include "base/time.hpp"
#include "paging.hpp"
#include "profile_settings.hpp"

namespace ombud::dialects {
namespace {

using namespace ombud::conformance;

constexpr std::size_t kPageRows = 20;  // unless asked for otherwise
constexpr std::string_view kToken = "canary-gitlab-token-4711";
constexpr std::int64_t kOurId = 3, kStaffId = 4;
constexpr std::size_t kTextCharactersMax = 1'048'576;
constexpr std::string_view kLabels[] = {"in progress", "waiting"};
constexpr const char* kHook =
    R"({"object_kind":"note","event_type":"note","user":{"id":4,"name":"Sven"},)"
    R"("object_attributes":{"id":9,"note":"Klart nu","noteable_type":"Issue","system":false,)"
    R"("internal":false,"created_at":"2026-11-22 09:30:00 UTC"},)"
    R"("issue":{"iid":7,"description":"x\n\n<!-- ombud:01abc -->"}})";

std::string time_text(std::int64_t ms) {
  return to_rfc3339(instant_of(ms));
}

HttpResponse refused(int code, std::string_view why) {
  return {code, json::Writer().begin_object().field("message", why).end_object().take()};
}

bool is_label(std::string_view status) {
  return std::find(std::begin(kLabels), std::end(kLabels), status) != std::end(kLabels);
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

// A line that begins with a slash and a letter is carried out, not kept.
bool acts(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '/' && at + 1 < text.size() && text[at + 1] >= 'a' && text[at + 1] <= 'z') {
      return true;
    }
    const std::size_t end = text.find('\n', at);
    at = end == std::string_view::npos ? text.size() : end + 1;
  }
  return false;
}

void write_user(json::Writer& out, std::string_view name, bool ours) {
  out.begin_object(name).field("id", ours ? kOurId : kStaffId);
  out.field("name", ours ? kOurUser : std::string_view("Sven")).end_object();
}

// The status is the state, and of an open issue its label.
void write_issue(json::Writer& out, const Ticket& ticket) {
  const auto status = ticket.field("status");
  out.begin_object().field("iid", number(ticket.id)).field("id", number(ticket.id) + 100'000);
  out.field("title", ticket.field("subject")).field("description", ticket.field("description"));
  out.field("state", status == "closed" ? "closed" : "opened").begin_array("labels");
  if (!ticket.field("label").empty()) out.value(ticket.field("label"));
  if (is_label(status)) out.value(status);
  out.end_array().field("confidential", ticket.field("confidential") == "yes");
  out.field("web_url", "https://gitlab.example/support/desk/-/issues/" + ticket.id);
  out.field("updated_at", time_text(ticket.updated_at_ms)).end_object();
}

std::string link_to(const File& file) {
  return "/uploads/" + std::string(32 - file.id.size(), '0') + file.id + "/" + file.name;
}

struct Note {
  std::string id, body, author;
  bool ours = false, shown = true;
  std::int64_t at_ms = 0;
};

void write_note(json::Writer& out, const Note& note) {
  out.begin_object().field("id", number(note.id)).field("body", note.body);
  write_user(out, "author", note.ours);
  out.field("system", false).field("internal", !note.shown);
  out.field("created_at", time_text(note.at_ms)).end_object();
}

class GitLab final : public Dialect {
 public:
  Settings settings() const override {
    return {settings_json(R"("url":"https://gitlab.example","token":{"$secret":"token"},
                "project":"support/desk","webhook_token":{"$secret":"hook"})"),
            {{"token", std::string(kToken)}, {"hook", "canary-gitlab-hook-0815"}}};
  }
  std::string status_word(std::string_view canonical) const override {
    return canonical == "new"           ? "opened"
           : canonical == "in_progress" ? "in progress"
           : canonical == "waiting"     ? "waiting"
           : canonical == "resolved"    ? "closed"
                                        : "";  // cannot be told from resolved
  }
  std::vector<Webhook> webhooks() const override {
    // The token says who sent it, not that nobody changed it: no signature in the kit's sense.
    Webhook comment{.name = "note", .body = kHook};
    comment.headers_json =
        R"({"X-Gitlab-Event":"Note Hook","X-Gitlab-Token":"canary-gitlab-hook-0815"})";
    comment.changes = {
        R"({"external_id":"7","correlation":"01abc","type":"comment","event_id":"note-9",
            "at":"2026-11-22T09:30:00.000Z",
            "comment":{"id":"9","text":"Klart nu","public":true,"author":"Sven"}})"};
    return {comment};
  }

  HttpResponse answer(Supplier& supplier, const HttpRequest& request) override {
    if (request.header("private-token") != kToken) return refused(401, "401 Unauthorized");
    const auto parts = request.segments();
    if (parts.size() < 3 || parts[0] != "api" || parts[1] != "v4")
      return refused(404, "404 Not Found");
    if (parts[2] == "user") return {200, R"({"id":3,"username":"desk"})"};
    if (parts[2] == "version") return {200, R"({"version":"17.5.1-ee","revision":"x"})"};
    if (parts.size() < 4 || parts[2] != "projects" || parts[3] != "support/desk") {
      return refused(404, "404 Project Not Found");
    }
    if (parts.size() == 4) return {200, R"({"id":5})"};
    if (parts[4] == "labels") return {200, R"({"name":"service-desk"})"};
    if (parts[4] == "uploads") return uploads(supplier, request, parts);
    if (parts[4] != "issues") return refused(404, "404 Not Found");
    if (request.method == "GET" && parts.size() == 5) return list(supplier, request);
    const auto body = json::parse(request.body.empty() ? "{}" : request.body);
    if (!body) return refused(400, "body is no JSON");
    if (request.method == "POST" && parts.size() == 5) return create(supplier, body->root());
    const Ticket* ticket = parts.size() > 5 ? supplier.ticket(parts[5]) : nullptr;
    if (ticket == nullptr) return refused(404, "404 Issue Not Found");
    if (request.method == "PUT") return update(supplier, *ticket, body->root());
    if (parts.size() == 7 && parts[6] == "notes") {
      return request.method == "POST" ? add_note(supplier, *ticket, body->root())
                                      : notes(*ticket, request);
    }
    if (parts.size() == 7)
      return events(supplier, *ticket, request, parts[6] == "resource_state_events");
    json::Writer out;
    write_issue(out, *ticket);
    return {200, out.take()};
  }

 private:
  static HttpResponse uploads(Supplier& supplier, const HttpRequest& request,
                              const std::vector<std::string>& parts) {
    if (request.method == "GET") {
      for (const Ticket* ticket : supplier.tickets()) {
        for (const File& file : ticket->files) {
          if (parts.size() == 7 && link_to(file) == "/uploads/" + parts[5] + "/" + parts[6]) {
            return {200, file.bytes, {{"Content-Type", file.media_type}}};
          }
        }
      }
      return refused(404, "404 Not Found");
    }
    // One part, named file.
    const std::string type(request.header("content-type"));
    const std::size_t at = type.find("boundary=");
    if (at == std::string::npos) return refused(400, "file is missing");
    const std::string edge = "--" + type.substr(at + 9);
    const std::size_t head = request.body.find("\r\n\r\n");
    const std::size_t end = request.body.rfind("\r\n" + edge + "--");
    const std::size_t named = request.body.find("name=\"file\"; filename=\"");
    if (head == std::string::npos || end == std::string::npos || named > head) {
      return refused(400, "file is missing");
    }
    const std::size_t from = named + 23;
    std::string name = request.body.substr(from, request.body.find('"', from) - from);
    std::replace(name.begin(), name.end(), ' ', '_');
    Fields& kept = supplier.scratch();
    const std::string secret = "f" + std::to_string(1'000 + kept.size());
    kept[secret] = request.body.substr(head + 4, end - head - 4);
    kept[secret + ".name"] = name;
    const std::string url = "/uploads/" + secret + "/" + name;
    json::Writer out;
    out.begin_object().field("alt", name).field("url", url);
    out.field("markdown", "[" + name + "](" + url + ")").end_object();
    return {201, out.take()};
  }

  static HttpResponse list(Supplier& supplier, const HttpRequest& request) {
    std::vector<const Ticket*> tickets = supplier.tickets();
    const std::string search = request.parameter("search"), label = request.parameter("labels");
    // Without the scope an instance-wide list would show only what one made oneself.
    if (request.parameter("scope") != "all") return refused(400, "the desk asks for scope=all");
    std::erase_if(tickets, [&](const Ticket* t) {
      return t->field("description").find(search) == std::string_view::npos ||
             (!label.empty() && t->field("label") != label);
    });
    if (const auto since = parse_rfc3339(request.parameter("updated_after"))) {
      std::erase_if(tickets, [&](const Ticket* t) { return t->updated_at_ms < ms_of(*since); });
    }
    const bool rising = request.parameter("sort") == "asc";
    const bool by_update = request.parameter("order_by") == "updated_at";
    std::stable_sort(tickets.begin(), tickets.end(), [&](const Ticket* a, const Ticket* b) {
      const auto left = by_update ? a->updated_at_ms : a->created_at_ms;
      const auto right = by_update ? b->updated_at_ms : b->created_at_ms;
      return rising ? left < right : left > right;
    });
    const auto [from, to] = page_of(request, tickets.size(), kPageRows);
    json::Writer out;
    out.begin_array();
    for (std::size_t i = from; i < to; ++i) write_issue(out, *tickets[i]);
    return {200, out.end_array().take()};
  }

  static HttpResponse create(Supplier& supplier, json::View in) {
    const std::string description(in["description"].text());
    if (in["title"].text().empty()) return refused(400, "title is missing");
    if (characters(description) > kTextCharactersMax)
      return refused(400, "description is too long");
    if (acts(description)) return refused(422, "a quick action of a user was carried out");
    std::string_view labels = in["labels"].text();
    Fields fields{{"subject", std::string(in["title"].text())},
                  {"description", description},
                  {"label", std::string(labels.substr(0, labels.find(',')))},
                  {"confidential", in["confidential"].boolean() ? "yes" : "no"},
                  {"status", "opened"}};
    labels = labels.find(',') == std::string_view::npos ? "" : labels.substr(labels.find(',') + 1);
    if (is_label(labels)) fields["status"] = labels;
    json::Writer out;
    write_issue(out, supplier.create(std::move(fields)));
    return {201, out.take()};
  }

  static HttpResponse update(Supplier& supplier, const Ticket& ticket, json::View in) {
    Fields changes;
    if (in["title"].is_text()) changes["subject"] = in["title"].text();
    if (in["description"].is_text()) changes["description"] = in["description"].text();
    if (acts(in["description"].text())) return refused(422, "a quick action was carried out");
    std::string status(ticket.field("status"));
    const std::string_view event = in["state_event"].text();
    if (!event.empty() && event != "close" && event != "reopen") return refused(400, "state_event");
    if (event == "reopen") status = "opened";
    if (!status.empty() && in["remove_labels"].text().find(status) != std::string_view::npos) {
      status = "opened";
    }
    if (is_label(in["add_labels"].text()) && status != "closed") status = in["add_labels"].text();
    if (event == "close") status = "closed";
    changes["status"] = status;
    json::Writer out;
    write_issue(out, *supplier.update(ticket.id, changes));
    return {200, out.take()};
  }

  static HttpResponse add_note(Supplier& supplier, const Ticket& ticket, json::View in) {
    const std::string body(in["body"].text());
    if (body.empty()) return refused(400, "body is missing");
    if (acts(body)) return refused(422, "a quick action of a user was carried out");
    json::Writer out;
    const std::size_t link = body.find("](/uploads/f");
    if (link != std::string::npos && body.starts_with("[")) {
      const std::string secret = body.substr(link + 11, body.find('/', link + 11) - link - 11);
      Fields& kept = supplier.scratch();
      if (!kept.contains(secret)) return refused(404, "no such upload");
      File made;
      made.name = kept[secret + ".name"];
      made.bytes = kept[secret];
      made.shown = !in["internal"].boolean();
      made.fields["body"] = body;
      const File* stored = supplier.attach(ticket.id, std::move(made));
      write_note(out, {stored->id, body, "", true, stored->shown, stored->at_ms});
      return {201, out.take()};
    }
    Comment made;
    made.text = body;
    made.shown = !in["internal"].boolean();
    const Comment* stored = supplier.comment(ticket.id, std::move(made));
    write_note(out, {stored->id, body, "", true, stored->shown, stored->at_ms});
    return {201, out.take()};
  }

  static HttpResponse notes(const Ticket& ticket, const HttpRequest& request) {
    std::vector<Note> all;
    for (const Comment& one : ticket.comments) {
      all.push_back({one.id, one.text, one.author, one.ours, one.shown, one.at_ms});
    }
    for (const File& one : ticket.files) {
      const auto body = one.fields.find("body");
      all.push_back(
          {one.id,
           body == one.fields.end() ? "![" + one.name + "](" + link_to(one) + ")" : body->second,
           one.author, one.ours, one.shown, one.at_ms});
    }
    std::sort(all.begin(), all.end(),
              [](const Note& a, const Note& b) { return number(a.id) > number(b.id); });
    if (request.parameter("sort") == "asc") std::reverse(all.begin(), all.end());
    const auto [from, to] = page_of(request, all.size(), kPageRows);
    json::Writer out;
    out.begin_array();
    for (std::size_t i = from; i < to; ++i) write_note(out, all[i]);
    return {200, out.end_array().take()};
  }

  static HttpResponse events(const Supplier& supplier, const Ticket& ticket,
                             const HttpRequest& request, bool states) {
    std::vector<Event> all;
    for (const Event& event : supplier.events()) {
      if (event.ticket != ticket.id || event.object != "status") continue;
      const bool of_state = event.to == "closed" || event.from == "closed";
      if (states ? of_state : is_label(event.to)) all.push_back(event);
    }
    const auto [from, to] = page_of(request, all.size(), kPageRows);
    json::Writer out;
    out.begin_array();
    for (std::size_t i = from; i < to; ++i) {
      const Event& event = all[i];
      out.begin_object().field("id", number(event.id));
      write_user(out, "user", event.ours);
      out.field("created_at", time_text(event.at_ms));
      if (states) {
        out.field("state", event.to == "closed" ? "closed" : "reopened");
      } else {
        out.field("action", "add").begin_object("label").field("name", event.to).end_object();
      }
      out.end_object();
    }
    return {200, out.end_array().take()};
  }
};

}  // namespace
}  // namespace ombud::dialects

OMBUD_DIALECT(ombud::dialects::GitLab)
