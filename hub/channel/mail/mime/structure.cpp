#include "channel/mail/mime/structure.hpp"

#include <algorithm>

#include "channel/mail/addresses.hpp"

namespace ombud::mail {
namespace {

bool is_address_field(std::string_view line) {
  const std::size_t colon = line.substr(0, 20).find(':');
  if (colon == std::string_view::npos) return false;
  const std::string name = folded(line.substr(0, colon));
  return name == "to" || name == "cc" || name == "bcc" || name == "from" || name == "sender" ||
         name == "reply-to";
}

bool names_a_message(std::string_view line) {
  constexpr std::string_view kWord = "message/";
  return std::search(line.begin(), line.end(), kWord.begin(), kWord.end(), [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b;
         }) != line.end();
}

class Reader {
 public:
  explicit Reader(std::string_view raw) : raw_(raw) {}

  std::optional<std::string> read() {
    while (at_ < raw_.size()) {
      const std::size_t end = std::min(raw_.find('\n', at_), raw_.size() - 1) + 1;
      one(raw_.substr(at_, end - at_));
      at_ = end;
    }
    if (copied_ == 0 && copy_.empty()) return std::nullopt;
    copy_ += raw_.substr(copied_);
    return std::move(copy_);
  }

 private:
  void one(std::string_view line) {
    const bool empty = line == "\n" || line == "\r\n";
    const bool goes_on = line[0] == ' ' || line[0] == '\t';
    if (line.starts_with("--") && ++boundaries_ > kBoundaryLinesMax) put_before(" ");
    if (line.starts_with("--") && boundaries_ <= kBoundaryLinesMax) {
      header_ = true;
      message_ = false;
    } else if (header_ && empty) {
      header_ = message_ && header_lines_ <= kHeaderLinesMax;
      message_ = false;
    } else if (header_) {
      message_ = message_ || names_a_message(line);
      if (++header_lines_ > kHeaderLinesMax) {
        put_before("\n");
        header_ = false;
      }
    }
    if (!goes_on) {
      groups_ = 0;
      addresses_ = is_address_field(line);
    }
    if (addresses_) groups(line);
  }

  // Group names beyond the limit lose the colon that makes them one.
  void groups(std::string_view line) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (line[i] != ':' || ++groups_ <= kAddressGroupsMax) continue;
      const std::size_t place = at_ + i;
      copy_ += raw_.substr(copied_, place - copied_);
      copy_ += ' ';
      copied_ = place + 1;
    }
  }

  void put_before(std::string_view text) {
    copy_ += raw_.substr(copied_, at_ - copied_);
    copy_ += text;
    copied_ = at_;
  }

  std::string_view raw_;
  std::size_t at_ = 0, copied_ = 0;  // of raw_
  std::string copy_;
  std::size_t boundaries_ = 0, header_lines_ = 0, groups_ = 0;
  bool header_ = true, message_ = false, addresses_ = false;
};

}  // namespace

std::optional<std::string> bounded_structure(std::string_view raw) {
  return Reader(raw).read();
}

}  // namespace ombud::mail
