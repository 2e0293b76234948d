// Configuration files in TOML 1.0, by toml++ behind a wrapper that hears every mistake of a file at
// once and says for each on which line it stands, what is wrong, and what to write instead.
//
//   toml::Mistakes mistakes;
//   if (auto file = toml::File::parse(text, "ombud.toml", mistakes)) {
//     toml::Reader http = file->root().table("http");
//     settings.listen = http.address("listen", {"127.0.0.1", 8080});
//     http.finish();          // what was not asked for is a mistake too
//   }
//   if (!mistakes.empty()) return mistakes.problem();
//
// A value that is missing or wrong reads as its fallback, so reading goes on. Not thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/quantity.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace ombud::toml {

struct Mistake {
  std::string file;           // as it was named to the parser
  int line = 0;               // 1 is the first; 0: the file as a whole
  std::string detail;         // what is wrong and what to write instead
  std::string place() const;  // "config/ombud.toml:12", or the file alone
};

// What was wrong in any number of files.
class Mistakes {
 public:
  void add(std::string file, int line, std::string detail);
  bool empty() const { return all_.empty(); }
  std::size_t size() const { return all_.size(); }
  // File by file in the order in which they were first named, within a file by line.
  std::vector<Mistake> sorted() const;
  // `invalid`, each mistake with its place as pointer.
  Problem problem() const;

 private:
  std::vector<Mistake> all_;
};

// Where secrets come from. Environment variables are looked up through this function.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// A table as JSON with its members in order of name; each secret reference is replaced by
// {"$secret":"tokenN"}, and dates become text.
struct Json {
  std::string text = "{}";
  std::map<std::string, int> lines;            // JSON pointer → line; "" is the table itself
  std::map<std::string, std::string> secrets;  // token → clear text
};

class File;

// One table. Copies read the same table and share what has been asked for.
class Reader {
 public:
  struct Text {
    bool required = false;
    std::size_t bytes_max = 255;
    std::string_view example = {};  // shown when the value is missing or wrong
  };

  bool present() const;
  int line() const;                                          // of the table; 0 if it is not there
  int line(std::string_view name) const;                     // of a member, else of the table
  int line(std::string_view name, std::size_t index) const;  // of an element of a list
  bool has(std::string_view name) const;
  const std::string& path() const { return path_; }  // "http", "user[3]"; empty for the root

  std::string text(std::string_view name, std::string fallback, Text rule);
  std::optional<std::string> maybe_text(std::string_view name, Text rule);
  std::string choice(std::string_view name, std::string fallback,
                     const std::vector<std::string>& choices);
  std::int64_t integer(std::string_view name, std::int64_t fallback, std::int64_t min,
                       std::int64_t max);
  double number(std::string_view name, double fallback, double min, double max);
  bool boolean(std::string_view name, bool fallback);
  Millis duration(std::string_view name, Millis fallback, Millis min, Millis max);
  std::optional<Millis> maybe_duration(std::string_view name, Millis min, Millis max);
  std::int64_t bytes(std::string_view name, std::int64_t fallback, std::int64_t min,
                     std::int64_t max);
  std::optional<Address> maybe_address(std::string_view name);
  Address address(std::string_view name, Address fallback);
  std::vector<std::string> texts(std::string_view name, std::size_t count_max, Text rule);
  // A date ("2026-01-01", the start of that day in UTC) or a date with time and offset.
  std::optional<Instant> maybe_instant(std::string_view name);
  // A file or folder; a relative one is taken from the folder of this file.
  std::filesystem::path path_to(std::string_view name, const std::string& fallback);

  Reader table(std::string_view name);                // reads as empty if it is not there
  std::vector<Reader> tables(std::string_view name);  // [[name]]
  // A secret by reference: { file = "…" } or { env = "…" }, never in plain text.
  std::optional<std::string> maybe_secret(std::string_view name, const Environment& environment);
  // The whole member table with its secrets read. Refuses a secret file that others may read.
  Json json(std::string_view name, const Environment& environment);
  Json json(const Environment& environment);  // this table itself

  // A mistake found by the caller, at a member of this table.
  void refuse(std::string_view name, std::string detail);
  void refuse_at(int line, std::string detail);
  // Every member that nobody asked for becomes a mistake. Call it once, last.
  void finish();

 private:
  friend class File;
  struct State;
  explicit Reader(std::shared_ptr<State> state, std::string path);
  std::string full(std::string_view name) const;
  std::shared_ptr<State> state_;
  std::string path_;
};

// A parsed file; its readers keep what they need alive.
class File {
 public:
  // Nothing if the text is not TOML: then `mistakes` says where. `name` is how mistakes call the
  // file, and its folder is where relative paths start. `mistakes` must outlive all readers.
  static std::optional<File> parse(std::string_view text, const std::string& name,
                                   Mistakes& mistakes);
  // Reads the file; one that cannot be read, or is larger than kFileBytesMax, is a mistake.
  static std::optional<File> load(const std::filesystem::path& path, Mistakes& mistakes);
  Reader root() const { return root_; }

 private:
  explicit File(Reader root) : root_(std::move(root)) {}
  Reader root_;
};

inline constexpr std::int64_t kFileBytesMax = 16 << 20;
inline constexpr std::int64_t kSecretBytesMax = 64 << 10;

}  // namespace ombud::toml
