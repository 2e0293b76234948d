#include "desk/statistics.hpp"

#include <algorithm>
#include <cmath>

#include "desk/limits.hpp"
#include "domain/policy.hpp"
#include "store/directory.hpp"

namespace ombud::desk {
namespace {

// Users see their own tickets; figures are for whoever answers for all of them.
std::optional<Problem> needs_overview(const Tx& tx) {
  if (role_may(tx.principal().role, Permission::statistics_read)) return std::nullopt;
  return problem(ProblemKind::forbidden,
                 "Statistics are for the desk and for customers' managers.");
}

// A customer's manager learns of no supplier.
std::optional<Problem> needs_inside_for_suppliers(const Tx& tx, const FigureScope& scope,
                                                  bool by_supplier) {
  if (tx.principal().inside()) return std::nullopt;
  if (scope.supplier) return invalid("?supplier", "is for the desk");
  if (by_supplier) return invalid("?by", "supplier is for the desk");
  return std::nullopt;
}

// One line while it is counted.
struct Count {
  Instant from, to;
  Figures figures;
  std::vector<std::int64_t> first_response_ms, resolution_ms;

  bool has(const std::optional<Instant>& at) const { return at && *at >= from && *at < to; }
  void happened(const FigureRow& row) {
    if (has(row.created_at)) ++figures.registered;
    if (has(row.closed_at)) ++figures.closed;
    if (has(row.responded_at))
      first_response_ms.push_back((*row.responded_at - row.created_at).count());
    if (has(row.resolved_at)) {
      ++figures.resolved;
      resolution_ms.push_back((*row.resolved_at - row.created_at).count());
    }
  }
  void open_at_end(Instant created_at) {
    ++figures.backlog;
    if (!figures.oldest_open_at) figures.oldest_open_at = created_at;  // they come in that order
  }
};

Duration duration_of(std::vector<std::int64_t>& all) {
  Duration duration;
  duration.count = static_cast<std::int64_t>(all.size());
  const auto rank = [&](std::size_t percent) {
    const std::size_t at = (all.size() * percent + 99) / 100 - 1;
    const auto place = all.begin() + static_cast<std::ptrdiff_t>(at);
    std::nth_element(all.begin(), place, all.end());
    return *place;
  };
  if (!all.empty()) {
    duration.p50_ms = rank(50);
    duration.p90_ms = rank(90);
  }
  return duration;
}

Figures finished(Count& count) {
  count.figures.first_response = duration_of(count.first_response_ms);
  count.figures.resolution = duration_of(count.resolution_ms);
  return count.figures;
}

using Gaps = std::unordered_map<std::int64_t, std::vector<Gap>>;

const std::vector<Gap>& gaps_of(const Gaps& all, TicketId ticket) {
  static const std::vector<Gap> kNone;
  const auto found = all.find(ticket.value);
  return found == all.end() ? kNone : found->second;
}

// As `counted_tickets` says it.
bool open_at(const FigureRow& row, const std::vector<Gap>& gaps, Instant moment) {
  if (row.created_at >= moment || (row.resolved_at && *row.resolved_at < moment)) return false;
  return std::none_of(gaps.begin(), gaps.end(), [moment](const Gap& gap) {
    return gap.resolved_at < moment && gap.reopened_at >= moment;
  });
}

bool reopened_in(const std::vector<Gap>& gaps, Instant from, Instant to) {
  return std::any_of(gaps.begin(), gaps.end(), [from, to](const Gap& gap) {
    return gap.reopened_at >= from && gap.reopened_at < to;
  });
}

void count_row(Count& count, const FigureRow& row, const std::vector<Gap>& gaps) {
  count.happened(row);
  if (!gaps.empty() && reopened_in(gaps, count.from, count.to)) ++count.figures.reopened;
  if (open_at(row, gaps, count.to)) count.open_at_end(row.created_at);
}

// Days are many, and a ticket concerns few of them: it is counted where something happened, and the
// days at whose end it was open are noted as spans.
class DayCounter {
 public:
  explicit DayCounter(const std::vector<Day>& days)
      : opened_(days.size() + 1), oldest_(days.size() + 1) {
    for (const Day& day : days) {
      counts_.push_back({day.begin, day.end, {}, {}, {}});
      ends_.push_back(day.end);
    }
    for (std::size_t i = 0; i < oldest_.size(); ++i) oldest_[i] = i;
  }

