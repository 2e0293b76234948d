// What an operator reads about a link that does not work as it should, and what to do next.
#pragma once

#include <string>
#include <string_view>

#include "store/link_troubles.hpp"

namespace ombud::desk {

// An outcome that is no success. `about`: "poll", "write" or "lookup"; `status`: a word of the
// wire, such as "rate_limited"; `message`: what connector and host said.
LinkTrouble trouble_with(std::string_view link, std::string_view about, std::string_view status,
                         std::string_view message);

// The supplier has a status that the link's file does not map. `word`: as it came.
LinkTrouble unmapped_status(std::string_view link, std::string_view connector,
                            std::string_view supplier, std::string_view word);

}  // namespace ombud::desk
