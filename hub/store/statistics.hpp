// What statistics are counted from: one look at every ticket that may matter to a span of time.
// Scoped to the principal's tenant. What is counted, and as what, is decided in
// desk/statistics.hpp.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "domain/ids.hpp"
#include "domain/words.hpp"
#include "store/store.hpp"

namespace ombud {

enum class FigureBy { day, customer, service, team, supplier, kind, priority };
enum class Figure { registered, resolved, closed, reopened, backlog, first_response };
template <>
inline constexpr std::array kWords<FigureBy>{
    std::pair{FigureBy::day, std::string_view("day")},
    std::pair{FigureBy::customer, std::string_view("customer")},
    std::pair{FigureBy::service, std::string_view("service")},
    std::pair{FigureBy::team, std::string_view("team")},
    std::pair{FigureBy::supplier, std::string_view("supplier")},
    std::pair{FigureBy::kind, std::string_view("kind")},
    std::pair{FigureBy::priority, std::string_view("priority")}};
template <>
inline constexpr std::array kWords<Figure>{
    std::pair{Figure::registered, std::string_view("registered")},
    std::pair{Figure::resolved, std::string_view("resolved")},
    std::pair{Figure::closed, std::string_view("closed")},
    std::pair{Figure::reopened, std::string_view("reopened")},
    std::pair{Figure::backlog, std::string_view("backlog")},
    std::pair{Figure::first_response, std::string_view("first_response")}};

// Which tickets; as they are now. Nothing set: any.
struct FigureScope {
  Instant from, to;  // from (inclusive) until (exclusive)
  std::optional<std::string> customer, team, kind, priority;
  std::optional<std::string> service;   // "": those without one
  std::optional<std::string> supplier;  // key of the link that it was handed to, at any time
};

struct FigureRow {
  TicketId ticket;
  Instant created_at;
  std::optional<Instant> resolved_at, closed_at;  // now
  std::optional<Instant> responded_at;            // the desk's first words to the user
  std::string_view key;                           // by what is asked; empty: none, and for days
  bool again = false;  // this ticket stood in the row before: another supplier of it
};
// Every ticket of the scope that was registered before its end and may have something in it, in the
// order of registration.
void each_figure_row(Tx& tx, const FigureScope& scope, FigureBy by,
                     const std::function<void(const FigureRow&)>& take);

// When a ticket was resolved and opened again.
struct Gap {
  Instant resolved_at, reopened_at;
};
// Those that reach into the scope's time, by ticket (of any scope), the oldest first.
std::unordered_map<std::int64_t, std::vector<Gap>> gaps_between(Tx& tx, Instant from, Instant to);

// The tickets that a figure counts, the newest registration first. `before`: the last one seen.
struct CountedKey {
  std::int64_t created_at = 0;
  TicketId id;
};
std::vector<TicketId> counted_tickets(Tx& tx, const FigureScope& scope, Figure figure,
                                      const std::optional<CountedKey>& before, int limit);

}  // namespace ombud
