// What every transfer of ours by libcurl has in common. Private to this folder.
#pragma once

#include <curl/curl.h>

#include <array>
#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>

namespace ombud::mail {

struct FreeEasy {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using Easy = std::unique_ptr<CURL, FreeEasy>;
using CurlWords = std::array<char, CURL_ERROR_SIZE>;

template <class Value>
void set(const Easy& handle, CURLoption option, Value value) {
  const CURLcode code = curl_easy_setopt(handle.get(), option, value);
  if (code != CURLE_OK) {
    throw std::runtime_error(std::string("libcurl refused a setting: ") + curl_easy_strerror(code));
  }
}
inline void set(const Easy& handle, CURLoption option, const std::string& value) {
  set(handle, option, value.c_str());
}

// A handle that checks certificates, ends in 15 s and, within a second, when `closing` is set.
// `authority`: a file with the certificates to trust; empty: those of the system. `words` gets what
// went wrong. Both must outlive every transfer.
Easy open_handle(const std::string& authority, std::atomic<bool>& closing, CurlWords& words);

}  // namespace ombud::mail
