// Everything that a run can be told by, as one running hash; printed as well when somebody wants to
// read.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace ombud::sim {

class Trace {
 public:
  explicit Trace(bool printed) : printed_(printed) {}
  void note(Instant at, std::string_view who, std::string_view what) {
    add(static_cast<std::uint64_t>(ms_of(at)));
    add(who);
    add(what);
    if (!printed_) return;
    std::printf("%s %.*s: %.*s\n", to_rfc3339(at).c_str(), static_cast<int>(who.size()), who.data(),
                static_cast<int>(what.size()), what.data());
  }
  bool printed() const { return printed_; }
  std::uint64_t hash() const { return hash_; }

 private:
  // FNV-1a, 64 bits
  void byte(unsigned char value) { hash_ = (hash_ ^ value) * 0x100000001B3ULL; }
  void add(std::uint64_t number) {
    for (unsigned i = 0; i < 8; ++i) byte(static_cast<unsigned char>(number >> (8U * i)));
  }
  void add(std::string_view text) {
    for (const char c : text) byte(static_cast<unsigned char>(c));
    byte(0);
  }
  const bool printed_;
  std::uint64_t hash_ = 0xCBF29CE484222325ULL;
};

}  // namespace ombud::sim
