#include "email/transfer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <stdexcept>

namespace ombud::email {
namespace {

constexpr std::int64_t kSpareMs = 500;  // to say what happened before the deadline passes
constexpr std::int64_t kConnectMsMax = 30'000;

void start_curl() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
      throw std::runtime_error("libcurl could not start");
    }
  });
}

void check(CURLcode code) {
  if (code != CURLE_OK) {
    throw std::runtime_error(std::string("libcurl refused a setting: ") + curl_easy_strerror(code));
  }
}

}  // namespace

void set(CURL* handle, CURLoption option, long value) {
  check(curl_easy_setopt(handle, option, value));
}
void set(CURL* handle, CURLoption option, const std::string& value) {
  check(curl_easy_setopt(handle, option, value.c_str()));
}
void set(CURL* handle, CURLoption option, const void* value) {
  check(curl_easy_setopt(handle, option, value));
}

std::string name_of(const Server& server) {
  return fmt::format("{}:{}", server.host, server.port);
}

CurlHandle open_transfer(Protocol protocol, const Server& server, std::string_view path) {
  start_curl();
  CurlHandle handle(curl_easy_init());
  if (!handle) throw std::runtime_error("libcurl has no memory for a transfer");
  const bool tls = server.security == Security::tls;
  const bool smtp = protocol == Protocol::smtp;
  const std::string scheme = smtp ? (tls ? "smtps" : "smtp") : (tls ? "imaps" : "imap");
  const bool literal6 = server.host.find(':') != std::string::npos;
  CURL* curl = handle.get();
  set(curl, CURLOPT_URL,
      fmt::format("{}://{}{}{}:{}/{}", scheme, literal6 ? "[" : "", server.host,
                  literal6 ? "]" : "", server.port, path));
  set(curl, CURLOPT_PROTOCOLS_STR, std::string(smtp ? "smtp,smtps" : "imap,imaps"));
  set(curl, CURLOPT_PROXY, std::string());  // the environment has no say here
  set(curl, CURLOPT_NOSIGNAL, 1L);
  set(curl, CURLOPT_SSL_VERIFYPEER, 1L);
  set(curl, CURLOPT_SSL_VERIFYHOST, 2L);
  if (server.security == Security::starttls) set(curl, CURLOPT_USE_SSL, long{CURLUSESSL_ALL});
  if (!server.ca_file.empty()) set(curl, CURLOPT_CAINFO, server.ca_file);
  if (!server.login.empty()) {
    set(curl, CURLOPT_USERNAME, server.login);
    set(curl, CURLOPT_PASSWORD, server.password);
  }
  return handle;
}

bool set_deadline(CURL* handle, const sdk::Call& call) {
  const std::int64_t left_ms = call.remaining_ms() - kSpareMs;
  if (left_ms <= 0) return false;
  set(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(left_ms));
  set(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::min(left_ms, kConnectMsMax)));
  set(handle, CURLOPT_SERVER_RESPONSE_TIMEOUT, static_cast<long>(left_ms / 1000 + 1));
  return true;
}

}  // namespace ombud::email
