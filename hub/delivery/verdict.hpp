// What an answer means for a delivery and its link. Pure: the rules of the delivery design in one
// place.
#pragma once

#include <optional>
#include <string>

#include "base/random.hpp"
#include "connector_host/protocol.hpp"
#include "store/outbox.hpp"

namespace ombud::delivery {

struct Context {
  Instant now;
  Millis unsettled{0};       // settle + look-up lag + skew: how long "not there" means nothing
  bool lookup_works = true;  // false: class C
};

struct Ruling {
  Verdict verdict;
  std::optional<Instant> link_not_before;  // rate limit
  bool close_for_auth = false;
  bool failure = false;  // counts for the circuit
};

// After an attempt to write.
Ruling judge_write(const Delivery& delivery, const wire::Reply& reply, const Context& context,
                   Random& random);

// After a look-up in doubt. Nothing: it is not there, so write.
std::optional<Ruling> judge_find(const Delivery& delivery, const wire::Reply& reply,
                                 const Context& context, Random& random);

}  // namespace ombud::delivery
