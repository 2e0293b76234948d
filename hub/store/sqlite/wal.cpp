#include "store/sqlite/wal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace ombud::sqlite {
namespace {

constexpr int kFramesMax = 2'000;  // in the log and not in the file: 8 MiB
// In the log at all, 64 MiB: from there on the writer waits for the readers that stand in it, so
// that it can be started anew, but not for long.
constexpr int kFramesLong = 16'000;
constexpr int kReadersWaitMs = 250;

struct Copied {
  int in_log = 0, in_file = 0;
};
// PASSIVE: waits for nobody. RESTART: for readers, as long as the connection's patience lasts.
// Throws StoreError.
Copied checkpoint(Connection& connection, int mode = SQLITE_CHECKPOINT_PASSIVE) {
  Copied copied;
  const int code =
      sqlite3_wal_checkpoint_v2(connection.raw(), "main", mode, &copied.in_log, &copied.in_file);
  if (code != SQLITE_OK && code != SQLITE_BUSY) fail(connection.raw(), "a checkpoint");
  return copied;
}

}  // namespace

WalFile::WalFile(Connection& writer, const std::string& path) {
  writer.execute_script("PRAGMA synchronous = NORMAL; SELECT 1 FROM sqlite_schema");
  file_ = ::open((path + "-wal").c_str(), O_RDWR | O_CLOEXEC);
  if (file_ < 0) throw StoreError("Cannot open " + path + "-wal: " + std::strerror(errno) + ".");
}

WalFile::~WalFile() {
  ::close(file_);
}

void WalFile::sync() const {
  while (::fdatasync(file_) != 0) {
    if (errno == EINTR) continue;
    throw StoreError(
        fmt::format("The disk did not keep what was written ({}). The hub takes no "
                    "more work until it is started again; check the disk first.",
                    std::strerror(errno)));
  }
}

Checkpointer::Checkpointer(Connection& writer, const std::string& path, const Log& log)
    : writer_(writer), log_(log), copier_(path, Mode::read_write), guard_(path, Mode::read_only) {
  // takes the place of SQLite's own checkpoint inside a commit
  sqlite3_wal_hook(
      writer_.raw(),
      [](void* self, sqlite3*, const char*, int frames) {
        static_cast<Checkpointer*>(self)->frames_ = frames;
        return SQLITE_OK;
      },
      this);
  thread_ = std::thread([this] { run(); });
}

Checkpointer::~Checkpointer() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  thread_.join();
  sqlite3_wal_hook(writer_.raw(), nullptr, nullptr);
}

void Checkpointer::between_commits() {
  if (frames_ < copied_) copied_ = 0;  // the log was started anew
  if (frames_ - copied_ < kFramesMax) return;
  {
    const std::lock_guard lock(mutex_);
    if (turn_ == Turn::thread) return;
    if (turn_ == Turn::nobody) {
      turn_ = Turn::thread;
      changed_.notify_all();
      return;
    }
    turn_ = Turn::nobody;
  }
  try {
    if (frames_ < kFramesLong) {
      copied_ = checkpoint(writer_).in_file;
    } else {
      make_room();
    }
  } catch (const StoreError& failed) {
    log_.error("checkpoint failed", {{"reason", failed.what()}});
    copied_ = frames_;  // tried again when as much has come again
  }
}

// Where readers follow each other without a gap, there is always one in the log, and without this
// it would grow, and slow them all down, for as long as they do. New ones find all of it in the
// file, so only those that are at it now are waited for.
void Checkpointer::make_room() {
  sqlite3_busy_timeout(writer_.raw(), kReadersWaitMs);
  try {
    checkpoint(writer_, SQLITE_CHECKPOINT_RESTART);
  } catch (...) {
    sqlite3_busy_timeout(writer_.raw(), Connection::kBusyMs);
    throw;
  }
  sqlite3_busy_timeout(writer_.raw(), Connection::kBusyMs);
  copied_ = frames_;  // or else a long reader is at work: again when as much has come again
}

void Checkpointer::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return closing_ || turn_ == Turn::thread; });
    if (closing_) return;
    lock.unlock();
    try {
      copy_beside_the_writer();
    } catch (const StoreError& failed) {
      log_.error("checkpoint failed", {{"reason", failed.what()}});
    }
    lock.lock();
    turn_ = Turn::writer;
  }
}

void Checkpointer::copy_beside_the_writer() {
  static constexpr Sql kStand{"SELECT 1 FROM sqlite_schema"};
  // Until this thread has copied, the log holds frames that nobody has: so it cannot have been
  // started anew, and the guard's place is in the log and not before it.
  guard_.execute_script("BEGIN");
  try {
    Statement& stand = guard_.statement(kStand);
    stand.bind({}, std::nullopt, Statement::Keep::borrow);
    stand.step();
    stand.close();
    checkpoint(copier_);
  } catch (...) {
    guard_.roll_back();  // also if it found no place: the next BEGIN must not be refused
    throw;
  }
  guard_.roll_back();
}

}  // namespace ombud::sqlite
