#include "channel/mail/imap/curl_handle.hpp"

#include <mutex>
#include <new>

namespace ombud::mail {
namespace {

constexpr long kConnectMs = 15'000;  // for name, connection, TLS and login together

void start_curl() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
      throw std::runtime_error("libcurl could not start");
    }
  });
}

int go_on(void* closing, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::atomic<bool>*>(closing)->load() ? 1 : 0;
}

}  // namespace

Easy open_handle(const std::string& authority, std::atomic<bool>& closing, CurlWords& words) {
  start_curl();
  Easy handle(curl_easy_init());
  if (!handle) throw std::bad_alloc();
  set(handle, CURLOPT_NOPROGRESS, 0L);
  set(handle, CURLOPT_XFERINFOFUNCTION, &go_on);
  set(handle, CURLOPT_XFERINFODATA, static_cast<void*>(&closing));
  set(handle, CURLOPT_ERRORBUFFER, words.data());
  set(handle, CURLOPT_NOSIGNAL, 1L);
  set(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  set(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  set(handle, CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
  set(handle, CURLOPT_TIMEOUT_MS, kConnectMs);
  set(handle, CURLOPT_CONNECTTIMEOUT_MS, kConnectMs);
  if (!authority.empty()) set(handle, CURLOPT_CAINFO, authority);
  return handle;
}

}  // namespace ombud::mail
