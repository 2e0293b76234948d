// Ownership of what GMime hands out.
#pragma once

#include <gmime/gmime.h>

#include <memory>
#include <string>

namespace ombud::mail {

struct ObjectRelease {
  void operator()(void* object) const { g_object_unref(object); }
};
template <class T>
using Owned = std::unique_ptr<T, ObjectRelease>;

struct MemoryRelease {
  void operator()(void* memory) const { g_free(memory); }
};
using OwnedText = std::unique_ptr<char, MemoryRelease>;

struct OptionsRelease {
  void operator()(GMimeParserOptions* options) const { g_mime_parser_options_free(options); }
};

inline std::string text_of(const char* maybe) {
  return maybe == nullptr ? std::string() : maybe;
}

// What a memory stream holds.
inline std::string bytes_of(GMimeStream* memory_stream) {
  const GByteArray* array = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(memory_stream));
  if (array == nullptr || array->data == nullptr) return {};
  return {reinterpret_cast<const char*>(array->data), array->len};
}

}  // namespace ombud::mail
