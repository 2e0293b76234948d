// What put answers is on disk, also where an earlier life died between making a name and syncing
// it.
#include "store/sqlite/file_blobs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"

namespace {

std::mutex guard;
std::vector<std::string> synced;  // paths, in order

}  // namespace

// Takes the place of the C library's.
extern "C" int fsync(int file) {
  std::error_code ignored;
  const auto path =
      std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(file), ignored).string();
  {
    const std::lock_guard<std::mutex> lock(guard);
    synced.push_back(path);
  }
  return static_cast<int>(::syscall(SYS_fsync, file));
}

namespace ombud::sqlite {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;

class FileBlobsTest : public ::testing::Test {
 protected:
  FileBlobsTest() {
    fs::remove_all(folder);
    fs::create_directories(folder);
    next_life();
    target = blobs->path_of(sha256_hex(bytes));
    shelf = fs::path(target).parent_path();
  }
  ~FileBlobsTest() override {
    pool.join();
    fs::remove_all(folder);
  }
  void next_life() { blobs = std::make_unique<FileBlobs>(folder.string(), pool); }
  // What is synced while the bytes are put.
  std::vector<std::string> put() {
    {
      const std::lock_guard<std::mutex> lock(guard);
      synced.clear();
    }
    const auto kept = boost::asio::co_spawn(pool, blobs->put(bytes), boost::asio::use_future).get();
    EXPECT_TRUE(kept);
    const std::lock_guard<std::mutex> lock(guard);
    return synced;
  }
  const fs::path folder =
      fs::canonical(fs::temp_directory_path()) / ("ombud-blobs-" + std::to_string(::getpid()));
  const std::string bytes = "a mail";
  boost::asio::thread_pool pool{2};
  std::unique_ptr<FileBlobs> blobs;
  std::string target;
  fs::path shelf;
};

TEST_F(FileBlobsTest, AFileThatIsThereAlreadyIsPromisedOnlyOnceItsNameIsOnDisk) {
  fs::create_directories(shelf);
  std::ofstream(target) << bytes;
  const auto first = put();
  EXPECT_THAT(first, Contains(shelf.string()));
  EXPECT_THAT(first, Contains(folder.string()));
}

TEST_F(FileBlobsTest, AFolderThatIsThereAlreadyIsSyncedInItsParentOnceALife) {
  fs::create_directories(shelf);
  EXPECT_THAT(put(), Contains(folder.string()));
  EXPECT_THAT(put(), ::testing::ElementsAre(shelf.string()));
  next_life();
  EXPECT_THAT(put(), Contains(folder.string()));
}

TEST_F(FileBlobsTest, AFolderThatIsNewIsSyncedInItsParent) {
  const auto first = put();
  EXPECT_THAT(first, Contains(shelf.string()));
  EXPECT_THAT(first, Contains(folder.string()));
}

}  // namespace
}  // namespace ombud::sqlite
