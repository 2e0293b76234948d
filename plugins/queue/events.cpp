#include "queue/events.hpp"

#include "base/bytes.hpp"
#include "queue/line.hpp"

namespace ombud::queue {
namespace {

constexpr std::string_view kCursorKind = "taken:";
constexpr std::size_t kDigestLength = 32;  // 128 bits in hexadecimal

}  // namespace

std::string id_text(json::View id) {
  if (const auto number = id.maybe_integer()) return std::to_string(*number);
  return std::string(id.text());
}

std::string with_text_ids(json::View event) {
  json::Writer out;
  out.begin_object();
  for (std::size_t i = 0; i < event.size(); ++i) {
    const std::string_view name = event.name_at(i);
    const bool is_id = name == "external_id" || name == "event_id" || name == "remote_id";
    if (is_id && event.member_at(i).is_integer()) {
      out.field(name, id_text(event.member_at(i)));
    } else {
      out.field(name, event.member_at(i));
    }
  }
  return out.end_object().take();
}

std::string fault_of(json::View event) {
  if (event["schema"].text() == "ombud.announcement/1") {
    if (id_text(event["remote_id"]).empty()) return "it announces something without a remote_id";
    return event["title"].text().empty() ? "it announces something without a title" : "";
  }
  if (event["schema"].text() != "ombud.change/1")
    return "its schema is neither ombud.change/1 nor ombud.announcement/1";
  if (id_text(event["event_id"]).empty()) return "it has no event_id";
  const std::string_view type = event["type"].text();
  if (type != "status" && type != "comment" && type != "attachment") return "its type is unknown";
  if (id_text(event["external_id"]).empty() && event["correlation"].text().empty()) {
    return "it names no ticket (external_id or correlation)";
  }
  return {};
}

Batch batch_of(json::View events) {
  Batch batch;
  for (std::size_t i = 0; i < events.size(); ++i) {
    std::string document = with_text_ids(events.at(i));
    batch.fault = document.size() > kEventBytesMax
                      ? "it is larger than 1 MiB; files belong behind a reference"
                      : fault_of(events.at(i));
    if (!batch.fault.empty()) return batch;
    batch.bytes += document.size();
    batch.documents.push_back(std::move(document));
  }
  return batch;
}

std::string digest_of(std::string_view message) {
  return sha256_hex(message).substr(0, kDigestLength);
}

std::string cursor_of(const std::vector<std::string>& digests) {
  std::string cursor(kCursorKind);
  for (const std::string& digest : digests) cursor += digest;
  return cursor;
}

std::set<std::string, std::less<>> proven_by(std::string_view cursor) {
  std::set<std::string, std::less<>> proven;
  if (!cursor.starts_with(kCursorKind)) return proven;
  cursor.remove_prefix(kCursorKind.size());
  for (; cursor.size() >= kDigestLength; cursor.remove_prefix(kDigestLength)) {
    proven.emplace(cursor.substr(0, kDigestLength));
  }
  return proven;
}

}  // namespace ombud::queue
