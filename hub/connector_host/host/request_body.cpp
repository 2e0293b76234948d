#include "connector_host/host/request_body.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "connector_host/limits.hpp"

namespace ombud {

RequestBody::~RequestBody() {
  if (fd_ >= 0) ::close(fd_);
}

std::optional<std::string> RequestBody::take(ombud_source* source, const std::string& scratch_dir) {
  char piece[16384];
  while (source != nullptr) {
    const std::int64_t got = source->read(source, piece, sizeof piece);
    if (got == 0) break;
    if (got < 0 || got > static_cast<std::int64_t>(sizeof piece)) {
      return "the content to send could not be read";
    }
    const std::string_view part(piece, static_cast<std::size_t>(got));
    if (size() + part.size() > host_limits::kRequestBodyBytesMax) {
      return "the content to send is larger than a request may be";
    }
    if (fd_ < 0 && memory_.size() + part.size() > host_limits::kRequestBodyInMemory) {
      fd_ = ::open(scratch_dir.empty() ? "." : scratch_dir.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC,
                   0600);
      if (fd_ < 0 || !append_to_file(memory_)) {
        return std::string("the content to send could not be kept: ") + std::strerror(errno);
      }
      memory_ = {};
    }
    if (fd_ < 0) {
      memory_ += part;
    } else if (!append_to_file(part)) {
      return std::string("the content to send could not be kept: ") + std::strerror(errno);
    }
  }
  return std::nullopt;
}

std::int64_t RequestBody::read(std::uint64_t offset, char* to, std::size_t room) const {
  if (in_memory()) {
    const std::size_t from = std::min<std::size_t>(offset, memory_.size());
    const std::size_t count = std::min(room, memory_.size() - from);
    std::memcpy(to, memory_.data() + from, count);
    return static_cast<std::int64_t>(count);
  }
  for (;;) {
    const ssize_t got = ::pread(fd_, to, room, static_cast<off_t>(offset));
    if (got >= 0 || errno != EINTR) return got;
  }
}

bool RequestBody::append_to_file(std::string_view piece) {
  while (!piece.empty()) {
    const ssize_t wrote = ::write(fd_, piece.data(), piece.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return false;
    piece.remove_prefix(static_cast<std::size_t>(wrote));
    file_bytes_ += static_cast<std::uint64_t>(wrote);
  }
  return true;
}

}  // namespace ombud
