// GLPI's REST interface for the conformance kit: sessions end, search fields have other numbers
// than usual, "morethan" is strict, a page beyond the end is refused, texts are HTML that is
// encoded once more, and whether an update took effect stands inside a success.
#include <ombud/conformance/dialect.hpp>

#include <algorithm>
#include <optional>

#include "base/json.hpp"
#include "base/time.hpp"
#include "paging.hpp"
#include "profile/text.hpp"
#include "profile_settings.hpp"

namespace ombud::dialects {
namespace {

using namespace ombud::conformance;

constexpr std::string_view kUserToken = "canary-glpi-user-token-4711";
constexpr std::string_view kAppToken = "canary-glpi-app-token-0815";
constexpr std::int64_t kSessionMs = std::int64_t{10} * 60'000;
constexpr std::int64_t kOurId = 7, kStaffId = 8;
constexpr std::int64_t kDocuments = 700'000;  // ids of documents that we sent
constexpr std::size_t kRangeMax = 990;
constexpr const char* kHook =
    R"({"event":"new","item":{"id":9,"itemtype":"Ticket","items_id":7,"content":"<p>Klart <b>nu</b></p>","is_private":0,"user":{"id":8,"name":"Sven"},"date_creation":"2026-11-22 09:30:00"}})";

std::string time_text(std::int64_t ms) {
  std::string text = to_rfc3339(instant_of(ms)).substr(0, 19);
  text[10] = ' ';
  return text;
}

// As GLPI 10 keeps texts.
std::string encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += c == '<' ? "&#60;" : c == '>' ? "&#62;" : c == '&' ? "&#38;" : std::string(1, c);
  }
  return out;
}

HttpResponse refused(int code, std::string_view what, std::string_view why = "no") {
  return {code, json::Writer().begin_array().value(what).value(why).end_array().take()};
}

std::string html_of(const Fields& fields, std::string_view plain) {
  const auto html = fields.find("html");
  return html == fields.end() ? "<p>" + profile::html_escaped(plain) + "</p>" : html->second;
}

// The rows from..to of "0-49", or why not.
struct Range {
  std::size_t from = 0, to = 0;
  std::optional<HttpResponse> wrong;
};
Range range_of(const HttpRequest& request, std::size_t total) {
  std::string text = request.parameter("range");
  if (text.empty()) text = "0-49";
  const std::size_t dash = text.find('-');
  Range range{std::stoul(text.substr(0, dash)), std::stoul(text.substr(dash + 1)) + 1, {}};
  if (range.to <= range.from || range.to - range.from > kRangeMax) {
    range.wrong = refused(400, "ERROR_RANGE_INVALID");
  } else if (range.from > 0 && range.from >= total) {
    range.wrong =
        refused(400, "ERROR_RANGE_EXCEED_TOTAL", "Provided range exceed total count of data");
  }
  range.from = std::min(range.from, total);
  range.to = std::min(range.to, total);
  return range;
}

std::optional<std::string> part_of(const HttpRequest& request, const std::string& name) {
  const std::string type(request.header("content-type"));
  const std::size_t at = type.find("boundary=");
  const std::size_t head = request.body.find("name=\"" + name + "\"");
  if (!type.starts_with("multipart/form-data") || at == std::string::npos ||
      head == std::string::npos) {
    return std::nullopt;
  }
  const std::size_t start = request.body.find("\r\n\r\n", head);
  const std::size_t end = request.body.find("\r\n--" + type.substr(at + 9), head);
  if (start == std::string::npos || end == std::string::npos || end < start + 4)
    return std::nullopt;
  return request.body.substr(start + 4, end - start - 4);
}

