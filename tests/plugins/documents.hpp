// The hub's documents as these tests send them.
#pragma once

#include <string>
#include <string_view>

#include "base/json.hpp"
#include "support/connector_bench.hpp"

namespace ombud::test {

struct TicketText {
  std::string status = "new";
  std::string subject = "Skrivaren svarar inte";
  std::string description = "Den blinkar rött.\nRum 12.";
  std::string priority = "normal";
  std::string due_at = {};
};

inline std::string ticket_json(const TicketText& text = {}) {
  json::Writer out;
  out.begin_object().field("schema", "ombud.ticket/1").field("reference", "OMB-1042");
  out.field("kind", "incident").field("status", text.status).field("subject", text.subject);
  out.field("description", text.description).field("priority", text.priority);
  out.field("service", "Print").field("opened_at", "2026-11-22T09:30:00Z");
  out.begin_object("desk").field("name", "Servicedesk").field("email", "desk@example.org");
  out.end_object();
  if (!text.due_at.empty()) out.field("due_at", text.due_at);
  return out.end_object().take();
}

inline std::string comment_json(std::string_view text, bool is_public) {
  json::Writer out;
  out.begin_object().field("schema", "ombud.comment/1").field("reference", "OMB-1042");
  out.field("text", text).field("public", is_public).field("author", "Servicedesk");
  return out.field("at", "2026-11-22T09:31:00Z").end_object().take();
}

inline std::string attachment_json(std::string_view name, std::size_t size) {
  json::Writer out;
  out.begin_object().field("schema", "ombud.attachment/1").field("reference", "OMB-1042");
  out.field("name", name).field("media_type", "text/plain");
  return out.field("size", static_cast<std::int64_t>(size)).end_object().take();
}

inline json::Document parsed(const std::string& text) {
  auto document = json::parse(text);
  if (!document) throw std::runtime_error(document.error().detail + " in " + text);
  return std::move(*document);
}

// The first document of an outcome; fails the reading test if there is none.
inline json::Document first(const BenchOutcome& outcome) {
  if (outcome.documents.empty()) throw std::runtime_error("nothing pushed: " + outcome.message);
  return parsed(outcome.documents.front());
}

inline std::string external_id(const BenchOutcome& outcome) {
  return std::string(first(outcome)["external_id"].text());
}

inline std::vector<std::string> changed(const BenchOutcome& outcome) {
  std::vector<std::string> names;
  const json::Document reply = first(outcome);
  for (std::size_t i = 0; i < reply["changed"].size(); ++i) {
    names.emplace_back(reply["changed"].at(i).text());
  }
  return names;
}

// What a poll said: its events, and the cursor at the end.
struct Polled {
  sdk::Status status = sdk::Status::retry;
  std::vector<json::Document> events;
  std::string cursor;

  std::vector<std::string> ids() const {
    std::vector<std::string> all;
    for (const json::Document& event : events) all.emplace_back(event["event_id"].text());
    return all;
  }
};

inline Polled polled(const BenchOutcome& outcome) {
  Polled result;
  result.status = outcome.status;
  for (const std::string& text : outcome.documents) {
    json::Document document = parsed(text);
    if (document["cursor"].present()) {
      result.cursor = document["cursor"].text();
    } else {
      result.events.push_back(std::move(document));
    }
  }
  return result;
}

}  // namespace ombud::test
