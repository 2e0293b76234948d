#include "cli/api.hpp"

#include <fmt/format.h>
#include <httplib.h>

namespace ombud::cli {
namespace {

constexpr int kConnectSeconds = 5;
constexpr int kAnswerSeconds = 90;  // `supplier test` waits for a supplier
constexpr int kPostAttemptsMax = 3;
constexpr std::string_view kPrefix = "/api/v1";

Exit exit_of(int status) {
  switch (status) {
    case 401:
    case 403:
      return Exit::denied;
    case 404:
      return Exit::not_found;
    case 409:
    case 412:
    case 428:
      return Exit::conflict;
    default:
      return Exit::failed;
  }
}

std::string advice_of(int status) {
  switch (status) {
    case 401:
      return "Name a valid token with --token or OMBUD_TOKEN, or use the --data directory of a hub "
             "that "
             "runs on this machine.";
    case 403:
      return "Use a token with the role that may do this; `ombud token create --help`.";
    case 412:
      return "Somebody changed it meanwhile. Look at it again, then repeat the command.";
    case 413:
      return "Send less at a time.";
    case 429:
      return "Wait a little and repeat the command.";
    case 503:
      return "Wait until the hub is ready (GET /readyz), then repeat the command.";
    default:
      return {};
  }
}

}  // namespace

Failure failure_of(const Problem& problem) {
  Exit exit = Exit::failed;
  switch (problem.kind) {
    case ProblemKind::unauthenticated:
    case ProblemKind::forbidden:
      exit = Exit::denied;
      break;
    case ProblemKind::not_found:
      exit = Exit::not_found;
      break;
    case ProblemKind::conflict:
    case ProblemKind::stale:
      exit = Exit::conflict;
      break;
    case ProblemKind::invalid:
    case ProblemKind::too_large:
    case ProblemKind::too_many:
    case ProblemKind::unavailable:
      exit = Exit::failed;
      break;
  }
  return {exit, problem.detail, problem.fields, {}, {}};
}

std::string escape_url(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    escaped += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return escaped;
}

Query& Query::add(std::string_view name, std::string_view value) {
  if (!value.empty()) {
    text_ += fmt::format("{}{}={}", text_.empty() ? '?' : '&', name, escape_url(value));
  }
  return *this;
}

struct Api::Impl {
  Impl(std::string where, std::string secret, Random& numbers)
      : url(std::move(where)), token(std::move(secret)), random(numbers), client(url) {
    client.set_connection_timeout(kConnectSeconds);
    client.set_read_timeout(kAnswerSeconds);
    client.set_write_timeout(kAnswerSeconds);
  }

  httplib::Headers headers() const {
    httplib::Headers all{{"Accept", "application/json, application/problem+json"}};
    if (!token.empty()) all.emplace("Authorization", "Bearer " + token);
    return all;
  }

  Outcome<Answer> answer(const httplib::Result& result) const {
    if (!result) {
      return Failure{
          Exit::unreachable,
          fmt::format("No hub answers at {} ({}).", url, httplib::to_string(result.error())),
          {},
          "Start it with `ombud serve`, or name another with --url or OMBUD_URL.",
          {}};
    }
    Answer answer{result->status, result->body, result->get_header_value("ETag"), {}};
    if (result->status >= 300) return refusal(answer);
    const bool json = result->get_header_value("Content-Type").find("json") != std::string::npos;
    if (json && !answer.body.empty()) {
      auto parsed = json::parse(answer.body);
      if (!parsed) {
        return Failure{Exit::failed,
                       fmt::format("{} answered something that is not JSON.", url),
                       {},
                       "Check that --url names a hub.",
                       {}};
      }
      answer.document = std::move(*parsed);
    }
    return answer;
  }

  Failure refusal(const Answer& answer) const {
    Failure failure{exit_of(answer.status), {}, {}, advice_of(answer.status), answer.body};
    if (const auto parsed = json::parse(answer.body)) {
      const json::View problem = parsed->root();
      failure.detail = problem["detail"].text(problem["title"].text());
      const json::View errors = problem["errors"];
      for (std::size_t i = 0; i < errors.size(); ++i) {
        failure.fields.push_back({std::string(errors.at(i)["pointer"].text()),
                                  std::string(errors.at(i)["detail"].text())});
      }
    } else {
      failure.body.clear();
    }
    if (failure.detail.empty()) {
      failure.detail = fmt::format("The hub at {} answered with status {}.", url, answer.status);
    }
    return failure;
  }

  std::string url;
  std::string token;
  Random& random;
  httplib::Client client;
};

Api::Api(std::string url, std::string token, Random& random)
    : impl_(std::make_unique<Impl>(std::move(url), std::move(token), random)) {}
Api::~Api() = default;
Api::Api(Api&&) noexcept = default;

Outcome<Answer> Api::get(const std::string& path) {
  return impl_->answer(impl_->client.Get(std::string(kPrefix) + path, impl_->headers()));
}

Outcome<Answer> Api::post(const std::string& path, const std::string& body,
                          const std::string& media_type) {
  httplib::Headers headers = impl_->headers();
  headers.emplace("Idempotency-Key", mint_id(impl_->random));
  for (int attempt = 1;; ++attempt) {
    const auto result = impl_->client.Post(std::string(kPrefix) + path, headers, body, media_type);
    // Whether it was done is unknown then; the key makes it safe to ask again.
    const bool broken = !result && (result.error() == httplib::Error::Read ||
                                    result.error() == httplib::Error::Write);
    if (!broken || attempt == kPostAttemptsMax) return impl_->answer(result);
  }
}

Outcome<Answer> Api::patch(const std::string& path, const std::string& body,
                           const std::string& etag) {
  httplib::Headers headers = impl_->headers();
  if (!etag.empty()) headers.emplace("If-Match", etag);
  return impl_->answer(
      impl_->client.Patch(std::string(kPrefix) + path, headers, body, "application/json"));
}

Outcome<Answer> Api::put(const std::string& path, const std::string& body,
                         const std::string& etag) {
  httplib::Headers headers = impl_->headers();
  if (!etag.empty()) headers.emplace("If-Match", etag);
  return impl_->answer(
      impl_->client.Put(std::string(kPrefix) + path, headers, body, "application/json"));
}

Outcome<Answer> Api::remove(const std::string& path) {
  return impl_->answer(impl_->client.Delete(std::string(kPrefix) + path, impl_->headers()));
}

Outcome<Answer> Api::download(const std::string& path,
                              const std::function<bool(std::string_view)>& take) {
  int status = 0;
  std::string refused;
  bool stopped = false;
  const auto result = impl_->client.Get(
      std::string(kPrefix) + path, impl_->headers(),
      [&](const httplib::Response& response) {
        status = response.status;
        return true;
      },
      [&](const char* data, std::size_t size) {
        if (status >= 300) {
          refused.append(data, std::min<std::size_t>(size, (1U << 20U) - refused.size()));
          return refused.size() < (1U << 20U);
        }
        stopped = !take(std::string_view(data, size));
        return !stopped;
      });
  if (stopped) return Answer{status, {}, {}, {}};  // the caller knows why
  if (result && status >= 300) return impl_->refusal(Answer{status, refused, {}, {}});
  if (!result) return impl_->answer(result);
  return Answer{status, {}, {}, {}};
}

}  // namespace ombud::cli
