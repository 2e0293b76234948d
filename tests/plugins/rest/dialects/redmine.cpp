// Redmine's REST interface for the conformance kit: as strict and as misleading as Redmine 5 is.
// What a user may not set is dropped without a word, times have whole seconds, an unknown filter is
// ignored, and to an unknown key lists are empty where single things are 401.
#include <ombud/conformance/dialect.hpp>

#include <algorithm>
#include <functional>
#include <optional>
#include <tuple>

#include "base/json.hpp"
#include "base/time.hpp"
#ifdef OMBUD_PROFILE_FILE  // else it is for the connector of that name
#  include "profile_settings.hpp"
#else
namespace ombud::dialects {
inline std::string settings_json(const std::string& members) {
  return "{" + members + "}";
}
}  // namespace ombud::dialects
#endif

namespace ombud::dialects {
namespace {

using namespace ombud::conformance;

constexpr std::string_view kKey = "canary-redmine-api-key-4711";
constexpr std::int64_t kOurId = 2, kStaffId = 3;
constexpr std::size_t kSubjectCharactersMax = 255;
constexpr std::size_t kAttachmentBytesMax = 5'242'880;
constexpr std::size_t kPageRows = 25, kPageRowsMax = 100;

struct Named {
  std::int64_t id;
  const char* name;
  bool closed;
};
constexpr Named kStatuses[] = {{1, "New", false},      {2, "In Progress", false},
                               {3, "Resolved", false}, {4, "Feedback", false},
                               {5, "Closed", true},    {6, "Rejected", true}};
constexpr Named kPriorities[] = {
    {1, "Low", false}, {2, "Normal", false}, {3, "High", false}, {4, "Urgent", false}};

template <class List>
const Named* named(const List& list, std::int64_t id, std::string_view name = {}) {
  for (const Named& one : list) {
    if (one.id == id || one.name == name) return &one;
  }
  return nullptr;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

std::string time_text(std::int64_t ms) {
  return to_rfc3339(instant_of(ms / 1000 * 1000)).substr(0, 19) + "Z";
}

// Redmine keeps texts with the line ends of a web form.
std::string with_crlf(std::string_view text) {
  std::string stored;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r')) stored += '\r';
    stored += text[i];
  }
  return stored;
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

HttpResponse errors(std::initializer_list<std::string_view> all) {
  json::Writer out;
  out.begin_object().begin_array("errors");
  for (const std::string_view error : all) out.value(error);
  return {422, out.end_array().end_object().take()};
}

void write_user(json::Writer& out, bool ours, std::string_view name, std::string_view member) {
  out.begin_object(member).field("id", ours ? kOurId : kStaffId).field("name", name).end_object();
}

template <class List>
void write_named(json::Writer& out, std::string_view member, const List& list,
                 std::string_view name) {
  const Named* found = named(list, 0, name);
  if (found == nullptr) return;
  out.begin_object(member).field("id", found->id).field("name", found->name).end_object();
}

void write_journals(json::Writer& out, const Supplier& supplier, const Ticket& ticket) {
  out.begin_array("journals");
  for (const Event& event : supplier.events()) {
    if (event.ticket != ticket.id || event.kind == Event::Kind::created) continue;
    out.begin_object().field("id", static_cast<std::int64_t>(std::stoll(event.id)));
    write_user(out, event.ours, event.author, "user");
    std::string_view notes;
    bool hidden = false;
    for (const Comment& comment : ticket.comments) {
      if (event.kind != Event::Kind::comment || comment.id != event.object) continue;
      notes = comment.text;
      hidden = !comment.shown;
    }
    out.field("notes", notes).field("private_notes", hidden);
    out.field("created_on", time_text(event.at_ms)).begin_array("details");
    if (event.kind == Event::Kind::changed && event.object == "status") {
      const auto id_of = [](std::string_view name) {
        const Named* found = named(kStatuses, 0, name);
        return std::to_string(found == nullptr ? 0 : found->id);
      };
      out.begin_object().field("property", "attr").field("name", "status_id");
      out.field("old_value", id_of(event.from)).field("new_value", id_of(event.to)).end_object();
    }
    out.end_array().end_object();
  }
  out.end_array();
}

void write_issue(json::Writer& out, const Supplier& supplier, const Ticket& ticket,
                 const HttpRequest& request, std::string_view include) {
  out.begin_object().field("id", static_cast<std::int64_t>(std::stoll(ticket.id)));
  out.begin_object("project").field("id", 1).field("name", "Support").end_object();
  write_named(out, "status", kStatuses, ticket.field("status"));
  write_named(out, "priority", kPriorities, ticket.field("priority"));
  out.field("subject", ticket.field("subject")).field("description", ticket.field("description"));
  for (const char* name : {"start_date", "due_date"}) {
    if (!ticket.field(name).empty()) out.field(name, ticket.field(name));
  }
  out.begin_array("custom_fields").begin_object().field("id", 7);
  out.field("name", "Ombud reference").field("value", ticket.field("cf_7"));
  out.end_object().end_array();
  out.field("created_on", time_text(ticket.created_at_ms));
  out.field("updated_on", time_text(ticket.updated_at_ms));
  if (include.find("attachments") != std::string_view::npos) {
    out.begin_array("attachments");
    for (const File& file : ticket.files) {
      const auto description = file.fields.find("description");
      out.begin_object().field("id", static_cast<std::int64_t>(std::stoll(file.id)));
      out.field("filename", file.name).field("content_type", file.media_type);
      out.field("filesize", static_cast<std::int64_t>(file.bytes.size()));
      out.field("description", description == file.fields.end() ? "" : description->second);
      out.field("content_url", request.origin + "/attachments/download/" + file.id);
      write_user(out, file.ours, file.author, "author");
      out.field("created_on", time_text(file.at_ms)).end_object();
    }
    out.end_array();
  }
  if (include.find("journals") != std::string_view::npos) write_journals(out, supplier, ticket);
  out.end_object();
}

// ---- the list and its filters -------------------------------------------------------------------

using Filter = std::function<bool(const Ticket&)>;

// "~x" contains x, "*" any, else equal; case does not matter. Nothing: the filter is refused.
std::optional<Filter> text_filter(std::string_view field, const std::string& wanted) {
  const std::string name(field);
  if (wanted == "*") return [name](const Ticket& ticket) { return !ticket.field(name).empty(); };
  const bool part = wanted.starts_with('~');
  const std::string value = lower(part ? wanted.substr(1) : wanted);
  if (value.empty()) return std::nullopt;
  return [name, value, part](const Ticket& ticket) {
    const std::string text = lower(ticket.field(name));
    return part ? text.find(value) != std::string::npos : text == value;
  };
}

HttpResponse list(const Supplier& supplier, const HttpRequest& request, bool known) {
  std::vector<Filter> filters;
  std::size_t limit = kPageRows, offset = 0;
  bool any_status = false, by_update = false;
  for (const auto& [name, value] : request.query()) {
    if (name == "limit") {
      limit = std::min<std::size_t>(std::strtoul(value.c_str(), nullptr, 10), kPageRowsMax);
    } else if (name == "offset") {
      offset = std::strtoul(value.c_str(), nullptr, 10);
    } else if (name == "sort") {
      by_update = value.starts_with("updated_on");
    } else if (name == "status_id") {
      any_status = value == "*";
    } else if (name == "updated_on" && value.starts_with(">=")) {
      const auto from = parse_rfc3339(value.substr(2));
      if (!from) return errors({"Updated is invalid"});
      filters.emplace_back([at = ms_of(*from)](const Ticket& ticket) {
        return ticket.updated_at_ms / 1000 * 1000 >= at;
      });
    } else if (name == "description" || name == "cf_7") {
      auto filter = text_filter(name, value);
      if (!filter) return errors({"Description cannot be blank"});
      filters.push_back(std::move(*filter));
    }
  }
  std::vector<const Ticket*> rows;
  for (const Ticket* ticket : supplier.tickets()) {
    const Named* status = named(kStatuses, 0, ticket->field("status"));
    if (!any_status && status != nullptr && status->closed) continue;
    if (known && std::all_of(filters.begin(), filters.end(),
                             [&](const Filter& filter) { return filter(*ticket); })) {
      rows.push_back(ticket);
    }
  }
  if (by_update) {
    std::stable_sort(rows.begin(), rows.end(), [](const Ticket* a, const Ticket* b) {
      return a->updated_at_ms / 1000 < b->updated_at_ms / 1000;
    });
  }
  json::Writer out;
  out.begin_object().begin_array("issues");
  for (std::size_t i = offset; i < rows.size() && i < offset + limit; ++i) {
    write_issue(out, supplier, *rows[i], request, "");
  }
  out.end_array().field("total_count", static_cast<std::uint64_t>(rows.size()));
  out.field("offset", static_cast<std::uint64_t>(offset));
  return {200, out.field("limit", static_cast<std::uint64_t>(limit)).end_object().take()};
}

// ---- writes -------------------------------------------------------------------------------------

// What may be set of "issue", or the refusal.
std::optional<HttpResponse> attributes_of(json::View in, Fields& fields) {
  const auto take = [&](const char* name) {
    if (in[name].present()) fields[name] = in[name].text();
  };
  take("subject");
  take("start_date");
  take("due_date");
  if (in["description"].present()) fields["description"] = with_crlf(in["description"].text());
  if (const Named* status = named(kStatuses, in["status_id"].integer())) {
    fields["status"] = status->name;
  }
  if (const Named* priority = named(kPriorities, in["priority_id"].integer())) {
    fields["priority"] = priority->name;
  }
  const json::View custom = in["custom_fields"];
  for (std::size_t i = 0; i < custom.size(); ++i) {
    if (custom.at(i)["id"].integer() == 7) fields["cf_7"] = custom.at(i)["value"].text();
  }
  const auto subject = fields.find("subject");
  if (subject == fields.end()) return std::nullopt;
  if (subject->second.find_first_not_of(" \t\r\n") == std::string::npos) {
    return errors({"Subject cannot be blank"});
  }
  if (characters(subject->second) > kSubjectCharactersMax) {
    return errors({"Subject is too long (maximum is 255 characters)"});
  }
  return std::nullopt;
}

HttpResponse create(Supplier& supplier, const HttpRequest& request, json::View in) {
  Fields fields{{"status", "New"}, {"priority", "Normal"}};
  if (in["project_id"].text() != "support") return errors({"Project cannot be blank"});
  if (!in["subject"].present()) return errors({"Subject cannot be blank"});
  if (auto refusal = attributes_of(in, fields)) return *refusal;
  const Ticket& made = supplier.create(std::move(fields));
  json::Writer out;
  out.begin_object().key("issue");
  write_issue(out, supplier, made, request, "");
  return {201, out.end_object().take()};
}

HttpResponse update(Supplier& supplier, const std::string& id, json::View in) {
  Fields fields;
  if (auto refusal = attributes_of(in, fields)) return *refusal;
  const json::View uploads = in["uploads"];
  for (std::size_t i = 0; i < uploads.size(); ++i) {
    if (!supplier.scratch().contains(uploads.at(i)["token"].text())) {
      return errors({"1 file(s) could not be saved."});
    }
  }
  supplier.update(id, fields);
  for (std::size_t i = 0; i < uploads.size(); ++i) {
    const json::View upload = uploads.at(i);
    File file;
    file.name = upload["filename"].text();
    file.media_type = upload["content_type"].text();
    file.bytes = supplier.scratch().find(upload["token"].text())->second;
    file.fields["description"] = upload["description"].text();
    supplier.attach(id, std::move(file));
  }
  const std::string_view notes = in["notes"].text();
  if (notes.find_first_not_of(" \t\r\n") != std::string_view::npos) {
    Comment comment;
    comment.text = with_crlf(notes);
    comment.shown = !in["private_notes"].boolean();
    supplier.comment(id, std::move(comment));
  }
  return {204, "", {}};
}

HttpResponse upload(Supplier& supplier, const HttpRequest& request) {
  if (request.header("content-type") != "application/octet-stream") return {406};
  if (request.body.size() > kAttachmentBytesMax) return errors({"This file is too large"});
  const std::string token = "upload-" + std::to_string(supplier.scratch().size());
  supplier.scratch()[token] = request.body;
  json::Writer out;
  out.begin_object().begin_object("upload").field("token", token).end_object().end_object();
  return {201, out.take()};
}

template <class List>
HttpResponse vocabulary(std::string_view member, const List& all) {
  json::Writer out;
  out.begin_object().begin_array(member);
  for (const Named& one : all) {
    out.begin_object().field("id", one.id).field("name", one.name);
    out.field("is_closed", one.closed).end_object();
  }
  out.end_array().end_object();
  HttpResponse response;  // member by member: g++ 12 fails at a list in a template
  response.body = out.take();
  return response;
}

// "12.json" → "12"; empty if it does not end so.
std::string without_suffix(const std::string& text) {
  return text.ends_with(".json") ? text.substr(0, text.size() - 5) : std::string();
}

class Redmine final : public Dialect {
 public:
  Settings settings() const override {
    return {settings_json(R"("url":"https://redmine.example","api_key":{"$secret":"key"},
                "project":"support","correlation_field":7)"),
            {{"key", std::string(kKey)}}};
  }

  std::string status_word(std::string_view canonical) const override {
    return canonical == "new"           ? "New"
           : canonical == "in_progress" ? "In Progress"
           : canonical == "waiting"     ? "Feedback"
           : canonical == "resolved"    ? "Resolved"
                                        : "Closed";
  }

  HttpResponse answer(Supplier& supplier, const HttpRequest& request) override {
    const bool known = request.header("x-redmine-api-key") == kKey;
    const bool get = request.method == "GET";
    const auto parts = request.segments();
    if (get && request.path() == "/issues.json") return list(supplier, request, known);
    if (!known) return {401, "", {}};
    if (get && parts.size() <= 2) {
      if (request.path() == "/issue_statuses.json") return vocabulary("issue_statuses", kStatuses);
      if (request.path() == "/enumerations/issue_priorities.json") {
        return vocabulary("issue_priorities", kPriorities);
      }
      if (request.path() == "/users/current.json") {
        return {200, R"({"user":{"id":2,"login":"ombud","admin":false,"memberships":)"
                     R"([{"project":{"id":1},"roles":[{"id":9}]}]}})"};
      }
      if (request.path() == "/roles/9.json") {
        return {200, R"({"role":{"id":9,"permissions":["view_issues","add_issues","edit_issues",)"
                     R"("add_issue_notes","set_notes_private"]}})"};
      }
      if (request.path() == "/projects/support.json") {
        return {200, R"({"project":{"id":1,"identifier":"support","trackers":[]}})"};
      }
      if (request.path() == "/custom_fields.json") return {403, "", {}};
    }
    if (request.method == "POST" && request.path() == "/uploads.json") {
      return upload(supplier, request);
    }
    if (get && parts.size() >= 3 && parts[0] == "attachments" && parts[1] == "download") {
      return download(supplier, parts[2]);
    }
    // Without the right content type Rails does not read the body, and everything is missing.
    const bool is_json = request.header("content-type").starts_with("application/json");
    const auto body = json::parse(is_json ? request.body : "{}");
    if (!body) return {400, "", {}};
    if (request.method == "POST" && request.path() == "/issues.json") {
      return create(supplier, request, (*body)["issue"]);
    }
    if (parts.size() != 2 || parts[0] != "issues") return {404, "", {}};
    const Ticket* ticket = supplier.ticket(without_suffix(parts[1]));
    if (ticket == nullptr) return {404, "", {}};
    if (request.method == "PUT") return update(supplier, ticket->id, (*body)["issue"]);
    json::Writer out;
    out.begin_object().key("issue");
    write_issue(out, supplier, *ticket, request, request.parameter("include"));
    return {200, out.end_object().take()};
  }

 private:
  static HttpResponse download(const Supplier& supplier, std::string_view id) {
    for (const Ticket* ticket : supplier.tickets()) {
      for (const File& file : ticket->files) {
        if (file.id == id) return {200, file.bytes, {{"Content-Type", file.media_type}}};
      }
    }
    return {404, "", {}};
  }
};

}  // namespace
}  // namespace ombud::dialects

OMBUD_DIALECT(ombud::dialects::Redmine)
