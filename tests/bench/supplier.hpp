// A supplier that speaks as much of Redmine's REST interface as the profile needs to create
// issues, answers at once, and remembers when each ticket arrived. It can be slow instead: it then
// takes 200 ms for each new issue, as many at a time as it is sent. Or it hangs: it takes every new
// issue and never answers.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

namespace ombud::bench {

class Supplier {
 public:
  using Time = std::chrono::steady_clock::time_point;
  enum class Manner { prompt, slow, hanging };

  // Listens on 127.0.0.1 until it is destroyed. Throws if the port is taken.
  Supplier(int port, Manner manner);
  ~Supplier();
  Supplier(const Supplier&) = delete;
  Supplier& operator=(const Supplier&) = delete;

  // First arrival of each ticket, by its subject (without our reference).
  std::unordered_map<std::string, Time> arrivals() const;
  std::size_t count() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ombud::bench
