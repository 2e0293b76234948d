// Brings the deliveries of one link to its supplier, as many at once as its host runs (HostStatus::
// parallel) and one of each lane: claims due heads, looks before it writes again when an outcome is
// unknown, and files what came of each attempt in the transaction that ends its lease.
// Not thread-safe: one executor. It must outlive run().
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <exception>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/task_group.hpp"
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
  // False: each delivery has a receiver of its own, so that failures of one say nothing of the
  // others, and there is no circuit to open.
  bool one_receiver = true;
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
  LinkRunner(boost::asio::any_io_executor executor, Clock& clock, Random& random, Store& store,
             Blobs& blobs, Hosts& hosts, const Log& log, LinkSettings settings,
             Rules rules = Rules());
  LinkRunner(const LinkRunner&) = delete;
  LinkRunner& operator=(const LinkRunner&) = delete;

  // Until close() and the end of what is under way. First takes back, in doubt, what a former hub
  // had under way.
  boost::asio::awaitable<void> run();
  void configure(LinkSettings settings) { settings_ = std::move(settings); }  // the same link
  void poke() { bell_.ring(); }              // there may be something new to do
  void close() { closing_ = true, poke(); }  // claims nothing more
  // For requests to the same supplier that are no deliveries: whether any of these is under way,
  // and the next turn under the rate limit that both share.
  bool is_delivering() const { return busy_ > 0; }
  Instant take_turn();
  // Ends every delivery at its next wait, wherever it is: when run() is cancelled, or destroyed.
  void abandon() { tasks_.cancel(boost::asio::cancellation_type::terminal); }

 private:
  // A row that is ours until its lease ends.
  struct Claim {
    Delivery delivery;
    Instant lease_until;
  };
  // What one claim asks for; made before the transaction, which may be run more than once.
  struct Wish {
    Instant lease_until, settled;
    int room = 0;
    bool lookup = true;
  };
  boost::asio::awaitable<void> serve();
  boost::asio::awaitable<void> recover();
  boost::asio::awaitable<bool> claim_some(int room);  // false: nothing more is due now
  boost::asio::awaitable<void> sleep_until_due();
  boost::asio::awaitable<void> deliver_from(Claim claim);
  // These answer the next delivery that was claimed with the end of this one, if any.
  boost::asio::awaitable<std::optional<Claim>> deliver(Claim claim);
  boost::asio::awaitable<std::optional<Claim>> file(Delivery delivery, std::string step,
                                                    Instant started, wire::Reply reply);
  enum class Doubt { not_there, open, filed };
  boost::asio::awaitable<Doubt> settle_doubt(Delivery delivery, Instant lease_until);
  boost::asio::awaitable<bool> await_turn(Instant turn, Instant lease_until);
  boost::asio::awaitable<void> give_back(Delivery delivery, Instant run_at);
  std::vector<Delivery> claim_in(Tx& tx, const Wish& wish) const;
  bool link_open(Tx& tx) const;
  std::string link_state(Tx& tx) const;
  void note_health(Tx& tx, const Attempt& attempt, bool trouble, bool mended) const;
  Wish wish_for(int room) const;
  bool may_go_on() const;
  bool may_start(Instant lease_until) const;
  Instant closed_until() const;
  int room() const;
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
  int busy_ = 0;  // deliveries under way
  // Answers that the store must know before anything more is claimed: those that close the link,
  // and those that could not be stored yet. Only the store knows when it is open again.
  int holding_ = 0;
  int failures_ = 0;        // in a row: the circuit
  bool troubled_ = true;    // the store may hold a trouble with sending, also of a former hub
  Instant recovered_at_{};  // what was under way before may take effect and stay unseen for a while
  Instant circuit_until_{};  // nothing is claimed before
  Instant next_write_{};     // our own rate limit
  std::exception_ptr failed_;
  TaskGroup tasks_;
};

}  // namespace ombud::delivery
