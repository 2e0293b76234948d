#include "channel/mail/body.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.hpp"
#include "base/html_text.hpp"
#include "channel/mail/addresses.hpp"
#include "channel/mail/charset.hpp"
#include "channel/mail/encoded_words.hpp"
#include "channel/mail/flowed.hpp"
#include "channel/mail/gobject.hpp"

namespace ombud::mail {
namespace {

constexpr std::size_t kNameBytesMax = 255;

bool is_type(GMimeObject* object, const char* type, const char* subtype) {
  GMimeContentType* content_type = g_mime_object_get_content_type(object);
  return content_type != nullptr && g_mime_content_type_is_type(content_type, type, subtype);
}

std::string media_type_of(GMimeObject* object) {
  GMimeContentType* content_type = g_mime_object_get_content_type(object);
  if (content_type == nullptr) return "application/octet-stream";
  const OwnedText text(g_mime_content_type_get_mime_type(content_type));
  std::string type = folded(one_line(text_of(text.get()), 127));
  const bool plain =
      !type.empty() && type.find('/') != std::string::npos &&
      std::all_of(type.begin(), type.end(), [](char c) { return c > ' ' && c < 0x7F; });
  return plain ? type : "application/octet-stream";
}

std::string parameter(GMimeObject* object, const char* name) {
  return one_line(text_of(g_mime_object_get_content_type_parameter(object, name)), 127);
}

bool has_disposition(GMimeObject* object, std::string_view wanted) {
  return folded(text_of(g_mime_object_get_disposition(object))) == wanted;
}

bool blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// True if base64 text has characters that do not belong there, or ends in the middle of a group.
bool broken_base64(std::string_view text) {
  std::size_t digits = 0, padding = 0;
  for (const char c : text) {
    if (c == '\r' || c == '\n' || c == ' ' || c == '\t') continue;
    const bool digit = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                       c == '+' || c == '/';
    if (c == '=') {
      ++padding;
    } else if (!digit || padding > 0) {
      return true;
    } else {
      ++digits;
    }
  }
  return digits % 4 == 1 || (digits + padding) % 4 != 0;
}

std::string extension_for(std::string_view media_type) {
  if (media_type == "text/calendar") return ".ics";
  if (media_type == "text/plain") return ".txt";
  if (media_type == "text/html") return ".html";
  if (media_type == "text/vcard" || media_type == "text/x-vcard") return ".vcf";
  if (media_type == "text/csv") return ".csv";
  if (media_type == "image/jpeg") return ".jpg";
  if (media_type == "image/png") return ".png";
  if (media_type == "image/gif") return ".gif";
  if (media_type == "application/pdf") return ".pdf";
  if (media_type == "message/rfc822") return ".eml";
  return ".bin";
}

// The value of the first "Message-ID:" among header lines, with the line after it (it may be
// folded).
std::string message_id_line(std::string_view headers) {
  constexpr std::string_view kName = "message-id:";
  while (!headers.empty()) {
    const std::size_t end = std::min(headers.find('\n'), headers.size());
    if (folded(headers.substr(0, kName.size())) == kName) {
      const std::size_t next =
          std::min(headers.find('\n', std::min(end + 1, headers.size())), headers.size());
      return std::string(headers.substr(kName.size(), next - kName.size()));
    }
    headers.remove_prefix(std::min(end + 1, headers.size()));
  }
  return {};
}

// The file's name as its headers give it; empty if they do not.
std::string file_name(GMimePart* part) {
  const std::string disposition =
      text_of(g_mime_object_get_header(GMIME_OBJECT(part), "Content-Disposition"));
  const std::string type = text_of(g_mime_object_get_header(GMIME_OBJECT(part), "Content-Type"));
  std::string name = text_of(g_mime_part_get_filename(part));
  if (disposition.find("=?") != std::string::npos) {
    const Owned<GMimeContentDisposition> parsed(
        g_mime_content_disposition_parse(nullptr, join_words(disposition).c_str()));
    const std::string again =
        text_of(g_mime_content_disposition_get_parameter(parsed.get(), "filename"));
    if (!again.empty()) name = again;
  } else if (type.find("=?") != std::string::npos) {
    const Owned<GMimeContentType> parsed(
        g_mime_content_type_parse(nullptr, join_words(type).c_str()));
    const std::string again = text_of(g_mime_content_type_get_parameter(parsed.get(), "name"));
    if (!again.empty()) name = again;
  }
  return one_line(name, kNameBytesMax);
}

class Walk {
 public:
  Walk(const ParseLimits& limits, ParsedMail& mail) : limits_(limits), mail_(mail) {}

