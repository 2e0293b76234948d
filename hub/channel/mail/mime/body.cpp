#include "channel/mail/mime/body.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/bytes.hpp"
#include "base/html_text.hpp"
#include "channel/mail/addresses.hpp"
#include "channel/mail/mime/assemble.hpp"
#include "channel/mail/mime/calendar.hpp"
#include "channel/mail/mime/charset.hpp"
#include "channel/mail/mime/embedded.hpp"
#include "channel/mail/mime/encoded_words.hpp"
#include "channel/mail/mime/flowed.hpp"
#include "channel/mail/mime/gobject.hpp"
#include "channel/mail/mime/part.hpp"
#include "channel/mail/mime/smime.hpp"
#include "channel/mail/mime/structure.hpp"
#include "channel/mail/mime/tnef.hpp"

namespace ombud::mail {
namespace {

// In which forms the words of a part are wanted: as text, as a formatted body. Without either they
// are another form of what was taken.
struct Want {
  bool text = false, blocks = false;
  bool any() const { return text || blocks; }
};

class Walk {
 public:
  Walk(const ParseLimits& limits, ParsedMail& mail) : limits_(limits), mail_(mail) {}

  void run(GMimeObject* root) {
    visit(root, 0, {true, true});
    assemble(pieces_, mail_);
  }

 private:
  // What of `want` it gave.
  Want visit(GMimeObject* object, int depth, Want want) {
    if (object == nullptr) return {};
    if (depth > limits_.depth_max) {
      return cut(
          fmt::format("Parts of the mail are nested deeper than {} levels: what is below is "
                      "only in the original.",
                      limits_.depth_max));
    }
    if (parts_ >= limits_.parts_max) {
      return cut(fmt::format("The mail has more than {} parts: the rest is only in the original.",
                             limits_.parts_max));
    }
    ++parts_;
    if (GMIME_IS_MULTIPART(object)) return multipart(GMIME_MULTIPART(object), depth, want);
    if (GMIME_IS_MESSAGE_PART(object)) {
      message(GMIME_MESSAGE_PART(object));
      return {};
    }
    if (GMIME_IS_PART(object)) return part(GMIME_PART(object), depth, want);
    attach(object, written(object));  // message/partial and whatever GMime adds one day
    return {};
  }

  Want cut(std::string sentence) {
    mail_.flags.cut = true;
    remark(mail_, std::move(sentence));
    return {};
  }

  Want multipart(GMimeMultipart* multi, int depth, Want want) {
    GMimeObject* object = GMIME_OBJECT(multi);
    const int count = g_mime_multipart_get_count(multi);
    if (count == 0) {
      mail_.flags.damaged = true;  // no boundary, or not the one it names
      const std::string text = text_of(g_mime_multipart_get_prologue(multi));
      return words(BodyPiece::Form::plain, to_utf8(text, parameter(object, "charset")), want);
    }
    if (!multi->write_end_boundary) mail_.flags.damaged = true;  // its end is missing
    if (is_type(object, "multipart", "report")) return report(multi, count, depth, want);
    if (is_type(object, "multipart", "alternative")) return alternative(multi, count, depth, want);
    if (is_type(object, "multipart", "signed")) return signed_parts(multi, count, depth, want);
    if (is_type(object, "multipart", "encrypted")) return encrypted_parts(multi, count, depth);
    Want got;
    for (int i = 0; i < count; ++i) {
      const Want one = visit(g_mime_multipart_get_part(multi, i), depth + 1, want);
      got = {got.text || one.text, got.blocks || one.blocks};
    }
    return got;
  }

  // The text is the plain form if it says anything, the formatted body the last of the other forms;
  // where one is missing the other serves for both. Files in the forms that are left are kept.
  Want alternative(GMimeMultipart* multi, int count, int depth, Want want) {
    std::vector<bool> seen(static_cast<std::size_t>(count), false);
    const auto take = [&](int i, Want part_want) {
      seen[static_cast<std::size_t>(i)] = true;
      return visit(g_mime_multipart_get_part(multi, i), depth + 1, part_want);
    };
    int last = -1;  // of the other forms
    for (int i = 0; i < count; ++i) {
      GMimeObject* child = g_mime_multipart_get_part(multi, i);
      const bool body = is_text(child, depth + 1) || GMIME_IS_MULTIPART(child);
      if (body && !is_type(child, "text", "plain")) last = i;
    }
    Want got;
    for (int i = 0; want.any() && !got.text && i < count; ++i) {
      GMimeObject* child = g_mime_multipart_get_part(multi, i);
      if (!is_type(child, "text", "plain") || !is_text(child, depth + 1)) continue;
      got = take(i, {want.text, want.blocks && last < 0});
    }
    for (int i = last; want.any() && i >= 0; --i) {
      GMimeObject* child = g_mime_multipart_get_part(multi, i);
      const bool body = is_text(child, depth + 1) || GMIME_IS_MULTIPART(child);
      if (!body || seen[static_cast<std::size_t>(i)]) continue;
      const Want missing{want.text && !got.text, want.blocks && !got.blocks};
      if (!missing.any()) break;
      const Want one = take(i, missing);
      got = {got.text || one.text, got.blocks || one.blocks};
    }
    for (int i = 0; i < count; ++i) {
      if (!seen[static_cast<std::size_t>(i)]) take(i, {});
    }
    return got;
  }

