#include "domain/privacy.hpp"

#include <algorithm>
#include <cctype>

#include "base/ascii.hpp"

namespace ombud {
namespace {

constexpr std::string_view kWithheld = "[withheld]";

bool same_letters(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return ascii_lower(x) == ascii_lower(y);
         });
}

bool word_byte(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || static_cast<unsigned char>(c) >= 0x80;
}

// Replaces whole words equal to `fact`, whatever the case of ASCII letters.
std::string cut_out(std::string_view text, std::string_view fact) {
  if (fact.size() < 2) return std::string(text);
  std::string kept;
  for (std::size_t i = 0; i < text.size();) {
    const bool starts = i == 0 || !word_byte(text[i - 1]);
    const std::size_t end = i + fact.size();
    const bool ends = end >= text.size() || !word_byte(text[end]);
    if (starts && ends && same_letters(text.substr(i, fact.size()), fact)) {
      kept += kWithheld;
      i = end;
    } else {
      kept += text[i++];
    }
  }
  return kept;
}

// A phone number is its digits: "+46 70-123 45 67", "0046701234567" and "070-1234567" are one.
std::string significant_digits(std::string_view phone) {
  std::string digits;
  for (const char c : phone) {
    if (c >= '0' && c <= '9') digits += c;
  }
  while (digits.size() > 7 && digits.front() == '0') digits.erase(0, 1);
  return digits.size() > 7 ? digits.substr(digits.size() - 7) : digits;
}

bool phone_byte(char c) {
  return (c >= '0' && c <= '9') || c == '+' || c == '-' || c == ' ' || c == '(' || c == ')' ||
         c == '/' || c == '.';
}

std::string cut_out_phone(std::string_view text, std::string_view phone) {
  const std::string wanted = significant_digits(phone);
  if (wanted.size() < 5) return std::string(text);
  std::string kept;
  for (std::size_t i = 0; i < text.size();) {
    if (!phone_byte(text[i]) || text[i] == ' ' || text[i] == '.') {
      kept += text[i++];
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && phone_byte(text[end])) ++end;
    while (end > i && (text[end - 1] == ' ' || text[end - 1] == '.')) --end;
    const std::string_view run = text.substr(i, end - i);
    std::string digits;
    for (const char c : run) {
      if (c >= '0' && c <= '9') digits += c;
    }
    const bool found = digits.size() >= wanted.size() &&
                       digits.compare(digits.size() - wanted.size(), wanted.size(), wanted) == 0;
    kept += found ? kWithheld : run;
    i = end;
  }
  return kept;
}

}  // namespace

const std::vector<ShareField>& share_fields() {
  static const std::vector<ShareField> kFields{
      {"subject", "the ticket's subject"},
      {"description", "the user's first text"},
      {"priority", "the ticket's priority"},
      {"service", "the name of the service"},
      {"messages", "what user and desk write to each other afterwards"},
      {"attachments", "the files that the user sent"},
      {"customer.name", "the name of the customer organisation"},
      {"user.name", "the user's name"},
      {"user.email", "the user's e-mail address"},
      {"user.phone", "the user's phone number"},
  };
  return kFields;
}

bool is_share_field(std::string_view name) {
  const auto& fields = share_fields();
  return std::any_of(fields.begin(), fields.end(),
                     [&](const ShareField& f) { return f.name == name; });
}

bool PrivacyPolicy::allows(std::string_view field) const {
  return std::find(share_.begin(), share_.end(), field) != share_.end();
}

std::string PrivacyPolicy::redact(std::string_view text, const PersonFacts& person) const {
  std::string kept(text);
  if (!allows("user.email")) kept = cut_out(kept, person.email);
  if (!allows("user.phone")) kept = cut_out_phone(kept, person.phone);
  if (!allows("user.name")) {
    kept = cut_out(kept, person.name);
    // a signature often holds only one part of the name
    std::string_view rest = person.name;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(' '), rest.size());
      if (end >= 3) kept = cut_out(kept, rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return kept;
}

std::vector<std::string> PrivacyPolicy::shared() const {
  std::vector<std::string> fields;
  for (const ShareField& field : share_fields()) {
    if (allows(field.name)) fields.emplace_back(field.name);
  }
  return fields;
}

std::vector<std::string> PrivacyPolicy::withheld() const {
  std::vector<std::string> fields;
  for (const ShareField& field : share_fields()) {
    if (!allows(field.name)) fields.emplace_back(field.name);
  }
  return fields;
}

}  // namespace ombud
