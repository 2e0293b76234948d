#include "conformance/kit/follower.hpp"

namespace ombud::conformance {
namespace {

bool of(const Change& change, const Made& ticket) {
  return change.external_id == ticket.external_id ||
         (change.external_id.empty() && change.correlation == ticket.correlation);
}

}  // namespace

Outcome Follower::poll() {
  Outcome outcome = stage_.changes(cursor_);
  kit_.sound(outcome, "changes");
  fresh_ = 0;
  const Changes pushed = read_changes(outcome.documents, true);
  for (const Change& change : pushed.changes) {
    const std::string key = change.key();
    const auto [known, added] = keys_.emplace(change.event_id, key);
    if (known->second != key) {
      fail("Two changes have the event_id " + in_quotes(change.event_id) + ": " +
           in_quotes(known->second) + " and " + in_quotes(key) +
           ". The hub takes each event_id once, so the second would be lost.");
    }
    if (!added) continue;
    ++fresh_;
    seen_.push_back(change);
  }
  if (pushed.cursor) cursor_ = *pushed.cursor;
  return outcome;
}

void Follower::catch_up() {
  for (int i = 0; i < kPollsMax; ++i) {
    const std::string before = cursor_;
    const Outcome outcome = poll();
    kit_.worked(outcome, "changes");
    if (fresh_ == 0 && (cursor_ == before || i > 0)) return;
    stage_.supplier().pass(Millis{1'000});
  }
  fail("After " + std::to_string(kPollsMax) +
       " polls of a supplier where nothing happens there "
       "are still new changes.");
}

const Change* Follower::comment(const Made& ticket, std::string_view text) const {
  for (const Change& change : seen_) {
    if (change.type == "comment" && of(change, ticket) &&
        plain(change.text).find(plain(text)) != std::string::npos) {
      return &change;
    }
  }
  return nullptr;
}

const Change* Follower::status(const Made& ticket, std::string_view status) const {
  for (const Change& change : seen_) {
    if (change.type == "status" && of(change, ticket) && change.status == status) return &change;
  }
  return nullptr;
}

const Change* Follower::attachment(const Made& ticket, std::string_view name) const {
  for (const Change& change : seen_) {
    if (change.type == "attachment" && of(change, ticket) && change.name == name) return &change;
  }
  return nullptr;
}

}  // namespace ombud::conformance
