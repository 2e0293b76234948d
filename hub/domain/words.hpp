// The closed sets of words, each with the text that database, API and documents use (ITIL 4 terms).
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace ombud {

enum class TicketKind { incident, order, question };
enum class TicketStatus {
  fresh,             // "new": registered, nobody has begun
  in_progress,       // the desk works on it
  waiting_user,      // the user must answer
  waiting_supplier,  // a third party must act
  resolved,          // solved, the user may still object
  closed,
};
enum class Priority { low, normal, high, urgent };
enum class Channel { mail, portal, phone, api };
// Who may ever see a message: user and desk, only the desk, or the desk and one supplier.
enum class Visibility { user, internal, supplier };
enum class Party { user, desk, supplier, system };

// The states of a delegation:
// draft → sent → acknowledged → in_progress ⇄ waiting_on_us → resolved → accepted | rejected →
// closed, and withdrawn.
enum class DelegationState {
  draft,
  sent,
  acknowledged,
  in_progress,
  waiting_on_us,
  resolved,
  accepted,
  rejected,
  closed,
  withdrawn,
};
// What a supplier says of its copy (sdk/DOCUMENTS.md).
enum class SupplierStatus { fresh, in_progress, waiting, resolved, closed };

// What another ticket is to this one.
enum class RelationKind { parent, child, related, duplicate_of, duplicated_by };

// Whether an order has the yes that it needs from the customer's own organisation.
enum class ApprovalState { needed, approved, rejected, not_needed };
// Why a yes is asked for: a new order, a ticket that became one, the desk's wish, or nobody
// answered yet.
enum class ApprovalOccasion { registered, changed, asked, reminder };

// Specialised once per enum: every value with its text.
template <class Enum>
inline constexpr std::array<std::pair<Enum, std::string_view>, 0> kWords{};

template <>
inline constexpr std::array kWords<TicketKind>{
    std::pair{TicketKind::incident, std::string_view("incident")},
    std::pair{TicketKind::order, std::string_view("order")},
    std::pair{TicketKind::question, std::string_view("question")}};
template <>
inline constexpr std::array kWords<TicketStatus>{
    std::pair{TicketStatus::fresh, std::string_view("new")},
    std::pair{TicketStatus::in_progress, std::string_view("in_progress")},
    std::pair{TicketStatus::waiting_user, std::string_view("waiting_user")},
    std::pair{TicketStatus::waiting_supplier, std::string_view("waiting_supplier")},
    std::pair{TicketStatus::resolved, std::string_view("resolved")},
    std::pair{TicketStatus::closed, std::string_view("closed")}};
template <>
inline constexpr std::array kWords<Priority>{
    std::pair{Priority::low, std::string_view("low")},
    std::pair{Priority::normal, std::string_view("normal")},
    std::pair{Priority::high, std::string_view("high")},
    std::pair{Priority::urgent, std::string_view("urgent")}};
template <>
inline constexpr std::array kWords<Channel>{std::pair{Channel::mail, std::string_view("mail")},
                                            std::pair{Channel::portal, std::string_view("portal")},
                                            std::pair{Channel::phone, std::string_view("phone")},
                                            std::pair{Channel::api, std::string_view("api")}};
template <>
inline constexpr std::array kWords<Visibility>{
    std::pair{Visibility::user, std::string_view("user")},
    std::pair{Visibility::internal, std::string_view("internal")},
    std::pair{Visibility::supplier, std::string_view("supplier")}};
template <>
inline constexpr std::array kWords<Party>{std::pair{Party::user, std::string_view("user")},
                                          std::pair{Party::desk, std::string_view("desk")},
                                          std::pair{Party::supplier, std::string_view("supplier")},
                                          std::pair{Party::system, std::string_view("system")}};
template <>
inline constexpr std::array kWords<DelegationState>{
    std::pair{DelegationState::draft, std::string_view("draft")},
    std::pair{DelegationState::sent, std::string_view("sent")},
    std::pair{DelegationState::acknowledged, std::string_view("acknowledged")},
    std::pair{DelegationState::in_progress, std::string_view("in_progress")},
    std::pair{DelegationState::waiting_on_us, std::string_view("waiting_on_us")},
    std::pair{DelegationState::resolved, std::string_view("resolved")},
    std::pair{DelegationState::accepted, std::string_view("accepted")},
    std::pair{DelegationState::rejected, std::string_view("rejected")},
    std::pair{DelegationState::closed, std::string_view("closed")},
    std::pair{DelegationState::withdrawn, std::string_view("withdrawn")}};
template <>
inline constexpr std::array kWords<RelationKind>{
    std::pair{RelationKind::parent, std::string_view("parent")},
    std::pair{RelationKind::child, std::string_view("child")},
    std::pair{RelationKind::related, std::string_view("related")},
    std::pair{RelationKind::duplicate_of, std::string_view("duplicate_of")},
    std::pair{RelationKind::duplicated_by, std::string_view("duplicated_by")}};
template <>
inline constexpr std::array kWords<ApprovalState>{
    std::pair{ApprovalState::needed, std::string_view("needed")},
    std::pair{ApprovalState::approved, std::string_view("approved")},
    std::pair{ApprovalState::rejected, std::string_view("rejected")},
    std::pair{ApprovalState::not_needed, std::string_view("not_needed")}};
template <>
inline constexpr std::array kWords<ApprovalOccasion>{
    std::pair{ApprovalOccasion::registered, std::string_view("registered")},
    std::pair{ApprovalOccasion::changed, std::string_view("changed")},
    std::pair{ApprovalOccasion::asked, std::string_view("asked")},
    std::pair{ApprovalOccasion::reminder, std::string_view("reminder")}};
template <>
inline constexpr std::array kWords<SupplierStatus>{
    std::pair{SupplierStatus::fresh, std::string_view("new")},
    std::pair{SupplierStatus::in_progress, std::string_view("in_progress")},
    std::pair{SupplierStatus::waiting, std::string_view("waiting")},
    std::pair{SupplierStatus::resolved, std::string_view("resolved")},
    std::pair{SupplierStatus::closed, std::string_view("closed")}};

template <class Enum>
  requires(kWords<Enum>.size() > 0)
constexpr std::string_view to_text(Enum value) {
  for (const auto& [word, text] : kWords<Enum>) {
    if (word == value) return text;
  }
  return "unknown";
}

template <class Enum>
constexpr std::optional<Enum> from_text(std::string_view text) {
  for (const auto& [word, name] : kWords<Enum>) {
    if (name == text) return word;
  }
  return std::nullopt;
}

// "incident, order or question", for messages.
template <class Enum>
std::string choices() {
  std::string all;
  for (std::size_t i = 0; i < kWords<Enum>.size(); ++i) {
    all += i == 0 ? "" : i + 1 == kWords<Enum>.size() ? " or " : ", ";
    all += kWords<Enum>[i].second;
  }
  return all;
}

}  // namespace ombud