  // True if it added to the text. Without `want_text` text parts are another form of what was
  // taken.
  bool visit(GMimeObject* object, int depth, bool want_text) {
    if (object == nullptr) return false;
    if (depth > limits_.depth_max || parts_ >= limits_.parts_max) {
      mail_.flags.cut = true;
      return false;
    }
    ++parts_;
    if (GMIME_IS_MULTIPART(object)) return multipart(GMIME_MULTIPART(object), depth, want_text);
    if (GMIME_IS_MESSAGE_PART(object)) {
      message(GMIME_MESSAGE_PART(object));
      return false;
    }
    if (GMIME_IS_PART(object)) return part(GMIME_PART(object), want_text);
    attach(object, written(object));  // message/partial and whatever GMime adds one day
    return false;
  }

 private:
  bool multipart(GMimeMultipart* multi, int depth, bool want_text) {
    GMimeObject* object = GMIME_OBJECT(multi);
    const int count = g_mime_multipart_get_count(multi);
    if (count == 0) {
      mail_.flags.damaged = true;  // no boundary, or not the one it names
      const std::string text = text_of(g_mime_multipart_get_prologue(multi));
      return want_text && add_text(body_text(to_utf8(text, parameter(object, "charset"))));
    }
    if (!multi->write_end_boundary) mail_.flags.damaged = true;  // its end is missing
    if (is_type(object, "multipart", "report")) return report(multi, count, depth, want_text);
    if (is_type(object, "multipart", "alternative"))
      return alternative(multi, count, depth, want_text);
    bool added = false;
    for (int i = 0; i < count; ++i) {
      added |= visit(g_mime_multipart_get_part(multi, i), depth + 1, want_text);
    }
    return added;
  }

  // The plain text if it says anything, else the last form that does; files in the others are kept.
  bool alternative(GMimeMultipart* multi, int count, int depth, bool want_text) {
    std::vector<bool> seen(static_cast<std::size_t>(count), false);
    const auto take = [&](int i) {
      seen[static_cast<std::size_t>(i)] = true;
      return visit(g_mime_multipart_get_part(multi, i), depth + 1, true);
    };
    bool taken = false;
    for (int i = 0; want_text && !taken && i < count; ++i) {
      GMimeObject* child = g_mime_multipart_get_part(multi, i);
      if (is_type(child, "text", "plain") && is_text(child)) taken = take(i);
    }
    for (int i = count - 1; want_text && !taken && i >= 0; --i) {
      GMimeObject* child = g_mime_multipart_get_part(multi, i);
      const bool may = is_text(child) || GMIME_IS_MULTIPART(child);
      if (may && !seen[static_cast<std::size_t>(i)]) taken = take(i);
    }
    for (int i = 0; i < count; ++i) {
      if (seen[static_cast<std::size_t>(i)]) continue;
      visit(g_mime_multipart_get_part(multi, i), depth + 1, false);
    }
    return taken;
  }

  bool report(GMimeMultipart* multi, int count, int depth, bool want_text) {
    mail_.delivery_report = true;
    bool added = false;
    for (int i = 0; i < count; ++i) {
      GMimeObject* child = g_mime_multipart_get_part(multi, i);
      if (GMIME_IS_MESSAGE_PART(child) || is_type(child, "text", "rfc822-headers"))
        note_reported(child);
      added |= visit(child, depth + 1, want_text);
    }
    return added;
  }

  // The Message-ID of the mail that a delivery report gives back.
  void note_reported(GMimeObject* child) {
    std::string id;
    if (GMIME_IS_MESSAGE_PART(child)) {
      GMimeMessage* inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(child));
      if (inner != nullptr)
        id = text_of(g_mime_object_get_header(GMIME_OBJECT(inner), "Message-Id"));
    } else if (GMIME_IS_PART(child)) {
      id = message_id_line(content(GMIME_PART(child)));
    }
    for (std::string& found : message_ids(id)) {
      if (mail_.reported_ids.size() < kReferencesMax)
        mail_.reported_ids.push_back(std::move(found));
    }
  }

