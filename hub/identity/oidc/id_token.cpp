#include "identity/oidc/id_token.hpp"

#include <fmt/format.h>

#include <cmath>
#include <optional>

#include "base/bytes.hpp"
#include "identity/oidc/limits.hpp"
#include "identity/oidc/text.hpp"

namespace ombud::oidc {
namespace {

std::optional<json::Document> object_of(std::string_view part) {
  const auto text = from_base64url(part);
  if (!text) return std::nullopt;
  auto document = json::parse(*text);
  if (!document || !document->root().is_object()) return std::nullopt;
  return std::move(*document);
}

// A NumericDate (RFC 7519, 2), which may have decimals.
std::optional<Instant> time_of(json::View value) {
  if (!value.present() || !value.raw()->IsNumber()) return std::nullopt;
  const double seconds = value.raw()->GetDouble();
  constexpr double kLatest = 253402300799.0;  // the year 9999
  if (!std::isfinite(seconds) || seconds < 0 || seconds > kLatest) return std::nullopt;
  return instant_of(static_cast<std::int64_t>(seconds * 1000));
}

bool is_for(json::View audience, std::string_view client_id) {
  if (audience.is_text()) return audience.text() == client_id;
  for (std::size_t i = 0; i < audience.size(); ++i) {
    if (audience.at(i).is_text() && audience.at(i).text() == client_id) return true;
  }
  return false;
}

// Somebody else's words, short enough for a log.
std::string shown(std::string_view text) {
  return std::string(cut_utf8(text, 200));
}

}  // namespace

Outcome<IdToken> take_apart(std::string_view token) {
  if (token.size() > kTokenBytesMax) {
    return untrusted(fmt::format("the ID token has {} bytes; at most {} are taken", token.size(),
                                 kTokenBytesMax));
  }
  const std::size_t first = token.find('.');
  const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
    return untrusted("the ID token does not have three parts");
  }
  const auto header = object_of(token.substr(0, first));
  if (!header) return untrusted("the ID token's header is no JSON object");
  const auto algorithm = algorithm_from((*header)["alg"].text());
  if (!algorithm) {
    return untrusted(
        fmt::format("the ID token is signed by \"{}\"; taken are RS256, PS256, ES256 "
                    "and EdDSA",
                    shown((*header)["alg"].text())));
  }
  const auto type = (*header)["typ"].maybe_text();
  if (type && lower_ascii(*type) != "jwt") {
    return untrusted(fmt::format("the token is of type \"{}\", not an ID token", shown(*type)));
  }
  if ((*header)["crit"].present()) {
    return untrusted("the ID token's header says that something unknown must be understood");
  }
  auto claims = object_of(token.substr(first + 1, second - first - 1));
  if (!claims) return untrusted("the ID token's payload is no JSON object");
  auto signature = from_base64url(token.substr(second + 1));
  if (!signature || signature->empty()) return untrusted("the ID token has no signature");
  IdToken taken;
  taken.algorithm = *algorithm;
  taken.key_id = (*header)["kid"].text();
  taken.signed_bytes = token.substr(0, second);
  taken.signature = std::move(*signature);
  taken.claims = std::move(*claims);
  return taken;
}

Outcome<void> check_claims(json::View claims, const Expected& expected) {
  if (claims["iss"].text() != expected.issuer) {
    return untrusted(fmt::format("the ID token was issued by \"{}\"", shown(claims["iss"].text())));
  }
  const std::string_view subject = claims["sub"].text();
  if (subject.empty() || subject.size() > kSubjectBytesMax) {
    return untrusted("the ID token names no subject, or one that is too long");
  }
  const json::View audience = claims["aud"];
  if (!is_for(audience, expected.client_id)) return untrusted("the ID token is for somebody else");
  const auto party = claims["azp"].maybe_text();
  if (claims["azp"].present() && party != expected.client_id) {
    return untrusted("the ID token was made for another party (azp)");
  }
  if (audience.is_array() && audience.size() > 1 && !party) {
    return untrusted("the ID token has several audiences and does not say for whom it was made");
  }
  const auto expires = time_of(claims["exp"]), issued = time_of(claims["iat"]);
  if (!expires || !issued)
    return untrusted("the ID token does not say from when until when it is good");
  if (*expires + kSkew <= expected.now) {
    return untrusted(fmt::format("the ID token expired at {}; it is {} here", to_rfc3339(*expires),
                                 to_rfc3339(expected.now)));
  }
  if (*issued - kSkew > expected.now) {
    return untrusted(
        fmt::format("the ID token was issued in the future, at {}; it is {} here: one "
                    "of the two clocks is wrong",
                    to_rfc3339(*issued), to_rfc3339(expected.now)));
  }
  if (claims["nbf"].present()) {
    const auto from = time_of(claims["nbf"]);
    if (!from || *from - kSkew > expected.now) return untrusted("the ID token is not good yet");
  }
  if (!claims["nonce"].is_text() || !equal_constant_time(claims["nonce"].text(), expected.nonce)) {
    return untrusted(claims["nonce"].is_text()
                         ? "the ID token answers another request (nonce)"
                         : "the ID token does not say which request it answers (nonce)");
  }
  return {};
}

}  // namespace ombud::oidc
