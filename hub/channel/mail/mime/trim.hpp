// Finds what of a reply is quoted history or signature, in text and in formatted bodies alike. It
// only says which lines: nothing is deleted. In doubt a line stays. Pure; linear in the text.
//
// Known: '>' and the lines that introduce it ("On … wrote:", "Den … skrev …:", "Am … schrieb …:"),
// Outlook's blocks of From/Sent/To/Subject and its rulers, "-----Original Message-----", "-- " and
// what telephones sign with; in Swedish, English and German, with the Danish, Norwegian and French
// words where they cost nothing. What mark-up says comes as TextLine::mark and cited.
//
// Everything stays when: the mail is forwarded (by its subject, or by the first separator, or
// because it has a block of headers and answers no mail: then somebody put it there); nothing
// but history would be left; the writer says that the answers stand further down; something is
// answered between or below the quoted lines (then only the signature goes).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "channel/mail/mime/block_tree.hpp"

namespace ombud::mail {

// "Fwd: …", "VB: …", "WG: …" and their kin: a mail passed on, not answered.
bool is_forward_subject(std::string_view subject);
// "Re: …", "[tag] SV: …", "AW: …".
bool is_reply_subject(std::string_view subject);

struct TrimFacts {
  std::string subject;
  bool answers = false;  // it names another mail as the one it answers
};

// One answer per line; all false where the mail is to be shown whole.
std::vector<bool> history_of(const std::vector<TextLine>& lines, const TrimFacts& facts);

// Plain text as lines: leading '>' become TextLine::quotes, `text` what stands behind them.
std::vector<TextLine> lines_of_text(std::string_view text);

// `text` without its hidden lines, byte for byte otherwise; empty if nothing is hidden.
std::string shown_of_text(std::string_view text, const TrimFacts& facts);

inline constexpr std::size_t kTrimLinesMax = 50'000;  // a longer mail is shown whole

}  // namespace ombud::mail
