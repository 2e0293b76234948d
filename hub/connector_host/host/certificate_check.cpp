#include "connector_host/host/certificate_check.hpp"

#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <ctime>

#include "base/time.hpp"

namespace ombud {
namespace {

// One for the process, as OpenSSL hands them out.
int slot() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

std::int64_t seconds_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return 0;
  return timegm(&parts);
}

std::string day_of(std::int64_t seconds) {
  return to_rfc3339(instant_of(seconds * 1000)).substr(0, 10);
}

}  // namespace

void CertificateCheck::watch(SSL_CTX* context) {
  SSL_CTX_set_ex_data(context, slot(), this);
  // The mode stays as it is: the library asks for the result itself after the handshake.
  SSL_CTX_set_verify(context, SSL_CTX_get_verify_mode(context), &CertificateCheck::seen);
}

int CertificateCheck::seen(int ok, X509_STORE_CTX* store) {
  const auto* ssl = static_cast<const SSL*>(
      X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  if (ssl != nullptr) {
    auto* self = static_cast<CertificateCheck*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), slot()));
    if (self != nullptr) self->look(ok, store);
  }
  return ok;
}

void CertificateCheck::look(int ok, X509_STORE_CTX* store) {
  const X509* leaf = X509_STORE_CTX_get0_cert(store);
  if (leaf == nullptr) return;
  from_s_ = seconds_of(X509_get0_notBefore(leaf));
  until_s_ = seconds_of(X509_get0_notAfter(leaf));
  expired_ = X509_cmp_current_time(X509_get0_notAfter(leaf)) < 0;
  too_early_ = X509_cmp_current_time(X509_get0_notBefore(leaf)) > 0;
  error_ = ok == 1 ? X509_V_OK : X509_STORE_CTX_get_error(store);
}

std::string CertificateCheck::why_not(std::string_view host) const {
  if (expired_) {
    return "the supplier's certificate expired on " + day_of(until_s_) +
           "; ask the supplier to renew it";
  }
  if (too_early_) {
    return "the supplier's certificate is valid only from " + day_of(from_s_) +
           "; check the clock of this machine, then ask the supplier";
  }
  if (error_ == X509_V_OK) {
    return "the supplier's certificate is not trusted for " + std::string(host) +
           ": it names other hosts. Check the address in the link's file, then ask the supplier";
  }
  return std::string("the supplier's certificate is not trusted (") +
         X509_verify_cert_error_string(error_) +
         "). Ask the supplier for its whole chain; if it has an authority of its own, add that to "
         "the certificates of this machine";
}

std::int64_t date_seconds(const std::string& http_date) {
  std::tm parts{};
  const char* end = strptime(http_date.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return end == nullptr || *end != '\0' ? 0 : timegm(&parts);
}

}  // namespace ombud
