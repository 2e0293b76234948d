#include "cli/providers.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "cli/mail_addresses.hpp"
#include "domain/ids.hpp"
#include "identity/oidc/claims.hpp"
#include "identity/oidc/limits.hpp"
#include "identity/oidc/text.hpp"

namespace ombud::cli {
namespace {

constexpr std::size_t kDomainsMax = 1'000;
constexpr std::size_t kScopesMax = 50;
constexpr std::size_t kMappingsMax = 1'000;

bool is_domain(std::string_view text) {
  return text.find('.') != std::string_view::npos && !text.starts_with('.') &&
         !text.ends_with('.') && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                  static_cast<unsigned char>(c) >= 0x80;
         });
}

// Of RFC 6749, 3.3: visible characters without '"' and '\'.
bool is_scope(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c > 0x20 && c < 0x7F && c != '"' && c != '\\'; });
}

class ProviderReader {
 public:
  ProviderReader(toml::Reader in, const LoadOptions& options)
      : in_(std::move(in)), options_(options) {}

  ProviderEntry read() {
    read_client();
    read_scopes();
    read_domains();
    read_customers();
    read_roles();
    read_accounts();
    in_.finish();
    const int line = in_.line("issuer");
    return {std::move(provider_), fmt::format("{}:{}", options_.file.string(), line)};
  }

 private:
  std::string key(std::string_view name, std::string fallback, toml::Reader::Text rule) {
    std::string text = in_.text(name, std::move(fallback), rule);
    if (!text.empty() && !is_key(text)) {
      in_.refuse(name, fmt::format("is \"{}\"; write a key: a-z, 0-9, '-', '_' and '.', such as "
                                   "\"{}\"",
                                   text, rule.example));
    }
    return text;
  }

  void read_client() {
    provider_.id = key("id", "", {.required = true, .bytes_max = 64, .example = "alfa"});
    provider_.name = in_.text("name", provider_.id, {.example = "Alfa AB"});
    provider_.issuer = in_.text("issuer", "",
                                {.required = true,
                                 .bytes_max = oidc::kUrlBytesMax,
                                 .example = "https://login.alfa.example/realms/alfa"});
    if (!provider_.issuer.empty()) {
      auto refused = oidc::refused_address(provider_.issuer);
      if (!refused && provider_.issuer.find('?') != std::string::npos) refused = "holds a '?'";
      if (refused) in_.refuse("issuer", fmt::format("\"{}\" {}", provider_.issuer, *refused));
    }
    provider_.client_id = in_.text("client_id", "", {.required = true, .example = "ombud"});
    provider_.client_secret =
        in_.maybe_secret("client_secret", options_.environment).value_or(std::string());
  }

  void read_scopes() {
    provider_.scopes = in_.texts("scopes", kScopesMax, {.example = "openid"});
    if (!in_.has("scopes")) provider_.scopes = {"openid", "email", "profile"};
    const auto& scopes = provider_.scopes;
    if (std::find(scopes.begin(), scopes.end(), "openid") == scopes.end()) {
      in_.refuse("scopes", "lacks \"openid\", without which there is no ID token; add it");
    }
    for (std::size_t i = 0; i < scopes.size(); ++i) {
      if (!is_scope(scopes[i])) {
        in_.refuse_at(in_.line("scopes", i),
                      fmt::format("{}.scopes[{}] is \"{}\", which is no scope; write one a text, "
                                  "such as \"email\"",
                                  in_.path(), i, scopes[i]));
      }
    }
  }

  void read_domains() {
    const auto written = in_.texts("domains", kDomainsMax, {.example = "alfa.example"});
    for (std::size_t i = 0; i < written.size(); ++i) {
      provider_.domains.push_back(lower(written[i]));
      if (!is_domain(provider_.domains.back())) {
        in_.refuse_at(in_.line("domains", i),
                      fmt::format("{}.domains[{}] is \"{}\"; write what stands behind the @, such "
                                  "as \"alfa.example\"",
                                  in_.path(), i, written[i]));
      }
    }
  }

