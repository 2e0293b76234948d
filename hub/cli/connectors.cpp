#include "cli/connectors.hpp"

#include <fmt/format.h>
#include <ombud/connector.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "base/bytes.hpp"

namespace ombud::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kCapabilitiesMax = 64;

std::optional<std::string> contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  return in.is_open() && !in.bad() ? std::optional(std::move(text)) : std::nullopt;
}

// Why a folder or file may not be trusted, empty if it may.
std::string exposed(const fs::path& path) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0) return {};
  if ((facts.st_mode & S_IWOTH) == 0) return {};
  return fmt::format("{} may be changed by everybody on this machine; run: chmod o-w {}",
                     path.string(), path.string());
}

Problem refused(std::string detail) {
  return problem(ProblemKind::invalid, std::move(detail));
}

}  // namespace

bool Connector::has(std::string_view capability) const {
  return std::find(capabilities.begin(), capabilities.end(), capability) != capabilities.end();
}

std::vector<std::string> connector_names(const fs::path& connectors_dir) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(connectors_dir, error)) {
    if (fs::exists(entry.path() / "connector.json", error)) {
      names.push_back(entry.path().filename().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<Connector> inspect_connector(const fs::path& dir) {
  const fs::path manifest = dir / "connector.json";
  const auto text = contents(manifest);
  if (!text) {
    return refused(
        fmt::format("{} cannot be read; a connector's folder holds connector.json and its "
                    "library: install the connector again",
                    manifest.string()));
  }
  for (const fs::path& path : {dir, manifest}) {
    if (std::string why = exposed(path); !why.empty()) return refused(std::move(why));
  }
  auto parsed = json::parse(*text);
  if (!parsed) return refused(fmt::format("{}: {}", manifest.string(), parsed.error().detail));

  Connector connector;
  connector.dir = dir;
  json::Reader in(parsed->root(), "");
  connector.id = in.text("id", {.required = true});
  connector.version = in.text("version", {.required = true});
  connector.capabilities = in.texts("capabilities", kCapabilitiesMax, {});
  in.maybe_integer("lookup_lag_ms", 0, INT64_MAX);
  const std::string library = in.text("library", {.required = true});
  const std::string digest = in.text("sha256", {.required = true});
  const std::int64_t major = in.object("abi", true)["major"].integer(-1);
  for (std::size_t i = 0; i < parsed->root().size(); ++i) {
    in.has(parsed->root().name_at(i));  // a newer SDK may say more
  }
  const json::View schema = (*parsed)["config_schema"];
  if (!schema.is_object() && !schema.is_text()) {
    in.refuse("config_schema", "must be the JSON Schema of the link's [settings]");
  }
  if (library.find('/') != std::string::npos) in.refuse("library", "must be a plain file name");
  if (auto wrong = in.finish()) {
    const FieldProblem& first = wrong->fields.front();
    return refused(fmt::format("{} is not a valid manifest: {} {}", manifest.string(),
                               first.pointer, first.detail));
  }
  if (major != OMBUD_ABI_MAJOR) {
    return refused(
        fmt::format("{} was built for SDK ABI {}, and this hub has {}; install a build of "
                    "the connector for ABI {}",
                    manifest.string(), major, OMBUD_ABI_MAJOR, OMBUD_ABI_MAJOR));
  }
  const fs::path binary = dir / library;
  if (std::string why = exposed(binary); !why.empty()) return refused(std::move(why));
  const auto bytes = contents(binary);
  if (!bytes) {
    return refused(fmt::format("{} cannot be read; install the connector again", binary.string()));
  }
  if (sha256_hex(*bytes) != digest) {
    return refused(
        fmt::format("{} is not the library that its manifest describes (the SHA-256 "
                    "differs); install the connector again",
                    binary.string()));
  }
  auto compiled = json::parse(schema.is_text() ? std::string(schema.text()) : schema.dump());
  if (!compiled || !compiled->root().is_object()) {
    return refused(fmt::format("{}: config_schema is not a JSON Schema", manifest.string()));
  }
  connector.schema = std::move(*compiled);
  return connector;
}

}  // namespace ombud::cli
