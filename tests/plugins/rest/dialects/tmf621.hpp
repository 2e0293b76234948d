// TMF621 for the conformance kit, as two suppliers that agree in hardly anything the standard
// leaves open. v4: a PATCH replaces lists, notes get ids of their own, conditions are honoured,
// pages are small. v5: lists are added to, ids are kept, a change is answered 202 with nothing, the
// total of a list is that of the whole collection.
#pragma once

#include <ombud/conformance/dialect.hpp>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "base/time.hpp"
#include "profile_settings.hpp"

namespace ombud::dialects {

using namespace ombud::conformance;

class Tmf621 : public Dialect {
 public:
  explicit Tmf621(bool v5) : v5_(v5) {}

  Settings settings() const override {
    const std::string both = R"("url":"https://itsm.example)" + base() +
                             R"(","token":{"$secret":"token"},"events_key":{"$secret":"events"},)"
                             R"("steers":"all")";
    const std::string more = v5_ ? R"(,"arrays":"added","marks":"id",)"
                                   R"("callback":"https://desk.example/hooks/suppliers/itsm")"
                                 : "";
    return {settings_json(both + more),
            {{"token", "canary-tmf-token-4711"}, {"events", "canary-tmf-events-0815"}}};
  }
  std::string status_word(std::string_view canonical) const override {
    return canonical == "new"           ? "acknowledged"
           : canonical == "in_progress" ? "inProgress"
           : canonical == "waiting"     ? "pending"
           : canonical == "withdrawn"   ? "cancelled"
                                        : std::string(canonical);
  }

  HttpResponse answer(Supplier& supplier, const HttpRequest& request) override {
    if (request.header("authorization") != "Bearer canary-tmf-token-4711") {
      return refused(401, "no such token");
    }
    if (!request.path().starts_with(base() + "/")) return refused(404, "no such resource");
    auto parts = request.segments();
    parts.erase(parts.begin(), parts.begin() + 3);
    if (parts[0] == "hub" && request.method == "POST") return subscribe(supplier, request);
    if (parts[0] != "troubleTicket") return refused(404, "no such resource");
    if (parts.size() == 1) {
      return request.method == "GET" ? list(supplier, request) : create(supplier, request);
    }
    const Ticket* ticket = supplier.ticket(parts[1]);
    if (ticket == nullptr) return refused(404, "no such ticket");
    if (request.method == "PATCH") return patch(supplier, *ticket, request);
    if (parts.size() == 4) return bytes(*ticket, parts[3]);
    return {200, document(supplier, *ticket), {{"ETag", etag(*ticket)}, kJson}};
  }

 private:
  inline static const std::pair<const std::string, std::string> kJson{
      "Content-Type", "application/json;charset=utf-8"};

  std::string base() const { return std::string("/tmf-api/troubleTicket/") + (v5_ ? "v5" : "v4"); }
  const char* list_name() const { return v5_ ? "statusChangeHistory" : "statusChange"; }

  static std::string time_text(std::int64_t ms) { return to_rfc3339(instant_of(ms)); }
  static std::string etag(const Ticket& ticket) {
    return "\"" + std::to_string(ticket.updated_at_ms) + "-" +
           std::to_string(ticket.comments.size() + ticket.files.size()) + "\"";
  }
  static std::int64_t number(std::string_view text) {
    std::int64_t read = -1;
    std::from_chars(text.data(), text.data() + text.size(), read);
    return read;
  }
  HttpResponse refused(int code, std::string_view why) const {
    json::Writer out;
    out.begin_object().field("code", std::to_string(code)).field("reason", "refused");
    out.field("message", why).field("status", std::to_string(code));
    if (v5_) out.field("@type", "Error");
    return {code, out.end_object().take()};
  }
  void typed(json::Writer& out, const char* type) const {
    if (v5_) out.field("@type", type);
  }
  // The id that a note or file is shown under.
  template <class Entry>
  static std::string shown_id(const Entry& entry) {
    const auto given = entry.fields.find("given");
    return given == entry.fields.end() ? entry.id : given->second;
  }

