// Ownership of what GMime hands out.
#pragma once

#include <gmime/gmime.h>

#include <memory>
#include <string>
#include <string_view>

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

// A stream that reads `bytes` where they are; GMime's own takes a copy. Nothing read from it may
// outlive them.
class ViewStream {
 public:
  explicit ViewStream(std::string_view bytes)
      : array_(g_byte_array_new_take(reinterpret_cast<guint8*>(const_cast<char*>(bytes.data())),
                                     bytes.size())),
        stream_(g_mime_stream_mem_new_with_byte_array(array_)) {
    g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream_.get()), FALSE);
  }
  ~ViewStream() {
    stream_.reset();
    g_byte_array_free(array_, FALSE);
  }
  ViewStream(const ViewStream&) = delete;
  ViewStream& operator=(const ViewStream&) = delete;
  GMimeStream* get() const { return stream_.get(); }

 private:
  GByteArray* array_;
  Owned<GMimeStream> stream_;
};

// What a memory stream holds.
inline std::string bytes_of(GMimeStream* memory_stream) {
  const GByteArray* array = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(memory_stream));
  if (array == nullptr || array->data == nullptr) return {};
  return {reinterpret_cast<const char*>(array->data), array->len};
}

}  // namespace ombud::mail
