// What went over the wire in the attempts of deliveries, for the operator who looks for a fault:
// secrets are masked before it comes here. The newest 2,000 of a link are kept, for 30 days.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.hpp"

namespace ombud {

inline constexpr int kExchangesKept = 2000;
inline constexpr Millis kExchangesKeptFor{30LL * 24 * 3'600'000};

struct WireExchange {
  std::string method, url;
  int status = 0;  // of the answer; 0: none came
  std::string request_headers, request_body, response_headers, response_body;
  std::string error;  // why there is no whole answer
  std::int64_t ms = 0;
  bool truncated = false;
};

void keep_exchange(Tx& tx, std::string_view link, std::int64_t attempt,
                   const WireExchange& exchange);
// By attempt, in order.
std::map<std::int64_t, std::vector<WireExchange>> exchanges_of(Tx& tx, DeliveryId delivery);
void forget_exchanges(Tx& tx);  // what is too old

}  // namespace ombud
