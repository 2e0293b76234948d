// One case of the kit: what it shows, and how it says that it does not hold.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.hpp"
#include "conformance/kit/documents.hpp"
#include "conformance/kit/stage.hpp"
#include "conformance/kit/subject.hpp"

namespace ombud::conformance {

// What does not hold, in words for the connector's author.
class Failed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};
// Why the case does not apply.
class Skipped : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Repeats itself for the same seed.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() override {  // splitmix64
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31U);
  }

 private:
  std::uint64_t state_;
};

// What a case works with.
struct Kit {
  const Subject& subject;
  SeededRandom random;
  std::string own_program = {};  // path of the kit's executable
  std::vector<std::string> warnings = {};

  void warn(std::string text) { warnings.push_back(std::move(text)); }
  std::string correlation() { return mint_id(random); }

  // ---- what a case needs; else it is skipped ----
  void need_loaded() const;    // fails: without a library there is nothing
  void need_settings() const;  // those of a link
  void need_supplier() const;  // a dialect, and a connector that talks through ombud.http/1
  void need_extension(const char* id) const;

  // ---- what holds for every operation ----
  // One status of the seven, no exception, words for the operator, documents as DOCUMENTS.md says.
  void sound(const Outcome& outcome, const std::string& what) const;
  // The same, and it worked.
  void worked(const Outcome& outcome, const std::string& what) const;
  // "surely not applied" is true.
  void honest(const Outcome& outcome, const std::string& what) const;
};

struct Case {
  std::string name;  // "behave.create"
  int level = 1;
  std::string shows;
  void (*run)(Kit&, const Case&) = nullptr;
  const Fault* fault = nullptr;  // of a faults case
};

const std::vector<Case>& all_cases();
void add_load_cases(std::vector<Case>& cases);
void add_behave_cases(std::vector<Case>& cases);
void add_operator_cases(std::vector<Case>& cases);
void add_poll_cases(std::vector<Case>& cases);
void add_snapshot_cases(std::vector<Case>& cases);
void add_fault_cases(std::vector<Case>& cases);
void add_hostile_cases(std::vector<Case>& cases);

[[noreturn]] inline void fail(const std::string& text) {
  throw Failed(text);
}
[[noreturn]] inline void skip(const std::string& text) {
  throw Skipped(text);
}
inline void expect(bool holds, const std::string& otherwise) {
  if (!holds) fail(otherwise);
}

// "put_ticket answered retry: \"Redmine could not be reached\"", for messages of cases.
std::string describe(const Outcome& outcome);
// One line for each exchange.
std::string list(const std::vector<Exchange>& exchanges);
// The text in quotes, cut if it is long.
std::string in_quotes(std::string_view text);

}  // namespace ombud::conformance
