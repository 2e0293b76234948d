// How a link's troubles are shown.
#pragma once

#include <optional>

#include "cli/commands/words.hpp"

namespace ombud::cli {

// One line: the first reason why a link is not well; empty if it is.
std::string why_of(json::View link);
// A hub that knows no such link is right, and yet its file may lie here: then that is said.
Failure explained(const Context& on, const std::string& link, Failure failure);
// Whether the desk's letters leave: a link of kind "notices" is on. Nothing: we may not look.
std::optional<bool> letters_leave(Context& on);
// Each trouble with its next step.
void print_troubles(Context& on, json::View link);

}  // namespace ombud::cli
