#include "channel/mail/mime/tnef.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/bytes.hpp"
#include "channel/mail/mime/charset.hpp"

namespace ombud::mail {
namespace {

// Attributes (MS-OXTNEF section 2.1.3.2) and properties (MS-OXPROPS) by their numbers.
enum Attribute : std::uint32_t {
  kCodepage = 0x00069007,
  kBody = 0x0002800C,
  kMessageProperties = 0x00069003,
  kAttachmentBegins = 0x00069002,
  kAttachmentTitle = 0x00018010,
  kAttachmentData = 0x0006800F,
  kAttachmentProperties = 0x00069005,
};
enum Property : std::uint16_t {
  kPlainBody = 0x1000,
  kRtfBody = 0x1009,
  kHtmlBody = 0x1013,
  kDisplayName = 0x3001,
  kDataObject = 0x3701,
  kFileName = 0x3704,
  kLongFileName = 0x3707,
  kMediaType = 0x370E,
  kContentId = 0x3712,
};
enum Type : std::uint16_t {
  kObject = 0x000D,
  kString8 = 0x001E,
  kUnicode = 0x001F,
  kBinary = 0x0102,
  kMultiple = 0x1000,
};

constexpr std::size_t kPropertiesMax = 5000;
constexpr std::size_t kNameBytesMax = 255;

// Takes numbers and stretches from the front; after the first that is not there it is `broken`.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : rest_(bytes) {}
  bool empty() const { return rest_.empty(); }
  bool broken() const { return broken_; }

  std::uint32_t number(std::size_t size) {
    const std::string_view bytes = take(size);
    std::uint32_t value = 0;
    for (std::size_t i = bytes.size(); i-- > 0;) {
      value = value << 8U | static_cast<unsigned char>(bytes[i]);
    }
    return value;
  }
  std::string_view take(std::size_t size) {
    if (size > rest_.size()) {
      broken_ = true;
      rest_ = {};
      return {};
    }
    const std::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }
  // With the padding to a multiple of four.
  std::string_view padded(std::size_t size) {
    const std::string_view bytes = take(size);
    take(std::min((4 - size % 4) % 4, rest_.size()));
    return bytes;
  }

 private:
  std::string_view rest_;
  bool broken_ = false;
};

std::size_t fixed_size(std::uint16_t type) {
  switch (type) {
    case 0x0002:  // integers, a real number, an error, a truth: padded to four
    case 0x0003:
    case 0x0004:
    case 0x000A:
    case 0x000B:
      return 4;
    case 0x0005:
    case 0x0006:
    case 0x0007:
    case 0x0014:
    case 0x0040:
      return 8;
    case 0x0048:
      return 16;
    default:
      return 0;
  }
}

std::string_view without_end(std::string_view text) {
  return text.substr(0, text.find('\0'));
}

class Reader {
 public:
  Reader(TnefContent& content, std::size_t& room, int depth)
      : content_(content), room_(room), depth_(depth) {}

  bool read(std::string_view bytes) {
    Cursor in(bytes);
    if (in.number(4) != 0x223E9F78) return false;
    in.number(2);  // the key
    bool whole = true;
    while (!in.empty()) {
      in.number(1);  // level
      const std::uint32_t attribute = in.number(4);
      const std::uint32_t size = in.number(4);
      const std::string_view data = in.take(size);
      in.number(2);  // checksum: Outlook does not look at it either
      if (in.broken()) {
        whole = false;
        break;
      }
      whole &= one(attribute, data);
    }
    whole &= end_file();
    return whole && !left_out_;
  }

  // The body, best form first, as text or as HTML.
  void take_body() {
    if (!html_.empty()) {
      content_.html = std::move(html_);
    } else if (!plain_.empty()) {
      content_.text = std::move(plain_);
    } else if (!rtf_.empty()) {
      RtfWords words = read_rtf(rtf_);
      (words.html ? content_.html : content_.text) = std::move(words.words);
    }
  }

 private:
  bool one(std::uint32_t attribute, std::string_view data) {
    switch (attribute) {
      case kCodepage:
        if (data.size() >= 4) codepage_ = "cp" + std::to_string(Cursor(data).number(4));
        return true;
      case kBody:
        plain_ = to_utf8(without_end(data), codepage_);
        return true;
      case kMessageProperties:
        return properties(data, false);
      case kAttachmentBegins: {
        const bool fine = end_file();
        file_.emplace();
        return fine;
      }
      case kAttachmentTitle:
        if (file_ && file_->name.empty()) file_->name = words(without_end(data));
        return true;
      case kAttachmentData:
        if (file_) file_->bytes = data;
        return true;
      case kAttachmentProperties:
        return !file_ || properties(data, true);
      default:
        return true;
    }
  }

  bool end_file() {
    if (!file_) return true;
    TnefFile file = std::move(*file_);
    file_.reset();
    const std::string inner = std::exchange(object_, {});
    if (!inner.empty() && file.bytes.empty()) return message(file, inner);
    return keep(std::move(file));
  }

