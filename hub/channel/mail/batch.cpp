#include "channel/mail/batch.hpp"

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace ombud::mail {
namespace {

using Nothing = std::monostate;

// Nothing: it takes more than the store.
std::optional<Result<Nothing>> apply_one(Tx& tx, const BatchMail& mail, const RouteOptions& routes,
                                         const ApplyOptions& options) {
  MailRow row = mail.row;
  row.facts = mail.read->facts;
  const NatureFound& nature = mail.read->nature;
  const Route route = find_route(tx, row, mail.read->mail, nature.nature, routes);
  if (route.way == Way::duplicate) return apply_copy(tx, row, route);
  const bool fresh = route.way == Way::fresh && route.link.empty();
  if (!fresh && route.way != Way::note) return std::nullopt;
  if (!mail.read->mail.attachments.empty()) return std::nullopt;
  std::string whole_text;
  const Prepared prepared = prepare_words(row, mail.read->mail, route, whole_text);
  if (!whole_text.empty()) return std::nullopt;
  if (!fresh) return apply_mail_note(tx, row, route, nature, prepared);
  return apply_ticket(tx, row, route, nature, prepared, options, false);
}

}  // namespace

Result<std::size_t> apply_batch(Tx& tx, const std::vector<BatchMail>& mails,
                                const RouteOptions& routes, const ApplyOptions& options) {
  std::size_t done = 0;
  for (const BatchMail& mail : mails) {
    if (!mail.read) break;
    const std::optional<Result<Nothing>> applied = apply_one(tx, mail, routes, options);
    if (!applied) break;
    if (!*applied) return applied->error();
    ++done;
  }
  return done;
}

}  // namespace ombud::mail
