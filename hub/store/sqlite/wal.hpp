// The write-ahead log: bringing it to the disk, and what is in it into the database file.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "base/log.hpp"
#include "store/sqlite/connection.hpp"

namespace ombud::sqlite {

// The log of a database that a connection holds open, to be synced beside that connection.
class WalFile {
 public:
  // `writer` commits without waiting for the disk from now on (synchronous=NORMAL: what the log
  // holds survives the hub, and a power cut after sync()). It must outlive this.
  WalFile(Connection& writer, const std::string& path);
  ~WalFile();
  WalFile(const WalFile&) = delete;
  WalFile& operator=(const WalFile&) = delete;
  // All that was committed before the call is on disk when it returns; throws StoreError. Any
  // thread.
  void sync() const;

 private:
  int file_ = -1;
};

// Copies the log into the database file on a thread of its own while the writer goes on, and lets
// the writer do the short rest, so that no commit waits for a long checkpoint.
//
// SQLite before 3.51.3 can corrupt a log that one connection starts anew while another one copies
// from it. So while the thread copies, a reader stands in the log: the log cannot be started anew
// under it. The rest, after which it can, is copied by the writer's own connection, between two of
// its transactions and while the thread rests.
class Checkpointer {
 public:
  Checkpointer(Connection& writer, const std::string& path, const Log& log);
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;
  // Between two transactions of the writer, on its thread.
  void between_commits();

 private:
  enum class Turn { nobody, thread, writer };
  void run();
  void copy_beside_the_writer();
  void make_room();

  Connection& writer_;
  const Log& log_;
  Connection copier_;  // copies, and never writes
  Connection guard_;
  int frames_ = 0;  // in the log, as of the writer's last commit
  int copied_ = 0;  // of them in the database file; both belong to the writer's thread
  std::mutex mutex_;
  std::condition_variable changed_;
  Turn turn_ = Turn::nobody;
  bool closing_ = false;
  std::thread thread_;
};

}  // namespace ombud::sqlite
