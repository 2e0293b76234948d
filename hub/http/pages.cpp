#include "http/pages.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include "base/ascii.hpp"
#include "base/bytes.hpp"
#include "http/api/api.hpp"
#include "http/limits.hpp"
#include "http/problem.hpp"

namespace ombud::http {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kIndex = "/index.html";
constexpr std::string_view kAssets = "/assets/";

// What no page lies under: the addresses of programs.
constexpr std::array<std::string_view, 8> kNoPages{"/api",    "/hooks",   "/tmf-api", "/healthz",
                                                   "/readyz", "/metrics", "/auth",    "/assets"};

constexpr std::pair<std::string_view, std::string_view> kMediaTypes[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".map", "application/json"},
    {".webmanifest", "application/manifest+json"},
    {".txt", "text/plain; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".webp", "image/webp"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".wasm", "application/wasm"},
};

// Nothing from elsewhere, nothing inline, in nobody's frame. Fields of every page and asset.
constexpr std::pair<std::string_view, std::string_view> kHeaders[] = {
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
     "font-src 'self'; connect-src 'self'; manifest-src 'self'; frame-src 'self'; "
     "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"},
    {"Referrer-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(self), microphone=(), geolocation=(), payment=(), usb=()"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
};

std::string_view media_type_of(std::string_view name) {
  for (const auto& [ending, type] : kMediaTypes) {
    if (name.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return ascii_lower(x) == ascii_lower(y); });
}

// The weight in ";q=0.8" among the parameters, in thousandths; 0 for one that is none.
int weight_of(std::string_view parameters) {
  while (!parameters.empty()) {
    const std::size_t end = std::min(parameters.find(';'), parameters.size());
    const std::string_view one = trimmed(parameters.substr(0, end));
    parameters.remove_prefix(std::min(end + 1, parameters.size()));
    if (one.size() < 2 || !same_word(one.substr(0, 2), "q=")) continue;
    const std::string_view value = one.substr(2);
    if (value.empty() || (value[0] != '0' && value[0] != '1')) return 0;
    int weight = (value[0] - '0') * 1000;
    if (value.size() > 1 && (value[1] != '.' || value.size() > 5)) return 0;
    int place = 100;
    for (const char c : value.substr(std::min<std::size_t>(2, value.size()))) {
      if (c < '0' || c > '9') return 0;
      weight += (c - '0') * place;
      place /= 10;
    }
    return std::min(weight, 1000);
  }
  return 1000;
}

// Calls `visit(word, weight)` for each element of a list such as "br;q=0.9, *".
template <class Visit>
void each_choice(std::string_view header, Visit visit) {
  while (!header.empty()) {
    const std::size_t end = std::min(header.find(','), header.size());
    const std::string_view one = header.substr(0, end);
    header.remove_prefix(std::min(end + 1, header.size()));
    const std::size_t word_end = std::min(one.find(';'), one.size());
    const std::string_view word = trimmed(one.substr(0, word_end));
    if (!word.empty()) visit(word, weight_of(one.substr(std::min(word_end + 1, one.size()))));
  }
}

// An address that a reader may open: no program's, no file's, and nothing that begins with a dot.
bool is_page(std::string_view path) {
  for (const std::string_view taken : kNoPages) {
    if (path == taken || (path.starts_with(taken) && path[taken.size()] == '/')) return false;
  }
  if (path.find("/.") != std::string_view::npos) return false;
  return path.substr(path.rfind('/')).find('.') == std::string_view::npos;
}

Response not_built() {
  Response response;
  response.status = 404;
  response.content_type = "text/plain; charset=utf-8";
  response.body =
      "The hub is running, but its pages are not built here.\n\n"
      "To build them (Node.js 18 or newer, with npm): cmake --build --preset release --target web\n"
      "Then restart the hub. The API works without them: /api/v1/openapi.json describes it.\n";
  return response;
}

Result<std::string> bytes_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream all;
  all << in.rdbuf();
  if (!in.good() && !in.eof()) {
    return problem(ProblemKind::unavailable, "The page file " + file.string() + " cannot be read.");
  }
  return std::move(all).str();
}

}  // namespace

Coding best_coding(std::string_view accept_encoding, bool has_brotli, bool has_gzip) {
  int brotli = -1, gzip = -1, identity = -1, others = -1;  // -1: not named
  each_choice(accept_encoding, [&](std::string_view word, int weight) {
    if (same_word(word, "br")) brotli = weight;
    if (same_word(word, "gzip") || same_word(word, "x-gzip")) gzip = weight;
    if (same_word(word, "identity")) identity = weight;
    if (word == "*") others = weight;
  });
  if (brotli < 0) brotli = std::max(others, 0);
  if (gzip < 0) gzip = std::max(others, 0);
  if (!has_brotli) brotli = 0;
  if (!has_gzip) gzip = 0;
  // Not named it is acceptable, but only the last choice.
  if (identity < 0) identity = others == 0 ? 0 : 1;
  if (brotli > 0 && brotli >= gzip && brotli >= identity) return Coding::brotli;
  if (gzip > 0 && gzip >= identity) return Coding::gzip;
  return Coding::identity;
}

