#include "http/tmf621/wish.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/bytes.hpp"
#include "desk/limits.hpp"
#include "http/tmf621/words.hpp"

namespace ombud::http::tmf {
namespace {

constexpr std::size_t kEntriesMax = 200;  // of an array in one body

using Mistakes = std::vector<FieldProblem>;

constexpr std::string_view kServersOwn[] = {
    "id", "href", "creationDate", "lastUpdate", "statusChangeDate", "statusChange"};
constexpr std::string_view kDesksOwn[] = {"name", "status", "note", "attachment", "externalId"};

bool is_one_of(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

Problem not_valid(Mistakes mistakes) {
  return {ProblemKind::invalid, "The request is not valid.", std::move(mistakes)};
}

std::optional<std::string> text_of(json::View body, std::string_view name, std::size_t bytes_max,
                                   Mistakes& wrong) {
  const auto text = body[name].maybe_text();
  if (!text) return std::nullopt;
  if (text->size() > bytes_max) {
    wrong.push_back(
        {fmt::format("/{}", name),
         fmt::format("is {} bytes long; at most {} are allowed", text->size(), bytes_max)});
  }
  return std::string(*text);
}

// A name that a client may give to a note or a file: never one that could be ours.
bool is_name(std::string_view id) {
  constexpr std::size_t kIdBytesMax = 64;
  return !id.empty() && id.size() <= kIdBytesMax && !id.starts_with("ref-") &&
         id.find_first_not_of("0123456789") != std::string_view::npos &&
         id.find_first_not_of(
             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
             "-_.:") == std::string_view::npos;
}

// The client's name of the entry, if it gave one that can be kept.
std::string name_of(json::View entry, const std::string& where, std::set<std::string_view>& given,
                    Mistakes& wrong) {
  const std::string_view id = entry["id"].text();
  if (!is_name(id)) return {};
  if (!given.insert(id).second) wrong.push_back({where + "/id", "is given to two entries"});
  return std::string(id);
}

void read_notes(json::View notes, const std::set<std::string_view>& known, Wish& wish,
                Mistakes& wrong) {
  std::set<std::string_view> given;
  if (notes.size() > kEntriesMax) wrong.push_back({"/note", "has more than 200 entries"});
  for (std::size_t i = 0; i < std::min(notes.size(), kEntriesMax); ++i) {
    const json::View note = notes.at(i);
    if (known.contains(note["id"].text())) continue;
    if (blank(note["text"].text())) {
      wrong.push_back({fmt::format("/note/{}/text", i), "is required and must not be empty"});
      continue;
    }
    wish.notes.push_back({std::string(cut_utf8(note["author"].text(), desk::kNameBytesMax)),
                          std::string(note["text"].text()),
                          name_of(note, fmt::format("/note/{}", i), given, wrong)});
  }
}

// What has bytes becomes a file of the ticket; what only points elsewhere is kept as it is, and
// never fetched.
void read_files(json::View files, const std::set<std::string_view>& known, Wish& wish,
                std::vector<std::string>& references, Mistakes& wrong) {
  std::set<std::string_view> given;
  if (files.size() > kEntriesMax) wrong.push_back({"/attachment", "has more than 200 entries"});
  for (std::size_t i = 0; i < std::min(files.size(), kEntriesMax); ++i) {
    const json::View file = files.at(i);
    if (known.contains(file["id"].text())) continue;
    const auto content = file["content"].maybe_text();
    if (!content) {
      if (!file["url"].is_text() && !file["href"].is_text()) {
        wrong.push_back({fmt::format("/attachment/{}", i), "needs content, url or href"});
        continue;
      }
      Members members = members_of(file);
      members["id"] = json_text(fmt::format("ref-{}", references.size() + 1));
      references.push_back(object_of(members));
      continue;
    }
    wish.files.push_back({std::string(file["name"].text("file")),
                          std::string(file["mimeType"].text("application/octet-stream")),
                          std::string(*content),
                          name_of(file, fmt::format("/attachment/{}", i), given, wrong),
                          std::string(cut_utf8(file["description"].text(), desk::kNameBytesMax))});
  }
}

std::set<std::string_view> ids_of(json::View list) {
  std::set<std::string_view> ids;
  for (std::size_t i = 0; i < list.size(); ++i) ids.insert(list.at(i)["id"].text());
  ids.erase("");
  return ids;
}

std::string array_of(const std::vector<std::string>& values) {
  return fmt::format("[{}]", fmt::join(values, ","));
}

std::vector<std::string> elements_of(json::View list) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < list.size(); ++i) all.push_back(list.at(i).dump());
  return all;
}

// Our number of what the client knows by this id.
std::string_view number_of(json::View named, std::string_view id) {
  for (std::size_t i = 0; i < named.size(); ++i) {
    if (named.member_at(i)["id"].text() == id) return named.name_at(i);
  }
  return id;
}

// Hides what the client has left out, and shows again what it names.
void hide_left_out(json::View shown, json::View given, json::View kept_attributes, const char* list,
                   Members& attributes) {
  const json::View hidden = kept_attributes[list], named = kept_attributes["$named"];
  const auto kept = ids_of(given);
  std::vector<std::string> left_out = elements_of(hidden);
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const std::string_view id = shown.at(i)["id"].text();
    if (!kept.contains(id) && !id.starts_with("ref-")) left_out.emplace_back(number_of(named, id));
  }
  if (!left_out.empty()) attributes[list] = array_of(left_out);
}

