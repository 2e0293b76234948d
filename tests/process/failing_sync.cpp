// Loaded before the C library into a hub: fdatasync of the store's log fails, as on a broken disk,
// while the file that OMBUD_FAILING_SYNC names exists.
#include <dlfcn.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

bool is_log(int file) {
  std::array<char, 4096> path{};
  const std::string link = "/proc/self/fd/" + std::to_string(file);
  const ssize_t size = ::readlink(link.c_str(), path.data(), path.size());
  return size > 0 &&
         std::string_view(path.data(), static_cast<std::size_t>(size)).ends_with("-wal");
}

}  // namespace

extern "C" __attribute__((visibility("default"))) int fdatasync(int file) {
  const char* broken = std::getenv("OMBUD_FAILING_SYNC");
  if (broken != nullptr && ::access(broken, F_OK) == 0 && is_log(file)) {
    errno = EIO;
    return -1;
  }
  static const auto real = reinterpret_cast<int (*)(int)>(::dlsym(RTLD_NEXT, "fdatasync"));
  return real(file);
}
