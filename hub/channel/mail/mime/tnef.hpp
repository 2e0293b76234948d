// What is in Outlook's winmail.dat (TNEF, MS-OXTNEF): files and the body that the other parts of
// the mail may lack. A small reader of our own: libytnef's record is one of heap overflows found by
// others, and of its forty properties a desk needs eight. Every length is checked against the bytes
// that are there. Pure; takes anything.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ombud::mail {

struct TnefFile {
  std::string name;        // may be empty
  std::string media_type;  // may be empty
  std::string content_id;
  std::string bytes;
};

struct TnefContent {
  bool whole = false;  // read to its end, nothing left out
  std::string text;    // UTF-8; at most one of text and html is set
  std::string html;    // UTF-8
  std::vector<TnefFile> files;
};

inline constexpr std::size_t kTnefFilesMax = 200;
inline constexpr std::size_t kTnefBytesMax = 64U << 20U;  // of everything in it, decompressed
inline constexpr std::size_t kRtfBytesMax = 8U << 20U;
inline constexpr int kTnefDepthMax = 3;  // messages in messages

TnefContent read_tnef(std::string_view bytes);

// Compressed RTF (MS-OXRTFCP); empty if it is none or larger than `bytes_max`.
std::string decompress_rtf(std::string_view bytes, std::size_t bytes_max);
// RTF as the HTML it was made from if it says so (MS-OXRTFEX), else as text.
struct RtfWords {
  bool html = false;
  std::string words;  // UTF-8
};
RtfWords read_rtf(std::string_view rtf);

}  // namespace ombud::mail
