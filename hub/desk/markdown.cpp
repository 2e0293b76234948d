#include "desk/markdown.hpp"

#include <fmt/format.h>
#include <md4c.h>

#include <algorithm>
#include <vector>

#include "base/html_text.hpp"
#include "base/json.hpp"

namespace ombud::desk {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

std::string plain(MD_TEXTTYPE type, std::string_view text) {
  if (type == MD_TEXT_NULLCHAR) return std::string(kReplacement);
  return type == MD_TEXT_ENTITY ? html_unescaped(text) : std::string(text);
}

std::string plain(const MD_ATTRIBUTE& attribute) {
  std::string text;
  if (attribute.text == nullptr) return text;
  for (std::size_t i = 0; attribute.substr_offsets[i] < attribute.size; ++i) {
    const std::size_t from = attribute.substr_offsets[i], to = attribute.substr_offsets[i + 1];
    text += plain(attribute.substr_types[i], {attribute.text + from, to - from});
  }
  return text;
}

// The address, if a reader may be sent there; empty otherwise.
std::string safe_address(const MD_ATTRIBUTE& attribute) {
  std::string address = plain(attribute);
  std::string scheme = address.substr(0, address.find(':'));
  for (char& c : scheme) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  const bool known = scheme == "http" || scheme == "https" || scheme == "mailto";
  const bool whole = known && address.size() > scheme.size() + 1;
  const bool control = std::any_of(address.begin(), address.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
  if (!whole || control || address.size() > kLinkBytesMax) return {};
  if (scheme != "mailto" && address.substr(scheme.size() + 1, 2) != "//") return {};
  return address;
}

// Writes the tree while md4c tells it. md4c 0.4.8 goes on telling after it was told to stop.
class Blocks {
 public:
  Blocks() { out_.begin_array(); }

  int enter(MD_BLOCKTYPE type, void* detail) {
    if (full_ != 0) return full_;
    flush();
    switch (type) {
      case MD_BLOCK_DOC:
      case MD_BLOCK_THEAD:
      case MD_BLOCK_TBODY:
      case MD_BLOCK_HTML:  // never, by the flags
        return 0;
      case MD_BLOCK_HR:
        return leaf("hr");
      case MD_BLOCK_H:
        return open("h", [&] {
          out_.field("level", static_cast<int>(static_cast<MD_BLOCK_H_DETAIL*>(detail)->level));
        });
      case MD_BLOCK_OL:
        return open("ol", [&] {
          const unsigned start = static_cast<MD_BLOCK_OL_DETAIL*>(detail)->start;
          out_.field("start", std::int64_t{start});
        });
      case MD_BLOCK_CODE:
        return open("code", [&] {
          const std::string lang = plain(static_cast<MD_BLOCK_CODE_DETAIL*>(detail)->lang);
          if (!lang.empty()) out_.field("lang", lang);
        });
      default:
        return open(name_of(type));
    }
  }

  int leave(MD_BLOCKTYPE type) {
    if (full_ != 0) return full_;
    flush();
    while (!spans_.empty()) close_span();
    switch (type) {
      case MD_BLOCK_DOC:
      case MD_BLOCK_THEAD:
      case MD_BLOCK_TBODY:
      case MD_BLOCK_HTML:
      case MD_BLOCK_HR:
        return 0;
      default:
        close();
        return 0;
    }
  }

  int enter(MD_SPANTYPE type, void* detail) {
    if (full_ != 0) return full_;
    flush();
    switch (type) {
      case MD_SPAN_EM:
        return span(type, "em");
      case MD_SPAN_STRONG:
        return span(type, "strong");
      case MD_SPAN_DEL:
        return span(type, "del");
      case MD_SPAN_A:
        return link(type, static_cast<MD_SPAN_A_DETAIL*>(detail)->href);
      case MD_SPAN_IMG:
        return link(type, static_cast<MD_SPAN_IMG_DETAIL*>(detail)->src);
      default:  // code, whose text follows; the others are not asked for
        spans_.push_back({type, false});
        return 0;
    }
  }

  // md4c 0.4.8 does not always leave spans in the order in which it entered them, nor each of them:
  // here a span ends all that began inside it.
  int leave(MD_SPANTYPE type) {
    if (full_ != 0) return full_;
    const auto begun = std::find_if(spans_.rbegin(), spans_.rend(),
                                    [type](const Span& span) { return span.type == type; });
    if (begun == spans_.rend()) return full_;
    if (type == MD_SPAN_CODE) {
      if (count() != 0) return full_;
      out_.begin_object().field("t", "codespan").field("v", text_).end_object();
      text_.clear();
    }
    flush();
    for (auto inside = std::distance(spans_.rbegin(), begun); inside >= 0; --inside) close_span();
    return full_;
  }

  int text(MD_TEXTTYPE type, std::string_view piece) {
    if (full_ != 0) return full_;
    if (type == MD_TEXT_BR) {
      flush();
      return leaf("br");
    }
    text_ += type == MD_TEXT_SOFTBR ? " " : plain(type, piece);
    return full_;
  }

  Result<std::string> finish(int code) {
    if (full_ != 0) return invalid("/text", refusal_);
    if (code != 0) return invalid("/text", "cannot be read as CommonMark");
    return out_.end_array().take();
  }

 private:
  struct Span {
    MD_SPANTYPE type = MD_SPAN_EM;
    bool written = true;  // has a node of its own
    bool link = false;
  };

  static std::string_view name_of(MD_BLOCKTYPE type) {
    switch (type) {
      case MD_BLOCK_QUOTE:
        return "quote";
      case MD_BLOCK_UL:
        return "ul";
      case MD_BLOCK_LI:
        return "li";
      case MD_BLOCK_TABLE:
        return "table";
      case MD_BLOCK_TR:
        return "tr";
      case MD_BLOCK_TH:
        return "th";
      case MD_BLOCK_TD:
        return "td";
      default:
        return "p";
    }
  }

  // Not zero ends md4c's work.
  int refuse(std::string why) {
    refusal_ = std::move(why);
    return full_ = 1;
  }
  int count() {
    if (++nodes_ <= kMarkdownNodesMax) return full_;
    return refuse(
        fmt::format("has more than {} parts; make it several articles", kMarkdownNodesMax));
  }

  template <class Members>
  int open(std::string_view name, Members members) {
    if (count() != 0) return full_;
    if (++depth_ > kMarkdownDepthMax) {
      return refuse(fmt::format("is nested deeper than {} levels", kMarkdownDepthMax));
    }
    out_.begin_object().field("t", name);
    members();
    out_.begin_array("c");
    return 0;
  }
  int open(std::string_view name) {
    return open(name, [] {});
  }
  void close() {
    --depth_;
    out_.end_array().end_object();
  }
  int leaf(std::string_view name) {
    if (count() != 0) return full_;
    out_.begin_object().field("t", name).end_object();
    return 0;
  }
  int span(MD_SPANTYPE type, std::string_view name) {
    spans_.push_back({type});
    return open(name);
  }
  int link(MD_SPANTYPE type, const MD_ATTRIBUTE& target) {
    const std::string address = in_link_ ? std::string() : safe_address(target);
    in_link_ = in_link_ || !address.empty();
    spans_.push_back({type, !address.empty(), !address.empty()});
    if (address.empty()) return 0;
    return open("a", [&] { out_.field("href", address); });
  }
  void close_span() {
    const Span span = spans_.back();
    spans_.pop_back();
    if (span.link) in_link_ = false;
    if (span.written) close();
  }
  void flush() {
    if (text_.empty() || full_ != 0) return;
    if (count() != 0) return;  // the next call ends it
    out_.begin_object().field("t", "text").field("v", text_).end_object();
    text_.clear();
  }

  json::Writer out_;
  std::string text_;  // md4c tells a text in pieces
  std::vector<Span> spans_;
  bool in_link_ = false;
  int depth_ = 0;
  std::size_t nodes_ = 0;
  int full_ = 0;
  std::string refusal_;
};

Blocks& self(void* blocks) {
  return *static_cast<Blocks*>(blocks);
}

}  // namespace

Result<std::string> markdown_blocks(std::string_view text) {
  MD_PARSER parser{};
  parser.flags =
      MD_FLAG_NOHTML | MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_PERMISSIVEAUTOLINKS;
  parser.enter_block = [](MD_BLOCKTYPE type, void* detail, void* blocks) {
    return self(blocks).enter(type, detail);
  };
  parser.leave_block = [](MD_BLOCKTYPE type, void*, void* blocks) {
    return self(blocks).leave(type);
  };
  parser.enter_span = [](MD_SPANTYPE type, void* detail, void* blocks) {
    return self(blocks).enter(type, detail);
  };
  parser.leave_span = [](MD_SPANTYPE type, void*, void* blocks) {
    return self(blocks).leave(type);
  };
  parser.text = [](MD_TEXTTYPE type, const MD_CHAR* piece, MD_SIZE size, void* blocks) {
    return self(blocks).text(type, {piece, size});
  };
  Blocks blocks;
  const int code = md_parse(text.data(), static_cast<MD_SIZE>(text.size()), &parser, &blocks);
  return blocks.finish(code);
}

}  // namespace ombud::desk
