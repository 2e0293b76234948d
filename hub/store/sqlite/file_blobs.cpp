#include "store/sqlite/file_blobs.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>

#include "base/bytes.hpp"
#include "store/store.hpp"

namespace ombud::sqlite {
namespace {

namespace net = boost::asio;

Problem trouble(const std::string& doing, const std::string& path) {
  return problem(ProblemKind::unavailable, "Cannot " + doing + " " + path + ": " +
                                               std::strerror(errno) +
                                               (errno == ENOSPC ? " Free some space." : "."));
}

bool sync_folder(const std::string& path) {
  const int folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return false;
  const bool synced = ::fsync(folder) == 0;
  ::close(folder);
  return synced;
}

template <class T>
net::awaitable<T> on_pool(net::thread_pool& pool, std::function<T()> work) {
  // a named coroutine, so that nothing captured dies under it
  struct Run {
    static net::awaitable<T> once(std::function<T()> f) { co_return f(); }
  };
  co_return co_await net::co_spawn(pool, Run::once(std::move(work)), net::use_awaitable);
}

}  // namespace

FileBlobs::FileBlobs(std::string directory, net::thread_pool& pool)
    : directory_(std::move(directory)), pool_(pool) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(directory_, ignored)) {
    if (entry.path().filename().string().starts_with(kIncomingPrefix)) {
      std::filesystem::remove(entry.path(), ignored);
    }
  }
}

std::string FileBlobs::path_of(std::string_view sha256) const {
  if (sha256.size() < 3) return directory_ + "/none";
  return directory_ + "/" + std::string(sha256.substr(0, 2)) + "/" + std::string(sha256.substr(2));
}

// Whoever made it, and what lies in it, may have died or be at work before it was on disk.
Result<void> FileBlobs::keep_folder(const std::string& folder) const {
  const std::string_view name = std::string_view(folder).substr(folder.size() - 2);
  std::uint8_t number = 0;
  std::from_chars(name.data(), name.data() + name.size(), number, 16);
  if (!folder_kept_[number]) {
    if (!sync_folder(directory_)) return trouble("sync", directory_);
    folder_kept_[number] = true;
  }
  if (!sync_folder(folder)) return trouble("sync", folder);
  return {};
}

Result<BlobRef> FileBlobs::place(const std::string& temporary, std::string sha256,
                                 std::int64_t bytes) const {
  const std::string target = path_of(sha256);
  const std::string folder = target.substr(0, target.rfind('/'));
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return trouble("make", folder);
  if (::rename(temporary.c_str(), target.c_str()) != 0) return trouble("write", target);
  if (const auto kept = keep_folder(folder); !kept) return kept.error();
  return BlobRef{std::move(sha256), bytes};
}

Result<BlobRef> FileBlobs::put_now(const std::string& bytes) const {
  static std::atomic<std::uint64_t> count{0};
  std::string sha256 = sha256_hex(bytes);
  struct stat known {};
  const std::string target = path_of(sha256);
  if (::stat(target.c_str(), &known) == 0 && known.st_size == static_cast<off_t>(bytes.size())) {
    if (const auto kept = keep_folder(target.substr(0, target.rfind('/'))); !kept) {
      return kept.error();
    }
    return BlobRef{std::move(sha256), static_cast<std::int64_t>(bytes.size())};
  }
  const std::string temporary = directory_ + "/" + std::string(kIncomingPrefix) +
                                std::to_string(::getpid()) + "-" + std::to_string(++count);
  const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return trouble("write", temporary);
  std::string_view left = bytes;
  while (!left.empty()) {
    const ssize_t wrote = ::write(file, left.data(), left.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) break;
    left.remove_prefix(static_cast<std::size_t>(wrote));
  }
  const bool stored = left.empty() && ::fdatasync(file) == 0;
  const Problem why = stored ? Problem{} : trouble("write", temporary);
  ::close(file);
  if (!stored) {
    ::unlink(temporary.c_str());
    return why;
  }
  return place(temporary, std::move(sha256), static_cast<std::int64_t>(bytes.size()));
}

Result<BlobRef> FileBlobs::adopt_now(const std::string& path) const {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return trouble("read", path);
  Sha256 digest;
  std::int64_t bytes = 0;
  std::string piece(1U << 16U, '\0');
  ssize_t got = 0;
  while ((got = ::read(file, piece.data(), piece.size())) > 0) {
    digest.update({piece.data(), static_cast<std::size_t>(got)});
    bytes += got;
  }
  const bool stored = got == 0 && ::fdatasync(file) == 0;
  const Problem why = stored ? Problem{} : trouble("read", path);
  ::close(file);
  if (!stored) return why;
  return place(path, digest.finish_hex(), bytes);
}

// With as much memory as there are bytes: a stream that grows takes twice that.
std::optional<std::string> FileBlobs::read_now(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::nullopt;
  std::string bytes;
  struct stat known {};
  if (::fstat(file, &known) == 0) bytes.resize(static_cast<std::size_t>(known.st_size));
  std::size_t have = 0;
  ssize_t got = 0;
  while (have < bytes.size()) {
    got = ::read(file, bytes.data() + have, bytes.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    have += static_cast<std::size_t>(got);
  }
  const int why = errno;
  ::close(file);
  if (have == bytes.size()) return bytes;
  throw StoreError("Cannot read " + path + ": " +
                   (got < 0 ? std::strerror(why) : "it ends too early") + ".");
}

net::awaitable<Result<BlobRef>> FileBlobs::put(std::string bytes) {
  std::function<Result<BlobRef>()> work = [this, bytes = std::move(bytes)] {
    return put_now(bytes);
  };
  co_return co_await on_pool(pool_, std::move(work));
}

net::awaitable<Result<BlobRef>> FileBlobs::adopt(std::string path) {
  std::function<Result<BlobRef>()> work = [this, path = std::move(path)] {
    return adopt_now(path);
  };
  co_return co_await on_pool(pool_, std::move(work));
}

net::awaitable<std::optional<std::string>> FileBlobs::get(std::string sha256) {
  std::function<std::optional<std::string>()> work =
      [path = path_of(sha256)]() -> std::optional<std::string> { return read_now(path); };
  co_return co_await on_pool(pool_, std::move(work));
}

}  // namespace ombud::sqlite
