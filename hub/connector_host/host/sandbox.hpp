// What the process gives up before foreign code runs in it. Linux only.
#pragma once

#include "connector_host/start_order.hpp"

namespace ombud::sandbox {

// First thing in main: no new privileges, dies with its parent, no core, nothing to trace, files
// for the owner only, no inherited descriptor but 0, 1, 2 and `order_fd`. Throws Refusal.
void seal(int order_fd);

// The order from the pipe; blocks until it is there. Throws Refusal.
StartOrder read_order(int order_fd);

// Memory and file-descriptor limits of the order; works in its scratch directory. Throws Refusal.
void limit(const StartOrder& order);

// Ends the process as soon as the hub's end of the pipe is gone, whatever the other threads do.
void die_with_hub(int order_fd);

}  // namespace ombud::sandbox
