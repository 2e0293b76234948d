// What compilers and formatters do not check: the direction of includes, forbidden calls, a
// coroutine trap of g++ 12, and the ids that the SDK has promised.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream all;
  all << in.rdbuf();
  return std::move(all).str();
}

std::vector<fs::path> sources(const fs::path& folder) {
  std::vector<fs::path> all;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const auto type = entry.path().extension();
    if (type == ".cpp" || type == ".hpp" || type == ".h") all.push_back(entry.path());
  }
  EXPECT_FALSE(all.empty()) << folder;
  return all;
}

std::string without_comments(std::string text) {
  static const std::regex kLine("//[^\n]*");
  return std::regex_replace(text, kLine, "");
}

struct Tidy : testing::Test {
  Tidy() {
    const char* source = std::getenv("OMBUD_SOURCE");
    if (source == nullptr) throw std::runtime_error("OMBUD_SOURCE must name the tree");
    root = source;
  }
  fs::path root;
};

// A room may include the rooms after it in this list, and itself.
const std::vector<std::string> kRooms{
    "cli",    "http",     "channel", "inbound", "delivery", "supervisor", "connector_host",
    "notify", "identity", "desk",    "store",   "domain",   "base"};

TEST_F(Tidy, NoRoomIncludesARoomAboveIt) {
  const auto level = [](const std::string& room) {
    return std::find(kRooms.begin(), kRooms.end(), room) - kRooms.begin();
  };
  const std::regex include("#include \"([a-z_]+)/");
  for (const std::string& room : kRooms) {
    for (const fs::path& file : sources(root / "hub" / room)) {
      const std::string text = read(file);
      for (std::sregex_iterator at(text.begin(), text.end(), include), end; at != end; ++at) {
        const std::string other = (*at)[1];
        if (std::find(kRooms.begin(), kRooms.end(), other) == kRooms.end()) continue;
        EXPECT_GE(level(other), level(room))
            << file << " includes \"" << other << "/…\" from above it";
        if (room == "identity") {
          EXPECT_NE(other, "desk") << file << ": they stand beside each other";
        }
        if (room == "connector_host") {
          EXPECT_TRUE(other == "connector_host" || other == "base")
              << file << " includes " << other;
        }
      }
    }
  }
}

TEST_F(Tidy, TimeChanceEnvironmentAndThreadsComeThroughTheSeams) {
  const std::regex forbidden(
      "system_clock::now|steady_clock::now|\\bstd::rand\\b|\\brand\\(\\)|random_device|\\bgetenv\\("
      "|"
      "std::thread\\b(?!::)|std::this_thread::sleep|\\btime\\(nullptr\\)");
  // Each seam's owner, and the process of its own that runs connectors.
  const std::map<std::string, std::string> allowed{
      {"hub/main.cpp", "the surroundings"},
      {"hub/base/clock.cpp", "the Clock seam"},
      {"hub/base/log_stderr.cpp", "the thread that writes the log"},
      {"hub/store/sqlite/sqlite_store.hpp", "the Store seam's threads"},
      {"hub/store/sqlite/sqlite_store.cpp", "likewise"},
      {"hub/store/sqlite/wal.hpp", "likewise"},
      {"hub/store/sqlite/wal.cpp", "likewise"},
      {"hub/http/server.cpp", "the server's threads"},
      {"hub/http/session.hpp", "likewise"},
      {"hub/supervisor/zmq_wire.cpp", "the Wire seam's thread"},
      {"hub/identity/oidc/curl_fetcher.cpp", "the Fetcher seam's thread"},
  };
  for (const fs::path& file : sources(root / "hub")) {
    const std::string name = fs::relative(file, root).generic_string();
    if (allowed.contains(name) || name.starts_with("hub/connector_host/host/")) continue;
    const std::string text = without_comments(read(file));
    std::smatch found;
    EXPECT_FALSE(std::regex_search(text, found, forbidden)) << name << " uses " << found.str();
  }
}

TEST_F(Tidy, NothingWithADestructorIsMadeInsideACoAwait) {
  // g++ 12.2 destroys a braced aggregate or a capturing closure in a co_await expression twice.
  const std::regex trap(
      "co_await[^;{]*(\\[[^\\]]*[=&A-Za-z_][^\\]]*\\]\\s*(\\(|\\{|mutable)|[({,]\\s*\\{)");
  for (const char* folder : {"hub", "plugins"}) {
    for (const fs::path& file : sources(root / folder)) {
      const std::string text = without_comments(read(file));
      std::smatch found;
      EXPECT_FALSE(std::regex_search(text, found, trap)) << file << ": " << found.str();
    }
  }
}

TEST_F(Tidy, ThePromisedIdsOfTheSdkNeverChange) {
  const std::string header = read(root / "sdk/include/ombud/connector.h");
  for (const char* promised : {"OMBUD_ABI_MAJOR 1u",
                               "OMBUD_EXT_OUTBOUND \"ombud.outbound/1\"",
                               "OMBUD_EXT_POLL \"ombud.poll/1\"",
                               "OMBUD_EXT_WEBHOOK \"ombud.webhook/1\"",
                               "OMBUD_EXT_FETCH \"ombud.fetch/1\"",
                               "OMBUD_EXT_HEALTH \"ombud.health/1\"",
                               "OMBUD_EXT_LOG \"ombud.log/1\"",
                               "OMBUD_EXT_HTTP \"ombud.http/1\"",
                               "OMBUD_EXT_SECRET \"ombud.secret/1\"",
                               "OMBUD_EXT_HMAC \"ombud.hmac/1\"",
                               "OMBUD_EXT_TRAITS \"ombud.traits/1\"",
                               "OMBUD_EXT_PROBE \"ombud.probe/1\"",
                               "OMBUD_EXT_REPLAY \"ombud.replay/1\"",
                               "OMBUD_EXT_RECORD \"ombud.record/1\"",
                               "OMBUD_EXT_SNAPSHOT \"ombud.snapshot/1\"",
                               "OMBUD_OK = 0",
                               "OMBUD_RETRY = 1",
                               "OMBUD_RATE_LIMITED = 2",
                               "OMBUD_AUTH = 3",
                               "OMBUD_PERMANENT = 4",
                               "OMBUD_AMBIGUOUS = 5",
                               "OMBUD_CANCELLED = 6"}) {
    EXPECT_NE(header.find(promised), std::string::npos) << promised;
  }
}

TEST_F(Tidy, EveryRoomSaysWhatItIsFor) {
  for (const std::string& room : kRooms) {
    const fs::path readme =
        root / "hub" / room / (room == "channel" ? "mail/README.md" : "README.md");
    EXPECT_TRUE(fs::exists(readme)) << readme;
  }
}

}  // namespace
