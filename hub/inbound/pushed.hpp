// What suppliers send by themselves, by webhook or mail: their connector decodes it, and the
// changes in it are taken like polled ones. Not thread-safe: one executor.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "inbound/changes.hpp"
#include "supervisor/hosts.hpp"

namespace ombud::inbound {

// What came of one push. `ok`: everything in it is committed, so the sender may forget it.
struct Understood {
  wire::Status status = wire::Status::cancelled;
  std::string why;  // of anything but ok, in the connector's words where they are its own
  int changes = 0;  // that are about tickets of ours, now or before, or may be
};

class Pushed {
 public:
  Pushed(Clock& clock, Hosts& hosts, ChangeTaker& taker)
      : clock_(clock), hosts_(hosts), taker_(taker) {}
  Pushed(const Pushed&) = delete;
  Pushed& operator=(const Pushed&) = delete;

  // In the order of the calls, at most kDecodesAtOnce of a link at the same time: what waits here
  // does not stand between a delivery and its connector.
  boost::asio::awaitable<Understood> understand(std::string link, std::string headers_json,
                                                std::string body);

 private:
  struct Line {
    std::size_t inside = 0;
    std::deque<Doorbell*> waiting;
  };
  // Shared with the coroutines: their frames may go after this object.
  struct Lines {
    std::map<std::string, Line, std::less<>> of;  // links with a decode at work
    void leave(const std::string& link);
  };
  boost::asio::awaitable<void> enter(std::shared_ptr<Lines> lines, std::string link);
  boost::asio::awaitable<Understood> decode(std::string link, std::string headers_json,
                                            std::string body);

  Clock& clock_;
  Hosts& hosts_;
  ChangeTaker& taker_;
  const std::shared_ptr<Lines> lines_ = std::make_shared<Lines>();
};

}  // namespace ombud::inbound