bool wants_html(std::string_view accept) {
  bool wanted = false;
  each_choice(accept, [&](std::string_view word, int weight) {
    wanted = wanted || (weight > 0 && same_word(word, "text/html"));
  });
  return wanted;
}

Result<Pages> Pages::load(const fs::path& directory) {
  const auto refused = [&](const std::string& why) {
    return problem(ProblemKind::unavailable,
                   "The pages in " + directory.string() + " cannot be served: " + why);
  };
  Pages pages;
  std::error_code error;
  if (!fs::is_directory(directory, error)) return pages;
  std::map<std::string, Content, std::less<>> found;
  std::size_t bytes = 0;
  fs::recursive_directory_iterator entry(directory, error), end;
  for (; !error && entry != end; entry.increment(error)) {
    if (!entry->is_regular_file(error)) continue;
    if (found.size() >= kPageFilesMax) return refused("there are too many files.");
    auto content = bytes_of(entry->path());
    if (!content) return content.error();
    bytes += content->size();
    if (bytes > kPageBytesMax) return refused("they are too large.");
    const std::string name = "/" + fs::relative(entry->path(), directory, error).generic_string();
    std::string etag = "\"" + sha256_hex(*content).substr(0, 32) + "\"";
    found.emplace(name, Content{std::move(*content), std::move(etag)});
  }
  if (error) return refused(error.message() + ".");
  if (!found.contains(kIndex)) return refused("there is no index.html.");

  const auto take = [&](const std::string& name) -> std::optional<Content> {
    auto at = found.find(name);
    if (at == found.end()) return std::nullopt;
    return std::move(at->second);
  };
  for (auto& [name, content] : found) {
    const bool compressed = name.ends_with(".br") || name.ends_with(".gz");
    if (compressed && found.contains(name.substr(0, name.size() - 3))) continue;
    File file;
    file.media_type = media_type_of(name);
    file.brotli = take(name + ".br");
    file.gzip = take(name + ".gz");
    file.plain = std::move(content);
    pages.files_.emplace(name, std::move(file));
  }
  return pages;
}

Response Pages::respond(const Exchange& exchange, std::string_view path, const File& file) const {
  const Coding coding = best_coding(exchange.header("Accept-Encoding"), file.brotli.has_value(),
                                    file.gzip.has_value());
  const Content& content = coding == Coding::brotli ? *file.brotli
                           : coding == Coding::gzip ? *file.gzip
                                                    : file.plain;
  Response response;
  if (none_match(exchange.header("If-None-Match"), content.etag)) {
    response = not_modified(content.etag);
  } else {
    response.content_type = file.media_type;
    response.body = content.bytes;
    response.header("ETag", content.etag);
    if (coding == Coding::brotli) response.header("Content-Encoding", "br");
    if (coding == Coding::gzip) response.header("Content-Encoding", "gzip");
  }
  // A name under /assets/ holds the digest of its content; the others are asked for each time.
  response.header("Cache-Control",
                  path.starts_with(kAssets) ? "public, max-age=31536000, immutable" : "no-cache");
  response.header("Vary", "Accept-Encoding");
  for (const auto& [name, value] : kHeaders) {
    response.header(std::string(name), std::string(value));
  }
  return response;
}

std::optional<Response> Pages::answer(const Exchange& exchange) const {
  const bool reads = exchange.method() == Method::get || exchange.method() == Method::head;
  std::string_view path = exchange.target();
  path = path.substr(0, path.find('?'));
  if (path.empty() || path.front() != '/') return std::nullopt;
  if (const auto known = files_.find(path == "/" ? kIndex : path); known != files_.end()) {
    if (reads) return respond(exchange, known->first, known->second);
    Response refusal = problem_response(405, "method_not_allowed",
                                        "This address takes only GET and HEAD.", exchange.id());
    refusal.header("Allow", "GET, HEAD");
    return refusal;
  }
  if (!reads || !is_page(path) || (path != "/" && !wants_html(exchange.header("Accept")))) {
    return std::nullopt;
  }
  if (!built()) return not_built();
  const auto index = files_.find(kIndex);
  return respond(exchange, index->first, index->second);
}

}  // namespace ombud::http
