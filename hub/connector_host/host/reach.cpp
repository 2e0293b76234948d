#include "connector_host/host/reach.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>
#include <optional>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "connector_host/host/ticks.hpp"
#include "connector_host/limits.hpp"

namespace ombud {
namespace {

constexpr std::int64_t kConnectEachMs = 5'000;  // of each address of a name
constexpr std::int64_t kHeadMs = 4'000;         // for an answer that only tells the time
constexpr std::int64_t kDayS = 86'400;
constexpr std::int64_t kCertificateDays = 30;  // warned of when it ends sooner
constexpr std::int64_t kSkewS = 30;            // warned of beyond it; an hour fails signatures
constexpr std::size_t kHeadBytesMax = 16'384;

struct CloseSocket {
  int file = -1;
  ~CloseSocket() {
    if (file >= 0) ::close(file);
  }
};
using Addresses = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;
using Context = std::unique_ptr<SSL_CTX, decltype(&::SSL_CTX_free)>;
using Session = std::unique_ptr<SSL, decltype(&::SSL_free)>;
using Certificate = std::unique_ptr<X509, decltype(&::X509_free)>;

std::string numeric(const addrinfo& address) {
  std::array<char, NI_MAXHOST> text{};
  const int failed = ::getnameinfo(address.ai_addr, address.ai_addrlen, text.data(), text.size(),
                                   nullptr, 0, NI_NUMERICHOST);
  return failed == 0 ? text.data() : "?";
}

// False: the time is over.
bool wait(int file, short events, std::int64_t until) {
  for (;;) {
    pollfd one{file, events, 0};
    const std::int64_t left = until - ticks_ms();
    if (left <= 0) return false;
    const int ready = ::poll(&one, 1, static_cast<int>(left));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

// The connected socket, or why there is none.
int connect_to(const addrinfo& address, std::int64_t until, std::string& why) {
  CloseSocket socket{::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (socket.file < 0) return why = std::strerror(errno), -1;
  if (::connect(socket.file, address.ai_addr, address.ai_addrlen) != 0) {
    if (errno != EINPROGRESS) return why = std::strerror(errno), -1;
    if (!wait(socket.file, POLLOUT, until)) return why = "no answer within the time", -1;
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket.file, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return why = std::strerror(error), -1;
  }
  return std::exchange(socket.file, -1);
}

// Repeats a step of a TLS session until it is done; false when it failed or the time is over.
template <class Step>
int tls_step(SSL* session, int file, std::int64_t until, Step step) {
  for (;;) {
    ERR_clear_error();
    const int done = step();
    if (done > 0) return done;
    const int why = SSL_get_error(session, done);
    if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) return -1;
    if (!wait(file, why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, until)) return 0;
  }
}

std::optional<std::int64_t> seconds_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  return static_cast<std::int64_t>(::timegm(&parts));
}

std::string day_of(std::int64_t seconds) {
  const std::time_t time = seconds;
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  std::array<char, 16> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d", &parts);
  return text.data();
}

void judge_certificate(const Origin& origin, SSL* session, std::int64_t now_s,
                       const std::function<void(std::string)>& found) {
  const std::string where = origin.text();
  const Certificate certificate(SSL_get1_peer_certificate(session), &::X509_free);
  const long verdict = SSL_get_verify_result(session);
  const auto ends = certificate ? seconds_of(X509_get0_notAfter(certificate.get())) : std::nullopt;
  const std::string until = ends ? " It is valid until " + day_of(*ends) + "." : "";
  if (verdict != X509_V_OK) {
    found(finding("certificate", where, "fail",
                  std::string("The certificate is not trusted: ") +
                      X509_verify_cert_error_string(verdict) + "." + until,
                  "Ask the supplier to mend its certificate, or install the authority that issued "
                  "it on this machine (update-ca-certificates)."));
    return;
  }
  const std::int64_t days = ends ? (*ends - now_s) / kDayS : 0;
  if (ends && days < kCertificateDays) {
    found(finding("certificate", where, "warn",
                  "The certificate ends in " + std::to_string(days) + " days." + until,
                  "Tell the supplier, so that it is renewed in time."));
    return;
  }
  found(finding("certificate", where, "ok", "The certificate is trusted." + until));
}

// "Sun, 22 Nov 2026 22:54:35 GMT" (RFC 9110, 5.6.7).
std::optional<std::int64_t> http_date(const std::string& text) {
  std::tm parts{};
  const char* end = ::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end == nullptr) return std::nullopt;
  return static_cast<std::int64_t>(::timegm(&parts));
}

std::optional<std::int64_t> date_of(const std::string& head) {
  constexpr std::string_view kField = "\r\ndate:";
  std::string lower = head;
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  const auto at = lower.find(kField);
  if (at == std::string::npos) return std::nullopt;
  std::string value = head.substr(at + kField.size());
  value = value.substr(0, value.find("\r\n"));
  value.erase(0, std::min(value.find_first_not_of(' '), value.size()));
  return http_date(value);
}

void judge_clock(const Origin& origin, const std::string& head, std::int64_t now_s,
                 const std::function<void(std::string)>& found) {
  const std::string where = origin.text();
  const auto theirs = date_of(head);
  if (!theirs) {
    found(finding("clock", where, "skip", "The supplier's answer carries no date to compare."));
    return;
  }
  const std::int64_t skew = *theirs - now_s;
  const std::string apart = std::to_string(std::abs(skew)) + " s";
  if (std::abs(skew) <= kSkewS) {
    found(finding("clock", where, "ok", "The clocks are " + apart + " apart."));
    return;
  }
  found(
      finding("clock", where, "warn",
              "The supplier's clock is " + apart + (skew > 0 ? " ahead of" : " behind") +
                  " ours. Times in tickets will look wrong, and signed requests may be refused.",
              "Check the time of this machine (timedatectl); if it is right, tell the supplier."));
}

// Asks for nothing but the head of an answer, of whatever code: for its date.
std::string ask_head(const Origin& origin, int file, SSL* session, std::int64_t until) {
  const std::string host =
      origin.host.find(':') == std::string::npos ? origin.host : "[" + origin.host + "]";
  const std::string request = "HEAD / HTTP/1.1\r\nHost: " + host + ":" +
                              std::to_string(origin.port) +
                              "\r\nUser-Agent: ombud\r\nConnection: close\r\n\r\n";
  if (session != nullptr) {
    const int wrote = tls_step(session, file, until, [&] {
      return SSL_write(session, request.data(), static_cast<int>(request.size()));
    });
    if (wrote <= 0) return {};
  } else if (::send(file, request.data(), request.size(), MSG_NOSIGNAL) < 0) {
    return {};
  }
  until = std::min(until, ticks_ms() + kHeadMs);
  std::string head;
  std::array<char, 2048> piece{};
  while (head.size() < kHeadBytesMax && head.find("\r\n\r\n") == std::string::npos) {
    std::int64_t got = 0;
    if (session != nullptr) {
      got = tls_step(session, file, until, [&] {
        return SSL_read(session, piece.data(), static_cast<int>(piece.size()));
      });
    } else {
      if (!wait(file, POLLIN, until)) break;
      got = ::recv(file, piece.data(), piece.size(), 0);
    }
    if (got <= 0) break;
    head.append(piece.data(), static_cast<std::size_t>(got));
  }
  return head;
}

void examine_peer(const Origin& origin, int file, std::int64_t until, std::int64_t now_s,
                  const std::function<void(std::string)>& found) {
  if (!origin.tls) {
    judge_clock(origin, ask_head(origin, file, nullptr, until), now_s, found);
    return;
  }
  const Context context(SSL_CTX_new(TLS_client_method()), &::SSL_CTX_free);
  SSL_CTX_set_default_verify_paths(context.get());
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);  // judged below, in words
  const Session session(SSL_new(context.get()), &::SSL_free);
  SSL_set_fd(session.get(), file);
  X509_VERIFY_PARAM* names = SSL_get0_param(session.get());
  if (X509_VERIFY_PARAM_set1_ip_asc(names, origin.host.c_str()) != 1) {
    SSL_set_tlsext_host_name(session.get(), origin.host.c_str());
    X509_VERIFY_PARAM_set1_host(names, origin.host.c_str(), origin.host.size());
  }
  const int shaken =
      tls_step(session.get(), file, until, [&] { return SSL_connect(session.get()); });
  if (shaken <= 0) {
    found(finding("certificate", origin.text(), "fail",
                  shaken == 0 ? "The TLS handshake did not end within the time."
                              : "What answers there does not speak TLS 1.2 or later.",
                  "Check scheme and port of the address: https, and the port of the supplier's "
                  "secure service."));
    return;
  }
  judge_certificate(origin, session.get(), now_s, found);
  judge_clock(origin, ask_head(origin, file, session.get(), until), now_s, found);
}

}  // namespace

