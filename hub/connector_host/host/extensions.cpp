#include "connector_host/host/extensions.hpp"

#include <algorithm>
#include <cstring>
#include <exception>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "connector_host/host/keyed_digest.hpp"
#include "connector_host/limits.hpp"

namespace ombud {
namespace {

std::string_view view(ombud_bytes bytes) {
  return bytes.data == nullptr ? std::string_view() : std::string_view(bytes.data, bytes.size);
}

}  // namespace

Extensions::Extensions(HttpClient& http, const Mask& mask,
                       const std::map<std::string, std::string>& secrets, bool raw_network,
                       SendLog send_log)
    : raw_{OMBUD_ABI_MAJOR, OMBUD_ABI_MINOR, this, &Extensions::find},
      http_(http),
      mask_(mask),
      secrets_(secrets),
      raw_network_(raw_network),
      send_log_(std::move(send_log)) {}

const void* Extensions::find(const ombud_host* host, const char* id) {
  static constexpr ombud_log kLog{&Extensions::write_log};
  static constexpr ombud_http kHttp{&Extensions::send};
  static constexpr ombud_secret kSecret{&Extensions::reveal};
  static constexpr ombud_record kRecord{&Extensions::record};
  static constexpr ombud_hmac kHmac{&Extensions::digest, &Extensions::equals};
  if (id == nullptr) return nullptr;
  if (std::strcmp(id, OMBUD_EXT_HMAC) == 0) return &kHmac;
  if (std::strcmp(id, OMBUD_EXT_RECORD) == 0) return &kRecord;
  if (std::strcmp(id, OMBUD_EXT_LOG) == 0) return &kLog;
  if (std::strcmp(id, OMBUD_EXT_HTTP) == 0) return &kHttp;
  if (std::strcmp(id, OMBUD_EXT_SECRET) == 0 && of(host).raw_network_) return &kSecret;
  return nullptr;
}

void Extensions::write_log(const ombud_host* host, std::int32_t level, ombud_bytes message,
                           ombud_bytes fields_json) {
  constexpr std::string_view kLevels[] = {"debug", "info", "warning", "error"};
  const Extensions& self = of(host);
  // Masked before it is cut: half a secret would pass unseen.
  const std::string clean = self.mask_(to_valid_utf8(view(message)));
  json::Writer record;
  record.begin_object()
      .field("level", kLevels[std::clamp(level, 0, 3)])
      .field("message", cut_utf8(clean, host_limits::kMessageBytesMax));
  if (fields_json.size <= host_limits::kLogFieldsBytesMax) {
    const std::string masked = self.mask_(view(fields_json));
    const auto fields = json::parse(masked);
    if (fields && fields->root().is_object()) record.field("fields", fields->root());
  }
  self.send_log_(record.end_object().take());
}

ombud_status Extensions::send(const ombud_host* host, const ombud_call* call,
                              ombud_bytes request_json, ombud_source* body, ombud_sink* response) {
  if (call == nullptr) return OMBUD_PERMANENT;
  CallState& state = CallState::of(call);
  try {
    return of(host).http_.send(state, view(request_json), body, response);
  } catch (const std::exception& error) {
    // Such as no memory, in the middle of an exchange: nobody knows what was sent.
    state.note(std::string("The host failed while sending: ") + error.what() + ".");
    state.doubt();
    return OMBUD_AMBIGUOUS;
  }
}

// A connector has no secret to record; what a supplier echoes of ours is masked all the same.
void Extensions::record(const ombud_host* host, const ombud_call* call, ombud_bytes raw_json) {
  if (call == nullptr || raw_json.size > host_limits::kRecordBytesMax) return;
  CallState::of(call).record(of(host).mask_(to_valid_utf8(view(raw_json))));
}

std::int32_t Extensions::digest(const ombud_host* host, const char* algorithm, ombud_bytes token,
                                ombud_bytes message, char* to, std::size_t room) {
  return keyed_digest(of(host).secrets_, algorithm, token, message, to, room);
}

std::int32_t Extensions::equals(const ombud_host* host, ombud_bytes token, ombud_bytes text) {
  return equals_secret(of(host).secrets_, token, text);
}

std::int32_t Extensions::reveal(const ombud_host* host, ombud_bytes token, char* to,
                                std::size_t room) {
  const auto& secrets = of(host).secrets_;
  const auto found = secrets.find(std::string(view(token)));
  if (found == secrets.end() || to == nullptr || found->second.size() >= room) return -1;
  std::memcpy(to, found->second.c_str(), found->second.size() + 1);
  return 0;
}

}  // namespace ombud
