#include "desk/reconcile_words.hpp"

#include <fmt/format.h>

#include "base/bytes.hpp"

namespace ombud::desk {

std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n' || c == '\r' || c == '\t';
    if (!blank) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::string said_in(json::View change) {
  const std::string_view type = change["type"].text();
  if (type == "comment") return plain(change["comment"]["text"].text());
  if (type == "attachment") return plain(change["attachment"]["name"].text());
  return fmt::format("{} {}", change["status"].text(), change["status_text"].text());
}
std::string_view object_of(json::View change) {
  return change[change["type"].text()]["id"].text();
}

std::string again_id(json::View change) {
  return fmt::format("{}~{}", change["event_id"].text(), sha256_hex(said_in(change)).substr(0, 12));
}

std::string with_member(json::View ticket, std::string_view member, std::string_view value_json,
                        const std::vector<std::string>& only) {
  json::Writer out;
  out.begin_object();
  bool there = false;
  for (std::size_t i = 0; i < ticket.size(); ++i) {
    const std::string_view name = ticket.name_at(i);
    if (name == "only") continue;
    if (name == member) {
      there = true;
      if (value_json != "null") out.key(name).raw(value_json);
    } else {
      out.field(name, ticket.member_at(i));
    }
  }
  if (!member.empty() && !there && value_json != "null") out.key(member).raw(value_json);
  if (!only.empty()) {
    out.begin_array("only");
    for (const std::string& name : only) out.value(name);
    out.end_array();
  }
  return out.end_object().take();
}

std::string change_document(json::View change, const std::string& event_id) {
  json::Writer out;
  out.begin_object();
  for (std::size_t i = 0; i < change.size(); ++i) {
    const std::string_view name = change.name_at(i);
    if (name == "event_id") {
      out.field(name, event_id);
    } else {
      out.field(name, change.member_at(i));
    }
  }
  return out.end_object().take();
}

}  // namespace ombud::desk
