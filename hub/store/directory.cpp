#include "store/directory.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.hpp"
#include "base/assert.hpp"
#include "store/approver_sql.hpp"
#include "store/spaced.hpp"

namespace ombud {
namespace {

constexpr Sql kPutTeam{
    "INSERT INTO team (team_id, name) VALUES ($1, $2) ON CONFLICT (team_id) DO UPDATE SET name = "
    "$2"};
constexpr Sql kTeams{"SELECT team_id, name FROM team ORDER BY name, team_id"};
constexpr Sql kTeam{"SELECT team_id, name FROM team WHERE team_id = $1"};

constexpr Sql kPutAgent{
    "INSERT INTO agent (agent_id, name, email, team_id) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (agent_id) DO UPDATE SET name = $2, email = $3, team_id = $4"};
constexpr Sql kAgents{"SELECT agent_id, name, email, team_id FROM agent ORDER BY name, agent_id"};
constexpr Sql kAgent{"SELECT agent_id, name, email, team_id FROM agent WHERE agent_id = $1"};

#define OMBUD_CUSTOMER_COLUMNS                                                \
  "customer_id, name, mail_domains, language, order_approval, approval_days," \
  " system_speaks_for_approvers"
constexpr Sql kPutCustomer{
    "INSERT INTO customer (customer_id, name, mail_domains, language, order_approval,"
    " approval_days, system_speaks_for_approvers) VALUES ($1, $2, $3, $4, $5, $6, $7)"
    " ON CONFLICT (customer_id) DO UPDATE SET name = $2, mail_domains = $3, language = $4,"
    " order_approval = $5, approval_days = $6, system_speaks_for_approvers = $7"
    " -- all tenants: only an admin comes here"};
// What the desk has told all customers is for a new one, too.
constexpr Sql kTellCustomer{
    "INSERT INTO notice_customer (notice_id, customer_id, services, shown)"
    " SELECT n.notice_id, $1, ' ', n.review = 'published' FROM notice n WHERE n.for_all = 1"
    " AND n.state <> 'over' AND n.state <> 'cancelled' AND coalesce(n.ends_at > $2, 1)"
    " ON CONFLICT (notice_id, customer_id) DO NOTHING -- all tenants: only an admin comes here"};
constexpr Sql kCustomers{
    "SELECT " OMBUD_CUSTOMER_COLUMNS
    " FROM customer"
    " WHERE ($tenant IS NULL OR customer_id = $tenant) ORDER BY name, customer_id"};
constexpr Sql kCustomer{"SELECT " OMBUD_CUSTOMER_COLUMNS
                        " FROM customer"
                        " WHERE customer_id = $1 AND ($tenant IS NULL OR customer_id = $tenant)"};
constexpr Sql kCustomerOfDomain{
    "SELECT " OMBUD_CUSTOMER_COLUMNS
    " FROM customer"
    " WHERE instr(mail_domains, $1) > 0 AND ($tenant IS NULL OR customer_id = $tenant)"
    " ORDER BY customer_id LIMIT 1"};

constexpr Sql kPutService{
    "INSERT INTO service (service_id, name, words) VALUES ($1, $2, $3)"
    " ON CONFLICT (service_id) DO UPDATE SET name = $2, words = $3"};
constexpr Sql kServices{"SELECT service_id, name, words FROM service ORDER BY name, service_id"};
constexpr Sql kService{"SELECT service_id, name, words FROM service WHERE service_id = $1"};

constexpr Sql kForgetLinks{"UPDATE link SET configured = 0"};
constexpr Sql kPutLink{
    "INSERT INTO link (link_id, kind, supplier, connector) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (link_id) DO UPDATE SET kind = $2, supplier = $3, connector = $4, configured = "
    "1"};
#define OMBUD_LINK_COLUMNS                                                                   \
  "link_id, kind, supplier, connector, configured, state, reason, not_before, poll_cursor, " \
  "polled_at"
constexpr Sql kLinks{"SELECT " OMBUD_LINK_COLUMNS " FROM link ORDER BY link_id"};
constexpr Sql kLink{"SELECT " OMBUD_LINK_COLUMNS " FROM link WHERE link_id = $1"};
constexpr Sql kLinkState{
    "UPDATE link SET state = $2, reason = $3,"
    " not_before = CASE WHEN $2 = 'open' THEN 0 ELSE not_before END WHERE link_id = $1"};

constexpr Sql kLinkNotBefore{"UPDATE link SET not_before = max(not_before, $2) WHERE link_id = $1"};
constexpr Sql kLinkCursor{"UPDATE link SET poll_cursor = $2, polled_at = $3 WHERE link_id = $1"};
constexpr Sql kLinkLookupDiffers{"SELECT 1 FROM link WHERE link_id = $1 AND lookup <> $2"};
constexpr Sql kLinkLookup{"UPDATE link SET lookup = $2 WHERE link_id = $1"};

constexpr Sql kInsertAgreement{
    "INSERT INTO agreement (customer_id, link_id, services, share, relay, auto_delegate, "
    "valid_from,"
    " valid_until, resolve_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
    " -- all tenants: insert"};
constexpr Sql kUpdateAgreement{
    "UPDATE agreement SET customer_id = $2, link_id = $3, services = $4, share = $5, relay = $6,"
    " auto_delegate = $7, valid_from = $8, valid_until = $9, resolve_ms = $10,"
    " version = version + 1 WHERE agreement_id = $1"
    " AND ($tenant IS NULL OR customer_id = $tenant)"};
#define OMBUD_AGREEMENT_COLUMNS                                                             \
  "agreement_id, customer_id, link_id, services, share, relay, auto_delegate, valid_from, " \
  "valid_until, resolve_ms, version"
constexpr Sql kAgreements{"SELECT " OMBUD_AGREEMENT_COLUMNS
                          " FROM agreement WHERE ($tenant IS NULL OR customer_id = $tenant)"
                          " ORDER BY agreement_id"};
constexpr Sql kAgreement{"SELECT " OMBUD_AGREEMENT_COLUMNS
                         " FROM agreement WHERE agreement_id = $1"
                         " AND ($tenant IS NULL OR customer_id = $tenant)"};
constexpr Sql kAgreementsOf{
    "SELECT " OMBUD_AGREEMENT_COLUMNS
    " FROM agreement WHERE customer_id = $1"
    " AND ($tenant IS NULL OR customer_id = $tenant) ORDER BY agreement_id"};

constexpr Sql kPutSetting{
    "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = "
    "$2"};
constexpr Sql kDeskSettings{
    "SELECT (SELECT value FROM setting WHERE name = 'desk.name'),"
    " (SELECT value FROM setting WHERE name = 'desk.email')"};
constexpr Sql kNoticesLink{
    "SELECT link_id FROM link WHERE kind = 'notices' AND configured = 1 ORDER BY link_id LIMIT 1"};

constexpr Sql kInsertToken{
    "INSERT INTO token (token_hash, token_id, name, role, customer_id, person_id, agent_id, "
    "created_at,"
    " expires_at, link_ids) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
    " -- all tenants: foreign keys"};
#define OMBUD_TOKEN_COLUMNS                                                                      \
  "token_id, name, role, customer_id, person_id, agent_id, created_at, expires_at, revoked_at, " \
  "link_ids"
constexpr int kTokenColumns = 10;
constexpr Sql kToken{"SELECT " OMBUD_TOKEN_COLUMNS ", (SELECT p.approver = 1 OR " OMBUD_STANDS_IN(
    "p.person_id", "$2") " FROM person p WHERE p.person_id = token.person_id)"
                         " FROM token WHERE token_hash = $1 AND revoked_at IS NULL"
                         " AND (expires_at IS NULL OR expires_at > $2) -- all tenants: who asks"};
constexpr Sql kTokens{"SELECT " OMBUD_TOKEN_COLUMNS " FROM token ORDER BY created_at, token_id"};
constexpr Sql kRevoke{
    "UPDATE token SET revoked_at = $2 WHERE token_id = $1 AND revoked_at IS NULL"};

constexpr Sql kForgetLocal{
    "DELETE FROM token WHERE token_id LIKE 'local-%' -- all tenants: its foreign keys"};

Customer customer_from(const Rows& row) {
  Customer c{row.text(0), row.text(1), parts_of(row.view(2)), row.text(3)};
  if (!row.is_null(4)) c.order_approval = row.integer(4) != 0;
  c.approval_days = static_cast<int>(row.integer(5));
  c.system_speaks_for_approvers = row.integer(6) != 0;
  return c;
}
Service service_from(const Rows& row) {
  return {row.text(0), row.text(1), parts_of(row.view(2), ',')};
}
Link link_from(const Rows& row) {
  return {row.text(0), row.text(1), row.text(2),    row.text(3), row.integer(4) != 0,
          row.text(5), row.text(6), row.instant(7), row.text(8), row.maybe_instant(9)};
}
Agreement agreement_from(const Rows& row) {
  Agreement a;
  a.id = {row.integer(0)};
  a.customer = row.text(1);
  a.link = row.text(2);
  a.services = parts_of(row.view(3));
  a.share = parts_of(row.view(4));
  a.relay_automatically = row.view(5) == "auto";
  a.delegate_automatically = row.integer(6) != 0;
  a.valid_from = row.instant(7);
  a.valid_until = row.maybe_instant(8);
  if (!row.is_null(9)) a.resolve_within = Millis{row.integer(9)};
  a.version = row.integer(10);
  return a;
}
Token token_from(const Rows& row) {
  Token t;
  t.id = row.text(0);
  t.name = row.text(1);
  const auto role = role_from(row.view(2));
  OMBUD_ASSERT(role.has_value());
  t.principal.role = *role;
  if (!row.is_null(3)) t.principal.tenant = row.text(3);
  t.principal.person = {row.integer(4)};
  t.principal.agent = row.is_null(5) ? t.name : row.text(5);
  t.principal.name = t.name;
  t.created_at = row.instant(6);
  t.expires_at = row.maybe_instant(7);
  t.revoked_at = row.maybe_instant(8);
  t.principal.links = parts_of(row.view(9));
  return t;
}

}  // namespace

void put_team(Tx& tx, const Team& team) {
  tx.run(kPutTeam, team.id, team.name);
}
std::vector<Team> list_teams(Tx& tx) {
  std::vector<Team> all;
  Rows rows = tx.query(kTeams);
  while (rows.next()) all.push_back({rows.text(0), rows.text(1)});
  return all;
}
std::optional<Team> find_team(Tx& tx, std::string_view id) {
  return *tx.remember<std::optional<Team>>("team", id, [&]() -> std::optional<Team> {
    Rows rows = tx.query(kTeam, id);
    if (!rows.next()) return std::nullopt;
    return Team{rows.text(0), rows.text(1)};
  });
}

void put_agent(Tx& tx, const Agent& agent) {
  tx.run(kPutAgent, agent.id, agent.name, agent.email, agent.team);
}
std::vector<Agent> list_agents(Tx& tx) {
  std::vector<Agent> all;
  Rows rows = tx.query(kAgents);
  while (rows.next()) all.push_back({rows.text(0), rows.text(1), rows.text(2), rows.text(3)});
  return all;
}
std::optional<Agent> find_agent(Tx& tx, std::string_view id) {
  return *tx.remember<std::optional<Agent>>("agent", id, [&]() -> std::optional<Agent> {
    Rows rows = tx.query(kAgent, id);
    if (!rows.next()) return std::nullopt;
    return Agent{rows.text(0), rows.text(1), rows.text(2), rows.text(3)};
  });
}

void put_customer(Tx& tx, const Customer& customer) {
  std::vector<std::string> domains;
  for (const std::string& domain : customer.mail_domains) domains.push_back(ascii_lower(domain));
  tx.run(kPutCustomer, customer.id, customer.name, spaced(domains), customer.language,
         customer.order_approval, customer.approval_days, customer.system_speaks_for_approvers);
  tx.run(kTellCustomer, customer.id, tx.at());
}
std::vector<Customer> list_customers(Tx& tx) {
  std::vector<Customer> all;
  Rows rows = tx.query(kCustomers);
  while (rows.next()) all.push_back(customer_from(rows));
  return all;
}
std::optional<Customer> find_customer(Tx& tx, std::string_view id) {
  return *tx.remember<std::optional<Customer>>("customer", id, [&] {
    Rows rows = tx.query(kCustomer, id);
    return rows.next() ? std::optional(customer_from(rows)) : std::nullopt;
  });
}
std::optional<Customer> customer_of_domain(Tx& tx, std::string_view domain) {
  if (domain.empty() || domain.find(' ') != std::string_view::npos) return std::nullopt;
  const std::string wanted = " " + ascii_lower(domain) + " ";
  Rows rows = tx.query(kCustomerOfDomain, wanted);
  return rows.next() ? std::optional(customer_from(rows)) : std::nullopt;
}

void put_service(Tx& tx, const Service& service) {
  std::vector<std::string> words;
  for (const std::string& word : service.words) words.push_back(ascii_lower(word));
  tx.run(kPutService, service.id, service.name, fmt::format("{}", fmt::join(words, ",")));
}
std::vector<Service> list_services(Tx& tx) {
  std::vector<Service> all;
  Rows rows = tx.query(kServices);
  while (rows.next()) all.push_back(service_from(rows));
  return all;
}
std::optional<Service> find_service(Tx& tx, std::string_view id) {
  return *tx.remember<std::optional<Service>>("service", id, [&] {
    Rows rows = tx.query(kService, id);
    return rows.next() ? std::optional(service_from(rows)) : std::nullopt;
  });
}

void sync_links(Tx& tx, const std::vector<Link>& configured) {
  tx.run(kForgetLinks);
  for (const Link& link : configured)
    tx.run(kPutLink, link.id, link.kind, link.supplier, link.connector);
}
std::vector<Link> list_links(Tx& tx) {
  std::vector<Link> all;
  Rows rows = tx.query(kLinks);
  while (rows.next()) all.push_back(link_from(rows));
  return all;
}
std::optional<Link> find_link(Tx& tx, std::string_view id) {
  return *tx.remember<std::optional<Link>>("link", id, [&] {
    Rows rows = tx.query(kLink, id);
    return rows.next() ? std::optional(link_from(rows)) : std::nullopt;
  });
}
void set_link_state(Tx& tx, std::string_view id, std::string_view state, std::string_view reason) {
  tx.run(kLinkState, id, state, reason);
  tx.poke_link(id);
}

void set_link_not_before(Tx& tx, std::string_view id, Instant not_before) {
  tx.run(kLinkNotBefore, id, not_before);
}
void set_link_cursor(Tx& tx, std::string_view id, std::string_view cursor) {
  tx.run(kLinkCursor, id, cursor, tx.at());
}
void set_link_lookup(Tx& tx, std::string_view id, bool lookup) {
  // A write would empty what is remembered of the directory, and this is said before each claim.
  if (tx.query(kLinkLookupDiffers, id, lookup).next()) tx.run(kLinkLookup, id, lookup);
}

AgreementId put_agreement(Tx& tx, const Agreement& a) {
  const std::string services = spaced(a.services), share = spaced(a.share);
  const std::string_view relay = a.relay_automatically ? "auto" : "agent";
  const auto resolve_ms =
      a.resolve_within ? std::optional<std::int64_t>(a.resolve_within->count()) : std::nullopt;
  if (a.id.value != 0) {
    tx.run(kUpdateAgreement, a.id, a.customer, a.link, services, share, relay,
           a.delegate_automatically, a.valid_from, a.valid_until, resolve_ms);
    return a.id;
  }
  return {tx.insert(kInsertAgreement, a.customer, a.link, services, share, relay,
                    a.delegate_automatically, a.valid_from, a.valid_until, resolve_ms)};
}
std::vector<Agreement> list_agreements(Tx& tx) {
  std::vector<Agreement> all;
  Rows rows = tx.query(kAgreements);
  while (rows.next()) all.push_back(agreement_from(rows));
  return all;
}
std::optional<Agreement> find_agreement(Tx& tx, AgreementId id) {
  Rows rows = tx.query(kAgreement, id);
  return rows.next() ? std::optional(agreement_from(rows)) : std::nullopt;
}
std::vector<Agreement> agreements_for(Tx& tx, std::string_view customer, std::string_view service,
                                      std::string_view link, Instant at) {
  std::vector<Agreement> all;
  if (service.empty()) return all;
  const auto of_customer = tx.remember<std::vector<Agreement>>("agreements", customer, [&] {
    std::vector<Agreement> known;
    Rows rows = tx.query(kAgreementsOf, customer);
    while (rows.next()) known.push_back(agreement_from(rows));
    return known;
  });
  for (const Agreement& a : *of_customer) {
    const bool valid = a.valid_from <= at && (!a.valid_until || *a.valid_until > at);
    const bool covers =
        std::find(a.services.begin(), a.services.end(), service) != a.services.end();
    if (valid && covers && (link.empty() || a.link == link)) all.push_back(a);
  }
  return all;
}

void put_desk_identity(Tx& tx, const DeskIdentity& desk) {
  tx.run(kPutSetting, "desk.name", desk.name);
  tx.run(kPutSetting, "desk.email", desk.email);
}
DeskIdentity desk_identity(Tx& tx) {
  return *tx.remember<DeskIdentity>("desk", "", [&] {
    DeskIdentity desk;
    Rows rows = tx.query(kDeskSettings);
    OMBUD_ASSERT(rows.next());
    if (!rows.is_null(0)) desk.name = rows.text(0);
    if (!rows.is_null(1)) desk.email = rows.text(1);
    return desk;
  });
}
std::optional<std::string> notices_link(Tx& tx) {
  return *tx.remember<std::optional<std::string>>("notices link", "", [&] {
    Rows rows = tx.query(kNoticesLink);
    return rows.next() ? std::optional(rows.text(0)) : std::nullopt;
  });
}

void put_token(Tx& tx, const Token& token, std::string_view secret_sha256) {
  const Principal& p = token.principal;
  tx.run(kInsertToken, secret_sha256, token.id, token.name, to_text(p.role), p.tenant,
         or_null(p.person),
         p.role == Role::agent ? or_null(std::string_view(p.agent)) : Param(std::nullopt),
         token.created_at, token.expires_at, spaced(p.links));
}
std::optional<Token> find_token(Tx& tx, std::string_view secret_sha256) {
  Rows rows = tx.query(kToken, secret_sha256, tx.at());
  if (!rows.next()) return std::nullopt;
  Token token = token_from(rows);
  const bool approver = rows.integer(kTokenColumns) != 0;
  if (token.principal.role == Role::user && approver) token.principal.role = Role::approver;
  return token;
}
std::vector<Token> list_tokens(Tx& tx) {
  std::vector<Token> all;
  Rows rows = tx.query(kTokens);
  while (rows.next()) all.push_back(token_from(rows));
  return all;
}
void forget_local_tokens(Tx& tx) {
  tx.run(kForgetLocal);
}
bool revoke_token(Tx& tx, std::string_view id) {
  return tx.run(kRevoke, id, tx.at()) > 0;
}

}  // namespace ombud