  bool keep(TnefFile file) {
    if (file.bytes.empty() && file.name.empty()) return true;
    if (content_.files.size() >= kTnefFilesMax || file.bytes.size() > room_) {
      left_out_ = true;
      return false;
    }
    room_ -= file.bytes.size();
    content_.files.push_back(std::move(file));
    return true;
  }

  // A message in the message: its files, and its words as a file.
  bool message(TnefFile& file, std::string_view object) {
    constexpr std::size_t kInterfaceBytes = 16;
    if (depth_ >= kTnefDepthMax || object.size() < kInterfaceBytes) {
      file.bytes = object;
      return keep(std::move(file));
    }
    TnefContent inner;
    Reader reader(inner, room_, depth_ + 1);
    const bool whole = reader.read(object.substr(kInterfaceBytes));
    reader.take_body();
    TnefFile body;
    body.name = file.name.empty() ? "message" : file.name;
    body.name += inner.html.empty() ? ".txt" : ".html";
    body.media_type = inner.html.empty() ? "text/plain" : "text/html";
    body.bytes = inner.html.empty() ? inner.text : inner.html;
    bool fine = body.bytes.empty() || keep(std::move(body));
    for (TnefFile& one : inner.files) {
      if (content_.files.size() < kTnefFilesMax) {
        content_.files.push_back(std::move(one));
      } else {
        fine = false;
      }
    }
    if (!whole && inner.files.empty() && inner.text.empty() && inner.html.empty()) {
      file.bytes = object;  // an object of another kind, such as a drawing
      return keep(std::move(file));
    }
    return whole && fine;
  }

  bool properties(std::string_view data, bool of_file) {
    Cursor in(data);
    const std::uint32_t count = in.number(4);
    if (count > kPropertiesMax) return false;
    for (std::uint32_t i = 0; i < count && !in.broken(); ++i) {
      const auto type = static_cast<std::uint16_t>(in.number(2));
      const auto id = static_cast<std::uint16_t>(in.number(2));
      if (id >= 0x8000) {  // by name
        in.take(16);
        if (in.number(4) == 0) {
          in.number(4);
        } else {
          in.padded(in.number(4));
        }
      }
      const auto plain_type = static_cast<std::uint16_t>(type & ~std::uint32_t{kMultiple});
      const std::size_t fixed = fixed_size(plain_type);
      if (fixed > 0) {
        const std::uint32_t values = (type & kMultiple) != 0 ? in.number(4) : 1;
        for (std::uint32_t v = 0; v < values && !in.broken(); ++v) in.take(fixed);
      } else if (plain_type == kString8 || plain_type == kUnicode || plain_type == kBinary ||
                 plain_type == kObject) {
        const std::uint32_t values = in.number(4);
        for (std::uint32_t v = 0; v < values && !in.broken(); ++v) {
          const std::string_view value = in.padded(in.number(4));
          if (v == 0 && !in.broken()) property(id, plain_type, value, of_file);
        }
      } else {
        return false;  // its size is not known
      }
    }
    return !in.broken();
  }

  std::string text_of(std::uint16_t type, std::string_view value) const {
    if (type == kUnicode) return to_utf8(value, "utf-16le");
    return to_utf8(without_end(value), codepage_);
  }
  std::string words(std::string_view value) const {
    return one_line(to_utf8(value, codepage_), kNameBytesMax);
  }

  void property(std::uint16_t id, std::uint16_t type, std::string_view value, bool of_file) {
    if (value.size() > room_) {
      left_out_ = true;
      return;
    }
    if (!of_file) {
      if (id == kPlainBody && type != kBinary) {
        plain_ = text_of(type, value);
      } else if (id == kHtmlBody) {
        html_ = type == kUnicode ? text_of(type, value) : to_utf8(value, html_charset_of(value));
      } else if (id == kRtfBody) {
        rtf_ = decompress_rtf(value, std::min(room_, kRtfBytesMax));
        left_out_ |= rtf_.empty() && !value.empty();
      }
      return;
    }
    const std::string line =
        type == kObject || type == kBinary ? "" : one_line(text_of(type, value), kNameBytesMax);
    if (id == kLongFileName || (id == kFileName && file_->name.empty()) ||
        (id == kDisplayName && file_->name.empty())) {
      if (!line.empty()) file_->name = line;
    } else if (id == kMediaType) {
      file_->media_type = line;
    } else if (id == kContentId) {
      file_->content_id = line;
    } else if (id == kDataObject) {
      if (type == kBinary && file_->bytes.empty()) file_->bytes = value;
      if (type == kObject) object_ = value;
    }
  }

  std::string html_charset_of(std::string_view value) const {
    return is_utf8(value) ? "utf-8" : codepage_;
  }

  TnefContent& content_;
  std::size_t& room_;
  const int depth_;
  std::optional<TnefFile> file_;
  std::string object_, plain_, html_, rtf_, codepage_ = "cp1252";
  bool left_out_ = false;
};

}  // namespace

TnefContent read_tnef(std::string_view bytes) {
  TnefContent content;
  std::size_t room = kTnefBytesMax;
  Reader reader(content, room, 0);
  content.whole = reader.read(bytes);
  reader.take_body();
  return content;
}

}  // namespace ombud::mail
