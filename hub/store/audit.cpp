#include "store/audit.hpp"

#include <fmt/format.h>

#include "base/bytes.hpp"

namespace ombud {
namespace {

constexpr Sql kLastSeal{"SELECT seal FROM audit ORDER BY audit_id DESC LIMIT 1"};
constexpr Sql kAdd{
    "INSERT INTO audit (at, actor, actor_name, type, subject, subject_id, summary, data, seal)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"};
#define OMBUD_AUDIT_COLUMNS \
  "audit_id, at, actor, actor_name, type, subject, subject_id, summary, data"
#define OMBUD_AUDIT_FILTER                                                                        \
  " AND ($2 IS NULL OR at >= $2) AND ($3 IS NULL OR at < $3) AND ($4 IS NULL OR actor = $4)"      \
  " AND ($5 IS NULL OR type = $5 OR (substr($5, -1) = '.' AND substr(type, 1, length($5)) = $5))" \
  " AND ($6 IS NULL OR subject = $6) AND ($7 IS NULL OR subject_id = $7)"                         \
  " ORDER BY audit_id DESC LIMIT $8"
// One text per index that leads.
constexpr Sql kList{"SELECT " OMBUD_AUDIT_COLUMNS
                    " FROM audit NOT INDEXED WHERE audit_id < $1" OMBUD_AUDIT_FILTER};
constexpr Sql kListActor{
    "SELECT " OMBUD_AUDIT_COLUMNS
    " FROM audit INDEXED BY audit_actor WHERE actor = $4 AND audit_id < $1" OMBUD_AUDIT_FILTER};
constexpr Sql kListSubject{
    "SELECT " OMBUD_AUDIT_COLUMNS
    " FROM audit INDEXED BY audit_subject WHERE subject = $6 AND subject_id = $7"
    " AND audit_id < $1" OMBUD_AUDIT_FILTER};
constexpr Sql kListType{
    "SELECT " OMBUD_AUDIT_COLUMNS
    " FROM audit INDEXED BY audit_type WHERE type = $5 AND audit_id < $1" OMBUD_AUDIT_FILTER};
constexpr Sql kWhole{"SELECT " OMBUD_AUDIT_COLUMNS ", seal FROM audit ORDER BY audit_id"};

AuditEntry entry_from(const Rows& row) {
  return {row.integer(0), row.instant(1), row.text(2), row.text(3), row.text(4),
          row.text(5),    row.text(6),    row.text(7), row.text(8)};
}

// Each text with its length, so that nothing can be moved from one to the next.
std::string seal_of(std::string_view before, const AuditEntry& e) {
  std::string all(before);
  all += fmt::format("\n{}\n", ms_of(e.at));
  for (const std::string* text :
       {&e.actor, &e.actor_name, &e.type, &e.subject, &e.subject_id, &e.summary, &e.data}) {
    all += fmt::format("{}:", text->size());
    all += *text;
  }
  return sha256_hex(all);
}

}  // namespace

void record_audit(Tx& tx, std::string_view type, std::string_view subject,
                  std::string_view subject_id, std::string_view data, std::string_view summary) {
  std::string before;
  {
    Rows rows = tx.query(kLastSeal);
    if (rows.next()) before = rows.text(0);
  }
  AuditEntry e;
  e.at = tx.at();
  e.actor = tx.principal().actor();
  e.actor_name = tx.principal().name;
  e.type = type;
  e.subject = subject;
  e.subject_id = subject_id;
  e.data = data;
  const std::size_t dot = type.find('.');
  const std::string_view verb = dot == std::string_view::npos ? type : type.substr(dot + 1);
  e.summary =
      summary.empty() ? fmt::format("{} {}: {}", subject, subject_id, verb) : std::string(summary);
  const std::string seal = seal_of(before, e);
  tx.run(kAdd, e.at, e.actor, e.actor_name, e.type, e.subject, e.subject_id, e.summary, e.data,
         seal);
}

std::vector<AuditEntry> list_audit(Tx& tx, const AuditFilter& f, std::int64_t before, int limit) {
  const bool whole_type = !f.type.empty() && f.type.back() != '.';
  const Sql& sql = !f.subject.empty() && !f.subject_id.empty() ? kListSubject
                   : !f.actor.empty()                          ? kListActor
                   : whole_type                                ? kListType
                                                               : kList;
  std::vector<AuditEntry> all;
  for (Rows rows = tx.query(sql, before, f.from, f.to, or_null(f.actor), or_null(f.type),
                            or_null(f.subject), or_null(f.subject_id), limit);
       rows.next();) {
    all.push_back(entry_from(rows));
  }
  return all;
}

std::vector<std::string> verify_audit(Tx& tx) {
  std::vector<std::string> broken;
  std::string before;
  std::int64_t expected = 1;
  for (Rows rows = tx.query(kWhole); rows.next(); ++expected) {
    const AuditEntry entry = entry_from(rows);
    if (entry.id != expected) {
      broken.push_back(fmt::format("audit: entries {} to {} are gone", expected, entry.id - 1));
      expected = entry.id;
    } else if (rows.view(9) != seal_of(before, entry)) {
      broken.push_back(fmt::format("audit: entry {} is not what was written", entry.id));
    }
    before = rows.text(9);
  }
  return broken;
}

}  // namespace ombud