  Want report(GMimeMultipart* multi, int count, int depth, Want want) {
    mail_.delivery_report = true;
    Want got;
    for (int i = 0; i < count; ++i) {
      GMimeObject* child = g_mime_multipart_get_part(multi, i);
      if (GMIME_IS_MESSAGE_PART(child) || is_type(child, "text", "rfc822-headers"))
        note_reported(child);
      const Want one = visit(child, depth + 1, want);
      got = {got.text || one.text, got.blocks || one.blocks};
    }
    return got;
  }

  // RFC 1847: the first part is what was signed, the second the signature.
  Want signed_parts(GMimeMultipart* multi, int count, int depth, Want want) {
    Want got;
    for (int i = 0; i < count; ++i) {
      GMimeObject* child = g_mime_multipart_get_part(multi, i);
      const bool smime = is_type(child, "application", "pkcs7-signature") ||
                         is_type(child, "application", "x-pkcs7-signature");
      const bool openpgp = is_type(child, "application", "pgp-signature");
      if (i > 0 && (smime || openpgp)) {
        mail_.signed_by = smime ? SignedBy::smime : SignedBy::openpgp;
        continue;
      }
      const Want one = visit(child, depth + 1, want);
      got = {got.text || one.text, got.blocks || one.blocks};
    }
    return got;
  }

  Want encrypted_parts(GMimeMultipart* multi, int count, int depth) {
    encrypted();
    for (int i = 0; i < count; ++i) {
      GMimeObject* child = g_mime_multipart_get_part(multi, i);
      if (!is_type(child, "application", "pgp-encrypted")) visit(child, depth + 1, {});
    }
    return {};
  }

  void encrypted() {
    mail_.encrypted = true;
    remark(mail_,
           "The mail is encrypted: only who has the key can read it. It is attached as it came.");
  }

  // The Message-ID of the mail that a delivery report gives back.
  void note_reported(GMimeObject* child) {
    std::string id;
    if (GMIME_IS_MESSAGE_PART(child)) {
      GMimeMessage* inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(child));
      if (inner != nullptr)
        id = text_of(g_mime_object_get_header(GMIME_OBJECT(inner), "Message-Id"));
    } else if (GMIME_IS_PART(child)) {
      id = message_id_of(content(GMIME_PART(child)));
    }
    for (std::string& found : message_ids(id)) {
      if (mail_.reported_ids.size() < kReferencesMax)
        mail_.reported_ids.push_back(std::move(found));
    }
  }

  // A text that is read as the mail's words. A mail that is one part is that even with a name.
  static bool is_text(GMimeObject* object, int depth) {
    const bool body = is_type(object, "text", "plain") || is_type(object, "text", "html") ||
                      is_type(object, "text", "enriched") || is_type(object, "text", "richtext");
    // "Content-Type: text" is none, so it is plain text (RFC 2045 section 5.2).
    const bool no_type =
        depth == 0 &&
        text_of(g_mime_object_get_header(object, "Content-Type")).find('/') == std::string::npos;
    if (!GMIME_IS_PART(object) || has_disposition(object, "attachment")) return false;
    if (!body && !no_type) return false;
    return depth == 0 || text_of(g_mime_part_get_filename(GMIME_PART(object))).empty();
  }

  Want part(GMimePart* one, int depth, Want want) {
    GMimeObject* object = GMIME_OBJECT(one);
    const std::string type = media_type_of(object);
    if (is_text(object, depth)) {
      if (!want.any()) return {};
      return text(object, content(one), want);
    }
    std::string bytes = content(one);
    const std::string name = folded(file_name(one));
    const bool named = type == "application/octet-stream";
    if (type == "application/pkcs7-mime" || type == "application/x-pkcs7-mime" ||
        (named && name.ends_with(".p7m"))) {
      return smime(object, std::move(bytes), depth, want);
    }
    if (type == "application/ms-tnef" || type == "application/vnd.ms-tnef" ||
        (named && name == "winmail.dat")) {
      return tnef(object, std::move(bytes), want);
    }
    if (type == "text/calendar" || type == "application/ics") {
      calendar(object, std::move(bytes));
      return {};
    }
    const bool picture =
        type.starts_with("image/") && want.any() && has_disposition(object, "inline");
    attach(object, std::move(bytes));
    if (picture && !mail_.attachments.empty()) {
      BodyPiece piece;
      piece.form = BodyPiece::Form::image;
      piece.attachment = mail_.attachments.size() - 1;
      pieces_.push_back(std::move(piece));
    }
    return {};
  }

