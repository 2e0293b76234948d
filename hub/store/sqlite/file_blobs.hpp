// Blobs as files: blobs/ab/cdef…, written to a temporary name, synced, renamed, folder synced.
#pragma once

#include <boost/asio/thread_pool.hpp>

#include <array>
#include <atomic>
#include <optional>
#include <string>
#include <string_view>

#include "store/blobs.hpp"

namespace ombud::sqlite {

class FileBlobs final : public Blobs {
 public:
  // `pool` does the blocking work; it must outlive this and every call. Removes what was coming in
  // when an earlier life of the hub ended: one process a directory.
  FileBlobs(std::string directory, boost::asio::thread_pool& pool);

  boost::asio::awaitable<Result<BlobRef>> put(std::string bytes) override;
  boost::asio::awaitable<Result<BlobRef>> adopt(std::string path) override;
  boost::asio::awaitable<std::optional<std::string>> get(std::string sha256) override;
  std::string path_of(std::string_view sha256) const override;

  // Of the names of files that are not whole yet. Anybody may make them here, for adopt().
  static constexpr std::string_view kIncomingPrefix = "incoming-";

 private:
  static std::optional<std::string> read_now(const std::string& path);
  Result<BlobRef> put_now(const std::string& bytes) const;
  Result<BlobRef> adopt_now(const std::string& path) const;
  Result<BlobRef> place(const std::string& temporary, std::string sha256, std::int64_t bytes) const;

  Result<void> keep_folder(const std::string& folder) const;

  std::string directory_;
  // By the first byte of the digest: that folder's own name is on disk, as far as this life knows.
  mutable std::array<std::atomic<bool>, 256> folder_kept_{};
  boost::asio::thread_pool& pool_;
};

}  // namespace ombud::sqlite
