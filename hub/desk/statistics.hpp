// Use cases of statistics: figures of a span of time, and exactly the tickets that each counts.
// What is counted is what happened in that time, to tickets as they are now:
//   registered      tickets that were registered
//   resolved        tickets whose last resolution was then, and still stands
//   closed          tickets that were closed, and still are
//   reopened        tickets that were opened again after they had been resolved or closed
//   backlog         tickets that were open at its end; oldest_open_at: registration of the oldest
//   first_response  tickets that got the desk's first words then: from registration to those
//   resolution      of `resolved`: from registration to the last resolution
// A ticket that was handed to several suppliers counts for each; the totals have it once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "desk/days.hpp"
#include "store/statistics.hpp"
#include "store/tickets.hpp"

namespace ombud::desk {

inline constexpr std::size_t kStatisticsDaysMax = 1100;

struct Duration {
  std::int64_t count = 0;
  std::optional<std::int64_t> p50_ms, p90_ms;  // nearest rank; none without any
};
struct Figures {
  std::int64_t registered = 0, resolved = 0, closed = 0, reopened = 0, backlog = 0;
  Duration first_response, resolution;
  std::optional<Instant> oldest_open_at;
};
struct FigureLine {
  std::string key, label;
  FigureScope scope;  // of exactly these tickets
  Figures figures;
};
struct Statistics {
  FigureScope scope;
  Figures totals;
  std::vector<FigureLine> rows;  // days in their order, without gaps; others by their label
};
struct StatisticsRequest {
  FigureScope scope;
  FigureBy by = FigureBy::day;
  std::string zone = "UTC";  // is_zone
};
Result<Statistics> statistics(Tx& tx, const StatisticsRequest& request);

struct CountedListing {
  std::vector<Ticket> tickets;
  std::optional<CountedKey> next;
};
// The tickets that a figure of this scope counts, the newest first.
Result<CountedListing> list_counted(Tx& tx, const FigureScope& scope, Figure figure,
                                    const std::optional<CountedKey>& before, int limit);

}  // namespace ombud::desk
