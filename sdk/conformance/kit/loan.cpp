#include "conformance/kit/loan.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

namespace ombud::conformance {

void* Loan::copy(const void* from, std::size_t bytes) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t room =
      strict_ ? (std::max<std::size_t>(bytes, 1) + page - 1) / page * page : bytes + 1;
  void* start = nullptr;
  if (strict_) {
    start = ::mmap(nullptr, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED) throw std::bad_alloc();
  } else {
    start = std::malloc(room);
    if (start == nullptr) throw std::bad_alloc();
  }
  if (bytes > 0) std::memcpy(start, from, bytes);
  blocks_.push_back({start, room});
  return start;
}

ombud_bytes Loan::lend(std::string_view text) {
  if (text.empty()) return {nullptr, 0};
  return {static_cast<const char*>(copy(text.data(), text.size())), text.size()};
}

Loan::~Loan() {
  for (const Block& block : blocks_) {
    if (strict_) {
      // The addresses stay taken, so nobody else's memory comes to lie there.
      ::mprotect(block.start, block.bytes, PROT_NONE);
      ::madvise(block.start, block.bytes, MADV_DONTNEED);
    } else {
      std::free(block.start);
    }
  }
}

}  // namespace ombud::conformance
