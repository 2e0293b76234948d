// Jira Service Management Cloud for the conformance kit: the index lags, an edit or a form takes
// only the fields that it shows, a status moves by transitions alone and some want a resolution, a
// time in the query language is read in the account's own zone, text is wiki text, files lie behind
// a redirect.
#include <ombud/conformance/dialect.hpp>

#include <algorithm>
#include <optional>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "base/time.hpp"
#include "paging.hpp"
#include "profile/text.hpp"
#include "profile_settings.hpp"

namespace ombud::dialects {
namespace {

using namespace ombud::conformance;

constexpr std::string_view kToken = "canary-jira-token-4711";
constexpr std::string_view kField = "customfield_10100";
constexpr std::int64_t kZoneMs = std::int64_t{10} * 3'600'000;  // of the account, ahead of UTC
constexpr std::int64_t kCarrier =
    5'000'000;  // id of the comment that carries a file, less the file's
constexpr const char* kCommentHook =
    R"({"timestamp":1795339800000,"webhookEvent":"comment_created","comment":{"id":"9","body":"Printer \\[3\\] works","created":"2026-11-22T09:30:00.000+0000","jsdPublic":false,"author":{"accountId":"staff-1","displayName":"Sven"}},"issue":{"id":"7","key":"SUP-7","fields":{"customfield_10100":"01abc"}}})";
constexpr const char* kStatusHook =
    R"({"timestamp":1795339800000,"webhookEvent":"jira:issue_updated","user":{"accountId":"staff-1"},"issue":{"id":"7","key":"SUP-7","fields":{"customfield_10100":"01abc","status":{"name":"Cooling down","statusCategory":{"key":"indeterminate"}}}},"changelog":{"id":"12","items":[{"field":"status","from":"1","fromString":"Open","to":"99","toString":"Cooling down"}]}})";

struct Status {
  const char *id, *name, *category;
  bool resolution;  // the transition to it wants one
};
constexpr Status kStatuses[] = {{"1", "Open", "new", false},
                                {"3", "In Progress", "indeterminate", false},
                                {"4", "Waiting for customer", "indeterminate", false},
                                {"5", "Resolved", "done", true},
                                {"6", "Closed", "done", true},
                                {"7", "Canceled", "done", true}};
constexpr std::string_view kPriorities[] = {"Lowest", "Low", "Medium", "High", "Highest"};
constexpr std::string_view kSpecial = "\\{}[]*_!|~^";

std::string time_text(std::int64_t ms) {
  return to_rfc3339(instant_of(ms)).substr(0, 23) + "+0000";
}

std::string from_wiki(std::string_view wiki) {
  std::string text;
  for (std::size_t i = 0; i < wiki.size(); ++i) {
    const bool escape =
        wiki[i] == '\\' && i + 1 < wiki.size() && kSpecial.find(wiki[i + 1]) != std::string::npos;
    text += wiki[escape ? ++i : i];
  }
  return text;
}

HttpResponse refused(int code, std::string_view why) {
  json::Writer out;
  out.begin_object().begin_array("errorMessages").value(why).end_array();
  return {code, out.begin_object("errors").end_object().end_object().take()};
}

const Status& status_named(std::string_view name) {
  const auto* found = std::find_if(std::begin(kStatuses), std::end(kStatuses),
                                   [&](const Status& status) { return name == status.name; });
  return found == std::end(kStatuses) ? kStatuses[0] : *found;
}

void write_status(json::Writer& out, const char* name, const Status& status) {
  name == nullptr ? out.begin_object() : out.begin_object(name);
  out.field("id", status.id).field("name", status.name);
  out.begin_object("statusCategory").field("key", status.category).end_object().end_object();
}

void write_author(json::Writer& out, std::string_view name, bool ours) {
  out.begin_object("author").field("accountId", ours ? "desk-1" : "staff-1");
  out.field("displayName", name).end_object();
}

void write_file(json::Writer& out, const File& file) {
  out.begin_object().field("id", file.id).field("filename", file.name);
  out.field("mimeType", file.media_type)
      .field("size", static_cast<std::int64_t>(file.bytes.size()));
  write_author(out, file.author, file.ours);
  out.field("created", time_text(file.at_ms));
  out.begin_object("_links").field("jiraRest",
                                   "https://jira.example/rest/api/2/attachment/" + file.id);
  out.end_object().end_object();
}

// The members of an issue that were asked for; of a search without fields only its id.
void write_issue(json::Writer& out, const Supplier& supplier, const Ticket& ticket,
                 const HttpRequest& request, bool single) {
  const std::string wanted = "," + request.parameter("fields") + ",";
  const auto asked = [&](std::string_view name) {
    return wanted.find("," + std::string(name) + ",") != std::string::npos ||
           (single && wanted == ",,");
  };
  out.begin_object().field("id", ticket.id).field("key", "SUP-" + ticket.id).begin_object("fields");
  if (asked("summary")) out.field("summary", ticket.field("subject"));
  if (asked("description")) {
    out.field("description", profile::jira_escaped(ticket.field("description")));
  }
  if (asked("updated")) out.field("updated", time_text(ticket.updated_at_ms));
  if (asked("status")) write_status(out, "status", status_named(ticket.field("status")));
  if (asked("priority")) {
    out.begin_object("priority").field("name", ticket.field("priority")).end_object();
  }
  if (asked(kField)) out.field(kField, ticket.field("reference"));
  if (asked("attachment")) {
    out.begin_array("attachment");
    for (const File& file : ticket.files) write_file(out, file);
    out.end_array();
  }
  out.end_object();
  if (request.parameter("expand").find("changelog") != std::string::npos) {
    out.begin_object("changelog").begin_array("histories");
    const auto& events = supplier.events();
    for (auto event = events.rbegin(); event != events.rend(); ++event) {
      if (event->ticket != ticket.id || event->object != "status") continue;
      out.begin_object().field("id", event->id).field("created", time_text(event->at_ms));
      write_author(out, event->author, event->ours);
      out.begin_array("items").begin_object().field("field", "status");
      out.field("from", status_named(event->from).id).field("fromString", event->from);
      out.field("to", status_named(event->to).id).field("toString", event->to);
      out.end_object().end_array().end_object();
    }
    out.end_array().end_object();
  }
  out.end_object();
}

struct Said {
  Comment comment;
  const File* file = nullptr;
};

// Every comment, oldest first; each file of ours came with one.
std::vector<Said> talk(const Ticket& ticket) {
  std::vector<Said> all;
  for (const Comment& comment : ticket.comments) all.push_back({comment, nullptr});
  for (const File& file : ticket.files) {
    const auto said = file.fields.find("comment");
    if (said == file.fields.end()) continue;
    Comment around;
    around.id = std::to_string(kCarrier + number(file.id));
    around.text = said->second + "\n\n^" + file.name;
    around.author = file.author;
    around.ours = file.ours;
    around.at_ms = file.at_ms;
    all.push_back({around, &file});
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Said& a, const Said& b) { return a.comment.at_ms < b.comment.at_ms; });
  return all;
}

void write_said(json::Writer& out, const Said& said, bool desk, bool with_files) {
  out.begin_object().field("id", said.comment.id);
  out.field("body", profile::jira_escaped(said.comment.text));
  write_author(out, said.comment.author, said.comment.ours);
  if (!desk) {
    out.field("created", time_text(said.comment.at_ms)).field("jsdPublic", said.comment.shown);
    out.end_object();
    return;
  }
  out.field("public", said.comment.shown).begin_object("created");
  out.field("epochMillis", said.comment.at_ms).end_object();
  if (with_files) {
    out.begin_object("attachments").begin_array("values");
    if (said.file != nullptr) write_file(out, *said.file);
    out.end_array().end_object();
  }
  out.end_object();
}

std::size_t parameter_of(const HttpRequest& request, const char* name, std::size_t fallback) {
  const std::string text = request.parameter(name);
  return text.empty() ? fallback : static_cast<std::size_t>(std::stoul(text));
}

// What stands between `before` and `after` in the text, if it does.
std::optional<std::string> between(const std::string& text, std::string_view before,
                                   std::string_view after) {
  const std::size_t at = text.find(before);
  if (at == std::string::npos) return std::nullopt;
  const std::size_t start = at + before.size(), end = text.find(after, start);
  return text.substr(start, end == std::string::npos ? end : end - start);
}

class Jira final : public Dialect {
 public:
  Settings settings() const override {
    return {settings_json(R"("url":"https://jira.example","user":"desk@example.com",
                "token":{"$secret":"token"},"project":"SUP","service_desk":1,"request_type":10,
                "correlation_field":"customfield_10100","account_id":"desk-1",
                "webhook_secret":{"$secret":"hook"})"),
            {{"token", std::string(kToken)}, {"hook", "canary-jira-hook-0815"}}};
  }
  std::string status_word(std::string_view canonical) const override {
    return canonical == "new"           ? "Open"
           : canonical == "in_progress" ? "In Progress"
           : canonical == "waiting"     ? "Waiting for customer"
           : canonical == "resolved"    ? "Resolved"
           : canonical == "closed"      ? "Closed"
                                        : "Canceled";
  }
  std::vector<Webhook> webhooks() const override {
    // Signed with openssl dgst -sha256 -hmac canary-jira-hook-0815.
    Webhook comment{.name = "comment created", .body = kCommentHook, .is_signed = true};
    comment.headers_json =
        R"({"X-Hub-Signature":"sha256=4256dedf05caae2c2b18a7525698ab611ba2ad0a0f6ef1e7ba5638f41295e857"})";
    comment.changes = {
        R"({"external_id":"7","correlation":"01abc","type":"comment","event_id":"comment-9",
            "comment":{"id":"9","text":"Printer [3] works","public":false,"author":"Sven"}})"};
    Webhook status{.name = "issue updated", .body = kStatusHook, .is_signed = true};
    status.headers_json =
        R"({"X-Hub-Signature":"sha256=84b66984291b2f364c11ba03988dce2279df53dc4f351d510df4333d7dd5213a"})";
    status.changes = {R"({"external_id":"7","correlation":"01abc","type":"status",
        "event_id":"history-12","status":"in_progress","status_text":"Cooling down"})"};
    return {comment, status};
  }

  HttpResponse answer(Supplier& supplier, const HttpRequest& request) override {
    if (request.header("authorization") !=
        "Basic " + to_base64("desk@example.com:" + std::string(kToken))) {
      return refused(401, "Client must be authenticated to access this resource.");
    }
    const auto parts = request.segments();
    if (parts.size() < 3 || parts[0] != "rest") return refused(404, "dead link");
    if (parts[1] == "servicedeskapi") return desk(supplier, request, parts);
    if (parts.size() < 4 || parts[1] != "api" || parts[2] != "2") return refused(404, "dead link");
    const std::string& what = parts[3];
    if (what == "myself") return {200, R"({"accountId":"desk-1","timeZone":"Australia/Brisbane"})"};
    if (what == "search") {
      return parts.size() == 5 && parts[4] == "jql"
                 ? search(supplier, request)
                 : refused(410, "The requested API has been removed.");
    }
    if (what == "status") {
      json::Writer out;
      out.begin_array();
      for (const Status& status : kStatuses) write_status(out, nullptr, status);
      return {200, out.end_array().take()};
    }
    if (what == "attachment" && parts.size() == 6) return download(supplier, request, parts[5]);
    if (what != "issue" || parts.size() < 5) return refused(404, "dead link");
    const Ticket* ticket = supplier.ticket(parts[4]);
    if (ticket == nullptr)
      return refused(404, "Issue does not exist or you do not have permission to see it.");
    if (parts.size() == 6 && parts[5] == "transitions")
      return transitions(supplier, request, *ticket);
    if (parts.size() == 6 && parts[5] == "comment" && request.method == "GET") {
      return comments(*ticket, request);
    }
    if (parts.size() != 5) return refused(404, "dead link");
    if (request.method == "PUT") return edit(supplier, ticket->id, request);
    json::Writer out;
    write_issue(out, supplier, *ticket, request, true);
    return {200, out.take()};
  }

 private:
  // ---- the platform ----

  static HttpResponse search(const Supplier& supplier, const HttpRequest& request) {
    const std::string jql = request.parameter("jql");
    if (jql.find("project = \"SUP\"") == std::string::npos) {
      return refused(400, "Unbounded JQL queries are not allowed here.");
    }
    const auto by_field = between(jql, "cf[10100] ~ \"", "\"");
    const auto by_text = between(jql, "description ~ \"", "\"");
    auto since = between(jql, "updated >= ", " ");
    // The kit's polls do not wait for the index; in life the profile's overlap does.
    auto tickets = by_field || by_text ? supplier.indexed() : supplier.tickets();
    std::int64_t from = 0;
    if (since && since->starts_with('"')) {  // by the minute, in the account's own zone
      from = profile::time_ms(*between(jql, "updated >= \"", "\"")).value_or(0) / 60'000 * 60'000 +
             kZoneMs;
    } else if (since) {
      from = number(*since);
    }
    std::erase_if(tickets, [&](const Ticket* t) {
      return (by_field && t->field("reference") != *by_field) ||
             (by_text && t->field("description").find(*by_text) == std::string_view::npos) ||
             t->updated_at_ms < from;
    });
    const auto place = [](const Ticket* t) { return std::pair(t->updated_at_ms, number(t->id)); };
    std::stable_sort(tickets.begin(), tickets.end(),
                     [&](const Ticket* a, const Ticket* b) { return place(a) < place(b); });
    if (const std::string token = request.parameter("nextPageToken"); !token.empty()) {
      const std::size_t dash = token.find('-');
      const std::pair after(number(token.substr(0, dash)), number(token.substr(dash + 1)));
      std::erase_if(tickets, [&](const Ticket* t) { return place(t) <= after; });
    }
    const std::size_t rows = std::min<std::size_t>(parameter_of(request, "maxResults", 50), 100);
    const std::size_t shown = std::min(rows, tickets.size());
    json::Writer out;
    out.begin_object().begin_array("issues");
    for (std::size_t i = 0; i < shown; ++i) write_issue(out, supplier, *tickets[i], request, false);
    out.end_array().field("isLast", shown == tickets.size());
    if (shown < tickets.size()) {
      const auto [at, id] = place(tickets[shown - 1]);
      out.field("nextPageToken", std::to_string(at) + "-" + std::to_string(id));
    }
    return {200, out.end_object().take()};
  }

  static HttpResponse comments(const Ticket& ticket, const HttpRequest& request) {
    std::vector<Said> all = talk(ticket);
    if (request.parameter("orderBy") == "-created") std::reverse(all.begin(), all.end());
    const std::size_t rows = std::min<std::size_t>(parameter_of(request, "maxResults", 50), 100);
    const std::size_t from = parameter_of(request, "startAt", 0);
    json::Writer out;
    out.begin_object().begin_array("comments");
    for (std::size_t i = from; i < std::min(from + rows, all.size()); ++i)
      write_said(out, all[i], false, false);
    return {200, out.end_array().end_object().take()};
  }

  // An edit that holds a field which is not on the screen changes nothing at all.
  static HttpResponse edit(Supplier& supplier, const std::string& id, const HttpRequest& request) {
    const auto body = json::parse(request.body);
    if (!body || !(*body)["fields"].is_object()) return refused(400, "no fields");
    const json::View fields = (*body)["fields"];
    Fields changes;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const std::string_view name = fields.name_at(i);
      if (name == "summary") {
        changes["subject"] = fields.member_at(i).text();
      } else if (name == "description") {
        changes["description"] = from_wiki(fields.member_at(i).text());
      } else if (name == "priority") {
        const std::string_view priority = fields.member_at(i)["name"].text();
        if (std::find(std::begin(kPriorities), std::end(kPriorities), priority) ==
            std::end(kPriorities)) {
          return refused(400, "The priority selected is invalid.");
        }
        changes["priority"] = priority;
      } else {
        return refused(400,
                       "Field '" + std::string(name) +
                           "' cannot be set. It is not on the appropriate screen, or unknown.");
      }
    }
    supplier.update(id, changes);
    return {204, ""};
  }

  static HttpResponse transitions(Supplier& supplier, const HttpRequest& request,
                                  const Ticket& ticket) {
    const Status& now = status_named(ticket.field("status"));
    const auto open =
        [&](const Status& to) {  // a new issue begins in the first, and nothing leads back
          return to.id != now.id && to.id != kStatuses[0].id &&
                 std::string_view(now.name) != "Closed";
        };
    if (request.method == "GET") {
      json::Writer out;
      out.begin_object().begin_array("transitions");
      for (const Status& to : kStatuses) {
        if (!open(to)) continue;
        out.begin_object().field("id", std::string("1") + to.id);
        out.field("name", std::string("Make it ") + to.name);
        write_status(out, "to", to);
        if (request.parameter("expand") == "transitions.fields") {
          out.begin_object("fields");
          if (to.resolution) {
            out.begin_object("resolution").field("required", true).end_object();
          }
          out.end_object();
        }
        out.end_object();
      }
      return {200, out.end_array().end_object().take()};
    }
    const auto body = json::parse(request.body);
    const std::string id(body ? (*body)["transition"]["id"].text() : "");
    for (const Status& to : kStatuses) {
      if (id != std::string("1") + to.id || !open(to)) continue;
      const bool resolved = (*body)["fields"]["resolution"]["name"].text() == "Done";
      if (to.resolution != resolved)
        return refused(400, "resolution: not on the screen, or required");
      supplier.update(ticket.id, {{"status", to.name}});
      return {204, ""};
    }
    return refused(
        400, "It seems that you have tried to perform a workflow operation that is not valid.");
  }

  static HttpResponse download(const Supplier& supplier, const HttpRequest& request,
                               std::string_view id) {
    for (const Ticket* ticket : supplier.tickets()) {
      for (const File& file : ticket->files) {
        if (file.id != id) continue;
        if (request.parameter("redirect") != "false") {
          return {303, "", {{"Location", "https://media.example/file/" + file.id}}};
        }
        return {200, file.bytes, {{"Content-Type", file.media_type}}};
      }
    }
    return refused(404, "The attachment with id does not exist");
  }

  // ---- the service desk ----

  static HttpResponse desk(Supplier& supplier, const HttpRequest& request,
                           const std::vector<std::string>& parts) {
    const auto body = json::parse(request.body.empty() ? "{}" : request.body);
    const auto is = [&](std::size_t at, std::string_view text) {
      return parts.size() > at && parts[at] == text;
    };
    if (is(2, "servicedesk") && is(3, "1")) {
      if (is(4, "requesttype") && is(5, "10") && is(6, "field")) {
        return {200, R"({"requestTypeFields":[{"fieldId":"summary","required":true},
            {"fieldId":"description"},{"fieldId":"customfield_10100"}]})"};
      }
      if (is(4, "attachTemporaryFile")) return upload(supplier, request);
      return refused(404, "no such request type");
    }
    if (!is(2, "request")) return refused(404, "dead link");
    if (parts.size() == 3) {
      return request.method == "POST" && body ? create(supplier, body->root())
                                              : refused(400, "no JSON");
    }
    const Ticket* ticket = supplier.ticket(parts[3]);
    if (ticket == nullptr) return refused(404, "The request does not exist.");
    if (is(4, "comment")) {
      if (request.method == "GET") return desk_comments(*ticket, request);
      return body ? comment(supplier, ticket->id, body->root()) : refused(400, "no JSON");
    }
    if (is(4, "attachment") && request.method == "POST" && body) {
      return attach(supplier, ticket->id, body->root());
    }
    return refused(404, "dead link");
  }

  static HttpResponse create(Supplier& supplier, json::View in) {
    if (in["serviceDeskId"].text() != "1" || in["requestTypeId"].text() != "10") {
      return refused(400, "Request type is invalid.");
    }
    const json::View values = in["requestFieldValues"];
    Fields fields{{"status", kStatuses[0].name}, {"priority", "Medium"}};
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::string_view name = values.name_at(i), value = values.member_at(i).text();
      if (name == "summary") {
        if (value.find('\n') != std::string_view::npos) return refused(400, "summary: one line");
        fields["subject"] = value;
      } else if (name == "description") {
        fields["description"] = from_wiki(value);
      } else if (name == kField) {
        fields["reference"] = value;
      } else {
        return refused(400, "Field '" + std::string(name) + "' is not on the form.");
      }
    }
    if (fields["subject"].empty()) return refused(400, "summary: is required");
    const Ticket& made = supplier.create(std::move(fields));
    json::Writer out;
    out.begin_object().field("issueId", made.id).field("issueKey", "SUP-" + made.id);
    out.begin_object("currentStatus").field("status", "Open").end_object();
    return {201, out.end_object().take()};
  }

  static HttpResponse desk_comments(const Ticket& ticket, const HttpRequest& request) {
    std::vector<Said> all = talk(ticket);
    std::erase_if(all, [&](const Said& said) {
      return request.parameter(said.comment.shown ? "public" : "internal") != "true";
    });
    const std::size_t start = parameter_of(request, "start", 0);
    const std::size_t limit = std::min<std::size_t>(parameter_of(request, "limit", 50), 50);
    json::Writer out;
    out.begin_object().begin_array("values");
    for (std::size_t i = start; i < std::min(all.size(), start + limit); ++i) {
      write_said(out, all[i], true, request.parameter("expand") == "attachment");
    }
    return {200,
            out.end_array().field("isLastPage", start + limit >= all.size()).end_object().take()};
  }

  static HttpResponse comment(Supplier& supplier, const std::string& id, json::View in) {
    if (in["body"].text().empty()) return refused(400, "Comment body can not be empty!");
    Comment made;
    made.text = from_wiki(in["body"].text());
    made.shown = in["public"].boolean(true);
    json::Writer out;
    write_said(out, {*supplier.comment(id, std::move(made)), nullptr}, true, false);
    return {201, out.take()};
  }

  static HttpResponse upload(Supplier& supplier, const HttpRequest& request) {
    if (request.header("x-atlassian-token") != "no-check") return refused(403, "XSRF check failed");
    const std::string type(request.header("content-type"));
    const auto boundary = between(type, "boundary=", ";");
    const auto head = between(request.body, "name=\"file\"; filename=\"", "\r\n\r\n");
    if (!type.starts_with("multipart/form-data") || !boundary || !head)
      return refused(400, "no part named file");
    const std::size_t start = request.body.find("\r\n\r\n") + 4;
    const std::size_t end = request.body.rfind("\r\n--" + *boundary + "--");
    if (end == std::string::npos || end < start) return refused(400, "the body ends too early");
    Fields& scratch = supplier.scratch();
    const std::string id = "temp" + std::to_string(scratch.size());
    scratch[id + "-name"] = head->substr(0, head->find('"'));
    scratch[id + "-type"] = between(*head, "Content-Type: ", "\r\n").value_or("");
    scratch[id] = request.body.substr(start, end - start);
    json::Writer out;
    out.begin_object().begin_array("temporaryAttachments").begin_object();
    out.field("temporaryAttachmentId", id).field("fileName", scratch[id + "-name"]);
    return {201, out.end_object().end_array().end_object().take()};
  }

  static HttpResponse attach(Supplier& supplier, const std::string& id, json::View in) {
    const std::string key(in["temporaryAttachmentIds"].at(0).text());
    Fields& scratch = supplier.scratch();
    if (!scratch.contains(key))
      return refused(400, "The temporary attachment is not there (any more).");
    File file;
    file.name = scratch[key + "-name"];
    file.media_type = scratch[key + "-type"];
    file.bytes = scratch[key];
    file.shown = in["public"].boolean();
    file.fields["comment"] = from_wiki(in["additionalComment"]["body"].text());
    for (const char* part : {"", "-name", "-type"}) scratch.erase(key + part);
    json::Writer out;
    out.begin_object().begin_object("attachments").begin_array("values");
    write_file(out, *supplier.attach(id, std::move(file)));
    return {201, out.end_array().end_object().end_object().take()};
  }
};

}  // namespace
}  // namespace ombud::dialects

OMBUD_DIALECT(ombud::dialects::Jira)
