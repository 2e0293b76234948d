#include "channel/mail/mime/assemble.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "base/html_text.hpp"
#include "channel/mail/addresses.hpp"
#include "channel/mail/mime/block_tree.hpp"
#include "channel/mail/mime/charset.hpp"
#include "channel/mail/mime/html_blocks.hpp"
#include "channel/mail/mime/part.hpp"
#include "channel/mail/mime/trim.hpp"

namespace ombud::mail {
namespace {

constexpr std::size_t kSignpostBytesMax = 250;

// "Your mail program does not show HTML": what some programs send as the plain form.
bool is_signpost(const std::string& plain, std::size_t html_text_bytes) {
  return plain.size() < kSignpostBytesMax && html_text_bytes > 2 * plain.size() &&
         folded(plain).find("html") != std::string::npos;
}

void move_links(std::vector<Block>& blocks, int by) {
  for (Block& block : blocks) {
    for (Run& run : block.runs) {
      if (run.look.link >= 0) run.look.link += by;
    }
    move_links(block.children, by);
  }
}

class Assembly {
 public:
  Assembly(const std::vector<BodyPiece>& pieces, ParsedMail& mail) : pieces_(pieces), mail_(mail) {
    used_.resize(mail.attachments.size(), false);
  }

  void run() {
    convert();
    collect();
    std::vector<TextLine> lines = lines_of(tree_);
    const TrimFacts facts{mail_.subject, !mail_.references.empty()};
    const std::vector<bool> hidden = history_of(lines, facts);
    if (text_is_tree_) {
      mail_.text = body_text(join_lines(lines));
      if (std::find(hidden.begin(), hidden.end(), true) != hidden.end()) {
        mail_.shown = body_text(join_lines(lines, hidden));
      }
      mail_.flags.from_html |= !mail_.text.empty();
    } else {
      join_text();
      mail_.shown = shown_of_text(mail_.text, facts);
    }
    if (mail_.shown == mail_.text) mail_.shown.clear();
    if (!formatted_) return;
    fold(tree_, hidden);
    bool too_large = false;
    mail_.blocks = to_json(tree_, too_large);
    if (too_large) {
      mail_.flags.cut = true;
      remark(mail_,
             fmt::format("The formatted text has more than {} parts or {} kB: it is shown as "
                         "plain text only.",
                         kBlockNodesMax, kBlockBytesMax >> 10U));
    }
  }

 private:
  FoundPicture picture(std::string_view name) {
    const std::string wanted = folded(name);
    if (pictures_.empty() && !mail_.attachments.empty()) know_pictures();
    auto found = pictures_.find("<" + wanted);
    if (found == pictures_.end()) found = pictures_.find(wanted);
    if (found == pictures_.end() || wanted.empty()) return {};
    MailAttachment& file = mail_.attachments[found->second];
    used_[found->second] = true;
    file.shown_inline = true;
    return {static_cast<int>(found->second), file.name};
  }

  // By content id, written behind a '<', and by file name; the first of each.
  void know_pictures() {
    for (std::size_t i = 0; i < used_.size(); ++i) {
      const MailAttachment& file = mail_.attachments[i];
      if (!file.media_type.starts_with("image/")) continue;
      if (!file.content_id.empty()) pictures_.emplace("<" + folded(file.content_id), i);
      pictures_.emplace(folded(file.name), i);
    }
  }

  void convert() {
    html_.resize(pieces_.size());
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
      const BodyPiece& piece = pieces_[i];
      if (piece.form != BodyPiece::Form::html) continue;
      HtmlBody body = html_blocks(
          piece.words, [this](std::string_view name) { return picture(name); },
          static_cast<int>(mail_.attachments.size()));
      for (HtmlPicture& one : body.pictures) {
        MailAttachment file;
        file.name =
            fmt::format("image-{}{}", mail_.attachments.size() + 1, extension_for(one.media_type));
        file.media_type = std::move(one.media_type);
        file.bytes = std::move(one.bytes);
        file.shown_inline = true;
        mail_.attachments.push_back(std::move(file));
      }
      if (body.pictures_left_out > 0) {
        mail_.flags.cut = true;
        remark(mail_, fmt::format("{} pictures written into the text could not be taken out of it: "
                                  "they are in the original.",
                                  body.pictures_left_out));
      }
      if (body.cut || !piece.whole) {
        whole_html_ = false;
        mail_.flags.cut = true;
        remark(mail_,
               "The formatted text is too large or too deeply nested: it is shown as plain text "
               "only.");
      }
      html_[i] = std::move(body.body);
    }
  }

