#include "inbound/pushed.hpp"

#include <algorithm>

#include "inbound/limits.hpp"

namespace ombud::inbound {

namespace net = boost::asio;

void Pushed::Lines::leave(const std::string& link) {
  const auto at = of.find(link);
  if (!at->second.waiting.empty()) {
    Doorbell* next = at->second.waiting.front();  // it takes our place inside
    at->second.waiting.pop_front();
    next->ring();
  } else if (--at->second.inside == 0) {
    of.erase(at);
  }
}

net::awaitable<void> Pushed::enter(std::shared_ptr<Lines> lines, std::string link) {
  Line& line = lines->of[link];  // stays as long as somebody is inside
  if (line.inside < kDecodesAtOnce) {
    ++line.inside;
    co_return;
  }
  struct Place {  // a caller that is cancelled while it waits gives up its place
    Lines& lines;
    const std::string& link;
    Doorbell bell;
    bool kept = false;

    bool waits() const {
      const auto& waiting = lines.of.find(link)->second.waiting;
      return std::find(waiting.begin(), waiting.end(), &bell) != waiting.end();
    }
    ~Place() {
      if (kept) return;
      if (waits()) {
        std::erase(lines.of.find(link)->second.waiting, &bell);
      } else {
        lines.leave(link);  // it was given a place inside in the same moment
      }
    }
  } place{*lines, link, {}, false};
  line.waiting.push_back(&place.bell);
  while (place.waits()) co_await clock_.sleep_until(kNever, &place.bell);
  place.kept = true;
}

net::awaitable<Understood> Pushed::understand(std::string link, std::string headers_json,
                                              std::string body) {
  const auto lines = lines_;
  co_await enter(lines, link);
  struct Leave {
    Lines& lines;
    const std::string& link;
    ~Leave() { lines.leave(link); }
  } leave{*lines, link};
  Understood understood = co_await decode(link, std::move(headers_json), std::move(body));
  co_return understood;
}

net::awaitable<Understood> Pushed::decode(std::string link, std::string headers_json,
                                          std::string body) {
  Understood understood;
  wire::Call call;
  call.operation = wire::Operation::decode;
  call.headers_json = std::move(headers_json);
  call.body = std::move(body);
  call.soft_deadline_ms = kDecodeDeadline.count();
  wire::Reply reply = co_await hosts_.call(link, std::move(call));
  understood.status = reply.status;
  understood.why = reply.message;
  if (reply.status != wire::Status::ok) co_return understood;
  const auto taken = co_await taker_.take(link, std::move(reply.documents));
  if (!taken) {
    understood.status = wire::Status::retry;
    understood.why = taken.error().detail;
  } else {
    understood.changes = taken->applied + taken->duplicates + taken->echoes + taken->held;
  }
  co_return understood;
}

}  // namespace ombud::inbound
