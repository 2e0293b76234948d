#include "channel/mail/addresses.hpp"

#include <algorithm>

#include "base/ascii.hpp"

namespace ombud::mail {
namespace {

constexpr std::size_t kAddressBytesMax = 254;  // RFC 5321 section 4.5.3.1.3, less the brackets

bool contains(const std::vector<std::string>& sorted, const std::string& text) {
  return std::binary_search(sorted.begin(), sorted.end(), text);
}

void sort_unique(std::vector<std::string>& texts) {
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
}

}  // namespace

std::string folded(std::string_view text) {
  return ascii_lower(trimmed(text));
}

std::string plain_address(std::string_view address) {
  std::string plain = folded(address);
  const std::size_t at = plain.rfind('@');
  const std::size_t plus = plain.find('+');
  if (at != std::string::npos && plus != 0 && plus < at) plain.erase(plus, at - plus);
  return plain;
}

std::string domain_of(std::string_view address) {
  const std::size_t at = address.rfind('@');
  return at == std::string_view::npos ? std::string() : folded(address.substr(at + 1));
}

std::string_view local_part_of(std::string_view address) {
  return address.substr(0, address.rfind('@'));
}

bool is_address(std::string_view text) {
  const std::size_t at = text.rfind('@');
  return at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
         text.size() <= kAddressBytesMax && std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) <= ' ' || c == 0x7F || c == '<' || c == '>';
         });
}

DeskAddresses::DeskAddresses(const std::vector<std::string>& addresses,
                             const std::vector<std::string>& domains) {
  for (const std::string& address : addresses) {
    addresses_.push_back(plain_address(address));
    all_domains_.push_back(domain_of(address));
  }
  for (const std::string& domain : domains) {
    domains_.push_back(folded(domain));
    all_domains_.push_back(folded(domain));
  }
  sort_unique(addresses_);
  sort_unique(domains_);
  sort_unique(all_domains_);
}

bool DeskAddresses::accepts(std::string_view recipient) const {
  const std::string plain = plain_address(recipient);
  if (plain == "postmaster") return true;
  const std::string domain = domain_of(plain);
  if (local_part_of(plain) == "postmaster" && contains(all_domains_, domain)) return true;
  return contains(addresses_, plain) ||
         (contains(domains_, domain) && !local_part_of(plain).empty());
}

bool DeskAddresses::is_own(std::string_view address) const {
  return contains(addresses_, plain_address(address));
}

}  // namespace ombud::mail
