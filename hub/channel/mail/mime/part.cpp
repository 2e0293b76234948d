#include "channel/mail/mime/part.hpp"

#include <algorithm>
#include <array>

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

namespace {

constexpr std::size_t kPieceBytes = 16U << 10U;

// From where the stream stands to its end.
template <class Take>
void read_pieces(GMimeStream* stream, Take take) {
  std::array<char, kPieceBytes> piece;  // not zeroed: most parts are smaller
  ssize_t got = 0;
  while ((got = g_mime_stream_read(stream, piece.data(), piece.size())) > 0) {
    take(std::string_view(piece.data(), static_cast<std::size_t>(got)));
  }
}

std::string all_of(GMimeStream* stream, std::size_t expected) {
  std::string bytes;
  bytes.reserve(expected);
  read_pieces(stream, [&bytes](std::string_view piece) { bytes += piece; });
  return bytes;
}

// At its beginning; owned by the wrapper.
GMimeStream* stream_of(GMimeDataWrapper* content) {
  GMimeStream* stream = g_mime_data_wrapper_get_stream(content);
  g_mime_stream_reset(stream);
  return stream;
}

std::size_t length_of(GMimeStream* stream) {
  return static_cast<std::size_t>(std::max<gint64>(g_mime_stream_length(stream), 0));
}

}  // namespace

std::string encoded(GMimeDataWrapper* content) {
  GMimeStream* stream = stream_of(content);
  return all_of(stream, length_of(stream));
}

std::string decoded(GMimeDataWrapper* content) {
  GMimeStream* stream = stream_of(content);
  const GMimeContentEncoding encoding = g_mime_data_wrapper_get_encoding(content);
  const std::size_t length = length_of(stream);
  switch (encoding) {
    case GMIME_CONTENT_ENCODING_BASE64:
    case GMIME_CONTENT_ENCODING_UUENCODE:
    case GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE: {
      const Owned<GMimeStream> filtered(g_mime_stream_filter_new(stream));
      const Owned<GMimeFilter> filter(g_mime_filter_basic_new(encoding, FALSE));
      g_mime_stream_filter_add(GMIME_STREAM_FILTER(filtered.get()), filter.get());
      const bool quoted = encoding == GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE;
      std::string bytes = all_of(filtered.get(), quoted ? length : length / 4 * 3 + 3);
      g_mime_stream_reset(stream);
      return bytes;
    }
    case GMIME_CONTENT_ENCODING_DEFAULT:
    case GMIME_CONTENT_ENCODING_7BIT:
    case GMIME_CONTENT_ENCODING_8BIT:
    case GMIME_CONTENT_ENCODING_BINARY:
      break;
  }
  return all_of(stream, length);
}

bool is_broken_base64(GMimeDataWrapper* content) {
  std::size_t digits = 0, padding = 0;
  bool strange = false;
  read_pieces(stream_of(content), [&](std::string_view piece) {
    for (const char c : piece) {
      if (c == '\r' || c == '\n' || c == ' ' || c == '\t') continue;
      const bool digit = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                         (c >= '0' && c <= '9') || c == '+' || c == '/';
      if (c == '=') {
        ++padding;
      } else if (!digit || padding > 0) {
        strange = true;
      } else {
        ++digits;
      }
    }
  });
  return strange || digits % 4 == 1 || (digits + padding) % 4 != 0;
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
