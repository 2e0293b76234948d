// Mail addresses as the desk compares them, and which of them are its own. Pure functions and a
// value.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ombud::mail {

// Lower case (ASCII letters only; the rest of SMTPUTF8 stays as it is), without white space around.
std::string folded(std::string_view text);
// "Anna.Berg+x@A.SE" → "anna.berg@a.se": folded, the part from the first '+' of the local part
// gone.
std::string plain_address(std::string_view address);
// The folded part behind the last '@'; empty if there is none.
std::string domain_of(std::string_view address);
// The part before the last '@'; all of it if there is none.
std::string_view local_part_of(std::string_view address);
// Good enough to write to: something on both sides of one '@', no white space or control
// characters, at most 254 bytes.
bool is_address(std::string_view text);

// The addresses at which the desk can be reached: whole addresses, and domains where every address
// is the desk's. "desk+anything@x.se" is "desk@x.se". Immutable.
class DeskAddresses {
 public:
  DeskAddresses(const std::vector<std::string>& addresses, const std::vector<std::string>& domains);
  // Also `postmaster`, alone or at a domain of ours (RFC 5321 section 4.5.1).
  bool accepts(std::string_view recipient) const;
  // The desk writes from here: a mail that says so came round in a loop. Whole addresses only.
  bool is_own(std::string_view address) const;

 private:
  std::vector<std::string> addresses_, domains_, all_domains_;
};

}  // namespace ombud::mail
