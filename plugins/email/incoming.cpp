#include "email/incoming.hpp"

#include <algorithm>

#include "base/bytes.hpp"
#include "base/html_text.hpp"
#include "email/compose.hpp"
#include "email/glib_init.hpp"

namespace ombud::email {
namespace {

constexpr std::size_t kTextBytesMax = 256U << 10U;  // of one reply; more than anyone reads

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return result;
}

std::string text_of(const char* text) {
  return text == nullptr ? std::string() : to_valid_utf8(text);
}

// The decoded header, without the folding. Empty if it is missing.
std::string header(GMimeObject* object, const char* name) {
  return text_of(g_mime_object_get_header(object, name));
}

// The token before any parameter or comment, in lower case.
std::string keyword(GMimeObject* object, const char* name) {
  const std::string value = lower(header(object, name));
  const std::size_t start = value.find_first_not_of(" \t\r\n");
  if (start == std::string::npos) return {};
  return value.substr(start, value.find_first_of(" \t\r\n;(", start) - start);
}

std::string decoded_content(GMimePart* part) {
  GMimeDataWrapper* content = g_mime_part_get_content(part);
  if (content == nullptr) return {};
  const Owned<GMimeStream> out(g_mime_stream_mem_new());
  g_mime_data_wrapper_write_to_stream(content, out.get());
  return bytes_of(out.get());
}

// UTF-8 of the bytes: as declared; else as UTF-8 if they are; else as Windows-1252, which is what
// undeclared 8-bit mail in Sweden is; what then is no character becomes U+FFFD.
std::string to_utf8(const std::string& bytes, const char* charset) {
  const std::string declared = charset == nullptr ? std::string() : lower(charset);
  if (is_utf8(bytes) && (declared.empty() || declared == "utf-8" || declared == "us-ascii")) {
    return to_valid_utf8(bytes);
  }
  for (const std::string& from : {declared, std::string("windows-1252")}) {
    if (from.empty() || from == "utf-8" || from == "us-ascii") continue;
    gsize written = 0;
    const OwnedText converted(g_convert(bytes.data(), static_cast<gssize>(bytes.size()), "utf-8",
                                        from.c_str(), nullptr, &written, nullptr));
    if (converted) return to_valid_utf8(std::string_view(converted.get(), written));
  }
  return to_valid_utf8(bytes);
}

std::string unix_lines(std::string_view text) {
  std::string lines;
  lines.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r') {
      if (i + 1 == text.size() || text[i + 1] != '\n') lines += '\n';
    } else {
      lines += text[i];
    }
  }
  return lines;
}

class Reader {
 public:
  explicit Reader(Incoming& mail) : mail_(mail) {}

  void walk(GMimeObject* object, int depth) {
    if (++part_ > kPartsMax || depth > 20 || object == nullptr) return;
    if (GMIME_IS_MULTIPART(object)) {
      multipart(GMIME_MULTIPART(object), depth);
    } else if (GMIME_IS_MESSAGE_PART(object)) {
      returned_message(GMIME_MESSAGE_PART(object));
    } else if (GMIME_IS_PART(object)) {
      leaf(GMIME_PART(object));
    }
  }
  void finish() {
    mail_.text = !plain_.empty() ? plain_ : html_;
    mail_.text = std::string(cut_utf8(mail_.text, kTextBytesMax));
  }

 private:
  void multipart(GMimeMultipart* parts, int depth) {
    const int count = g_mime_multipart_get_count(parts);
    GMimeContentType* type = g_mime_object_get_content_type(GMIME_OBJECT(parts));
    if (type != nullptr && g_mime_content_type_is_type(type, "multipart", "report")) report_ = true;
    for (int i = 0; i < count; ++i) walk(g_mime_multipart_get_part(parts, i), depth + 1);
  }

  // A mail inside the mail: what a bounce gives back, or one that was forwarded as an attachment.
  void returned_message(GMimeMessagePart* part) {
    GMimeMessage* inner = g_mime_message_part_get_message(part);
    if (inner == nullptr) return;
    if (report_) {
      note_returned(GMIME_OBJECT(inner));
      return;
    }
    const Owned<GMimeStream> out(g_mime_stream_mem_new());
    g_mime_object_write_to_stream(GMIME_OBJECT(inner), nullptr, out.get());
    const std::string subject = text_of(g_mime_message_get_subject(inner));
    enclose((subject.empty() ? "mail" : header_text(subject)) + ".eml", "message/rfc822",
            bytes_of(out.get()));
  }

  void note_returned(GMimeObject* inner) {
    for (const char* name : {"Message-Id", "References", "In-Reply-To"}) {
      for (std::string& id : message_ids(header(inner, name)))
        mail_.returned.push_back(std::move(id));
    }
  }

  void leaf(GMimePart* part) {
    GMimeContentType* type = g_mime_object_get_content_type(GMIME_OBJECT(part));
    const bool plain = type == nullptr || g_mime_content_type_is_type(type, "text", "plain");
    const bool html = type != nullptr && g_mime_content_type_is_type(type, "text", "html");
    const std::string name = text_of(g_mime_part_get_filename(part));
    const char* disposition = g_mime_object_get_disposition(GMIME_OBJECT(part));
    const bool attached = disposition != nullptr && lower(disposition) == "attachment";
    const std::string bytes = decoded_content(part);
    if (report_ && type != nullptr && g_mime_content_type_is_type(type, "text", "rfc822-headers")) {
      read_returned_headers(bytes);
      return;
    }
    if (report_ && type != nullptr && g_mime_content_type_is_type(type, "message", "*")) {
      add_text(plain_, to_utf8(bytes, nullptr));  // message/delivery-status is readable as it is
      return;
    }
    if ((plain || html) && !attached && name.empty()) {
      const char* charset =
          type == nullptr ? nullptr : g_mime_content_type_get_parameter(type, "charset");
      const std::string text = unix_lines(to_utf8(bytes, charset));
      if (plain)
        add_text(plain_, text);
      else
        add_text(html_, html_to_text(text));
      return;
    }
    const std::string media_type =
        type == nullptr ? "application/octet-stream"
                        : lower(text_of(g_mime_content_type_get_media_type(type)) + "/" +
                                text_of(g_mime_content_type_get_media_subtype(type)));
    enclose(name, media_type, bytes);
  }

