#include "queue/events.hpp"

#include "base/bytes.hpp"
#include "queue/line.hpp"

namespace ombud::queue {
namespace {

constexpr std::string_view kCursorKind = "taken:";
constexpr std::size_t kDigestLength = 32;  // 128 bits in hexadecimal

}  // namespace

std::string fault_of(json::View event) {
  if (event["schema"].text() == "ombud.announcement/1") {
    if (event["remote_id"].text().empty()) return "it announces something without a remote_id";
    return event["title"].text().empty() ? "it announces something without a title" : "";
  }
  if (event["schema"].text() != "ombud.change/1") return "its schema is neither ombud.change/1 nor ombud.announcement/1";
  if (event["event_id"].text().empty()) return "it has no event_id";
  const std::string_view type = event["type"].text();
  if (type != "status" && type != "comment" && type != "attachment") return "its type is unknown";
  if (event["external_id"].text().empty() && event["correlation"].text().empty()) {
    return "it names no ticket (external_id or correlation)";
  }
  return {};
}

Batch batch_of(json::View events) {
  Batch batch;
  for (std::size_t i = 0; i < events.size(); ++i) {
    std::string document = events.at(i).dump();
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