  void take(const FigureRow& row, const std::vector<Gap>& gaps) {
    if (Count* day = day_with(row.created_at)) ++day->figures.registered;
    if (Count* day = day_with(row.closed_at)) ++day->figures.closed;
    if (Count* day = day_with(row.responded_at)) {
      day->first_response_ms.push_back((*row.responded_at - row.created_at).count());
    }
    if (Count* day = day_with(row.resolved_at)) {
      ++day->figures.resolved;
      day->resolution_ms.push_back((*row.resolved_at - row.created_at).count());
    }
    const Count* last = nullptr;
    Instant opened_at = row.created_at;
    for (const Gap& gap : gaps) {
      Count* day = day_with(gap.reopened_at);
      if (day != nullptr && day != last) ++day->figures.reopened;  // once a day
      last = day;
      open_between(row.created_at, opened_at, gap.resolved_at);
      opened_at = gap.reopened_at;
    }
    open_between(row.created_at, opened_at, row.resolved_at);
  }

  std::vector<Count>& finish() {
    std::int64_t open = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      open += opened_[i];
      counts_[i].figures.backlog = open;
    }
    return counts_;
  }

 private:
  Count* day_with(const std::optional<Instant>& at) {
    if (!at || counts_.empty() || *at < counts_.front().from) return nullptr;
    const std::size_t day = first_end_after(*at);
    return day < counts_.size() ? &counts_[day] : nullptr;
  }
  std::size_t first_end_after(Instant at) const {
    return static_cast<std::size_t>(std::upper_bound(ends_.begin(), ends_.end(), at) -
                                    ends_.begin());
  }
  // Open at the ends of days that lie after `from` and not after `until`.
  void open_between(Instant created_at, Instant from, const std::optional<Instant>& until) {
    const std::size_t first = first_end_after(from);
    const std::size_t last = until ? first_end_after(*until) : ends_.size();
    if (first >= last) return;
    ++opened_[first];
    --opened_[last];
    // Tickets come in the order of registration: the first to be open at an end is the oldest.
    for (std::size_t day = unclaimed(first); day < last; day = unclaimed(day)) {
      counts_[day].figures.oldest_open_at = created_at;
      oldest_[day] = day + 1;
    }
  }
  // The first day from here on that has no oldest ticket yet.
  std::size_t unclaimed(std::size_t day) {
    while (oldest_[day] != day) {
      oldest_[day] = oldest_[oldest_[day]];
      day = oldest_[day];
    }
    return day;
  }

