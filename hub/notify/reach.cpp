#include "notify/reach.hpp"

#include <vector>

#include "notify/preferences.hpp"
#include "store/directory.hpp"
#include "store/identity.hpp"
#include "store/ticket_ties.hpp"

namespace ombud::notify {
namespace {

constexpr std::string_view kNoRequester = "no_requester";
constexpr std::string_view kNoMailOut = "no_mail_out";
constexpr std::string_view kNoAddress = "no_address";
constexpr std::string_view kOwnChoice = "own_choice";

bool may_sign_in(Tx& tx, PersonId person) {
  const auto id = account_of_person(tx, person);
  const auto account = id ? find_account(tx, *id) : std::nullopt;
  return account && !account->disabled_at;
}

}  // namespace

Reach reach_of(Tx& tx, const Ticket& ticket) {
  std::vector<PersonId> people;
  if (ticket.requester.value != 0) people.push_back(ticket.requester);
  for (const Participant& one : participants_of(tx, ticket.id)) people.push_back(one.person);
  const bool mail_out = notices_link(tx).has_value();
  Reach reach{Way::none, people.empty() ? kNoRequester : kNoMailOut};
  bool chose = false, addressed = false;
  for (const PersonId id : people) {
    const auto person = find_person(tx, id);
    if (!person) continue;
    const Ways ways = preferences_of(tx, id).of(Kind::replied);
    if (mail_out && ways.mail && !person->email.empty()) return {Way::mail, {}};
    chose = chose || (!ways.mail && !person->email.empty());
    addressed = addressed || !person->email.empty();
    if (ways.portal && may_sign_in(tx, id)) reach.way = Way::portal;
  }
  if (mail_out && !people.empty()) reach.why = chose && addressed ? kOwnChoice : kNoAddress;
  return reach;
}

std::string why_in_words(const Reach& reach) {
  if (reach.why == kNoRequester) {
    return "the ticket has no requester; set one: PATCH /tickets/{ticket} {\"requester\": …}";
  }
  if (reach.why == kNoMailOut) {
    return "no mail leaves this hub: add a link of kind = \"notices\" in config/suppliers";
  }
  if (reach.why == kNoAddress) return "nobody of the ticket has an e-mail address; call instead";
  if (reach.why == kOwnChoice) return "they chose to have no mail about answers";
  return {};
}

}  // namespace ombud::notify
