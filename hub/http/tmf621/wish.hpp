// What a body asks for: read, checked and told apart into what the desk decides, what is said, and
// what the client keeps with the ticket. Pure; the use cases are called by tickets.cpp.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "http/tmf621/dialect.hpp"

namespace ombud::http::tmf {

struct NewNote {
  std::string author, text;
  std::string id;  // the client's own name for it; empty: none
};
struct NewFile {
  std::string name, media_type, sha256;
  std::string id, description;
};

struct Wish {
  std::optional<std::string> name, description, severity, ticket_type, priority;
  std::optional<std::string> status, status_reason;
  std::optional<std::string> external_id;
  std::vector<NewNote> notes;
  std::vector<NewFile> files;
  std::string attributes;  // whole, as they shall be
  // Under externalId and relatedEntity with role "origin": names under which it has travelled.
  std::vector<std::string> origins;
};

// A body whose attachments' bytes have been taken out: `content` is now their SHA-256.
struct Unpacked {
  json::Document body;
  std::map<std::string, std::string> contents;  // by SHA-256
};
Result<Unpacked> unpack(const Settings& settings, json::View body);

// Whether an unpacked body is as the contract of its version says.
std::optional<Problem> check_body(const Dialect& dialect, const Settings& settings, json::View body,
                                  bool create);
// The body in the shape of v4, without what stands in it just as it was answered (`current`, in
// this version's shape): many clients read, change one attribute and send back the whole.
Result<json::Document> as_v4(const Dialect& dialect, json::View body, json::View current = {});

Result<Wish> wish_of_create(json::View body);
// `kept`: the attributes as they are.
Result<Wish> wish_of_patch(const Settings& settings, json::View body, json::View current,
                           json::View kept);

// What the client calls the notes and files that were made of a wish, by their numbers here.
struct Named {
  std::vector<std::pair<std::int64_t, NewNote>> notes;
  std::vector<std::pair<std::int64_t, NewFile>> files;
};
// `attributes` with those names in them; the same if it gave none.
std::string with_names(const std::string& attributes, const Named& named);

// The desk's priority by these words: the priority's, else the severity's.
std::optional<Priority> wished_priority(const Wish& wish, json::View attributes);

}  // namespace ombud::http::tmf
