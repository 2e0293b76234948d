// The MIME tree of one mail: which part is its text, which are attachments. Part of message.hpp.
#pragma once

#include <gmime/gmime.h>

#include "channel/mail/mime/message.hpp"

namespace ombud::mail {

// Fills text, attachments, delivery_report, reported_ids and flags. `root` may be null.
void read_body(GMimeObject* root, const ParseLimits& limits, ParsedMail& mail);

}  // namespace ombud::mail
