// Reads the bytes of a mail: what it says, what is behind it, and what a server that we trust says
// of its sender. Pure; belongs on a worker.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "channel/mail/addresses.hpp"
#include "channel/mail/mail_rows.hpp"
#include "channel/mail/mime/message.hpp"
#include "channel/mail/nature.hpp"

namespace ombud::mail {

struct ReadMail {
  ParsedMail mail;
  NatureFound nature;
  MailFacts facts;
};

// `trusted`: servers whose Authentication-Results are believed. Without `parse` as a mail of which
// nothing could be understood.
std::shared_ptr<ReadMail> read_mail(std::string_view raw, const std::string& envelope_from,
                                    const DeskAddresses& desk,
                                    const std::vector<std::string>& trusted, bool parse);

}  // namespace ombud::mail
