#include "store/link_troubles.hpp"

namespace ombud {
namespace {

constexpr Sql kNote{
    "INSERT INTO link_trouble (link_id, about, since, last_at, times, status, message, next_step)"
    " VALUES ($1, $2, $3, $3, 1, $4, $5, $6) ON CONFLICT (link_id, about) DO UPDATE SET"
    " last_at = excluded.last_at, times = times + 1, status = excluded.status,"
    " message = excluded.message, next_step = excluded.next_step"};
constexpr Sql kEnd{"DELETE FROM link_trouble WHERE link_id = $1 AND about = $2"};
constexpr Sql kEndAll{"DELETE FROM link_trouble WHERE about = $1"};
constexpr Sql kOfLink{
    "SELECT about, since, last_at, times, status, message, next_step FROM link_trouble"
    " WHERE link_id = $1 ORDER BY since, about"};

}  // namespace

void note_trouble(Tx& tx, const LinkTrouble& trouble) {
  tx.run(kNote, trouble.link, trouble.about, tx.at(), trouble.status, trouble.message,
         trouble.next_step);
  tx.touch_link(trouble.link);
}

void end_trouble(Tx& tx, std::string_view link, std::string_view about) {
  if (tx.run(kEnd, link, about) > 0) tx.touch_link(link);
}

void end_troubles_about(Tx& tx, std::string_view about) {
  tx.run(kEndAll, about);
}

std::vector<LinkTrouble> troubles_of(Tx& tx, std::string_view link) {
  std::vector<LinkTrouble> all;
  for (Rows rows = tx.query(kOfLink, link); rows.next();) {
    LinkTrouble trouble;
    trouble.link = link;
    trouble.about = rows.text(0);
    trouble.since = rows.instant(1);
    trouble.last_at = rows.instant(2);
    trouble.times = rows.integer(3);
    trouble.status = rows.text(4);
    trouble.message = rows.text(5);
    trouble.next_step = rows.text(6);
    all.push_back(std::move(trouble));
  }
  return all;
}

}  // namespace ombud
