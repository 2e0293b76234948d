// How providers are asked: one HTTP request each, played in tests.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "base/time.hpp"
#include "identity/oidc/outcome.hpp"

namespace ombud::oidc {

struct FetchRequest {
  std::string url;  // one that refused_address has nothing against
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string form = {};  // not empty: POST as application/x-www-form-urlencoded
  Millis within{};        // for all of it: name, connection, TLS, answer
};

struct Fetched {
  int status = 0;            // 0: no whole answer came
  std::string content_type;  // as it was sent
  std::string body;
  std::string error;  // why none came, in words for the operator
};

class Fetcher {
 public:
  using Done = std::function<void(Fetched)>;
  virtual ~Fetcher() = default;
  // Calls `done` once, on any thread, also from within this call. Redirects are answers like
  // others. Never blocks. An answer over kAnswerBytesMax is an error.
  virtual void fetch(FetchRequest request, Done done) = 0;
};

// The JSON object of a 200 answer; else what was wrong with it, beginning with `what`.
Outcome<json::Document> json_of(const Fetched& fetched, std::string_view what);

}  // namespace ombud::oidc
