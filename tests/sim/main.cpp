// sim --seed N [--verbose] | sim --seeds A..B | sim --seconds S, each with [--mutation NAME]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "sim/run.hpp"

namespace {

using ombud::sim::Mutation;

int usage() {
  std::fputs(
      "sim --seed N [--verbose]   one run; with --verbose everything that happens in it\n"
      "sim --seeds A..B           all of these, until one fails\n"
      "sim --seconds S            new seeds for so long, until one fails\n"
      "    --mutation NAME        with a rule of production switched off\n",
      stderr);
  return 2;
}

bool passes(std::uint64_t seed, Mutation mutation, bool printed, std::uint64_t& all_traces) {
  const auto outcome = ombud::sim::run(seed, mutation, printed);
  all_traces = all_traces * 0x100000001B3ULL ^ outcome.trace_hash;
  for (const std::string& failure : outcome.failures) std::printf("%s\n", failure.c_str());
  if (!outcome.failures.empty()) {
    std::printf("FAILED. Repeat with: sim --seed %llu --verbose%s%s\n",
                static_cast<unsigned long long>(seed),
                mutation == Mutation::none ? "" : " --mutation ",
                mutation == Mutation::none ? "" : std::string(to_text(mutation)).c_str());
  } else if (printed) {
    std::printf("passed: trace %016llx, %d crashes, %zu changes at suppliers\n",
                static_cast<unsigned long long>(outcome.trace_hash), outcome.crashes,
                outcome.objects);
  }
  return outcome.failures.empty();
}

}  // namespace

int main(int count, char** words) {
  // A run that ends in the middle has still said all before it.
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  ombud::bytes_init();
  std::uint64_t first = 0, last = 0;
  long seconds = 0;
  bool verbose = false, chosen = false;
  Mutation mutation = Mutation::none;
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    if (word == "--verbose") {
      verbose = true;
      continue;
    }
    if (i + 1 >= count) return usage();
    const std::string value = words[++i];
    if (word == "--seed") {
      first = last = std::strtoull(value.c_str(), nullptr, 10);
    } else if (word == "--seeds" && value.find("..") != std::string::npos) {
      first = std::strtoull(value.c_str(), nullptr, 10);
      last = std::strtoull(value.c_str() + value.find("..") + 2, nullptr, 10);
    } else if (word == "--seconds") {
      seconds = std::strtol(value.c_str(), nullptr, 10);
    } else if (word == "--mutation") {
      for (const Mutation m : ombud::sim::kMutations) {
        if (to_text(m) == value) mutation = m;
      }
      if (mutation == Mutation::none) return usage();
      continue;
    } else {
      return usage();
    }
    chosen = true;
  }
  if (!chosen) return usage();
  const auto began = std::chrono::steady_clock::now();
  if (seconds > 0) {
    // A night starts where no night started before.
    first =
        static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count()) /
        1'000'000;
    last = UINT64_MAX;
  }
  std::uint64_t runs = 0, traces = 0;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    if (!passes(seed, mutation, verbose && first == last, traces)) return 1;
    ++runs;
    const auto spent = std::chrono::steady_clock::now() - began;
    if (seconds > 0 && runs % 100 == 0)
      std::printf("%llu seeds\n", static_cast<unsigned long long>(runs));
    if (seconds > 0 && spent >= std::chrono::seconds{seconds}) break;
  }
  if (!verbose) {
    std::printf("%llu seeds passed, trace %016llx\n", static_cast<unsigned long long>(runs),
                static_cast<unsigned long long>(traces));
  }
  return 0;
}