void read_origins(json::View body, Wish& wish) {
  if (body["externalId"].is_text()) wish.origins.emplace_back(body["externalId"].text());
  const json::View entities = body["relatedEntity"];
  for (std::size_t i = 0; i < entities.size(); ++i) {
    if (entities.at(i)["role"].text() == "origin") {
      wish.origins.emplace_back(entities.at(i)["id"].text());
    }
  }
}

void read_words(json::View body, Wish& wish, Mistakes& wrong) {
  wish.name = text_of(body, "name", desk::kSubjectBytesMax, wrong);
  wish.description = text_of(body, "description", desk::kTextBytesMax, wrong);
  wish.severity = text_of(body, "severity", desk::kNameBytesMax, wrong);
  wish.ticket_type = text_of(body, "ticketType", desk::kNameBytesMax, wrong);
  wish.priority = text_of(body, "priority", desk::kNameBytesMax, wrong);
  wish.status = text_of(body, "status", desk::kNameBytesMax, wrong);
  wish.status_reason = text_of(body, "statusChangeReason", desk::kReasonBytesMax / 2, wrong);
  wish.external_id = text_of(body, "externalId", desk::kNameBytesMax, wrong);
}

}  // namespace

Result<Unpacked> unpack(const Settings& settings, json::View body) {
  Unpacked unpacked;
  Mistakes wrong;
  const json::View files = body["attachment"];
  std::vector<std::string> written;
  for (std::size_t i = 0; i < files.size(); ++i) {
    Members members = members_of(files.at(i));
    const std::string_view content = files.at(i)["content"].text();
    const std::string where = fmt::format("/attachment/{}/content", i);
    // Asked before it is decoded: 4 characters are 3 bytes.
    if (static_cast<std::int64_t>(content.size() / 4 * 3) > settings.attachment_bytes_max + 3) {
      return problem(ProblemKind::too_large, fmt::format("{} is larger than {} bytes.", where,
                                                         settings.attachment_bytes_max));
    }
    if (files.at(i)["content"].is_text()) {
      auto decoded = from_base64(content);
      if (!decoded) wrong.push_back({where, "is not base64"});
      std::string sha256 = sha256_hex(decoded.value_or(""));
      members["content"] = json_text(sha256);
      unpacked.contents[std::move(sha256)] = std::move(decoded).value_or("");
    }
    written.push_back(files.at(i).is_object() ? object_of(members) : files.at(i).dump());
  }
  if (!wrong.empty()) return not_valid(std::move(wrong));
  Members members = members_of(body);
  if (files.is_array()) members["attachment"] = array_of(written);
  auto parsed = json::parse(body.is_object() ? object_of(members) : body.dump());
  if (!parsed) return parsed.error();
  unpacked.body = std::move(*parsed);
  return unpacked;
}

std::optional<Problem> check_body(const Dialect& dialect, const Settings& settings, json::View body,
                                  bool create) {
  if (!body.is_object()) return invalid("", "the body must be a JSON object");
  const std::string_view schema = create ? dialect.create_schema : dialect.update_schema;
  Mistakes wrong = dialect.contract.mistakes(schema, body, true);
  if (create && settings.lenient_status) {
    std::erase_if(wrong, [&](const FieldProblem& mistake) {
      return mistake.pointer == "/status" && body["status"].is_text();
    });
  }
  const json::View known = dialect.contract.schema("TroubleTicket")["properties"];
  for (std::size_t i = 0; i < body.size(); ++i) {
    const std::string_view name = body.name_at(i);
    if (name.empty() || name.front() == kHiddenMark ||
        (settings.refuse_unknown && !known[name].present())) {
      wrong.push_back({fmt::format("/{}", name), "is no known attribute"});
    }
  }
  if (!wrong.empty()) return not_valid(std::move(wrong));
  return std::nullopt;
}

Result<json::Document> as_v4(const Dialect& dialect, json::View body, json::View current) {
  Members news = members_of(body);
  std::erase_if(news, [&](const auto& member) {
    return current[member.first].raw() != nullptr && current[member.first].dump() == member.second;
  });
  auto parsed = json::parse(object_of(news));
  if (!parsed || !dialect.v5) return parsed;
  return json::parse(from_v5(parsed->root()));
}

