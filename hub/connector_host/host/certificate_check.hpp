// What a TLS handshake learned of the supplier's certificate: how long it is valid, and in plain
// words why it was not believed. The check itself is OpenSSL's; this only watches. One connection,
// one thread.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace ombud {

class CertificateCheck {
 public:
  // Every handshake of this context from now on. It must end before this object.
  void watch(SSL_CTX* context);

  std::int64_t until_s() const { return until_s_; }  // since 1970; 0: none was seen
  // After a handshake that was refused for its certificate; `host` is whom it should name.
  std::string why_not(std::string_view host) const;

 private:
  static int seen(int ok, X509_STORE_CTX* store);
  void look(int ok, X509_STORE_CTX* store);

  std::int64_t from_s_ = 0, until_s_ = 0;
  bool expired_ = false, too_early_ = false;
  int error_ = 0;  // X509_V_OK: the chain was believed
};

// A Date header as seconds since 1970; 0 if it is none.
std::int64_t date_seconds(const std::string& http_date);

}  // namespace ombud
