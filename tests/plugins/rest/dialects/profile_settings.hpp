// The settings of a dialect for a profile: the profile itself, read from its file, and what the
// operator would set.
#pragma once

#include <stdexcept>
#include <string>

#include "profile/profile.hpp"

namespace ombud::dialects {

// `rest`: the settings beyond the profile, as the inside of a JSON object.
inline std::string settings_json(const std::string& rest) {
  toml::Mistakes mistakes;
  const auto json = profile::read_file(OMBUD_PROFILE_FILE, mistakes);
  if (!json) throw std::runtime_error(mistakes.problem().fields.front().detail);
  return R"({"profile":)" + json->text + "," + rest + "}";
}

}  // namespace ombud::dialects
