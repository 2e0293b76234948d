// What SMTP and IMAP over libcurl have in common: a handle with the server's address, login, TLS
// and deadline set, and the connector's call behind its callbacks.
#pragma once

#include <curl/curl.h>
#include <ombud/connector.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "email/settings.hpp"

namespace ombud::email {

struct CurlRelease {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using CurlHandle = std::unique_ptr<CURL, CurlRelease>;

enum class Protocol { smtp, imap };

// A fresh handle for `server`. `path` is what follows host and port in the URL. Transfers end by
// themselves `kSpareMs` before the call's soft deadline. Throws std::runtime_error if libcurl
// cannot start.
CurlHandle open_transfer(Protocol protocol, const Server& server, std::string_view path);
// Sets the time limits from what is left of the call; false if nothing is left.
bool set_deadline(CURL* handle, const sdk::Call& call);

void set(CURL* handle, CURLoption option, long value);
void set(CURL* handle, CURLoption option, const std::string& value);
void set(CURL* handle, CURLoption option, const void* value);
template <class Function>
  requires std::is_function_v<std::remove_pointer_t<Function>>
void set_function(CURL* handle, CURLoption option, Function function) {
  curl_easy_setopt(handle, option, function);
}

// "mail.example.org:587", for messages to the operator.
std::string name_of(const Server& server);

}  // namespace ombud::email
