#include "domain/reply_address.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "base/bytes.hpp"
#include "base/signature.hpp"

namespace ombud {
namespace {

static_assert(ReplyKey::kBytes == kSigningKeyBytes);
constexpr std::size_t kTagBytes = 10;  // of the signature: an address has little room
constexpr std::size_t kTagCharacters = kTagBytes * 8 / 5;
constexpr std::size_t kLocalPartBytesMax = 64;  // RFC 5321 section 4.5.3.1.1
constexpr std::size_t kTagsMax = 10;
constexpr std::string_view kPurpose = "ombud reply 1\n";  // the key may sign other things one day

// RFC 4648 section 6, in lower case.
std::string to_base32(std::string_view bytes) {
  constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz234567";
  std::string text;
  unsigned bits = 0, kept = 0;
  for (const char byte : bytes) {
    bits = (bits << 8U) | static_cast<unsigned char>(byte);
    for (kept += 8; kept >= 5; kept -= 5) text += kAlphabet[(bits >> (kept - 5)) & 31U];
  }
  return text;
}

constexpr bool signature_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7');
}

// The ticket whose number is written in digits alone; 0: it is none.
TicketId ticket_of_digits(std::string_view digits) {
  const bool number =
      !digits.empty() && digits.front() != '0' &&
      std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
  return number ? ticket_of_reference(digits) : TicketId{};
}

}  // namespace

ReplyKey::ReplyKey(std::string bytes) {
  if (bytes.size() == kBytes) bytes_ = std::move(bytes);
}

std::string sign_ticket(const ReplyKey& key, TicketId ticket) {
  if (!key.usable() || ticket.value <= 0) return {};
  const std::string signed_text = std::string(kPurpose) + std::to_string(ticket.value);
  return to_base32(signature_of(key.bytes(), signed_text, kTagBytes));
}

bool verify_ticket(const ReplyKey& key, TicketId ticket, std::string_view signature) {
  const std::string wanted = sign_ticket(key, ticket);
  if (wanted.empty()) return false;
  return equal_constant_time(wanted, ascii_lower(signature));
}

std::string reply_address(const ReplyKey& key, std::string_view desk_address, TicketId ticket) {
  const std::size_t at = desk_address.rfind('@');
  const std::string signature = sign_ticket(key, ticket);
  if (signature.empty() || at == std::string_view::npos || at == 0) {
    return std::string(desk_address);
  }
  const std::string local = std::string(desk_address.substr(0, at)) + "+" +
                            std::to_string(ticket.value) + "." + signature;
  if (local.size() > kLocalPartBytesMax) return std::string(desk_address);
  return local + std::string(desk_address.substr(at));
}

TicketId ticket_of_reply_address(const ReplyKey& key, std::string_view address) {
  const std::string_view local = address.substr(0, address.rfind('@'));
  const std::size_t plus = local.rfind('+');
  if (plus == std::string_view::npos) return {};
  const std::string_view tag = local.substr(plus + 1);
  const std::size_t dot = tag.find('.');
  if (dot == std::string_view::npos) return {};
  const TicketId ticket = ticket_of_digits(tag.substr(0, dot));
  return ticket.value != 0 && verify_ticket(key, ticket, tag.substr(dot + 1)) ? ticket : TicketId{};
}

std::string subject_tag(const ReplyKey& key, TicketId ticket) {
  const std::string signature = sign_ticket(key, ticket);
  return "[" + reference_of(ticket) + (signature.empty() ? "" : " " + signature) + "]";
}

std::vector<TicketId> signed_tags_in(const ReplyKey& key, std::string_view subject) {
  std::vector<TicketId> found;
  const std::string text = ascii_lower(subject);
  std::size_t looked_at = 0;
  for (std::size_t at = text.find("[omb-"); at != std::string::npos && looked_at < kTagsMax;
       at = text.find("[omb-", at + 1)) {
    ++looked_at;
    std::size_t end = at + 5;
    while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
    const TicketId ticket = ticket_of_digits(std::string_view(text).substr(at + 5, end - at - 5));
    // A long subject is folded, so there may be more white space than one blank.
    std::size_t begin = end;
    while (begin < text.size() && (text[begin] == ' ' || text[begin] == '\t')) ++begin;
    std::size_t stop = begin;
    while (stop < text.size() && signature_character(text[stop])) ++stop;
    if (ticket.value == 0 || begin == end || stop - begin != kTagCharacters ||
        stop == text.size() || text[stop] != ']') {
      continue;
    }
    const std::string_view signature = std::string_view(text).substr(begin, stop - begin);
    if (verify_ticket(key, ticket, signature) &&
        std::find(found.begin(), found.end(), ticket) == found.end()) {
      found.push_back(ticket);
    }
  }
  return found;
}

}  // namespace ombud
