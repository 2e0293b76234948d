// What came of the cases, for people (terminal) and for machines (JSON, JUnit).
#pragma once

#include <string>
#include <vector>

#include "conformance/kit/case.hpp"

namespace ombud::conformance {

enum class Verdict { passed, warned, skipped, failed, crashed };
std::string_view to_text(Verdict verdict);

struct Result {
  std::string name;
  int level = 1;
  std::string shows;
  Verdict verdict = Verdict::passed;
  std::string message;                // of failed, crashed, skipped
  std::vector<std::string> warnings;  // of warned
  std::string output;                 // what the connector wrote to stdout and stderr
  std::string repeat;                 // the one command that does it again
  double seconds = 0;
};

// One case run in this process.
Result run_case(const Case& wanted, const Subject& subject, std::uint64_t seed,
                const std::string& own_program);

std::string to_json(const Result& result);
// Nothing if it is no such text.
std::optional<Result> result_from_json(std::string_view text);

struct Report {
  std::string library, connector, version;
  std::uint64_t seed = 0;
  std::vector<Result> results;
  std::size_t count(Verdict verdict) const;
  bool good() const { return count(Verdict::failed) + count(Verdict::crashed) == 0; }
};
std::string to_json(const Report& report);
std::string to_junit(const Report& report);

// Lines as the cases end, and the sum at the end.
class Terminal {
 public:
  Terminal(bool colours, bool quiet) : colours_(colours), quiet_(quiet) {}
  void begins(const Case& wanted, std::size_t number, std::size_t of);
  void ended(const Result& result);
  void sum(const Report& report);

 private:
  std::string paint(Verdict verdict, std::string_view text) const;
  bool colours_, quiet_;
};

}  // namespace ombud::conformance
