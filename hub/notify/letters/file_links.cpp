#include "notify/letters/file_links.hpp"

#include <fmt/format.h>

#include <charconv>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "base/signature.hpp"

namespace ombud::notify {
namespace {

constexpr std::size_t kTokenBytesMax = 100;

template <class Number>
std::optional<Number> number(std::string_view text, int base) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

FileLinks::FileLinks(std::string key, std::string public_url, Millis good_for)
    : key_(std::move(key)), public_url_(std::move(public_url)), good_for_(good_for) {
  OMBUD_ASSERT(key_.size() == kKeyBytes);
  static_assert(kKeyBytes == kSigningKeyBytes);
}

std::string FileLinks::token_of(std::int64_t attachment, std::int64_t until_s) const {
  const std::string said = fmt::format("{}.{:x}", attachment, until_s);
  return said + "." + to_hex(signature_of(key_, "file " + said));  // this key signs nothing else
}

std::string FileLinks::url_of(std::int64_t attachment, Instant now) const {
  if (public_url_.empty()) return {};
  return public_url_ + "/files/" + token_of(attachment, ms_of(now + good_for_) / 1000);
}

std::optional<FileLinks::Opened> FileLinks::open(std::string_view token, Instant now) const {
  if (token.size() > kTokenBytesMax) return std::nullopt;
  const std::size_t first = token.find('.');
  const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const auto attachment = number<std::int64_t>(token.substr(0, first), 10);
  const auto until_s = number<std::int64_t>(token.substr(first + 1, second - first - 1), 16);
  if (!attachment || !until_s || *attachment <= 0 || *until_s < 0) return std::nullopt;
  if (!equal_constant_time(token, token_of(*attachment, *until_s))) return std::nullopt;
  return Opened{*attachment, *until_s <= ms_of(now) / 1000};
}

}  // namespace ombud::notify
