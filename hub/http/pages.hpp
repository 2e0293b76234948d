// The pages of portal, desk and operators as their build left them: files read once at start, and
// one document, index.html, for every address of a page. Only names that were found then exist, so
// no address reaches anything else on the disk. Immutable after `load`; any thread.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "http/message.hpp"

namespace ombud::http {

class Pages {
 public:
  Pages() = default;  // none: `/` says how they are built

  // Every file under `directory`; x.br and x.gz are x, compressed. None if there is no such folder.
  // Refused: a folder that cannot be read, lacks index.html or holds more than the limits.
  static Result<Pages> load(const std::filesystem::path& directory);

  bool built() const { return !files_.empty(); }

  // The answer to a request that no route takes; nothing if it is none for a page either.
  std::optional<Response> answer(const Exchange& exchange) const;

 private:
  struct Content {
    std::string bytes;
    std::string etag;
  };
  struct File {
    std::string media_type;
    Content plain;
    std::optional<Content> brotli, gzip;
  };
  Response respond(const Exchange& exchange, std::string_view path, const File& file) const;

  std::map<std::string, File, std::less<>> files_;  // by path: "/assets/app-3f2a.js"
};

// The best of what is there by an Accept-Encoding (RFC 9110, 12.5.3).
enum class Coding { identity, brotli, gzip };
Coding best_coding(std::string_view accept_encoding, bool has_brotli, bool has_gzip);

// True if the header names HTML with a weight above 0; wildcards do not count, as programs send
// them.
bool wants_html(std::string_view accept);

}  // namespace ombud::http
