// Request Tracker's REST2 interface for the conformance kit: strict about what a message must say,
// lax about custom fields it does not know and about updates that fail, which it tells in sentences
// inside a success. Lists show ids alone unless asked for more, and say that there is a next page,
// not how many.
#include <ombud/conformance/dialect.hpp>

#include <algorithm>
#include <set>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "base/time.hpp"
#include "paging.hpp"
#include "profile_settings.hpp"

namespace ombud::dialects {
namespace {

using namespace ombud::conformance;

constexpr std::size_t kPageRows = 20;  // unless asked for otherwise
constexpr std::string_view kToken = "canary-rt-token-4711";
constexpr std::string_view kUser = "ombud";
constexpr std::string_view kField = "Ombud reference";
constexpr std::string_view kStatuses[] = {"new",      "open",     "stalled",
                                          "resolved", "rejected", "deleted"};

std::string time_text(std::int64_t ms) {
  return to_rfc3339(instant_of(ms)).substr(0, 19) + "Z";
}

HttpResponse refused(int code, std::string_view why) {
  json::Writer out;
  return {code, out.begin_object().field("message", why).end_object().take()};
}

// "2026-11-22 09:30:00", read in the user's time zone, which is UTC.
std::int64_t time_of(std::string_view text) {
  std::string zoned = std::string(text) + "Z";
  if (zoned.size() > 10) zoned[10] = 'T';
  const auto at = parse_rfc3339(zoned);
  return at ? ms_of(*at) : 0;
}

std::set<std::string> fields_of(const HttpRequest& request) {
  std::set<std::string> all;
  const std::string listed = request.parameter("fields");
  for (std::size_t from = 0; from < listed.size();) {
    const std::size_t end = std::min(listed.find(',', from), listed.size());
    all.insert(listed.substr(from, end - from));
    from = end + 1;
  }
  return all;
}

// One page of a list of whole JSON objects.
HttpResponse one_page(const HttpRequest& request, const std::vector<std::string>& rows) {
  const auto [from, to] = page_of(request, rows.size(), kPageRows);
  const std::int64_t page = std::max<std::int64_t>(number(request.parameter("page")), 1);
  std::string items;
  for (std::size_t i = from; i < to; ++i) items += (items.empty() ? "" : ",") + rows[i];
  std::string answer = R"({"page":)" + std::to_string(page) + R"(,"total":null,"pages":null,)";
  if (to < rows.size()) {
    answer +=
        R"("next_page":"https://rt.example/REST/2.0/next?page=)" + std::to_string(page + 1) + "\",";
  }
  return {200, answer + "\"items\":[" + items + "]}"};
}

std::vector<std::string> in_order(const HttpRequest& request, std::vector<std::string> rows) {
  if (request.parameter("order") == "DESC") std::reverse(rows.begin(), rows.end());
  return rows;
}

void write_custom_fields(json::Writer& out, const Ticket& ticket) {
  out.begin_array("CustomFields").begin_object().field("id", "1").field("name", "Other");
  out.begin_array("values").end_array().end_object();
  out.begin_object().field("id", "2").field("name", kField).begin_array("values");
  if (!ticket.field("reference").empty()) out.value(ticket.field("reference"));
  out.end_array().end_object().end_array();
}

class RequestTracker final : public Dialect {
 public:
  Settings settings() const override {
    return {settings_json(R"("url":"https://rt.example","token":{"$secret":"token"},
                "user":"ombud","queue":"support")"),
            {{"token", std::string(kToken)}}};
  }
  std::string status_word(std::string_view canonical) const override {
    return canonical == "new"           ? "new"
           : canonical == "in_progress" ? "open"
           : canonical == "waiting"     ? "stalled"
           : canonical == "resolved"    ? "resolved"
           : canonical == "closed"      ? ""  // there is no such status
                                        : "rejected";
  }

