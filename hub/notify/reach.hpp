// Whom an answer of the desk reaches, before it is written: so that nobody believes to have told
// somebody whom he has not.
#pragma once

#include <string>
#include <string_view>

#include "domain/words.hpp"
#include "store/tickets.hpp"

namespace ombud::notify {

enum class Way { none, portal, mail };

struct Reach {
  Way way = Way::none;   // the best that any of the ticket's people has
  std::string_view why;  // unless it is mail: no_requester, no_mail_out, no_address, own_choice
};
// Of the requester and the participants, as they and the configuration are now. The portal counts
// for who has an account.
Reach reach_of(Tx& tx, const Ticket& ticket);
// `why` in a sentence for who runs the desk, with the remedy; empty for none.
std::string why_in_words(const Reach& reach);

}  // namespace ombud::notify

namespace ombud {
template <>
inline constexpr std::array kWords<notify::Way>{
    std::pair{notify::Way::none, std::string_view("none")},
    std::pair{notify::Way::portal, std::string_view("portal")},
    std::pair{notify::Way::mail, std::string_view("mail")}};
}  // namespace ombud
