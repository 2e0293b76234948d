// What an operator should know of a link that does not work as it should, from the store and from
// its process, each with what to do next.
#pragma once

#include <vector>

#include "http/link_control.hpp"
#include "http/route.hpp"
#include "store/link_troubles.hpp"

namespace ombud::http {

extern const Schema kLinkTroubleSchema;

// `kept` and what the host saw of the supplier's server: a certificate that ends soon, a clock that
// is wrong. `host` may be null.
std::vector<LinkTrouble> all_troubles(std::vector<LinkTrouble> kept, std::string_view link,
                                      const HostReport* host, Instant now);
void write_troubles(json::Writer& out, const std::vector<LinkTrouble>& troubles);

}  // namespace ombud::http
