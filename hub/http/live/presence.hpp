// Who of the provider's people looks at which ticket, and what he writes there. In memory only;
// whoever does not say it again is gone after a while. Not thread-safe.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "domain/ids.hpp"

namespace ombud::http::live {

struct Looker {
  std::string actor;    // two windows of one agent are one looker
  std::string name;     // as colleagues know him
  std::string agent;    // key; empty if he has none
  std::string writing;  // "user", "internal", "supplier:<delegation>"; empty: he only looks
  bool operator==(const Looker&) const = default;
};

class Presence {
 public:
  using Window = const void*;  // one socket of his

  explicit Presence(Millis lasts) : lasts_(lasts) {}

  // True if others have something new to see.
  bool look(TicketId ticket, Window window, Looker looker, Instant now);
  bool leave(TicketId ticket, Window window);
  std::vector<TicketId> leave_all(Window window);  // where others have something new to see
  std::vector<TicketId> expire(Instant now);       // likewise

  bool looks(TicketId ticket, Window window) const;
  std::vector<Looker> at(
      TicketId ticket) const;  // by actor, each once; writing goes before looking
  bool empty() const { return tickets_.empty(); }

 private:
  struct Place {
    Looker looker;
    Instant until;
  };
  template <class Gone>
  std::vector<TicketId> remove(Gone gone);

  const Millis lasts_;
  std::map<TicketId, std::map<Window, Place>> tickets_;
};

}  // namespace ombud::http::live
