#include "conformance/kit/documents.hpp"

#include <algorithm>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "conformance/kit/case.hpp"

namespace ombud::conformance {
namespace {

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

std::string ticket_json(const TicketText& text) {
  json::Writer out;
  out.begin_object()
      .field("schema", "ombud.ticket/1")
      .field("reference", kReference)
      .field("kind", "incident")
      .field("status", text.status)
      .field("subject", text.subject)
      .field("description", text.description)
      .field("priority", text.priority)
      .field("service", "Print service")
      .field("customer", "Example Municipality");
  out.begin_object("user")
      .field("name", "Anna Användare")
      .field("email", "anna@customer.example")
      .field("phone", "+46 8 123 456")
      .end_object();
  out.begin_object("desk")
      .field("name", "Service Desk")
      .field("email", "desk@provider.example")
      .end_object();
  out.field("opened_at", "2026-01-05T07:45:00.000Z")
      .field("due_at", "2026-01-09T16:00:00.000Z")
      .end_object();
  return out.take();
}

std::string comment_json(std::string_view text, bool shown) {
  json::Writer out;
  out.begin_object()
      .field("schema", "ombud.comment/1")
      .field("reference", kReference)
      .field("text", text)
      .field("public", shown)
      .field("author", "Service Desk")
      .field("subject", TicketText{}.subject)
      .field("at", "2026-01-05T08:10:00.000Z")
      .end_object();
  return out.take();
}

std::string attachment_json(std::string_view name, std::string_view media_type,
                            std::string_view bytes) {
  json::Writer out;
  out.begin_object()
      .field("schema", "ombud.attachment/1")
      .field("reference", kReference)
      .field("name", name)
      .field("media_type", media_type)
      .field("size", static_cast<std::int64_t>(bytes.size()))
      .field("sha256", sha256_hex(bytes))
      .field("subject", TicketText{}.subject)
      .end_object();
  return out.take();
}

std::optional<std::string> wrong_reply(std::string_view document, bool needs_id) {
  const auto parsed = json::parse(document);
  if (!parsed) return "it is no JSON: " + parsed.error().detail;
  const json::View in = parsed->root();
  if (!in.is_object()) return "it is no object";
  for (const char* name : {"external_id", "version", "url"}) {
    if (in[name].present() && !in[name].is_text())
      return "\"" + std::string(name) + "\" is no text";
  }
  if (needs_id && in["external_id"].text().empty()) return "it has no \"external_id\"";
  const json::View changed = in["changed"];
  if (changed.present() && !changed.is_array()) return "\"changed\" is no list";
  for (std::size_t i = 0; i < changed.size(); ++i) {
    if (!changed.at(i).is_text()) return "\"changed\" holds something else than names";
  }
  return std::nullopt;
}

// ombud.announcement/1: about no ticket of ours.
std::optional<std::string> wrong_announcement(json::View in) {
  if (in["remote_id"].text().empty()) return "it announces something without a \"remote_id\"";
  if (in["title"].text().empty()) return "it announces something without a \"title\"";
  for (const char* name : {"starts_at", "ends_at", "updated_at"}) {
    if (in[name].present() && !parse_rfc3339(in[name].text())) {
      return "\"" + std::string(name) + "\" is no RFC 3339 time";
    }
  }
  return std::nullopt;
}

std::optional<std::string> wrong_change(std::string_view document, bool stray) {
  const auto parsed = json::parse(document);
  if (!parsed) return "it is no JSON: " + parsed.error().detail;
  const json::View in = parsed->root();
  if (!in.is_object()) return "it is no object";
  if (in["schema"].text() != "ombud.change/1") return "its \"schema\" is not \"ombud.change/1\"";
  if (in["event_id"].text().empty()) return "it has no \"event_id\"";
  if (!stray && in["external_id"].text().empty() && in["correlation"].text().empty() &&
      in["reference"].text().empty()) {
    return "it names no ticket: none of \"external_id\", \"correlation\" and \"reference\"";
  }
  if (in["at"].present() && !parse_rfc3339(in["at"].text())) return "\"at\" is no RFC 3339 time";
  const std::string_view type = in["type"].text();
  if (type == "status") {
    // A word of the supplier's that nobody mapped.
    const bool unmapped = in["status"].text() == "unknown" && !in["status_text"].text().empty();
    if (!unmapped &&
        !is_one_of(in["status"].text(), {"new", "in_progress", "waiting", "resolved", "closed"})) {
      return "\"status\" is " + in_quotes(in["status"].text()) +
             " and not new, in_progress, waiting, resolved or closed";
    }
    return std::nullopt;
  }
  if (type == "comment") {
    const json::View comment = in["comment"];
    if (!comment.is_object()) return "it has no \"comment\"";
    if (!comment["text"].is_text()) return "its comment has no \"text\"";
    if (!comment["public"].is_boolean()) return "its comment does not say whether it is \"public\"";
    return std::nullopt;
  }
  if (type == "attachment") {
    const json::View file = in["attachment"];
    if (!file.is_object()) return "it has no \"attachment\"";
    if (file["name"].text().empty()) return "its attachment has no \"name\"";
    if (file["content"].present() && !from_base64(file["content"].text())) {
      return "the attachment's \"content\" is no base 64";
    }
    if (file["reference"].present() && !file["reference"].is_object()) {
      return "the attachment's \"reference\" is no object";
    }
    return std::nullopt;
  }
  return "its \"type\" is " + in_quotes(type) + " and not status, comment or attachment";
}

std::string Change::key() const {
  if (type == "comment") return external_id + " comment " + comment_id + " " + text;
  if (type == "attachment") return external_id + " attachment " + attachment_id + " " + name;
  return external_id + " status " + status;
}

Changes read_changes(const std::vector<std::string>& documents, bool polled, bool stray) {
  Changes all;
  for (const std::string& document : documents) {
    if (all.cursor) fail("A document follows the cursor, which must be the last.");
    const auto parsed = json::parse(document);
    if (polled && parsed && (*parsed)["cursor"].is_text() && !(*parsed)["schema"].present()) {
      all.cursor = (*parsed)["cursor"].text();
      continue;
    }
    if (parsed && (*parsed)["schema"].text() == "ombud.announcement/1") {
      if (const auto why = wrong_announcement(parsed->root())) {
        fail("An announcement is not as sdk/DOCUMENTS.md says: " + *why + ". It is " +
             in_quotes(document));
      }
      continue;
    }
    if (const auto why = wrong_change(document, stray)) {
      fail("A change is not as sdk/DOCUMENTS.md says: " + *why + ". It is " + in_quotes(document));
    }
    const json::View in = parsed->root();
    Change change;
    change.event_id = in["event_id"].text();
    change.external_id = in["external_id"].text();
    change.correlation = in["correlation"].text();
    change.echo_of = in["echo_of"].text();
    change.type = in["type"].text();
    change.status = in["status"].text();
    change.comment_id = in["comment"]["id"].text();
    change.text = in["comment"]["text"].text();
    change.author = in["comment"]["author"].text();
    const json::View file = in["attachment"];
    change.shown =
        change.type == "comment" ? in["comment"]["public"].boolean() : file["public"].boolean(true);
    change.attachment_id = file["id"].text();
    change.name = file["name"].text();
    change.has_content = file["content"].present();
    if (change.has_content) change.content = from_base64(file["content"].text()).value_or("");
    change.has_reference = file["reference"].present();
    if (change.has_reference) change.reference = file["reference"].dump();
    all.changes.push_back(std::move(change));
  }
  return all;
}

std::string external_id_of(const std::vector<std::string>& documents) {
  if (documents.empty()) return {};
  const auto parsed = json::parse(documents.front());
  return parsed ? std::string((*parsed)["external_id"].text()) : std::string();
}

std::vector<std::string> changed_of(const std::vector<std::string>& documents) {
  std::vector<std::string> names;
  if (documents.empty()) return names;
  const auto parsed = json::parse(documents.front());
  const json::View changed = parsed ? (*parsed)["changed"] : json::View{};
  for (std::size_t i = 0; i < changed.size(); ++i) names.emplace_back(changed.at(i).text());
  return names;
}

bool contains(json::View whole, json::View part) {
  if (part.is_object()) {
    if (!whole.is_object()) return false;
    for (std::size_t i = 0; i < part.size(); ++i) {
      if (!contains(whole[part.name_at(i)], part.member_at(i))) return false;
    }
    return true;
  }
  return whole.dump() == part.dump();
}

}  // namespace ombud::conformance
