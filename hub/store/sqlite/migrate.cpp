#include "store/sqlite/migrate.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "store/migrations/migrations.hpp"
#include "store/sqlite/connection.hpp"

namespace ombud::sqlite {
namespace {

constexpr std::int64_t kApplicationId = 0x4F4D4244;  // "OMBD"

std::int64_t pragma(Connection& connection, const char* text) {
  const Sql sql{text};
  Statement statement(connection.raw(), sql);
  statement.bind({}, std::nullopt, Statement::Keep::borrow);
  return statement.step() ? statement.integer(0) : 0;
}

void check_integrity(const std::string& path) {
  Connection copy(path, Mode::read_only);
  static constexpr Sql kCheck{"PRAGMA integrity_check(1)"};
  Statement& check = copy.statement(kCheck);
  check.bind({}, std::nullopt, Statement::Keep::borrow);
  const bool answered = check.step();
  const std::string answer(answered ? check.text(0) : "no answer");
  check.close();
  if (answer != "ok") throw StoreError("The copy " + path + " is damaged: " + answer);
}

}  // namespace

int schema_wanted() {
  return migrations().back().number;
}

int schema_version(const std::string& path) {
  if (!std::filesystem::exists(path)) return 0;
  Connection connection(path, Mode::read_write);
  return static_cast<int>(pragma(connection, "PRAGMA user_version"));
}

void back_up(const std::string& path, const std::string& to) {
  if (std::filesystem::exists(to)) throw StoreError("There is already a file " + to + ".");
  {
    // Read-only would do for the copy, but VACUUM INTO wants a connection that may write its
    // target.
    Connection source(path, Mode::read_only);
    static constexpr Sql kCopy{"VACUUM INTO $1"};
    Statement& copy = source.statement(kCopy);
    const Param target[] = {Param(to)};
    copy.bind(target, std::nullopt, Statement::Keep::borrow);
    while (copy.step()) {
    }
    copy.close();
  }
  check_integrity(to);
}

void migrate(const std::string& path, const Log& log) {
  const bool existed = std::filesystem::exists(path);
  Connection connection(path, Mode::read_write);
  const auto have = static_cast<int>(pragma(connection, "PRAGMA user_version"));
  const std::int64_t application = pragma(connection, "PRAGMA application_id");
  if (have > schema_wanted()) {
    throw StoreError(
        fmt::format("{} was written by a newer Ombud (schema {}, this one knows {}). Start that "
                    "version, or restore "
                    "a backup.",
                    path, have, schema_wanted()));
  }
  if (existed && have > 0 && application != kApplicationId) {
    throw StoreError(path + " is not a database of Ombud.");
  }
  if (have == schema_wanted()) return;
  if (have > 0) {
    const std::string copy = fmt::format("{}.before-{}", path, schema_wanted());
    std::filesystem::remove(copy);
    back_up(path, copy);
    log.info("backup before migration written", {{"file", copy}});
  }
  for (const Migration& step : migrations()) {
    if (step.number <= have) continue;
    try {
      connection.execute_script("BEGIN IMMEDIATE");
      connection.execute_script(step.sql);
      connection.execute_script(fmt::format("PRAGMA user_version = {}; PRAGMA application_id = {}",
                                            step.number, kApplicationId)
                                    .c_str());
      connection.execute_script("COMMIT");
    } catch (...) {
      if (sqlite3_get_autocommit(connection.raw()) == 0) {
        sqlite3_exec(connection.raw(), "ROLLBACK", nullptr, nullptr, nullptr);
      }
      throw;
    }
    log.info("schema migrated", {{"step", step.name}});
  }
}

}  // namespace ombud::sqlite
