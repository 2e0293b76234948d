// People of customers, and which of them approve orders.
#include <fmt/format.h>

#include "base/ascii.hpp"
#include "store/audit.hpp"
#include "store/directory.hpp"

namespace ombud {
namespace {

constexpr Sql kInsertPerson{
    "INSERT INTO person (person_id, customer_id, name, email, phone, language)"
    " VALUES (1 + max(coalesce((SELECT max(person_id) FROM person), 0),"
    // The log names people by number: that of one who was removed is not given out again.
    " coalesce((SELECT CAST(value AS INTEGER) FROM setting WHERE name = 'person.last'), 0)),"
    " $1, $2, $3, $4, $5) -- all tenants: insert"};
constexpr Sql kUpdatePerson{
    "UPDATE person SET name = $2, phone = $3, language = $4 WHERE person_id = $1"
    " AND ($tenant IS NULL OR customer_id = $tenant)"};
constexpr Sql kPersonOfEmail{
    "SELECT person_id FROM person WHERE email = $1 AND customer_id = $2"
    " AND ($tenant IS NULL OR customer_id = $tenant)"};
constexpr Sql kSetApprover{
    "UPDATE person SET approver = $2 WHERE person_id = $1 AND approver <> $2"
    " AND ($tenant IS NULL OR customer_id = $tenant)"};
// A manager approves by his role.
constexpr Sql kDropDeputy{
    "DELETE FROM approval_deputy WHERE person_id = $1"
    " AND NOT EXISTS (SELECT 1 FROM membership m WHERE m.person_id = $1 AND m.role = 'manager')"
    " AND ($tenant IS NULL OR customer_id = $tenant)"};
#define OMBUD_PERSON_COLUMNS "person_id, customer_id, name, email, phone, language, approver"
constexpr Sql kPerson{
    "SELECT " OMBUD_PERSON_COLUMNS
    " FROM person WHERE person_id = $1 AND ($tenant IS NULL OR customer_id = $tenant)"};
constexpr Sql kPeopleOfEmail{"SELECT " OMBUD_PERSON_COLUMNS
                             " FROM person WHERE email = $1 AND ($tenant IS NULL OR customer_id = "
                             "$tenant) ORDER BY person_id"};
constexpr Sql kPeople{
    "SELECT " OMBUD_PERSON_COLUMNS
    " FROM person WHERE ($1 IS NULL OR customer_id = $1) AND person_id > $2"
    " AND ($tenant IS NULL OR customer_id = $tenant) ORDER BY person_id LIMIT $3"};

constexpr Sql kIndexPerson{
    "INSERT OR REPLACE INTO person_search (rowid, name, email) VALUES ($1, $2, $3)"};
constexpr Sql kSearchPeople{
    "SELECT p.person_id, p.customer_id, p.name, p.email, p.phone, p.language, p.approver"
    " FROM person_search s JOIN person p ON p.person_id = s.rowid"
    " WHERE person_search MATCH $1 AND s.rowid > $2 AND ($3 IS NULL OR p.customer_id = $3)"
    " AND ($tenant IS NULL OR p.customer_id = $tenant) ORDER BY s.rowid LIMIT $4"};

Person person_from(const Rows& row) {
  return {{row.integer(0)}, row.text(1), row.text(2),        row.text(3),
          row.text(4),      row.text(5), row.integer(6) != 0};
}

}  // namespace

PersonId put_person(Tx& tx, const Person& person) {
  const std::string email = ascii_lower(person.email);
  if (!email.empty()) {
    PersonId known;
    {
      Rows rows = tx.query(kPersonOfEmail, email, person.customer);
      if (rows.next()) known = {rows.integer(0)};
    }
    if (known.value != 0) {
      tx.run(kUpdatePerson, known, person.name, person.phone, person.language);
      tx.run(kIndexPerson, known, person.name, email);
      return known;
    }
  }
  const PersonId made{
      tx.insert(kInsertPerson, person.customer, person.name, email, person.phone, person.language)};
  tx.run(kIndexPerson, made, person.name, email);
  return made;
}
void change_person(Tx& tx, const Person& person) {
  tx.run(kUpdatePerson, person.id, person.name, person.phone, person.language);
  tx.run(kIndexPerson, person.id, person.name, ascii_lower(person.email));
}
std::optional<Person> find_person(Tx& tx, PersonId id) {
  Rows rows = tx.query(kPerson, id);
  return rows.next() ? std::optional(person_from(rows)) : std::nullopt;
}
std::vector<Person> people_of_email(Tx& tx, std::string_view email) {
  std::vector<Person> all;
  if (email.empty()) return all;
  Rows rows = tx.query(kPeopleOfEmail, ascii_lower(email));
  while (rows.next()) all.push_back(person_from(rows));
  return all;
}
void set_approver(Tx& tx, PersonId id, bool approver) {
  if (tx.run(kSetApprover, id, approver) > 0) {
    record_audit(tx, approver ? "person.approver_named" : "person.approver_ended", "person",
                 std::to_string(id.value));
  }
  if (!approver) tx.run(kDropDeputy, id);
}
std::vector<Person> list_people(Tx& tx, std::string_view customer, PersonId after, int limit) {
  std::vector<Person> all;
  Rows rows = tx.query(kPeople, or_null(customer), after, limit);
  while (rows.next()) all.push_back(person_from(rows));
  return all;
}

std::vector<Person> search_people(Tx& tx, std::string_view words, std::string_view customer,
                                  PersonId after, int limit) {
  std::vector<Person> all;
  std::string expression;  // every word quoted, so that nothing in it is an operator
  for (const std::string& word : tx.words_of(words)) {
    expression += fmt::format("{}\"{}\"*", expression.empty() ? "" : " ", word);
  }
  if (expression.empty()) return all;
  Rows rows = tx.query(kSearchPeople, expression, after, or_null(customer), limit);
  while (rows.next()) all.push_back(person_from(rows));
  return all;
}

}  // namespace ombud
