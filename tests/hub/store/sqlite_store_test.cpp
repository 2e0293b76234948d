// The embedded store: many writers share one commit, refusals undo only themselves, the file
// survives.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <latch>
#include <thread>

#include "base/bytes.hpp"
#include "store/await.hpp"
#include "store/directory.hpp"
#include "store/migrations/migrations.hpp"
#include "store/sqlite/data_directory.hpp"
#include "store/sqlite/file_blobs.hpp"
#include "store/sqlite/migrate.hpp"
#include "store/sqlite/sqlite_store.hpp"

namespace ombud::sqlite {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr Sql kCustomers{"SELECT count(*) FROM customer -- all tenants: test"};

struct SqliteStoreTest : testing::Test {
  SqliteStoreTest() {
    bytes_init();
    std::string name = (fs::temp_directory_path() / "ombud-store-XXXXXX").string();
    folder = ::mkdtemp(name.data());
    path = (folder / "ombud.db").string();
  }
  ~SqliteStoreTest() override { fs::remove_all(folder); }

  // Runs a task to its end on this thread.
  template <class T>
  static T wait(net::awaitable<T> task) {
    net::io_context context;
    auto answer = net::co_spawn(context, std::move(task), net::use_future);
    context.run();
    return answer.get();
  }
  template <class T>
  Result<T> now(Store& store, std::function<Result<T>(Tx&)> work) {
    return wait(write<T>(store, system_principal("test"), std::move(work)));
  }
  static Result<int> add_customer(Tx& tx, const std::string& id) {
    put_customer(tx, {id, "Customer " + id, {}, "sv"});
    return 0;
  }
  std::int64_t customers(Store& store) {
    return now<std::int64_t>(store,
                             [](Tx& tx) -> Result<std::int64_t> {
                               Rows rows = tx.query(kCustomers);
                               return rows.next() ? rows.integer(0) : -1;
                             })
        .value();
  }

  fs::path folder;
  std::string path;
  RealClock clock;
  SystemRandom random;
  Log log{clock, Level::error, [](std::string_view) {}};
};

TEST_F(SqliteStoreTest, KeepsEveryAnsweredWriteOfManyThreads) {
  migrate(path, log);
  constexpr int kThreads = 8, kEach = 200;
  std::atomic<int> answered{0}, notes{0};
  {
    SqliteStore store(path, clock, random, log);
    store.observe([&](const CommitNote& note) { notes += static_cast<int>(note.links.size()); });
    std::latch all(kThreads * kEach);
    std::vector<std::thread> writers;
    for (int t = 0; t < kThreads; ++t) {
      writers.emplace_back([&, t] {
        for (int i = 0; i < kEach; ++i) {
          store.write(
              system_principal("test"),
              [t, i](Tx& tx) {
                tx.poke_link("x");
                return add_customer(tx, "c" + std::to_string(t) + "-" + std::to_string(i))
                    .has_value();
              },
              [&](std::exception_ptr error) {
                if (!error) ++answered;
                all.count_down();
              });
        }
      });
    }
    for (auto& writer : writers) writer.join();
    all.wait();
  }
  EXPECT_EQ(answered, kThreads * kEach);
  EXPECT_EQ(notes, kThreads * kEach);
  SqliteStore again(path, clock, random, log);
  EXPECT_EQ(customers(again), kThreads * kEach);
}

TEST_F(SqliteStoreTest, ARefusedOrFailedJobUndoesOnlyItself) {
  migrate(path, log);
  SqliteStore store(path, clock, random, log);
  std::latch all(4), begin(1);
  std::vector<std::exception_ptr> errors(4);
  const auto submit = [&](std::size_t slot, Store::Work work) {
    store.write(system_principal("test"), std::move(work), [&, slot](std::exception_ptr error) {
      errors[slot] = error;
      all.count_down();
    });
  };
  submit(0, [&](Tx& tx) {  // holds the writer, so that the next three share a batch
    begin.wait();
    return add_customer(tx, "first").has_value();
  });
  submit(1, [](Tx& tx) { return add_customer(tx, "kept").has_value(); });
  submit(2, [](Tx& tx) {
    add_customer(tx, "refused");
    return false;
  });
  submit(3, [](Tx& tx) -> bool {
    add_customer(tx, "thrown");
    throw std::runtime_error("ours");
  });
  begin.count_down();
  all.wait();
  EXPECT_FALSE(errors[0]);
  EXPECT_FALSE(errors[1]);
  EXPECT_FALSE(errors[2]);
  EXPECT_THROW(std::rethrow_exception(errors[3]), std::runtime_error);
  EXPECT_EQ(customers(store), 2);
}

TEST_F(SqliteStoreTest, AReaderCannotWrite) {
  migrate(path, log);
  SqliteStore store(path, clock, random, log);
  std::function<Result<int>(Tx&)> work = [](Tx& tx) { return add_customer(tx, "x"); };
  const auto outcome = wait(read<int>(store, system_principal("test"), work));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ProblemKind::unavailable);
  EXPECT_EQ(customers(store), 0);
}

