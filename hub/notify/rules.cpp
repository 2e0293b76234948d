#include "notify/rules.hpp"

#include <algorithm>

namespace ombud::notify {
namespace {

std::optional<Kind> kind_of_message(const Happening& h) {
  if (!h.desk_to_user) return std::nullopt;
  if (h.with_status == TicketStatus::resolved) return Kind::solved;
  if (h.with_status == TicketStatus::waiting_user) return Kind::waiting_for_you;
  return Kind::replied;
}

std::optional<Kind> kind_of_status(const Happening& h) {
  // The message or the decision tells it; and of a merge whoever is new in the other ticket hears
  // from there.
  if (h.with_message || h.with_decision || h.merging || h.before == h.after) return std::nullopt;
  switch (h.after) {
    case TicketStatus::resolved:
      return Kind::solved;
    case TicketStatus::closed:
      return Kind::closed;
    case TicketStatus::waiting_user:
      return Kind::waiting_for_you;
    case TicketStatus::in_progress:
    case TicketStatus::waiting_supplier:
      // Who of the provider's side has it is not the user's business.
      if (h.before == TicketStatus::resolved || h.before == TicketStatus::closed) {
        return Kind::reopened;
      }
      if (h.before == TicketStatus::fresh) return Kind::status_changed;
      return std::nullopt;
    case TicketStatus::fresh:
      if (h.before == TicketStatus::resolved || h.before == TicketStatus::closed) {
        return Kind::reopened;
      }
      return std::nullopt;
  }
  return std::nullopt;
}

void add(std::vector<Tell>& all, PersonId person, Kind kind) {
  const bool there =
      std::any_of(all.begin(), all.end(), [&](const Tell& one) { return one.person == person; });
  if (person.value != 0 && !there) all.push_back({person, kind});
}

}  // namespace

std::vector<Tell> whom_to_tell(const Happening& h, const Concerned& people) {
  std::vector<Tell> all;
  if (h.quiet) return all;
  const auto to_all = [&](Kind kind) {
    add(all, people.requester, kind);
    for (const PersonId person : people.participants) add(all, person, kind);
  };
  switch (h.what) {
    case Happening::What::registered:
      add(all, people.requester, Kind::registered);
      return all;  // he wrote it himself, mostly
    case Happening::What::message:
      if (const auto kind = kind_of_message(h)) to_all(*kind);
      break;
    case Happening::What::status:
      if (const auto kind = kind_of_status(h)) to_all(*kind);
      break;
    case Happening::What::participant_added:
      for (const PersonId person : h.whom) add(all, person, Kind::added);
      break;
    case Happening::What::approval_requested:
      for (const PersonId person : h.whom) add(all, person, Kind::approval_needed);
      break;
    case Happening::What::approval_decided:
      to_all(Kind::approval_decided);
      break;
  }
  std::erase_if(all, [&](const Tell& one) {
    return std::find(h.by.begin(), h.by.end(), one.person) != h.by.end();
  });
  return all;
}

bool is_answer_too(const Happening& h) {
  return h.what == Happening::What::message && h.desk_to_user;
}

}  // namespace ombud::notify