Result<Wish> wish_of_create(json::View body) {
  Wish wish;
  Mistakes wrong;
  read_words(body, wish, wrong);
  if (wish.status && !is_status(*wish.status)) wish.status.reset();  // lenient
  std::vector<std::string> references;
  read_notes(body["note"], {}, wish, wrong);
  read_files(body["attachment"], {}, wish, references, wrong);
  read_origins(body, wish);
  if (!wrong.empty()) return not_valid(std::move(wrong));
  Members attributes;
  for (const auto& [name, value] : members_of(body)) {
    if (value == "null" || name == "description" || is_one_of(kServersOwn, name) ||
        is_one_of(kDesksOwn, name)) {
      continue;
    }
    attributes[name] = value;
  }
  if (!references.empty()) attributes["$references"] = array_of(references);
  attributes["$create"] = json_text(sha256_hex(body.dump()));
  wish.attributes = object_of(attributes);
  return wish;
}

Result<Wish> wish_of_patch(const Settings& settings, json::View body, json::View current,
                           json::View kept) {
  Wish wish;
  Mistakes wrong;
  read_words(body, wish, wrong);
  for (const char* name : {"description", "severity", "ticketType"}) {
    const json::View value = body[name];
    if (value.raw() != nullptr && (!value.present() || blank(value.text()))) {
      wrong.push_back({std::string("/") + name, "is required and must not be empty"});
    }
  }
  for (const std::string_view name : kServersOwn) {
    if (body[name].raw() != nullptr && body[name].dump() != current[name].dump()) {
      wrong.push_back({fmt::format("/{}", name), "is set by the server alone; leave it out"});
    }
  }
  Members attributes = members_of(kept);
  std::vector<std::string> references = elements_of(kept["$references"]);
  const bool notes = body["note"].raw() != nullptr, files = body["attachment"].raw() != nullptr;
  if (notes) read_notes(body["note"], ids_of(current["note"]), wish, wrong);
  if (files) {
    read_files(body["attachment"], ids_of(current["attachment"]), wish, references, wrong);
  }
  if (!wrong.empty()) return not_valid(std::move(wrong));
  if (settings.replace_arrays && notes) {
    hide_left_out(current["note"], body["note"], kept, "$notes", attributes);
  }
  if (settings.replace_arrays && files) {
    hide_left_out(current["attachment"], body["attachment"], kept, "$attachments", attributes);
    const auto given = ids_of(body["attachment"]);
    const std::size_t before = kept["$references"].size();
    for (std::size_t i = before; i-- > 0;) {
      if (!given.contains(kept["$references"].at(i)["id"].text())) {
        references.erase(references.begin() + static_cast<std::ptrdiff_t>(i));
      }
    }
  }
  if (!references.empty()) {
    attributes["$references"] = array_of(references);
  } else {
    attributes.erase("$references");
  }
  for (std::size_t i = 0; i < body.size(); ++i) {
    const std::string name(body.name_at(i));
    const json::View value = body.member_at(i);
    if (is_one_of(kServersOwn, name) || is_one_of(kDesksOwn, name)) continue;
    if (name == "statusChangeReason" && wish.status) continue;  // goes with the change
    if (name == "externalIdentifier" && !value.present()) attributes.erase(name);
    if (value.dump() == current[name].dump()) continue;  // sent back as it was answered
    if (!value.present()) {
      attributes.erase(name);
    } else {
      attributes[name] = value.is_object() ? merge(current[name], value) : value.dump();
    }
  }
  if (body["externalId"].raw() != nullptr && !body["externalId"].present()) wish.external_id = "";
  wish.attributes = object_of(attributes);
  return wish;
}

std::string with_names(const std::string& attributes, const Named& named) {
  const auto parsed = json::parse(attributes);
  if (!parsed) return attributes;
  Members names = members_of((*parsed)["$named"]);
  const std::size_t before = names.size();
  const auto add = [&](std::int64_t number, const std::string& id, const std::string& description) {
    if (id.empty() && description.empty()) return;
    json::Writer out;
    out.begin_object();
    if (!id.empty()) out.field("id", id);
    if (!description.empty()) out.field("description", description);
    names[std::to_string(number)] = out.end_object().take();
  };
  for (const auto& [number, note] : named.notes) add(number, note.id, "");
  for (const auto& [number, file] : named.files) add(number, file.id, file.description);
  if (names.size() == before) return attributes;
  Members all = members_of(parsed->root());
  all["$named"] = object_of(names);
  return object_of(all);
}

std::optional<Priority> wished_priority(const Wish& wish, json::View attributes) {
  if (wish.priority) {
    if (const auto priority = priority_from(*wish.priority)) return priority;
  }
  if (wish.severity && !attributes["priority"].is_text()) return priority_from(*wish.severity);
  return std::nullopt;
}

}  // namespace ombud::http::tmf
