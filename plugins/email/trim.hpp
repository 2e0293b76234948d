// Finds what a person wrote in a reply, apart from the quoted history and the signature below it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "email/settings.hpp"

namespace ombud::email {

// The text above the quoted history and without the signature. The rules know the separators of
// Outlook, Gmail, Apple Mail and Thunderbird in Swedish and English. They are conservative: answers
// between quoted lines keep the whole text, and if nothing would be left everything stays. (The hub
// keeps the raw mail, so nothing is lost in any case.)
std::string trim_reply(std::string_view text);

// A command at the top of a reply.
struct Command {
  std::string status;        // as in ombud.change/1; empty: there is none
  std::string word;          // as the supplier wrote it
  std::string text_without;  // the reply without the word
};
// Looks at the first kCommandLines lines that are not blank; upper and lower case are alike. The
// word must be followed by the end of the line, a space or a mark such as '.' or ':'.
Command find_command(std::string_view reply, const std::vector<CommandWord>& words);

}  // namespace ombud::email