std::string finding(std::string_view check, std::string_view subject, std::string_view state,
                    std::string_view detail, std::string_view advice) {
  json::Writer out;
  out.begin_object().field("check", check).field("subject", subject).field("state", state);
  out.field("detail", to_valid_utf8(detail));
  if (!advice.empty()) out.field("advice", advice);
  return out.end_object().take();
}

void reach(const Origin& origin, std::int64_t most_ms, std::int64_t now_s,
           const std::function<void(std::string)>& found) {
  const std::int64_t until = ticks_ms() + most_ms;
  const std::string where = origin.text();
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* raw = nullptr;
  const int failed =
      ::getaddrinfo(origin.host.c_str(), std::to_string(origin.port).c_str(), &hints, &raw);
  const Addresses addresses(failed == 0 ? raw : nullptr, &::freeaddrinfo);
  if (!addresses) {
    found(finding("name", where, "fail",
                  "The name " + origin.host + " is not known: " + ::gai_strerror(failed) + ".",
                  "Check the spelling of the address in the link's file, and the name servers of "
                  "this machine (/etc/resolv.conf)."));
    return;
  }
  std::string all;
  for (const addrinfo* one = addresses.get(); one != nullptr; one = one->ai_next) {
    all += (all.empty() ? "" : ", ") + numeric(*one);
  }
  found(finding("name", where, "ok", origin.host + " is " + all + "."));
  std::string why = "no address";
  for (const addrinfo* one = addresses.get(); one != nullptr; one = one->ai_next) {
    const std::int64_t began = ticks_ms();
    const CloseSocket socket{connect_to(*one, std::min(until, began + kConnectEachMs), why)};
    if (socket.file < 0) continue;
    found(finding("connection", where, "ok",
                  numeric(*one) + " answers at port " + std::to_string(origin.port) + " after " +
                      std::to_string(ticks_ms() - began) + " ms."));
    examine_peer(origin, socket.file, until, now_s, found);
    return;
  }
  found(finding("connection", where, "fail",
                "Nothing answers at port " + std::to_string(origin.port) + ": " + why + ".",
                "Check the port, whether the supplier is up, and that firewalls let this machine "
                "through."));
}

}  // namespace ombud
