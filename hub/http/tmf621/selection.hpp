// The query of a list or of one ticket: filters, fields, page.
//   status=pending&relatedParty.role=requester&lastUpdate.gte=2026-11-22T00:00:00Z&fields=id,status
// An attribute that there is not, or an operator that there is not, is refused: a filter that is
// dropped would answer somebody else's ticket to a search for one's own.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/tmf621/dialect.hpp"

namespace ombud::http::tmf {

inline constexpr std::int64_t kLimitDefault = 100, kLimitMax = 500;

struct Filter {
  enum class Operator { equal, gt, gte, lt, lte };
  std::string path;  // "relatedParty.id"
  Operator op = Operator::equal;
  std::string value;
  std::optional<Instant> at;  // of a date-time
};

struct Selection {
  std::vector<Filter> filters;
  std::vector<std::string> fields;  // empty: all
  std::int64_t offset = 0, limit = kLimitDefault;
  // v5: by id of a ticket, in the order of the list, both excluded; and the order turned round.
  std::string after, before;
  bool newest_first = false;

  const Filter* find(std::string_view path, Filter::Operator op = Filter::Operator::equal) const;
  bool matches(json::View document) const;
};

// `list`: filters and a page are taken too.
Result<Selection> selection_of(std::string_view query, const Dialect& dialect, bool list);

// The document with its fields chosen: v4 adds id and href to what was asked for.
std::string chosen(std::string document, const Selection& selection, const Settings& settings,
                   const Dialect& dialect);

}  // namespace ombud::http::tmf
