#include "connector_host/host/http_client.hpp"

#include <httplib.h>

#include <algorithm>
#include <stdexcept>

#include "base/ascii.hpp"
#include "base/bytes.hpp"
#include "base/json.hpp"
#include "connector_host/host/certificate_check.hpp"
#include "connector_host/host/exchange_watchdog.hpp"
#include "connector_host/host/request_body.hpp"
#include "connector_host/host/ticks.hpp"
#include "connector_host/limits.hpp"

namespace ombud {
namespace {

constexpr std::string_view kOpen = "{{secret:";
constexpr std::string_view kClose = "}}";
constexpr std::string_view kBase64 = "{{base64:";

// Nothing that such a request does can be done twice (RFC 9110, 9.2.1).
bool is_safe(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

bool is_header_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

// The host frames the message and names its target; a connector that did would open the door to
// request smuggling.
bool is_ours(const std::string& name) {
  return name == "host" || name == "transfer-encoding" || name == "connection" || name == "te" ||
         name == "upgrade" || name == "expect" || name == "trailer" || name == "keep-alive" ||
         name.starts_with("proxy-");
}

std::string form_encoded(std::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
        c == '.' || c == '_' || c == '~') {
      out += c;
    } else {
      out += '%';
      out += kHex[code >> 4U];
      out += kHex[code & 15U];
    }
  }
  return out;
}

std::string json_encoded(const std::string& text) {
  const std::string quoted = json::Writer().value(text).take();
  return quoted.substr(1, quoted.size() - 2);
}

std::string head_of(const httplib::Response& response) {
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " " + response.reason + "\r\n";
  for (const auto& [name, value] : response.headers)
    head.append(name).append(": ").append(value).append("\r\n");
  return head;
}

std::string words_for(httplib::Error error) {
  using httplib::Error;
  switch (error) {
    case Error::Connection:
      return "no connection: it was refused; nothing listens there, or a firewall forbids it";
    case Error::ConnectionTimeout:
      return "no connection within the time";
    case Error::BindIPAddress:
      return "no local address to connect from";
    case Error::SSLConnection:
      return "the TLS handshake failed";
    case Error::SSLLoadingCerts:
      return "the certificates of this machine cannot be read";
    case Error::SSLServerVerification:
      return "the supplier's certificate is not trusted";  // see CertificateCheck
    case Error::Write:
      return "the connection broke while sending";
    case Error::Read:
      return "the connection broke before the answer was whole";
    default:
      return "the exchange failed";
  }
}

constexpr std::size_t kHeadKept =
    host_limits::kExchangeHeadBytesMax + host_limits::kExchangeMarginBytes;
constexpr std::size_t kBodyKept =
    host_limits::kExchangeBodyBytesMax + host_limits::kExchangeMarginBytes;

// Lines end with a line feed alone.
std::string lines_of(const std::string& head) {
  std::string lines;
  for (const char c : head) {
    if (c != '\r') lines += c;
  }
  return lines;
}

bool before_any_byte(httplib::Error error) {
  using httplib::Error;
  return error == Error::Connection || error == Error::ConnectionTimeout ||
         error == Error::BindIPAddress || error == Error::SSLConnection ||
         error == Error::SSLLoadingCerts || error == Error::SSLServerVerification;
}

}  // namespace

struct HttpClient::Request {
  std::string method;
  Url url;
  httplib::Headers headers;
  bool fill_body = false;
  char body_encoding = 0;  // 'f' form, 'j' JSON, 0 none
  std::int64_t timeout_ms = 0;
};

// A connection to one origin, kept between requests.
class HttpClient::Connection {
 public:
  explicit Connection(const Origin& origin) : origin_(origin), client_(origin.text()) {
    client_.set_keep_alive(true);
    client_.set_follow_location(false);
    client_.set_url_encode(false);
    client_.set_decompress(false);
    client_.set_tcp_nodelay(true);
    client_.set_socket_options([this](int fd) {
      fresh_ = true;
      watchdog_.adopt(fd);
    });
    if (origin.tls) {
      client_.enable_server_certificate_verification(true);
      SSL_CTX_set_min_proto_version(client_.ssl_context(), TLS1_2_VERSION);
      certificate_.watch(client_.ssl_context());
    }
  }
  const Origin& origin() const { return origin_; }

  struct Outcome {
    bool whole = false;  // an answer, all of it
    bool sent = true;    // at least one byte of the request may have left
    bool has_head = false;
    bool reused = false;  // a connection that had carried a request before
    std::string why;
    wire::Peer peer;
    int status = 0;
    std::string head;  // of the answer, and the beginning of its body: for who looks for a fault
    std::string body;
  };

