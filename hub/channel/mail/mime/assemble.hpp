// From the pieces of text in a mail, in their order, to what a reader gets: `text`, `shown` and
// `blocks` of ParsedMail. Part of body.hpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "channel/mail/mime/message.hpp"

namespace ombud::mail {

struct BodyPiece {
  enum class Form { plain, html, image } form = Form::plain;
  bool as_text = true, as_blocks = true;  // two pieces may be two forms of the same words
  bool whole = true;                      // html: nothing of its end is missing
  std::string words;                      // UTF-8: text with \n, or HTML
  std::size_t attachment = 0;             // image: its place
};

// Pictures written into HTML become attachments. `mail` has its subject and attachments.
void assemble(const std::vector<BodyPiece>& pieces, ParsedMail& mail);

inline constexpr std::string_view kTooMuchStructure =
    "The mail has more parts and header fields than can be read: the rest is only in the original.";

// Says it once.
void remark(ParsedMail& mail, std::string sentence);

}  // namespace ombud::mail
