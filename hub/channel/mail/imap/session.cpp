#include "channel/mail/imap/session.hpp"

#include <fmt/format.h>

#include <utility>

namespace ombud::mail {
namespace {

constexpr Millis kSendWithin{30'000};
constexpr Millis kSilenceMax{60'000};             // between two pieces of an answer
constexpr std::size_t kLineBytesMax = 1U << 20U;  // a SEARCH of a large folder is one line
constexpr std::size_t kResponsesMax = 100'000;    // to one command

ImapResponse nothing() {
  return {};
}

}  // namespace

ImapSession::ImapSession(std::unique_ptr<ImapWire> wire, Clock& clock, std::string server,
                         std::size_t literal_bytes_max)
    : wire_(std::move(wire)),
      clock_(clock),
      server_(std::move(server)),
      reader_(kLineBytesMax, literal_bytes_max) {}

// An empty response: none came before `until`.
net::awaitable<Result<ImapResponse>> ImapSession::next(Instant until) {
  while (true) {
    auto response = reader_.next();
    if (response) co_return std::move(*response);
    if (!reader_.broken().empty()) co_return broken();
    auto bytes = co_await wire_->receive(until);
    if (!bytes) co_return bytes.error();
    if (bytes->empty()) co_return nothing();
    reader_.feed(*bytes);
  }
}

Problem ImapSession::broken() const {
  return problem(ProblemKind::unavailable,
                 fmt::format("{} cannot be understood: {}.", server_, reader_.broken()));
}

net::awaitable<Result<std::vector<ImapResponse>>> ImapSession::command(std::string text) {
  const std::string tag = fmt::format("O{}", ++tag_);
  std::string line = fmt::format("{} {}\r\n", tag, text);
  const auto sent = co_await wire_->send(std::move(line), clock_.now() + kSendWithin);
  if (!sent) co_return sent.error();
  std::vector<ImapResponse> untagged;
  while (true) {
    auto response = co_await next(clock_.now() + kSilenceMax);
    if (!response) co_return response.error();
    if (response->text.empty()) {
      co_return problem(ProblemKind::unavailable, fmt::format("{} did not answer for {} s.",
                                                              server_, kSilenceMax.count() / 1000));
    }
    const auto verdict = verdict_of(*response, tag);
    if (!verdict) {
      if (response->text.starts_with("* BYE")) {
        co_return problem(ProblemKind::unavailable,
                          fmt::format("{} ended the session: {}.", server_, response->text));
      }
      if (untagged.size() == kResponsesMax) {
        co_return problem(
            ProblemKind::unavailable,
            fmt::format("{} cannot be understood: it answered without end.", server_));
      }
      if (count_of(*response, "EXISTS")) heard_ = true;
      untagged.push_back(std::move(*response));
      continue;
    }
    if (verdict->word == "OK") co_return untagged;
    co_return conflict(fmt::format("{} answered {} {}", server_, verdict->word, verdict->said));
  }
}

net::awaitable<Result<std::monostate>> ImapSession::idle(Millis at_most) {
  const std::string tag = fmt::format("O{}", ++tag_);
  const Instant until = clock_.now() + at_most;
  auto sent = co_await wire_->send(tag + " IDLE\r\n", clock_.now() + kSendWithin);
  if (!sent) co_return sent.error();
  // "+ idling" comes first, then whatever happens.
  bool begun = false, changed = false;
  while (!changed) {
    auto response = co_await next(begun ? until : clock_.now() + kSilenceMax);
    if (!response) co_return response.error();
    if (response->text.empty()) break;
    if (verdict_of(*response, tag)) {
      co_return problem(ProblemKind::unavailable,
                        fmt::format("{} would not wait: {}", server_, response->text));
    }
    if (response->text.starts_with("* BYE")) {
      co_return problem(ProblemKind::unavailable,
                        fmt::format("{} ended the session: {}.", server_, response->text));
    }
    begun = begun || response->text.starts_with('+');
    changed =
        count_of(*response, "EXISTS").has_value() || count_of(*response, "RECENT").has_value();
  }
  sent = co_await wire_->send("DONE\r\n", clock_.now() + kSendWithin);
  if (!sent) co_return sent.error();
  while (true) {
    auto response = co_await next(clock_.now() + kSilenceMax);
    if (!response) co_return response.error();
    if (response->text.empty()) {
      co_return problem(ProblemKind::unavailable, fmt::format("{} did not answer for {} s.",
                                                              server_, kSilenceMax.count() / 1000));
    }
    if (verdict_of(*response, tag)) co_return std::monostate();
  }
}

}  // namespace ombud::mail
