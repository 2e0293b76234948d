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

TEST(KeyFile, ABackupTakesTheKeysWithItAndARestoreLaysThemBack) {
  const fs::path folder = fs::temp_directory_path() / "ombud-key-copy-test";
  fs::remove_all(folder);
  for (const char* name : {"data", "backup", "restored"}) fs::create_directories(folder / name);
  SystemRandom random;
  const auto key = key_in_file(folder / "data" / "reply.key", 32, "The key", random);
  ASSERT_TRUE(key && key_in_file(folder / "data" / "notify.key", 64, "The key", random));
  std::ofstream(folder / "data" / "ombud.db") << "no key";
  fs::create_directories(folder / "data" / "run");
  std::ofstream(folder / "data" / "run" / "other.key") << "not the hub's";
  EXPECT_EQ(copy_keys(folder / "data", folder / "backup").value(), 2);
  EXPECT_EQ(copy_keys(folder / "backup", folder / "restored").value(), 2);
  EXPECT_FALSE(fs::exists(folder / "backup" / "ombud.db"));
  const fs::path laid = folder / "restored" / "reply.key";
  EXPECT_EQ(*key_in_file(laid, 32, "The key", random), *key);
  EXPECT_EQ(fs::status(laid).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_FALSE(copy_keys(folder / "backup", folder / "restored")) << "nothing is overwritten";
  fs::remove_all(folder);
}

TEST(KeyFile, WhatIsNoKeyIsNotCopied) {
  const fs::path folder = fs::temp_directory_path() / "ombud-no-key-test";
  const auto refused = [&](auto make) {
    fs::remove_all(folder);
    fs::create_directories(folder / "from");
    fs::create_directories(folder / "to");
    make(folder / "from" / "some.key");
    return !copy_keys(folder / "from", folder / "to");
  };
  EXPECT_TRUE(refused([](const fs::path& file) { std::ofstream{file}; })) << "empty";
  EXPECT_TRUE(refused(
      [](const fs::path& file) { std::ofstream(file) << std::string(kKeyFileBytesMax + 1, 'x'); }));
  EXPECT_TRUE(refused([](const fs::path& file) { fs::create_directories(file); }));
  EXPECT_TRUE(refused([](const fs::path& file) { fs::create_symlink("/etc/hostname", file); }))
      << "it would copy somebody else's file";
  fs::remove_all(folder);
}

}  // namespace
}  // namespace ombud
