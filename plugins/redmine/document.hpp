// The hub's documents (sdk/DOCUMENTS.md) as Redmine shows them to people.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"

namespace ombud::redmine {

// A ticket as an issue: texts final, status and priority still in the hub's words.
struct IssueDraft {
  std::string subject;
  std::string description;  // ends with the marker
  std::string status;
  std::string priority;
  std::optional<std::string> start_date;  // "2026-11-22"; both or none, and in this order,
  std::optional<std::string> due_date;    // or Redmine refuses the issue
};

// From an ombud.ticket/1. `correlation` is that of the ticket's creation.
IssueDraft draft_of(const json::Document& ticket, std::string_view correlation);

// From an ombud.comment/1: the text, who wrote it, and the marker as last line.
std::string note_of(const json::Document& comment, std::string_view correlation);

// The schema the document names, such as "ombud.ticket/1", or a sentence why it cannot be read.
std::optional<std::string> unreadable(const Result<json::Document>& document,
                                      std::string_view schema);

// What the connector reads of an issue that Redmine returned.
class IssueView {
 public:
  explicit IssueView(json::View issue) : issue_(issue) {}
  std::int64_t id() const { return issue_["id"].integer(); }
  std::string updated_on() const { return std::string(issue_["updated_on"].text()); }
  std::int64_t project_id() const { return issue_["project"]["id"].integer(); }
  std::int64_t status_id() const { return issue_["status"]["id"].integer(); }
  std::int64_t priority_id() const { return issue_["priority"]["id"].integer(); }
  std::string subject() const { return std::string(issue_["subject"].text()); }
  std::string description() const;  // line ends as LF
  std::string due_date() const { return std::string(issue_["due_date"].text()); }
  std::string custom_field(std::int64_t id) const;
  // Our correlation of the ticket: the custom field's value, else the description's marker.
  std::string correlation(std::optional<std::int64_t> field) const;
  json::View journals() const { return issue_["journals"]; }
  json::View attachments() const { return issue_["attachments"]; }

 private:
  json::View issue_;
};

}  // namespace ombud::redmine
