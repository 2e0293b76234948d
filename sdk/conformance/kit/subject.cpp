#include "conformance/kit/subject.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/elf.hpp"
#include "base/json.hpp"

namespace ombud::conformance {
namespace {

constexpr const char* kEntry = "ombud_connector_entry";
constexpr const char* kDialectSymbol = "ombud_dialect_entry";
constexpr std::size_t kCapabilitiesMax = 64;

std::shared_ptr<Dialect> load_dialect(const std::string& path) {
  void* library = dlopen(std::filesystem::absolute(path).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw Misuse("The dialect cannot be loaded: " + std::string(dlerror()));
  const auto* entry = static_cast<const DialectEntry*>(dlsym(library, kDialectSymbol));
  if (entry == nullptr) {
    throw Misuse(path + " holds no dialect: end its source with OMBUD_DIALECT(YourDialect).");
  }
  if (entry->version != kDialectVersion || entry->bytes != sizeof(Ticket)) {
    throw Misuse(path +
                 " was built with other headers or another standard library than this kit: build "
                 "it again with the kit's.");
  }
  return {entry->make(), entry->destroy};
}

// Every {"$secret":"token"} in it gets a value of its own, which the kit can look for.
void collect_tokens(json::View value, Fields& secrets) {
  const std::string_view token = value["$secret"].text();
  if (!token.empty()) {
    secrets.emplace(token, "canary-" + std::to_string(secrets.size()) + "-" + std::string(token) +
                               "-s3cr3t/+?");
  }
  for (std::size_t i = 0; i < value.size(); ++i) {
    collect_tokens(value.is_array() ? value.at(i) : value.member_at(i), secrets);
  }
}

void open(Subject& subject) {
  subject.threads_before = entries("/proc/self/task");
  const auto began = std::chrono::steady_clock::now();
  void* loaded = dlopen(subject.library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (loaded == nullptr) {
    subject.load_error = dlerror();
    return;
  }
  const auto* entry = static_cast<const ombud_entry*>(dlsym(loaded, kEntry));
  if (entry == nullptr) {
    subject.load_error = "it exports no ombud_connector_entry";
    return;
  }
  if (entry->abi_major != OMBUD_ABI_MAJOR) {
    subject.load_error = "it is built for major " + std::to_string(entry->abi_major) +
                         " of the ABI, this kit is for " + std::to_string(OMBUD_ABI_MAJOR);
    return;
  }
  if (entry->descriptor == nullptr || entry->create == nullptr) {
    subject.load_error = "its entry has no descriptor or no create function";
    return;
  }
  const char* const* names = entry->descriptor->capabilities;
  for (std::size_t i = 0; names != nullptr && names[i] != nullptr && i < kCapabilitiesMax; ++i) {
    subject.descriptor_capabilities.emplace_back(names[i]);
  }
  subject.capabilities = subject.descriptor_capabilities;
  subject.lookup_lag_ms = entry->descriptor->lookup_lag_ms;
  subject.load_ms =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count();
  subject.entry = entry;
}

}  // namespace

std::size_t entries(const char* folder) {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder)) ++count;
  return count;
}

bool Subject::can(std::string_view capability) const {
  return std::find(capabilities.begin(), capabilities.end(), capability) != capabilities.end();
}

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::ostringstream all;
  all << in.rdbuf();
  return std::move(all).str();
}

Subject load_subject(const SubjectFiles& files, bool open_library) {
  const auto& [library, dialect, settings_file, previous_manifest] = files;
  Subject subject;
  const auto image = read_file(library);
  if (!image) throw Misuse("There is no library at " + library + ".");
  subject.library = std::filesystem::absolute(library).lexically_normal();
  subject.exported = exported_symbols(*image);
  subject.manifest =
      read_file(std::filesystem::path(subject.library).replace_filename("connector.json"))
          .value_or("");
  if (!previous_manifest.empty()) {
    const auto text = read_file(previous_manifest);
    if (!text) throw Misuse("There is no manifest at " + previous_manifest + ".");
    subject.previous_manifest = *text;
  }
  if (!dialect.empty()) {
    subject.dialect = load_dialect(dialect);
    subject.settings = subject.dialect->settings();
    subject.has_settings = true;
  }
  if (!settings_file.empty()) {
    const auto text = read_file(settings_file);
    if (!text) throw Misuse("There are no settings at " + settings_file + ".");
    const auto parsed = json::parse(*text);
    if (!parsed) throw Misuse(settings_file + " is no JSON: " + parsed.error().detail);
    subject.settings.json = *text;
    collect_tokens(parsed->root(), subject.settings.secrets);
    subject.has_settings = true;
  }
  if (open_library) open(subject);
  return subject;
}

}  // namespace ombud::conformance
