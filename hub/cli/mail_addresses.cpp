#include "cli/mail_addresses.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace ombud::cli {
namespace {

constexpr std::size_t kAddressesMax = 1'000;

}  // namespace

bool is_mail_address(std::string_view text) {
  const auto at = text.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
         text.find('@', at + 1) == std::string_view::npos &&
         text.find_first_of(" \t<>,;\"\r\n") == std::string_view::npos;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return text;
}

std::vector<std::string> mail_addresses(toml::Reader& in, std::string_view name) {
  std::vector<std::string> all;
  const auto written = in.texts(name, kAddressesMax, {.example = "support@desk.example"});
  for (std::size_t i = 0; i < written.size(); ++i) {
    if (is_mail_address(written[i])) {
      all.push_back(lower(written[i]));
    } else {
      in.refuse_at(in.line(name, i),
                   fmt::format("{}.{}[{}] is \"{}\"; write an e-mail address alone, such as "
                               "\"support@desk.example\"",
                               in.path(), name, i, written[i]));
    }
  }
  return all;
}

}  // namespace ombud::cli
