// bench-seed DATA TICKETS AGENT_TOKEN OPERATOR_TOKEN
// Makes a data directory with the benchmark's organisation and so many tickets without delegation,
// by the same use case as the API. Prints tickets per second.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "base/bytes.hpp"
#include "store/sqlite/data_directory.hpp"
#include "store/sqlite/migrate.hpp"
#include "world.hpp"

int main(int argc, char** argv) {
  using namespace ombud;
  if (argc != 5) {
    std::fprintf(stderr, "usage: bench-seed DATA TICKETS AGENT_TOKEN OPERATOR_TOKEN\n");
    return 2;
  }
  try {
    bytes_init();
    RealClock clock;
    const Log log = log_to_stderr(clock, Level::warning);
    const sqlite::DataDirectory data(argv[1]);
    sqlite::migrate(data.database(), log);
    sqlite::Connection connection(data.database(), sqlite::Mode::read_write);
    bench::BenchRandom random(1);
    connection.execute_script("BEGIN IMMEDIATE");
    {
      sqlite::SqliteTx tx(connection, random, system_principal("bench"), clock.now());
      bench::put_world(tx, argv[3], argv[4]);
    }
    connection.execute_script("COMMIT");
    const std::int64_t count = std::atoll(argv[2]);
    const auto began = std::chrono::steady_clock::now();
    bench::register_many(connection, random, "plain", count, clock.now());
    connection.execute_script("PRAGMA wal_checkpoint(TRUNCATE)");
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    std::printf("%.0f\n", static_cast<double>(count) / took.count());
  } catch (const std::exception& failed) {
    std::fprintf(stderr, "bench-seed: %s\n", failed.what());
    return 1;
  }
  return 0;
}
