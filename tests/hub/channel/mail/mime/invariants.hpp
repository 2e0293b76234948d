// What holds for every parsed mail, whatever the mail was: what the corpus, mutations of it and the
// fuzzer are checked against.
#pragma once

#include <array>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "channel/mail/mime/message.hpp"

namespace ombud::test {

class Rules {
 public:
  explicit Rules(const mail::ParsedMail& mail) : mail_(mail) {}

  std::vector<std::string> broken() {
    line("from", mail_.from.name);
    line("from", mail_.from.address);
    for (const auto* list : {&mail_.reply_to, &mail_.to, &mail_.cc}) {
      for (const mail::MailAddress& one : *list) {
        line("recipient", one.name);
        line("recipient", one.address);
      }
    }
    line("subject", mail_.subject);
    line("message id", mail_.message_id);
    for (const std::string& id : mail_.references) line("reference", id);
    text("text", mail_.text);
    text("shown", mail_.shown);
    for (const std::string& one : mail_.remarks) line("remark", one);
    for (const mail::MailAttachment& file : mail_.attachments) {
      line("file name", file.name);
      line("media type", file.media_type);
      line("content id", file.content_id);
      if (file.name.empty()) say("a file has no name");
    }
    if (const auto& event = mail_.calendar) {
      for (const std::string* one :
           {&event->method, &event->summary, &event->location, &event->organizer, &event->starts,
            &event->ends, &event->zone, &event->attendee, &event->answer}) {
        line("calendar", *one);
      }
    }
    shown_is_part_of_text();
    tree();
    return std::move(broken_);
  }

 private:
  void say(std::string sentence) {
    if (broken_.size() < 10) broken_.push_back(std::move(sentence));
  }

  void clean(const std::string& what, std::string_view value, bool lines) {
    if (!is_utf8(value)) say(what + " is not UTF-8");
    for (std::size_t i = 0; i < value.size(); ++i) {
      const auto byte = static_cast<unsigned char>(value[i]);
      const bool layout = lines && (byte == '\n' || byte == '\t');
      const auto next = i + 1 < value.size() ? static_cast<unsigned char>(value[i + 1]) : 0U;
      if ((byte < ' ' && !layout) || byte == 0x7F ||
          (byte == 0xC2 && next >= 0x80 && next < 0xA0)) {
        return say(what + " has a control character at " + std::to_string(i));
      }
    }
  }
  void line(const std::string& what, std::string_view value) { clean(what, value, false); }
  void text(const std::string& what, std::string_view value) { clean(what, value, true); }

  // Trimming hides lines and changes none: the words of `shown` stand in `text` in their order.
  void shown_is_part_of_text() {
    if (mail_.shown.empty()) return;
    std::size_t at = 0;
    std::string_view rest = mail_.shown;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      const std::string_view one = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      const std::size_t found = mail_.text.find(one, at);
      if (found == std::string::npos)
        return say("shown has a line that text has not: " + std::string(one));
      at = found + one.size();
    }
  }

  void tree() {
    if (mail_.blocks.empty()) return;
    const auto parsed = json::parse(mail_.blocks);
    if (!parsed) return say("the blocks are no JSON");
    const json::View root = parsed->root();
    if (!root.is_array() || root.size() == 0) return say("the blocks are no list");
    for (std::size_t i = 0; i < root.size(); ++i) block(root.at(i), 1, "");
    if (nodes_ > 20'000) say("the tree is too large");
    if (mail_.flags.from_html) words_of_tree_are_in_text();
  }

  static bool is(std::string_view kind, std::initializer_list<std::string_view> kinds) {
    for (const std::string_view one : kinds) {
      if (kind == one) return true;
    }
    return false;
  }

  void members(json::View node, std::initializer_list<std::string_view> allowed) {
    for (std::size_t i = 0; i < node.size(); ++i) {
      if (!is(node.name_at(i), allowed)) say("an unknown member: " + std::string(node.name_at(i)));
    }
  }

  void block(json::View node, int depth, std::string_view parent) {
    ++nodes_;
    if (depth > 26) return say("the tree is too deep");
    const std::string_view kind = node["t"].text();
    if (is(kind,
           {"text", "codespan", "br", "img", "a", "em", "strong", "del", "u", "sub", "sup"})) {
      if (!is(parent,
              {"p", "h", "li", "td", "th", "code", "a", "em", "strong", "del", "u", "sub", "sup"}))
        say("words stand in " + std::string(parent.empty() ? "nothing" : parent));
      return inline_node(node, depth, kind);
    }
    if (!is(kind, {"p", "h", "ul", "ol", "li", "quote", "code", "hr", "table", "tr", "th", "td",
                   "quoted"}))
      return say("an element outside the list: " + std::string(kind));
    const bool fits = kind == "li"                                    ? is(parent, {"ul", "ol"})
                      : kind == "tr"                                  ? parent == "table"
                      : is(kind, {"th", "td"})                        ? parent == "tr"
                      : is(parent, {"ul", "ol"})                      ? false
                      : is(parent, {"table", "tr", "p", "h", "code"}) ? false
                                                                      : true;
    if (!fits) say(std::string(kind) + " stands in " + std::string(parent));
    if (kind == "hr") return members(node, {"t"});
    members(node, {"t", "c", "level", "start"});
    if (kind == "h" && (node["level"].integer() < 1 || node["level"].integer() > 6))
      say("a wrong level");
    if (!node["c"].is_array()) return say("a block without children");
    for (std::size_t i = 0; i < node["c"].size(); ++i) block(node["c"].at(i), depth + 1, kind);
  }

  void inline_node(json::View node, int depth, std::string_view kind) {
    if (kind == "text" || kind == "codespan") {
      members(node, {"t", "v"});
      const std::string_view value = node["v"].text();
      if (value.empty()) say("an empty text");
      text("the tree", value);
      words_ += value;
      words_ += ' ';
    } else if (kind == "img") {
      members(node, {"t", "attachment", "alt", "source", "width", "height"});
      line("alt", node["alt"].text());
      line("source", node["source"].text());
      const auto place = node["attachment"].maybe_integer();
      if (place && (*place < 0 || static_cast<std::size_t>(*place) >= mail_.attachments.size()))
        say("an image that is no attachment");
    } else if (kind == "br") {
      members(node, {"t"});
    } else {
      members(node, {"t", "c", "href"});
      if (kind == "a") {
        const std::string_view address = node["href"].text();
        if (!address.starts_with("http://") && !address.starts_with("https://") &&
            !address.starts_with("mailto:"))
          say("a link to " + std::string(address));
        line("a link", address);
      }
      for (std::size_t i = 0; i < node["c"].size(); ++i) block(node["c"].at(i), depth + 1, kind);
    }
  }

  // Where the text was made from the tree no visible word is missing in it.
  void words_of_tree_are_in_text() {
    const std::set<std::string> there = split(mail_.text);
    for (const std::string& word : split(words_)) {
      if (there.contains(word)) continue;
      // Pieces of one word may be formatted differently, so that only the whole stands in the text.
      if (mail_.text.find(word) == std::string::npos)
        return say("a word is missing in the text: " + word);
    }
  }
  static std::set<std::string> split(std::string_view text) {
    std::set<std::string> words;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find_first_of(" \t\n"), text.size());
      if (end > 0) words.emplace(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
  }

  const mail::ParsedMail& mail_;
  std::vector<std::string> broken_;
  std::size_t nodes_ = 0;
  std::string words_;
};

inline std::vector<std::string> broken_rules(const mail::ParsedMail& mail) {
  return Rules(mail).broken();
}

}  // namespace ombud::test
