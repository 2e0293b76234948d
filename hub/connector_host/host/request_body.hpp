// The body of one outgoing request, taken from the connector before anything is sent: so its length
// is known, a source that fails has sent nothing, and a request can be repeated.
#pragma once

#include <ombud/connector.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ombud {

class RequestBody {
 public:
  RequestBody() = default;
  ~RequestBody();
  RequestBody(const RequestBody&) = delete;
  RequestBody& operator=(const RequestBody&) = delete;

  // Reads all of `source` (none if null). A body too large for memory goes into a file without a
  // name in `scratch_dir`. Answers what was wrong, if anything.
  std::optional<std::string> take(ombud_source* source, const std::string& scratch_dir);

  bool in_memory() const { return fd_ < 0; }
  std::string& memory() { return memory_; }
  std::uint64_t size() const { return in_memory() ? memory_.size() : file_bytes_; }
  // Up to `room` bytes from `offset`; -1 if the file cannot be read.
  std::int64_t read(std::uint64_t offset, char* to, std::size_t room) const;

 private:
  bool append_to_file(std::string_view piece);
  std::string memory_;
  int fd_ = -1;
  std::uint64_t file_bytes_ = 0;
};

}  // namespace ombud
