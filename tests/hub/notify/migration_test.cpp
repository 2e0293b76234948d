// A hub that comes up with the notifier tells nobody of the past, and goes on in the threads that
// its users have.
#include <gtest/gtest.h>

#include "store/migrations/migrations.hpp"
#include "store/notifications.hpp"
#include "store/sqlite/connection.hpp"

namespace ombud {
namespace {

constexpr int kBefore = 13;

std::int64_t number(sqlite::Connection& connection, const char* text) {
  std::int64_t value = -1;
  const auto read = [](void* to, int, char** texts, char**) {
    *static_cast<std::int64_t*>(to) = texts[0] == nullptr ? -1 : std::atoll(texts[0]);
    return 0;
  };
  EXPECT_EQ(sqlite3_exec(connection.raw(), text, read, &value, nullptr), SQLITE_OK) << text;
  return value;
}

TEST(NotifyMigration, LeavesThePastUntoldAndTheThreadsWithTheirPeople) {
  sqlite::Connection connection(":memory:", sqlite::Mode::read_write);
  for (const Migration& step : migrations()) {
    if (step.number <= kBefore) connection.execute_script(step.sql);
  }
  connection.execute_script(
      "INSERT INTO customer (customer_id, name) VALUES ('alfa', 'Alfa');"
      "INSERT INTO link (link_id, kind, supplier, connector) VALUES ('mail', 'notices', 'U', 'e');"
      "INSERT INTO event (event_id, ticket_id, version, customer_id, at, actor, type, data)"
      " VALUES (41, 1, 1, 'alfa', 0, 'user:7', 'registered', '{}');"
      "INSERT INTO ticket (ticket_id, customer_id, requester_id, kind, status, priority, channel,"
      " subject, service_id, team_id, agent_id, language, version, created_at, updated_at)"
      " VALUES (1, 'alfa', 7, 'incident', 'new', 'normal', 'mail', 's', '', 'desk', '', 'sv', 1, 0,"
      " 0);"
      "INSERT INTO lane (link_id, ticket_id, customer_id) VALUES ('mail', 1, 'alfa');"
      "INSERT INTO lane (link_id, ticket_id, customer_id, letter) VALUES ('mail', 0, '', 1);");
  for (const Migration& step : migrations()) {
    if (step.number > kBefore) connection.execute_script(step.sql);
  }
  EXPECT_EQ(number(connection, "SELECT until FROM notify_cursor WHERE log = 'ticket'"), 41);
  EXPECT_EQ(number(connection, "SELECT until FROM notify_cursor WHERE log = 'notice'"), 0);
  EXPECT_EQ(number(connection, "SELECT person_id FROM lane WHERE ticket_id = 1"), 7);
  EXPECT_EQ(number(connection, "SELECT person_id FROM lane WHERE letter = 1"), 0);
}

}  // namespace
}  // namespace ombud
