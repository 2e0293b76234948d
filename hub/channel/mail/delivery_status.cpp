#include "channel/mail/delivery_status.hpp"

#include <algorithm>

#include "base/bytes.hpp"
#include "channel/mail/addresses.hpp"
#include "channel/mail/mime/charset.hpp"
#include "channel/mail/mime/header.hpp"

namespace ombud::mail {
namespace {

constexpr std::size_t kRecipientsMax = 100;
constexpr std::size_t kWhyBytesMax = 500;
constexpr std::size_t kGroupsMax = 1000;

// "rfc822; anna@kund.se" → "anna@kund.se"
std::string typed_value(const std::string& value) {
  const std::size_t semicolon = value.find(';');
  std::string rest =
      one_line(to_valid_utf8(semicolon == std::string::npos ? value : value.substr(semicolon + 1)),
               kWhyBytesMax);
  if (rest.starts_with('<') && rest.ends_with('>')) rest = rest.substr(1, rest.size() - 2);
  return rest;
}

}  // namespace

std::vector<DeliveryStatus> read_delivery_status(std::string_view part) {
  std::vector<DeliveryStatus> all;
  for (std::size_t group = 0; !part.empty() && group < kGroupsMax && all.size() < kRecipientsMax;
       ++group) {
    std::string original, final_one, action, status, diagnostic;
    part.remove_prefix(std::min(part.find_first_not_of("\r\n"), part.size()));
    HeaderReader reader(part);
    while (const auto field = reader.next()) {
      const std::string& value = field->value;
      if (field->name == "original-recipient") original = typed_value(value);
      if (field->name == "final-recipient") final_one = typed_value(value);
      if (field->name == "action") {
        action = folded(one_line(to_valid_utf8(value.substr(0, value.find('('))), 32));
      }
      if (field->name == "status") status = one_line(to_valid_utf8(value), 32);
      if (field->name == "diagnostic-code") diagnostic = typed_value(value);
    }
    part = reader.rest();
    if (action.empty()) continue;  // about the message as a whole, or nothing at all
    DeliveryStatus one;
    one.address = folded(original.empty() ? final_one : original);
    one.why = !diagnostic.empty() ? diagnostic : !status.empty() ? status : action;
    if (action == "failed") {
      one.what =
          status.starts_with('4') ? DeliveryStatus::What::given_up : DeliveryStatus::What::failed;
    } else if (action == "delayed") {
      one.what = DeliveryStatus::What::delayed;
    }
    all.push_back(std::move(one));
  }
  return all;
}

std::vector<DeliveryStatus> delivery_statuses(const ParsedMail& mail) {
  for (const MailAttachment& file : mail.attachments) {
    if (file.media_type == "message/delivery-status" ||
        file.media_type == "message/global-delivery-status") {
      return read_delivery_status(file.bytes);
    }
  }
  return {};
}

}  // namespace ombud::mail
