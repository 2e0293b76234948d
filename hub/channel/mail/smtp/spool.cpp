#include "channel/mail/smtp/spool.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

namespace ombud::mail {

namespace net = boost::asio;

struct SpoolFile::File {
  explicit File(std::string where) : path(std::move(where)) {}
  ~File() {
    if (descriptor < 0) return;
    ::close(descriptor);
    ::unlink(path.c_str());
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  std::string path;
  int descriptor = -1;
};

namespace {

std::string trouble(const std::string& path) {
  return fmt::format("Cannot write {}: {}.{}", path, std::strerror(errno),
                     errno == ENOSPC ? " Free some space." : "");
}

}  // namespace

SpoolFile::SpoolFile(net::any_io_executor workers, std::string path)
    : workers_(std::move(workers)), file_(std::make_shared<File>(std::move(path))) {}

// On a worker.
net::awaitable<std::string> SpoolFile::write(std::shared_ptr<File> file, std::string piece) {
  if (file->descriptor < 0) {
    file->descriptor = ::open(file->path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  }
  if (file->descriptor < 0) co_return trouble(file->path);
  std::string_view left = piece;
  while (!left.empty()) {
    const ssize_t wrote = ::write(file->descriptor, left.data(), left.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) co_return trouble(file->path);
    left.remove_prefix(static_cast<std::size_t>(wrote));
  }
  co_return std::string();
}

net::awaitable<std::string> SpoolFile::add(std::string piece) {
  net::awaitable<std::string> writing = write(file_, std::move(piece));
  std::string said = co_await net::co_spawn(workers_, std::move(writing), net::use_awaitable);
  co_return said;
}

const std::string& SpoolFile::path() const {
  return file_->path;
}

}  // namespace ombud::mail
