#include "sim/told.hpp"

#include <fmt/format.h>

#include <map>
#include <set>
#include <utility>

#include "base/json.hpp"

namespace ombud::sim {
namespace {

constexpr Sql kLeft{
    "SELECT (SELECT coalesce(max(event_id), 0) FROM event)"
    " - (SELECT until FROM notify_cursor WHERE log = 'ticket')"
    " + (SELECT coalesce(max(event_id), 0) FROM notice_event)"
    " - (SELECT until FROM notify_cursor WHERE log = 'notice')"
    " + (SELECT count(*) FROM broadcast WHERE state = 'open')"
    " + (SELECT count(*) FROM notification WHERE due_at IS NOT NULL) -- all tenants: audit"};
constexpr Sql kEvents{
    "SELECT e.event_id, e.ticket_id, e.at, e.actor, e.type, e.data, t.requester_id FROM event e"
    " JOIN ticket t ON t.ticket_id = e.ticket_id ORDER BY e.ticket_id, e.version"
    " -- all tenants: audit"};
constexpr Sql kTold{
    "SELECT n.event_id, n.person_id, json_extract(d.body, '$.to.address') = p.email"
    " FROM notification n JOIN person p ON p.person_id = n.person_id"
    " JOIN delivery d ON d.delivery_id = n.delivery_id JOIN lane l ON l.lane_id = d.lane_id"
    " WHERE n.mail = 'enqueued' AND n.notice_id = 0 AND (l.letter = 1 OR l.person_id = n.person_id)"
    " -- all tenants: audit"};
constexpr Sql kWrongThread{
    "SELECT count(*) FROM notification n JOIN delivery d ON d.delivery_id = n.delivery_id"
    " JOIN lane l ON l.lane_id = d.lane_id WHERE l.letter = 0 AND l.person_id <> n.person_id"
    " -- all tenants: audit"};
// What is published now and not over, and who of the customer has not been told of these words.
constexpr Sql kForgotten{
    "SELECT count(*) FROM notice n JOIN notice_customer c ON c.notice_id = n.notice_id"
    " AND c.shown = 1 JOIN person p ON p.customer_id = c.customer_id"
    " WHERE n.review = 'published' AND n.kind = 'outage' AND n.link_id = '' AND n.state <> 'over'"
    " AND NOT EXISTS (SELECT 1 FROM notification t WHERE t.notice_id = n.notice_id"
    "  AND t.person_id = p.person_id AND t.event_id = 4 * (n.edition - 1) + 1"
    "  AND (p.email = '' OR t.mail = 'enqueued')) -- all tenants: audit"};
// What is over and was not withdrawn, and who was told that it began and not since that it is over,
// in whichever words.
constexpr Sql kNeverOver{
    "SELECT count(*) FROM notice n JOIN notice_customer c ON c.notice_id = n.notice_id"
    " AND c.shown = 1 WHERE n.review = 'published' AND n.kind = 'outage' AND n.link_id = ''"
    " AND n.state = 'over' AND EXISTS (SELECT 1 FROM notification t"
    "  JOIN person p ON p.person_id = t.person_id AND p.customer_id = c.customer_id"
    "  WHERE t.notice_id = n.notice_id AND t.event_id % 4 = 1 AND NOT EXISTS"
    "  (SELECT 1 FROM notification o WHERE o.notice_id = n.notice_id AND o.person_id = t.person_id"
    "   AND o.event_id % 4 = 2 AND o.event_id > t.event_id)) -- all tenants: audit"};
// A mail that tells what the log says earlier than the one before it; and one that tells nothing.
constexpr Sql kOutOfOrder{
    "SELECT count(*) FROM delivery a JOIN delivery b ON b.lane_id = a.lane_id"
    " AND b.lane_seq > a.lane_seq JOIN lane l ON l.lane_id = a.lane_id AND l.letter = 0"
    " JOIN notification na ON na.delivery_id = a.delivery_id"
    " JOIN notification nb ON nb.delivery_id = b.delivery_id WHERE nb.event_id <= na.event_id"
    " -- all tenants: audit"};
constexpr Sql kOrphans{
    "SELECT count(*) FROM delivery d JOIN lane l ON l.lane_id = d.lane_id"
    " WHERE (l.person_id <> 0 OR l.letter = 1) AND NOT EXISTS (SELECT 1 FROM notification n WHERE "
    "n.delivery_id = d.delivery_id)"
    " -- all tenants: audit"};

using Pair = std::pair<std::int64_t, std::int64_t>;  // event, person

using Since = std::map<std::int64_t, std::int64_t>;  // person: since when he takes part

struct Logged {
  std::int64_t id = 0, ticket = 0, at = 0, requester = 0;
  std::string actor, type;
  json::Document data;
};

bool said_by_desk(const Logged& e) {
  return e.type == "message_added" && e.data["from"].text() == "desk" &&
         e.data["visibility"].text() == "user" && !e.data["said_at"].present();
}

bool is_open(std::string_view status) {
  return status != "resolved" && status != "closed";
}

// One ticket's log, oldest first, without files.
class Reader {
 public:
  explicit Reader(std::set<Pair>& must) : must_(must) {}

