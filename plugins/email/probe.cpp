// What the operator wants to know of the mail servers before the first ticket (ombud.probe/1):
// names, certificates, logins, and the mail that a sample would become. Nothing is sent.
#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>

#include <array>
#include <cstdlib>
#include <ctime>

#include "base/json.hpp"
#include "email/compose.hpp"
#include "email/connector.hpp"
#include "email/letter.hpp"
#include "email/transfer.hpp"

namespace ombud::email {
namespace {

using sdk::Status;

constexpr std::int64_t kDayS = 86'400;
constexpr std::int64_t kCertificateDays = 30;  // warned of when it ends sooner

void push(sdk::Sink& out, std::string_view check, std::string_view subject, std::string_view state,
          std::string_view detail, std::string_view advice = {}) {
  json::Writer text;
  text.begin_object().field("check", check).field("subject", subject).field("state", state);
  text.field("detail", detail);
  if (!advice.empty()) text.field("advice", advice);
  out.put(text.end_object().take());
}

// False: the name is not known, and told.
bool examine_name(const Server& server, sdk::Sink& out) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failed = ::getaddrinfo(server.host.c_str(), nullptr, &hints, &found);
  if (failed != 0) {
    push(out, "name", name_of(server), "fail",
         fmt::format("The name {} is not known: {}.", server.host, ::gai_strerror(failed)),
         "Check the spelling of host in the link's file, and the name servers of this machine.");
    return false;
  }
  std::string all;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (::getnameinfo(one->ai_addr, one->ai_addrlen, text.data(), text.size(), nullptr, 0,
                      NI_NUMERICHOST) == 0) {
      all += (all.empty() ? "" : ", ") + std::string(text.data());
    }
  }
  ::freeaddrinfo(found);
  push(out, "name", name_of(server), "ok", fmt::format("{} is {}.", server.host, all));
  return true;
}

// "Expire date:Nov 22 22:54:35 2027 GMT", or with the day as "2027-11-22", by the TLS library.
std::optional<std::int64_t> end_of(const std::string& line) {
  constexpr std::string_view kName = "Expire date:";
  if (!line.starts_with(kName)) return std::nullopt;
  const std::string text = line.substr(kName.size());
  for (const char* format : {"%b %d %H:%M:%S %Y GMT", "%Y-%m-%d %H:%M:%S GMT"}) {
    std::tm parts{};
    if (::strptime(text.c_str(), format, &parts) != nullptr) {
      return static_cast<std::int64_t>(::timegm(&parts));
    }
  }
  return std::nullopt;
}

std::size_t nowhere(char*, std::size_t size, std::size_t count, void*) {
  return size * count;
}

// Greets over TLS without logging in.
void examine_certificate(const sdk::Call& call, Protocol protocol, Server server,
                         const std::string& hello, std::int64_t now_s, sdk::Sink& out) {
  const std::string where = name_of(server);
  if (server.security == Security::none) {
    push(out, "certificate", where, server.login.empty() ? "skip" : "warn",
         "The connection is not encrypted (security = \"none\").",
         server.login.empty() ? "" : "Use starttls or tls: the password travels in the open.");
    return;
  }
  server.login.clear();
  const CurlHandle curl =
      open_transfer(protocol, server, protocol == Protocol::smtp ? std::string_view(hello) : "");
  set(curl.get(), CURLOPT_CERTINFO, 1L);
  set(curl.get(), CURLOPT_NOBODY, 1L);
  set(curl.get(), CURLOPT_CUSTOMREQUEST, std::string("NOOP"));
  set_function(curl.get(), CURLOPT_WRITEFUNCTION, &nowhere);
  if (!set_deadline(curl.get(), call)) return;
  const CURLcode result = curl_easy_perform(curl.get());
  if (result == CURLE_PEER_FAILED_VERIFICATION || result == CURLE_SSL_CACERT_BADFILE) {
    push(out, "certificate", where, "fail",
         fmt::format("The certificate is not trusted: {}.", curl_easy_strerror(result)),
         "Ask for a certificate of the server's own name, or name who signed it: ca_file.");
    return;
  }
  curl_certinfo* chain = nullptr;
  curl_easy_getinfo(curl.get(), CURLINFO_CERTINFO, &chain);
  std::optional<std::int64_t> ends;
  if (chain != nullptr && chain->num_of_certs > 0) {
    for (const curl_slist* line = chain->certinfo[0]; line != nullptr; line = line->next) {
      if (const auto end = end_of(line->data)) ends = end;
    }
  }
  if (!ends) return;  // not reached: told by the next check, in the server's words
  const std::int64_t days = (*ends - now_s) / kDayS;
  const std::time_t time = *ends;
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  std::array<char, 16> day{};
  std::strftime(day.data(), day.size(), "%Y-%m-%d", &parts);
  if (days < kCertificateDays) {
    push(out, "certificate", where, "warn",
         fmt::format("The certificate ends in {} days, on {}.", days, day.data()),
         "Tell whoever runs the server, so that it is renewed in time.");
  } else {
    push(out, "certificate", where, "ok",
         fmt::format("The certificate is trusted, and valid until {}.", day.data()));
  }
}