  Outcome exchange(const Request& wanted, const RequestBody& body, std::int64_t deadline,
                   ombud_sink* sink) {
    Outcome outcome;
    const std::int64_t now = ticks_ms();
    const std::int64_t idle_max =
        is_safe(wanted.method) ? host_limits::kIdleForReadsMs : host_limits::kIdleForWritesMs;
    if (client_.is_socket_open() != 0 && (now - last_used_ > idle_max || !watchdog_.quiet())) {
      client_.stop();
    }
    const std::int64_t left = std::max<std::int64_t>(deadline - now, 1);
    const auto whole_time = std::chrono::milliseconds(left);
    client_.set_connection_timeout(
        std::chrono::milliseconds(std::min(left, host_limits::kConnectMs)));
    client_.set_read_timeout(whole_time);
    client_.set_write_timeout(whole_time);

    httplib::Request request;
    request.method = wanted.method;
    request.path = wanted.url.target;
    request.headers = wanted.headers;
    if (body.size() > 0) {
      request.content_length_ = body.size();
      request.content_provider_ = [&body](size_t offset, size_t length, httplib::DataSink& out) {
        char piece[16384];
        const std::int64_t got = body.read(offset, piece, std::min(length, sizeof piece));
        return got > 0 && out.write(piece, static_cast<std::size_t>(got));
      };
    }
    std::uint64_t received = 0;
    bool refused = false, stopped = false, bodiless = false;
    const auto take_head = [&](const httplib::Response& response) {
      watchdog_.head_arrived();
      outcome.has_head = true;
      outcome.peer.date_s = date_seconds(response.get_header_value("Date"));
      const std::string head = head_of(response);
      outcome.status = response.status;
      outcome.head = head.substr(0, kHeadKept);
      if (head.size() > host_limits::kResponseHeadBytesMax ||
          response.headers.size() > host_limits::kResponseHeadersMax) {
        outcome.why = "the head of the answer is larger than the host takes";
        return refused = true, false;
      }
      if (response.has_header("Content-Length") &&
          response.get_header_value<std::uint64_t>("Content-Length") >
              host_limits::kResponseBodyBytesMax) {
        outcome.why = "the answer is larger than the host takes (32 MiB)";
        return refused = true, false;
      }
      if (sink->put(sink, {head.data(), head.size()}) != 0) return stopped = true, false;
      // The library would wait for a body here, which a 304 never has (RFC 9110, 15.4.5).
      if (response.status == 304) return bodiless = true, false;
      return true;
    };
    request.response_handler = take_head;
    request.content_receiver = [&](const char* data, size_t size, uint64_t, uint64_t) {
      received += size;
      outcome.body.append(data,
                          std::min(size, kBodyKept - std::min(kBodyKept, outcome.body.size())));
      if (received > host_limits::kResponseBodyBytesMax) {
        outcome.why = "the answer is larger than the host takes (32 MiB)";
        return refused = true, false;
      }
      if (sink->put(sink, {data, size}) != 0) return stopped = true, false;
      return true;
    };

    fresh_ = false;
    watchdog_.arm(deadline);
    httplib::Response response;
    auto error = httplib::Error::Success;
    const bool done = client_.send(request, response, error);
    if (done && !outcome.has_head) take_head(response);  // HEAD and 204 do not ask the handler
    const bool had_sent = watchdog_.may_have_sent();
    const ExchangeWatchdog::Fired fired = watchdog_.disarm();
    outcome.peer.certificate_until_s = certificate_.until_s();
    last_used_ = ticks_ms();
    outcome.reused = !fresh_;
    outcome.sent = outcome.has_head || (!before_any_byte(error) && (origin_.tls || had_sent));
    if (refused) return outcome;
    if (fired == ExchangeWatchdog::Fired::deadline) {
      outcome.why = outcome.sent ? "the time ran out before the answer was whole"
                                 : "the time ran out before anything was sent";
    } else if (fired == ExchangeWatchdog::Fired::head) {
      outcome.why = "the head of the answer is larger than the host takes";
    } else if (stopped || bodiless) {
      outcome.whole = true;
    } else if (done && response.status < 200) {
      outcome.why = "the supplier sent an interim answer that the host does not know";
    } else if (done) {
      outcome.whole = true;
    } else if (error == httplib::Error::SSLServerVerification) {
      outcome.why = certificate_.why_not(origin_.host);
    } else if (error == httplib::Error::Connection && !fresh_) {
      outcome.why = "the name " + origin_.host +
                    " is not known (DNS): check the address in the link's file, then the name "
                    "servers of this machine, and ask the supplier whether its name has changed";
    } else {
      outcome.why = words_for(error);
    }
    return outcome;
  }
  void close() { client_.stop(); }
  bool stale() const { return ticks_ms() - last_used_ > host_limits::kIdleForReadsMs; }

