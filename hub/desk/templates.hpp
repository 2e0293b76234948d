// Texts that agents write again and again, with gaps that are filled from a ticket: {{user.name}}.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "store/desk_aids.hpp"

namespace ombud::desk {

// What a template of this audience may name. To a supplier leaves only what an agreement shares, so
// its templates name the desk and the ticket's number and nothing else.
std::vector<std::string_view> gaps_for(std::string_view audience);

// `one.id` 0: a new one. `one.actions` is a JSON object that the caller has checked. Refused is a
// gap that nobody can fill; braces around anything else are text like any other.
Result<Template> save_template(Tx& tx, Template one);
Result<void> remove_template(Tx& tx, TemplateId id);
// The text with its gaps filled, once: what stands in a name is never a gap.
Result<std::string> render_template(Tx& tx, TemplateId id, TicketId ticket);

// The pieces of `text`; a gap is "{{name}}" with spaces allowed inside, name of a-z, '_' and '.'
// with at least one '.'.
struct Piece {
  std::string_view text;
  bool gap = false;  // text is then the name
};
std::vector<Piece> pieces_of(std::string_view text);

}  // namespace ombud::desk
