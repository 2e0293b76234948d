#include "email/compose.hpp"

#include <algorithm>

#include "base/bytes.hpp"
#include "email/glib_init.hpp"

namespace ombud::email {
namespace {

constexpr std::size_t kReferencesMax =
    20;  // first and the newest; a line of a thousand ids helps nobody
constexpr std::size_t kMessageIdMax = 250;
constexpr std::size_t kLinkBytesMax = 900;  // a line of a mail holds 998 (RFC 5322, 2.1.1)

void set_header(GMimeObject* object, const char* name, const std::string& value) {
  g_mime_object_set_header(object, name, value.c_str(), "utf-8");
}

Owned<GMimeStream> stream_of(std::string_view bytes) {
  return Owned<GMimeStream>(g_mime_stream_mem_new_with_buffer(bytes.data(), bytes.size()));
}

// A value of ASCII whose parts must stay as they are, however long: GMime would put a long address
// into encoded words, where nobody looks for it.
void set_raw_header(GMimeObject* object, const char* name, const std::string& value) {
  set_header(object, name, "x");
  GMimeHeader* header = g_mime_header_list_get_header(g_mime_object_get_header_list(object), name);
  g_mime_header_set_raw_value(header, (" " + value + "\n").c_str());
}

Owned<GMimePart> text_part(const char* subtype, const std::string& text) {
  Owned<GMimePart> part(g_mime_part_new_with_type("text", subtype));
  g_mime_object_set_content_type_parameter(GMIME_OBJECT(part.get()), "charset", "utf-8");
  const auto stream = stream_of(text);
  const Owned<GMimeDataWrapper> content(
      g_mime_data_wrapper_new_with_stream(stream.get(), GMIME_CONTENT_ENCODING_DEFAULT));
  g_mime_part_set_content(part.get(), content.get());
  g_mime_part_set_content_encoding(part.get(), GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
  return part;
}

bool is_token(std::string_view text) {
  return !text.empty() && text.size() <= 100 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$&-^_.+").find(c) != std::string_view::npos;
  });
}

Owned<GMimePart> file_part(const File& file) {
  std::string type = "application", subtype = "octet-stream";
  const std::size_t slash = file.media_type.find('/');
  if (slash != std::string::npos && is_token(std::string_view(file.media_type).substr(0, slash)) &&
      is_token(std::string_view(file.media_type).substr(slash + 1))) {
    type = file.media_type.substr(0, slash);
    subtype = file.media_type.substr(slash + 1);
  }
  // A part declared multipart/* or message/* must not be base 64 (RFC 2045, 6.4): it travels as
  // bytes.
  if (type == "multipart" || type == "message") type = "application", subtype = "octet-stream";
  Owned<GMimePart> part(g_mime_part_new_with_type(type.c_str(), subtype.c_str()));
  std::string name = header_text(file.name);
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '/' || c == '\\'; }, '_');
  g_mime_object_set_disposition(GMIME_OBJECT(part.get()), GMIME_DISPOSITION_ATTACHMENT);
  g_mime_part_set_filename(part.get(), name.c_str());
  const auto stream = stream_of(file.bytes);
  const Owned<GMimeDataWrapper> content(
      g_mime_data_wrapper_new_with_stream(stream.get(), GMIME_CONTENT_ENCODING_DEFAULT));
  g_mime_part_set_content(part.get(), content.get());
  g_mime_part_set_content_encoding(part.get(), GMIME_CONTENT_ENCODING_BASE64);
  return part;
}

void add_address(GMimeMessage* message, GMimeAddressType kind, const Mailbox& who) {
  const std::string name = header_text(who.name);
  g_mime_message_add_mailbox(message, kind, name.empty() ? nullptr : name.c_str(),
                             header_text(who.address).c_str());
}

// The first reference and the newest ones, each on a line of its own.
std::string references_line(const std::vector<std::string>& references) {
  std::string line;
  for (std::size_t i = 0; i < references.size(); ++i) {
    if (i != 0 && i + kReferencesMax <= references.size()) continue;
    line += (line.empty() ? "" : "\n ") + references[i];
  }
  return line;
}

// A boundary that depends on the mail alone: the same attempt twice is the same mail, byte for
// byte.
Owned<GMimeMultipart> multipart(const char* subtype, const Letter& letter) {
  Owned<GMimeMultipart> parts(g_mime_multipart_new_with_subtype(subtype));
  const std::string digest = sha256_hex(letter.message_id + subtype);
  g_mime_multipart_set_boundary(parts.get(), ("=-" + digest.substr(0, 32)).c_str());
  return parts;
}

void add(GMimeMultipart* parts, GMimeObject* part) {
  g_mime_multipart_add(parts, part);
}

// The words of the letter: plain, or plain and as HTML.
Owned<GMimeObject> words_of(const Letter& letter) {
  auto text = text_part("plain", to_valid_utf8(letter.text));
  if (letter.html.empty()) return Owned<GMimeObject>(GMIME_OBJECT(text.release()));
  auto both = multipart("alternative", letter);
  const auto html = text_part("html", to_valid_utf8(letter.html));
  add(both.get(), GMIME_OBJECT(text.get()));
  add(both.get(), GMIME_OBJECT(html.get()));
  return Owned<GMimeObject>(GMIME_OBJECT(both.release()));
}

}  // namespace