TEST_F(SqliteStoreTest, SaysThatTheDiskIsFullAndGoesOnAnswering) {
  migrate(path, log);
  SqliteStore store(path, clock, random, log);
  static constexpr Sql kNoGrowth{
      "PRAGMA max_page_count = 1"};  // SQLite never goes below what is there
  now<int>(store, [](Tx& tx) -> Result<int> {
    Rows rows = tx.query(kNoGrowth);
    rows.next();
    return 0;
  }).value();
  Result<int> outcome = 0;
  int kept = 0;
  for (int i = 0; i < 500 && outcome; ++i) {
    outcome = now<int>(store, [i](Tx& tx) -> Result<int> {
      put_customer(tx, {"c" + std::to_string(i), std::string(4000, 'x'), {}, "sv"});
      return 0;
    });
    if (outcome) ++kept;
  }
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ProblemKind::unavailable);
  EXPECT_THAT(outcome.error().detail, HasSubstr("disk is full"));
  EXPECT_EQ(customers(store), kept);
}

TEST_F(SqliteStoreTest, TheLogIsCopiedAndStartedAnewWhileWorkGoesOn) {
  migrate(path, log);
  constexpr int kRoundsMax = 200, kEach = 500, kBytes = 4000;
  int rounds = 0;
  std::uintmax_t log_bytes = 0;
  {
    SqliteStore store(path, clock, random, log);
    std::atomic<int> failed{0}, unseen{0};
    // Until much more has been written than the log holds.
    for (bool anew = false; !anew && rounds < kRoundsMax; ++rounds) {
      std::latch all(2 * kEach);
      for (int i = 0; i < kEach; ++i) {
        const std::string id = fmt::format("c{}-{}", rounds, i);
        store.write(
            system_principal("test"),
            [id](Tx& tx) {
              put_customer(tx, {id, std::string(kBytes, 'x'), {}, "sv"});
              return true;
            },
            [&](std::exception_ptr error) {
              if (error) ++failed;
              all.count_down();
            });
        store.read(
            system_principal("test"),
            [&unseen, first = fmt::format("c{}-0", rounds - 1), rounds](Tx& tx) {
              if (rounds > 0 && !find_customer(tx, first)) ++unseen;
              return true;
            },
            [&](std::exception_ptr error) {
              if (error) ++failed;
              all.count_down();
            });
      }
      all.wait();
      log_bytes = fs::file_size(path + "-wal");
      anew = static_cast<std::uintmax_t>(rounds) * kEach * kBytes > 2 * log_bytes;
    }
    EXPECT_EQ(failed, 0);
    EXPECT_EQ(unseen, 0);  // what was answered is seen
    EXPECT_LT(rounds, kRoundsMax) << "the log has " << log_bytes << " bytes";
    EXPECT_EQ(customers(store), rounds * kEach);
  }
  const std::string copy = (folder / "copy.db").string();
  back_up(path, copy);  // checks it too
  SqliteStore again(copy, clock, random, log);
  EXPECT_EQ(customers(again), rounds * kEach);
}

TEST_F(SqliteStoreTest, ReadersWithoutAGapDoNotKeepTheLogGrowing) {
  migrate(path, log);
  constexpr int kWrites = 400, kBytes = 400'000;  // 160 MB
  constexpr std::uintmax_t kLogBytesMax = 110'000'000;
  static constexpr Sql kSlow{
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
      " SELECT count(*), (SELECT count(*) FROM customer) FROM n -- all tenants: test"};
  SqliteStore store(path, clock, random, log);
  std::atomic<bool> enough{false};
  std::latch readers_ended(4);
  std::function<void()> read_again = [&] {
    store.read(
        system_principal("test"),
        [](Tx& tx) {
          Rows rows = tx.query(kSlow);
          return rows.next();
        },
        [&](std::exception_ptr) { enough ? readers_ended.count_down() : read_again(); });
  };
  for (int i = 0; i < 4; ++i) read_again();
  for (int i = 0; i < kWrites; ++i) {
    const auto written = now<int>(store, [i](Tx& tx) -> Result<int> {
      put_customer(tx, {fmt::format("c{}", i), std::string(kBytes, 'x'), {}, "sv"});
      return 0;
    });
    ASSERT_TRUE(written);
  }
  enough = true;
  readers_ended.wait();
  EXPECT_LT(fs::file_size(path + "-wal"), kLogBytesMax);
  EXPECT_EQ(customers(store), kWrites);
}

TEST_F(SqliteStoreTest, RefusesADatabaseOfANewerOmbudAndOfSomebodyElse) {
  migrate(path, log);
  EXPECT_EQ(schema_version(path), schema_wanted());
  migrate(path, log);  // once more changes nothing
  { Connection(path, Mode::read_write).execute_script("PRAGMA user_version = 9999"); }
  try {
    migrate(path, log);
    FAIL() << "must refuse";
  } catch (const StoreError& refused) {
    EXPECT_THAT(refused.what(), HasSubstr("newer Ombud"));
  }
  const std::string other = (folder / "other.db").string();
  {
    Connection(other, Mode::read_write)
        .execute_script("CREATE TABLE t (x); PRAGMA user_version = 1");
  }
  EXPECT_THROW(migrate(other, log), StoreError);
}

