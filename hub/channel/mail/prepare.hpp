// What a mail says, in the sizes that a ticket takes. Pure; nothing is dropped without a word about
// it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "channel/mail/delivery_status.hpp"
#include "channel/mail/mail_rows.hpp"
#include "channel/mail/mime/message.hpp"
#include "channel/mail/nature.hpp"
#include "channel/mail/route.hpp"
#include "desk/tickets.hpp"

namespace ombud::mail {

inline constexpr std::size_t kAttachmentsPerMailMax = 100;

struct Prepared {
  std::string subject;  // never empty, at most desk::kSubjectBytesMax
  std::string text;     // never empty, at most desk::kTextBytesMax
  std::string message_id;
  std::optional<std::string> shown;  // without history and signature; nothing: that is all of it
  std::string blocks;                // the formatted body; may be empty
  std::string signed_by;             // "smime", "openpgp" or empty
  bool encrypted = false;
  std::vector<desk::NewAttachment> attachments;  // their bytes are in the blob store
  // Where each attachment of the mail is in `attachments`: for the images in `blocks`.
  std::vector<std::optional<std::size_t>> places;
  std::vector<DeliveryStatus> statuses;  // of a report
  std::vector<std::string> remarks;      // for the desk: one sentence each
  bool with_original = false;            // the desk needs the mail itself
  desk::NewAttachment original;          // the raw mail, always set
};

// The words of the mail; attachments are added by the caller. `whole_text` gets the full text when
// it had to be cut and no attachment has it, else stays empty.
Prepared prepare_words(const MailRow& row, const ParsedMail& mail, const Route& route,
                       std::string& whole_text);
// Why an attachment cannot be taken, as a remark; empty if it can. `taken`: how many were before
// it.
std::string refusal_of(const MailAttachment& file, std::size_t taken);

// The note that goes with a mail: the remarks and, if `nature` is not a person's, what gave it
// away.
std::string note_text(const std::vector<std::string>& remarks);
// A mail that becomes a note itself: who wrote it, what it says.
std::string as_note_text(const Route& route, const NatureFound& nature, const Prepared& prepared);
// Why its sender is doubted, in one sentence.
std::string doubt_text(const MailAuthentication& found, const Route& route);
// "Anna Berg <anna@kund.se>", or "somebody who did not say his address".
std::string who_wrote(const Route& route);

}  // namespace ombud::mail
