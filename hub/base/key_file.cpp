#include "base/key_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <system_error>

namespace ombud {
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

Problem refusal(const std::filesystem::path& file, std::string_view key, std::string_view what) {
  return problem(ProblemKind::unavailable, fmt::format("{}, {}, {}.", key, file.string(), what));
}

std::string drawn(Random& random, std::size_t count) {
  std::string bytes;
  while (bytes.size() < count) {
    std::uint64_t some = random.next();
    for (int i = 0; i < 8 && bytes.size() < count; ++i, some >>= 8U) {
      bytes += static_cast<char>(some & 0xFFU);
    }
  }
  return bytes;
}

bool write_whole(int file, const std::string& bytes) {
  return file >= 0 &&
         ::write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()) &&
         ::fsync(file) == 0;
}

std::optional<Problem> copy_key(const std::filesystem::path& from,
                                const std::filesystem::path& to) {
  constexpr std::string_view kWhat = "A key";
  const File there(from, O_RDONLY | O_NONBLOCK);
  struct stat about {};
  if (there.get() < 0 || ::fstat(there.get(), &about) != 0) {
    return refusal(from, kWhat, "cannot be read: " + std::generic_category().message(errno));
  }
  std::string key(kKeyFileBytesMax + 1, '\0');
  const ssize_t got = S_ISREG(about.st_mode) ? ::read(there.get(), key.data(), key.size()) : -1;
  if (got <= 0 || got > static_cast<ssize_t>(kKeyFileBytesMax)) {
    return refusal(from, kWhat, "is none: a plain file of a few bytes is wanted");
  }
  key.resize(static_cast<std::size_t>(got));
  const File made(to, O_WRONLY | O_CREAT | O_EXCL);
  if (write_whole(made.get(), key)) return std::nullopt;
  return refusal(to, kWhat, "cannot be written: " + std::generic_category().message(errno));
}

}  // namespace

Result<int> copy_keys(const std::filesystem::path& from, const std::filesystem::path& to) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(from)) {
    if (entry.path().extension() != ".key") continue;
    if (auto refused = copy_key(entry.path(), to / entry.path().filename())) return *refused;
    ++count;
  }
  return count;
}

Result<std::string> key_in_file(const std::filesystem::path& file, std::size_t bytes,
                                std::string_view what, Random& random) {
  const File known(file, O_RDONLY);
  if (known.get() >= 0) {
    std::string key(bytes + 1, '\0');
    if (::read(known.get(), key.data(), key.size()) != static_cast<ssize_t>(bytes)) {
      return refusal(file, what, "is damaged; remove it, and a new one is made");
    }
    key.resize(bytes);
    return key;
  }
  if (errno != ENOENT) {
    return refusal(file, what, "cannot be read: " + std::generic_category().message(errno));
  }
  std::string key = drawn(random, bytes);
  const std::filesystem::path fresh = file.string() + ".new";
  ::unlink(fresh.c_str());
  const File made(fresh, O_WRONLY | O_CREAT | O_EXCL);
  if (!write_whole(made.get(), key) || ::rename(fresh.c_str(), file.c_str()) != 0) {
    return refusal(file, what, "cannot be written: " + std::generic_category().message(errno));
  }
  const File folder(file.parent_path().empty() ? "." : file.parent_path(), O_RDONLY | O_DIRECTORY);
  if (folder.get() >= 0) ::fsync(folder.get());
  return key;
}

}  // namespace ombud