  bool is_text(GMimeObject* object) {
    const bool body = is_type(object, "text", "plain") || is_type(object, "text", "html") ||
                      is_type(object, "text", "enriched");
    if (!GMIME_IS_PART(object) || !body || has_disposition(object, "attachment")) return false;
    return text_of(g_mime_part_get_filename(GMIME_PART(object))).empty();
  }

  bool part(GMimePart* one, bool want_text) {
    GMimeObject* object = GMIME_OBJECT(one);
    std::string bytes = content(one);
    if (!is_text(object)) {
      attach(object, std::move(bytes));
      return false;
    }
    if (!want_text) return false;
    std::string charset = parameter(object, "charset");
    if (!is_type(object, "text", "html")) {
      std::string text = to_utf8(bytes, charset);
      if (folded(parameter(object, "format")) == "flowed") {
        text = unflow(text, folded(parameter(object, "delsp")) == "yes");
      }
      return add_text(body_text(text));
    }
    if (charset.empty()) charset = html_charset(bytes);
    const bool added = add_text(body_text(html_to_text(to_utf8(bytes, charset))));
    mail_.flags.from_html |= added;
    return added;
  }

  bool add_text(std::string text) {
    if (blank(text)) return false;
    if (!mail_.text.empty()) mail_.text += "\n\n";
    mail_.text += text;
    return true;
  }

  std::string content(GMimePart* one) {
    GMimeDataWrapper* wrapper = g_mime_part_get_content(one);
    if (wrapper == nullptr) return {};
    if (g_mime_data_wrapper_get_encoding(wrapper) == GMIME_CONTENT_ENCODING_BASE64) {
      const Owned<GMimeStream> encoded(g_mime_stream_mem_new());
      GMimeStream* source = g_mime_data_wrapper_get_stream(wrapper);
      g_mime_stream_reset(source);
      g_mime_stream_write_to_stream(source, encoded.get());
      mail_.flags.damaged |= broken_base64(bytes_of(encoded.get()));
    }
    const Owned<GMimeStream> memory(g_mime_stream_mem_new());
    g_mime_data_wrapper_write_to_stream(wrapper, memory.get());
    return bytes_of(memory.get());
  }

  std::string written(GMimeObject* object) {
    const Owned<GMimeStream> memory(g_mime_stream_mem_new());
    g_mime_object_write_content_to_stream(object, nullptr, memory.get());
    return bytes_of(memory.get());
  }

  static std::string subject_of(GMimeMessage* inner) {
    GMimeHeaderList* headers = g_mime_object_get_header_list(GMIME_OBJECT(inner));
    GMimeHeader* header = g_mime_header_list_get_header(headers, "Subject");
    return header == nullptr ? std::string() : text_of(g_mime_header_get_raw_value(header));
  }

  void message(GMimeMessagePart* outer) {
    GMimeMessage* inner = g_mime_message_part_get_message(outer);
    if (inner == nullptr) {
      mail_.flags.damaged = true;
      return;
    }
    const Owned<GMimeStream> memory(g_mime_stream_mem_new());
    g_mime_object_write_to_stream(GMIME_OBJECT(inner), nullptr, memory.get());
    MailAttachment file;
    file.name = one_line(decode_words(subject_of(inner)), 100);
    file.name =
        (file.name.empty() ? fmt::format("mail-{}", mail_.attachments.size() + 1) : file.name) +
        ".eml";
    file.media_type = "message/rfc822";
    file.bytes = bytes_of(memory.get());
    mail_.attachments.push_back(std::move(file));
  }

  void attach(GMimeObject* object, std::string bytes) {
    MailAttachment file;
    file.media_type = media_type_of(object);
    if (GMIME_IS_PART(object)) {
      file.name = file_name(GMIME_PART(object));
    }
    if (file.name.empty()) {
      file.name = fmt::format("attachment-{}{}", mail_.attachments.size() + 1,
                              extension_for(file.media_type));
    }
    file.content_id = one_line(text_of(g_mime_object_get_content_id(object)), kNameBytesMax);
    file.shown_inline = has_disposition(object, "inline") || !file.content_id.empty();
    file.bytes = std::move(bytes);
    mail_.attachments.push_back(std::move(file));
  }

  const ParseLimits& limits_;
  ParsedMail& mail_;
  std::size_t parts_ = 0;
};

}  // namespace

void read_body(GMimeObject* root, const ParseLimits& limits, ParsedMail& mail) {
  Walk(limits, mail).visit(root, 0, true);
}

}  // namespace ombud::mail