std::string header_text(std::string_view text) {
  std::string clean = to_valid_utf8(text);
  for (char& c : clean) {
    const auto code = static_cast<unsigned char>(c);
    if (code < 0x20 || code == 0x7F) c = ' ';
  }
  return clean;
}

std::string wire_address(std::string_view address) {
  start_gmime();
  const Owned<InternetAddress> mailbox(
      internet_address_mailbox_new(nullptr, std::string(address).c_str()));
  const char* wire = internet_address_mailbox_get_idn_addr(
      reinterpret_cast<InternetAddressMailbox*>(mailbox.get()));
  return wire != nullptr ? std::string(wire) : std::string(address);
}

bool is_link(std::string_view text) {
  if (!text.starts_with("https://") && !text.starts_with("http://")) return false;
  return text.size() <= kLinkBytesMax && std::all_of(text.begin(), text.end(), [](char c) {
           const auto code = static_cast<unsigned char>(c);
           return code > 0x20 && code < 0x7F && c != '<' && c != '>' && c != '"';
         });
}

std::vector<std::string> message_ids(std::string_view text) {
  std::vector<std::string> ids;
  while (true) {
    const std::size_t open = text.find('<');
    if (open == std::string_view::npos) return ids;
    text.remove_prefix(open);
    const std::size_t close = text.find('>');
    if (close == std::string_view::npos) return ids;
    const std::string_view id = text.substr(0, close + 1);
    const bool clean = std::all_of(id.begin() + 1, id.end() - 1, [](char c) {
      const auto code = static_cast<unsigned char>(c);
      return code > 0x20 && code != 0x7F && c != '<';
    });
    if (clean && id.size() > 2 && id.size() <= kMessageIdMax) ids.emplace_back(id);
    text.remove_prefix(close + 1);
  }
}

std::string tagged_subject(std::string_view reference, std::string_view subject) {
  std::string rest = header_text(subject);
  if (reference.empty()) return rest;
  const std::string tag = "[" + header_text(reference) + "]";
  for (std::size_t found = rest.find(tag); found != std::string::npos; found = rest.find(tag)) {
    std::size_t end = found + tag.size();
    while (end < rest.size() && rest[end] == ' ') ++end;
    rest.erase(found, end - found);
  }
  return rest.empty() ? tag : tag + " " + rest;
}

std::string compose(const Letter& letter, std::int64_t sent_at) {
  start_gmime();
  const Owned<GMimeMessage> message(g_mime_message_new(TRUE));
  add_address(message.get(), GMIME_ADDRESS_TYPE_FROM, letter.from);
  add_address(message.get(), GMIME_ADDRESS_TYPE_TO, letter.to);
  g_mime_message_set_subject(message.get(),
                             tagged_subject(letter.reference, letter.subject).c_str(), "utf-8");
  GDateTime* date = g_date_time_new_from_unix_utc(sent_at);
  g_mime_message_set_date(message.get(), date);
  g_date_time_unref(date);

  auto* top = GMIME_OBJECT(message.get());
  const auto own_id = message_ids(letter.message_id);
  if (!own_id.empty()) set_header(top, "Message-Id", own_id.front());
  const auto parent = message_ids(letter.in_reply_to);
  if (!parent.empty()) set_raw_header(top, "In-Reply-To", parent.front());
  if (!letter.references.empty()) {
    set_raw_header(top, "References", references_line(letter.references));
  }
  if (!letter.reply_to.empty()) {
    add_address(message.get(), GMIME_ADDRESS_TYPE_REPLY_TO, {letter.from.name, letter.reply_to});
  }
  if (!letter.language.empty()) set_header(top, "Content-Language", header_text(letter.language));
  if (letter.automatic) {
    set_header(top, "Auto-Submitted", "auto-generated");
    // For Exchange, which looks at nothing else. Not "All": that would keep bounces from us too.
    set_header(top, "X-Auto-Response-Suppress", "DR, RN, NRN, OOF, AutoReply");
  }
  if (is_link(letter.unsubscribe)) {
    set_raw_header(top, "List-Unsubscribe", "<" + letter.unsubscribe + ">");
    if (letter.unsubscribe.starts_with("https://")) {  // RFC 8058, 3.1
      set_raw_header(top, "List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
    }
  }
  if (!letter.link.empty()) set_header(top, "X-Ombud-Link", header_text(letter.link));

  const auto words = words_of(letter);
  if (letter.files.empty()) {
    g_mime_message_set_mime_part(message.get(), words.get());
  } else {
    const auto mixed = multipart("mixed", letter);
    add(mixed.get(), words.get());
    for (const File& file : letter.files) {
      const auto part = file_part(file);
      add(mixed.get(), GMIME_OBJECT(part.get()));
    }
    g_mime_message_set_mime_part(message.get(), GMIME_OBJECT(mixed.get()));
  }

  GMimeFormatOptions* format = g_mime_format_options_new();
  g_mime_format_options_set_newline_format(format, GMIME_NEWLINE_FORMAT_DOS);
  const Owned<GMimeStream> out(g_mime_stream_mem_new());
  g_mime_object_write_to_stream(top, format, out.get());
  g_mime_format_options_free(format);
  return bytes_of(out.get());
}

}  // namespace ombud::email
