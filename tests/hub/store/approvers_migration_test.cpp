// A database in which an approver was one by either of two words comes up with one, and whoever was
// asked about an order may read it.
#include <gmock/gmock.h>

#include <filesystem>

#include "base/bytes.hpp"
#include "store/approvals.hpp"
#include "store/identity.hpp"
#include "store/migrations/migrations.hpp"
#include "store/sqlite/migrate.hpp"
#include "support/desk_world.hpp"

namespace ombud::test {
namespace {

namespace fs = std::filesystem;

constexpr int kStep = 22;

TEST(ApproversMigration, WhoApprovedByEitherWordDoesByOne) {
  bytes_init();
  std::string name = (fs::temp_directory_path() / "ombud-approvers-XXXXXX").string();
  ASSERT_NE(::mkdtemp(name.data()), nullptr);
  const fs::path folder = name;
  DeskWorld world;
  Principal karin, nils, olga;
  TicketId order;
  world.store.run(world.system, [&](Tx& tx) {
    karin = DeskWorld::person(tx, "alfa", "Karin Ek", "karin@alfa.example", "");
    nils = DeskWorld::person(tx, "alfa", "Nils Nord", "nils@alfa.example", "");
    olga = DeskWorld::person(tx, "alfa", "Olga Ohl", "olga@alfa.example", "");
    set_approver(tx, nils.person, true);
    return true;
  });
  desk::Register request;
  request.subject = "Ny skärm";
  request.kind = TicketKind::order;
  order = world.store.run(world.user, [&](Tx& tx) { return desk::register_ticket(tx, request); })
              .value()
              .id;
  const std::string now = (folder / "now.db").string(), old = (folder / "old.db").string();
  world.store.connection().execute_script(("VACUUM INTO '" + now + "'").c_str());
  {
    sqlite::Connection before(old, sqlite::Mode::read_write);
    int number = 0;
    for (const Migration& step : migrations()) {
      if (step.number >= kStep) break;
      before.execute_script(step.sql);
      number = step.number;
    }
    before.execute_script(("ATTACH '" + now + "' AS now").c_str());
    before.execute_script(
        "PRAGMA foreign_keys = OFF;"
        "INSERT INTO event SELECT * FROM now.event;"
        "INSERT INTO approval (ticket_id, customer_id, state, requested_at, remind_at, due_at,"
        " hand_over, writer) SELECT ticket_id, customer_id, state, requested_at, remind_at, due_at,"
        " hand_over, writer FROM now.approval;"
        "INSERT INTO customer (customer_id, name) SELECT customer_id, name FROM now.customer;"
        "INSERT INTO person (person_id, customer_id, name, email, phone, language, approver)"
        " SELECT person_id, customer_id, name, email, phone, language, approver FROM now.person;"
        // Karin is one by her role alone, Nils by the directory alone, Olga manages.
        "INSERT INTO account (account_id, email, name, created_at) VALUES"
        " (1, 'karin@alfa.example', 'Karin', 1), (2, 'nils@alfa.example', 'Nils', 1),"
        " (3, 'olga@alfa.example', 'Olga', 1);"
        "INSERT INTO membership (account_id, customer_id, person_id, role)"
        " SELECT 1, 'alfa', person_id, 'approver' FROM person WHERE email LIKE 'karin%' UNION ALL"
        " SELECT 2, 'alfa', person_id, 'user' FROM person WHERE email LIKE 'nils%' UNION ALL"
        " SELECT 3, 'alfa', person_id, 'manager' FROM person WHERE email LIKE 'olga%';");
    before.execute_script(("PRAGMA user_version = " + std::to_string(number) +
                           "; PRAGMA application_id = 0x4F4D4244; DETACH now")
                              .c_str());
  }
  sqlite::migrate(old, Log(world.clock, Level::error, [](std::string_view) {}));
  {
    sqlite::Connection connection(old, sqlite::Mode::read_write);
    connection.execute_script("BEGIN");
    sqlite::SqliteTx tx(connection, world.random, world.system, world.clock.now());
    EXPECT_TRUE(find_person(tx, karin.person)->approver);
    EXPECT_TRUE(find_person(tx, nils.person)->approver);
    EXPECT_FALSE(find_person(tx, olga.person)->approver);
    const auto role_of = [&](std::int64_t account) {
      return find_account(tx, {account})->memberships.at(0).role;
    };
    EXPECT_EQ(role_of(1), Role::approver);
    EXPECT_EQ(role_of(2), Role::approver);
    EXPECT_EQ(role_of(3), Role::manager);
    EXPECT_TRUE(was_asked(tx, order, nils.person));
    EXPECT_FALSE(was_asked(tx, order, karin.person));
    // And what is taken away is away by both words.
    set_approver(tx, karin.person, false);
    EXPECT_EQ(role_of(1), Role::user);
    EXPECT_FALSE(is_approver(tx, karin.person));
    connection.execute_script("ROLLBACK");
  }
  std::error_code ignored;
  fs::remove_all(folder, ignored);
}

}  // namespace
}  // namespace ombud::test
