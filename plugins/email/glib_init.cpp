#include "email/glib_init.hpp"

#include <mutex>

namespace ombud::email {

void start_gmime() {
  static std::once_flag once;
  std::call_once(once, [] { g_mime_init(); });
}

std::string bytes_of(GMimeStream* memory_stream) {
  const GByteArray* array = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(memory_stream));
  if (array == nullptr || array->data == nullptr) return {};
  return {reinterpret_cast<const char*>(array->data), array->len};
}

}  // namespace ombud::email