  Want text(GMimeObject* object, std::string bytes, Want want) {
    std::string charset = parameter(object, "charset");
    if (is_type(object, "text", "html")) {
      const std::string said = folded(charset);
      if (said.empty() || said == "us-ascii") charset = html_charset(bytes);
      const std::size_t room = limits_.html_bytes_max - html_bytes_;
      const bool whole = bytes.size() <= room;
      if (!whole) {
        bytes = bytes.substr(0, room);
        cut(fmt::format("The formatted text has more than {} MB: the rest is only in the original.",
                        limits_.html_bytes_max >> 20U));
      }
      html_bytes_ += bytes.size();
      return words(BodyPiece::Form::html, to_utf8(bytes, charset), want, whole);
    }
    const bool enriched =
        is_type(object, "text", "enriched") || is_type(object, "text", "richtext");
    if (!enriched) bytes = without_files(std::move(bytes));
    std::string text = to_utf8(bytes, charset);
    std::string().swap(bytes);
    if (text.size() > limits_.text_bytes_max - text_bytes_) text = beginning(std::move(text));
    text_bytes_ += text.size();
    if (folded(parameter(object, "format")) == "flowed") {
      text = unflow(text, folded(parameter(object, "delsp")) == "yes");
    }
    if (enriched) text = enriched_to_text(text);
    ArmoredText plain = unarmor(std::move(text));
    if (plain.is_signed) mail_.signed_by = SignedBy::openpgp;
    if (!plain.encrypted.empty()) {
      encrypted();
      MailAttachment file;
      file.name = "encrypted.asc";
      file.media_type = "application/pgp-encrypted";
      file.bytes = std::move(plain.encrypted);
      keep(std::move(file));
    }
    return words(BodyPiece::Form::plain, std::move(plain.text), want);
  }

  // As many whole lines as are read as words; all of it becomes a file.
  std::string beginning(std::string text) {
    const std::size_t room = limits_.text_bytes_max - text_bytes_;
    const std::size_t line = room == 0 ? std::string::npos : text.rfind('\n', room - 1);
    std::string first(line == std::string::npos ? cut_utf8(text, room)
                                                : std::string_view(text).substr(0, line + 1));
    MailAttachment file;
    file.name = "message.txt";
    file.media_type = "text/plain";
    file.bytes = std::move(text);
    const std::size_t before = mail_.attachments.size();
    keep(std::move(file));
    mail_.text_in_file |= mail_.attachments.size() > before;
    return first;
  }

  Want words(BodyPiece::Form form, std::string text, Want want, bool whole = true) {
    if (!want.any() || blank(text)) return {};
    BodyPiece piece;
    piece.form = form;
    piece.as_text = want.text;
    piece.as_blocks = want.blocks;
    piece.whole = whole;
    piece.words = std::move(text);
    pieces_.push_back(std::move(piece));
    return want;
  }

  std::string without_files(std::string bytes) {
    Extracted found =
        extract_files(std::move(bytes), limits_.parts_max - std::min(parts_, limits_.parts_max));
    for (EmbeddedFile& one : found.files) {
      ++parts_;
      mail_.flags.damaged |= !one.whole;
      MailAttachment file;
      file.name = one_line(to_utf8(one.name, ""), kFileNameBytesMax);
      file.media_type = "application/octet-stream";
      file.bytes = std::move(one.bytes);
      keep(std::move(file));
    }
    return std::move(found.rest);
  }

  Want smime(GMimeObject* object, std::string bytes, int depth, Want want) {
    SmimeContent found = read_smime(bytes);
    switch (found.kind) {
      case SmimeContent::Kind::signed_data: {
        mail_.signed_by = SignedBy::smime;
        if (auto bounded = bounded_structure(found.content)) {
          found.content = std::move(*bounded);
          cut(std::string(kTooMuchStructure));
        }
        const ViewStream stream(found.content);
        const Owned<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
        const Owned<GMimeObject> inner(g_mime_parser_construct_part(parser.get(), nullptr));
        return visit(inner.get(), depth + 1, want);
      }
      case SmimeContent::Kind::encrypted:
        encrypted();
        break;
      case SmimeContent::Kind::certificates:
        break;
      case SmimeContent::Kind::unreadable:
        mail_.flags.damaged = true;
        break;
    }
    attach(object, std::move(bytes));
    return {};
  }

