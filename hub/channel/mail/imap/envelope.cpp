#include "channel/mail/imap/envelope.hpp"

#include <optional>

#include "channel/mail/addresses.hpp"
#include "channel/mail/mime/header.hpp"

namespace ombud::mail {
namespace {

constexpr std::size_t kHeaderBytesMax = 256U << 10U;

bool ends_address(char c) {
  return c == '<' || c == '>' || c == ',' || c == ';' || c == '"' || c == '(' || c == ')' ||
         c == ' ' || c == '\t';
}

// The piece of a header around its first '@', or behind `from`; empty if there is none.
std::string_view address_in(std::string_view text, std::size_t& from) {
  const std::size_t at = text.find('@', from);
  if (at == std::string_view::npos) return {};
  std::size_t begin = at, end = at;
  while (begin > 0 && !ends_address(text[begin - 1])) --begin;
  while (end < text.size() && !ends_address(text[end])) ++end;
  from = end;
  return text.substr(begin, end - begin);
}

}  // namespace

Envelope envelope_of(std::string_view raw, const std::string& address) {
  Envelope envelope;
  envelope.recipients = {address};
  std::optional<std::string> returned, author;
  HeaderReader reader(raw.substr(0, kHeaderBytesMax));
  while (const auto header = reader.next()) {
    std::size_t from = 0;
    if (header->name == "return-path" && !returned) {
      returned = std::string(address_in(header->value, from));
    } else if (header->name == "from" && !author) {
      author = std::string(address_in(header->value, from));
    } else if (header->name == "delivered-to" || header->name == "x-original-to" ||
               header->name == "envelope-to" || header->name == "to" || header->name == "cc") {
      for (auto one = address_in(header->value, from); !one.empty();
           one = address_in(header->value, from)) {
        const bool tagged = folded(one) != address && plain_address(one) == plain_address(address);
        if (tagged && envelope.recipients.front() == address) {
          envelope.recipients = {std::string(one)};
        }
      }
    }
  }
  envelope.from = returned ? *returned : author.value_or("");
  return envelope;
}

}  // namespace ombud::mail
