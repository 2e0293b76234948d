#include "store/sqlite/secret_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace ombud::sqlite {
namespace {

class File {
 public:
  File(const std::filesystem::path& path, int flags)
      : file_(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600)) {}
  ~File() {
    if (file_ >= 0) ::close(file_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return file_; }

 private:
  int file_;
};

Problem refused(const std::filesystem::path& file, std::string_view what) {
  return problem(ProblemKind::unavailable,
                 fmt::format("The secret in {} {}.", file.string(), what));
}

std::string said_by_system() {
  return std::generic_category().message(errno);
}

}  // namespace

Result<std::string> secret_in_file(const std::filesystem::path& file, std::size_t size,
                                   Random& random) {
  const File known(file, O_RDONLY);
  if (known.get() >= 0) {
    std::string bytes(size + 1, '\0');
    if (::read(known.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(size)) {
      return refused(file, "is damaged; restore it, or remove it and a new one is made");
    }
    bytes.resize(size);
    return bytes;
  }
  if (errno != ENOENT) return refused(file, "cannot be read: " + said_by_system());
  std::string bytes;
  while (bytes.size() < size) {
    const std::uint64_t next = random.next();
    bytes.append(reinterpret_cast<const char*>(&next), sizeof next);
  }
  bytes.resize(size);
  const std::filesystem::path fresh = file.string() + ".new";
  ::unlink(fresh.c_str());
  const File made(fresh, O_WRONLY | O_CREAT | O_EXCL);
  if (made.get() < 0 || ::write(made.get(), bytes.data(), size) != static_cast<ssize_t>(size) ||
      ::fsync(made.get()) != 0 || ::rename(fresh.c_str(), file.c_str()) != 0) {
    return refused(file, "cannot be written: " + said_by_system());
  }
  const File folder(file.parent_path(), O_RDONLY | O_DIRECTORY);
  if (folder.get() < 0 || ::fsync(folder.get()) != 0) {
    return refused(file, "cannot be written: " + said_by_system());
  }
  return bytes;
}

}  // namespace ombud::sqlite
