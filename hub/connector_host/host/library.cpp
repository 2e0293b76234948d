#include "connector_host/host/library.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/dll/shared_library.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

#include "base/bytes.hpp"
#include "base/elf.hpp"
#include "base/json.hpp"
#include "connector_host/host/exit_codes.hpp"
#include "connector_host/host/refusal.hpp"
#include "connector_host/limits.hpp"

namespace ombud {
namespace {

constexpr const char* kEntry = "ombud_connector_entry";

[[noreturn]] void refuse(int code, const std::string& sentence) {
  throw Refusal(code, sentence);
}

void refuse_if_shared(const struct stat& state, const std::string& path) {
  if ((state.st_mode & (S_IWGRP | S_IWOTH)) == 0) return;
  refuse(host_exit::kWritableByOthers,
         "The connector is refused because others than its owner may "
         "write " +
             path + ": run chmod go-w on it.");
}

// The file's bytes, after checking who may write it.
std::string read_guarded(const std::string& path, std::uint64_t bytes_max) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) {
    refuse(host_exit::kMissing,
           "The connector lacks " + path + " (" + std::strerror(errno) + "): install it again.");
  }
  struct Close {
    int fd;
    ~Close() { ::close(fd); }
  } close_it{fd};
  struct stat state {};
  if (::fstat(fd, &state) != 0 || !S_ISREG(state.st_mode)) {
    refuse(host_exit::kMissing, path + " is no regular file: install the connector again.");
  }
  refuse_if_shared(state, path);
  if (static_cast<std::uint64_t>(state.st_size) > bytes_max) {
    refuse(host_exit::kManifest, path + " is larger than a connector may be.");
  }
  std::string bytes(static_cast<std::size_t>(state.st_size), '\0');
  std::size_t got = 0;
  while (got < bytes.size()) {
    const ssize_t piece = ::read(fd, bytes.data() + got, bytes.size() - got);
    if (piece < 0 && errno == EINTR) continue;
    if (piece <= 0) refuse(host_exit::kMissing, path + " cannot be read to its end.");
    got += static_cast<std::size_t>(piece);
  }
  return bytes;
}

[[noreturn]] void refuse_major(const std::string& path, std::int64_t major) {
  refuse(host_exit::kAbiMajor, path + " is for major " + std::to_string(major) +
                                   " of the connector ABI, this hub runs major " +
                                   std::to_string(OMBUD_ABI_MAJOR) +
                                   ": install the connector's version for it.");
}

Manifest read_manifest(const std::string& path) {
  const auto parsed = json::parse(read_guarded(path, host_limits::kManifestBytesMax));
  if (!parsed) refuse(host_exit::kManifest, path + " is no JSON: " + parsed.error().detail);
  const json::View in = parsed->root();
  Manifest manifest;
  manifest.id = in["id"].text();
  manifest.version = in["version"].text();
  manifest.library = in["library"].text();
  manifest.sha256 = in["sha256"].text();
  for (const char* name : {"id", "version", "library", "sha256"}) {
    if (in[name].text().empty()) {
      refuse(host_exit::kManifest, path + " lacks \"" + name + "\".");
    }
  }
  if (manifest.library.find('/') != std::string::npos || manifest.library[0] == '.') {
    refuse(host_exit::kManifest, path + ": \"library\" must name a file in the same directory.");
  }
  const auto major = in["abi"]["major"].maybe_integer();
  if (major && *major != std::int64_t{OMBUD_ABI_MAJOR}) refuse_major(path, *major);
  manifest.lists_capabilities = in["capabilities"].is_array();
  for (std::size_t i = 0; i < in["capabilities"].size(); ++i) {
    manifest.capabilities.emplace_back(in["capabilities"].at(i).text());
  }
  return manifest;
}

void check_exports(const std::string& image, const std::string& path) {
  const std::vector<std::string> exported = exported_symbols(image);
  if (exported.size() == 1 && exported[0] == kEntry) return;
  std::string list;
  for (std::size_t i = 0; i < exported.size() && i < 5; ++i) list += " " + exported[i];
  refuse(host_exit::kExports,
         path + " must export " + kEntry + " and nothing else, but exports" +
             (exported.empty() ? " nothing" : list + (exported.size() > 5 ? " …" : "")) +
             ": build it with ombud_add_connector().");
}

std::string text_of(const char* text) {
  return text == nullptr ? std::string() : text;
}

void check_descriptor(const Library& library, const std::string& path) {
  const ombud_descriptor* said = library.entry->descriptor;
  if (said == nullptr || library.entry->create == nullptr) {
    refuse(host_exit::kDescriptor, path + " has no descriptor or no create function.");
  }
  const auto differ = [&](const char* what, const std::string& code, const std::string& file) {
    refuse(host_exit::kDescriptor, path + " and its connector.json disagree: " + what + " is \"" +
                                       code + "\" in the code and \"" + file +
                                       "\" in the manifest.");
  };
  if (text_of(said->id) != library.manifest.id) {
    differ("the id", text_of(said->id), library.manifest.id);
  }
  if (text_of(said->version) != library.manifest.version) {
    differ("the version", text_of(said->version), library.manifest.version);
  }
  if (!library.manifest.lists_capabilities) return;
  const auto joined = [](std::vector<std::string> names) {
    std::sort(names.begin(), names.end());
    std::string all;
    for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
    return all;
  };
  if (joined(library.capabilities) != joined(library.manifest.capabilities)) {
    differ("the list of capabilities", joined(library.capabilities),
           joined(library.manifest.capabilities));
  }
}

}  // namespace

bool Library::can(std::string_view capability) const {
  return std::find(capabilities.begin(), capabilities.end(), capability) != capabilities.end();
}

Library load_library(const std::string& connector_dir) {
  struct stat directory {};
  if (connector_dir.empty() || connector_dir[0] != '/') {
    refuse(host_exit::kMissing, "The connector's directory must be an absolute path.");
  }
  if (::stat(connector_dir.c_str(), &directory) != 0 || !S_ISDIR(directory.st_mode)) {
    refuse(host_exit::kMissing, "There is no connector at " + connector_dir + ".");
  }
  refuse_if_shared(directory, connector_dir);
  Library library;
  library.manifest = read_manifest(connector_dir + "/connector.json");
  const std::string path = connector_dir + "/" + library.manifest.library;
  {
    const std::string image = read_guarded(path, host_limits::kLibraryBytesMax);
    if (sha256_hex(image) != library.manifest.sha256) {
      refuse(host_exit::kDigest, path +
                                     " is not the file that its connector.json was made for "
                                     "(the SHA-256 differs): install the connector again.");
    }
    check_exports(image, path);
  }
  // Never unloaded: a connector may leave thread-locals and exit handlers behind.
  static std::unique_ptr<boost::dll::shared_library> loaded;
  try {
    loaded = std::make_unique<boost::dll::shared_library>(
        path, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
    library.entry = &loaded->get<const ombud_entry>(kEntry);
  } catch (const std::exception& error) {
    refuse(host_exit::kUnloadable, path + " cannot be loaded: " + error.what() + ".");
  }
  if (library.entry->abi_major != OMBUD_ABI_MAJOR) {
    refuse_major(path, library.entry->abi_major);
  }
  const ombud_descriptor* said = library.entry->descriptor;
  for (std::size_t i = 0; said != nullptr && said->capabilities != nullptr &&
                          said->capabilities[i] != nullptr && i < host_limits::kCapabilitiesMax;
       ++i) {
    library.capabilities.emplace_back(said->capabilities[i]);
  }
  check_descriptor(library, path);
  return library;
}

}  // namespace ombud
