// A key is made once, kept by its owner alone, and not replaced when it is damaged.
#include "base/key_file.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace ombud {
namespace {

namespace fs = std::filesystem;

TEST(KeyFile, IsMadeOnceAndReadAgain) {
  const fs::path folder = fs::temp_directory_path() / "ombud-key-file-test";
  fs::remove_all(folder);
  fs::create_directories(folder);
  const fs::path file = folder / "some.key";
  SystemRandom random;
  const auto first = key_in_file(file, 32, "The key that signs", random);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->size(), 32U);
  EXPECT_EQ(*key_in_file(file, 32, "The key that signs", random), *first);
  EXPECT_EQ(fs::status(file).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  for (const char* damaged : {"", "short", "0123456789012345678901234567890123456789"}) {
    std::ofstream(file, std::ios::trunc) << damaged;
    const auto refused = key_in_file(file, 32, "The key that signs", random);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().detail, "The key that signs, " + file.string() +
                                          ", is damaged; remove it, and a new one is made.");
  }
  EXPECT_FALSE(key_in_file(folder / "no" / "folder", 32, "The key", random));
  EXPECT_FALSE(key_in_file(folder, 32, "The key", random));
  fs::remove_all(folder);
}

}  // namespace
}  // namespace ombud
