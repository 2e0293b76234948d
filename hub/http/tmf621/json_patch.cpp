#include "http/tmf621/json_patch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <span>
#include <vector>

#include "http/tmf621/document.hpp"

namespace ombud::http::tmf {
namespace {

using Path = std::span<const std::string>;

// RFC 6901; empty: no pointer.
std::optional<std::vector<std::string>> path_of(std::string_view pointer) {
  std::vector<std::string> path;
  if (!pointer.empty() && pointer.front() != '/') return std::nullopt;
  for (std::size_t i = 0; i < pointer.size(); ++i) {
    if (pointer[i] == '/') {
      path.emplace_back();
    } else if (pointer[i] != '~') {
      path.back() += pointer[i];
    } else if (++i < pointer.size() && (pointer[i] == '0' || pointer[i] == '1')) {
      path.back() += pointer[i] == '0' ? '~' : '/';
    } else {
      return std::nullopt;
    }
  }
  return path;
}

// "-" is the place after the last; other than digits, or with a zero before them: none.
std::optional<std::size_t> index_of(std::string_view token, std::size_t size) {
  if (token == "-") return size;
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  const bool whole = error == std::errc() && end == token.data() + token.size();
  if (!whole || (token.size() > 1 && token.front() == '0')) return std::nullopt;
  return index;
}

json::View value_at(json::View from, Path path) {
  for (const std::string& token : path) {
    if (!from.is_array()) {
      from = from[token];
      continue;
    }
    const auto index = index_of(token, from.size());
    from = index ? from.at(*index) : json::View();
  }
  return from;
}

std::string array_text(const std::vector<std::string>& elements) {
  return fmt::format("[{}]", fmt::join(elements, ","));
}

struct Edit {
  enum class What { add, replace, remove } what = What::add;
  std::string value;  // JSON
};

// The value with the edit done at the path; nothing if the path leads nowhere.
std::optional<std::string> edited(json::View at, Path path, const Edit& edit) {
  using What = Edit::What;
  if (path.empty()) {
    return edit.what == What::remove ? std::nullopt : std::optional(edit.value);
  }
  const std::string& token = path.front();
  const bool here = path.size() == 1;
  if (at.is_object()) {
    Members members = members_of(at);
    const bool there = members.contains(token);
    if (!there && !(here && edit.what == What::add)) return std::nullopt;
    if (here && edit.what == What::remove) {
      members.erase(token);
    } else {
      const auto child =
          here ? std::optional(edit.value) : edited(at[token], path.subspan(1), edit);
      if (!child) return std::nullopt;
      members[token] = *child;
    }
    return object_of(members);
  }
  if (!at.is_array()) return std::nullopt;
  std::vector<std::string> elements;
  for (std::size_t i = 0; i < at.size(); ++i) elements.push_back(at.at(i).dump());
  const auto index = index_of(token, at.size());
  const bool adds = here && edit.what == What::add;
  if (!index || *index > at.size() || (*index == at.size() && !adds)) return std::nullopt;
  const auto place = elements.begin() + static_cast<std::ptrdiff_t>(*index);
  if (adds) {
    elements.insert(place, edit.value);
  } else if (here && edit.what == What::remove) {
    elements.erase(place);
  } else {
    const auto child =
        here ? std::optional(edit.value) : edited(at.at(*index), path.subspan(1), edit);
    if (!child) return std::nullopt;
    *place = *child;
  }
  return array_text(elements);
}

Problem wrong(std::size_t number, std::string_view member, std::string_view why) {
  return invalid(fmt::format("/{}/{}", number, member), std::string(why));
}

// One operation; the whole document after it, as text.
Result<std::string> done(json::View document, json::View operation, std::size_t number) {
  using What = Edit::What;
  const std::string_view op = operation["op"].text();
  const auto path = path_of(operation["path"].text());
  if (!operation["path"].is_text() || !path) {
    return wrong(number, "path", "must be a JSON pointer, such as /note/-");
  }
  const bool moves = op == "move" || op == "copy";
  const bool has_value = operation["value"].raw() != nullptr;
  if ((op == "add" || op == "replace" || op == "test") && !has_value) {
    return wrong(number, "value", "is required");
  }
  if (op == "test") {
    if (same_value(value_at(document, *path), operation["value"])) return document.dump();
    return conflict(fmt::format("Operation {} of the patch: {} is another value by now.", number,
                                operation["path"].text()));
  }
  Edit edit;
  edit.value = operation["value"].dump();
  std::optional<std::string> base;
  json::Document after_removal;
  if (moves) {
    const auto from = path_of(operation["from"].text());
    if (!operation["from"].is_text() || !from) {
      return wrong(number, "from", "must be a JSON pointer");
    }
    const json::View moved = value_at(document, *from);
    const bool inside = op == "move" && path->size() > from->size() &&
                        std::equal(from->begin(), from->end(), path->begin());
    if (moved.raw() == nullptr || inside) return wrong(number, "from", "leads to no value");
    edit.value = moved.dump();
    if (op == "move") {
      const auto without = edited(document, *from, {What::remove, ""});
      if (!without) return wrong(number, "from", "leads to no value");
      auto parsed = json::parse(*without);
      if (!parsed) return parsed.error();
      after_removal = std::move(*parsed);
      base = edited(after_removal.root(), *path, edit);
    } else {
      base = edited(document, *path, edit);
    }
  } else if (op == "add" || op == "replace" || op == "remove") {
    edit.what = op == "add" ? What::add : op == "replace" ? What::replace : What::remove;
    base = edited(document, *path, edit);
  } else {
    return wrong(number, "op", "must be add, remove, replace, move, copy or test");
  }
  if (!base) return wrong(number, "path", "leads to no place in the ticket");
  return std::move(*base);
}

}  // namespace

bool same_value(json::View a, json::View b) {
  if (a.raw() == nullptr || b.raw() == nullptr) return a.raw() == b.raw();
  if (a.is_object() && b.is_object()) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (!same_value(a.member_at(i), b[a.name_at(i)])) return false;
    }
    return true;
  }
  if (a.is_array() && b.is_array()) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (!same_value(a.at(i), b.at(i))) return false;
    }
    return true;
  }
  return a.dump() == b.dump();
}

Result<json::Document> patched(json::View document, json::View operations) {
  if (!operations.is_array() || operations.size() > kPatchOperationsMax) {
    return invalid(
        "", fmt::format("a JSON Patch is a list of at most {} operations", kPatchOperationsMax));
  }
  auto now = json::parse(document.dump());
  for (std::size_t i = 0; now && i < operations.size(); ++i) {
    auto next = done(now->root(), operations.at(i), i);
    if (!next) return next.error();
    if (next->size() > kPatchedBytesMax) {  // each `copy` may double what is there
      return invalid(fmt::format("/{}", i),
                     fmt::format("makes the ticket larger than {} bytes", kPatchedBytesMax));
    }
    now = json::parse(*next);
  }
  return now;
}

std::string difference(json::View before, json::View after) {
  if (!before.is_object() || !after.is_object()) return after.dump();
  Members patch;
  for (const auto& [name, value] : members_of(before)) {
    if (after[name].raw() == nullptr) patch[name] = "null";
  }
  for (std::size_t i = 0; i < after.size(); ++i) {
    const std::string name(after.name_at(i));
    if (name == "@type" || !same_value(before[name], after.member_at(i))) {
      patch[name] = difference(before[name], after.member_at(i));
    }
  }
  return object_of(patch);
}

}  // namespace ombud::http::tmf
