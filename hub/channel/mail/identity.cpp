#include "channel/mail/identity.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>
#include <vector>

#include "base/ascii.hpp"
#include "channel/mail/mime/header.hpp"
#include "channel/mail/mime/message.hpp"

namespace ombud::mail {
namespace {

// Written by the sender's program and left alone by the servers between it and us.
constexpr std::array<std::string_view, 12> kSendersFields{
    "auto-submitted", "cc",       "date",   "from",    "in-reply-to", "message-id",
    "mime-version",   "reply-to", "sender", "subject", "to",          "references"};

constexpr std::size_t kPieceBytes = std::size_t{256} << 10U;
constexpr std::size_t kBlanksMax = std::size_t{64} << 10U;

struct Field {
  std::string name;   // lower case
  std::string value;  // in one line, each stretch of white space as one space
};

std::string in_one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    if (!is_ascii_space(c)) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  if (line.ends_with(' ')) line.pop_back();
  return line;
}

bool senders(const Field& field) {
  return field.name.starts_with("content-") ||
         std::find(kSendersFields.begin(), kSendersFields.end(), field.name) !=
             kSendersFields.end();
}

// Trace fields are written anew by each server on the way.
bool trace(const std::string& name) {
  return name == "received" || name == "return-path" || name == "delivered-to" ||
         name == "x-original-to";
}

// Where the header ends: behind its last field, before the empty line; npos if that has not come.
std::size_t header_end(std::string_view text, std::size_t from) {
  for (std::size_t line = from;;) {
    const std::string_view rest = text.substr(line);
    if (rest.starts_with("\n") || rest.starts_with("\r\n")) return line;
    const std::size_t end = text.find('\n', line);
    if (end == std::string_view::npos) return end;
    line = end + 1;
  }
}

void add_with_lf(std::string& to, std::string_view blanks) {
  for (std::size_t at = 0; at < blanks.size(); ++at) {
    const bool pair = blanks.substr(at).starts_with("\r\n");
    if (!pair) to += blanks[at];
  }
}

}  // namespace

void Identifier::end_header(std::string_view header) {
  in_body_ = true;
  identity_.message_id = message_id_of(header);
  std::string first_way;
  std::vector<Field> fields;
  HeaderReader reader(header);
  std::string_view raw = header;
  while (auto next = reader.next()) {
    const std::string_view whole = raw.substr(0, raw.size() - reader.rest().size());
    raw = reader.rest();
    const std::size_t colon = std::min(whole.find(':'), whole.size());
    Field field{std::move(next->name),
                in_one_line(whole.substr(std::min(colon + 1, whole.size())))};
    if (!trace(field.name)) bytes_.update(whole);
    if (field.name == "received") {
      if (last_way_.empty()) last_way_ = field.value;
      first_way = field.value;
    }
    if (senders(field)) fields.push_back(std::move(field));
  }
  if (last_way_.empty()) first_way = last_way_ = arrived_;
  if (identity_.message_id.empty()) content_.update("received:" + first_way + "\n");
  const auto is_date = [](const Field& field) { return field.name == "date"; };
  identity_.undated = identity_.message_id.empty() && last_way_.empty() &&
                      std::none_of(fields.begin(), fields.end(), is_date);
  std::stable_sort(fields.begin(), fields.end(),
                   [](const Field& one, const Field& other) { return one.name < other.name; });
  for (const Field& field : fields) content_.update(field.name + ":" + field.value + "\n");
  bytes_.update(raw);  // no field
  content_.update("\n");
  content_.update(raw);
}

// Of the content with LF at the end of its lines, and no blanks at its own: as a run of them may be
// as long as the mail, of a very long one only the last are left out.
void Identifier::add_body(std::string_view piece) {
  bytes_.update(piece);
  std::string words;
  words.reserve(blanks_.size() + piece.size());
  while (!piece.empty()) {
    const std::size_t word = std::min(piece.find_first_of(" \t\r\n"), piece.size());
    if (word > 0) {
      add_with_lf(words, blanks_);
      blanks_.clear();
      words += piece.substr(0, word);
      piece.remove_prefix(word);
      continue;
    }
    blanks_ += piece.front();
    piece.remove_prefix(1);
    if (blanks_.size() < kBlanksMax) continue;
    const std::size_t kept = blanks_.ends_with('\r') ? 1 : 0;
    add_with_lf(words, std::string_view(blanks_).substr(0, blanks_.size() - kept));
    blanks_.erase(0, blanks_.size() - kept);
  }
  content_.update(words);
}

void Identifier::update(std::string_view piece) {
  if (in_body_) {
    add_body(piece);
    return;
  }
  // The last line may be the empty one, and not be whole yet.
  const std::size_t from = header_.rfind('\n') == std::string::npos ? 0 : header_.rfind('\n') + 1;
  const std::size_t room = kHeaderSectionBytesMax - header_.size();
  header_ += piece.substr(0, room);
  const std::size_t end = std::min(header_end(header_, from), header_.size());
  if (end == header_.size() && header_.size() < kHeaderSectionBytesMax) return;
  const std::string header = std::move(header_);
  end_header(std::string_view(header).substr(0, end));
  add_body(std::string_view(header).substr(end));
  add_body(piece.substr(std::min(room, piece.size())));
}

Identity Identifier::finish() {
  if (!in_body_) end_header(header_);
  identity_.bytes = bytes_.finish_hex();
  if (identity_.message_id.empty() && !last_way_.empty()) {
    identity_.bytes = sha256_hex(identity_.bytes + "\n" + last_way_);
  }
  identity_.content = content_.finish_hex();
  return std::move(identity_);
}

Identity identify(std::string_view raw, std::string_view arrived) {
  Identifier identifier(arrived);
  identifier.update(raw);
  return identifier.finish();
}

Identity identify_file(const std::string& path, std::string_view arrived) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  Identifier identifier(arrived);
  std::string piece(kPieceBytes, '\0');
  ssize_t got = file < 0 ? -1 : 1;
  while (got > 0) {
    got = ::read(file, piece.data(), piece.size());
    if (got > 0) {
      identifier.update(std::string_view(piece).substr(0, static_cast<std::size_t>(got)));
    }
  }
  const std::string why = got < 0 ? std::strerror(errno) : "";
  if (file >= 0) ::close(file);
  if (got < 0) throw std::runtime_error("Cannot read " + path + ": " + why);
  return identifier.finish();
}

}  // namespace ombud::mail
