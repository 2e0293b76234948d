// What is kept of a person beside his row in the directory: letters that have not left, and the
// mails that came from his address. Called where he is erased or removed (store/leaving.hpp).
#pragma once

#include <string_view>

#include "store/store.hpp"

namespace ombud {

// Letters of the desk to him that have not left never leave, and their words go: those of his
// tickets, digests, and of major incidents. One that is under way cannot be called back. How many.
int drop_letters_to(Tx& tx, PersonId person);
// Those about no ticket that go to this address: what an account is told.
int drop_letters_to(Tx& tx, std::string_view address);

// Neither names nor addresses of him stand beside the mails that he wrote, also those that are tied
// to no ticket, nor beside those that did not reach him. Untied mails stay as they are if another
// person has the same address: they may be his. `address`: lower case; may be empty.
void forget_mails(Tx& tx, PersonId person, std::string_view address);

}  // namespace ombud
