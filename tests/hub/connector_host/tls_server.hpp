// A TLS server of a test, that may be trusted or not.
#pragma once

#include <httplib.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <thread>

namespace ombud {

// A TLS server for `name` with a certificate of its own making, valid for so long.
class TlsServer {
 public:
  explicit TlsServer(const char* name, long valid_s = 3600)
      : key_(EVP_RSA_gen(2048)), certificate_(X509_new()) {
    X509_set_version(certificate_, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate_), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate_), -7 * 24 * 3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate_), valid_s);
    X509_set_pubkey(certificate_, key_);
    X509_NAME* subject = X509_get_subject_name(certificate_);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
    X509_set_issuer_name(certificate_, subject);
    const std::string names = std::string("DNS:") + name;
    X509_EXTENSION* extension =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
    X509_add_ext(certificate_, extension, -1);
    X509_EXTENSION_free(extension);
    X509_sign(certificate_, key_, EVP_sha256());
    server_ = std::make_unique<httplib::SSLServer>(certificate_, key_);
    server_->Post("/tickets", [this](const httplib::Request&, httplib::Response& answer) {
      ++requests;
      if (!date.empty()) answer.set_header("Date", date);
      answer.set_content("hi", "text/plain");
    });
    port_ = server_->bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_->listen_after_bind(); });
    while (!server_->is_running()) std::this_thread::yield();
  }
  ~TlsServer() {
    server_->stop();
    thread_.join();
    X509_free(certificate_);
    EVP_PKEY_free(key_);
  }
  int port() const { return port_; }
  std::int64_t until_s() const {
    std::tm end{};
    ASN1_TIME_to_tm(X509_get0_notAfter(certificate_), &end);
    return timegm(&end);
  }
  std::string origin() const { return "https://localhost:" + std::to_string(port_); }
  void trust(const std::string& file) const {
    FILE* out = std::fopen(file.c_str(), "w");
    PEM_write_X509(out, certificate_);
    std::fclose(out);
    ::setenv("SSL_CERT_FILE", file.c_str(), 1);
  }
  std::atomic<int> requests{0};
  std::string date;  // set before the first request

 private:
  EVP_PKEY* key_;
  X509* certificate_;
  std::unique_ptr<httplib::SSLServer> server_;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace ombud
