#include "base/quantity.hpp"

#include <fmt/format.h>

#include <charconv>
#include <system_error>

namespace ombud {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t size;
};
constexpr Unit kDurationUnits[] = {
    {"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}};
constexpr Unit kByteUnits[] = {
    {"GiB", 1LL << 30U}, {"MiB", 1LL << 20U}, {"KiB", 1LL << 10U}, {"B", 1}};

template <std::size_t N>
std::optional<std::int64_t> measured(std::string_view text, const Unit (&units)[N]) {
  std::int64_t count = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, count);
  if (error != std::errc() || count < 0) return std::nullopt;
  const std::string_view name(rest, static_cast<std::size_t>(end - rest));
  for (const Unit& unit : units) {
    if (unit.name != name) continue;
    if (count > INT64_MAX / unit.size) return std::nullopt;
    return count * unit.size;
  }
  return std::nullopt;
}

template <std::size_t N>
std::string measure(std::int64_t amount, const Unit (&units)[N]) {
  for (const Unit& unit : units) {
    if (amount % unit.size == 0 && (amount != 0 || unit.size == units[N - 1].size)) {
      return fmt::format("{}{}", amount / unit.size, unit.name);
    }
  }
  return {};
}

}  // namespace

std::string to_text(const Address& address) {
  const bool six = address.host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", six ? "[" : "", address.host, six ? "]" : "", address.port);
}

std::optional<Address> address_from(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  if (host.front() == '[') {
    if (host.size() < 3 || host.back() != ']') return std::nullopt;
    host = host.substr(1, host.size() - 2);
    if (host.find_first_not_of("0123456789abcdefABCDEF:.%") != std::string_view::npos) {
      return std::nullopt;
    }
  } else if (host.find_first_of(":/[]@ \t") != std::string_view::npos) {
    return std::nullopt;
  }
  Address address{std::string(host), 0};
  const char* const end = port.data() + port.size();
  const auto [rest, error] = std::from_chars(port.data(), end, address.port);
  if (error != std::errc() || rest != end || port.empty()) return std::nullopt;
  return address;
}

std::optional<Millis> duration_from(std::string_view text) {
  const auto amount = measured(text, kDurationUnits);
  return amount ? std::optional(Millis(*amount)) : std::nullopt;
}
std::string duration_text(Millis duration) {
  return measure(duration.count(), kDurationUnits);
}
std::optional<std::int64_t> bytes_from(std::string_view text) {
  return measured(text, kByteUnits);
}
std::string bytes_text(std::int64_t bytes) {
  return measure(bytes, kByteUnits);
}

}  // namespace ombud
