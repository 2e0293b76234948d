// The readers of what stands in mails, each by itself, for bytes that would have to pass base64 and
// a MIME tree otherwise. The first byte says which.
#include <cstdint>
#include <cstdlib>

#include "base/bytes.hpp"
#include "channel/mail/mime/block_tree.hpp"
#include "channel/mail/mime/calendar.hpp"
#include "channel/mail/mime/charset.hpp"
#include "channel/mail/mime/embedded.hpp"
#include "channel/mail/mime/encoded_words.hpp"
#include "channel/mail/mime/flowed.hpp"
#include "channel/mail/mime/smime.hpp"
#include "channel/mail/mime/tnef.hpp"
#include "channel/mail/mime/trim.hpp"

namespace {

using namespace ombud::mail;

void must(bool holds) {
  if (!holds) std::abort();
}

void tnef(std::string_view bytes) {
  const TnefContent content = read_tnef(bytes);
  must(ombud::is_utf8(content.text) && ombud::is_utf8(content.html));
  must(content.files.size() <= kTnefFilesMax);
}

void charset(std::string_view input) {
  const std::size_t line = input.find('\n');
  if (line == std::string_view::npos) return;
  must(ombud::is_utf8(to_utf8(input.substr(line + 1), input.substr(0, line))));
}

void calendar(std::string_view bytes) {
  const auto event = read_calendar(to_utf8(bytes, ""));
  if (event) must(ombud::is_utf8(calendar_words(*event, "sv")));
}

void trim(std::string_view bytes) {
  const std::string text = body_text(to_utf8(bytes, ""));
  const std::string shown = shown_of_text(text, {"Re: x", false});
  must(shown.size() <= text.size());
  Formatted body;
  body.blocks = blocks_of_text(text);
  const auto lines = lines_of(body);
  fold(body, history_of(lines, {"Re: x", false}));
  bool too_large = false;
  must(ombud::is_utf8(to_json(body, too_large)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 't':
      tnef(rest);
      break;
    case 'r':
      must(ombud::is_utf8(read_rtf(rest).words));
      break;
    case 'l':
      must(decompress_rtf(rest, 1U << 20U).size() <= (1U << 20U) + 32);
      break;
    case 'c':
      calendar(rest);
      break;
    case 'u':
      extract_files(std::string(rest), 100);
      break;
    case 'p':
      unarmor(std::string(rest));
      break;
    case 'e':
      enriched_to_text(rest);
      break;
    case 's':
      read_smime(rest);
      break;
    case 'f':
      unflow(rest, (size & 1U) != 0);
      break;
    case 'w':
      must(ombud::is_utf8(decode_words(rest)));
      join_words(rest);
      break;
    case 'k':
      charset(rest);
      break;
    case 'x':
      trim(rest);
      break;
    default:
      break;
  }
  return 0;
}
