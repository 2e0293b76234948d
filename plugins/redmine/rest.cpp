#include "redmine/rest.hpp"

#include <ctime>

#include <charconv>
#include <utility>

#include "redmine/text.hpp"

namespace ombud::redmine {
namespace {

constexpr std::size_t kErrorBodyBytesMax = 65'536;

// Redmine's own words: {"errors":["…","…"]}.
std::string errors_of(const json::Document& body) {
  std::string all;
  const json::View errors = body["errors"];
  for (std::size_t i = 0; i < errors.size(); ++i) {
    all += (all.empty() ? "" : "; ") + std::string(errors.at(i).text());
  }
  return all;
}

Answer refused(Status status, const sdk::HttpResponse& response, std::string message) {
  Answer answer;
  answer.status = status;
  answer.code = response.code;
  answer.message = std::move(message);
  return answer;
}

// What a code outside 2xx means.
Answer judge(const sdk::HttpResponse& response, const std::string& what, Effect effect) {
  const std::string code = " (HTTP " + std::to_string(response.code) + ", " + what + ")";
  if (response.code == 401) {
    return refused(Status::auth, response,
                   "Redmine refuses the API key" + code +
                       ". Check settings.api_key, that its user is active, and that REST is "
                       "switched on (Administration, Settings, API).");
  }
  if (response.code == 403) {
    return refused(Status::auth, response,
                   "Redmine does not allow this to the API user" + code +
                       ". Give its role in the project the permissions that the connector's "
                       "README lists, and let it change its password if it must.");
  }
  if (response.code == 429 || response.code == 503) {
    Answer answer = refused(Status::rate_limited, response, "Redmine asks to wait" + code + ".");
    answer.retry_after_ms = retry_after_ms(response.header("retry-after"), response.header("date"));
    return answer;
  }
  if (response.code == 408) {
    return refused(Status::retry, response, "Redmine did not get the whole request" + code + ".");
  }
  if (response.code >= 500 || response.code < 200) {
    return refused(effect == Effect::visible ? Status::ambiguous : Status::retry, response,
                   "Redmine failed" + code + ".");
  }
  if (response.code >= 300 && response.code < 400) {
    return refused(Status::permanent, response,
                   "Redmine redirects to " + std::string(response.header("location")) + code +
                       ". Set settings.url to the address where it really is.");
  }
  if (response.code == 404) {
    return refused(
        Status::permanent, response,
        "Redmine does not know this, or no longer shows it to the API user" + code + ".");
  }
  const auto parsed = json::parse(response.body);
  const std::string errors = parsed ? errors_of(*parsed) : std::string();
  if (response.code == 422 && parsed && (*parsed)["errors"].is_array() && errors.empty()) {
    // So Redmine says that somebody else changed the issue meanwhile.
    return refused(Status::retry, response, "The issue was changed at the same time" + code + ".");
  }
  return refused(Status::permanent, response,
                 "Redmine refused: " + (errors.empty() ? "without a reason" : errors) + code + ".");
}

Answer judge_transport(Status transport, const std::string& what, Effect effect) {
  Answer answer;
  answer.status = transport;
  if (transport == Status::ambiguous && effect == Effect::none) answer.status = Status::retry;
  answer.message = transport == Status::retry ? "Redmine could not be reached (" + what + ")."
                                              : "The answer of Redmine was lost (" + what + ").";
  return answer;
}

Answer judge_success(sdk::HttpResponse&& response, const std::string& what, Effect effect) {
  Answer answer;
  answer.code = response.code;
  answer.date = response.header("date");
  if (response.body.find_first_not_of(" \r\n") == std::string::npos) return answer;
  auto parsed = json::parse(response.body);
  if (!parsed) {
    return refused(effect == Effect::visible ? Status::ambiguous : Status::retry, response,
                   "What answers at settings.url does not speak Redmine's JSON (" + what +
                       "): " + parsed.error().detail);
  }
  answer.body = std::move(*parsed);
  return answer;
}

}  // namespace

std::int64_t http_date_seconds(std::string_view text) {
  std::tm parts{};
  const std::string copy(text);
  const char* end = strptime(copy.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end == nullptr || *end != '\0') return -1;
  return timegm(&parts);
}

std::int64_t retry_after_ms(std::string_view retry_after, std::string_view date) {
  constexpr std::int64_t kSecondsMax = 31'536'000;
  std::int64_t seconds = -1;
  const char* end = retry_after.data() + retry_after.size();
  const auto read = std::from_chars(retry_after.data(), end, seconds);
  if (retry_after.empty() || read.ec != std::errc() || read.ptr != end) {
    const std::int64_t until = http_date_seconds(retry_after);
    const std::int64_t from = http_date_seconds(date);
    if (until < 0 || from < 0) return -1;
    seconds = std::max<std::int64_t>(until - from, 0);
  }
  return seconds < 0 ? -1 : std::min(seconds, kSecondsMax) * 1000;
}

Rest::Rest(Host host, const Settings& settings)
    : host_(host), url_(settings.url), key_("{{secret:" + settings.api_key_token + "}}") {}

sdk::HttpRequest Rest::request(const char* method, const std::string& target) const {
  sdk::HttpRequest request;
  request.method = method;
  request.url = url_ + target;
  request.headers = {{"X-Redmine-API-Key", key_}, {"Accept", "application/json"}};
  return request;
}

Answer Rest::exchange(const Call& call, sdk::HttpRequest request, Effect effect) const {
  const std::string what =
      request.method + " " + request.url.substr(url_.size(), request.url.find('?') - url_.size());
  if (call.cancelled()) return judge_transport(Status::cancelled, what, effect);
  sdk::HttpResponse response = host_.send(call, std::move(request));
  if (response.transport != Status::ok) return judge_transport(response.transport, what, effect);
  if (response.code < 200 || response.code > 299) return judge(response, what, effect);
  return judge_success(std::move(response), what, effect);
}

Answer Rest::get(const Call& call, const std::string& target) const {
  Answer answer = exchange(call, request("GET", target), Effect::none);
  if (answer.ok() && !answer.body.root().is_object()) {
    answer.status = Status::retry;
    answer.message = "What answers at settings.url does not speak Redmine's JSON (GET " +
                     target.substr(0, target.find('?')) + ": no object).";
  }
  return answer;
}

Answer Rest::send(const Call& call, const char* method, const std::string& target,
                  std::string json) const {
  sdk::HttpRequest sent = request(method, target);
  sent.headers.emplace_back("Content-Type", "application/json");
  sent.body = std::move(json);
  return exchange(call, std::move(sent), Effect::visible);
}

Answer Rest::upload(const Call& call, std::string_view file_name, std::string content) const {
  sdk::HttpRequest sent = request("POST", "/uploads.json?filename=" + percent_encode(file_name));
  sent.headers.emplace_back("Content-Type", "application/octet-stream");  // any other: 406
  sent.body = std::move(content);
  return exchange(call, std::move(sent), Effect::none);
}

Answer Rest::download(const Call& call, std::int64_t attachment_id, Sink& bytes) const {
  const std::string target = "/attachments/download/" + std::to_string(attachment_id);
  if (call.cancelled()) return judge_transport(Status::cancelled, "GET " + target, Effect::none);
  sdk::HttpResponse head;
  std::string error_body;
  bool stopped = false;
  const Status transport =
      host_.send(call, request("GET", target), head, [&](std::string_view piece) {
        if (head.code == 200) {
          stopped = !bytes.put(piece);
          return !stopped;
        }
        error_body.append(piece.substr(0, kErrorBodyBytesMax - error_body.size()));
        return error_body.size() < kErrorBodyBytesMax;
      });
  if (stopped) return {};  // the host has what it wants
  if (transport != Status::ok) return judge_transport(transport, "GET " + target, Effect::none);
  if (head.code == 200) return {};
  head.body = error_body;
  return judge(head, "GET " + target, Effect::none);
}

}  // namespace ombud::redmine
