// A profile of the tree as the hub puts it into a link's settings.
#pragma once

#include <cstdlib>
#include <stdexcept>
#include <string>

#include "profile/profile.hpp"

namespace ombud::test {

inline std::string profile_file(const std::string& name) {
  return std::string(std::getenv("OMBUD_SOURCE")) + "/plugins/rest/profiles/" + name + ".toml";
}

inline std::string profile_json(const std::string& name) {
  toml::Mistakes mistakes;
  const auto json = profile::read_file(profile_file(name), mistakes);
  if (!json)
    throw std::runtime_error(mistakes.sorted().front().place() + ": " +
                             mistakes.sorted().front().detail);
  return json->text;
}

}  // namespace ombud::test
