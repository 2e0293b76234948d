#include "desk/templates.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.hpp"
#include "desk/access.hpp"
#include "desk/limits.hpp"
#include "desk/tickets.hpp"

namespace ombud::desk {
namespace {

constexpr std::string_view kForAll[] = {"ticket.reference", "desk.name", "desk.email"};
constexpr std::string_view kForUs[] = {"ticket.subject", "ticket.service", "ticket.team",
                                       "user.name",      "user.email",     "user.phone",
                                       "customer.name",  "agent.name"};

bool is_gap_name(std::string_view name) {
  return name.find('.') != std::string_view::npos &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || c == '_' || c == '.'; });
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

// What stands in a gap; empty if it is not known.
std::string filling(Tx& tx, const Ticket& ticket, std::string_view name) {
  if (name == "ticket.reference") return reference_of(ticket.id);
  if (name == "ticket.subject") return ticket.subject;
  if (name == "ticket.service") {
    const auto service = find_service(tx, ticket.service);
    return service ? service->name : "";
  }
  if (name == "ticket.team") {
    const auto team = find_team(tx, ticket.team);
    return team ? team->name : "";
  }
  if (name == "desk.name") return desk_identity(tx).name;
  if (name == "desk.email") return desk_identity(tx).email;
  if (name == "customer.name") {
    const auto customer = find_customer(tx, ticket.customer);
    return customer ? customer->name : "";
  }
  if (name == "agent.name") {
    const auto agent = find_agent(tx, own_agent(tx.principal()));
    return agent ? agent->name : tx.principal().name;
  }
  const auto person = find_person(tx, ticket.requester);
  if (!person) return "";
  return name == "user.name" ? person->name : name == "user.email" ? person->email : person->phone;
}

}  // namespace

std::vector<std::string_view> gaps_for(std::string_view audience) {
  std::vector<std::string_view> all(std::begin(kForAll), std::end(kForAll));
  if (audience != "supplier") all.insert(all.end(), std::begin(kForUs), std::end(kForUs));
  return all;
}

std::vector<Piece> pieces_of(std::string_view text) {
  std::vector<Piece> pieces;
  std::size_t begin = 0;
  for (std::size_t at = text.find("{{"); at != std::string_view::npos; at = text.find("{{", at)) {
    // Of "{{{{a.b}}" the innermost braces count.
    while (at + 2 < text.size() && text[at + 2] == '{') ++at;
    const std::size_t end = text.find("}}", at + 2);
    if (end == std::string_view::npos) break;
    const std::string_view name = trimmed(text.substr(at + 2, end - at - 2));
    if (!is_gap_name(name)) {
      at += 2;
      continue;
    }
    if (at > begin) pieces.push_back({text.substr(begin, at - begin), false});
    pieces.push_back({name, true});
    at = begin = end + 2;
  }
  if (begin < text.size()) pieces.push_back({text.substr(begin), false});
  return pieces;
}

Result<Template> save_template(Tx& tx, Template one) {
  if (auto refused = needs_whole_desk(tx)) return *refused;
  if (one.id.value != 0 && !find_template(tx, one.id)) return not_found("template");
  if (one.text.size() > kTemplateBytesMax || !is_utf8(one.text)) {
    return invalid("/text", fmt::format("must be UTF-8 of at most {} bytes", kTemplateBytesMax));
  }
  const auto known = gaps_for(one.audience);
  for (const Piece& piece : pieces_of(one.text)) {
    if (!piece.gap || std::find(known.begin(), known.end(), piece.text) != known.end()) continue;
    return invalid("/text",
                   fmt::format("has the gap {{{{{}}}}}, which nobody can fill{}; known "
                               "are {}",
                               piece.text, one.audience == "supplier" ? " for a supplier" : "",
                               fmt::join(known, ", ")));
  }
  const auto same = find_template(tx, one.name, one.language, one.audience);
  if (same && same->id != one.id) {
    return conflict(
        fmt::format("There is a template \"{}\" in that language for that audience "
                    "already (number {}).",
                    one.name, same->id.value));
  }
  if (one.id.value == 0 && list_templates(tx).size() >= kTemplatesMax) {
    return problem(ProblemKind::too_large,
                   fmt::format("There are {} templates already; remove one first.", kTemplatesMax));
  }
  one.id = put_template(tx, one);
  return one;
}

Result<void> remove_template(Tx& tx, TemplateId id) {
  if (auto refused = needs_whole_desk(tx)) return *refused;
  if (!drop_template(tx, id)) return not_found("template");
  return {};
}

Result<std::string> render_template(Tx& tx, TemplateId id, TicketId ticket_id) {
  if (auto refused = needs_inside(tx)) return *refused;
  const auto one = find_template(tx, id);
  if (!one) return not_found("template");
  const auto ticket = visible_ticket(tx, ticket_id);
  if (!ticket) return invalid("/ticket", "there is no such ticket");
  std::string text;
  for (const Piece& piece : pieces_of(one->text)) {
    text += piece.gap ? filling(tx, *ticket, piece.text) : std::string(piece.text);
  }
  return text;
}

}  // namespace ombud::desk
