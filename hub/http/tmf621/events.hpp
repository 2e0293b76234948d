// Which events a change is, for one audience: the difference between what it saw before and sees
// after. What it cannot see is no difference, so it makes no event.
#pragma once

#include <string>
#include <vector>

#include "http/tmf621/dialect.hpp"

namespace ombud::http::tmf {

struct News {
  std::string type;        // "TroubleTicketStatusChangeEvent"
  std::string field_path;  // what changed, separated by commas; for AttributeValueChange
};
// `before` is nothing for what has just come into being.
std::vector<News> news_of(const std::optional<Trouble>& before, const Trouble& after);

// The event as it is posted. `id` is the same whenever the same event is told to the same
// subscriber: that is what it recognises a repetition by.
std::string event_document(const News& news, const std::string& id, Instant at,
                           const Trouble& trouble, const Dialect& dialect,
                           const Settings& settings);

// Tells what the log holds beyond published_until() to every subscriber that may see it, each in
// its lane, by the link to subscribers; and moves on. For a transaction of the system's. False:
// there is nothing more to tell, or nobody to tell, or no link to tell by.
bool publish_some(Tx& tx, const Settings& settings);

}  // namespace ombud::http::tmf