class Glpi final : public Dialect {
 public:
  Settings settings() const override {
    return {settings_json(R"("url":"https://glpi.example","user_token":{"$secret":"user"},
                "app_token":{"$secret":"app"},"webhook_secret":{"$secret":"hook"})"),
            {{"user", std::string(kUserToken)},
             {"app", std::string(kAppToken)},
             {"hook", "canary-glpi-hook-2342"}}};
  }
  std::string status_word(std::string_view canonical) const override {
    return canonical == "new"           ? "1"
           : canonical == "in_progress" ? "2"
           : canonical == "waiting"     ? "4"
           : canonical == "resolved"    ? "5"
                                        : "6";
  }
  std::vector<Webhook> webhooks() const override {
    // Body and time signed with openssl dgst -sha256 -hmac canary-glpi-hook-2342.
    Webhook comment{.name = "followup added", .body = kHook, .is_signed = true};
    comment.headers_json =
        R"({"X-GLPI-timestamp":"1795339800","X-GLPI-signature":"af9d743265d2b3a95d353fcd4dd36402ae936f2fdafd6db0fd1c61806b011f73"})";
    comment.changes = {R"({"external_id":"7","type":"comment","event_id":"followup-9",
        "comment":{"id":"9","text":"Klart nu","public":true,"author":"Sven"}})"};
    return {comment};
  }

  HttpResponse answer(Supplier& supplier, const HttpRequest& request) override {
    auto parts = request.segments();
    if (parts.size() < 2 || parts[0] != "apirest.php")
      return refused(404, "ERROR_RESOURCE_NOT_FOUND");
    parts.erase(parts.begin());
    if (request.method == "GET" && !request.body.empty()) return refused(400, "ERROR_BAD_ARRAY");
    Fields& scratch = supplier.scratch();
    if (parts[0] == "initSession") {
      if (request.header("authorization") != "user_token " + std::string(kUserToken)) {
        return refused(401, "ERROR_GLPI_LOGIN_USER_TOKEN", "parameter user_token seems invalid");
      }
      if (request.header("app-token") != kAppToken)
        return refused(400, "ERROR_WRONG_APP_TOKEN_PARAMETER");
      const std::string token = "session-" + std::to_string(scratch.size());
      scratch[token] = std::to_string(supplier.now_ms());
      return {200, json::Writer().begin_object().field("session_token", token).end_object().take()};
    }
    const std::string session(request.header("session-token"));
    if (!session.starts_with("session-") || !scratch.contains(session) ||
        supplier.now_ms() - number(scratch[session]) > kSessionMs) {
      return refused(401, "ERROR_SESSION_TOKEN_INVALID", "session_token seems invalid");
    }
    if (parts[0] == "getFullSession") {
      json::Writer out;
      out.begin_object().begin_object("session").field("glpiID", kOurId).field("glpiname", "ombud");
      out.field("glpi_currenttime", time_text(supplier.now_ms()));
      return {200, out.end_object().end_object().take()};
    }
    if (parts[0] == "listSearchOptions") {
      return {
          200,
          R"({"common":"Characteristics","1":{"name":"Title","table":"glpi_tickets","field":"name"},
          "2":{"name":"ID","table":"glpi_tickets","field":"id"},
          "12":{"name":"Status","table":"glpi_tickets","field":"status"},
          "119":{"name":"Last update","table":"glpi_tickets","field":"date_mod"},
          "121":{"name":"Description","table":"glpi_tickets","field":"content"}})"};
    }
    if (parts[0] == "search") return search(supplier, request);
    if (parts[0] == "Document" && parts.size() == 2) return document(supplier, request, parts[1]);
    if (parts[0] == "Document") return upload(supplier, request);
    if (parts[0] == "ITILFollowup" && parts.size() == 2) return followup(supplier, parts[1]);
    const Ticket* ticket = parts.size() > 1 ? supplier.ticket(parts[1]) : nullptr;
    if (parts[0] == "Ticket" && parts.size() > 1 && ticket == nullptr) {
      return refused(404, "ERROR_ITEM_NOT_FOUND", "Item not found");
    }
    if (request.method == "GET" && parts[0] == "Ticket" && parts.size() == 2) {
      return {200, read(*ticket, request.parameter("with_documents") == "true")};
    }
    if (request.method == "GET" && parts[0] == "Ticket" && parts.size() == 3) {
      return below(supplier, *ticket, request, parts[2]);
    }
    const auto body = json::parse(request.body);
    if (!body || !(*body)["input"].is_object()) return refused(400, "ERROR_JSON_PAYLOAD_INVALID");
    return write(supplier, request.method, parts, (*body)["input"]);
  }

 private:
  static HttpResponse search(const Supplier& supplier, const HttpRequest& request) {
    auto tickets = supplier.tickets();
    for (int i = 0; i < 2; ++i) {
      const std::string name = "criteria[" + std::to_string(i) + "]";
      const std::string field = request.parameter(name + "[field]"),
                        value = request.parameter(name + "[value]");
      if (field.empty()) continue;
      const std::string type = request.parameter(name + "[searchtype]");
      if (field == "121" && type == "contains") {
        std::erase_if(tickets, [&](const Ticket* t) {
          return t->field("description").find(value) == std::string_view::npos;
        });
      } else if (field == "119" && type == "morethan") {
        std::erase_if(tickets,
                      [&](const Ticket* t) { return time_text(t->updated_at_ms) <= value; });
      } else {
        return refused(400, "ERROR", "Field ID not found in search options");
      }
    }
    const bool by_change = request.parameter("sort") == "119";
    const bool falling = request.parameter("order") == "DESC";
    std::stable_sort(tickets.begin(), tickets.end(), [&](const Ticket* a, const Ticket* b) {
      const std::string left = by_change ? time_text(a->updated_at_ms) : "",
                        right = by_change ? time_text(b->updated_at_ms) : "";
      return falling ? right < left : left < right;
    });
    const Range range = range_of(request, tickets.size());
    if (range.wrong) return *range.wrong;
    json::Writer out;
    out.begin_object().field("totalcount", static_cast<std::int64_t>(tickets.size()));
    out.field("count", static_cast<std::int64_t>(range.to - range.from));
    if (range.to > range.from) out.begin_array("data");
    for (std::size_t i = range.from; i < range.to; ++i) {
      const Ticket& ticket = *tickets[i];
      out.begin_object().field("1", encoded(ticket.field("subject")));
      for (int shown = 0; shown < 4; ++shown) {
        const std::string field = request.parameter("forcedisplay[" + std::to_string(shown) + "]");
        if (field == "2") out.field("2", number(ticket.id));
        if (field == "119") out.field("119", time_text(ticket.updated_at_ms));
        if (field == "121")
          out.field("121", encoded(html_of(ticket.fields, ticket.field("description"))));
      }
      out.end_object();
    }
    if (range.to > range.from) out.end_array();
    return {range.to - range.from < tickets.size() ? 206 : 200, out.end_object().take()};
  }

  static std::int64_t document_id(const File& file) {
    const auto own = file.fields.find("document");
    return number(own == file.fields.end() ? file.id : own->second);
  }
  static void write_document(json::Writer& out, const File& file) {
    const auto comment = file.fields.find("comment");
    out.begin_object().field("id", document_id(file)).field("filename", encoded(file.name));
    out.field("mime", file.media_type)
        .field("comment", comment == file.fields.end() ? "" : comment->second);
    out.field("users_id", file.ours ? kOurId : kStaffId)
        .field("date_creation", time_text(file.at_ms))
        .end_object();
  }
  static std::string read(const Ticket& ticket, bool with_documents) {
    json::Writer out;
    out.begin_object()
        .field("id", number(ticket.id))
        .field("name", encoded(ticket.field("subject")));
    out.field("content", encoded(html_of(ticket.fields, ticket.field("description"))));
    out.field("status", number(ticket.field("status")))
        .field("urgency", number(ticket.field("priority")));
    out.field("date_mod", time_text(ticket.updated_at_ms));
    if (with_documents) {
      out.begin_array("_documents");
      for (const File& file : ticket.files) write_document(out, file);
      out.end_array();
    }
    return out.end_object().take();
  }
  static void write_followup(json::Writer& out, const Comment& comment) {
    out.begin_object().field("id", number(comment.id)).field("itemtype", "Ticket");
    out.field("content", encoded(html_of(comment.fields, comment.text)));
    out.field("is_private", std::int64_t{comment.shown ? 0 : 1});
    out.field("users_id", comment.ours ? kOurId : kStaffId)
        .field("date_creation", time_text(comment.at_ms))
        .end_object();
  }
  static HttpResponse followup(const Supplier& supplier, std::string_view id) {
    for (const Ticket* ticket : supplier.tickets()) {
      for (const Comment& comment : ticket->comments) {
        if (comment.id != id) continue;
        json::Writer out;
        write_followup(out, comment);
        return {200, out.take()};
      }
    }
    return refused(404, "ERROR_ITEM_NOT_FOUND");
  }

  // What hangs below a ticket.
  static HttpResponse below(const Supplier& supplier, const Ticket& ticket,
                            const HttpRequest& request, const std::string& what) {
    std::vector<std::string> all;
    if (what == "ITILFollowup") {
      for (const Comment& comment : ticket.comments) {
        json::Writer out;
        write_followup(out, comment);
        all.push_back(out.take());
      }
    } else if (what == "Log") {
      for (const Event& event : supplier.events()) {
        if (event.ticket != ticket.id || event.object != "status") continue;
        json::Writer out;
        out.begin_object().field("id", number(event.id)).field("linked_action", std::int64_t{0});
        out.field("user_name",
                  event.author + " (" + std::to_string(event.ours ? kOurId : kStaffId) + ")");
        out.field("id_search_option", std::int64_t{12}).field("old_value", event.from);
        out.field("new_value", event.to).field("date_mod", time_text(event.at_ms)).end_object();
        all.push_back(out.take());
      }
    } else if (what != "ITILSolution") {
      return refused(400, "ERROR_RESOURCE_NOT_FOUND_NOR_COMMONDBTM");
    }
    if (request.parameter("order") == "DESC") std::reverse(all.begin(), all.end());
    const Range range = range_of(request, all.size());
    if (range.wrong) return *range.wrong;
    std::string list;
    for (std::size_t i = range.from; i < range.to; ++i) list += (list.empty() ? "" : ",") + all[i];
    HttpResponse response{range.to - range.from < all.size() ? 206 : 200, "[" + list + "]"};
    response.headers["Content-Range"] = std::to_string(range.from) + "-" +
                                        std::to_string(range.to == 0 ? 0 : range.to - 1) + "/" +
                                        std::to_string(all.size());
    return response;
  }

  static HttpResponse document(const Supplier& supplier, const HttpRequest& request,
                               std::string_view id) {
    for (const Ticket* ticket : supplier.tickets()) {
      for (const File& file : ticket->files) {
        if (std::to_string(document_id(file)) != id) continue;
        if (request.header("accept") == "application/octet-stream") {
          return {200, file.bytes, {{"Content-Type", file.media_type}}};
        }
        json::Writer out;
        write_document(out, file);
        return {200, out.take()};
      }
    }
    return refused(404, "ERROR_ITEM_NOT_FOUND");
  }
  static HttpResponse upload(Supplier& supplier, const HttpRequest& request) {
    const auto manifest = part_of(request, "uploadManifest"),
               bytes = part_of(request, "filename[0]");
    const auto parsed = json::parse(manifest.value_or(""));
    if (request.method != "POST" || !parsed || !bytes ||
        !(*parsed)["input"]["_filename"].at(0).is_text()) {
      return refused(400, "ERROR_BAD_ARRAY", "no uploadManifest, or no file");
    }
    const json::View input = (*parsed)["input"];
    Fields& scratch = supplier.scratch();
    const std::string id = std::to_string(kDocuments + static_cast<std::int64_t>(scratch.size()));
    const std::size_t head = request.body.find("name=\"filename[0]\"");
    const std::size_t type = request.body.find("Content-Type: ", head) + 14;
    scratch[id] = *bytes;
    scratch[id + "-name"] = input["_filename"].at(0).text();
    scratch[id + "-comment"] = input["comment"].text();
    scratch[id + "-type"] = request.body.substr(type, request.body.find("\r\n", type) - type);
    json::Writer out;
    out.begin_object().field("id", number(id)).field("message", "Document move succeeded.");
    return {201, out.end_object().take()};
  }

  static HttpResponse write(Supplier& supplier, const std::string& method,
                            const std::vector<std::string>& parts, json::View in) {
    const auto made = [](std::string_view id) -> HttpResponse {
      return {201, json::Writer()
                       .begin_object()
                       .field("id", number(id))
                       .field("message", "")
                       .end_object()
                       .take()};
    };
    if (method == "POST" && parts[0] == "Ticket") {
      Fields fields = changes_of(in);
      if (fields["subject"].empty())
        return refused(400, "ERROR_GLPI_ADD", "Mandatory fields are not filled");
      fields["status"] = "1";
      fields.try_emplace("priority", "3");
      return made(supplier.create(std::move(fields)).id);
    }
    if (method == "PUT" && parts[0] == "Ticket" && parts.size() == 2) {
      const auto status = in["status"].integer(1);
      const bool right = status >= 1 && status <= 6;
      if (right) supplier.update(parts[1], changes_of(in));
      json::Writer out;
      out.begin_array()
          .begin_object()
          .field(parts[1], right)
          .field("message", right ? "" : "no such status");
      return {right ? 200 : 207, out.end_object().end_array().take()};
    }
    const std::string id = std::to_string(in["items_id"].integer());
    if (method != "POST" || in["itemtype"].text() != "Ticket")
      return refused(400, "ERROR_GLPI_ADD");
    if (supplier.ticket(id) == nullptr)
      return refused(403, "ERROR_RIGHT_MISSING", "You don't have permission");
    if (parts[0] == "ITILFollowup") {
      Comment comment;
      comment.fields["html"] = in["content"].text();
      comment.text = profile::html_to_text(in["content"].text());
      comment.shown = in["is_private"].integer(0) == 0;
      return made(supplier.comment(id, std::move(comment))->id);
    }
    const std::string key = std::to_string(in["documents_id"].integer());
    Fields& scratch = supplier.scratch();
    if (parts[0] != "Document_Item" || !scratch.contains(key))
      return refused(400, "ERROR_GLPI_ADD");
    File file;
    file.name = scratch[key + "-name"];
    file.media_type = scratch[key + "-type"];
    file.bytes = scratch[key];
    file.fields = {{"document", key}, {"comment", scratch[key + "-comment"]}};
    return made(supplier.attach(id, std::move(file))->id);
  }
  static Fields changes_of(json::View in) {
    Fields changes;
    if (in["name"].is_text()) changes["subject"] = in["name"].text();
    if (in["content"].is_text()) {
      changes["html"] = in["content"].text();
      changes["description"] = profile::html_to_text(in["content"].text());
    }
    if (in["status"].present()) changes["status"] = std::to_string(in["status"].integer());
    if (in["urgency"].present()) changes["priority"] = std::to_string(in["urgency"].integer());
    return changes;
  }
};

}  // namespace
}  // namespace ombud::dialects

OMBUD_DIALECT(ombud::dialects::Glpi)
