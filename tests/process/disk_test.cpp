// A disk that is full or may not be written to: the hub says so, loses nothing, and goes on when it
// can.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <set>

#include "process/hub_world.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#  define OMBUD_SANITIZED
#elif defined(__has_feature)
#  if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#    define OMBUD_SANITIZED
#  endif
#endif

namespace ombud::testing {
namespace {

namespace fs = std::filesystem;

constexpr int kTicketsMax = 400;
constexpr unsigned kNobody = 65534;

std::set<std::string> acknowledged_until_full(LoneHub& lone, Answer& refusal) {
  const std::string long_text(64 * 1024, 'x');
  std::set<std::string> acknowledged;
  for (int i = 0; i < kTicketsMax; ++i) {
    const std::string subject = fmt::format("Ticket {}", i);
    refusal = lone.hub.api("POST", "/tickets", ticket_body(subject, long_text));
    if (refusal.status != 201) break;
    acknowledged.insert(subject);
  }
  return acknowledged;
}

void expect_all_there(LoneHub& lone, const std::set<std::string>& acknowledged) {
  std::set<std::string> there;
  std::string cursor;
  do {
    const Answer page =
        lone.hub.must("GET", "/tickets?limit=200" + (cursor.empty() ? "" : "&cursor=" + cursor));
    for (std::size_t i = 0; i < page.json["items"].size(); ++i) {
      there.insert(std::string(page.json["items"].at(i)["subject"].text()));
    }
    cursor = page.json["next"].text();
  } while (!cursor.empty());
  for (const std::string& subject : acknowledged)
    EXPECT_TRUE(there.contains(subject)) << subject << " was lost";
}

void expect_refusal_and_recovery(LoneHub& lone, const std::function<void()>& make_room) {
  Answer refusal;
  std::set<std::string> acknowledged = acknowledged_until_full(lone, refusal);
  EXPECT_GT(acknowledged.size(), 3U);
  EXPECT_EQ(refusal.status, 503) << refusal.body;
  EXPECT_NE(refusal.body.find("Nothing was changed"), std::string::npos) << refusal.body;
  EXPECT_NE(lone.hub.log().find("disk"), std::string::npos)
      << "the operator must learn what is wrong: " << lone.hub.log();
  EXPECT_EQ(lone.hub.api("GET", "/tickets").status, 200) << "reading goes on";
  EXPECT_TRUE(lone.hub.process().running()) << lone.hub.log();
  make_room();
  ASSERT_TRUE(until(kSoon, [&] {
    return lone.hub.api("POST", "/tickets", ticket_body("After")).status == 201;
  })) << lone.hub.log();
  acknowledged.insert("After");
  expect_all_there(lone, acknowledged);
  lone.hub.kill_hard();
  lone.start();
  expect_all_there(lone, acknowledged);
  const Ran audit = lone.hub.ombud({"audit", "verify"});
  EXPECT_EQ(audit.code, 0) << audit.output;
}

TEST(Disk, AFileThatMayNotGrowIsToldAndRecoveredFrom) {
  LoneHub lone;
  Command limited;
  limited.file_bytes_max = 3 * 1024 * 1024;
  lone.start(limited);
  lone.add_customer();
  expect_refusal_and_recovery(lone, [&] {
    const rlimit open{RLIM_INFINITY, RLIM_INFINITY};
    ASSERT_EQ(::prlimit(lone.hub.process().pid(), RLIMIT_FSIZE, &open, nullptr), 0);
  });
}

TEST(Disk, AFullFileSystemIsToldAndRecoveredFrom) {
  LoneHub lone;
  const std::string data = lone.hub.data();
  if (::mount("tmpfs", data.c_str(), "tmpfs", 0, "size=4m,mode=700") != 0) {
    GTEST_SKIP()
        << "mounting a small file system needs root; the test above shows the same by a limit";
  }
  struct Unmount {
    std::string path;
    ~Unmount() { ::umount2(path.c_str(), MNT_DETACH); }
  } const unmount{data};
  lone.start();
  lone.add_customer();
  expect_refusal_and_recovery(lone, [&] {
    ASSERT_EQ(::mount("tmpfs", data.c_str(), "tmpfs", MS_REMOUNT, "size=200m"), 0);
  });
  lone.hub.kill_hard();  // before the file system goes
}

#if !defined(OMBUD_SANITIZED)  // a sanitizer must be loaded first itself
TEST(Disk, WhatItDidNotKeepIsNotAcknowledgedAndNothingMoreIsTaken) {
  LoneHub lone;
  const fs::path broken = lone.scratch.path() / "broken";
  Command command;
  command.environment = {"LD_PRELOAD=" OMBUD_FAILING_SYNC_LIBRARY,
                         "OMBUD_FAILING_SYNC=" + broken.string()};
  lone.start(command);
  lone.add_customer();
  std::set<std::string> acknowledged;
  for (int i = 0; i < 20; ++i) {
    const std::string subject = fmt::format("Ticket {}", i);
    ASSERT_EQ(lone.hub.api("POST", "/tickets", ticket_body(subject)).status, 201);
    acknowledged.insert(subject);
  }
  write_text(broken, "");
  const Answer refusal = lone.hub.api("POST", "/tickets", ticket_body("Unsure"));
  EXPECT_EQ(refusal.status, 503) << refusal.body;
  EXPECT_NE(lone.hub.log().find("check the disk first"), std::string::npos) << lone.hub.log();

  fs::remove(broken);  // a disk that works again proves nothing of what it lost
  EXPECT_EQ(lone.hub.api("POST", "/tickets", ticket_body("Too soon")).status, 503);
  EXPECT_TRUE(lone.hub.process().running()) << lone.hub.log();

  lone.hub.kill_hard();
  lone.start();
  expect_all_there(lone, acknowledged);
  EXPECT_EQ(lone.hub.api("POST", "/tickets", ticket_body("After")).status, 201);
  const Ran audit = lone.hub.ombud({"audit", "verify"});
  EXPECT_EQ(audit.code, 0) << audit.output;
}
#endif

TEST(Disk, ADataDirectoryThatMayNotBeWrittenIsNamed) {
  LoneHub lone;
  Command command;
  if (::geteuid() == 0) {  // root may write everywhere
    command.user = kNobody;
    for (const fs::path& path :
         {lone.scratch.path(), lone.hub.config(), lone.hub.config() / "suppliers",
          lone.hub.config() / "ombud.toml", lone.hub.data()}) {
      fs::permissions(path, fs::perms::others_read | fs::perms::others_exec, fs::perm_options::add);
    }
  }
  fs::permissions(lone.hub.data(), fs::perms::owner_write | fs::perms::others_write,
                  fs::perm_options::remove);
  lone.hub.start(command);
  const auto code = lone.hub.process().wait(kSoon);
  fs::permissions(lone.hub.data(), fs::perms::owner_write, fs::perm_options::add);
  if (code == 127) GTEST_SKIP() << "another user cannot reach the built programs";
  EXPECT_EQ(code, 1) << lone.hub.log();
  EXPECT_NE(lone.hub.log().find(lone.hub.data().string()), std::string::npos) << lone.hub.log();
  EXPECT_EQ(lone.hub.log().find("terminate"), std::string::npos) << lone.hub.log();
}

}  // namespace
}  // namespace ombud::testing
