// E-mail addresses as people type them, in the one form by which an account is found.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ombud::identity {

// "Erik@Alfa.example " reads "erik@alfa.example": lower case, composed (NFC), a domain beyond ASCII
// as the network knows it ("å.example" reads "xn--5ca.example"), so that nobody has two accounts by
// writing his address in two ways. Nothing if it is no address, or holds what nobody sees.
std::optional<std::string> email_from(std::string_view written);

}  // namespace ombud::identity
