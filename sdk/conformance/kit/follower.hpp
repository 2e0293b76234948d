// Polls as the hub does: keeps the cursor, takes whatever was pushed, and remembers it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "conformance/kit/case.hpp"
#include "conformance/kit/scene.hpp"

namespace ombud::conformance {

class Follower {
 public:
  Follower(Kit& kit, Stage& stage, std::string cursor = {})
      : kit_(kit), stage_(stage), cursor_(std::move(cursor)) {}

  // One poll; fails if what comes is not as DOCUMENTS.md says. Answers what it answered.
  Outcome poll();
  // Polls a healthy supplier until there is nothing new. Fails if that never comes.
  void catch_up();

  const std::string& cursor() const { return cursor_; }
  const std::vector<Change>& seen() const { return seen_; }
  std::size_t fresh() const { return fresh_; }  // new ones of the last poll
  void forget() { seen_.clear(); }

  // One of what was seen, or null.
  const Change* comment(const Made& ticket, std::string_view text) const;
  const Change* status(const Made& ticket, std::string_view status) const;
  const Change* attachment(const Made& ticket, std::string_view name) const;

 private:
  Kit& kit_;
  Stage& stage_;
  std::string cursor_;
  std::vector<Change> seen_;
  std::map<std::string, std::string> keys_;  // event_id → what it said
  std::size_t fresh_ = 0;
};

inline constexpr int kPollsMax = 400;  // to catch up

}  // namespace ombud::conformance