  Want tnef(GMimeObject* object, std::string bytes, Want want) {
    TnefContent found = read_tnef(bytes);
    if (!found.whole) {
      remark(mail_, "Outlook's file winmail.dat could not be read to its end: it is attached.");
      mail_.flags.damaged = true;
      attach(object, std::move(bytes));
    }
    for (TnefFile& one : found.files) {
      MailAttachment file;
      file.name = std::move(one.name);
      file.media_type = media_type_or_default(one.media_type);
      file.content_id = one_line(one.content_id, kFileNameBytesMax);
      file.shown_inline = !file.content_id.empty();
      file.bytes = std::move(one.bytes);
      keep(std::move(file));
    }
    // Its body is another form of the text that came beside it.
    const bool text = std::any_of(pieces_.begin(), pieces_.end(),
                                  [](const BodyPiece& piece) { return piece.as_text; });
    const Want missing{want.text && !text, want.blocks && !text};
    if (!found.html.empty()) return words(BodyPiece::Form::html, std::move(found.html), missing);
    return words(BodyPiece::Form::plain, std::move(found.text), missing);
  }

  static std::string media_type_or_default(const std::string& type) {
    const Owned<GMimeContentType> parsed(g_mime_content_type_parse(nullptr, type.c_str()));
    const OwnedText text(g_mime_content_type_get_mime_type(parsed.get()));
    std::string plain = folded(one_line(text_of(text.get()), 127));
    const bool fine =
        !type.empty() && is_utf8(plain) && plain.find('/') != std::string::npos &&
        std::all_of(plain.begin(), plain.end(), [](char c) { return c > ' ' && c < 0x7F; });
    return fine ? plain : "application/octet-stream";
  }

  void calendar(GMimeObject* object, std::string bytes) {
    const std::string text = to_utf8(bytes, parameter(object, "charset"));
    if (!mail_.calendar) mail_.calendar = read_calendar(text);
    // Google's programs send the same file twice, in two types.
    const bool known = std::any_of(
        mail_.attachments.begin(), mail_.attachments.end(), [&](const MailAttachment& file) {
          return file.bytes == bytes && file.media_type == "text/calendar";
        });
    if (!known) attach(object, std::move(bytes));
  }

  std::string content(GMimePart* one) {
    GMimeDataWrapper* wrapper = g_mime_part_get_content(one);
    if (wrapper == nullptr) return {};
    if (g_mime_data_wrapper_get_encoding(wrapper) == GMIME_CONTENT_ENCODING_BASE64 &&
        is_broken_base64(wrapper)) {
      mail_.flags.damaged = true;
      return loose_base64(encoded(wrapper));  // GMime loses the last group
    }
    return decoded(wrapper);
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
    keep(std::move(file));
  }

  void attach(GMimeObject* object, std::string bytes) {
    MailAttachment file;
    file.media_type = media_type_of(object);
    if (GMIME_IS_PART(object)) {
      file.name = file_name(GMIME_PART(object));
    }
    file.content_id = one_line(text_of(g_mime_object_get_content_id(object)), kFileNameBytesMax);
    file.shown_inline = has_disposition(object, "inline") || !file.content_id.empty();
    file.bytes = std::move(bytes);
    keep(std::move(file));
  }

  void keep(MailAttachment file) {
    if (file.name.empty()) {
      file.name = fmt::format("attachment-{}{}", mail_.attachments.size() + 1,
                              extension_for(file.media_type));
    }
    if (file.bytes.size() > limits_.decoded_bytes_max - decoded_bytes_) {
      cut(fmt::format("The files of the mail have more than {} MB: \"{}\" is only in the original.",
                      limits_.decoded_bytes_max >> 20U, file.name));
      file.bytes.clear();
      return;
    }
    decoded_bytes_ += file.bytes.size();
    mail_.attachments.push_back(std::move(file));
  }

  const ParseLimits& limits_;
  ParsedMail& mail_;
  std::vector<BodyPiece> pieces_;
  std::size_t parts_ = 0, decoded_bytes_ = 0, text_bytes_ = 0, html_bytes_ = 0;
};

}  // namespace

void read_body(GMimeObject* root, const ParseLimits& limits, ParsedMail& mail) {
  Walk(limits, mail).run(root);
}

}  // namespace ombud::mail
