// Turns one call of the hub into one entry into the connector, and what comes back into a reply.
#pragma once

#include <ombud/connector.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "connector_host/host/call_state.hpp"
#include "connector_host/mask.hpp"
#include "connector_host/protocol.hpp"

namespace ombud {

// One instance of the connector. run() on one thread at a time; everything else on main.
class Bridge {
 public:
  // What the host itself finds out for a probe: each finding as JSON.
  using Examine = std::function<void(const std::function<void(std::string)>&)>;

  Bridge(ombud_connector& connector, const Mask& mask, Examine examine = nullptr)
      : connector_(connector), mask_(mask), examine_(std::move(examine)) {}

  // Runs the operation on the calling thread. `entering` is called right before the connector is
  // entered; without it the call surely did nothing. Never throws.
  wire::Reply run(const wire::Call& call, CallState& state, const std::function<void()>& entering);

  // Ends the instance; nothing may be called after it.
  void destroy() const {
    if (connector_.destroy != nullptr) connector_.destroy(&connector_);
  }

  // Ids of the extensions that the connector serves.
  std::vector<std::string> extensions() const;
  // What the instance says of itself (ombud.traits/1) as JSON; empty if it says nothing.
  std::string traits() const;

 private:
  std::optional<ombud_status> probe(const wire::Call& call, CallState& state,
                                    const std::function<void()>& entering, ombud_sink* sink);
  wire::Exchange fit_to_read(wire::Exchange exchange) const;  // masked and cut
  const void* slots(const char* id) const { return connector_.extension(&connector_, id); }
  ombud_connector& connector_;
  const Mask& mask_;
  const Examine examine_;
};

}  // namespace ombud
