#include "conformance/fault_plan.hpp"

#include <algorithm>

namespace ombud::conformance {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kUsualMs = 400;          // one way, at most
constexpr std::int64_t kRetryAfterMs = 90'000;  // at most

}  // namespace

// Outages begin on the hour, so that their number does not depend on how often a link asks.
void FaultPlan::begin_outages(Instant now) {
  const auto hour_of = [](Instant at) { return ms_of(at) / kHourMs; };
  const std::int64_t hours =
      looked_at_ == Instant{} ? 1 : std::min<std::int64_t>(hour_of(now) - hour_of(looked_at_), 24);
  looked_at_ = now;
  const auto length = [&] {
    return Millis{static_cast<std::int64_t>(
        random_.below(static_cast<std::uint64_t>(rates_.outage_max.count()) + 1))};
  };
  for (std::int64_t i = 0; i < hours; ++i) {
    if (random_.below(24'000) < rates_.auth_outages) auth_until_ = now + length();
    if (random_.below(24'000) < rates_.down_outages) down_until_ = now + length();
  }
}

Fault FaultPlan::draw(Instant now, Request request, Millis patience) {
  Fault fault;
  fault.there = Millis{static_cast<std::int64_t>(random_.below(kUsualMs)) + 1};
  fault.back = Millis{static_cast<std::int64_t>(random_.below(kUsualMs)) + 1};
  if (healed_) return fault;
  begin_outages(now);
  fault.duplicate = request == Request::write && happens(rates_.duplicate);
  fault.stale = request == Request::find && happens(rates_.stale);
  if (happens(rates_.slow)) {
    const auto longest = static_cast<std::uint64_t>(patience.count()) * 3 / 2;
    (random_.below(2) == 0 ? fault.there : fault.back) =
        Millis{static_cast<std::int64_t>(random_.below(longest)) + 1};
  }
  if (now < auth_until_) {
    fault.kind = Fault::Kind::auth;
  } else if (now < down_until_ || happens(rates_.server_error)) {
    fault.kind = Fault::Kind::server_error;
  } else if (happens(rates_.drop_before)) {
    fault.kind = Fault::Kind::drop_before;
  } else if (happens(rates_.drop_after)) {
    fault.kind = Fault::Kind::drop_after;
  } else if (happens(rates_.rate_limit)) {
    fault.kind = Fault::Kind::rate_limit;
    if (random_.below(2) == 0)
      fault.retry_after_ms = static_cast<std::int64_t>(random_.below(kRetryAfterMs));
  } else if (request == Request::write && happens(rates_.refuse)) {
    fault.kind = Fault::Kind::refuse;
  } else if (request == Request::changes && happens(rates_.broken_feed)) {
    fault.kind = Fault::Kind::broken_feed;
  }
  return fault;
}

}  // namespace ombud::conformance
