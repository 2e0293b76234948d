#include "store/notices.hpp"

#include "base/assert.hpp"
#include "store/spaced.hpp"

namespace ombud {
namespace {

#define OMBUD_NOTICE_COLUMNS                                                            \
  "n.notice_id, n.link_id, n.supplier, n.remote_id, n.kind, n.state, n.title, n.text,"  \
  " n.url, n.named, n.starts_at, n.ends_at, n.told_at, n.review, n.public_title,"       \
  " n.public_text, n.reason, n.news, n.version, n.created_at, n.updated_at, n.for_all," \
  " n.edition, n.tell_start FROM notice n"
#define OMBUD_NOTICE_TENANT                                      \
  " ($tenant IS NULL OR EXISTS (SELECT 1 FROM notice_customer c" \
  " WHERE c.notice_id = n.notice_id AND c.customer_id = $tenant))"

constexpr Sql kFind{"SELECT " OMBUD_NOTICE_COLUMNS
                    " WHERE n.notice_id = $1 AND" OMBUD_NOTICE_TENANT};
constexpr Sql kFindOf{"SELECT " OMBUD_NOTICE_COLUMNS
                      " WHERE n.link_id = $1 AND n.remote_id = $2 AND" OMBUD_NOTICE_TENANT};
constexpr Sql kList{
    "SELECT " OMBUD_NOTICE_COLUMNS
    " WHERE ($1 IS NULL OR n.link_id = $1)"
    " AND ($2 IS NULL OR n.review = $2)"
    " AND ($3 = 0 OR (n.state <> 'over' AND n.state <> 'cancelled'"
    " AND (n.link_id <> '' OR coalesce(n.ends_at > $8, 1))))"  // our own end by the clock
    " AND ($4 = 0 OR (n.review = 'published' AND EXISTS (SELECT 1 FROM notice_customer s"
    " WHERE s.notice_id = n.notice_id AND s.shown = 1"
    " AND ($tenant IS NULL OR s.customer_id = $tenant))))"
    " AND ($5 IS NULL OR n.updated_at < $5 OR (n.updated_at = $5 AND n.notice_id < $6))"
    " AND" OMBUD_NOTICE_TENANT " ORDER BY n.updated_at DESC, n.notice_id DESC LIMIT $7"};
constexpr Sql kCountNew{"SELECT count(*) FROM notice WHERE link_id = $1 AND review = 'new'"};

constexpr Sql kAdd{
    "INSERT INTO notice (link_id, supplier, remote_id, kind, state, title, text, url, named,"
    " starts_at, ends_at, told_at, review, public_title, public_text, reason, news, version,"
    " created_at, updated_at, for_all, edition, tell_start) VALUES ($1, $2, $3, $4, $5, $6, $7, "
    "$8, $9, $10, $11, $12,"
    " $13, $14, $15, $16, $17, 0, $18, $18, $19, $20, $21)"};
constexpr Sql kPut{
    "UPDATE notice SET supplier = $2, kind = $3, state = $4, title = $5, text = $6, url = $7,"
    " named = $8, starts_at = $9, ends_at = $10, told_at = $11, review = $12, public_title = $13,"
    " public_text = $14, reason = $15, news = $16, updated_at = $17, for_all = $18,"
    " edition = $19, tell_start = $20"
    " WHERE notice_id = $1"};
constexpr Sql kTouch{"UPDATE notice SET version = version + 1 WHERE notice_id = $1"};
constexpr Sql kLog{
    "INSERT INTO notice_event (notice_id, version, at, actor, type, data)"
    " SELECT notice_id, version, $2, $3, $4, $5 FROM notice WHERE notice_id = $1"};
constexpr Sql kEvents{
    "SELECT event_id, version, at, actor, type, data FROM notice_event WHERE notice_id = $1"
    " ORDER BY event_id"};

constexpr Sql kCustomers{
    "SELECT customer_id, services, shown, ticket_id FROM notice_customer WHERE notice_id = $1"
    " AND ($tenant IS NULL OR customer_id = $tenant) ORDER BY customer_id"};
constexpr Sql kPutCustomer{
    "INSERT INTO notice_customer (notice_id, customer_id, services, shown, ticket_id)"
    " SELECT $1, $2, $3, $4, $5 WHERE $tenant IS NULL OR $2 = $tenant"
    " ON CONFLICT (notice_id, customer_id) DO UPDATE SET services = $3, shown = $4, ticket_id = "
    "$5"};
constexpr Sql kDropCustomer{
    "DELETE FROM notice_customer WHERE notice_id = $1 AND customer_id = $2"
    " AND ($tenant IS NULL OR customer_id = $tenant)"};

constexpr Sql kPutPolicy{
    "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = "
    "$2"};
constexpr Sql kPolicy{"SELECT value FROM setting WHERE name = $1"};

std::string lines_of(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += part + "\n";
  return text;
}

Notice notice_from(const Rows& row) {
  Notice n;
  n.id = {row.integer(0)};
  n.link = row.text(1);
  n.supplier = row.text(2);
  n.told.remote_id = row.text(3);
  n.told.kind = from_text<NoticeKind>(row.view(4)).value_or(NoticeKind::information);
  n.told.state = from_text<NoticeState>(row.view(5)).value_or(NoticeState::announced);
  n.told.title = row.text(6);
  n.told.text = row.text(7);
  n.told.url = row.text(8);
  n.told.services = parts_of(row.view(9), '\n');
  n.told.starts_at = row.maybe_instant(10);
  n.told.ends_at = row.maybe_instant(11);
  n.told.told_at = row.maybe_instant(12);
  n.review = from_text<NoticeReview>(row.view(13)).value_or(NoticeReview::fresh);
  n.public_title = row.text(14);
  n.public_text = row.text(15);
  n.reason = row.text(16);
  n.news = row.integer(17) != 0;
  n.version = row.integer(18);
  n.created_at = row.instant(19);
  n.updated_at = row.instant(20);
  n.for_all = row.integer(21) != 0;
  n.edition = static_cast<int>(row.integer(22));
  n.tell_start = row.integer(23) != 0;
  return n;
}

std::string policy_name(std::string_view link) {
  return "notices.policy." + std::string(link);
}

}  // namespace

std::optional<Notice> find_notice(Tx& tx, NoticeId id) {
  Rows rows = tx.query(kFind, id);
  return rows.next() ? std::optional(notice_from(rows)) : std::nullopt;
}

std::optional<Notice> find_notice_of(Tx& tx, std::string_view link, std::string_view remote_id) {
  Rows rows = tx.query(kFindOf, link, remote_id);
  return rows.next() ? std::optional(notice_from(rows)) : std::nullopt;
}

std::int64_t count_new_notices(Tx& tx, std::string_view link) {
  Rows rows = tx.query(kCountNew, link);
  return rows.next() ? rows.integer(0) : 0;
}

NoticeId add_notice(Tx& tx, const Notice& n) {
  const Announcement& told = n.told;
  const std::string named = lines_of(told.services);
  return {tx.insert(kAdd, n.link, n.supplier, told.remote_id, to_text(told.kind),
                    to_text(told.state), told.title, told.text, told.url, named, told.starts_at,
                    told.ends_at, told.told_at, to_text(n.review), n.public_title, n.public_text,
                    n.reason, n.news, tx.at(), n.for_all, n.edition, n.tell_start)};
}

void put_notice(Tx& tx, const Notice& n) {
  const Announcement& told = n.told;
  const std::string named = lines_of(told.services);
  const auto changed = tx.run(kPut, n.id, n.supplier, to_text(told.kind), to_text(told.state),
                              told.title, told.text, told.url, named, told.starts_at, told.ends_at,
                              told.told_at, to_text(n.review), n.public_title, n.public_text,
                              n.reason, n.news, tx.at(), n.for_all, n.edition, n.tell_start);
  OMBUD_ASSERT(changed == 1);
}

void log_notice(Tx& tx, NoticeId id, std::string_view type, std::string_view data) {
  tx.run(kTouch, id);
  const std::string actor = tx.principal().actor();
  tx.run(kLog, id, tx.at(), actor, type, data);
  tx.touch_notice(id.value);
}

std::vector<NoticeEvent> events_of_notice(Tx& tx, NoticeId id) {
  std::vector<NoticeEvent> all;
  for (Rows rows = tx.query(kEvents, id); rows.next();) {
    NoticeEvent event;
    event.id = {rows.integer(0)};
    event.version = rows.integer(1);
    event.at = rows.instant(2);
    event.actor = rows.text(3);
    event.type = rows.text(4);
    event.data = rows.text(5);
    all.push_back(std::move(event));
  }
  return all;
}

std::vector<NoticeCustomer> customers_of_notice(Tx& tx, NoticeId id) {
  std::vector<NoticeCustomer> all;
  for (Rows rows = tx.query(kCustomers, id); rows.next();) {
    all.push_back({rows.text(0), parts_of(rows.view(1), ' '), rows.integer(2) != 0,
                   TicketId{rows.integer(3)}});
  }
  return all;
}

void put_notice_customer(Tx& tx, NoticeId id, const NoticeCustomer& customer) {
  tx.run(kPutCustomer, id, customer.customer, spaced(customer.services), customer.shown,
         or_null(customer.ticket));
}

void drop_notice_customer(Tx& tx, NoticeId id, std::string_view customer) {
  tx.run(kDropCustomer, id, customer);
}

std::vector<Notice> list_notices(Tx& tx, const NoticeFilter& filter,
                                 std::optional<NoticeKey> before, int limit) {
  const Param review = filter.review ? Param(to_text(*filter.review)) : Param(std::nullopt);
  const Param at = before ? Param(before->updated_at) : Param(std::nullopt);
  const NoticeId id = before ? before->id : NoticeId{};
  std::vector<Notice> all;
  for (Rows rows = tx.query(kList, or_null(filter.link), review, filter.current_only,
                            filter.shown_only, at, id, limit, tx.at());
       rows.next();) {
    all.push_back(notice_from(rows));
  }
  return all;
}

void put_notice_policy(Tx& tx, std::string_view link, NoticePolicy policy) {
  const std::string name = policy_name(link);
  tx.run(kPutPolicy, name, to_text(policy));
}

NoticePolicy notice_policy(Tx& tx, std::string_view link) {
  const std::string name = policy_name(link);
  Rows rows = tx.query(kPolicy, name);
  return rows.next() ? from_text<NoticePolicy>(rows.view(0)).value_or(NoticePolicy::ask)
                     : NoticePolicy::ask;
}

}  // namespace ombud
