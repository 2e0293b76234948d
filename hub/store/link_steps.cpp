#include "store/link_steps.hpp"

#include <map>
#include <string>

#include "store/directory.hpp"
#include "store/outbox.hpp"

namespace ombud {
namespace {

constexpr Sql kMark{"SELECT at, attempt_id FROM link_step_mark WHERE one = 1"};
constexpr Sql kPutMark{
    "INSERT INTO link_step_mark (one, at, attempt_id) VALUES (1, $1, $2)"
    " ON CONFLICT (one) DO UPDATE SET at = $1, attempt_id = $2"};
constexpr Sql kLastAttempt{"SELECT coalesce(max(attempt_id), 0) FROM attempt"};
constexpr Sql kFailed{
    "SELECT d.link_id, count(*) FROM attempt a JOIN delivery d ON d.delivery_id = a.delivery_id"
    " WHERE a.attempt_id > $1 AND a.attempt_id <= $2 AND (a.step = 'write' OR a.step = 'find')"
    " AND a.status <> 'ok' AND a.status <> 'not there' GROUP BY d.link_id"
    " -- all tenants: numbers of a link"};
constexpr Sql kDone{
    "SELECT count(*) FROM delivery INDEXED BY delivery_done WHERE state = 'done' AND link_id = $1"
    " AND finished_at > $2 AND finished_at <= $3 -- all tenants: numbers of a link"};
constexpr Sql kAdd{
    "INSERT INTO link_step (link_id, at, done, failed, backlog, oldest_at)"
    " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (link_id, at) DO NOTHING"};
constexpr Sql kForget{"DELETE FROM link_step WHERE link_id = $1 AND at <= $2"};
constexpr Sql kSteps{
    "SELECT at, done, failed, backlog, oldest_at FROM link_step WHERE link_id = $1 AND at > $2"
    " ORDER BY at"};

}  // namespace

void write_link_steps(Tx& tx) {
  const Instant step = tx.at() - (tx.at().time_since_epoch() % kLinkStep);
  std::optional<Instant> from;
  std::int64_t attempt = 0, last = 0;
  {
    Rows mark = tx.query(kMark);
    if (mark.next()) {
      from = mark.instant(0);
      attempt = mark.integer(1);
    }
  }
  if (from && *from >= step) return;
  {
    Rows row = tx.query(kLastAttempt);
    if (row.next()) last = row.integer(0);
  }
  if (from) {
    std::map<std::string, std::int64_t> failed;
    for (Rows rows = tx.query(kFailed, attempt, last); rows.next();) {
      failed[rows.text(0)] = rows.integer(1);
    }
    for (const Link& link : list_links(tx)) {
      std::int64_t done = 0;
      {
        Rows rows = tx.query(kDone, link.id, *from, tx.at());
        if (rows.next()) done = rows.integer(0);
      }
      const LinkBacklog backlog = backlog_of(tx, link.id);
      tx.run(kAdd, link.id, step, done, failed[link.id], backlog.unfinished, backlog.oldest_at);
      tx.run(kForget, link.id, step - kLinkStepsKept);
    }
  }
  tx.run(kPutMark, tx.at(), last);
}

std::vector<LinkStep> link_steps(Tx& tx, std::string_view link, Instant from) {
  std::vector<LinkStep> all;
  for (Rows rows = tx.query(kSteps, link, from); rows.next();) {
    all.push_back({rows.instant(0), rows.integer(1), rows.integer(2), rows.integer(3),
                   rows.maybe_instant(4)});
  }
  return all;
}

}  // namespace ombud
