#include "redmine/document.hpp"

#include <initializer_list>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "redmine/text.hpp"

namespace ombud::redmine {
namespace {

constexpr std::size_t kDateBytes = 10;  // "2026-11-22"

// Those of the texts that are not empty, with `between` between them.
std::string join(std::initializer_list<std::string_view> texts, std::string_view between) {
  std::string joined;
  for (const std::string_view text : texts) {
    if (text.empty()) continue;
    if (!joined.empty()) joined += between;
    joined += text;
  }
  return joined;
}

std::string contact(std::string_view label, json::View person) {
  const std::string who =
      join({person["name"].text(), person["email"].text(), person["phone"].text()}, ", ");
  return who.empty() ? who : std::string(label) + who;
}

std::string labelled(std::string_view label, std::string_view text) {
  return text.empty() ? std::string() : std::string(label) + std::string(text);
}

// The day of a time in UTC.
std::optional<std::string> day_of(std::string_view time) {
  const auto at = parse_rfc3339(time);
  if (!at) return std::nullopt;
  return to_rfc3339(*at).substr(0, kDateBytes);
}

}  // namespace

std::optional<std::string> unreadable(const Result<json::Document>& document,
                                      std::string_view schema) {
  if (!document) return "The hub's document could not be read: " + document.error().detail;
  const std::string_view named = (*document)["schema"].text();
  if (named == schema) return std::nullopt;
  return "This connector takes " + std::string(schema) + " here, not \"" + std::string(named) +
         "\".";
}

IssueDraft draft_of(const json::Document& ticket, std::string_view correlation) {
  IssueDraft draft;
  const std::string_view reference = ticket["reference"].text();
  const std::string subject = to_valid_utf8(ticket["subject"].text());
  bool cut = false;
  draft.subject = subject_line(
      reference.empty() ? subject : "[" + std::string(reference) + "] " + subject, cut);
  draft.status = ticket["status"].text();
  draft.priority = ticket["priority"].text();

  const std::string_view due = ticket["due_at"].text();
  const auto due_day = day_of(due);
  const auto opened_day = day_of(ticket["opened_at"].text());
  if (due_day && opened_day && *opened_day <= *due_day) {
    draft.start_date = opened_day;
    draft.due_date = due_day;
  }

  const std::string facts =
      join({join({reference, ticket["kind"].text()}, ", "),
            labelled("Service: ", ticket["service"].text()),
            labelled("Customer: ", ticket["customer"].text()), contact("User: ", ticket["user"]),
            contact("Contact: ", ticket["desk"]), labelled("Due: ", due)},
           "\n");
  draft.description = to_valid_utf8(join({cut ? subject : std::string_view(),
                                          normalized(ticket["description"].text()), "---", facts},
                                         "\n\n")) +
                      "\n" + marker(correlation);
  return draft;
}

std::string note_of(const json::Document& comment, std::string_view correlation) {
  const std::string signature = join({comment["author"].text(), comment["reference"].text()}, ", ");
  return to_valid_utf8(join({normalized(comment["text"].text()), signature}, "\n\n")) + "\n" +
         marker(correlation);
}

std::string IssueView::description() const {
  return normalized(issue_["description"].text());
}

std::string IssueView::custom_field(std::int64_t id) const {
  const json::View fields = issue_["custom_fields"];
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields.at(i)["id"].integer(-1) == id) return std::string(fields.at(i)["value"].text());
  }
  return {};
}

std::string IssueView::correlation(std::optional<std::int64_t> field) const {
  if (field) {
    if (std::string value = custom_field(*field); !value.empty()) return value;
  }
  return marked(description()).value_or(std::string());
}

}  // namespace ombud::redmine
