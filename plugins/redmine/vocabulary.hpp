// The statuses and priorities of one Redmine, translated by the link's settings. They are read when
// first needed, and again when an issue shows one that is not known.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "redmine/rest.hpp"

namespace ombud::redmine {

struct CanonicalStatus {
  std::string status;  // the hub's word
  std::string text;    // Redmine's own
};

class Vocabulary {
 public:
  Vocabulary(const Settings& settings, const Rest& rest) : settings_(settings), rest_(rest) {}

  // Reads both lists unless they are there. Not ok: the lists could not be read.
  Answer load(const Call& call);
  // Reads them in any case.
  Answer reload(const Call& call);

  // The number in Redmine. Not found: a sentence for the operator in `why_not`.
  std::optional<std::int64_t> status_id(std::string_view canonical, std::string& why_not) const;
  std::optional<std::int64_t> priority_id(std::string_view canonical, std::string& why_not) const;

  bool knows_status(std::int64_t id) const { return entry(statuses_, id) != nullptr; }
  // By the settings' map of numbers, then of names; what stands in neither is `closed` if Redmine
  // counts it as closed, else `in_progress`.
  CanonicalStatus status_of(std::int64_t id) const;

 private:
  struct Entry {
    std::int64_t id = 0;
    std::string name;
    bool closed = false;
  };
  static const Entry* entry(const std::vector<Entry>& list, std::int64_t id);
  static std::vector<Entry> entries(json::View list);
  static std::optional<std::int64_t> resolve(
      const std::vector<Entry>& list, const std::map<std::string, std::string, std::less<>>& map,
      const char* setting, std::string_view canonical, std::string& why_not);

  const Settings& settings_;
  const Rest& rest_;
  std::vector<Entry> statuses_;
  std::vector<Entry> priorities_;
};

}  // namespace ombud::redmine
