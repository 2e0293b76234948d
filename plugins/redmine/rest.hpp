// Redmine's REST interface: one request, its answer, and what the answer means for the hub.
// An instance runs one operation at a time and shares nothing, so nothing here meets two threads.
#pragma once

#include <ombud/connector.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/json.hpp"
#include "redmine/settings.hpp"

namespace ombud::redmine {

using sdk::Call;
using sdk::Host;
using sdk::Sink;
using sdk::Status;

// Whether a lost answer leaves something changed that people at the supplier can see.
enum class Effect { none, visible };

struct Answer {
  Status status = Status::ok;  // ok: 2xx with an acceptable body
  int code = 0;                // HTTP, 0 if there was no answer
  std::string message;         // for the operator, if not ok
  std::int64_t retry_after_ms = -1;
  json::Document body;  // empty if there was none
  std::string date;     // the Date field of the answer, if there was one

  bool ok() const { return status == Status::ok; }
  Status fail(const Call& call) const {
    return call.fail_as(status, message, code, retry_after_ms);
  }
};

// The connector's own refusal.
inline Answer permanent(std::string message) {
  Answer answer;
  answer.status = Status::permanent;
  answer.message = std::move(message);
  return answer;
}

class Rest {
 public:
  Rest(Host host, const Settings& settings);

  // `target` starts at the slash after the settings' url, already encoded.
  Answer get(const Call& call, const std::string& target) const;
  Answer send(const Call& call, const char* method, const std::string& target,
              std::string json) const;
  // Raw bytes to /uploads.json; nothing is visible until an issue names the token.
  Answer upload(const Call& call, std::string_view file_name, std::string content) const;
  // Pushes the bytes of one attachment as they come.
  Answer download(const Call& call, std::int64_t attachment_id, Sink& bytes) const;

  const std::string& url() const { return url_; }

 private:
  Answer exchange(const Call& call, sdk::HttpRequest request, Effect effect) const;
  sdk::HttpRequest request(const char* method, const std::string& target) const;

  Host host_;
  std::string url_;
  std::string key_;
};

// Milliseconds from `date` (or, if empty, from the unknown now: then only seconds count) until
// `retry_after`: seconds or an HTTP date (RFC 9110, 10.2.3). -1 if it is neither.
std::int64_t retry_after_ms(std::string_view retry_after, std::string_view date);
// Seconds since 1970 of an HTTP date in its preferred form (RFC 9110, 5.6.7); -1 if it is none.
std::int64_t http_date_seconds(std::string_view text);

}  // namespace ombud::redmine