  HttpResponse answer(Supplier& supplier, const HttpRequest& request) override {
    if (request.header("authorization") != "token " + std::string(kToken)) {
      return refused(401, "Unauthorized");
    }
    const auto parts = request.segments();
    if (parts.size() < 3 || parts[0] != "REST" || parts[1] != "2.0")
      return refused(404, "Not Found");
    const std::string& what = parts[2];
    if (request.method == "GET") return read(supplier, request, parts);
    if (!request.header("content-type").starts_with("application/json")) {
      return refused(415, "Unsupported Media Type");
    }
    const auto body = json::parse(request.body);
    if (!body || !body->root().is_object()) return refused(400, "malformed JSON");
    const json::View in = body->root();
    if (what != "ticket") return refused(405, "Method Not Allowed");
    if (request.method == "POST" && parts.size() == 3) return create(supplier, in);
    const Ticket* ticket = parts.size() > 3 ? supplier.ticket(parts[3]) : nullptr;
    if (ticket == nullptr) return refused(404, "Not Found");
    if (request.method == "PUT") return update(supplier, ticket->id, in);
    if (parts.size() == 5 && (parts[4] == "correspond" || parts[4] == "comment")) {
      return message(supplier, ticket->id, in, parts[4] == "correspond");
    }
    return refused(404, "Not Found");
  }

 private:
  static HttpResponse read(const Supplier& supplier, const HttpRequest& request,
                           const std::vector<std::string>& parts) {
    const std::string& what = parts[2];
    if (what == "tickets") return list(supplier, request);
    if (parts.size() < 4) return refused(404, "Not Found");
    if (what == "queue" && parts[3] == "support") {
      return {
          200,
          R"({"Name":"support","TicketCustomFields":[{"id":"1","name":"Other"},{"id":"2","name":"Ombud reference"}]})"};
    }
    if (what == "user" && parts[3] == kUser) return {200, R"({"Name":"ombud","Timezone":"UTC"})"};
    if (what == "attachment") return file(supplier, parts[3]);
    const Ticket* ticket = what == "ticket" ? supplier.ticket(parts[3]) : nullptr;
    if (ticket == nullptr) return refused(404, "Not Found");
    if (parts.size() == 4) return one(*ticket);
    if (parts[4] == "history") return history(supplier, *ticket, request);
    return parts[4] == "attachments" ? attachments(supplier, *ticket, request)
                                     : refused(404, "Not Found");
  }

  static HttpResponse one(const Ticket& ticket) {
    json::Writer out;
    out.begin_object().field("id", number(ticket.id)).field("Subject", ticket.field("subject"));
    out.field("Status", ticket.field("status")).field("Priority", ticket.field("priority"));
    out.field("LastUpdated", time_text(ticket.updated_at_ms));
    write_custom_fields(out, ticket);
    return {200, out.end_object().take()};
  }

  // The conditions that the profile asks with; what it does not understand finds nothing.
  static HttpResponse list(const Supplier& supplier, const HttpRequest& request) {
    std::vector<const Ticket*> found = supplier.tickets();
    const std::string query = request.parameter("query");
    const std::string field = "'CF.{" + std::string(kField) + "}'";
    for (std::size_t from = 0; from < query.size();) {
      const std::size_t end = std::min(query.find(" AND ", from), query.size());
      const std::string part = query.substr(from, end - from);
      from = end + 5;
      if (part == field + " IS NOT NULL") {
        std::erase_if(found, [](const Ticket* t) { return t->field("reference").empty(); });
      } else if (part.starts_with(field + " = '")) {
        const std::string wanted = part.substr(field.size() + 4, part.size() - field.size() - 5);
        std::erase_if(found, [&](const Ticket* t) { return t->field("reference") != wanted; });
      } else if (part.starts_with("LastUpdated >= '")) {
        const std::int64_t since = time_of(part.substr(16, part.size() - 17)) / 1000;
        std::erase_if(found, [&](const Ticket* t) { return t->updated_at_ms / 1000 < since; });
      } else {
        found.clear();
      }
    }
    if (request.parameter("orderby") == "LastUpdated") {
      std::stable_sort(found.begin(), found.end(), [](const Ticket* a, const Ticket* b) {
        return a->updated_at_ms / 1000 < b->updated_at_ms / 1000;
      });
    }
    const auto asked = fields_of(request);
    std::vector<std::string> rows;
    for (const Ticket* ticket : found) {
      json::Writer out;
      out.begin_object().field("type", "ticket").field("id", ticket->id);
      if (asked.contains("Subject")) out.field("Subject", ticket->field("subject"));
      if (asked.contains("LastUpdated")) out.field("LastUpdated", time_text(ticket->updated_at_ms));
      if (asked.contains("CustomFields")) write_custom_fields(out, *ticket);
      rows.push_back(out.end_object().take());
    }
    return one_page(request, rows);
  }