  // The tree of all pieces, and whether the text is made from it.
  void collect() {
    bool html = false, image = false, plain = false;
    text_is_tree_ = whole_html_;
    std::size_t signpost = pieces_.size();
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
      const BodyPiece& piece = pieces_[i];
      if (piece.form == BodyPiece::Form::html) {
        html |= piece.as_blocks;
        text_is_tree_ &= piece.as_text == piece.as_blocks;
      } else if (piece.form == BodyPiece::Form::plain) {
        plain = true;
        text_is_tree_ = false;
        if (piece.as_text && !piece.as_blocks) signpost = signpost == pieces_.size() ? i : signpost;
      } else {
        image |= !used_[piece.attachment];
      }
    }
    formatted_ = whole_html_ && (html || (image && plain));
    if (!formatted_) {
      text_is_tree_ = false;
      return;
    }
    for (std::size_t i = 0; i < pieces_.size(); ++i) add(pieces_[i], html_[i]);
    signpost_ = signpost < pieces_.size() && html;
  }

  void add(const BodyPiece& piece, const Formatted& html) {
    if (!piece.as_blocks) return;
    std::vector<Block> blocks;
    if (piece.form == BodyPiece::Form::html) {
      blocks = html.blocks;
      move_links(blocks, static_cast<int>(tree_.links.size()));
      tree_.links.insert(tree_.links.end(), html.links.begin(), html.links.end());
    } else if (piece.form == BodyPiece::Form::plain) {
      blocks = blocks_of_text(body_text(piece.words));
    } else if (!used_[piece.attachment]) {
      Run image;
      image.type = Run::Type::image;
      image.attachment = static_cast<int>(piece.attachment);
      image.text = mail_.attachments[piece.attachment].name;
      Block paragraph;
      paragraph.runs.push_back(std::move(image));
      blocks.push_back(std::move(paragraph));
    }
    std::move(blocks.begin(), blocks.end(), std::back_inserter(tree_.blocks));
  }

  void join_text() {
    std::size_t html_bytes = 0;
    std::string from_tree;
    if (signpost_) {
      from_tree = body_text(join_lines(lines_of(tree_)));
      html_bytes = from_tree.size();
    }
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
      const BodyPiece& piece = pieces_[i];
      if (!piece.as_text || piece.form == BodyPiece::Form::image) continue;
      const bool html = piece.form == BodyPiece::Form::html;
      std::string words = body_text(
          !html ? piece.words
                : (whole_html_ ? join_lines(lines_of(html_[i])) : html_to_text(piece.words)));
      if (blank(words)) continue;
      if (!mail_.text.empty()) mail_.text += "\n\n";
      mail_.text += words;
      mail_.flags.from_html |= html;
    }
    if (signpost_ && is_signpost(mail_.text, html_bytes)) {
      mail_.text = std::move(from_tree);
      mail_.flags.from_html = true;
    }
  }

  const std::vector<BodyPiece>& pieces_;
  ParsedMail& mail_;
  std::vector<bool> used_;  // attachments that the text shows in their place
  std::unordered_map<std::string, std::size_t> pictures_;
  std::vector<Formatted> html_;
  Formatted tree_;
  bool whole_html_ = true, text_is_tree_ = false, formatted_ = false, signpost_ = false;
};

}  // namespace

void assemble(const std::vector<BodyPiece>& pieces, ParsedMail& mail) {
  Assembly(pieces, mail).run();
}

void remark(ParsedMail& mail, std::string sentence) {
  if (std::find(mail.remarks.begin(), mail.remarks.end(), sentence) == mail.remarks.end()) {
    mail.remarks.push_back(std::move(sentence));
  }
}

}  // namespace ombud::mail
