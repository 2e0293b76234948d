#include "channel/mail/mime/html_tree.hpp"

#include <libxml/HTMLparser.h>
#include <libxml/parser.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <mutex>

#include "base/bytes.hpp"
#include "channel/mail/addresses.hpp"

namespace ombud::mail {
namespace {

// libxml2 looks for the end of a tag from its start again with every chunk.
constexpr std::size_t kChunkBytes = 1U << 20U;
constexpr std::size_t kLinkBytesMax = 2048;  // as desk/markdown.hpp
constexpr std::size_t kStyleBytesMax = 4096;
constexpr std::size_t kAltBytesMax = 1000;
constexpr std::size_t kWordBytesMax = 256;  // class, id, role
constexpr int kPixelsMax = 10'000;
constexpr std::string_view kRoot = "x-mail";
constexpr std::string_view kPicture = "data:image/";

struct ContextRelease {
  void operator()(htmlParserCtxt* context) const {
    if (context->myDoc != nullptr) xmlFreeDoc(context->myDoc);
    htmlFreeParserCtxt(context);
  }
};

std::string_view text_of(const xmlChar* text) {
  return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

int number(std::string_view text) {
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') break;
    value = std::min(value * 10 + (c - '0'), kPixelsMax);
  }
  return value;
}

bool gone(std::string_view name) {
  for (const std::string_view one : {"script", "style", "title", "xml", "template", "iframe",
                                     "noembed", "datalist", "audio", "video", "canvas"}) {
    if (name == one) return true;
  }
  return false;
}

// Without comments and declarations: libxml2 takes Outlook's "<![if …]>" for words. A comment that
// does not end hides nothing.
std::string without_declarations(std::string_view html) {
  std::string rest;
  rest.reserve(html.size());
  bool unended = false;  // no '>' follows: not to be looked for with every "<!" again
  while (!html.empty()) {
    const std::size_t at = std::min(html.find('<'), html.size());
    rest += html.substr(0, at);
    html.remove_prefix(at);
    if (html.empty()) break;
    const bool declaration = html.starts_with("<!") || html.starts_with("<?");
    if (!declaration) {
      rest += '<';
      html.remove_prefix(1);
      continue;
    }
    const bool comment = html.starts_with("<!--");
    const std::size_t end = comment   ? html.find("-->", 2)
                            : unended ? std::string_view::npos
                                      : html.find('>');
    unended |= !comment && end == std::string_view::npos;
    const std::size_t size = end == std::string_view::npos ? 2 : end + (comment ? 3 : 1);
    html.remove_prefix(size);
    if (comment && end == std::string_view::npos) {
      rest += html.substr(2);
      break;
    }
  }
  return rest;
}

class Reader {
 public:
  Reader() {
    tree_.nodes.emplace_back();
    open_.push_back(0);
  }

  HtmlTree read(std::string_view html) {
    htmlSAXHandler sax;
    std::memset(&sax, 0, sizeof sax);
    sax.startElement = [](void* self, const xmlChar* name, const xmlChar** attributes) {
      static_cast<Reader*>(self)->start(text_of(name), attributes);
    };
    sax.endElement = [](void* self, const xmlChar* name) {
      static_cast<Reader*>(self)->end(text_of(name));
    };
    const auto words = [](void* self, const xmlChar* text, int length) {
      static_cast<Reader*>(self)->words(
          {reinterpret_cast<const char*>(text), static_cast<std::size_t>(length)});
    };
    sax.characters = words;
    sax.ignorableWhitespace = words;
    sax.cdataBlock = words;
    const std::unique_ptr<htmlParserCtxt, ContextRelease> context(
        htmlCreatePushParserCtxt(&sax, this, nullptr, 0, nullptr, XML_CHAR_ENCODING_UTF8));
    if (!context) throw std::bad_alloc();
    context_ = context.get();
    htmlCtxtUseOptions(context_, HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
                                     HTML_PARSE_NONET | HTML_PARSE_NOIMPLIED |
                                     HTML_PARSE_IGNORE_ENC);
    if (html.size() > kHtmlBytesMax) {
      tree_.cut = true;
      html = cut_utf8(html, kHtmlBytesMax);
    }
    // libxml2 stops reading where the outermost element ends: so there is one around everything.
    feed("<" + std::string(kRoot) + ">");
    const std::string elements = without_declarations(html);
    std::string_view rest = elements;
    while (!rest.empty() && !stopped_) {
      const std::string_view chunk = rest.substr(0, kChunkBytes);
      feed(chunk);
      rest.remove_prefix(chunk.size());
      // Somebody knows its name, or libxml2 gave up.
      if (open_.size() < 2 || context_->disableSAX != 0) tree_.cut = stopped_ = true;
    }
    if (!stopped_) htmlParseChunk(context_, nullptr, 0, 1);
    return std::move(tree_);
  }

