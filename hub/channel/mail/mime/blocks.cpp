#include "channel/mail/mime/blocks.hpp"

#include <algorithm>

#include "base/json.hpp"

namespace ombud::mail {
namespace {

void rewrite(json::View value, const std::vector<std::optional<std::int64_t>>& ids,
             json::Writer& out) {
  if (value.is_array()) {
    out.begin_array();
    for (std::size_t i = 0; i < value.size(); ++i) rewrite(value.at(i), ids, out);
    out.end_array();
    return;
  }
  if (!value.is_object()) {
    out.value(value);
    return;
  }
  out.begin_object();
  for (std::size_t i = 0; i < value.size(); ++i) {
    out.key(value.name_at(i));
    const auto place = value.member_at(i).maybe_integer();
    if (value.name_at(i) != "attachment" || !place) {
      rewrite(value.member_at(i), ids, out);
    } else if (*place >= 0 && static_cast<std::size_t>(*place) < ids.size()) {
      out.value(ids[static_cast<std::size_t>(*place)]);
    } else {
      out.null();
    }
  }
  out.end_object();
}

}  // namespace

std::string blocks_with_ids(std::string_view blocks,
                            const std::vector<std::optional<std::int64_t>>& ids) {
  const Result<json::Document> tree = json::parse(blocks);
  if (!tree) return {};
  json::Writer out;
  rewrite(tree->root(), ids, out);
  return out.take();
}

std::string blocks_with_words(std::string_view blocks, std::string_view lines) {
  json::Writer out;
  out.begin_object();
  out.field("t", "p");
  out.key("c");
  out.begin_array();
  for (bool first = true; first || !lines.empty(); first = false) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    if (!first) {
      out.begin_object();
      out.field("t", "br");
      out.end_object();
    }
    out.begin_object();
    out.field("t", "text");
    out.field("v", lines.substr(0, end));
    out.end_object();
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  out.end_array();
  out.end_object();
  std::string all(blocks.substr(0, blocks.rfind(']')));
  return all + (all.size() > 1 ? "," : "") + out.take() + "]";
}

}  // namespace ombud::mail
