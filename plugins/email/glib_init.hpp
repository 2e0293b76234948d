// Ownership of GLib objects, and GMime's one-time start.
#pragma once

#include <gmime/gmime.h>

#include <memory>
#include <string>

namespace ombud::email {

// Starts GMime once for the process; safe to call from any thread and any number of times.
void start_gmime();

struct ObjectRelease {
  void operator()(void* object) const { g_object_unref(object); }
};
template <class T>
using Owned = std::unique_ptr<T, ObjectRelease>;

struct MemoryRelease {
  void operator()(void* memory) const { g_free(memory); }
};
using OwnedText = std::unique_ptr<char, MemoryRelease>;

// What a memory stream holds.
std::string bytes_of(GMimeStream* memory_stream);

}  // namespace ombud::email
