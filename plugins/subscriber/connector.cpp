#include "subscriber/connector.hpp"

#include <charconv>
#include <stdexcept>

#include "base/bytes.hpp"
#include "base/json.hpp"

namespace ombud::subscriber {
namespace {

using sdk::Status;

// ombud.hmac/1: a keyed digest of which this process never holds the key.
struct KeyedDigest {
  std::int32_t (*digest)(const ombud_host*, const char* algorithm, ombud_bytes token,
                         ombud_bytes message, char* to, std::size_t room);
};
const KeyedDigest* keyed_digest(const sdk::Host& host) {
  const ombud_host* raw = host.raw();
  return static_cast<const KeyedDigest*>(raw->extension(raw, "ombud.hmac/1"));
}

// Seconds; a date is not worth a clock of our own: the hub waits by its back-off then.
std::int64_t retry_after_ms(std::string_view header) {
  std::int64_t seconds = -1;
  const auto [end, error] = std::from_chars(header.data(), header.data() + header.size(), seconds);
  const bool read = error == std::errc() && end == header.data() + header.size() && seconds >= 0;
  return read && seconds <= 86'400 ? seconds * 1000 : -1;
}

// What an answer means. Only what can never be taken is given up: an address that is gone, or a
// body that its receiver refuses to read.
Status judge(const sdk::Call& call, const sdk::HttpResponse& response) {
  const int code = response.code;
  const std::string says = "The subscriber answered " + std::to_string(code) + ".";
  if (code >= 200 && code <= 299) return Status::ok;
  if (code == 429 || code == 503) {
    const std::int64_t wait = retry_after_ms(response.header("retry-after"));
    // Without a time to come back this is its own trouble, and must not stop the other subscribers.
    return call.fail_as(Status::retry, says, code, wait);
  }
  if (code == 410) {
    return call.fail_as(Status::permanent, says + " It is gone for good; it should unsubscribe.",
                        code);
  }
  if (code >= 300 && code <= 399) {
    return call.fail_as(Status::permanent,
                        says +
                            " Redirects are not followed: it should subscribe with the address "
                            "where it really is.",
                        code);
  }
  if (code == 400 || code == 413 || code == 415 || code == 422) {
    return call.fail_as(Status::permanent, says + " It does not understand the event.", code);
  }
  return call.fail_as(Status::retry, says, code);
}

}  // namespace

Subscriber::Subscriber(sdk::Host host, std::string_view config_json) : host_(host) {
  const auto config = json::parse(config_json);
  if (!config) throw std::invalid_argument("The settings are no JSON: " + config.error().detail);
  signing_key_ = (*config)["signing_key"]["$secret"].text();
  authorization_ = (*config)["authorization"]["$secret"].text();
  if (!signing_key_.empty() && keyed_digest(host_) == nullptr) {
    throw std::invalid_argument("settings.signing_key needs a hub that offers ombud.hmac/1.");
  }
}

std::optional<std::string> Subscriber::signature_of(std::string_view body) const {
  char digest[64];
  const std::int32_t size = keyed_digest(host_)->digest(
      host_.raw(), "sha256", sdk::bytes(signing_key_), sdk::bytes(body), digest, sizeof digest);
  if (size <= 0) return std::nullopt;
  return to_hex(std::string_view(digest, static_cast<std::size_t>(size)));
}

Status Subscriber::add_comment(const sdk::Call& call, const sdk::Write& write,
                               sdk::Sink& /*reply*/) {
  const auto document = json::parse(write.body());
  if (!document || (*document)["schema"].text() != "ombud.event/1") {
    return call.fail_as(Status::permanent, "This is no ombud.event/1.");
  }
  sdk::HttpRequest request;
  request.method = "POST";
  request.url = (*document)["callback"].text();
  request.body = (*document)["event"].dump();
  request.headers = {{"Content-Type", "application/json;charset=utf-8"},
                     {"X-Ombud-Event", std::string((*document)["id"].text())}};
  if (!authorization_.empty()) {
    request.headers.emplace_back("Authorization", "{{secret:" + authorization_ + "}}");
  }
  if (!signing_key_.empty()) {
    const auto signature = signature_of(request.body);
    if (!signature) return call.fail_as(Status::auth, "The signing key cannot be used.");
    request.headers.emplace_back("X-Ombud-Signature", "sha256=" + *signature);
  }
  const sdk::HttpResponse response = host_.send(call, std::move(request));
  if (response.transport == Status::ambiguous) {
    return call.fail_as(Status::ambiguous, "The subscriber's answer was lost.");
  }
  if (response.transport != Status::ok) {
    return call.fail_as(response.transport, "The subscriber could not be reached.");
  }
  return judge(call, response);
}

Status Subscriber::put_ticket(const sdk::Call& call, const sdk::Write& write, sdk::Sink& reply) {
  return add_comment(call, write, reply);
}

Status Subscriber::add_attachment(const sdk::Call& call, const sdk::Write&, sdk::Sink&) {
  return call.fail_as(Status::permanent, "Subscribers are told of events and sent no files.");
}

Status Subscriber::find(const sdk::Call&, std::string_view, const sdk::Write&, sdk::Sink&) {
  return Status::ok;
}

Status Subscriber::check(const sdk::Call&) {
  return Status::ok;  // nobody to ask: each subscriber is another
}

}  // namespace ombud::subscriber
