// The hub's mails to one person about his account, over the desk's own link to users. Each has a
// lane of its own, so that one that cannot be delivered holds up nobody.
#pragma once

#include <string_view>

#include "identity/settings.hpp"
#include "store/identity.hpp"

namespace ombud::identity {

enum class Letter { invitation, reset };

// In his language, in the transaction of what it tells about. False: the desk sends no mail.
bool send_letter(Tx& tx, const Account& account, Letter letter, std::string_view url,
                 const FrameLetter& frame = {});

// That a token was made, and where it is revoked if it was not he. False as above.
bool send_token_letter(Tx& tx, const Account& account, const AccountToken& token,
                       std::string_view url, const FrameLetter& frame = {});

}  // namespace ombud::identity
