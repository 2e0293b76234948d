#include "store/systems.hpp"

#include <charconv>

#include "store/event_rows.hpp"
#include "store/spaced.hpp"

namespace ombud {
namespace {

constexpr Sql kAttributes{
    "SELECT client, external_id, data FROM attributes WHERE ticket_id = $1 AND delegation_id = $2"
    " AND ($tenant IS NULL OR customer_id = $tenant)"};
constexpr Sql kBearers{
    "SELECT ticket_id, delegation_id, client FROM attributes WHERE external_id = $1"
    " AND external_id <> '' AND ($2 IS NULL OR client = $2)"
    " AND ($tenant IS NULL OR customer_id = $tenant) ORDER BY ticket_id, delegation_id"};

#define OMBUD_BOUNDS                                                                   \
  " FROM ticket WHERE customer_id = $1 AND ($tenant IS NULL OR customer_id = $tenant)" \
  " AND ($2 = 0 OR requester_id = $2) AND ($3 IS NULL OR status = $3 OR status = $4)"  \
  " AND created_at >= $5 AND created_at <= $6 AND updated_at >= $7"
constexpr Sql kCount{"SELECT count(*)" OMBUD_BOUNDS};
constexpr Sql kIds{"SELECT ticket_id" OMBUD_BOUNDS
                   " AND ticket_id > $8 ORDER BY ticket_id LIMIT $10 OFFSET $9"};
constexpr Sql kDelegations{
    "SELECT delegation_id FROM delegation WHERE link_id = $1 AND delegation_id > $2"
    " AND ($tenant IS NULL OR customer_id = $tenant) ORDER BY delegation_id LIMIT $3"};
constexpr Sql kHanded{
    "SELECT d.op, d.body, d.correlation, d.source_id, d.created_at FROM delivery d"
    " JOIN lane l ON l.lane_id = d.lane_id WHERE l.delegation_id = $1 AND d.state <> 'cancelled'"
    " AND ($tenant IS NULL OR d.customer_id = $tenant) ORDER BY d.lane_seq"};

constexpr Sql kOurs{
    "SELECT 1 FROM delivery WHERE correlation = $1 -- all tenants: what left may come back by any"};

constexpr Sql kPutSubscription{
    "INSERT INTO subscription (subscription_id, client, role, tenant, person_id, link_ids, dialect,"
    " callback, query, after_event, created_at, agent)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING"};
#define OMBUD_SUBSCRIPTION_COLUMNS                                                        \
  "subscription_id, client, role, tenant, person_id, link_ids, dialect, callback, query," \
  " after_event, agent"
constexpr Sql kSubscription{"SELECT " OMBUD_SUBSCRIPTION_COLUMNS
                            " FROM subscription WHERE subscription_id = $1"};
constexpr Sql kSubscriptions{"SELECT " OMBUD_SUBSCRIPTION_COLUMNS
                             " FROM subscription ORDER BY created_at, subscription_id"};
constexpr Sql kEntitled{
    "SELECT 1 FROM token WHERE role = $1 AND (customer_id IS $2) AND ($3 = 0 OR person_id = $3)"
    " AND ($3 <> 0 OR name = $4) AND link_ids = $5 AND revoked_at IS NULL"
    " AND (expires_at IS NULL OR expires_at > $6) LIMIT 1 -- all tenants: foreign keys"};
constexpr Sql kEndSubscription{"DELETE FROM subscription WHERE subscription_id = $1"};
constexpr Sql kLanes{
    "SELECT lane_id FROM lane WHERE subscription_id = $1"
    " AND ($tenant IS NULL OR customer_id = $tenant)"};
constexpr Sql kLane{
    "SELECT lane_id, external_id FROM lane WHERE subscription_id = $1 AND ticket_id = $2"
    " AND ($tenant IS NULL OR customer_id = $tenant)"};
constexpr Sql kInsertLane{
    "INSERT INTO lane (link_id, ticket_id, customer_id, subscription_id) VALUES ($1, $2, $3, $4)"
    " -- all tenants: insert"};
constexpr Sql kSubscribersLink{
    "SELECT link_id FROM link WHERE kind = 'subscribers' AND configured = 1 ORDER BY link_id LIMIT "
    "1"};

constexpr Sql kPutSetting{
    "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = "
    "$2"};
constexpr Sql kSetting{"SELECT value FROM setting WHERE name = $1"};
constexpr std::string_view kPublished = "subscribers.published", kOrigins = "subscribers.origins";

constexpr Sql kLastEvent{
    "SELECT coalesce(max(event_id), 0) FROM event -- all tenants: a position in the log"};
constexpr Sql kEventsAfter{
    "SELECT event_id, ticket_id, version, at, actor, type, data FROM event WHERE event_id > $1"
    " ORDER BY event_id LIMIT $2 -- all tenants: the publisher serves every subscriber"};

Subscription subscription_from(const Rows& row) {
  Subscription s;
  s.id = row.text(0);
  s.client = row.text(1);
  s.principal.role = role_from(row.view(2)).value_or(Role::user);
  if (!row.is_null(3)) s.principal.tenant = row.text(3);
  s.principal.person = {row.integer(4)};
  s.principal.links = parts_of(row.view(5));
  s.dialect = row.text(6);
  s.callback = row.text(7);
  s.query = row.text(8);
  s.after_event = row.integer(9);
  s.principal.agent = row.text(10);
  return s;
}

Param word_or_null(const std::optional<TicketStatus>& status) {
  return status ? Param(to_text(*status)) : Param(std::nullopt);
}

}  // namespace

Attributes attributes_of(Tx& tx, TicketId ticket, DelegationId delegation) {
  Rows rows = tx.query(kAttributes, ticket, delegation);
  if (!rows.next()) return {};
  return {rows.text(0), rows.text(1), rows.text(2)};
}

std::vector<Bearer> bearers_of(Tx& tx, std::string_view external_id, std::string_view client) {
  std::vector<Bearer> all;
  Rows rows = tx.query(kBearers, external_id, or_null(client));
  while (rows.next()) all.push_back({{rows.integer(0)}, {rows.integer(1)}, rows.text(2)});
  return all;
}

std::int64_t count_tickets(Tx& tx, const TicketBounds& b) {
  Rows rows = tx.query(kCount, b.customer, b.requester, word_or_null(b.status),
                       word_or_null(b.or_status), b.created_from.value_or(Instant{}),
                       b.created_until.value_or(kNever), b.changed_from.value_or(Instant{}));
  return rows.next() ? rows.integer(0) : 0;
}

std::vector<TicketId> ticket_ids(Tx& tx, const TicketBounds& b, TicketId after, std::int64_t skip,
                                 std::int64_t limit) {
  std::vector<TicketId> all;
  Rows rows =
      tx.query(kIds, b.customer, b.requester, word_or_null(b.status), word_or_null(b.or_status),
               b.created_from.value_or(Instant{}), b.created_until.value_or(kNever),
               b.changed_from.value_or(Instant{}), after, skip, limit);
  while (rows.next()) all.push_back({rows.integer(0)});
  return all;
}

std::vector<DelegationId> delegation_ids(Tx& tx, std::string_view link, DelegationId after,
                                         std::int64_t limit) {
  std::vector<DelegationId> all;
  Rows rows = tx.query(kDelegations, link, after, limit);
  while (rows.next()) all.push_back({rows.integer(0)});
  return all;
}

bool is_our_correlation(Tx& tx, std::string_view correlation) {
  return tx.query(kOurs, correlation).next();
}

std::vector<Handed> handed_over(Tx& tx, DelegationId delegation) {
  std::vector<Handed> all;
  Rows rows = tx.query(kHanded, delegation);
  while (rows.next()) {
    all.push_back({rows.text(0), rows.text(1), rows.text(2), rows.integer(3), rows.instant(4)});
  }
  return all;
}

bool put_subscription(Tx& tx, const Subscription& s) {
  const Principal& who = s.principal;
  return tx.run(kPutSubscription, s.id, s.client, to_text(who.role), who.tenant,
                or_null(who.person), spaced(who.links), s.dialect, s.callback, s.query,
                s.after_event, tx.at(), who.agent) > 0;
}

std::optional<Subscription> find_subscription(Tx& tx, std::string_view id) {
  Rows rows = tx.query(kSubscription, id);
  return rows.next() ? std::optional(subscription_from(rows)) : std::nullopt;
}

std::vector<Subscription> list_subscriptions(Tx& tx) {
  std::vector<Subscription> all;
  Rows rows = tx.query(kSubscriptions);
  while (rows.next()) all.push_back(subscription_from(rows));
  return all;
}

bool is_entitled(Tx& tx, const Subscription& s) {
  const Principal& who = s.principal;
  return tx
      .query(kEntitled, to_text(who.role), who.tenant, who.person, who.agent, spaced(who.links),
             tx.at())
      .next();
}

void end_subscription(Tx& tx, std::string_view id) {
  std::vector<LaneId> lanes;
  {
    Rows rows = tx.query(kLanes, id);
    while (rows.next()) lanes.push_back({rows.integer(0)});
  }
  for (const LaneId lane : lanes) cancel_waiting(tx, lane, "the subscription was ended");
  tx.run(kEndSubscription, id);
}

Lane lane_of_subscription(Tx& tx, std::string_view subscription, std::string_view link,
                          TicketId ticket, std::string_view customer) {
  {
    Rows rows = tx.query(kLane, subscription, ticket);
    if (rows.next()) {
      return {{rows.integer(0)}, std::string(link), ticket, std::string(customer), {},
              rows.text(1)};
    }
  }
  const LaneId id{tx.insert(kInsertLane, link, ticket, customer, subscription)};
  return {id, std::string(link), ticket, std::string(customer), {}, {}};
}

std::optional<std::string> subscribers_link(Tx& tx) {
  Rows rows = tx.query(kSubscribersLink);
  return rows.next() ? std::optional(rows.text(0)) : std::nullopt;
}

void put_callback_origins(Tx& tx, const std::vector<std::string>& origins) {
  tx.run(kPutSetting, kOrigins, spaced(origins));
}
std::vector<std::string> callback_origins(Tx& tx) {
  Rows rows = tx.query(kSetting, kOrigins);
  return rows.next() ? parts_of(rows.view(0)) : std::vector<std::string>();
}

std::int64_t published_until(Tx& tx) {
  Rows rows = tx.query(kSetting, kPublished);
  std::int64_t event = 0;
  if (rows.next()) {
    const std::string_view text = rows.view(0);
    std::from_chars(text.data(), text.data() + text.size(), event);
  }
  return event;
}
void set_published_until(Tx& tx, std::int64_t event) {
  tx.run(kPutSetting, kPublished, std::to_string(event));
}
std::int64_t last_event(Tx& tx) {
  Rows rows = tx.query(kLastEvent);
  return rows.next() ? rows.integer(0) : 0;
}
std::vector<LoggedEvent> events_after(Tx& tx, std::int64_t event, int limit) {
  return events_from(tx.query(kEventsAfter, event, limit));
}

}  // namespace ombud