  std::vector<Count> counts_;
  std::vector<Instant> ends_;
  std::vector<std::int64_t> opened_;
  std::vector<std::size_t> oldest_;
};

std::unordered_map<std::string, std::string> labels_by(Tx& tx, FigureBy by) {
  std::unordered_map<std::string, std::string> labels;
  switch (by) {
    case FigureBy::customer:
      for (const Customer& c : list_customers(tx)) labels.emplace(c.id, c.name);
      break;
    case FigureBy::service:
      for (const Service& s : list_services(tx)) labels.emplace(s.id, s.name);
      break;
    case FigureBy::team:
      for (const Team& t : list_teams(tx)) labels.emplace(t.id, t.name);
      break;
    case FigureBy::supplier:
      for (const Link& l : list_links(tx)) labels.emplace(l.id, l.supplier);
      break;
    case FigureBy::day:
    case FigureBy::kind:
    case FigureBy::priority:
      break;
  }
  return labels;
}

FigureScope narrowed(FigureScope scope, FigureBy by, const std::string& key) {
  switch (by) {
    case FigureBy::day:
      break;
    case FigureBy::customer:
      scope.customer = key;
      break;
    case FigureBy::service:
      scope.service = key;
      break;
    case FigureBy::team:
      scope.team = key;
      break;
    case FigureBy::supplier:
      scope.supplier = key;
      break;
    case FigureBy::kind:
      scope.kind = key;
      break;
    case FigureBy::priority:
      scope.priority = key;
      break;
  }
  return scope;
}

bool is_empty(const Figures& f) {
  return f.registered + f.resolved + f.closed + f.reopened + f.backlog + f.first_response.count ==
         0;
}

void count_days(Tx& tx, const StatisticsRequest& request, const std::vector<Day>& days,
                const Gaps& gaps, Count& totals, Statistics& statistics) {
  DayCounter counter(days);
  each_figure_row(tx, request.scope, request.by, [&](const FigureRow& row) {
    const auto& of_ticket = gaps_of(gaps, row.ticket);
    count_row(totals, row, of_ticket);
    counter.take(row, of_ticket);
  });
  std::size_t i = 0;
  for (Count& count : counter.finish()) {
    FigureLine line{days[i].name, days[i].name, request.scope, finished(count)};
    line.scope.from = days[i].begin;
    line.scope.to = days[i].end;
    statistics.rows.push_back(std::move(line));
    ++i;
  }
}

struct TextHash : std::hash<std::string_view> {
  using is_transparent = void;
};

void count_keys(Tx& tx, const StatisticsRequest& request, const Gaps& gaps, Count& totals,
                Statistics& statistics) {
  std::unordered_map<std::string, Count, TextHash, std::equal_to<>> counts;
  const bool by_supplier = request.by == FigureBy::supplier;
  std::vector<std::string> suppliers;  // of the ticket at hand: it may have been there twice
  each_figure_row(tx, request.scope, request.by, [&](const FigureRow& row) {
    const auto& of_ticket = gaps_of(gaps, row.ticket);
    if (!row.again) count_row(totals, row, of_ticket);
    if (by_supplier) {
      if (!row.again) suppliers.clear();
      const bool other = request.scope.supplier && *request.scope.supplier != row.key;
      if (row.key.empty() || other ||
          std::find(suppliers.begin(), suppliers.end(), row.key) != suppliers.end()) {
        return;
      }
      suppliers.emplace_back(row.key);
    }
    auto found = counts.find(row.key);
    if (found == counts.end()) {
      found =
          counts.emplace(row.key, Count{request.scope.from, request.scope.to, {}, {}, {}}).first;
    }
    count_row(found->second, row, of_ticket);
  });
  const auto labels = labels_by(tx, request.by);
  for (auto& [key, count] : counts) {
    FigureLine line{key, key, narrowed(request.scope, request.by, key), finished(count)};
    if (const auto label = labels.find(key); label != labels.end()) line.label = label->second;
    if (!is_empty(line.figures)) statistics.rows.push_back(std::move(line));
  }
  std::sort(statistics.rows.begin(), statistics.rows.end(),
            [](const FigureLine& a, const FigureLine& b) {
              return a.label != b.label ? a.label < b.label : a.key < b.key;
            });
}

}  // namespace

Result<Statistics> statistics(Tx& tx, const StatisticsRequest& request) {
  if (auto refused = needs_overview(tx)) return *refused;
  const bool by_supplier = request.by == FigureBy::supplier;
  if (auto refused = needs_inside_for_suppliers(tx, request.scope, by_supplier)) return *refused;
  if (request.scope.from >= request.scope.to) return invalid("?to", "must be after from");
  const bool by_day = request.by == FigureBy::day;
  std::vector<Day> days;
  if (by_day) {
    days = days_between(request.zone, request.scope.from, request.scope.to, kStatisticsDaysMax);
    if (days.empty()) return invalid("?from", "is more than 1,100 days before to; ask for less");
  }
  Statistics statistics;
  statistics.scope = request.scope;
  const Gaps gaps = gaps_between(tx, request.scope.from, request.scope.to);
  Count totals{request.scope.from, request.scope.to, {}, {}, {}};
  if (by_day) {
    count_days(tx, request, days, gaps, totals, statistics);
  } else {
    count_keys(tx, request, gaps, totals, statistics);
  }
  statistics.totals = finished(totals);
  return statistics;
}

Result<CountedListing> list_counted(Tx& tx, const FigureScope& scope, Figure figure,
                                    const std::optional<CountedKey>& before, int limit) {
  if (auto refused = needs_overview(tx)) return *refused;
  if (auto refused = needs_inside_for_suppliers(tx, scope, false)) return *refused;
  limit = std::clamp(limit, 1, kPageMax);
  CountedListing listing;
  for (const TicketId id : counted_tickets(tx, scope, figure, before, limit + 1)) {
    if (auto ticket = find_ticket(tx, id)) listing.tickets.push_back(std::move(*ticket));
  }
  if (listing.tickets.size() > static_cast<std::size_t>(limit)) {
    listing.tickets.pop_back();
    const Ticket& last = listing.tickets.back();
    listing.next = CountedKey{ms_of(last.created_at), last.id};
  }
  return listing;
}

}  // namespace ombud::desk
