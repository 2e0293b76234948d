// Brings the deliveries of one link to its supplier: claims due heads, looks before it writes again
// when an outcome is unknown, and files what came of each attempt in the transaction that ends its
// lease. Not thread-safe: one executor.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <string>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "store/blobs.hpp"
#include "store/outbox.hpp"
#include "supervisor/hosts.hpp"

namespace ombud::delivery {

struct LinkSettings {
  std::string link;
  Millis soft_deadline{30'000};    // of one operation in the connector
  Millis hard_after_soft{10'000};  // HostLimits::hard_after_soft: then the process is killed
  // How long a request that was cut off may still take effect at the supplier. A look-up counts as
  // "not there" only after this and the connector's own look-up lag.
  Millis settle{10'000};
  Millis interval{0};  // least time between two writes: a rate limit of our own
  int claim_max = 16;
};

// What keeps "never twice" true. The simulator switches these off one at a time, to prove that it
// would notice; nothing else ever does.
struct Rules {
  bool find_in_doubt = true;          // look before writing again
  bool wait_until_settled = true;     // and not before what was cut off has taken effect and shows
  bool deadline_inside_lease = true;  // start nothing that may last longer than the lease
};

class LinkRunner {
 public:
  LinkRunner(Clock& clock, Random& random, Store& store, Blobs& blobs, Hosts& hosts, const Log& log,
             LinkSettings settings, Rules rules = Rules());
  LinkRunner(const LinkRunner&) = delete;
  LinkRunner& operator=(const LinkRunner&) = delete;

  // Until close(). First takes back, in doubt, what a former hub had under way.
  boost::asio::awaitable<void> run();
  void configure(LinkSettings settings) { settings_ = std::move(settings); }  // the same link
  void poke() { bell_.ring(); }  // there may be something new to do
  void close() {
    closing_ = true, poke();
  }  // claims nothing more; the delivery at hand is finished
  Doorbell& bell() { return bell_; }

 private:
  boost::asio::awaitable<void> recover();
  boost::asio::awaitable<void> work();
  boost::asio::awaitable<std::vector<Delivery>> claim_some(Instant lease_until);
  boost::asio::awaitable<void> deliver(Delivery delivery, Instant lease_until);
  boost::asio::awaitable<bool> settle_doubt(Delivery delivery, Instant lease_until);
  boost::asio::awaitable<void> file(Delivery delivery, std::string step, Instant started,
                                    wire::Reply reply);
  boost::asio::awaitable<void> give_back(Delivery delivery, Instant run_at, std::string reason);
  wire::Call call_for(const Delivery& delivery) const;
  Millis unsettled() const;
  Instant start_before(Instant lease_until) const;
  bool time_left(Instant lease_until) const;

  Clock& clock_;
  Random& random_;
  Store& store_;
  Blobs& blobs_;
  Hosts& hosts_;
  const Log& log_;
  LinkSettings settings_;
  const Rules rules_;
  const Principal who_;
  Doorbell bell_;
  bool closing_ = false;
  int failures_ = 0;        // in a row: the circuit
  Instant recovered_at_{};  // what was under way before may take effect and stay unseen for a while
  Instant circuit_until_{};  // nothing is claimed before
  Instant batch_until_{};    // what is left of the claimed batch is given back before
  Instant next_write_{};     // our own rate limit
};

}  // namespace ombud::delivery