 private:
  const Origin origin_;
  ExchangeWatchdog watchdog_;
  CertificateCheck certificate_;
  bool fresh_ = false;
  std::int64_t last_used_ = 0;
  httplib::Client client_;
};

HttpClient::HttpClient(const std::vector<std::string>& origins,
                       std::map<std::string, std::string> secrets, std::string scratch_dir)
    : secrets_(std::move(secrets)), scratch_dir_(std::move(scratch_dir)) {
  for (const std::string& text : origins) {
    const auto url = parse_url(text);
    if (!url || url->target != "/") {
      throw std::invalid_argument("\"" + text +
                                  "\" is no origin: write https://host or https://host:port");
    }
    origins_.insert(url->origin);
  }
}

HttpClient::~HttpClient() = default;

// Replaces every {{secret:token}}. `encoding`: how the place wants it, 'f' form, 'j' JSON, 0 plain.
bool HttpClient::fill_secrets(std::string& text, char encoding, bool unknown_refused,
                              std::string& why) const {
  std::size_t at = 0;
  while ((at = text.find(kOpen, at)) != std::string::npos) {
    const std::size_t end = text.find(kClose, at + kOpen.size());
    if (end == std::string::npos) break;
    const std::string token = text.substr(at + kOpen.size(), end - at - kOpen.size());
    const auto found = secrets_.find(token);
    if (found == secrets_.end()) {
      if (unknown_refused) {
        why = "the link has no secret called \"" + token + "\"";
        return false;
      }
      at = end;
      continue;
    }
    const std::string value = encoding == 'f'   ? form_encoded(found->second)
                              : encoding == 'j' ? json_encoded(found->second)
                                                : found->second;
    text.replace(at, end + kClose.size() - at, value);
    at += value.size();
  }
  return true;
}

// Also replaces "{{base64:text}}", where the text may hold secrets: for Basic authentication.
bool HttpClient::fill_header(std::string& text, std::string& why) const {
  std::size_t at = 0;
  while ((at = text.find(kBase64, at)) != std::string::npos) {
    const std::size_t start = at + kBase64.size();
    std::size_t end = start;
    while (end < text.size() && text.compare(end, kClose.size(), kClose) != 0) {
      const bool nested = text.compare(end, kOpen.size(), kOpen) == 0;
      const std::size_t close = nested ? text.find(kClose, end) : end;
      if (close == std::string::npos) break;
      end = nested ? close + kClose.size() : end + 1;
    }
    if (end >= text.size()) break;
    std::string inner = text.substr(start, end - start);
    if (!fill_secrets(inner, 0, true, why)) return false;
    inner = to_base64(inner);
    text.replace(at, end + kClose.size() - at, inner);
    at += inner.size();
  }
  return fill_secrets(text, 0, true, why);
}

bool HttpClient::read_request(CallState& call, std::string_view json, Request& request) const {
  const auto refuse = [&](const std::string& why) {
    call.note("The request was not sent: " + why + ".");
    return false;
  };
  const auto parsed = json::parse(json);
  if (!parsed) return refuse("the connector described it in bad JSON");
  const json::View in = parsed->root();
  request.method = in["method"].text("GET");
  if (!is_token(request.method) || request.method == "CONNECT" || request.method == "TRACE") {
    return refuse("its method is not allowed");
  }
  std::string url_text(in["url"].text());
  if (const std::size_t secret = url_text.find(kOpen); secret != std::string::npos) {
    std::string why;
    if (secret < url_text.find('?')) {
      return refuse("a secret belongs into a header, the body or the query, not into the path");
    }
    if (!fill_secrets(url_text, 'f', true, why)) return refuse(why);
  }
  const auto url = parse_url(url_text);
  if (!url) return refuse("its URL is not a plain http or https URL");
  if (!origins_.contains(url->origin)) {
    return refuse("this link may not talk to " + url->origin.text() +
                  "; the operator allows it with `origins` in the link's file");
  }
  request.url = *url;
  request.timeout_ms = in["timeout_ms"].integer();
  request.fill_body = in["secrets_in_body"].boolean();
  std::size_t bytes = 0;
  const json::View headers = in["headers"];
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const std::string name(headers.name_at(i));
    std::string value(headers.member_at(i).text());
    const std::string plain_name = ascii_lower(name);
    if (!is_token(name)) return refuse("it has a header whose name is not allowed");
    if (is_ours(plain_name)) return refuse("the header " + name + " is the host's to set");
    if (plain_name == "content-length") continue;  // counted here
    std::string why;
    if (!fill_header(value, why)) return refuse(why);
    if (!is_header_value(value)) return refuse("the header " + name + " holds a line break");
    bytes += name.size() + value.size() + 4;
    if (bytes > host_limits::kRequestHeaderBytesMax) return refuse("its headers are too large");
    if (plain_name == "content-type") {
      const std::string type = ascii_lower(value);
      // Text of users is percent-encoded in a form, so braces there are the connector's own. In any
      // other body they may be a user's words: only a connector that asks gets them filled in.
      const bool form = type.starts_with("application/x-www-form-urlencoded");
      request.fill_body = request.fill_body || form;
      request.body_encoding = form ? 'f' : type.find("json") != std::string::npos ? 'j' : '\0';
    }
    request.headers.emplace(name, value);
  }
  if (request.headers.count("User-Agent") == 0) request.headers.emplace("User-Agent", "ombud");
  return true;
}

