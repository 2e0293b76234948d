#include "store/sqlite/data_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "store/store.hpp"

namespace ombud::sqlite {
namespace {

void make(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) throw StoreError("Cannot make the directory " + path + ": " + error.message() + ".");
  if (::chmod(path.c_str(), 0700) != 0) {
    throw StoreError("Cannot take the directory " + path +
                     " for the hub alone (chmod 700): " + std::strerror(errno) + ".");
  }
}

}  // namespace

DataDirectory::DataDirectory(std::string path)
    : path_(std::filesystem::absolute(path).lexically_normal().string()) {
  while (path_.size() > 1 && path_.back() == '/') path_.pop_back();
  make(path_);
  make(blobs());
  make(run());
  const std::string file = run() + "/lock";
  lock_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_ < 0) {
    throw StoreError("Cannot write to the data directory " + path_ + ": " + std::strerror(errno) +
                     ".");
  }
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    char holder[32] = {};
    const ssize_t got = ::pread(lock_, holder, sizeof holder - 1, 0);
    ::close(lock_);
    throw StoreError("Another hub" +
                     (got > 0 ? " (process " + std::string(holder) + ")" : std::string()) +
                     " already uses the data directory " + path_ +
                     ". Stop it first, or give this one another --data.");
  }
  const std::string me = std::to_string(::getpid());
  if (::ftruncate(lock_, 0) != 0 || ::pwrite(lock_, me.data(), me.size(), 0) < 0) {
    ::close(lock_);
    throw StoreError("Cannot write to the data directory " + path_ + ": " + std::strerror(errno) +
                     ".");
  }
}

DataDirectory::~DataDirectory() {
  if (lock_ >= 0) ::close(lock_);
}

}  // namespace ombud::sqlite
