// What a reader should see of one mail of the corpus, as it stands in NAME.expect:
//   # what the mail shows
//   subject: …          from: Name <address>      date: RFC 3339 or none      message-id: <…>
//   text:               the lines that follow, indented by two spaces
//   shown:              likewise; without it, all of the text is shown
//   body:               the formatted body, one block a line; without it, there is none
//   calendar:           what the calendar part says, in Swedish
//   file: name | media type [| bytes [| "content"]]
//   signed: smime | openpgp      encrypted: yes      flags: damaged, cut, unreadable
//   remark: how the sentence to the desk contains
//   reported: <message id>
// What is not named is not there: no files, no flags, no remarks.
#pragma once

#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "channel/mail/mime/calendar.hpp"
#include "channel/mail/mime/message.hpp"

namespace ombud::test {

struct Expectation {
  std::map<std::string, std::string> fields;
  std::vector<std::string> files, remarks;
};

inline std::string without_spaces_around(const std::string& text) {
  const std::size_t first = text.find_first_not_of(' ');
  return first == std::string::npos ? ""
                                    : text.substr(first, text.find_last_not_of(' ') + 1 - first);
}

inline Expectation read_expectation(std::istream& in) {
  Expectation expected;
  std::string line, block;
  while (std::getline(in, line)) {
    if (line.starts_with("  ") || (line.empty() && !block.empty())) {
      std::string& text = expected.fields[block];
      text += line.empty() ? "\n" : line.substr(2) + "\n";
      continue;
    }
    if (line.empty() || line.starts_with('#')) continue;
    const std::string name = line.substr(0, line.find(':'));
    const std::string value =
        without_spaces_around(line.substr(std::min(name.size() + 1, line.size())));
    block = name == "text" || name == "shown" || name == "body" || name == "calendar" ? name : "";
    if (name == "file") {
      expected.files.push_back(value);
    } else if (name == "remark") {
      expected.remarks.push_back(value);
    } else {
      expected.fields[name] = value;
    }
  }
  for (auto& [name, value] : expected.fields) {
    while (value.ends_with('\n')) value.pop_back();
  }
  return expected;
}

// The tree of blocks in a form that people read: one block a line, kinds in angle brackets.
class Outline {
 public:
  std::string of(const std::string& blocks) {
    if (blocks.empty()) return {};
    const auto tree = json::parse(blocks);
    if (!tree) return "no JSON: " + blocks.substr(0, 200);
    std::string all;
    for (std::size_t i = 0; i < tree->root().size(); ++i) {
      all += (i == 0 ? "" : "\n") + one(tree->root().at(i));
    }
    return all;
  }

 private:
  static std::string escaped(std::string_view text) {
    std::string all;
    for (const char c : text) {
      if (c == '<') {
        all += "&lt;";
      } else if (c == '>') {
        all += "&gt;";
      } else if (c == '&') {
        all += "&amp;";
      } else if (c == '\n') {
        all += "\\n";
      } else {
        all += c;
      }
    }
    return all;
  }

  std::string children(json::View node) {
    std::string all;
    for (std::size_t i = 0; i < node["c"].size(); ++i) all += one(node["c"].at(i));
    return all;
  }

