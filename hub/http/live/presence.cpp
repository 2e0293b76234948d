#include "http/live/presence.hpp"

#include <utility>

namespace ombud::http::live {

bool Presence::look(TicketId ticket, Window window, Looker looker, Instant now) {
  const auto before = at(ticket);
  tickets_[ticket].insert_or_assign(window, Place{std::move(looker), now + lasts_});
  return at(ticket) != before;
}

bool Presence::leave(TicketId ticket, Window window) {
  const auto found = tickets_.find(ticket);
  if (found == tickets_.end() || found->second.erase(window) == 0) return false;
  if (found->second.empty()) tickets_.erase(found);
  return true;
}

template <class Gone>
std::vector<TicketId> Presence::remove(Gone gone) {
  std::vector<TicketId> changed;
  for (auto ticket = tickets_.begin(); ticket != tickets_.end();) {
    if (std::erase_if(ticket->second, gone) > 0) changed.push_back(ticket->first);
    ticket = ticket->second.empty() ? tickets_.erase(ticket) : std::next(ticket);
  }
  return changed;
}

std::vector<TicketId> Presence::leave_all(Window window) {
  return remove([&](const auto& place) { return place.first == window; });
}

std::vector<TicketId> Presence::expire(Instant now) {
  return remove([&](const auto& place) { return place.second.until <= now; });
}

bool Presence::looks(TicketId ticket, Window window) const {
  const auto found = tickets_.find(ticket);
  return found != tickets_.end() && found->second.contains(window);
}

std::vector<Looker> Presence::at(TicketId ticket) const {
  const auto found = tickets_.find(ticket);
  if (found == tickets_.end()) return {};
  std::map<std::string, Looker> people;
  for (const auto& [window, place] : found->second) {
    const auto [known, first] = people.emplace(place.looker.actor, place.looker);
    if (!first && known->second.writing.empty()) known->second = place.looker;
  }
  std::vector<Looker> all;
  for (auto& [actor, looker] : people) all.push_back(std::move(looker));
  return all;
}

}  // namespace ombud::http::live
