// What stands inside a plain text part instead of in a part of its own: files in uuencode and yEnc,
// and text under an OpenPGP signature or cipher. Pure; takes anything.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ombud::mail {

struct EmbeddedFile {
  std::string name;  // bytes as written, may be empty
  std::string bytes;
  bool whole = true;  // as long as it said, with its end
};

struct Extracted {
  std::string rest;  // the text without them
  std::vector<EmbeddedFile> files;
};

// A block that does not hold to its form stays text. At most `files_max`; the rest stays text.
Extracted extract_files(std::string text, std::size_t files_max);

struct ArmoredText {
  std::string text;       // signed text without its frame; around a cipher: the words outside
  std::string encrypted;  // the armored block; empty if there is none
  bool is_signed = false;
};
// `text` with \n line ends.
ArmoredText unarmor(std::string text);

// text/enriched (RFC 1896) and text/richtext as plain text.
std::string enriched_to_text(std::string_view text);

}  // namespace ombud::mail