 private:
  void feed(std::string_view chunk) {
    htmlParseChunk(context_, chunk.data(), static_cast<int>(chunk.size()), 0);
  }

  void stop() {
    tree_.cut = true;
    stopped_ = true;
    xmlStopParser(context_);
  }

  HtmlNode* add() {
    if (tree_.nodes.size() >= kHtmlNodesMax) {
      stop();
      return nullptr;
    }
    const auto place = static_cast<std::uint32_t>(tree_.nodes.size());
    tree_.nodes[open_.back()].children.push_back(place);
    return &tree_.nodes.emplace_back();
  }

  void start(std::string_view name, const xmlChar** attributes) {
    if (stopped_) return;
    if (gone_ > 0 || gone(name)) {
      ++gone_;
      return;
    }
    if (open_.size() > kHtmlDepthMax) return stop();
    HtmlNode* node = add();
    if (node == nullptr) return;
    open_.push_back(static_cast<std::uint32_t>(tree_.nodes.size() - 1));
    node->name = name;
    for (; attributes != nullptr && attributes[0] != nullptr; attributes += 2) {
      attribute(*node, text_of(attributes[0]), text_of(attributes[1]));
    }
  }

  static void attribute(HtmlNode& node, std::string_view name, std::string_view value) {
    const auto keep = [&](std::string& into, std::size_t bytes_max) {
      if (value.size() <= bytes_max) into = value;
    };
    if (name == "href" || name == "src") {
      const bool picture = name == "src" && folded(value.substr(0, kPicture.size())) == kPicture;
      keep(node.link, picture ? kHtmlBytesMax : kLinkBytesMax);
    } else if (name == "alt") {
      node.alt = cut_utf8(value, kAltBytesMax);
    } else if (name == "style") {
      node.style = folded(cut_utf8(value, kStyleBytesMax));
    } else if (name == "class") {
      node.css_class = cut_utf8(value, kWordBytesMax);
    } else if (name == "id") {
      keep(node.id, kWordBytesMax);
    } else if (name == "role") {
      node.role = folded(cut_utf8(value, kWordBytesMax));
    } else if (name == "width") {
      node.width = value.ends_with('%') ? 0 : number(value);
    } else if (name == "height") {
      node.height = value.ends_with('%') ? 0 : number(value);
    } else if (name == "start") {
      node.start = number(value);
    } else if (name == "hidden") {
      node.hidden = true;
    } else if (name == "type") {
      node.cite |= folded(cut_utf8(value, kWordBytesMax)) == "cite";
    } else if (name == "data-smartmail") {
      if (value == "gmail_signature") node.css_class += " gmail_signature";
    }
  }

  void end(std::string_view) {
    if (stopped_) return;
    if (gone_ > 0) {
      --gone_;
    } else if (open_.size() > 1) {
      open_.pop_back();
    }
  }

  void words(std::string_view text) {
    if (stopped_ || gone_ > 0) return;
    // libxml2 tells long words in pieces.
    const std::vector<std::uint32_t>& siblings = tree_.nodes[open_.back()].children;
    if (!siblings.empty() && tree_.nodes[siblings.back()].name.empty()) {
      tree_.nodes[siblings.back()].text += text;
      return;
    }
    if (HtmlNode* node = add()) node->text = text;
  }

  HtmlTree tree_;
  std::vector<std::uint32_t> open_;
  htmlParserCtxt* context_ = nullptr;
  int gone_ = 0;
  bool stopped_ = false;
};

}  // namespace

HtmlTree read_html(std::string_view html) {
  static std::once_flag once;
  std::call_once(once, [] { xmlInitParser(); });
  return Reader().read(html);
}

}  // namespace ombud::mail
