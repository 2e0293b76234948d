#include "store/leaving.hpp"

#include <fmt/format.h>

#include <charconv>

#include "base/assert.hpp"
#include "store/directory.hpp"
#include "store/forgetting.hpp"
#include "store/identity.hpp"
#include "store/systems.hpp"

namespace ombud {
namespace {

// One count a column, in the order of the names. $1: the key, $2: as a number, $3: now.
struct Question {
  Sql sql;
  std::vector<Reference> names;
};

#define OMBUD_VALID_TOKENS " AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $3)"

const Question kOfCustomer{
    {"SELECT (SELECT count(*) FROM person WHERE customer_id = $1),"
     " (SELECT count(*) FROM ticket WHERE customer_id = $1),"
     " (SELECT count(*) FROM agreement WHERE customer_id = $1),"
     " (SELECT count(*) FROM account WHERE staff_tenant = $1),"
     " (SELECT count(*) FROM token WHERE customer_id = $1" OMBUD_VALID_TOKENS
     "), (SELECT count(*) FROM subscription WHERE tenant = $1),"
     " (SELECT count(DISTINCT x.article_id) FROM article_customer c"
     "  JOIN article_text x ON x.text_id = c.text_id WHERE c.customer_id = $1), $2"
     " -- all tenants: only an admin comes here"},
    {{"person", "people"},
     {"ticket", "tickets"},
     {"agreement", "agreements"},
     {"account of an agent who works for it alone", "accounts of agents who work for it alone"},
     {"token", "tokens"},
     {"subscription", "subscriptions"},
     {"article", "articles"}}};
const Question kOfPerson{{"SELECT (SELECT count(*) FROM ticket WHERE requester_id = $2),"
                          " (SELECT count(*) FROM participant WHERE person_id = $2),"
                          " (SELECT count(*) FROM membership WHERE person_id = $2),"
                          " (SELECT count(*) FROM token WHERE person_id = $2" OMBUD_VALID_TOKENS
                          "), (SELECT count(*) FROM subscription WHERE person_id = $2),"
                          " (SELECT count(*) FROM approval_decision WHERE person_id = $2), $1"
                          " -- all tenants: the person was found by who asks"},
                         {{"ticket", "tickets"},
                          {"ticket as a participant", "tickets as a participant"},
                          {"account", "accounts"},
                          {"token", "tokens"},
                          {"subscription", "subscriptions"},
                          {"order that the person decided", "orders that the person decided"}}};
// Looks at every message of the customer: asked only if nothing else refers to him.
const Question kSaidByPerson{
    {"SELECT count(DISTINCT m.ticket_id), $1, $3 FROM person p"
     " CROSS JOIN ticket t ON t.customer_id = p.customer_id"
     " CROSS JOIN message m ON m.ticket_id = t.ticket_id"
     " WHERE p.person_id = $2 AND m.person_id = $2"
     " -- all tenants: the person was found by who asks"},
    {{"ticket that the person wrote in", "tickets that the person wrote in"}}};
const Question kOfTeam{
    {"SELECT (SELECT count(*) FROM agent WHERE team_id = $1),"
     " (SELECT count(*) FROM ticket WHERE team_id = $1),"
     " (SELECT count(*) FROM template WHERE json_extract(actions, '$.team') = $1), $2, $3"
     " -- all tenants: only an admin comes here"},
    {{"agent", "agents"}, {"ticket", "tickets"}, {"template", "templates"}}};
const Question kOfService{
    {"SELECT (SELECT count(*) FROM ticket WHERE service_id = $1),"
     " (SELECT count(*) FROM agreement WHERE instr(services, ' ' || $1 || ' ') > 0),"
     " (SELECT count(DISTINCT article_id) FROM article_text"
     "  WHERE instr(services, ' ' || $1 || ' ') > 0),"
     " (SELECT count(DISTINCT notice_id) FROM notice_customer"
     "  WHERE instr(services, ' ' || $1 || ' ') > 0), $2, $3"
     " -- all tenants: only an admin comes here"},
    {{"ticket", "tickets"},
     {"agreement", "agreements"},
     {"article", "articles"},
     {"notice", "notices"}}};
const Question kOfAgent{
    {"SELECT (SELECT count(*) FROM ticket WHERE agent_id = $1 AND agent_id <> ''),"
     " (SELECT count(*) FROM account WHERE agent_id = $1),"
     " (SELECT count(*) FROM token WHERE agent_id = $1" OMBUD_VALID_TOKENS
     "), (SELECT count(*) FROM template WHERE json_extract(actions, '$.agent') = $1), $2"
     " -- all tenants: only an admin comes here"},
    {{"ticket", "tickets"},
     {"account", "accounts"},
     {"token", "tokens"},
     {"template", "templates"}}};

constexpr Sql kDropCustomerTokens{
    "DELETE FROM token WHERE customer_id = $1 -- all tenants: only an admin comes here"};
constexpr Sql kDropCustomerAccountTokens{
    "DELETE FROM account_token WHERE customer_id = $1 -- all tenants: only an admin comes here"};
constexpr Sql kDropCustomerNotices{
    "DELETE FROM notice_customer WHERE customer_id = $1 -- all tenants: only an admin comes here"};
constexpr Sql kDropCustomer{
    "DELETE FROM customer WHERE customer_id = $1 -- all tenants: only an admin comes here"};
constexpr Sql kDropPersonTokens{
    "DELETE FROM token WHERE person_id = $1 -- all tenants: the person was found"};
constexpr Sql kDropDeputies{
    "DELETE FROM approval_deputy WHERE (person_id = $1 OR deputy_id = $1)"
    " AND ($tenant IS NULL OR customer_id = $tenant)"};
constexpr Sql kDropReadMarks{"DELETE FROM read_mark WHERE reader = $1"};
constexpr Sql kUnindexPerson{"DELETE FROM person_search WHERE rowid = $1"};
constexpr Sql kDropPerson{
    "DELETE FROM person WHERE person_id = $1 AND ($tenant IS NULL OR customer_id = $tenant)"};
constexpr Sql kKeepNumber{
    "INSERT INTO setting (name, value) VALUES ('person.last', $1)"
    " ON CONFLICT (name) DO UPDATE SET value = max(CAST(value AS INTEGER), $1)"};
constexpr Sql kDropTeam{"DELETE FROM team WHERE team_id = $1"};
constexpr Sql kDropService{"DELETE FROM service WHERE service_id = $1"};
constexpr Sql kDropAgentTokens{
    "DELETE FROM token WHERE agent_id = $1 -- all tenants: only an admin comes here"};
constexpr Sql kDropAgent{"DELETE FROM agent WHERE agent_id = $1"};

constexpr Sql kAnonymisePerson{
    "UPDATE person SET name = $2, email = '', phone = '' WHERE person_id = $1"
    " AND ($tenant IS NULL OR customer_id = $tenant)"};
constexpr Sql kIndexPerson{
    "INSERT OR REPLACE INTO person_search (rowid, name, email) VALUES ($1, $2, '')"};
constexpr Sql kRevokePersonTokens{
    "UPDATE token SET revoked_at = $2 WHERE person_id = $1 AND revoked_at IS NULL"};
constexpr Sql kSubscriptionsOf{"SELECT subscription_id FROM subscription WHERE person_id = $1"};
constexpr Sql kDropNotifications{
    "DELETE FROM notification WHERE person_id = $1 AND ($tenant IS NULL OR customer_id = $tenant)"};
constexpr Sql kDropPreferences{"DELETE FROM notification_preference WHERE person_id = $1"};
constexpr Sql kDropSubjects{"DELETE FROM account_subject WHERE account_id = $1"};
constexpr Sql kRevokeAccountTokens{
    "UPDATE account_token SET revoked_at = $2 WHERE account_id = $1 AND revoked_at IS NULL"};
constexpr Sql kTicketsOf{
    "SELECT (SELECT count(*) FROM ticket WHERE requester_id = $1"
    "  AND ($tenant IS NULL OR customer_id = $tenant))"
    " + (SELECT count(*) FROM participant WHERE person_id = $1"
    "  AND ($tenant IS NULL OR customer_id = $tenant))"};

std::int64_t number_of(std::string_view key) {
  std::int64_t number = 0;
  const auto read = std::from_chars(key.data(), key.data() + key.size(), number);
  return read.ec == std::errc() ? number : 0;
}

void ask(Tx& tx, const Question& question, std::string_view key, std::vector<Reference>& found) {
  Rows row = tx.query(question.sql, key, number_of(key), tx.at());
  OMBUD_ASSERT(row.next());
  for (std::size_t i = 0; i < question.names.size(); ++i) {
    Reference reference = question.names[i];
    reference.count = row.integer(static_cast<int>(i));
    if (reference.count > 0) found.push_back(reference);
  }
}

// While it is known still what he was told, and at which address.
void forget_letters_and_mails(Tx& tx, PersonId id) {
  const auto person = find_person(tx, id);
  drop_letters_to(tx, id);
  forget_mails(tx, id, person ? person->email : std::string());
}

}  // namespace

std::vector<Reference> references(Tx& tx, Entry entry, std::string_view key) {
  std::vector<Reference> found;
  switch (entry) {
    case Entry::customer:
      ask(tx, kOfCustomer, key, found);
      break;
    case Entry::person:
      ask(tx, kOfPerson, key, found);
      if (found.empty()) ask(tx, kSaidByPerson, key, found);
      break;
    case Entry::team:
      ask(tx, kOfTeam, key, found);
      break;
    case Entry::service:
      ask(tx, kOfService, key, found);
      break;
    case Entry::agent:
      ask(tx, kOfAgent, key, found);
      break;
  }
  return found;
}

void remove_entry(Tx& tx, Entry entry, std::string_view key) {
  switch (entry) {
    case Entry::customer:
      for (const Sql* sql : {&kDropCustomerTokens, &kDropCustomerAccountTokens,
                             &kDropCustomerNotices, &kDropCustomer}) {
        tx.run(*sql, key);
      }
      break;
    case Entry::person: {
      const PersonId person{number_of(key)};
      tx.run(kKeepNumber, person);  // no other person ever gets it
      forget_letters_and_mails(tx, person);
      tx.run(kDropPersonTokens, person);
      tx.run(kDropDeputies, person);
      tx.run(kDropReadMarks, "user:" + std::string(key));
      tx.run(kDropNotifications, person);
      tx.run(kDropPreferences, person);
      tx.run(kUnindexPerson, person);
      tx.run(kDropPerson, person);
      break;
    }
    case Entry::team:
      tx.run(kDropTeam, key);
      break;
    case Entry::service:
      tx.run(kDropService, key);
      break;
    case Entry::agent:
      tx.run(kDropAgentTokens, key);
      tx.run(kDropAgent, key);
      break;
  }
}

void anonymise_person(Tx& tx, PersonId person, std::string_view name) {
  forget_letters_and_mails(tx, person);
  set_approver(tx, person, false);
  tx.run(kDropDeputies, person);
  tx.run(kAnonymisePerson, person, name);
  tx.run(kIndexPerson, person, name);
  tx.run(kRevokePersonTokens, person, tx.at());
  for (const Sql* sql : {&kDropNotifications, &kDropPreferences}) tx.run(*sql, person);
  std::vector<std::string> subscriptions;
  {
    Rows rows = tx.query(kSubscriptionsOf, person);
    while (rows.next()) subscriptions.push_back(rows.text(0));
  }
  for (const std::string& id : subscriptions) end_subscription(tx, id);
}

void anonymise_account(Tx& tx, AccountId id, std::string_view name) {
  auto account = find_account(tx, id);
  OMBUD_ASSERT(account.has_value());
  account->name = name;
  account->email = fmt::format("erased-{}@erased.invalid", id.value);  // one must stand there
  account->password.clear();
  account->totp_secret.clear();
  account->totp_since.reset();
  if (!account->disabled_at) account->disabled_at = tx.at();
  update_account(tx, *account);
  end_sessions(tx, id, "");
  forget_resets(tx, id);
  put_recovery_codes(tx, id, {});
  tx.run(kRevokeAccountTokens, id, tx.at());
  tx.run(kDropSubjects, id);
}

std::int64_t count_tickets_of(Tx& tx, PersonId person) {
  Rows row = tx.query(kTicketsOf, person);
  OMBUD_ASSERT(row.next());
  return row.integer(0);
}

}  // namespace ombud
