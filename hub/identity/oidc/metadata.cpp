#include "identity/oidc/metadata.hpp"

#include <fmt/format.h>

#include <optional>

#include "identity/oidc/text.hpp"

namespace ombud::oidc {
namespace {

// Whether a list of words holds one of these; a list that is not there is as `absent` says.
bool lists(json::View list, std::initializer_list<std::string_view> words, bool absent) {
  if (!list.is_array()) return absent;
  for (std::size_t i = 0; i < list.size(); ++i) {
    for (const std::string_view word : words) {
      if (list.at(i).text() == word) return true;
    }
  }
  return false;
}

class Reader {
 public:
  Reader(json::View document, std::string_view issuer) : document_(document), issuer_(issuer) {}

  std::string address(std::string_view name, bool required) {
    const std::string url(document_[name].text());
    if (url.empty()) {
      if (required) wrong(fmt::format("names no {}", name));
      return url;
    }
    if (const auto refused = refused_address(url)) {
      wrong(fmt::format("names a {} that {}", name, *refused));
    } else if (is_loopback(url) && !is_loopback(issuer_)) {
      wrong(fmt::format("names a {} on this machine", name));
    }
    return url;
  }
  void wrong(std::string what) {
    if (!wrong_) wrong_ = std::move(what);
  }
  const std::optional<std::string>& mistake() const { return wrong_; }

 private:
  json::View document_;
  std::string_view issuer_;
  std::optional<std::string> wrong_;
};

}  // namespace

std::string discovery_address(std::string_view issuer) {
  while (issuer.ends_with('/')) issuer.remove_suffix(1);
  return std::string(issuer) + "/.well-known/openid-configuration";
}

Outcome<Metadata> metadata_from(json::View document, std::string_view issuer) {
  Reader in(document, issuer);
  const std::string_view said = document["issuer"].text();
  if (said != issuer) {
    in.wrong(fmt::format("calls itself \"{}\"; write exactly that as issuer, if it is yours",
                         said.substr(0, 300)));
  }
  Metadata metadata;
  metadata.authorization_endpoint = in.address("authorization_endpoint", true);
  metadata.token_endpoint = in.address("token_endpoint", true);
  metadata.jwks_uri = in.address("jwks_uri", true);
  metadata.userinfo_endpoint = in.address("userinfo_endpoint", false);
  metadata.end_session_endpoint = in.address("end_session_endpoint", false);
  if (!lists(document["response_types_supported"], {"code"}, true)) {
    in.wrong("does not offer the authorization code flow (response type \"code\")");
  }
  if (!lists(document["code_challenge_methods_supported"], {"S256"}, true)) {
    in.wrong("does not offer PKCE with S256");
  }
  if (!lists(document["id_token_signing_alg_values_supported"],
             {"RS256", "PS256", "ES256", "EdDSA"}, true)) {
    in.wrong("signs ID tokens by none of RS256, PS256, ES256 and EdDSA");
  }
  const json::View methods = document["token_endpoint_auth_methods_supported"];
  metadata.secret_in_body = !lists(methods, {"client_secret_basic"}, true);
  metadata.tells_issuer = document["authorization_response_iss_parameter_supported"].boolean();
  if (in.mistake()) return unreachable("the provider " + *in.mistake());
  return metadata;
}

}  // namespace ombud::oidc