  void write_notes(json::Writer& out, const Ticket& ticket) const {
    out.begin_array("note");
    for (const Comment& one : ticket.comments) {
      if (!one.shown && !v5_) continue;
      out.begin_object().field("id", shown_id(one)).field("author", one.author);
      out.field("date", time_text(one.at_ms)).field("text", one.text);
      typed(out, one.shown ? "Note" : "work_notes");
      out.end_object();
    }
    out.end_array();
  }
  void write_files(json::Writer& out, const Ticket& ticket) const {
    out.begin_array("attachment");
    for (const File& one : ticket.files) {
      const auto described = one.fields.find("description");
      out.begin_object().field("id", shown_id(one)).field("name", one.name);
      out.field("mimeType", one.media_type).field("attachmentType", "file");
      if (described != one.fields.end()) out.field("description", described->second);
      out.field("url", (v5_ ? "" : "https://itsm.example") + base() + "/troubleTicket/" +
                           ticket.id + "/attachment/" + one.id);
      out.begin_object("size").field("amount", static_cast<std::int64_t>(one.bytes.size()));
      out.field("units", "bytes").end_object();
      typed(out, "Attachment");
      out.end_object();
    }
    out.end_array();
  }
  void write_step(json::Writer& out, std::int64_t at_ms, std::string_view status,
                  std::string_view reason) const {
    out.begin_object().field(v5_ ? "statusChangeDate" : "changeDate", time_text(at_ms));
    out.field(v5_ ? "statusChangeReason" : "changeReason", reason).field("status", status);
    typed(out, "StatusChange");
    out.end_object();
  }
  std::string document(Supplier& supplier, const Ticket& ticket) const {
    json::Writer out;
    out.begin_object().field("id", ticket.id);
    out.field("href", "https://itsm.example" + base() + "/troubleTicket/" + ticket.id);
    out.field("name", ticket.field("subject")).field("description", ticket.field("description"));
    out.field("severity", ticket.field("severity")).field("priority", ticket.field("priority"));
    out.field("ticketType", ticket.field("type")).field("status", ticket.field("status"));
    out.field("creationDate", time_text(ticket.created_at_ms));
    out.field("lastUpdate", time_text(ticket.updated_at_ms));
    if (!v5_) out.field("externalId", ticket.field("externalId"));
    if (v5_ && !ticket.field("externalId").empty()) {
      out.begin_array("externalIdentifier");
      // Another system's name for it stands before ours.
      out.begin_object().field("id", "CRM-1").field("externalIdentifierType", "crm");
      out.field("@type", "ExternalIdentifier").end_object();
      out.begin_object().field("id", ticket.field("externalId"));
      out.field("externalIdentifierType", ticket.field("externalIdType"));
      out.field("@type", "ExternalIdentifier").end_object().end_array();
    }
    write_notes(out, ticket);
    write_files(out, ticket);
    out.begin_array(list_name());
    write_step(out, ticket.created_at_ms, "acknowledged", "");
    for (const Event& event : supplier.events()) {
      if (event.ticket == ticket.id && event.object == "status") {
        const auto reason = supplier.scratch().find("reason " + event.id);
        write_step(out, event.at_ms, event.to,
                   reason == supplier.scratch().end() ? "" : reason->second);
      }
    }
    out.end_array();
    out.field("@type", "TroubleTicket");
    return out.end_object().take();
  }

  HttpResponse list(Supplier& supplier, const HttpRequest& request) const {
    std::vector<const Ticket*> rows = supplier.indexed();
    const std::size_t all = rows.size();
    std::int64_t offset = 0, limit = v5_ ? 100 : 30;
    for (const auto& [name, value] : request.query()) {
      if (name == (v5_ ? "externalIdentifier.id" : "externalId")) {
        std::erase_if(rows, [&](const Ticket* t) { return t->field("externalId") != value; });
      } else if (name == "lastUpdate.gte") {
        const auto from = parse_rfc3339(value);
        if (!from) return refused(400, "lastUpdate.gte is no time");
        rows = supplier.tickets();
        std::erase_if(rows, [&](const Ticket* t) { return t->updated_at_ms < ms_of(*from); });
      } else if (name == "offset" && number(value) >= 0) {
        offset = number(value);
      } else if (name == "limit" && number(value) >= 0) {
        limit = std::min(limit, number(value));
      } else {
        return refused(400, "unknown parameter " + name);
      }
    }
    std::string body = "[";
    std::int64_t shown = 0;
    for (auto i = static_cast<std::size_t>(offset); i < rows.size() && shown < limit; ++i) {
      body += (shown++ == 0 ? "" : ",") + document(supplier, *rows[i]);
    }
    const bool part = shown < static_cast<std::int64_t>(rows.size());
    return {v5_ && part ? 206 : 200,
            body + "]",
            {kJson, {"X-Total-Count", std::to_string(v5_ ? all : rows.size())}}};
  }

  static bool is_word(json::View in, const char* name) { return !in[name].text().empty(); }

  HttpResponse create(Supplier& supplier, const HttpRequest& request) const {
    const auto body = json::parse(request.body);
    if (!body || !request.header("content-type").starts_with("application/json")) {
      return refused(400, "no JSON");
    }
    const json::View in = body->root();
    for (const char* name : {"description", "severity", "ticketType"}) {
      if (!is_word(in, name)) return refused(400, std::string(name) + " is mandatory");
    }
    if (v5_ && !is_word(in, "@type")) return refused(400, "@type is mandatory");
    if (in["id"].present() || in["status"].present()) return refused(400, "not on create");
    Fields fields{{"subject", std::string(in["name"].text())},
                  {"description", std::string(in["description"].text())},
                  {"severity", std::string(in["severity"].text())},
                  {"priority", std::string(in["priority"].text())},
                  {"type", std::string(in["ticketType"].text())},
                  {"status", "acknowledged"},
                  {"externalId", std::string(in["externalId"].text())}};
    if (v5_) {
      const json::View identifier = in["externalIdentifier"].at(0);
      if (!is_word(identifier, "@type")) return refused(400, "@type is mandatory");
      fields["externalId"] = identifier["id"].text();
      fields["externalIdType"] = identifier["externalIdentifierType"].text();
    }
    const Ticket& made = supplier.create(std::move(fields));
    return {201, document(supplier, made), {kJson, {"ETag", etag(made)}}};
  }

