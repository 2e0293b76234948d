// ServiceNow's Table and Attachment interfaces for the conformance kit: a part of a query that it
// does not understand is skipped, a list is limited before the access rules hide rows of it, data
// policies speak as 403, unknown columns are dropped, journals append and are read from a table of
// their own.
#include <ombud/conformance/dialect.hpp>

#include <algorithm>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "base/time.hpp"
#include "profile/text.hpp"
#include "profile_settings.hpp"

namespace ombud::dialects {
namespace {

using namespace ombud::conformance;

constexpr std::string_view kPassword = "canary-servicenow-password-4711";
constexpr std::size_t kShortCharactersMax = 160;
constexpr std::size_t kIdDigits = 32;
constexpr std::string_view kColumns[] = {"short_description", "description",
                                         "urgency",           "impact",
                                         "correlation_id",    "correlation_display"};

using Rows = std::vector<Fields>;

std::string sys_id(std::string_view id) {
  return std::string(kIdDigits - id.size(), '0') + std::string(id);
}
std::string plain_id(std::string_view id) {
  if (id.size() != kIdDigits) return {};
  return std::string(id.substr(std::min(id.find_first_not_of('0'), id.size())));
}

std::string time_text(std::int64_t ms) {
  std::string text = to_rfc3339(instant_of(ms)).substr(0, 19);
  text[10] = ' ';
  return text;
}

HttpResponse refused(int code, std::string_view why, std::string_view detail = "") {
  json::Writer out;
  out.begin_object().begin_object("error").field("message", why).field("detail", detail);
  return {code, out.end_object().field("status", "failure").end_object().take()};
}

std::string user_name(bool ours) {
  return ours ? "ombud" : "sven";
}

void write_row(json::Writer& out, const Fields& row, const std::string& columns) {
  const std::string wanted = "," + columns + ",";
  out.begin_object();
  for (const auto& [name, value] : row) {
    if (columns.empty() || wanted.find("," + name + ",") != std::string::npos)
      out.field(name, value);
  }
  out.end_object();
}

// One term of an encoded query; what it does not understand lets every row through.
bool fits(const Fields& row, std::string_view term) {
  const auto of = [&](std::string_view name) { return row.find(name); };
  if (term.ends_with("ISNOTEMPTY")) {
    const auto field = of(term.substr(0, term.size() - 10));
    return field == row.end() || !field->second.empty();
  }
  if (const auto at = term.find(">="); at != std::string_view::npos) {
    const auto field = of(term.substr(0, at));
    return field == row.end() || field->second >= term.substr(at + 2);
  }
  if (const auto at = term.find('='); at != std::string_view::npos) {
    const auto field = of(term.substr(0, at));
    return field == row.end() || field->second == term.substr(at + 1);
  }
  if (const auto at = term.find("IN"); at != std::string_view::npos) {
    const auto field = of(term.substr(0, at));
    const std::string all = "," + std::string(term.substr(at + 2)) + ",";
    return field == row.end() || all.find("," + field->second + ",") != std::string::npos;
  }
  return true;
}

HttpResponse list(Rows rows, const HttpRequest& request, bool first_version) {
  std::string rest = request.parameter("sysparm_query");
  std::vector<std::pair<std::string, bool>> order;  // column, descending
  while (!rest.empty()) {
    const std::size_t end = rest.find('^');
    const std::string term = rest.substr(0, end);
    rest = end == std::string::npos ? "" : rest.substr(end + 1);
    if (term.starts_with("ORDERBYDESC")) {
      order.emplace_back(term.substr(11), true);
    } else if (term.starts_with("ORDERBY")) {
      order.emplace_back(term.substr(7), false);
    } else {
      std::erase_if(rows, [&](const Fields& row) { return !fits(row, term); });
    }
  }
  std::stable_sort(rows.begin(), rows.end(), [&](const Fields& a, const Fields& b) {
    for (const auto& [name, descending] : order) {
      const auto left = a.find(name), right = b.find(name);
      if (left == a.end() || right == b.end() || left->second == right->second) continue;
      return (left->second < right->second) != descending;
    }
    return false;
  });
  const auto read = [&](const char* name, std::size_t fallback) {
    const std::string text = request.parameter(name);
    return text.empty() ? fallback : static_cast<std::size_t>(std::stoul(text));
  };
  const std::size_t from = read("sysparm_offset", 0), limit = read("sysparm_limit", 10'000);
  const std::size_t to = std::min(rows.size(), from + limit);
  if (rows.empty() && first_version) return refused(404, "No Record found");
  json::Writer out;
  out.begin_object().begin_array("result");
  for (std::size_t i = from; i < to; ++i) {
    if (rows[i].contains("hidden")) continue;
    write_row(out, rows[i], request.parameter("sysparm_fields"));
  }
  HttpResponse response{200, out.end_array().end_object().take()};
  response.headers["X-Total-Count"] = std::to_string(rows.size());
  if (to < rows.size()) {
    response.headers["Link"] =
        "<https://now.example/api/now/v2/table/incident?sysparm_offset=" + std::to_string(to) +
        ">;rel=\"next\"";
  }
  return response;
}

class ServiceNow final : public Dialect {
 public:
  Settings settings() const override {
    return {settings_json(
                R"("url":"https://now.example","user":"ombud","password":{"$secret":"password"})"),
            {{"password", std::string(kPassword)}}};
  }
  std::string status_word(std::string_view canonical) const override {
    return canonical == "new"           ? "1"
           : canonical == "in_progress" ? "2"
           : canonical == "waiting"     ? "3"
           : canonical == "resolved"    ? "6"
           : canonical == "closed"      ? "7"
                                        : "8";
  }

  HttpResponse answer(Supplier& supplier, const HttpRequest& request) override {
    if (request.header("authorization") !=
        "Basic " + to_base64("ombud:" + std::string(kPassword))) {
      return refused(401, "User Not Authenticated", "Required to provide Auth information");
    }
    auto parts = request.segments();
    if (parts.size() < 3 || parts[0] != "api" || parts[1] != "now")
      return refused(400, "no such path");
    const bool second = parts[2] == "v2";
    if (second) parts.erase(parts.begin() + 2);
    if (parts.size() < 3) return refused(400, "no such path");
    if (parts[2] == "attachment") return attachment(supplier, request, parts);
    if (parts[2] != "table" || parts.size() < 4) return refused(400, "no such path");
    if (parts[3] == "sys_journal_field") return list(journal(supplier), request, !second);
    if (parts[3] == "sys_audit") return list(audit(supplier), request, !second);
    if (parts[3] == "sys_user") {
      return list({{{"user_name", "ombud"}, {"sys_id", sys_id("3")}, {"time_zone", "GMT"}}},
                  request, !second);
    }
    if (parts[3] != "incident") return refused(400, "Invalid table " + parts[3]);
    if (parts.size() == 4 && request.method == "GET")
      return list(incidents(supplier), request, !second);
    const auto body = json::parse(request.body.empty() ? "{}" : request.body);
    if (!body || !body->root().is_object()) return refused(400, "Exception while reading request");
    if (parts.size() == 4) return create(supplier, request, body->root());
    const Ticket* ticket = supplier.ticket(plain_id(parts[4]));
    if (ticket == nullptr)
      return refused(404, "No Record found",
                     "Record doesn't exist or ACL restricts the record retrieval");
    if (request.method == "PATCH") return update(supplier, request, *ticket, body->root());
    return one(200, supplier, *ticket, request);
  }

 private:
  static Fields incident(const Supplier& supplier, const Ticket& ticket) {
    const auto changes =
        std::count_if(supplier.events().begin(), supplier.events().end(),
                      [&](const Event& event) { return event.ticket == ticket.id; });
    Fields row{{"sys_id", sys_id(ticket.id)},
               {"number", "INC00" + ticket.id},
               {"short_description", std::string(ticket.field("subject"))},
               {"state", std::string(ticket.field("status"))},
               {"sys_updated_on", time_text(ticket.updated_at_ms)},
               {"sys_mod_count", std::to_string(changes)}};
    for (const std::string_view column : kColumns) {
      if (column != "short_description") row[std::string(column)] = ticket.field(column);
    }
    return row;
  }
  // One of another domain, which the access rules hide only after the list was cut.
  static Rows incidents(const Supplier& supplier) {
    Rows rows{{{"hidden", "yes"},
               {"sys_id", sys_id("99999")},
               {"correlation_id", "elsewhere"},
               {"correlation_display", "Ombud"},
               {"sys_updated_on", "2020-01-01 00:00:00"}}};
    for (const Ticket* ticket : supplier.tickets()) rows.push_back(incident(supplier, *ticket));
    return rows;
  }
  static Rows journal(const Supplier& supplier) {
    Rows rows;
    for (const Ticket* ticket : supplier.tickets()) {
      for (const Comment& comment : ticket->comments) {
        rows.push_back({{"sys_id", sys_id(comment.id)},
                        {"element_id", sys_id(ticket->id)},
                        {"element", comment.shown ? "comments" : "work_notes"},
                        {"value", comment.text},
                        {"sys_created_on", time_text(comment.at_ms)},
                        {"sys_created_by", user_name(comment.ours)}});
      }
    }
    return rows;
  }
  static Rows audit(const Supplier& supplier) {
    Rows rows;
    for (const Event& event : supplier.events()) {
      if (event.kind != Event::Kind::changed) continue;
      rows.push_back({{"sys_id", sys_id(event.id)},
                      {"documentkey", sys_id(event.ticket)},
                      {"fieldname", event.object == "status" ? "state" : event.object},
                      {"oldvalue", event.from},
                      {"newvalue", event.to},
                      {"user", user_name(event.ours)},
                      {"record_checkpoint", event.id},
                      {"sys_created_on", time_text(event.at_ms)}});
    }
    return rows;
  }

  static HttpResponse one(int code, const Supplier& supplier, const Ticket& ticket,
                          const HttpRequest& request) {
    json::Writer out;
    out.begin_object().key("result");
    write_row(out, incident(supplier, ticket), request.parameter("sysparm_fields"));
    return {code, out.end_object().take()};
  }

  // Values are texts; a column that is not there is dropped without a word.
  static Fields columns_of(json::View in) {
    Fields changes;
    for (const std::string_view column : kColumns) {
      if (!in[column].is_text()) continue;
      std::string value(in[column].text());
      if (column == "short_description") {
        value = profile::truncated(value, kShortCharactersMax);
        changes["subject"] = value;
      } else {
        changes[std::string(column)] = value;
      }
    }
    return changes;
  }
  static HttpResponse policy(std::string_view column) {
    return refused(
        403, "Operation Failed",
        "Data Policy Exception: The following fields are mandatory: " + std::string(column));
  }

  static HttpResponse create(Supplier& supplier, const HttpRequest& request, json::View in) {
    Fields fields = columns_of(in);
    if (fields["subject"].empty()) return policy("Short description");
    fields["status"] = "1";
    if (fields["urgency"].empty()) fields["urgency"] = "3";
    if (fields["impact"].empty()) fields["impact"] = "3";
    return one(201, supplier, supplier.create(std::move(fields)), request);
  }
  static HttpResponse update(Supplier& supplier, const HttpRequest& request, const Ticket& ticket,
                             json::View in) {
    Fields changes = columns_of(in);
    const std::string_view state = in["state"].text();
    if (!state.empty() && state != ticket.field("status")) {
      if (state == "3" && in["hold_reason"].text().empty()) return policy("On hold reason");
      if (state == "3" && in["comments"].text().empty()) return policy("Additional comments");
      if ((state == "6" || state == "7") && in["close_code"].text().empty())
        return policy("Resolution code");
      if ((state == "6" || state == "7") && in["close_notes"].text().empty())
        return policy("Resolution notes");
      changes["status"] = state;
    }
    const std::string id = ticket.id;
    supplier.update(id, changes);
    for (const char* element : {"comments", "work_notes"}) {
      if (in[element].text().empty()) continue;
      Comment made;
      made.text = in[element].text();
      made.shown = std::string_view(element) == "comments";
      supplier.comment(id, std::move(made));
    }
    return one(200, supplier, *supplier.ticket(id), request);
  }

  static Fields file_row(const Ticket& ticket, const File& file) {
    return {{"sys_id", sys_id(file.id)},
            {"table_name", "incident"},
            {"table_sys_id", sys_id(ticket.id)},
            {"file_name", file.name},
            {"content_type", file.media_type},
            {"size_bytes", std::to_string(file.bytes.size())},
            {"sys_created_on", time_text(file.at_ms)},
            {"sys_created_by", user_name(file.ours)}};
  }
  static HttpResponse attachment(Supplier& supplier, const HttpRequest& request,
                                 const std::vector<std::string>& parts) {
    if (request.method == "POST") {
      if (parts.size() != 4 || parts[3] != "file" ||
          request.parameter("table_name") != "incident" || request.parameter("file_name").empty() ||
          request.header("content-type").empty()) {
        return refused(400, "Invalid request",
                       "table_name, table_sys_id, file_name and a content type");
      }
      const Ticket* ticket = supplier.ticket(plain_id(request.parameter("table_sys_id")));
      if (ticket == nullptr) return refused(404, "Invalid table_sys_id");
      File file;
      file.name = request.parameter("file_name");
      file.media_type = request.header("content-type");
      file.bytes = request.body;
      const std::string id = ticket->id;
      const File& stored = *supplier.attach(id, std::move(file));
      json::Writer out;
      out.begin_object().key("result");
      write_row(out, file_row(*supplier.ticket(id), stored), "");
      return {201, out.end_object().take()};
    }
    Rows rows;
    for (const Ticket* ticket : supplier.tickets()) {
      for (const File& file : ticket->files) {
        if (parts.size() == 5 && parts[3] == sys_id(file.id)) {
          return {200, file.bytes, {{"Content-Type", file.media_type}}};
        }
        rows.push_back(file_row(*ticket, file));
      }
    }
    if (parts.size() > 3) return refused(404, "Record Not found");
    return list(std::move(rows), request, false);
  }
};

}  // namespace
}  // namespace ombud::dialects

OMBUD_DIALECT(ombud::dialects::ServiceNow)
