// What an operator wants to know of an address before anything is sent there: its name, the way to
// it, its certificate, its clock. Looks only; needs no credentials.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "connector_host/host/origin.hpp"

namespace ombud {

// One finding for people: sdk/DOCUMENTS.md, "From `probe`".
std::string finding(std::string_view check, std::string_view subject, std::string_view state,
                    std::string_view detail, std::string_view advice = "");

// Pushes a finding for each of name, connection, certificate (https) and clock, as far as it gets;
// takes at most `most_ms`, and what a look-up of a name takes. `now_s`: seconds since 1970.
void reach(const Origin& origin, std::int64_t most_ms, std::int64_t now_s,
           const std::function<void(std::string)>& found);

}  // namespace ombud
