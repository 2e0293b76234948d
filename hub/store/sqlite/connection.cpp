#include "store/sqlite/connection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

#include "base/assert.hpp"

namespace ombud::sqlite {
namespace {

// Tables whose rows belong to one customer.
constexpr auto kTenantTables = std::to_array<std::string_view>(
    {"person",          "agreement",         "event",           "ticket",
     "message",         "attachment",        "delegation",      "lane",
     "delivery",        "customer",          "attributes",      "drift",
     "notice_customer", "article_customer",  "membership",      "participant",
     "relation",        "ticket_tally",      "ticket_response", "ticket_gap",
     "mail_message",    "mail_bounce",       "notification",    "broadcast",
     "approval",        "approval_decision", "approval_asked",  "approval_deputy"});

// Tables that change seldom and are asked in every transaction: what they say is remembered.
constexpr std::array<std::string_view, 7> kDirectoryTables{
    "team", "agent", "customer", "service", "link", "agreement", "setting"};

// Asked by SQLite about everything a statement will touch while it is prepared.
struct Touched {
  bool tenant_table = false;
  bool directory_changed = false;
  static int note(void* self, int action, const char* table, const char*, const char*,
                  const char*) {
    if (action == SQLITE_INSERT || action == SQLITE_UPDATE || action == SQLITE_DELETE) {
      const std::string_view name = table == nullptr ? "" : table;
      if (std::find(kDirectoryTables.begin(), kDirectoryTables.end(), name) !=
          kDirectoryTables.end()) {
        static_cast<Touched*>(self)->directory_changed = true;
      }
    }
    if (action == SQLITE_READ || action == SQLITE_UPDATE || action == SQLITE_DELETE) {
      const std::string_view name = table == nullptr ? "" : table;
      if (std::find(kTenantTables.begin(), kTenantTables.end(), name) != kTenantTables.end()) {
        static_cast<Touched*>(self)->tenant_table = true;
      }
    }
    return SQLITE_OK;
  }
};

// SQLite counts its memory under a lock of the whole process, and nobody here reads the figure. It
// takes no such order after its first use; then it goes on counting.
void stop_counting_memory() {
  [[maybe_unused]] static const int told = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

void set(sqlite3* db, const char* pragma) {
  if (sqlite3_exec(db, pragma, nullptr, nullptr, nullptr) != SQLITE_OK) fail(db, pragma);
}

}  // namespace

void fail(sqlite3* db, std::string_view doing) {
  const int code = sqlite3_extended_errcode(db);
  std::string advice;
  if ((code & 0xFF) == SQLITE_FULL)
    advice = " The disk is full: free some space; work goes on by itself.";
  if ((code & 0xFF) == SQLITE_READONLY) advice = " The data directory cannot be written to.";
  throw StoreError(fmt::format("The database refused ({}, code {}) while: {}.{}",
                               sqlite3_errmsg(db), code, cut_for_log(doing), advice));
}

std::string_view cut_for_log(std::string_view sql) {
  return sql.substr(0, 120);
}

Statement::Statement(sqlite3* db, const Sql& sql) : db_(db) {
  Touched touched;
  sqlite3_set_authorizer(db, &Touched::note, &touched);
  const int code =
      sqlite3_prepare_v3(db, sql.text, -1, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
  sqlite3_set_authorizer(db, nullptr, nullptr);
  if (code != SQLITE_OK) fail(db, sql.text);
  changes_directory_ = touched.directory_changed;
  const int count = sqlite3_bind_parameter_count(statement_);
  for (int i = 1; i <= count; ++i) {
    const char* name = sqlite3_bind_parameter_name(statement_, i);
    OMBUD_ASSERT(name != nullptr && name[0] == '$');
    parameters_.push_back(name[1] == 't' ? 0 : static_cast<std::size_t>(std::atoi(name + 1)));
    numbers_max_ = std::max(numbers_max_, parameters_.back());
  }
  const std::string_view text(sql.text);
  const bool scoped = text.find("$tenant") != std::string_view::npos ||
                      text.find("all tenants:") != std::string_view::npos;
  if (touched.tenant_table && !scoped) {
    std::fprintf(stderr, "ombud: a statement without tenant scope: %s\n", sql.text);
    std::abort();
  }
}

Statement::~Statement() {
  sqlite3_finalize(statement_);
}

void Statement::bind(std::span<const Param> params, const std::optional<std::string>& tenant,
                     Keep keep) {
  OMBUD_ASSERT(!open_);
  const auto lifetime = keep == Keep::copy ? SQLITE_TRANSIENT : SQLITE_STATIC;
  OMBUD_ASSERT(numbers_max_ == params.size());
  open_ = true;
  for (int i = 1; i <= static_cast<int>(parameters_.size()); ++i) {
    const std::size_t number = parameters_[static_cast<std::size_t>(i) - 1];
    int code = SQLITE_OK;
    if (number == 0) {
      code = tenant ? sqlite3_bind_text(statement_, i, tenant->data(),
                                        static_cast<int>(tenant->size()), SQLITE_STATIC)
                    : sqlite3_bind_null(statement_, i);
    } else {
      const Param& param = params[number - 1];
      switch (param.type()) {
        case Param::Type::null:
          code = sqlite3_bind_null(statement_, i);
          break;
        case Param::Type::integer:
          code = sqlite3_bind_int64(statement_, i, param.number());
          break;
        case Param::Type::text:
          // data() of an empty view may be null, which SQLite would take as NULL
          code = sqlite3_bind_text64(statement_, i, param.text().empty() ? "" : param.text().data(),
                                     param.text().size(), lifetime, SQLITE_UTF8);
          break;
        case Param::Type::blob:
          code = sqlite3_bind_blob64(statement_, i, param.text().data(), param.text().size(),
                                     lifetime);
          break;
      }
    }
    if (code != SQLITE_OK) fail(db_, "binding a parameter");
  }
}

bool Statement::step() {
  OMBUD_ASSERT(open_);
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  const std::string text = sqlite3_sql(statement_);
  try {
    fail(db_, text);
  } catch (...) {
    close();
    throw;
  }
}

void Statement::close() {
  sqlite3_reset(statement_);
  open_ = false;
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}
std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}
std::string_view Statement::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (data == nullptr) return {};
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

Connection::Connection(const std::string& path, Mode mode) : mode_(mode) {
  stop_counting_memory();
  const int flags = (mode == Mode::read_only ? SQLITE_OPEN_READONLY
                                             : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) |
                    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  if (sqlite3_open_v2(path.c_str(), &db_, flags, nullptr) != SQLITE_OK) {
    const std::string why = db_ == nullptr ? "out of memory" : sqlite3_errmsg(db_);
    sqlite3_close_v2(db_);
    throw StoreError("Cannot open the database " + path + ": " + why + ".");
  }
  try {
    sqlite3_busy_timeout(db_, kBusyMs);
    sqlite3_db_config(db_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    sqlite3_db_config(db_, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
    sqlite3_db_config(db_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    set(db_, "PRAGMA foreign_keys = ON");
    set(db_, "PRAGMA secure_delete = FAST");
    set(db_, "PRAGMA temp_store = MEMORY");
    set(db_, "PRAGMA cache_size = -8192");
    if (mode == Mode::read_write) {
      set(db_, "PRAGMA journal_mode = WAL");
      set(db_, "PRAGMA synchronous = FULL");
      set(db_, "PRAGMA journal_size_limit = 67108864");
      set(db_, "PRAGMA wal_autocheckpoint = 4000");
    } else {
      sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    }
  } catch (...) {
    sqlite3_close_v2(db_);
    throw;
  }
}

Connection::~Connection() {
  tokenizer_.reset();
  statements_.clear();
  sqlite3_close_v2(db_);
}

Statement& Connection::statement(const Sql& sql) {
  auto& kept = statements_[sql.text];
  if (!kept) kept = std::make_unique<Statement>(db_, sql);
  return *kept;
}

void Connection::execute_script(const char* sql) {
  memory_.forget();  // nobody knows what the script does
  if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail(db_, sql);
}

void Connection::run(const Sql& sql) {
  Statement& kept = statement(sql);
  kept.bind({}, std::nullopt, Statement::Keep::borrow);
  kept.step();
  kept.close();
}

void Connection::begin() {
  static constexpr Sql kBegin{"BEGIN IMMEDIATE"};
  run(kBegin);
}

void Connection::commit() {
  static constexpr Sql kCommit{"COMMIT"};
  run(kCommit);
}

void Connection::roll_back() {
  memory_.forget();
  if (sqlite3_get_autocommit(db_) == 0) sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
}

std::vector<std::string> Connection::words_of(std::string_view text) {
  if (!tokenizer_) tokenizer_ = std::make_unique<Tokenizer>(db_);
  return tokenizer_->words_of(text);
}

std::int64_t Connection::changes() const {
  return sqlite3_changes64(db_);
}
std::int64_t Connection::total_changes() const {
  return sqlite3_total_changes64(db_);
}

SqliteTx::SqliteTx(Connection& connection, Random& random, Principal principal, Instant at)
    : connection_(connection), random_(random) {
  principal_ = std::move(principal);
  at_ = at;
  memory_ = connection.memory();
}

std::string SqliteTx::mint() {
  return mint_id(random_);
}

std::vector<std::string> SqliteTx::words_of(std::string_view text) {
  return connection_.words_of(text);
}

Cursor& SqliteTx::open(const Sql& sql, std::span<const Param> params) {
  Statement& statement = connection_.statement(sql);
  if (statement.changes_directory() && memory_ != nullptr) memory_->forget();
  statement.bind(params, principal_.tenant, Statement::Keep::copy);
  return statement;
}

std::int64_t SqliteTx::execute(const Sql& sql, std::span<const Param> params) {
  Statement& statement = connection_.statement(sql);
  if (statement.changes_directory() && memory_ != nullptr) memory_->forget();
  statement.bind(params, principal_.tenant, Statement::Keep::borrow);
  while (statement.step()) {
  }
  statement.close();
  return connection_.changes();
}

std::int64_t SqliteTx::inserted_id() {
  return sqlite3_last_insert_rowid(connection_.raw());
}

}  // namespace ombud::sqlite
