// Bytes that are too big for rows: attachments and raw mails, one file each, named by SHA-256.
// What was put is on disk (fsync of file and folder) before put returns; equal bytes are kept once.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace ombud {

struct BlobRef {
  std::string sha256;  // hex
  std::int64_t bytes = 0;
};

class Blobs {
 public:
  virtual ~Blobs() = default;
  virtual boost::asio::awaitable<Result<BlobRef>> put(std::string bytes) = 0;
  // Takes over a finished file on the same file system; it is gone from `path` afterwards.
  virtual boost::asio::awaitable<Result<BlobRef>> adopt(std::string path) = 0;
  virtual boost::asio::awaitable<std::optional<std::string>> get(std::string sha256) = 0;
  // Where the bytes lie, for programs that read files; may not exist.
  virtual std::string path_of(std::string_view sha256) const = 0;
};

}  // namespace ombud
