// The one directory that holds everything: ombud.db, blobs/, run/. Made with mode 0700, and held by
// one hub at a time.
#pragma once

#include <string>

namespace ombud::sqlite {

class DataDirectory {
 public:
  // Creates what is missing and takes the lock. Throws StoreError in words: not writable, or used
  // by another hub (with its process id).
  explicit DataDirectory(std::string path);
  ~DataDirectory();
  DataDirectory(const DataDirectory&) = delete;
  DataDirectory& operator=(const DataDirectory&) = delete;

  std::string database() const { return path_ + "/ombud.db"; }
  std::string blobs() const { return path_ + "/blobs"; }
  std::string run() const { return path_ + "/run"; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  int lock_ = -1;
};

}  // namespace ombud::sqlite