TEST_F(SqliteStoreTest, ADatabaseOfTheFirstSchemaKeepsItsLinksAndTokens) {
  {
    Connection first(path, Mode::read_write);
    first.execute_script(migrations().front().sql);
    first.execute_script(
        "INSERT INTO customer (customer_id, name) VALUES ('a', 'A');"
        "INSERT INTO link (link_id, supplier, connector, state, reason) VALUES ('x', 'X', 'rest',"
        " 'paused', 'why');"
        "INSERT INTO agreement (customer_id, link_id, services, valid_from) VALUES ('a', 'x', ' s "
        "',"
        " 0);"
        "INSERT INTO lane (link_id, ticket_id, customer_id) VALUES ('x', 1, 'a');"
        "INSERT INTO token (token_hash, token_id, name, role, created_at) VALUES ('h', 't', 'n',"
        " 'admin', 0);"
        "PRAGMA user_version = 1; PRAGMA application_id = 0x4F4D4244");
  }
  migrate(path, log);
  EXPECT_EQ(schema_version(path), schema_wanted());
  SqliteStore store(path, clock, random, log);
  const auto link = now<Link>(store, [](Tx& tx) { return Result<Link>(*find_link(tx, "x")); });
  EXPECT_EQ(link->state, "paused");
  EXPECT_EQ(link->reason, "why");
  const auto token = now<Token>(store, [](Tx& tx) { return Result<Token>(*find_token(tx, "h")); });
  EXPECT_EQ(token->principal.role, Role::admin);
  static constexpr Sql kBroken{
      "SELECT count(*) FROM pragma_foreign_key_check -- all tenants: test"};
  const auto broken = now<std::int64_t>(store, [](Tx& tx) {
    Rows rows = tx.query(kBroken);
    return Result<std::int64_t>(rows.next() ? rows.integer(0) : -1);
  });
  EXPECT_EQ(broken.value(), 0);
}

TEST_F(SqliteStoreTest, BacksUpALiveDatabaseAndChecksTheCopy) {
  migrate(path, log);
  SqliteStore store(path, clock, random, log);
  now<int>(store, [](Tx& tx) { return add_customer(tx, "a"); }).value();
  const std::string copy = (folder / "copy.db").string();
  back_up(path, copy);
  EXPECT_THROW(back_up(path, copy), StoreError);  // never over something
  SqliteStore restored(copy, clock, random, log);
  EXPECT_EQ(customers(restored), 1);
}

TEST_F(SqliteStoreTest, OneHubPerDataDirectory) {
  const DataDirectory mine((folder / "data").string());
  try {
    const DataDirectory second((folder / "data").string());
    FAIL() << "must refuse";
  } catch (const StoreError& refused) {
    EXPECT_THAT(refused.what(), HasSubstr("process " + std::to_string(::getpid())));
  }
  EXPECT_EQ(fs::status(mine.path()).permissions(), fs::perms::owner_all);
}

TEST_F(SqliteStoreTest, BlobsAreKeptOnceUnderTheirDigest) {
  fs::create_directories(folder / "blobs");
  net::thread_pool pool(1);
  FileBlobs blobs((folder / "blobs").string(), pool);
  const std::string bytes("\0\xFF bytes", 8);
  const BlobRef first = wait(blobs.put(bytes)).value();
  EXPECT_EQ(first.sha256, sha256_hex(bytes));
  EXPECT_EQ(wait(blobs.put(bytes)).value().sha256, first.sha256);
  EXPECT_EQ(wait(blobs.get(first.sha256)), bytes);
  EXPECT_FALSE(wait(blobs.get(std::string(64, '0'))).has_value());

  const std::string file = (folder / "blobs" / "incoming").string();
  std::ofstream(file) << "from a file";
  EXPECT_EQ(wait(blobs.adopt(file)).value().sha256, sha256_hex("from a file"));
  EXPECT_FALSE(fs::exists(file));
  EXPECT_EQ(wait(blobs.adopt(file)).error().kind, ProblemKind::unavailable);
  EXPECT_EQ(wait(blobs.get(sha256_hex("from a file"))), "from a file");
  EXPECT_EQ(wait(blobs.get(sha256_hex("unknown"))), std::nullopt);

  // What was coming in when the hub was killed is gone in its next life; nothing else is.
  const auto half = folder / "blobs" / "incoming-1-1";
  std::ofstream(half) << "half of";
  const FileBlobs next((folder / "blobs").string(), pool);
  EXPECT_FALSE(fs::exists(half));
  EXPECT_TRUE(fs::exists(next.path_of(sha256_hex("from a file"))));
  pool.join();
}

}  // namespace
}  // namespace ombud::sqlite
