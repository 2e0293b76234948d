// One SQLite connection with its statements. Not thread-safe: one thread at a time.
#pragma once

#include <sqlite3.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/random.hpp"
#include "store/sqlite/tokenizer.hpp"
#include "store/store.hpp"

namespace ombud::sqlite {

// The beginning of a statement, enough to recognise it.
std::string_view cut_for_log(std::string_view sql);
// Throws StoreError with SQLite's words and what was being done.
[[noreturn]] void fail(sqlite3* db, std::string_view doing);

class Statement final : public Cursor {
 public:
  Statement(sqlite3* db, const Sql& sql);
  ~Statement() override;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // Text is copied for `Keep::copy`, which a statement needs that is stepped after the call.
  enum class Keep { borrow, copy };
  void bind(std::span<const Param> params, const std::optional<std::string>& tenant, Keep keep);
  bool step() override;
  void close() override;
  bool is_null(int column) const override;
  std::int64_t integer(int column) const override;
  std::string_view text(int column) const override;
  bool changes_directory() const { return changes_directory_; }

 private:
  sqlite3* db_;
  sqlite3_stmt* statement_ = nullptr;
  std::vector<std::size_t> parameters_;  // what each stands for: 0 the tenant, else its number
  std::size_t numbers_max_ = 0;
  bool open_ = false;
  bool changes_directory_ = false;
};

enum class Mode { read_write, read_only };

class Connection {
 public:
  static constexpr int kBusyMs = 5000;  // how long it waits for a lock of another connection
  // `path` may be ":memory:". The writer sets WAL and synchronous=FULL; see the store's README for
  // why.
  Connection(const std::string& path, Mode mode);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Prepared once and kept. Aborts if the statement touches customer data without a tenant scope.
  Statement& statement(const Sql& sql);
  void execute_script(const char* sql);  // several statements, no results
  void begin();                          // takes the write lock
  void commit();
  void roll_back();  // if there is a transaction: after some errors SQLite has ended it itself
  // As the tokenizer of the table message_search takes a text apart.
  std::vector<std::string> words_of(std::string_view text);
  // What the directory said; null on a connection that others may write beside.
  Memory* memory() { return mode_ == Mode::read_write ? &memory_ : nullptr; }
  std::int64_t changes() const;        // rows changed by the last statement
  std::int64_t total_changes() const;  // since the connection was opened
  sqlite3* raw() const { return db_; }

 private:
  void run(const Sql& sql);

  Mode mode_;
  sqlite3* db_ = nullptr;
  std::unordered_map<const char*, std::unique_ptr<Statement>> statements_;
  Memory memory_;
  std::unique_ptr<Tokenizer> tokenizer_;  // made when it is first needed
};

// The Tx over a connection. The caller begins and ends the transaction around it.
class SqliteTx final : public Tx {
 public:
  SqliteTx(Connection& connection, Random& random, Principal principal, Instant at);
  std::string mint() override;
  std::vector<std::string> words_of(std::string_view text) override;
  const CommitNote& note() const { return note_; }

 protected:
  Cursor& open(const Sql& sql, std::span<const Param> params) override;
  std::int64_t execute(const Sql& sql, std::span<const Param> params) override;
  std::int64_t inserted_id() override;

 private:
  Connection& connection_;
  Random& random_;
};

}  // namespace ombud::sqlite