  static HttpResponse history(const Supplier& supplier, const Ticket& ticket,
                              const HttpRequest& request) {
    const auto asked = fields_of(request);
    std::vector<std::string> rows;
    for (const Event& event : supplier.events()) {
      if (event.ticket != ticket.id) continue;
      json::Writer out;
      out.begin_object().field("type", "transaction").field("id", event.id);
      if (asked.contains("Type")) out.field("Type", type_of(ticket, event));
      if (asked.contains("NewValue")) out.field("NewValue", event.to);
      write_creator(out, asked, event);
      rows.push_back(out.end_object().take());
    }
    return one_page(request, in_order(request, std::move(rows)));
  }

  static std::string_view type_of(const Ticket& ticket, const Event& event) {
    if (event.kind == Event::Kind::created) return "Create";
    if (event.kind == Event::Kind::changed) return event.object == "status" ? "Status" : "Set";
    const auto shown = [&](const auto& all) {
      return std::any_of(all.begin(), all.end(),
                         [&](const auto& one) { return one.id == event.object && one.shown; });
    };
    return shown(ticket.comments) || shown(ticket.files) ? "Correspond" : "Comment";
  }

  static void write_creator(json::Writer& out, const std::set<std::string>& asked,
                            const Event& event) {
    if (asked.contains("Created")) out.field("Created", time_text(event.at_ms));
    if (!asked.contains("Creator")) return;
    out.begin_object("Creator").field("type", "user").field("id", event.ours ? kUser : "sven");
    out.end_object();
  }

  // The parts of every transaction: its text, and its file. Twice its number, and one more.
  static HttpResponse attachments(const Supplier& supplier, const Ticket& ticket,
                                  const HttpRequest& request) {
    const auto asked = fields_of(request);
    std::vector<std::string> rows;
    const auto add = [&](const Event& event, std::string_view text, const File* file) {
      json::Writer out;
      const std::int64_t id = number(event.id) * 2 + (file == nullptr ? 0 : 1);
      out.begin_object().field("type", "attachment").field("id", std::to_string(id));
      if (asked.contains("TransactionId")) out.field("TransactionId", number(event.id));
      if (asked.contains("ContentType")) {
        out.field("ContentType", file == nullptr ? "text/plain" : file->media_type);
      }
      if (asked.contains("Filename")) out.field("Filename", file == nullptr ? "" : file->name);
      if (asked.contains("Content")) {
        out.field("Content", file == nullptr ? std::string(text) : to_base64(file->bytes));
      }
      write_creator(out, asked, event);
      rows.push_back(out.end_object().take());
    };
    for (const Event& event : supplier.events()) {
      if (event.ticket != ticket.id) continue;
      if (event.kind == Event::Kind::created) add(event, ticket.field("description"), nullptr);
      for (const Comment& comment : ticket.comments) {
        if (event.kind == Event::Kind::comment && comment.id == event.object) {
          add(event, comment.text, nullptr);
        }
      }
      for (const File& file : ticket.files) {
        if (event.kind != Event::Kind::file || file.id != event.object) continue;
        if (const auto body = file.fields.find("body"); body != file.fields.end()) {
          add(event, body->second, nullptr);
        }
        add(event, "", &file);
      }
    }
    return one_page(request, in_order(request, std::move(rows)));
  }

