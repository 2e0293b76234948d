#include "channel/mail/prepare.hpp"

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "channel/mail/addresses.hpp"
#include "channel/mail/mime/blocks.hpp"
#include "channel/mail/mime/calendar.hpp"
#include "desk/limits.hpp"

namespace ombud::mail {
namespace {

constexpr std::size_t kRoomForWords = 2048;  // kept free in a text for what is said around it

struct Words {
  std::string_view no_subject, no_text, unreadable, cut, whole_subject, encrypted;
};
constexpr Words kSwedish{"(utan ämne)",
                         "(mejlet har ingen text)",
                         "(mejlet gick inte att läsa: originalet är bifogat)",
                         "\n\n[…] Texten fortsätter i filen message.txt.",
                         "Ämne: ",
                         "(mejlet är krypterat: det är bifogat som det kom)"};
constexpr Words kEnglish{"(no subject)",
                         "(the mail has no text)",
                         "(the mail could not be read: the original is attached)",
                         "\n\n[…] The text goes on in the file message.txt.",
                         "Subject: ",
                         "(the mail is encrypted: it is attached as it came)"};

std::string megabytes(std::size_t bytes) {
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

}  // namespace

Prepared prepare_words(const MailRow& row, const ParsedMail& mail, const Route& route,
                       std::string& whole_text) {
  const Words& words = route.language == "en" ? kEnglish : kSwedish;
  Prepared prepared;
  prepared.message_id = mail.message_id;
  prepared.subject = std::string(cut_utf8(mail.subject, desk::kSubjectBytesMax));
  if (prepared.subject.empty()) prepared.subject = words.no_subject;

  std::string text;
  if (mail.subject.size() > desk::kSubjectBytesMax) {
    text = std::string(words.whole_subject) + mail.subject + "\n\n";
  }
  text += mail.text;
  const std::string event =
      mail.calendar ? calendar_words(*mail.calendar, route.language) : std::string();
  if (mail.calendar) {
    text += (mail.text.empty() ? "" : "\n\n") + event;
  } else if (mail.text.empty()) {
    text += mail.encrypted          ? words.encrypted
            : mail.flags.unreadable ? words.unreadable
                                    : words.no_text;
  }
  const std::size_t room = desk::kTextBytesMax - kRoomForWords;
  if (text.size() > room || mail.text_in_file) {
    if (!mail.text_in_file) whole_text = text;
    text = std::string(cut_utf8(text, room)) + std::string(words.cut);
  }
  prepared.text = std::move(text);
  if (!mail.shown.empty()) {
    prepared.shown = std::string(cut_utf8(mail.shown, room - event.size()));
    if (mail.calendar) *prepared.shown += "\n\n" + event;
  }
  prepared.blocks = mail.blocks;
  if (mail.calendar && !mail.blocks.empty()) {
    prepared.blocks = blocks_with_words(mail.blocks, event);
  }
  prepared.signed_by = mail.signed_by == SignedBy::smime     ? "smime"
                       : mail.signed_by == SignedBy::openpgp ? "openpgp"
                                                             : "";
  prepared.encrypted = mail.encrypted;
  prepared.remarks = mail.remarks;
  if (mail.delivery_report) prepared.statuses = delivery_statuses(mail);

  prepared.original.name = fmt::format("mail-{}.eml", row.id);
  prepared.original.media_type = "message/rfc822";
  prepared.original.bytes = row.bytes;
  prepared.original.sha256 = row.sha256;
  prepared.with_original = mail.flags.doubtful();
  if (route.doubted) {
    prepared.remarks.push_back(doubt_text(row.facts.authentication, route));
    prepared.with_original = true;
  }
  if (mail.flags.unreadable) {
    prepared.remarks.emplace_back(
        "The mail could not be read. The original is attached to this note.");
  } else if (mail.flags.doubtful()) {
    prepared.remarks.emplace_back(
        "The mail is damaged, so something of it may be missing. The original is attached to this "
        "note.");
  }
  if (!mail.reply_to.empty() && is_address(mail.reply_to.front().address) &&
      folded(mail.reply_to.front().address) != route.sender) {
    prepared.remarks.push_back(
        fmt::format("The sender wants answers at {}.", mail.reply_to.front().address));
  }
  return prepared;
}

std::string refusal_of(const MailAttachment& file, std::size_t taken) {
  if (file.bytes.size() > static_cast<std::size_t>(desk::kAttachmentBytesMax)) {
    return fmt::format("The file \"{}\" has {}, more than a ticket takes: it is in the original.",
                       file.name, megabytes(file.bytes.size()));
  }
  if (taken >= kAttachmentsPerMailMax) {
    return fmt::format("The file \"{}\" is one of more than {}: it is in the original.", file.name,
                       kAttachmentsPerMailMax);
  }
  return {};
}

std::string doubt_text(const MailAuthentication& found, const Route& route) {
  std::string results;
  const auto add = [&](std::string_view method, const std::string& result) {
    if (!result.empty()) {
      results += fmt::format("{}{} {}", results.empty() ? "" : ", ", method, result);
    }
  };
  add("SPF", found.spf);
  add("DKIM", found.dkim);
  add("DMARC", found.dmarc);
  return fmt::format(
      "Nobody knows who wrote this: it says {}, but {}. Do nothing on the strength of it before "
      "you "
      "have asked that person another way.",
      who_wrote(route),
      found.verdict != "fail" ? std::string("nothing proves that")
      : results.empty()       ? std::string("the mail server found that false")
                              : fmt::format("the mail server found that false ({})", results));
}

std::string who_wrote(const Route& route) {
  if (route.sender.empty()) return "somebody who did not say his address";
  return route.sender_name.empty() ? route.sender
                                   : fmt::format("{} <{}>", route.sender_name, route.sender);
}

std::string note_text(const std::vector<std::string>& remarks) {
  constexpr std::size_t kRemarksMax = 30;
  std::string text;
  for (std::size_t i = 0; i < remarks.size() && i < kRemarksMax; ++i) {
    text += (i == 0 ? "" : "\n") + remarks[i];
  }
  if (remarks.size() > kRemarksMax)
    text += fmt::format("\n… and {} more.", remarks.size() - kRemarksMax);
  return text;
}

std::string as_note_text(const Route& route, const NatureFound& nature, const Prepared& prepared) {
  std::string text;
  switch (nature.nature) {
    case Nature::person:
      text = route.doubted ? std::string("A mail to this ticket whose sender is not proven.")
                           : fmt::format("{} wrote about this ticket, but did not open it.",
                                         who_wrote(route));
      break;
    case Nature::list:
      text = fmt::format("{} wrote through a mailing list.", who_wrote(route));
      break;
    case Nature::machine:
      text = fmt::format("An automatic mail from {} ({}).", who_wrote(route), nature.why);
      break;
    case Nature::report:
      text = fmt::format("A mail of this ticket came back, or was reported on, by {} ({}).",
                         who_wrote(route), nature.why);
      break;
  }
  const std::string remarks = note_text(prepared.remarks);
  if (!remarks.empty()) text += "\n" + remarks;
  return text + "\n\n" + prepared.subject + "\n\n" + prepared.text;
}

}  // namespace ombud::mail
