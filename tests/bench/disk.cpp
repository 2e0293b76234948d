// bench-disk DIRECTORY SECONDS: what this machine's disk and SQLite do by themselves, in one
// thread. Prints two lines, "<name> <per second> <p50 ms> <p99 ms>":
//   fdatasync   append 4 KiB to a file and fdatasync it
//   sqlite      insert one ticket-like row (500 bytes, one index) in a transaction of its own: WAL,
//   FULL
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

// Repeats `step` for so long and prints its line.
template <class Step>
void measure(const char* name, double seconds, Step step) {
  std::vector<double> took;
  const auto began = Clock::now();
  auto last = began;
  while (std::chrono::duration<double>(last - began).count() < seconds) {
    step();
    const auto now = Clock::now();
    took.push_back(std::chrono::duration<double, std::milli>(now - last).count());
    last = now;
  }
  const double rate =
      static_cast<double>(took.size()) / std::chrono::duration<double>(last - began).count();
  std::sort(took.begin(), took.end());
  std::printf("%s %.0f %.3f %.3f\n", name, rate, took[took.size() / 2],
              took[took.size() * 99 / 100]);
}

void append_and_sync(const std::string& path, double seconds) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) throw std::runtime_error("cannot write " + path);
  const std::string page(4096, 'x');
  measure("fdatasync", seconds, [&] {
    if (::write(file, page.data(), page.size()) != static_cast<ssize_t>(page.size()) ||
        ::fdatasync(file) != 0) {
      throw std::runtime_error("cannot write " + path);
    }
  });
  ::close(file);
  ::unlink(path.c_str());
}

void check(sqlite3* db, int code) {
  if (code != SQLITE_OK && code != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(db));
}

void insert_one_by_one(const std::string& path, double seconds) {
  const auto remove_all = [&path] {
    for (const char* end : {"", "-wal", "-shm"}) ::unlink((path + end).c_str());
  };
  remove_all();
  sqlite3* db = nullptr;
  check(db, sqlite3_open(path.c_str(), &db));
  check(db, sqlite3_exec(
                db,
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                "CREATE TABLE ticket (id INTEGER PRIMARY KEY, subject TEXT, body TEXT,"
                " status TEXT, created INTEGER); CREATE INDEX by_status ON ticket (status, id)",
                nullptr, nullptr, nullptr));
  sqlite3_stmt* insert = nullptr;
  check(db, sqlite3_prepare_v2(db,
                               "INSERT INTO ticket (subject, body, status, created)"
                               " VALUES (?, ?, 'open', ?)",
                               -1, &insert, nullptr));
  const std::string body(500, 'x');
  std::int64_t number = 0;
  measure("sqlite", seconds, [&] {
    const std::string subject = "Printer " + std::to_string(++number) + " broken";
    check(db, sqlite3_exec(db, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr));
    sqlite3_bind_text(insert, 1, subject.data(), static_cast<int>(subject.size()), SQLITE_STATIC);
    sqlite3_bind_text(insert, 2, body.data(), static_cast<int>(body.size()), SQLITE_STATIC);
    sqlite3_bind_int64(insert, 3, number);
    check(db, sqlite3_step(insert));
    sqlite3_reset(insert);
    check(db, sqlite3_exec(db, "COMMIT", nullptr, nullptr, nullptr));
  });
  sqlite3_finalize(insert);
  sqlite3_close(db);
  remove_all();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: bench-disk DIRECTORY SECONDS\n");
    return 2;
  }
  try {
    const std::string directory = argv[1];
    const double seconds = std::atof(argv[2]);
    append_and_sync(directory + "/bench-disk.bin", seconds);
    insert_one_by_one(directory + "/bench-disk.db", seconds);
  } catch (const std::exception& failed) {
    std::fprintf(stderr, "bench-disk: %s\n", failed.what());
    return 1;
  }
  return 0;
}
