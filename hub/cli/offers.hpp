// What a supplier's link can be made of: every profile and every connector without one, what each
// promises and was tested against, and the file that a new link begins with.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "cli/connectors.hpp"
#include "profile/profile.hpp"

namespace ombud::cli {

// Stands in a new file where the operator must write something; `check` tells each.
inline constexpr std::string_view kFillIn = "<fill in: ";

struct Offer {
  std::string name;         // "redmine", "email"; what `supplier new` is given
  std::string title;        // "Redmine"
  std::string connector;    // folder in the connectors directory
  std::string profile;      // as the link's file names it; empty: the connector has none
  std::string version;      // of the profile, else of the connector
  char promise = 'B';       // A, B or C: README.md, "What it promises"
  std::string against;      // "real", "documentation", or empty: it does not say
  std::string with, on;     // "Redmine 5.0.4 (Debian 12)", "2026-11-22"
  std::string preparation;  // what the supplier does once, in lines; of profiles
  std::string wrong;        // why it cannot be used; empty if it can
  std::shared_ptr<const profile::Profile> rules;  // null if it has none, or is wrong
  json::Document schema;                          // of the connector
  std::vector<std::string> capabilities;          // of the connector
  std::string tested_text() const;                // "against the real Redmine 5.0.4 (Debian 12)"
};

// In order of name. A profile or connector that cannot be read is there with `wrong`.
std::vector<Offer> offers(const std::filesystem::path& connectors_dir);

// A profile of the operator's own, for the link's file that names it `as`. The problem says what is
// wrong in it, by line.
Result<Offer> offer_of_file(const std::filesystem::path& connectors_dir,
                            const std::filesystem::path& file, const std::string& as);

// The text of suppliers/<link>.toml: every setting with its meaning and default, turned off, and
// kFillIn where something must be written.
std::string link_file_text(const Offer& offer, const std::string& link);

char promise_of(const std::vector<std::string>& capabilities);

}  // namespace ombud::cli
