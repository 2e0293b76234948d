// What the HTML of a letter may not hold, because mail programs refuse it or because it would tell
// somebody that the letter was opened: scripts, forms, frames, style sheets and anything that is
// fetched. Looks at a template's source; what stands in {{…}} is escaped when it is filled in. Not
// a defence against the operator, who may write what he likes, but a help for him.
#pragma once

#include <string_view>
#include <vector>

#include "notify/letters/template.hpp"

namespace ombud::notify {

std::vector<TemplateMistake> markup_mistakes(std::string_view html);

}  // namespace ombud::notify