ombud_status HttpClient::send(CallState& call, std::string_view request_json, ombud_source* source,
                              ombud_sink* sink) {
  Request request;
  if (sink == nullptr) {
    call.note("The request was not sent: the connector gave no place for the answer.");
    return OMBUD_PERMANENT;
  }
  if (!read_request(call, request_json, request)) return OMBUD_PERMANENT;
  RequestBody body;
  if (const auto wrong = body.take(source, scratch_dir_)) {
    call.note("The request was not sent: " + *wrong + ".");
    return OMBUD_RETRY;
  }
  if (body.in_memory() && request.fill_body) {
    std::string why;
    fill_secrets(body.memory(), request.body_encoding, false, why);
  }
  std::int64_t time = call.remaining_ms();
  if (request.timeout_ms > 0) time = std::min(time, request.timeout_ms);
  if (time <= 0 || call.cancelled()) {
    call.note(call.cancelled() ? "The request was not sent: the operation was cancelled."
                               : "The request was not sent: the time of the operation was over.");
    return OMBUD_RETRY;
  }
  const std::int64_t began = ticks_ms(), deadline = began + time;
  auto connection = check_out(request.url.origin);
  Connection::Outcome outcome = connection->exchange(request, body, deadline, sink);
  // A kept connection that the supplier had just closed: once more on a new one, but only if
  // nothing was sent or nothing can happen twice.
  if (!outcome.whole && outcome.reused && !outcome.has_head && ticks_ms() < deadline &&
      (!outcome.sent || is_safe(request.method))) {
    connection->close();
    outcome = connection->exchange(request, body, deadline, sink);
  }
  if (!outcome.whole) connection->close();
  check_in(std::move(connection));
  call.saw(outcome.peer);
  if (call.keeps_exchanges()) {
    wire::Exchange exchange;
    exchange.method = request.method;
    exchange.url = request.url.origin.text() + request.url.target;
    exchange.status = outcome.status;
    for (const auto& [name, value] : request.headers) {
      if (exchange.request_headers.size() < kHeadKept) {
        exchange.request_headers.append(name).append(": ").append(value).append("\n");
      }
    }
    exchange.request_body.resize(std::min<std::uint64_t>(body.size(), kBodyKept));
    if (!exchange.request_body.empty()) {
      const auto got = body.read(0, exchange.request_body.data(), exchange.request_body.size());
      exchange.request_body.resize(static_cast<std::size_t>(std::max<std::int64_t>(got, 0)));
    }
    exchange.response_headers = lines_of(outcome.head);
    exchange.response_body = std::move(outcome.body);
    exchange.error = outcome.why;
    exchange.ms = ticks_ms() - began;
    call.exchanged(std::move(exchange));
  }
  if (outcome.whole) return OMBUD_OK;
  call.note(request.method + " " + request.url.origin.text() + ": " + outcome.why + ".");
  if (!outcome.sent) return OMBUD_RETRY;
  if (!is_safe(request.method)) call.doubt();
  return OMBUD_AMBIGUOUS;
}

std::unique_ptr<HttpClient::Connection> HttpClient::check_out(const Origin& origin) {
  {
    const std::lock_guard lock(mutex_);
    auto& idle = idle_[origin];
    if (!idle.empty()) {
      auto connection = std::move(idle.back());
      idle.pop_back();
      return connection;
    }
  }
  return std::make_unique<Connection>(origin);
}

void HttpClient::check_in(std::unique_ptr<Connection> connection) {
  std::vector<std::unique_ptr<Connection>> ended;  // after the lock: each waits for a thread
  const std::lock_guard lock(mutex_);
  auto& idle = idle_[connection->origin()];
  // The last one used is the first one taken, so those that nobody needs any more stand in front.
  while (!idle.empty() && idle.front()->stale()) {
    ended.push_back(std::move(idle.front()));
    idle.erase(idle.begin());
  }
  (idle.size() < host_limits::kIdleConnectionsMax ? idle : ended).push_back(std::move(connection));
}

}  // namespace ombud
