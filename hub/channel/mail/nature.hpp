// Who wrote a mail: a person, or a machine that must not be answered (RFC 3834). Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "channel/mail/addresses.hpp"
#include "channel/mail/authentication.hpp"
#include "channel/mail/mime/message.hpp"

namespace ombud::mail {

enum class Nature {
  person,
  list,     // by a person perhaps, but through a mailing list
  machine,  // out of office, monitoring, another desk, our own mail come back
  report,   // a bounce or a read receipt (RFC 3464, RFC 8098)
};

struct NatureFound {
  Nature nature = Nature::person;
  std::string why;  // what gave it away, for the desk; empty for a person
};

// `envelope_from` is empty for the null sender; `header`: all fields, for those that only one
// program writes.
NatureFound nature_of(const ParsedMail& mail, const std::vector<HeaderField>& header,
                      std::string_view envelope_from, const DeskAddresses& desk);

}  // namespace ombud::mail
