#include "journal.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <stdexcept>

namespace ombud::example {

Journal::Journal(const std::string& path) {
  file_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file_ < 0) throw std::runtime_error("The file " + path + " cannot be opened for writing.");
  std::string all;
  char piece[65536];
  while (true) {
    const ssize_t got = read(file_, piece, sizeof piece);
    if (got < 0) throw std::runtime_error("The file " + path + " cannot be read.");
    if (got == 0) break;
    all.append(piece, static_cast<std::size_t>(got));
  }
  std::size_t start = 0;
  for (std::size_t end = all.find('\n'); end != std::string::npos; end = all.find('\n', start)) {
    lines_.push_back(all.substr(start, end - start));
    start = end + 1;
  }
  if (ftruncate(file_, static_cast<off_t>(start)) != 0 || lseek(file_, 0, SEEK_END) < 0) {
    throw std::runtime_error("The file " + path + " cannot be repaired.");
  }
}

Journal::~Journal() {
  close(file_);
}

void Journal::append(std::string_view line) {
  std::string text(line);
  text += '\n';
  std::string_view left = text;
  while (!left.empty()) {
    const ssize_t put = ::write(file_, left.data(), left.size());
    if (put < 0) throw std::runtime_error("The journal cannot be written: is the disk full?");
    left.remove_prefix(static_cast<std::size_t>(put));
  }
  if (fdatasync(file_) != 0) throw std::runtime_error("The journal cannot be brought to disk.");
}

}  // namespace ombud::example
