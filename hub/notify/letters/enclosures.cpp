#include "notify/letters/enclosures.hpp"

namespace ombud::notify {

Enclosures enclose(const std::vector<Enclosed>& files, const EnclosureRules& rules, Instant now) {
  Enclosures all;
  std::int64_t room = rules.bytes_max;
  for (const Enclosed& file : files) {
    LetterFacts::File named{file.name, file.bytes, ""};
    if (file.bytes <= room && all.with_mail.size() < kEnclosedMax) {
      room -= file.bytes;
      all.with_mail.push_back(file);
    } else if (rules.links != nullptr) {
      named.url = rules.links->url_of(file.attachment, now);
    }
    all.named.push_back(std::move(named));
  }
  return all;
}

std::string Enclosures::blobs() const {
  std::string all;
  for (const Enclosed& file : with_mail) all += (all.empty() ? "" : " ") + file.sha256;
  return all;
}

void Enclosures::write(json::Writer& document) const {
  if (with_mail.empty()) return;
  document.begin_array("attachments");
  for (const Enclosed& file : with_mail) {
    document.begin_object()
        .field("name", file.name)
        .field("media_type", file.media_type)
        .field("size", file.bytes)
        .field("sha256", file.sha256)
        .end_object();
  }
  document.end_array();
}

}  // namespace ombud::notify
