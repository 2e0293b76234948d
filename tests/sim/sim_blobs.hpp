// Blobs in memory; they outlive the hub as a disk does.
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "store/blobs.hpp"

namespace ombud::sim {

class SimBlobs final : public Blobs {
 public:
  BlobRef keep(std::string bytes) {
    BlobRef ref{sha256_hex(bytes), static_cast<std::int64_t>(bytes.size())};
    bytes_[ref.sha256] = std::move(bytes);
    return ref;
  }
  const std::string* find(std::string_view sha256) const {
    const auto at = bytes_.find(sha256);
    return at == bytes_.end() ? nullptr : &at->second;
  }

  net::awaitable<Result<BlobRef>> put(std::string bytes) override {
    co_return keep(std::move(bytes));
  }
  net::awaitable<Result<BlobRef>> adopt(std::string path) override {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream bytes;
    bytes << file.rdbuf();
    std::filesystem::remove(path);
    co_return keep(bytes.str());
  }
  net::awaitable<std::optional<std::string>> get(std::string sha256) override {
    const std::string* bytes = find(sha256);
    co_return bytes == nullptr ? std::nullopt : std::optional(*bytes);
  }
  std::string path_of(std::string_view sha256) const override {
    return "/blobs/" + std::string(sha256);
  }

 private:
  std::map<std::string, std::string, std::less<>> bytes_;
};

}  // namespace ombud::sim
