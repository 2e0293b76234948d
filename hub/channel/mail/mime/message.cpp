#include "channel/mail/mime/message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "base/bytes.hpp"
#include "channel/mail/addresses.hpp"
#include "channel/mail/mime/assemble.hpp"
#include "channel/mail/mime/body.hpp"
#include "channel/mail/mime/charset.hpp"
#include "channel/mail/mime/encoded_words.hpp"
#include "channel/mail/mime/gobject.hpp"
#include "channel/mail/mime/header.hpp"
#include "channel/mail/mime/structure.hpp"

namespace ombud::mail {
namespace {

constexpr int kHeadersMax = 2000;
constexpr int kAddressesMax = 500;
constexpr std::size_t kMessageIdBytesMax = 998;

void start_gmime() {
  static std::once_flag once;
  std::call_once(once, [] { g_mime_init(); });
}

void collect(InternetAddressList* list, std::vector<MailAddress>& into, int depth) {
  if (list == nullptr || depth > 4) return;
  const int count = internet_address_list_length(list);
  for (int i = 0; i < count && into.size() < kAddressesMax; ++i) {
    InternetAddress* one = internet_address_list_get_address(list, i);
    if (INTERNET_ADDRESS_IS_GROUP(one)) {
      collect(internet_address_group_get_members(INTERNET_ADDRESS_GROUP(one)), into, depth + 1);
    } else if (INTERNET_ADDRESS_IS_MAILBOX(one)) {
      MailAddress address;
      address.name = one_line(text_of(internet_address_get_name(one)), 255);
      address.address =
          one_line(text_of(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(one))), 320);
      if (!address.address.empty() || !address.name.empty()) into.push_back(std::move(address));
    }
  }
}

// What a header field says as text; of several fields of that name, the first that says something.
std::string raw_header(GMimeMessage* message, std::string_view wanted) {
  GMimeHeaderList* headers = g_mime_object_get_header_list(GMIME_OBJECT(message));
  const int count = std::min(g_mime_header_list_get_count(headers), kHeadersMax);
  for (int i = 0; i < count; ++i) {
    GMimeHeader* header = g_mime_header_list_get_header_at(headers, i);
    if (folded(text_of(g_mime_header_get_name(header))) != wanted) continue;
    std::string value = text_of(g_mime_header_get_raw_value(header));
    if (!folded(value).empty()) return value;
  }
  return {};
}

std::vector<MailAddress> addresses(GMimeMessage* message, GMimeParserOptions* options,
                                   std::string_view header) {
  std::vector<MailAddress> all;
  const std::string text = join_words(raw_header(message, header));
  const Owned<InternetAddressList> list(internet_address_list_parse(options, text.c_str()));
  collect(list.get(), all, 0);
  return all;
}

MailAddress sender(GMimeMessage* message, GMimeParserOptions* options, bool& sure) {
  MailAddress fallback;
  for (const std::string_view header : {"from", "sender"}) {
    std::vector<MailAddress> all = addresses(message, options, header);
    sure = header == "from" && std::count_if(all.begin(), all.end(), [](const MailAddress& one) {
                                 return is_address(one.address);
                               }) == 1;
    for (MailAddress& one : all) {
      if (is_address(one.address)) return std::move(one);
      if (fallback.name.empty()) fallback = std::move(one);
    }
  }
  if (!fallback.name.empty()) return fallback;
  // "Copier, floor 2 <>" is no address to GMime, but it says who wrote.
  const std::string text = decode_words(raw_header(message, "from"));
  fallback.name = one_line(text.substr(0, text.find('<')), 255);
  if (fallback.name.starts_with('"') && fallback.name.ends_with('"') && fallback.name.size() > 1) {
    fallback.name = fallback.name.substr(1, fallback.name.size() - 2);
  }
  return fallback;
}

// "auto-replied; owner-email=…" → "auto-replied"
std::string keyword(const std::string& value) {
  return folded(std::string_view(value).substr(0, value.find_first_of(";(")));
}

void read_header(const std::string& name, const std::string& value, ParsedMail& mail) {
  if (name == "subject") {
    if (mail.subject.empty()) mail.subject = one_line(value, kHeaderBytesMax);
  } else if (name == "auto-submitted") {
    mail.auto_submitted = keyword(one_line(value, 255));
  } else if (name == "precedence") {
    mail.precedence = keyword(one_line(value, 255));
  } else if (name == "return-path") {
    mail.return_path = one_line(value, 320);
  } else if (name == "list-id" || name == "list-unsubscribe") {
    mail.list_header = true;
  } else if (name == "x-loop" || name.starts_with("x-ombud")) {
    mail.loop_header = true;
  } else if (name == "x-autoreply" || name == "x-autorespond" || name == "x-autoresponse" ||
             name == "x-auto-response-suppress") {
    mail.autoreply_header = true;
  }
}

void read_headers(GMimeMessage* message, ParsedMail& mail) {
  GMimeHeaderList* headers = g_mime_object_get_header_list(GMIME_OBJECT(message));
  const int count = std::min(g_mime_header_list_get_count(headers), kHeadersMax);
  std::string references, in_reply_to;
  for (int i = 0; i < count; ++i) {
    GMimeHeader* header = g_mime_header_list_get_header_at(headers, i);
    const std::string name = folded(text_of(g_mime_header_get_name(header)));
    const std::string value = decode_words(text_of(g_mime_header_get_raw_value(header)));
    if (name == "references" && references.empty()) {
      references = text_of(g_mime_header_get_raw_value(header));
    } else if (name == "in-reply-to" && in_reply_to.empty()) {
      in_reply_to = text_of(g_mime_header_get_raw_value(header));
    } else if (name == "message-id" && mail.message_id.empty()) {
      const auto ids = message_ids(text_of(g_mime_header_get_raw_value(header)));
      if (!ids.empty()) mail.message_id = ids.front();
    } else {
      read_header(name, value, mail);
    }
  }
  mail.references = message_ids(references);
  if (mail.references.size() > kReferencesMax) {
    mail.references.erase(mail.references.begin(), mail.references.end() - kReferencesMax);
  }
  for (const std::string& id : message_ids(in_reply_to)) {
    if (mail.in_reply_to.empty()) mail.in_reply_to = id;
    if (std::find(mail.references.begin(), mail.references.end(), id) == mail.references.end() &&
        mail.references.size() < 2 * kReferencesMax) {
      mail.references.push_back(id);
    }
  }
}

std::optional<Instant> date_of(GMimeMessage* message) {
  GDateTime* date = g_mime_message_get_date(message);
  if (date == nullptr) return std::nullopt;
  const std::int64_t seconds = g_date_time_to_unix(date);
  const Instant at = instant_of(seconds * 1000);
  if (at < instant_of(0) || at > kNever) return std::nullopt;
  return at;
}

bool blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// Up to the first empty line.
std::size_t header_bytes(std::string_view raw) {
  return std::min({raw.find("\r\n\r\n"), raw.find("\n\n"), raw.size()});
}

std::string_view body_of(std::string_view raw) {
  return raw.substr(std::min(header_bytes(raw) + 2, raw.size()));
}

}  // namespace

