// What a mail server that we trust found out about a mail's sender: the Authentication-Results
// fields (RFC 8601) that it wrote, and only those. Pure; takes any bytes.
//
// Everything in a mail but what our own servers put on top of it is in the sender's hands, fields
// with our server's name included. RFC 8601 section 5 has that server remove such fields; should it
// not, these rules keep them from counting:
//  - Only fields with one of the trusted authserv-ids, above the Received field by which the mail
//    came in from outside; if none stands there (some servers write below their own Received),
//    the topmost directly below it. Received fields between our own servers are passed over: told
//    by the peer's address or proven name, never by what it called itself.
//  - Of each method the topmost field that speaks of it counts, whatever stands further down.
//  - Contradictions within it (words smuggled into a comment) count as the worse one.
// A server in front that writes no field and removes none cannot be told from a forger: do not
// trust it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "channel/mail/mime/header.hpp"
#include "store/mails.hpp"

namespace ombud::mail {

// `trusted`: authserv-ids, lower case; none: nothing is believed and the verdict is "none".
// `from`: the address that the mail is read as being from. `sure`: it is the one valid address of
// From. If it is not (Sender's, the envelope's, one of several), nobody judged it by DMARC: it
// passes by SPF or DKIM of its own domain, and fails without.
//
// verdict  pass: DMARC passed; or, where the domain has no DMARC, SPF or DKIM did for a domain that
//          is the same organisation's as From's.
//          fail: DMARC failed, whatever the domain asks to be done then; or, without DMARC, SPF or
//          DKIM of From's own domain failed and neither passed; or it is not clear whom the mail is
//          from (several From fields, or the server judged another one).
//          none: nothing was said, or nothing that settles it.
MailAuthentication authenticate(const std::vector<HeaderField>& header, std::string_view from,
                                const std::vector<std::string>& trusted, bool sure = true);

}  // namespace ombud::mail