  // A table of texts: { "what the claim says" = "what it means" }.
  std::map<std::string, std::string> mapping(std::string_view name, std::string_view example,
                                             const std::function<bool(const std::string&)>& good,
                                             std::string_view what) {
    std::map<std::string, std::string> all;
    const auto table = in_.json(name, options_.environment);
    const auto document = json::parse(table.text);
    const json::View root = document ? document->root() : json::View();
    if (root.size() > kMappingsMax) {
      in_.refuse(name, fmt::format("has {} entries; write at most {}", root.size(), kMappingsMax));
    }
    for (std::size_t i = 0; i < root.size(); ++i) {
      const std::string value(root.name_at(i)), meaning(root.member_at(i).text());
      if (root.member_at(i).is_text() && good(meaning)) {
        all[value] = meaning;
        continue;
      }
      std::string pointer = "/";
      for (const char c : value) pointer += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
      const auto line = table.lines.find(pointer);
      in_.refuse_at(line == table.lines.end() ? in_.line(name) : line->second,
                    fmt::format("{}.{}.\"{}\" is {}; write {}, such as {}", in_.path(), name, value,
                                root.member_at(i).dump(), what, example));
    }
    if (in_.has(name) && all.empty() && root.size() == 0) {
      in_.refuse(name, fmt::format("is empty; write {} = {{ {} }} or remove it", name, example));
    }
    return all;
  }

  void read_customers() {
    provider_.customer = key("customer", "", {.bytes_max = 64, .example = "alfa"});
    provider_.customer_claim = in_.text("customer_claim", "", {.example = "org_id"});
    provider_.customers = mapping(
        "customers", "{ \"what the claim says\" = \"alfa\" }",
        [](const std::string& customer) { return is_key(customer); }, "a customer's key");
    if (in_.has("customer") && in_.has("customer_claim")) {
      in_.refuse("customer_claim",
                 "stands beside customer; write either whose all of its people are, or the claim "
                 "that says it");
    }
    if (in_.has("customer_claim") != in_.has("customers")) {
      in_.refuse(in_.has("customers") ? "customers" : "customer_claim",
                 in_.has("customers") ? "needs customer_claim, the claim whose values stand here"
                                      : "needs customers = { \"what the claim says\" = \"alfa\" }");
    }
  }

  void read_roles() {
    provider_.roles_claim = in_.text("roles_claim", provider_.roles_claim, {.example = "groups"});
    provider_.roles = mapping(
        "roles", "{ \"desk-leads\" = \"lead\" }",
        [](const std::string& role) {
          return oidc::member_rank(role) >= 0 || oidc::staff_rank(role) >= 0;
        },
        "user, approver, manager, agent, lead, operator or admin");
    if (in_.has("roles_claim") && !in_.has("roles")) {
      in_.refuse("roles_claim", "has no effect without roles = { \"desk-leads\" = \"lead\" }");
    }
    const bool no_customers = provider_.customer.empty() && provider_.customers.empty();
    for (const auto& [value, role] : provider_.roles) {
      if (no_customers && oidc::member_rank(role) >= 0 && !in_.has("customers")) {
        in_.refuse("roles", fmt::format("gives \"{}\" the role {}, which one has at a customer; "
                                        "write whose people these are: customer = \"alfa\"",
                                        value, role));
      }
    }
  }

  void read_accounts() {
    provider_.verified_claim =
        in_.text("verified_claim", provider_.verified_claim, {.example = "email_verified"});
    provider_.create_accounts = in_.boolean("create_accounts", false);
    provider_.team = key("team", provider_.team, {.bytes_max = 64, .example = "desk"});
    if (!provider_.create_accounts) return;
    if (provider_.domains.empty() && !in_.has("domains")) {
      in_.refuse("create_accounts",
                 "needs domains = [\"alfa.example\"]: accounts are made for e-mail addresses that "
                 "the provider may speak for");
    }
    if (provider_.customer.empty() && !in_.has("customers") && !in_.has("roles")) {
      in_.refuse("create_accounts",
                 "would make accounts that may do nothing; add customer = \"alfa\", or "
                 "roles = { \"desk\" = \"agent\" }");
    }
  }

  toml::Reader in_;
  const LoadOptions& options_;
  oidc::ProviderSettings provider_;
};

}  // namespace

std::vector<ProviderEntry> read_providers(toml::Reader& identity, const LoadOptions& options) {
  std::vector<ProviderEntry> all;
  const auto tables = identity.tables("oidc");
  if (tables.size() > oidc::kProvidersMax) {
    identity.refuse("oidc", fmt::format("has {} entries; write at most {}", tables.size(),
                                        oidc::kProvidersMax));
  }
  for (toml::Reader in : tables) {
    ProviderEntry entry = ProviderReader(in, options).read();
    const auto same = std::find_if(all.begin(), all.end(), [&](const ProviderEntry& other) {
      return !other.provider.id.empty() && other.provider.id == entry.provider.id;
    });
    if (same != all.end()) {
      in.refuse("id", fmt::format("is \"{}\", as of another provider above; take another one",
                                  entry.provider.id));
    }
    all.push_back(std::move(entry));
  }
  return all;
}

}  // namespace ombud::cli
