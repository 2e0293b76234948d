// Threads with a stack of a chosen size: stacks count against the memory limit of the process.
#pragma once

#include <pthread.h>

#include <cstddef>

namespace ombud {

// Runs enter(argument). Answers 0, or the number of the error.
inline int start_thread(pthread_t& thread, std::size_t stack_bytes, void* (*enter)(void*),
                        void* argument) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, stack_bytes);
  const int failed = pthread_create(&thread, &attributes, enter, argument);
  pthread_attr_destroy(&attributes);
  return failed;
}

}  // namespace ombud
