// E-mail addresses in configuration files.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/toml.hpp"

namespace ombud::cli {

std::string lower(std::string text);  // ASCII letters

bool is_mail_address(std::string_view text);

// The member's addresses in lower case; what is none is refused with its line.
std::vector<std::string> mail_addresses(toml::Reader& in, std::string_view name);

}  // namespace ombud::cli
