// Who changed what, besides tickets, whose log is the event log. Only ever added to: triggers
// refuse anything else, and each entry seals the one before it, so that `ombud audit verify` sees
// what was done to the file by other means.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.hpp"

namespace ombud {

struct AuditEntry {
  std::int64_t id = 0;
  Instant at;
  std::string actor, actor_name, type, subject, subject_id, summary, data;
};

// In the transaction of the change itself, as its principal. `type`: "customer.changed"; `subject`:
// "customer"; `data`: a JSON object, without secrets. An empty summary is made of the others.
void record_audit(Tx& tx, std::string_view type, std::string_view subject,
                  std::string_view subject_id, std::string_view data = "{}",
                  std::string_view summary = {});

struct AuditFilter {
  std::optional<Instant> from, to;               // from (inclusive) until (exclusive)
  std::string actor, type, subject, subject_id;  // empty: any; type "link." has all that begin so
};
// The newest first; `before`: the id of the last one seen.
std::vector<AuditEntry> list_audit(Tx& tx, const AuditFilter& filter, std::int64_t before,
                                   int limit);

// Where the chain of seals is broken; empty: it is whole.
std::vector<std::string> verify_audit(Tx& tx);

}  // namespace ombud
