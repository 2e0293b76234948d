// Reads one mail (RFC 5322, MIME) into a plain value, by GMime. Takes any bytes: it never throws
// for what a mail contains, every text in the result is valid UTF-8 without NUL, and what could not
// be read is said in the flags and remarks. Any thread; 5 kB cost about 50 µs as plain text and 250
// µs as HTML, the largest mails up to some 100 ms, so it does not belong on the hub's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace ombud::mail {

struct MailAddress {
  std::string name;     // may be empty
  std::string address;  // as written; may be anything on one line, see is_address()
};

struct MailAttachment {
  std::string name;        // never empty; any text on one line
  std::string media_type;  // lower case, such as "image/png"
  std::string bytes;       // decoded
  std::string content_id;  // without brackets; may be empty
  bool shown_inline = false;
};

struct ParseFlags {
  bool unreadable = false;  // nothing in it could be understood
  bool damaged =
      false;  // broken base64, a missing boundary, an empty multipart: something may be missing
  bool cut = false;        // more parts or deeper nesting than the limits; the rest was left out
  bool from_html = false;  // the text was made from HTML
  // Whoever shows this to people should have the original at hand.
  bool doubtful() const { return unreadable || damaged || cut; }
};

enum class SignedBy { none, smime, openpgp };

// What a calendar part asks or says (RFC 5545, 5546). Texts are one line each and may be empty.
struct CalendarEvent {
  std::string method;  // upper case: REQUEST, CANCEL, REPLY, PUBLISH, COUNTER …
  std::string summary, location;
  std::string organizer;  // name or address
  std::string starts,
      ends;          // "2026-11-25 10:00", of a whole day "2026-11-25", by the clock of `zone`
  std::string zone;  // "Europe/Stockholm", "UTC"; empty: it does not say
  std::string attendee, answer;  // of a REPLY: who, and ACCEPTED, DECLINED or TENTATIVE
  bool repeats = false;
  int more = 0;  // events in the part beyond this one
};

struct ParsedMail {
  MailAddress from;        // the first of From, else Sender; address empty if there is none
  bool from_sure = false;  // `from` has the one valid address of From
  std::vector<MailAddress> reply_to, to, cc;
  std::string subject;      // one line, whole
  std::string message_id;   // with its brackets; may be empty, as the next two
  std::string in_reply_to;  // the first of them
  std::vector<std::string>
      references;               // oldest first, the youngest kReferencesMax; In-Reply-To's too
  std::optional<Instant> date;  // the sender's clock
  // Header values in lower case without comments behind ';', empty if absent; see nature.hpp.
  std::string auto_submitted, precedence, return_path;
  bool list_header = false;       // List-Id or List-Unsubscribe
  bool loop_header = false;       // X-Loop, or any X-Ombud-…: it came out of a desk
  bool autoreply_header = false;  // X-Autoreply, X-Autorespond, X-Auto-Response-Suppress …
  bool delivery_report = false;   // multipart/report: a bounce or a receipt (RFC 6522)
  std::vector<std::string> reported_ids;  // Message-IDs of the mail that a delivery report is about
  std::string text;                       // the plain part, else made from HTML; lines end with \n
  bool text_in_file = false;  // `text` is its beginning: all of it is an attachment, message.txt
  // `text` without quoted history and signature; empty if that is all of it.
  std::string shown;
  // The formatted body as a tree of blocks (blocks.hpp), JSON; its images name attachments by
  // their place in `attachments`. Empty if there is no formatted body, or none that can be shown.
  std::string blocks;
  std::vector<MailAttachment> attachments;
  SignedBy signed_by = SignedBy::none;  // it carries a signature; nobody has verified it
  bool encrypted = false;               // the words are in an attachment that only its reader opens
  std::optional<CalendarEvent> calendar;
  std::vector<std::string> remarks;  // for the desk: what was cut or changed, one sentence each
  ParseFlags flags;
};

struct ParseLimits {
  std::size_t parts_max = 1000;
  int depth_max = 30;
  std::size_t decoded_bytes_max = 100U << 20U;  // of all attachments together
  // Read as words, of all parts together: what is read goes through a dozen forms in memory.
  std::size_t text_bytes_max = 2U << 20U;  // plain text; a longer one is a file, too
  std::size_t html_bytes_max = 8U << 20U;
};

inline constexpr std::size_t kReferencesMax = 100;
inline constexpr std::size_t kHeaderBytesMax = 32U << 10U;  // of one decoded header

ParsedMail parse_mail(std::string_view raw, const ParseLimits& limits = {});

// The message ids in a header's text, each with its brackets and without white space; what is none,
// or not of ASCII alone, is left out.
std::vector<std::string> message_ids(std::string_view text);

// The Message-ID of a raw mail, with its brackets, by its header lines alone; may be empty. Sought
// in the first kHeaderSectionBytesMax.
inline constexpr std::size_t kHeaderSectionBytesMax = std::size_t{1} << 20U;
std::string message_id_of(std::string_view raw);

}  // namespace ombud::mail
