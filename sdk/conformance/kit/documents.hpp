// The JSON documents of sdk/DOCUMENTS.md: those the kit sends, and what must be true of those that
// come back.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace ombud::conformance {

struct TicketText {
  std::string subject = "Printer on floor 3 prints every page twice";
  std::string description = "Since this morning.\nBoth trays, every driver.";
  std::string status = "new";
  std::string priority = "normal";
};
std::string ticket_json(const TicketText& text = {});
std::string comment_json(std::string_view text, bool shown = true);
std::string attachment_json(std::string_view name, std::string_view media_type,
                            std::string_view bytes);

inline constexpr std::string_view kReference = "OMB-1042";

// What is wrong with a document that the connector pushed; nothing if it is right.
std::optional<std::string> wrong_reply(std::string_view document, bool needs_id);
// `stray`: it need not name a ticket, as a mail that answers none.
std::optional<std::string> wrong_change(std::string_view document, bool stray = false);

// One ombud.change/1, read.
struct Change {
  std::string event_id, external_id, correlation, echo_of, type, status;
  std::string comment_id, text, author;
  bool shown = true;
  std::string attachment_id, name, content, reference;  // reference: JSON
  bool has_content = false, has_reference = false;
  // The same change has the same key, however often it is pushed.
  std::string key() const;
};

// The documents of one poll or webhook.
struct Changes {
  std::vector<Change> changes;
  std::optional<std::string> cursor;
};
// Throws Failed if one of them is not as DOCUMENTS.md says. `polled`: a cursor may end them.
Changes read_changes(const std::vector<std::string>& documents, bool polled, bool stray = false);

std::string external_id_of(const std::vector<std::string>& documents);
// Names in "changed" of a reply.
std::vector<std::string> changed_of(const std::vector<std::string>& documents);

// True if every member of `part` is in `whole`, at any depth.
bool contains(json::View whole, json::View part);

}  // namespace ombud::conformance