std::vector<std::string> message_ids(std::string_view text) {
  std::vector<std::string> ids;
  while (true) {
    const std::size_t start = text.find('<');
    if (start == std::string_view::npos) break;
    text.remove_prefix(start + 1);
    const std::size_t end = text.find_first_of("<>");
    if (end == std::string_view::npos) break;
    if (text[end] == '<') continue;
    std::string id;
    for (const char c : text.substr(0, std::min(end, 2 * kMessageIdBytesMax))) {
      if (static_cast<unsigned char>(c) > ' ') id += c;
    }
    text.remove_prefix(end + 1);
    // It goes out again as it is, in In-Reply-To.
    const bool ascii = std::all_of(id.begin(), id.end(),
                                   [](char c) { return static_cast<unsigned char>(c) < 0x7F; });
    if (!id.empty() && id.size() <= kMessageIdBytesMax && ascii) ids.push_back("<" + id + ">");
  }
  return ids;
}

ParsedMail parse_mail(std::string_view raw, const ParseLimits& limits) {
  start_gmime();
  ParsedMail mail;
  std::string without_nul;
  const std::size_t nul = raw.find('\0');
  if (nul != std::string_view::npos && nul < header_bytes(raw)) {  // GMime's headers end at a NUL
    without_nul = raw;
    std::replace(without_nul.begin(),
                 without_nul.begin() + static_cast<std::ptrdiff_t>(header_bytes(raw)), '\0', ' ');
    raw = without_nul;
  }
  const std::optional<std::string> bounded = bounded_structure(raw);
  if (bounded) {
    raw = *bounded;
    mail.flags.cut = true;
    remark(mail, std::string(kTooMuchStructure));
  }
  const std::unique_ptr<GMimeParserOptions, OptionsRelease> options(g_mime_parser_options_new());
  const char* fallbacks[] = {"utf-8", "windows-1252", nullptr};
  g_mime_parser_options_set_fallback_charsets(options.get(), fallbacks);

  const ViewStream stream(raw);
  const Owned<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
  g_mime_parser_set_format(parser.get(), GMIME_FORMAT_MESSAGE);
  g_mime_parser_set_respect_content_length(parser.get(), FALSE);
  const Owned<GMimeMessage> message(g_mime_parser_construct_message(parser.get(), options.get()));
  if (message == nullptr) {
    mail.flags.unreadable = true;
    return mail;
  }
  mail.from = sender(message.get(), options.get(), mail.from_sure);
  mail.reply_to = addresses(message.get(), options.get(), "reply-to");
  mail.to = addresses(message.get(), options.get(), "to");
  mail.cc = addresses(message.get(), options.get(), "cc");
  if (mail.to.size() >= kAddressesMax || mail.cc.size() >= kAddressesMax) {
    remark(mail, fmt::format("The mail names more than {} recipients: the others are only in the "
                             "original.",
                             kAddressesMax));
  }
  mail.date = date_of(message.get());
  read_headers(message.get(), mail);
  read_body(g_mime_message_get_mime_part(message.get()), limits, mail);
  if (mail.text.empty() && mail.attachments.empty() && !blank(body_of(raw))) {
    mail.flags.unreadable = true;
  }
  return mail;
}

std::string message_id_of(std::string_view raw) {
  HeaderReader reader(raw.substr(0, kHeaderSectionBytesMax));
  while (const auto field = reader.next()) {
    if (field->name != "message-id") continue;
    const auto ids = message_ids(field->value);
    return ids.empty() ? std::string() : ids.front();
  }
  return {};
}

}  // namespace ombud::mail
