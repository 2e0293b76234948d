// The HTML of a mail as a tree of blocks that is safe to show: allow-listed elements, links to
// http, https and mailto, no styles, no scripts, nothing fetched. Tables of layout become plain
// flow, tables of data stay. What the mail hides from its readers (display:none, letters of size 0)
// is left out, unless there is nothing else. Any input, in linear time; any thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "channel/mail/mime/block_tree.hpp"

namespace ombud::mail {

struct HtmlPicture {
  std::string media_type;  // "image/png"
  std::string bytes;
};

struct HtmlBody {
  Formatted body;
  // Too large or too deep (html_tree.hpp): `body` is only its beginning.
  bool cut = false;
  std::vector<HtmlPicture> pictures;  // written into the HTML itself (data:), in order
  std::size_t pictures_left_out = 0;  // more or larger ones than that
};

inline constexpr std::size_t kHtmlPicturesMax = 50;

struct FoundPicture {
  int attachment = -1;
  std::string name;
};

// `cid` answers what a picture of the mail is: by its content id ("cid:…", without the scheme) or
// by its file name. `first_picture` is the number that the first of `pictures` gets as an
// attachment.
HtmlBody html_blocks(std::string_view html,
                     const std::function<FoundPicture(std::string_view)>& cid, int first_picture);

}  // namespace ombud::mail