  void read_returned_headers(const std::string& bytes) {
    const Owned<GMimeStream> in(g_mime_stream_mem_new_with_buffer(bytes.data(), bytes.size()));
    const Owned<GMimeParser> parser(g_mime_parser_new_with_stream(in.get()));
    const Owned<GMimeMessage> inner(g_mime_parser_construct_message(parser.get(), nullptr));
    if (inner) note_returned(GMIME_OBJECT(inner.get()));
  }

  static void add_text(std::string& to, const std::string& text) {
    if (text.find_first_not_of(" \t\r\n") == std::string::npos) return;
    if (to.size() > kTextBytesMax) return;
    if (!to.empty()) to += "\n";
    to += text;
  }

  void enclose(std::string name, std::string media_type, const std::string& bytes) {
    Enclosure file;
    file.part = part_;
    const std::size_t slash = name.find_last_of("/\\");
    if (slash != std::string::npos) name.erase(0, slash + 1);
    name = std::string(cut_utf8(header_text(name), 255));
    file.name = name.empty() ? "part-" + std::to_string(part_) : name;
    file.media_type = std::move(media_type);
    file.size = static_cast<std::int64_t>(bytes.size());
    file.too_large = enclosed_ + file.size > kEnclosuresBytesMax;
    if (!file.too_large) {
      file.bytes = bytes;
      enclosed_ += file.size;
    }
    mail_.enclosures.push_back(std::move(file));
  }

  Incoming& mail_;
  std::string plain_, html_;
  std::int64_t enclosed_ = 0;
  int part_ = 0;
  bool report_ = false;
};

Origin origin_of(GMimeObject* top, const Mailbox& from) {
  GMimeContentType* type = g_mime_object_get_content_type(top);
  if (type != nullptr && g_mime_content_type_is_type(type, "multipart", "report"))
    return Origin::bounce;
  const std::string path = header(top, "Return-Path");
  if (path.find("<>") != std::string::npos) return Origin::bounce;
  const std::string sender = lower(from.address.substr(0, from.address.find('@')));
  if (sender == "mailer-daemon" || sender == "postmaster") return Origin::bounce;
  const std::string submitted = keyword(top, "Auto-Submitted");
  if (!submitted.empty() && submitted != "no") return Origin::machine;
  const std::string precedence = keyword(top, "Precedence");
  if (precedence == "auto_reply" || precedence == "bulk" || precedence == "junk")
    return Origin::machine;
  for (const char* mark : {"X-Autoreply", "X-Autorespond", "X-Autogenerated"}) {
    const std::string value = keyword(top, mark);
    if (!value.empty() && value != "no") return Origin::machine;
  }
  return Origin::person;
}

Mailbox sender_of(GMimeMessage* message) {
  InternetAddressList* list = g_mime_message_get_from(message);
  for (int i = 0; list != nullptr && i < internet_address_list_length(list); ++i) {
    InternetAddress* address = internet_address_list_get_address(list, i);
    if (!INTERNET_ADDRESS_IS_MAILBOX(address)) continue;
    return {
        header_text(text_of(internet_address_get_name(address))),
        header_text(text_of(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(address))))};
  }
  return {};
}

std::optional<std::int64_t> date_of(GMimeMessage* message) {
  GDateTime* date = g_mime_message_get_date(message);
  if (date == nullptr) return std::nullopt;
  return g_date_time_to_unix(date) * 1000;
}

}  // namespace

Incoming read_mail(std::string_view raw) {
  start_gmime();
  Incoming mail;
  const Owned<GMimeStream> in(g_mime_stream_mem_new_with_buffer(raw.data(), raw.size()));
  const Owned<GMimeParser> parser(g_mime_parser_new_with_stream(in.get()));
  GMimeParserOptions* options = g_mime_parser_options_new();
  const char* charsets[] = {"utf-8", "windows-1252", nullptr};
  g_mime_parser_options_set_fallback_charsets(options, charsets);
  const Owned<GMimeMessage> message(g_mime_parser_construct_message(parser.get(), options));
  if (message) {
    auto* top = GMIME_OBJECT(message.get());
    const auto ids = message_ids(header(top, "Message-Id"));
    if (!ids.empty()) mail.message_id = ids.front();
    mail.in_reply_to = message_ids(header(top, "In-Reply-To"));
    mail.references = message_ids(header(top, "References"));
    mail.from = sender_of(message.get());
    mail.subject = header_text(text_of(g_mime_message_get_subject(message.get())));
    mail.sent_at_ms = date_of(message.get());
    mail.link = header_text(header(top, "X-Ombud-Link"));
    mail.origin = origin_of(top, mail.from);
    // The content type of a message is that of its only part.
    GMimeObject* body = g_mime_message_get_mime_part(message.get());
    if (body != nullptr && mail.origin == Origin::person) mail.origin = origin_of(body, mail.from);
    Reader reader(mail);
    reader.walk(body, 0);
    reader.finish();
  }
  g_mime_parser_options_free(options);
  if (mail.text.empty() && mail.enclosures.empty() && !message) {
    mail.text = std::string(cut_utf8(to_utf8(std::string(raw), nullptr), kTextBytesMax));
  }
  return mail;
}

}  // namespace ombud::email
