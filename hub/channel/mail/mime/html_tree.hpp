// HTML as the elements and words in it, by libxml2's parser: a plain tree that knows only what
// html_blocks needs. Takes anything; styles, scripts and comments are gone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ombud::mail {

inline constexpr std::size_t kHtmlBytesMax = 8U << 20U;
inline constexpr std::size_t kHtmlNodesMax = 100'000;
// Elements inside each other. libxml2's work for an end tag grows with it, so it bounds the time.
inline constexpr int kHtmlDepthMax = 400;

struct HtmlNode {
  std::string name;  // lower case; empty for words
  std::string text;  // words
  // Attributes; long ones are left out, but for a `src` with the picture itself.
  std::string link;  // href or src
  std::string alt, style, css_class, id, role;
  int width = 0, height = 0, start = 0;
  bool hidden = false, cite = false;
  std::vector<std::uint32_t> children;  // places in HtmlTree::nodes, each after its parent's
};

struct HtmlTree {
  std::vector<HtmlNode> nodes;  // [0] is the root
  // Larger or deeper than the limits: the tree ends somewhere in the middle.
  bool cut = false;
};

// `html` is valid UTF-8, whatever it says of its charset.
HtmlTree read_html(std::string_view html);

}  // namespace ombud::mail
