// A database from before views and ratings comes up as if it had always had them.
#include <gmock/gmock.h>

#include <filesystem>

#include "base/bytes.hpp"
#include "desk/ticket_list.hpp"
#include "store/migrations/migrations.hpp"
#include "store/projection.hpp"
#include "store/sqlite/migrate.hpp"
#include "support/desk_world.hpp"

namespace ombud::test {
namespace {

namespace fs = std::filesystem;

struct PowersMigration : testing::Test {
  PowersMigration() {
    bytes_init();
    std::string name = (fs::temp_directory_path() / "ombud-migration-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
    folder = name;
  }
  ~PowersMigration() override {
    std::error_code ignored;
    fs::remove_all(folder, ignored);
  }
  fs::path folder;
};

// Tickets in every state that the new columns tell of, by nothing but what there was before.
void live(DeskWorld& world) {
  const TicketId waiting = world.new_ticket(), answered = world.new_ticket(),
                 done = world.new_ticket(), acted = world.new_ticket();
  world.delegate(waiting);
  world.delegate(answered);
  const Delegation accepted = world.delegate(acted);
  desk::Reply reply;
  reply.ticket = answered;
  reply.text = "Den är tyst nu.";
  world.store.run(world.user, [&](Tx& tx) { return desk::reply(tx, reply); }).value();
  int number = 0;
  for (const Delivery& delivery : world.claim()) {
    world.done(delivery, "R-" + std::to_string(++number));
  }
  world.change(R"({"event_id":"e1","external_id":"R-2","type":"comment",)"
               R"("comment":{"id":"c1","public":true,"text":"Vilken modell?"}})");
  world.change(R"({"event_id":"e2","external_id":"R-3","type":"status","status":"resolved"})");
  world.store.run(world.agent, [&](Tx& tx) { return desk::accept(tx, accepted.id, ""); }).value();
  world.store.run(world.agent, [&](Tx& tx) { return desk::note(tx, done, "Internt", {}); }).value();
  world.store.run(world.agent, [&](Tx& tx) { return desk::resolve(tx, done, "Klart."); }).value();
  world.store.run(world.user, [&](Tx& tx) { return desk::close(tx, done, ""); }).value();
  desk::Change change;
  change.priority = Priority::urgent;
  change.agent = "anna";
  world.store.run(world.agent, [&](Tx& tx) { return desk::change(tx, waiting, {}, change); })
      .value();
}

TEST_F(PowersMigration, WhatIsDerivedIsAsTheLogSays) {
  DeskWorld world;
  live(world);
  const std::string now = (folder / "now.db").string(), old = (folder / "old.db").string();
  world.store.connection().execute_script(("VACUUM INTO '" + now + "'").c_str());
  {
    sqlite::Connection before(old, sqlite::Mode::read_write);
    int number = 0;
    for (const Migration& step : migrations()) {
      if (step.number >= 10) break;
      before.execute_script(step.sql);
      number = step.number;
    }
    before.execute_script(("ATTACH '" + now + "' AS now").c_str());
    before.execute_script(
        "PRAGMA foreign_keys = OFF;"
        "INSERT INTO event SELECT * FROM now.event;"
        "INSERT INTO message SELECT message_id, ticket_id, customer_id, visibility, party, author,"
        " delegation_id, relays, at, text FROM now.message;"
        "INSERT INTO attachment SELECT * FROM now.attachment;"
        "INSERT INTO delegation SELECT * FROM now.delegation;"
        "INSERT INTO person (person_id, customer_id, name, email, phone, language, approver)"
        " SELECT person_id, customer_id, name, email, phone, language, approver FROM now.person;"
        "INSERT INTO customer (customer_id, name) SELECT customer_id, name FROM now.customer;"
        "INSERT INTO ticket SELECT ticket_id, customer_id, requester_id, kind, status, priority,"
        " channel, subject, service_id, team_id, agent_id, language, version, created_at,"
        " updated_at, resolved_at, closed_at FROM now.ticket;");
    before.execute_script(("PRAGMA user_version = " + std::to_string(number) +
                           "; PRAGMA application_id = 0x4F4D4244; DETACH now")
                              .c_str());
  }
  sqlite::migrate(old, Log(world.clock, Level::error, [](std::string_view) {}));

  sqlite::Connection connection(old, sqlite::Mode::read_write);
  connection.execute_script("BEGIN");
  sqlite::SqliteTx tx(connection, world.random, world.system, world.clock.now());
  TicketFilter answered;
  answered.answered = true;
  EXPECT_EQ(list_tickets(tx, answered, {}, 10).size(), 1U);
  EXPECT_EQ(search_people(tx, "mal", "", {}, 10).size(), 1U);
  EXPECT_THAT(verify_projection(tx), testing::IsEmpty());
  connection.execute_script("ROLLBACK");
}

}  // namespace
}  // namespace ombud::test
