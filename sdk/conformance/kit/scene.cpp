#include "conformance/kit/scene.hpp"

#include <algorithm>

namespace ombud::conformance {
namespace {

bool any_field(const Fields& fields, std::string_view needle) {
  return std::any_of(fields.begin(), fields.end(), [&](const auto& field) {
    return field.second.find(needle) != std::string::npos;
  });
}

}  // namespace

Made make_ticket(Kit& kit, Stage& stage, const TicketText& text) {
  Made made;
  made.correlation = kit.correlation();
  const std::size_t before = stage.supplier().tickets().size();
  const Outcome outcome =
      stage.put_ticket({.correlation = made.correlation, .body = ticket_json(text)});
  kit.worked(outcome, "put_ticket (create)");
  const auto tickets = stage.supplier().tickets();
  expect(tickets.size() == before + 1, "put_ticket answered ok, and the supplier has " +
                                           std::to_string(tickets.size() - before) +
                                           " new tickets." + list(outcome.exchanges));
  made.external_id = external_id_of(outcome.documents);
  expect(!made.external_id.empty(), "put_ticket answered ok without an external_id.");
  made.id = tickets.back()->id;
  return made;
}

const Ticket& ticket_of(Stage& stage, const Made& made) {
  return *stage.supplier().ticket(made.id);
}

bool mentions(const Ticket& ticket, std::string_view needle) {
  return any_field(ticket.fields, needle);
}
bool mentions(const Comment& comment, std::string_view needle) {
  return comment.text.find(needle) != std::string::npos || any_field(comment.fields, needle);
}
bool mentions(const File& file, std::string_view needle) {
  return file.name.find(needle) != std::string::npos || any_field(file.fields, needle);
}

std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n' || static_cast<unsigned char>(c) >= 0x20) out += c;
  }
  out.erase(out.find_last_not_of(" \n") + 1);
  return out;
}

}  // namespace ombud::conformance
