// What goes wrong between a connector and its supplier, drawn request by request. The simulator and
// the conformance kit's servers act out the same plan. Pure but for the random numbers it is given.
#pragma once

#include "base/random.hpp"
#include "base/time.hpp"

namespace ombud::conformance {

// Chances in a thousand, per request; 0 switches a fault off.
struct FaultRates {
  unsigned drop_before = 0;   // the request is lost on its way
  unsigned drop_after = 0;    // the request takes effect, its answer is lost
  unsigned duplicate = 0;     // the request arrives twice; only sent to suppliers that can take it
  unsigned server_error = 0;  // "try again", nothing was done
  unsigned rate_limit = 0;
  unsigned refuse = 0;       // of a write: this payload never
  unsigned slow = 0;         // takes about as long as the caller is patient, or longer
  unsigned stale = 0;        // of a search: misses what is younger than the lag
  unsigned broken_feed = 0;  // of a feed: some changes, then a failure
  // Outages: how many begin per simulated day, in a thousand, and how long they may last.
  unsigned auth_outages = 0;
  unsigned down_outages = 0;
  Millis outage_max{0};
};

struct Fault {
  enum class Kind {
    none,
    drop_before,
    drop_after,
    server_error,
    rate_limit,
    auth,
    refuse,
    broken_feed
  };
  Kind kind = Kind::none;
  bool duplicate = false;
  bool stale = false;
  Millis there{0};  // until the request reaches the supplier
  Millis back{0};   // until its answer reaches the connector
  std::int64_t retry_after_ms = -1;
};

class FaultPlan {
 public:
  FaultPlan(Random& random, FaultRates rates) : random_(random), rates_(rates) {}

  enum class Request { write, find, changes, other };
  // `patience`: how long the connector waits for an answer.
  Fault draw(Instant now, Request request, Millis patience);
  // From now on nothing goes wrong.
  void heal() { healed_ = true; }

 private:
  bool happens(unsigned per_mille) { return !healed_ && random_.below(1000) < per_mille; }
  void begin_outages(Instant now);

  Random& random_;
  const FaultRates rates_;
  bool healed_ = false;
  Instant looked_at_{};
  Instant auth_until_{}, down_until_{};
};

}  // namespace ombud::conformance
