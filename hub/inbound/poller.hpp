// Asks one link's supplier for changes, again and again, from the last committed cursor.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "inbound/changes.hpp"
#include "store/link_troubles.hpp"
#include "supervisor/hosts.hpp"

namespace ombud::inbound {

class Poller {
 public:
  Poller(Clock& clock, Random& random, Store& store, Hosts& hosts, ChangeTaker& taker,
         const Log& log, std::string link, Millis every);

  boost::asio::awaitable<void> run();  // until close()
  void configure(Millis every) { every_ = every; }
  void poke() { bell_.ring(); }  // poll now: the host came up, or an operator asks
  void close() { closing_ = true, poke(); }

 private:
  boost::asio::awaitable<Millis> poll_once();  // how long to wait before the next
  boost::asio::awaitable<void> note(std::optional<LinkTrouble> trouble);  // none: it works again

  Clock& clock_;
  Random& random_;
  Store& store_;
  Hosts& hosts_;
  ChangeTaker& taker_;
  const Log& log_;
  const Principal who_;
  const std::string link_;
  Millis every_;
  Doorbell bell_;
  bool closing_ = false;
  int failures_ = 0;      // in a row
  bool troubled_ = true;  // the store may hold a trouble with polling, also of a former hub
};

}  // namespace ombud::inbound
