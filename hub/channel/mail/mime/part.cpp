#include "channel/mail/mime/part.hpp"

#include <algorithm>

#include "channel/mail/addresses.hpp"
#include "channel/mail/mime/charset.hpp"
#include "channel/mail/mime/encoded_words.hpp"
#include "channel/mail/mime/gobject.hpp"

namespace ombud::mail {

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

// "utf-8''name": what GMime leaves when the pieces of a name stand out of order (RFC 2231).
static std::string without_charset(std::string name) {
  const std::size_t first = name.find('\'');
  const std::size_t second = first == std::string::npos ? first : name.find('\'', first + 1);
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '\'';
  };
  if (second == std::string::npos || first == 0 || second > 60 ||
      !std::all_of(name.begin(), name.begin() + static_cast<std::ptrdiff_t>(second), plain)) {
    return name;
  }
  const bool language = second - first <= 9 && first >= 3;
  return language ? name.substr(second + 1) : name;
}

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
  if (disposition.find("filename*") != std::string::npos) name = without_charset(std::move(name));
  return one_line(name, kFileNameBytesMax);
}

}  // namespace ombud::mail
