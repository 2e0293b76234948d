#include "http/tmf621/words.hpp"

#include <array>
#include <string>

#include "base/ascii.hpp"

namespace ombud::http::tmf {
namespace {

constexpr std::array<std::string_view, 8> kStatuses{
    "acknowledged", "rejected", "pending", "held", "inProgress", "cancelled", "closed", "resolved"};

struct Step {
  std::string_view from, to;
};
constexpr Step kSteps[] = {{"acknowledged", "inProgress"},
                           {"acknowledged", "held"},
                           {"acknowledged", "pending"},
                           {"acknowledged", "cancelled"},
                           {"inProgress", "held"},
                           {"inProgress", "pending"},
                           {"inProgress", "resolved"},
                           {"inProgress", "cancelled"},
                           {"held", "inProgress"},
                           {"held", "pending"},
                           {"held", "resolved"},
                           {"pending", "inProgress"},
                           {"pending", "held"},
                           {"pending", "resolved"},
                           {"pending", "cancelled"},
                           {"resolved", "closed"},
                           {"resolved", "inProgress"},
                           {"resolved", "held"},
                           {"resolved", "pending"}};

}  // namespace

bool is_status(std::string_view word) {
  for (const std::string_view known : kStatuses) {
    if (known == word) return true;
  }
  return false;
}

bool may_follow(std::string_view from, std::string_view to) {
  for (const Step& step : kSteps) {
    if (step.from == from && step.to == to) return true;
  }
  return false;
}

std::string_view status_of(TicketStatus status) {
  switch (status) {
    case TicketStatus::fresh:
      return "acknowledged";
    case TicketStatus::in_progress:
    case TicketStatus::waiting_supplier:
      return "inProgress";
    case TicketStatus::waiting_user:
      return "pending";
    case TicketStatus::resolved:
      return "resolved";
    case TicketStatus::closed:
      return "closed";
  }
  return "inProgress";
}

std::string_view status_of(DelegationState state) {
  switch (state) {
    case DelegationState::draft:
    case DelegationState::sent:
    case DelegationState::acknowledged:
      return "acknowledged";
    case DelegationState::in_progress:
    case DelegationState::rejected:
      return "inProgress";
    case DelegationState::waiting_on_us:
      return "pending";
    case DelegationState::resolved:
      return "resolved";
    case DelegationState::accepted:
    case DelegationState::closed:
      return "closed";
    case DelegationState::withdrawn:
      return "cancelled";
  }
  return "inProgress";
}

std::optional<SupplierStatus> supplier_status(std::string_view word) {
  if (word == "acknowledged") return SupplierStatus::fresh;
  if (word == "inProgress") return SupplierStatus::in_progress;
  if (word == "resolved") return SupplierStatus::resolved;
  // It will not or cannot go on: the desk must act.
  if (word == "pending" || word == "held" || word == "rejected" || word == "cancelled") {
    return SupplierStatus::waiting;
  }
  return std::nullopt;
}

std::string_view severity_of(Priority priority) {
  switch (priority) {
    case Priority::urgent:
      return "Critical";
    case Priority::high:
      return "Major";
    case Priority::normal:
    case Priority::low:
      return "Minor";
  }
  return "Minor";
}

std::string_view priority_word(Priority priority) {
  switch (priority) {
    case Priority::urgent:
      return "Critical";
    case Priority::high:
      return "High";
    case Priority::normal:
      return "Medium";
    case Priority::low:
      return "Low";
  }
  return "Medium";
}

std::optional<Priority> priority_from(std::string_view word) {
  const std::string text = ascii_lower(word);
  if (text == "critical" || text == "urgent" || text == "p1" || text == "1")
    return Priority::urgent;
  if (text == "high" || text == "major" || text == "p2" || text == "2") return Priority::high;
  if (text == "medium" || text == "normal" || text == "minor" || text == "p3" || text == "3") {
    return Priority::normal;
  }
  if (text == "low" || text == "p4" || text == "4") return Priority::low;
  return std::nullopt;
}

std::optional<TicketKind> kind_from(std::string_view ticket_type) {
  const std::string text = ascii_lower(ticket_type);
  if (text == "incident") return TicketKind::incident;
  if (text == "order" || text == "servicerequest" || text == "request") return TicketKind::order;
  if (text == "question" || text == "information") return TicketKind::question;
  return std::nullopt;
}

}  // namespace ombud::http::tmf
