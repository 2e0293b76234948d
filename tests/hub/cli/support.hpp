// A folder that goes away again, a connector that can be checked but not run, and a command line
// with everything around it in memory.
#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "cli/cli.hpp"

namespace ombud::cli {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "ombud-cli-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const fs::path& path() const { return path_; }
  void write(const std::string& name, const std::string& text, ::mode_t mode = 0644) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << text;
    ::chmod((path_ / name).c_str(), mode);
  }
  std::string read(const std::string& name) const {
    std::ifstream in(path_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
  // connectors/<name> with this schema, as an installation would lay it down.
  void connector(const std::string& name, const std::string& schema,
                 const std::string& capabilities = "[\"notices\"]", int abi = 1) const {
    const std::string library = "not really a library";
    json::Writer manifest;
    manifest.begin_object().field("id", "test." + name).field("version", "1.0.0");
    manifest.key("capabilities").raw(capabilities).field("lookup_lag_ms", 0);
    manifest.begin_object("abi").field("major", abi).field("minor", 0).end_object();
    manifest.key("config_schema").raw(schema).field("library", name + ".so");
    manifest.field("sha256", sha256_hex(library)).end_object();
    write("connectors/" + name + "/" + name + ".so", library);
    write("connectors/" + name + "/connector.json", manifest.take());
  }

 private:
  fs::path path_;
};

class CountingRandom final : public Random {
 public:
  std::uint64_t next() override { return ++count_; }

 private:
  std::uint64_t count_ = 0;
};

inline constexpr Instant kNow{Millis{1'800'000'000'000}};  // 2027-01-15T08:00:00Z

// Runs command lines as if at a terminal or not.
struct Shell {
  Folder folder;
  std::map<std::string, std::string> variables;
  LocalOperations local;
  std::istringstream in;
  std::ostringstream out, err;
  std::vector<std::string> secrets;  // what is typed unseen, line by line
  std::optional<fs::path> installed_connectors;
  bool terminal = false;
  int columns = 100;
  int rounds = 1;  // of --watch
  CountingRandom random;

  int run(std::vector<std::string> words) {
    out.str("");
    err.str("");
    words.insert(words.begin(), "ombud");
    std::vector<const char*> argv;
    for (const std::string& word : words) argv.push_back(word.c_str());
    int left = rounds;
    Surroundings world{[this](const std::string& name) -> std::optional<std::string> {
                         const auto found = variables.find(name);
                         if (found == variables.end()) return std::nullopt;
                         return found->second;
                       },
                       in,
                       out,
                       err,
                       terminal,
                       terminal,
                       columns,
                       folder.path(),
                       "9.9.9",
                       random,
                       [] { return kNow; },
                       [&left](Millis) { return --left > 0; },
                       [this](const std::string&) -> std::optional<std::string> {
                         if (secrets.empty()) return std::nullopt;
                         std::string first = secrets.front();
                         secrets.erase(secrets.begin());
                         return first;
                       },
                       installed_connectors};
    return cli::run(static_cast<int>(argv.size()), argv.data(), world, local);
  }
  std::string said() const { return out.str(); }
  std::string complained() const { return err.str(); }
};

}  // namespace ombud::cli
