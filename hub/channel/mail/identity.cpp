#include "channel/mail/identity.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "base/bytes.hpp"
#include "channel/mail/addresses.hpp"
#include "channel/mail/mime/message.hpp"

namespace ombud::mail {
namespace {

// Written by the sender's program and left alone by the servers between it and us.
constexpr std::array<std::string_view, 12> kSendersFields{
    "auto-submitted", "cc",       "date",   "from",    "in-reply-to", "message-id",
    "mime-version",   "reply-to", "sender", "subject", "to",          "references"};

struct Field {
  std::string name;   // lower case
  std::string value;  // in one line, each stretch of white space as one space
};

bool blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

std::string in_one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    if (!blank(c)) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  if (line.ends_with(' ')) line.pop_back();
  return line;
}

std::string_view take_line(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('\n'), rest.size() - 1) + 1;
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end);
  return line;
}

// The fields of the header, which is taken off `rest` with the line that ends it.
std::vector<Field> take_header(std::string_view& rest) {
  std::vector<Field> fields;
  while (!rest.empty()) {
    const char* const start = rest.data();
    std::size_t bytes = take_line(rest).size();
    while (!rest.empty() && (rest.front() == ' ' || rest.front() == '\t')) {
      bytes += take_line(rest).size();
    }
    const std::string_view field(start, bytes);
    if (field == "\n" || field == "\r\n") break;
    const std::size_t colon = std::min(field.find(':'), field.size());
    fields.push_back({folded(field.substr(0, colon)),
                      in_one_line(field.substr(std::min(colon + 1, field.size())))});
  }
  return fields;
}

bool senders(const Field& field) {
  return field.name.starts_with("content-") ||
         std::find(kSendersFields.begin(), kSendersFields.end(), field.name) !=
             kSendersFields.end();
}

// The body with LF at the end of its lines and no empty ones at its own.
void add_body(std::string_view body, Sha256& digest) {
  while (!body.empty() && blank(body.back())) body.remove_suffix(1);
  while (!body.empty()) {
    std::string_view line = take_line(body);
    const bool ends = line.ends_with('\n');
    if (ends) line.remove_suffix(1);
    if (ends && line.ends_with('\r')) line.remove_suffix(1);
    digest.update(line);
    if (ends) digest.update("\n");
  }
}

}  // namespace

Identity identify(std::string_view raw, std::string_view arrived) {
  Identity identity;
  identity.bytes = content_digest(raw);
  identity.message_id = message_id_of(raw);
  std::string_view rest = raw;
  std::vector<Field> fields = take_header(rest);
  const std::string* first_way = nullptr;
  const std::string* last_way = nullptr;
  const std::string only_way(arrived);
  for (const Field& field : fields) {
    if (field.name != "received") continue;
    if (last_way == nullptr) last_way = &field.value;
    first_way = &field.value;
  }
  if (last_way == nullptr) first_way = last_way = &only_way;
  if (identity.message_id.empty() && !last_way->empty()) {
    identity.bytes = sha256_hex(identity.bytes + "\n" + *last_way);
  }
  Sha256 digest;
  if (identity.message_id.empty()) digest.update("received:" + *first_way + "\n");
  std::erase_if(fields, [](const Field& field) { return !senders(field); });
  std::stable_sort(fields.begin(), fields.end(),
                   [](const Field& one, const Field& other) { return one.name < other.name; });
  for (const Field& field : fields) digest.update(field.name + ":" + field.value + "\n");
  digest.update("\n");
  add_body(rest, digest);
  identity.content = digest.finish_hex();
  return identity;
}

}  // namespace ombud::mail
