// Runs ombud-conform as an author would.
#pragma once

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>

#include "base/json.hpp"

namespace ombud::conformance {

struct KitRun {
  int exit_code = -1;
  std::string output;  // stdout
};

inline KitRun run_kit(const std::string& arguments) {
  KitRun run;
  FILE* pipe = ::popen((std::string(OMBUD_CONFORM) + " " + arguments).c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("the kit does not start");
  std::array<char, 4096> piece;
  while (const std::size_t got = std::fread(piece.data(), 1, piece.size(), pipe)) {
    run.output.append(piece.data(), got);
  }
  const int status = ::pclose(pipe);
  run.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return run;
}

// "<library> --dialect <dialect>" of the connector with that sin.
inline std::string bad(const std::string& sin) {
  return std::string(OMBUD_BAD) + "/" + sin + "/tiny_desk.so --dialect " + OMBUD_BAD +
         "/dialect.so";
}

// "behave.texts failed", of every case that did not hold.
inline std::set<std::string> broken(const std::string& report) {
  std::set<std::string> names;
  const auto parsed = json::parse(report);
  if (!parsed) throw std::runtime_error("the report is no JSON: " + report.substr(0, 500));
  const json::View cases = (*parsed)["cases"];
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const std::string_view result = cases.at(i)["result"].text();
    if (result == "failed" || result == "crashed") {
      names.insert(std::string(cases.at(i)["case"].text()) + " " + std::string(result));
    }
  }
  return names;
}

}  // namespace ombud::conformance
