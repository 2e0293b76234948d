#include "channel/mail/delivery_status.hpp"

#include <algorithm>

#include "base/bytes.hpp"
#include "channel/mail/addresses.hpp"
#include "channel/mail/authentication.hpp"
#include "channel/mail/mime/charset.hpp"

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

// The bytes up to the next empty line; `rest` goes on behind it.
std::string_view next_group(std::string_view& rest) {
  while (!rest.empty() && (rest.front() == '\r' || rest.front() == '\n')) rest.remove_prefix(1);
  const std::string_view all = rest;
  std::size_t at = 0;
  while (at < all.size()) {
    const std::size_t end = std::min(all.find('\n', at), all.size());
    const std::string_view line = all.substr(at, end - at);
    if (line.empty() || line == "\r") break;
    at = std::min(end + 1, all.size());
  }
  rest = all.substr(at);
  return all.substr(0, at);
}

}  // namespace

std::vector<DeliveryStatus> read_delivery_status(std::string_view part) {
  std::vector<DeliveryStatus> all;
  for (std::size_t group = 0; !part.empty() && group < kGroupsMax && all.size() < kRecipientsMax;
       ++group) {
    std::string original, final_one, action, status, diagnostic;
    for (const HeaderField& field : header_fields(next_group(part))) {
      if (field.name == "original-recipient") original = typed_value(field.value);
      if (field.name == "final-recipient") final_one = typed_value(field.value);
      if (field.name == "action") {
        action = folded(one_line(to_valid_utf8(field.value.substr(0, field.value.find('('))), 32));
      }
      if (field.name == "status") status = one_line(to_valid_utf8(field.value), 32);
      if (field.name == "diagnostic-code") diagnostic = typed_value(field.value);
    }
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
