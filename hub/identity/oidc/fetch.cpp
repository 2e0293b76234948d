#include "identity/oidc/fetch.hpp"

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "identity/oidc/text.hpp"

namespace ombud::oidc {
namespace {

// "application/json", "application/jwk-set+json; charset=utf-8".
bool is_json(std::string_view content_type) {
  std::string type = lower_ascii(content_type.substr(0, content_type.find(';')));
  while (!type.empty() && type.back() == ' ') type.pop_back();
  return type == "application/json" ||
         (type.starts_with("application/") && type.ends_with("+json"));
}

}  // namespace

Outcome<json::Document> json_of(const Fetched& fetched, std::string_view what) {
  if (fetched.status == 0) return unreachable(fmt::format("{}: {}", what, fetched.error));
  if (fetched.status >= 300 && fetched.status < 400) {
    return unreachable(
        fmt::format("{}: answered {}, a redirect, which is not followed; write the address where "
                    "it is answered",
                    what, fetched.status));
  }
  if (fetched.status != 200) {
    return unreachable(fmt::format("{}: answered {} instead of 200", what, fetched.status));
  }
  if (!is_json(fetched.content_type)) {
    return unreachable(fmt::format("{}: answered with Content-Type \"{}\" instead of JSON", what,
                                   to_valid_utf8(fetched.content_type.substr(0, 100))));
  }
  auto document = json::parse(fetched.body);
  if (!document || !document->root().is_object()) {
    return unreachable(fmt::format(
        "{}: answered something that is no JSON object{}{}", what, document ? "" : ": ",
        document || document.error().fields.empty() ? std::string()
                                                    : document.error().fields.front().detail));
  }
  return std::move(*document);
}

}  // namespace ombud::oidc
