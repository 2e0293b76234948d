#include "channel/mail/reading.hpp"

#include "base/bytes.hpp"
#include "channel/mail/authentication.hpp"
#include "desk/limits.hpp"

namespace ombud::mail {
namespace {

constexpr std::size_t kNameBytesMax = 255;

}  // namespace

std::shared_ptr<ReadMail> read_mail(std::string_view raw, const std::string& envelope_from,
                                    const DeskAddresses& desk,
                                    const std::vector<std::string>& trusted, bool parse) {
  auto read = std::make_shared<ReadMail>();
  if (parse) {
    read->mail = parse_mail(raw);
  } else {
    read->mail.flags.unreadable = true;
  }
  const ParsedMail& mail = read->mail;
  const std::vector<HeaderField> header = parse ? header_fields(raw) : std::vector<HeaderField>{};
  read->nature = nature_of(mail, header, envelope_from, desk);
  MailFacts& facts = read->facts;
  facts.sender = is_address(mail.from.address) ? folded(mail.from.address) : folded(envelope_from);
  facts.sender_name = cut_utf8(mail.from.name, kNameBytesMax);
  facts.subject = cut_utf8(mail.subject, desk::kSubjectBytesMax);
  facts.authentication = authenticate(header, facts.sender, trusted, mail.from_sure);
  return read;
}

}  // namespace ombud::mail
