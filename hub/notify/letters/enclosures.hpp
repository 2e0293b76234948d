// The files of what the desk wrote, on their way to a person: with the mail as long as they fit,
// else as links. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "notify/letters/file_links.hpp"
#include "notify/letters/letter.hpp"

namespace ombud::notify {

struct Enclosed {
  std::int64_t attachment = 0;
  std::string name, media_type;
  std::int64_t bytes = 0;
  std::string sha256;
};

struct EnclosureRules {
  std::int64_t bytes_max = 10LL << 20U;  // of all files of one mail together
  const FileLinks* links = nullptr;      // null, or nobody can reach the hub: there are none
};

// What becomes of them, in their order: each that still fits goes with the mail, the others are
// links. Where there can be no links, what does not fit is named and has no address.
struct Enclosures {
  std::vector<LetterFacts::File> named;  // all of them, for the letter's words
  std::vector<Enclosed> with_mail;

  // For the delivery (NewDelivery::blob): their digests with a space between.
  std::string blobs() const;
  // The member `attachments` of ombud.notice/1; nothing if none goes with the mail.
  void write(json::Writer& document) const;
};
Enclosures enclose(const std::vector<Enclosed>& files, const EnclosureRules& rules, Instant now);

inline constexpr std::size_t kEnclosedMax = 30;  // files of one mail

}  // namespace ombud::notify