void judge(const Verdict& verdict, const Server& server, std::string_view what, sdk::Sink& out) {
  const std::string where = name_of(server);
  if (verdict.status == Status::ok) {
    push(out, server.login.empty() ? "connection" : "credentials", where, "ok",
         server.login.empty() ? fmt::format("{} answers; no login is asked for.", what)
                              : fmt::format("{} takes the login {}.", what, server.login));
    return;
  }
  push(out, verdict.status == Status::auth ? "credentials" : "connection", where, "fail",
       verdict.message);
}

}  // namespace

void EmailConnector::try_sample(json::View sample, std::int64_t now_s, sdk::Sink& out) const {
  if (settings_.to.empty()) return;  // of notices: each goes to its own user
  const std::string correlation(sample["correlation"].text());
  const auto letter = write_letter({correlation, "", sample["document"], std::nullopt}, settings_);
  if (!letter) {
    push(out, "dry-run", sample["operation"].text(), "fail",
         "A sample ticket could not be written: " + letter.error().detail);
    return;
  }
  json::Writer text;
  text.begin_object().field("check", "dry-run").field("subject", sample["operation"].text());
  text.field("state", "ok")
      .field("detail", "A sample ticket would become one mail; nothing was sent.");
  text.begin_array("requests").begin_object();
  text.field("what", "mail")
      .field("method", "MAIL")
      .field("url", "smtp://" + name_of(settings_.smtp));
  text.begin_object("headers").field("MAIL FROM", settings_.envelope_from);
  text.field("RCPT TO", letter->to.address).end_object();
  text.field("text", compose(*letter, now_s)).end_object().end_array().end_object();
  out.put(text.take());
}

Status EmailConnector::probe(const sdk::Call& call, std::string_view question_json,
                             sdk::Sink& findings) {
  const std::int64_t now_s = std::time(nullptr);
  if (examine_name(settings_.smtp, findings)) {
    examine_certificate(call, Protocol::smtp, settings_.smtp, settings_.domain, now_s, findings);
    judge(try_smtp(call, settings_.smtp, settings_.domain), settings_.smtp, "The SMTP server",
          findings);
  }
  if (settings_.imap && examine_name(*settings_.imap, findings)) {
    examine_certificate(call, Protocol::imap, *settings_.imap, "", now_s, findings);
    judge(try_imap(call, *settings_.imap), *settings_.imap, "The IMAP server", findings);
  }
  const auto question = json::parse(question_json);
  const json::View samples = question ? (*question)["samples"] : json::View();
  for (std::size_t i = 0; i < samples.size(); ++i) try_sample(samples.at(i), now_s, findings);
  return Status::ok;
}

}  // namespace ombud::email
