#include "channel/mail/imap/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ombud::mail {
namespace {

constexpr Millis kSendWithin{30'000};
constexpr Millis kSilenceMax{60'000};             // between two pieces of an answer
constexpr std::size_t kLineBytesMax = 4U << 20U;  // a SEARCH of a large folder is one line
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
      literal_bytes_max_(literal_bytes_max),
      reader_(kLineBytesMax, literal_bytes_max) {}

net::awaitable<Result<ImapResponse>> ImapSession::next(Millis silence, Budget& budget) {
  while (true) {
    auto response = reader_.next();
    if (response) co_return std::move(*response);
    if (!reader_.broken().empty()) co_return broken();
    const Instant now = clock_.now();
    if (now >= budget.until) co_return nothing();
    auto bytes = co_await wire_->receive(std::min(now + silence, budget.until));
    if (!bytes) co_return bytes.error();
    if (bytes->empty()) co_return nothing();
    if (bytes->size() > budget.bytes) {
      co_return problem(
          ProblemKind::unavailable,
          fmt::format("{} said more to one command than anybody asked for, and was hung up on. See "
                      "what that server is; host and port decide it.",
                      server_));
    }
    budget.bytes -= bytes->size();
    reader_.feed(*bytes);
  }
}

net::awaitable<Result<ImapResponse>> ImapSession::answer(Budget& budget) {
  auto response = co_await next(kSilenceMax, budget);
  if (!response || !response->text.empty()) co_return response;
  if (clock_.now() < budget.until) {
    co_return problem(ProblemKind::unavailable, fmt::format("{} did not answer for {} s.", server_,
                                                            kSilenceMax.count() / 1000));
  }
  co_return problem(ProblemKind::unavailable,
                    fmt::format("{} was not done with one command after {} minutes. If the line to "
                                "it is slow, make [mail] message_max smaller.",
                                server_, kAnswerWithin.count() / 60'000));
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
  Budget budget{literal_bytes_max_ + kAnswerBytesMax, clock_.now() + kAnswerWithin};
  while (true) {
    auto response = co_await answer(budget);
    if (!response) co_return response.error();
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
  auto sent = co_await wire_->send(tag + " IDLE\r\n", clock_.now() + kSendWithin);
  if (!sent) co_return sent.error();
  // "+ idling" comes first, then whatever happens.
  bool begun = false, changed = false;
  Budget budget{kIdleBytesMax, clock_.now() + at_most};
  while (!changed && clock_.now() < budget.until) {
    auto response = co_await next(begun ? at_most : kSilenceMax, budget);
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
  budget.until = clock_.now() + kAnswerWithin;
  while (true) {
    auto response = co_await answer(budget);
    if (!response) co_return response.error();
    if (verdict_of(*response, tag)) co_return std::monostate();
  }
}

}  // namespace ombud::mail