  void read(const std::vector<Logged>& log, const Since& participants) {
    std::string status = "new";
    for (std::size_t i = 0; i < log.size(); ++i) {
      const Logged& e = log[i];
      const Logged* next = i + 1 < log.size() ? &log[i + 1] : nullptr;
      const bool with_next = next != nullptr && next->at == e.at && next->actor == e.actor;
      const bool with_last = i > 0 && log[i - 1].at == e.at && log[i - 1].actor == e.actor;
      if (e.type == "registered" && !e.data["quiet"].boolean(false)) {
        must_.insert({e.id, e.requester});
      }
      if (e.type == "participant_added") must_.insert({e.id, e.data["person"].integer()});
      if (said_by_desk(e)) to_all(e, participants);
      if (e.type != "status_changed") continue;
      const std::string before = std::exchange(status, std::string(e.data["status"].text()));
      const bool merges = with_next && next->type == "merged";
      const bool told = with_last && said_by_desk(log[i - 1]);
      const bool reopens = !is_open(before) && is_open(status) && status != "new";
      const bool matters = !is_open(status) || status == "waiting_user" || reopens;
      if (matters && before != status && !merges && !told) to_all(e, participants);
    }
  }

 private:
  void to_all(const Logged& e, const Since& participants) {
    std::set<std::int64_t> people{e.requester};
    for (const auto& [person, since] : participants) {
      if (since <= e.at) people.insert(person);
    }
    for (const std::int64_t person : people) {
      if (person != 0 && e.actor != fmt::format("user:{}", person)) must_.insert({e.id, person});
    }
  }
  std::set<Pair>& must_;
};

std::int64_t number(Tx& tx, const Sql& sql) {
  Rows rows = tx.query(sql);
  return rows.next() ? rows.integer(0) : 0;
}

}  // namespace

bool is_all_told(SimStore& store) {
  return *store.run(system_principal("auditor"),
                    [](Tx& tx) -> std::optional<bool> { return number(tx, kLeft) == 0; });
}

void check_told(World& world, SimStore& store) {
  store.run(system_principal("auditor"), [&](Tx& tx) {
    std::map<std::int64_t, std::vector<Logged>> logs;
    std::map<std::int64_t, Since> participants;  // by ticket
    Rows rows = tx.query(kEvents);
    while (rows.next()) {
      Logged e;
      e.id = rows.integer(0);
      e.ticket = rows.integer(1);
      e.at = rows.integer(2);
      e.actor = rows.text(3);
      e.type = rows.text(4);
      e.data = json::parse(rows.text(5)).value();
      e.requester = rows.integer(6);
      if (e.type == "participant_added") {
        participants[e.ticket].try_emplace(e.data["person"].integer(), e.at);
      }
      if (e.type != "attachment_added") logs[e.ticket].push_back(std::move(e));
    }
    std::set<Pair> must, told;
    for (const auto& [ticket, log] : logs) Reader(must).read(log, participants[ticket]);
    Rows mails = tx.query(kTold);
    while (mails.next()) {
      const Pair one{mails.integer(0), mails.integer(1)};
      if (!told.insert(one).second) {
        world.fail(fmt::format("event {} was told twice to person {}", one.first, one.second));
      }
      if (mails.integer(2) != 1) {
        world.fail(fmt::format("event {} went to another's address", one.first));
      }
      if (!must.contains(one)) {
        world.fail(fmt::format("event {} was told to person {}, whom it does not concern",
                               one.first, one.second));
      }
    }
    for (const Pair& one : must) {
      if (told.contains(one)) continue;
      world.fail(fmt::format("event {} was never told to person {}", one.first, one.second));
    }
    if (const auto wrong = number(tx, kOutOfOrder); wrong > 0) {
      world.fail(fmt::format("{} mails about one ticket are out of order", wrong));
    }
    if (number(tx, kWrongThread) > 0) world.fail("a mail went into another person's thread");
    if (const auto forgotten = number(tx, kForgotten); forgotten > 0) {
      world.fail(fmt::format("{} people were never told of a major incident", forgotten));
    }
    if (number(tx, kNeverOver) > 0) world.fail("somebody was never told that it is over");
    if (const auto orphans = number(tx, kOrphans); orphans > 0) {
      world.fail(fmt::format("{} mails tell nothing that happened", orphans));
    }
    return true;
  });
}

}  // namespace ombud::sim