  std::string one(json::View node) {
    const std::string kind(node["t"].text());
    if (kind == "text") return escaped(node["v"].text());
    if (kind == "codespan") return "<codespan>" + escaped(node["v"].text()) + "</codespan>";
    if (kind == "br" || kind == "hr") return "<" + kind + ">";
    if (kind == "img") {
      std::string image = "<img ";
      image += node["attachment"].present() ? std::to_string(node["attachment"].integer()) : "none";
      if (node["source"].present()) image += " " + std::string(node["source"].text());
      image += " \"" + escaped(node["alt"].text()) + "\"";
      if (node["width"].present() || node["height"].present()) {
        image += " " + std::to_string(node["width"].integer()) + "x" +
                 std::to_string(node["height"].integer());
      }
      return image + ">";
    }
    std::string name = kind;
    if (kind == "h") name += std::to_string(node["level"].integer());
    std::string open = name;
    if (kind == "ol" && node["start"].integer() != 1)
      open += " " + std::to_string(node["start"].integer());
    if (kind == "a") open += " " + escaped(node["href"].text());
    return "<" + open + ">" + children(node) + "</" + name + ">";
  }
};

inline std::string flags_of(const mail::ParsedMail& mail) {
  std::string flags;
  const auto add = [&](bool is, const char* name) {
    if (is) flags += (flags.empty() ? "" : ", ") + std::string(name);
  };
  add(mail.flags.damaged, "damaged");
  add(mail.flags.cut, "cut");
  add(mail.flags.unreadable, "unreadable");
  return flags;
}

// "Name | type | 12 | "content"", as much of it as `wanted` says.
inline std::string file_as(const mail::MailAttachment& file, const std::string& wanted) {
  std::string text = file.name + " | " + file.media_type;
  const auto bars = std::count(wanted.begin(), wanted.end(), '|');
  if (bars >= 2) text += " | " + std::to_string(file.bytes.size());
  if (bars >= 3) {
    std::string content;
    for (const char c : file.bytes) content += c == '\n' ? "\\n" : std::string(1, c);
    text += " | \"" + content + "\"";
  }
  return text;
}

// One sentence for each thing that is not as expected.
inline std::vector<std::string> differences(const Expectation& expected,
                                            const mail::ParsedMail& mail) {
  std::vector<std::string> all;
  const auto same = [&](const std::string& what, const std::string& wanted,
                        const std::string& got) {
    if (wanted != got)
      all.push_back(what + "\n--- expected\n" + wanted + "\n--- got\n" + got + "\n---");
  };
  const auto field = [&](const std::string& name) -> std::optional<std::string> {
    const auto found = expected.fields.find(name);
    if (found == expected.fields.end()) return std::nullopt;
    return found->second;
  };
  if (const auto subject = field("subject")) same("subject", *subject, mail.subject);
  if (const auto from = field("from")) {
    same("from", *from, without_spaces_around(mail.from.name + " <" + mail.from.address + ">"));
  }
  if (const auto date = field("date")) {
    same("date", *date, mail.date ? to_rfc3339(*mail.date) : "none");
  }
  if (const auto id = field("message-id")) same("message-id", *id, mail.message_id);
  if (const auto text = field("text")) {
    same("text", *text, mail.text);
    same("shown", field("shown").value_or(""), mail.shown);
    same("body", field("body").value_or(""), Outline().of(mail.blocks));
  }
  same("calendar", field("calendar").value_or(""),
       mail.calendar ? mail::calendar_words(*mail.calendar, "sv") : "");
  const char* by = mail.signed_by == mail::SignedBy::smime     ? "smime"
                   : mail.signed_by == mail::SignedBy::openpgp ? "openpgp"
                                                               : "";
  same("signed", field("signed").value_or(""), by);
  same("encrypted", field("encrypted").value_or(""), mail.encrypted ? "yes" : "");
  same("flags", field("flags").value_or(""), flags_of(mail));
  if (const auto reported = field("reported")) {
    same("reported", *reported, mail.reported_ids.empty() ? "" : mail.reported_ids.front());
  }
  std::string wanted_files, got_files;
  for (std::size_t i = 0; i < std::max(expected.files.size(), mail.attachments.size()); ++i) {
    const std::string wanted = i < expected.files.size() ? expected.files[i] : "";
    if (!wanted.empty()) wanted_files += wanted + "\n";
    if (i < mail.attachments.size()) got_files += file_as(mail.attachments[i], wanted) + "\n";
  }
  same("files", wanted_files, got_files);
  std::vector<std::string> remarks = mail.remarks;
  for (const std::string& wanted : expected.remarks) {
    const auto found = std::find_if(remarks.begin(), remarks.end(), [&](const std::string& one) {
      return one.find(wanted) != std::string::npos;
    });
    if (found == remarks.end()) {
      all.push_back("no remark says: " + wanted);
    } else {
      remarks.erase(found);
    }
  }
  for (const std::string& more : remarks) all.push_back("a remark that nobody expects: " + more);
  return all;
}

}  // namespace ombud::test
