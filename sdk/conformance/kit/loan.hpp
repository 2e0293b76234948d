// Memory lent to a connector for the length of one call. Strict: what was lent cannot be read any
// more once it is taken back, so a connector that kept a pointer crashes there and then.
#pragma once

#include <ombud/connector.h>

#include <string>
#include <string_view>
#include <vector>

namespace ombud::conformance {

class Loan {
 public:
  explicit Loan(bool strict) : strict_(strict) {}
  ~Loan();
  Loan(const Loan&) = delete;
  Loan& operator=(const Loan&) = delete;

  ombud_bytes lend(std::string_view text);
  template <class Record>
  Record* lend_record(const Record& record) {
    return static_cast<Record*>(copy(&record, sizeof record));
  }

 private:
  struct Block {
    void* start;
    std::size_t bytes;
  };
  void* copy(const void* from, std::size_t bytes);
  const bool strict_;
  std::vector<Block> blocks_;
};

}  // namespace ombud::conformance