  HttpResponse patch(Supplier& supplier, const Ticket& ticket, const HttpRequest& request) const {
    const std::string wanted = v5_ ? "application/merge-patch+json" : "application/json";
    const auto body = json::parse(request.body);
    if (!body || !request.header("content-type").starts_with(wanted)) {
      return refused(415, "no " + wanted);
    }
    const std::string_view condition = request.header("if-match");
    if (!condition.empty() && condition != etag(ticket)) return refused(412, "changed meanwhile");
    const json::View in = body->root();
    for (const char* mine : {"id", "href", "creationDate", "lastUpdate", "statusChangeDate"}) {
      if (in[mine].present()) return refused(400, std::string(mine) + " is the server's");
    }
    const std::string id = ticket.id;
    if (auto no = replaced(ticket.comments, in["note"])) return *no;
    if (auto no = replaced(ticket.files, in["attachment"])) return *no;
    for (const auto& [name, field] :
         {std::pair{"name", "subject"}, {"severity", "severity"}, {"priority", "priority"}}) {
      if (in[name].present() && !is_word(in, name)) return refused(400, "empty");
      if (is_word(in, name)) supplier.update(id, {{field, std::string(in[name].text())}});
    }
    if (is_word(in, "status")) {
      static const std::set<std::string_view> kWords{"acknowledged", "rejected",   "pending",
                                                     "held",         "inProgress", "cancelled",
                                                     "closed",       "resolved"};
      if (!kWords.contains(in["status"].text())) return refused(400, "no such status");
      supplier.update(id, {{"status", std::string(in["status"].text())}});
      supplier.scratch()["reason " + supplier.events().back().id] = in["statusChangeReason"].text();
    }
    if (auto no = add_notes(supplier, id, in["note"])) return *no;
    if (auto no = add_files(supplier, id, in["attachment"])) return *no;
    if (v5_) return {202, "", {kJson}};
    const Ticket& now = *supplier.ticket(id);
    return {200, document(supplier, now), {kJson, {"ETag", etag(now)}}};
  }

  template <class Entries>
  static bool knows(const Entries& entries, std::string_view id) {
    return std::any_of(entries.begin(), entries.end(),
                       [&](const auto& entry) { return shown_id(entry) == id; });
  }
  // v4: what is left out would be gone, which the desk must never ask for.
  template <class Entries>
  std::optional<HttpResponse> replaced(const Entries& entries, json::View list) const {
    if (v5_ || !list.present()) return std::nullopt;
    for (const auto& entry : entries) {
      bool kept = !entry.shown;
      for (std::size_t i = 0; i < list.size(); ++i) {
        kept = kept || list.at(i)["id"].text() == shown_id(entry);
      }
      if (!kept) return refused(400, "this would delete " + entry.id);
    }
    return std::nullopt;
  }
  std::optional<HttpResponse> add_notes(Supplier& supplier, const std::string& id,
                                        json::View list) const {
    for (std::size_t i = 0; i < list.size(); ++i) {
      const json::View note = list.at(i);
      if (knows(supplier.ticket(id)->comments, note["id"].text())) continue;
      if (!is_word(note, "text") || (v5_ && !is_word(note, "@type"))) return refused(400, "note");
      Comment made;
      made.text = note["text"].text();
      if (v5_ && is_word(note, "id")) made.fields["given"] = note["id"].text();
      supplier.comment(id, std::move(made));
    }
    return std::nullopt;
  }
  std::optional<HttpResponse> add_files(Supplier& supplier, const std::string& id,
                                        json::View list) const {
    for (std::size_t i = 0; i < list.size(); ++i) {
      const json::View file = list.at(i);
      if (knows(supplier.ticket(id)->files, file["id"].text())) continue;
      const auto bytes = from_base64(file["content"].text());
      if (!is_word(file, "name") || !bytes) return refused(400, "attachment");
      File made;
      made.name = file["name"].text();
      made.media_type = file["mimeType"].text();
      made.bytes = *bytes;
      if (is_word(file, "description")) made.fields["description"] = file["description"].text();
      if (v5_ && is_word(file, "id")) made.fields["given"] = file["id"].text();
      supplier.attach(id, std::move(made));
    }
    return std::nullopt;
  }
  HttpResponse bytes(const Ticket& ticket, const std::string& id) const {
    for (const File& file : ticket.files) {
      if (file.id == id) return {200, file.bytes, {{"Content-Type", file.media_type}}};
    }
    return refused(404, "no such file");
  }
  HttpResponse subscribe(Supplier& supplier, const HttpRequest& request) const {
    const auto body = json::parse(request.body);
    if (!body || !is_word(body->root(), "callback") || (v5_ && !is_word(body->root(), "@type"))) {
      return refused(400, "callback is mandatory");
    }
    if (!supplier.scratch().emplace("hub", request.body).second) return refused(409, "twice");
    return {201, R"({"id":"1","callback":"x","@type":"Hub"})"};
  }

  const bool v5_;
};

}  // namespace ombud::dialects
