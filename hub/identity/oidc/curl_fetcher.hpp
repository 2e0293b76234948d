// The Fetcher of a running hub: libcurl's multi interface on one thread of its own, so that a
// provider that hangs holds up neither the HTTP threads nor other providers.
//
// TLS is verified against the machine's certificate authorities, redirects are not followed,
// nothing but http and https is spoken, and the proxy of the environment is used unless the address
// is this machine's own. Thread-safe. Destroyed, it answers what is under way as failed.
#pragma once

#include <cstddef>
#include <memory>

#include "identity/oidc/fetch.hpp"

namespace ombud::oidc {

class CurlFetcher final : public Fetcher {
 public:
  explicit CurlFetcher(std::size_t fetches_max);
  ~CurlFetcher() override;
  CurlFetcher(const CurlFetcher&) = delete;
  CurlFetcher& operator=(const CurlFetcher&) = delete;

  void fetch(FetchRequest request, Done done) override;

 private:
  class Worker;
  std::unique_ptr<Worker> worker_;
};

}  // namespace ombud::oidc