  static HttpResponse file(const Supplier& supplier, const std::string& id) {
    for (const Event& event : supplier.events()) {
      if (event.kind != Event::Kind::file || number(event.id) * 2 + 1 != number(id)) continue;
      for (const File& file : supplier.ticket(event.ticket)->files) {
        if (file.id != event.object) continue;
        json::Writer out;
        out.begin_object().field("id", id).field("Content", to_base64(file.bytes));
        return {200, out.end_object().take()};
      }
    }
    return refused(404, "Not Found");
  }

  static std::string text_or_number(json::View value) {
    return value.is_integer() ? std::to_string(value.integer()) : std::string(value.text());
  }

  static HttpResponse create(Supplier& supplier, json::View in) {
    if (in["Queue"].text().empty()) {
      return refused(400, "Could not create ticket. Queue not set");
    }
    if (in["Queue"].text() != "support") return refused(403, "No permission to create tickets");
    if (in["Content"].present() && in["ContentType"].text().empty()) {
      return refused(400, "ContentType is required if Content is given");
    }
    Fields fields{{"subject", std::string(in["Subject"].text())},
                  {"description", std::string(in["Content"].text())},
                  {"status", "new"},
                  {"priority", text_or_number(in["Priority"])}};
    // A custom field that it does not know is written to a log, and the ticket is made without it.
    if (in["CustomFields"][kField].is_text())
      fields["reference"] = in["CustomFields"][kField].text();
    const std::string id = supplier.create(std::move(fields)).id;
    json::Writer out;
    out.begin_object().field("type", "ticket").field("id", id);
    out.field("_url", "https://rt.example/REST/2.0/ticket/" + id);
    return {201, out.end_object().take()};
  }

  // A success even when nothing of it worked.
  static HttpResponse update(Supplier& supplier, const std::string& id, json::View in) {
    Fields changes;
    std::vector<std::string> said;
    if (in["Subject"].is_text()) changes["subject"] = in["Subject"].text();
    if (in["Priority"].present()) changes["priority"] = text_or_number(in["Priority"]);
    if (const std::string_view status = in["Status"].text(); !status.empty()) {
      if (std::find(std::begin(kStatuses), std::end(kStatuses), status) != std::end(kStatuses)) {
        changes["status"] = status;
      } else {
        said.push_back("Ticket " + id + ": Status '" + std::string(status) +
                       "' isn't a valid status");
      }
    }
    if (!changes.empty()) {
      supplier.update(id, changes);
      said.push_back("Ticket " + id + ": updated");
    }
    json::Writer out;
    out.begin_array();
    for (const std::string& sentence : said) out.value(sentence);
    return {200, out.end_array().take()};
  }

  static HttpResponse message(Supplier& supplier, const std::string& id, json::View in,
                              bool shown) {
    if (in["Content"].text().empty()) return refused(400, "Content is a required field");
    if (in["ContentType"].text().empty()) return refused(400, "ContentType is a required field");
    const std::string text(in["Content"].text());
    if (const json::View file = in["Attachments"].at(0); file.is_object()) {
      const auto bytes = from_base64(file["FileContent"].text());
      if (!bytes || file["FileName"].text().empty() || file["FileType"].text().empty()) {
        return refused(400, "FileName, FileType and FileContent are required fields");
      }
      File made;
      made.name = file["FileName"].text();
      made.media_type = file["FileType"].text();
      made.bytes = *bytes;
      made.shown = shown;
      made.fields["body"] = text;
      supplier.attach(id, std::move(made));
    } else {
      Comment made;
      made.text = text;
      made.shown = shown;
      supplier.comment(id, std::move(made));
    }
    HttpResponse response{201, shown ? R"(["Correspondence added"])" : R"(["Comments added"])"};
    response.headers["Location"] =
        "https://rt.example/REST/2.0/transaction/" + supplier.events().back().id;
    return response;
  }
};

}  // namespace
}  // namespace ombud::dialects

OMBUD_DIALECT(ombud::dialects::RequestTracker)
