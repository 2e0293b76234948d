// What may leave to a supplier: deny by default, per field. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ombud {

// Every field that an agreement can share. Reference, kind, status, the desk's own brief and the
// desk as contact always leave; everything else only if it is named.
struct ShareField {
  std::string_view name;
  std::string_view meaning;
};
const std::vector<ShareField>& share_fields();
bool is_share_field(std::string_view name);

// Known facts about the person, to be cut out of free text where their field is not shared.
struct PersonFacts {
  std::string name, email, phone;
};

class PrivacyPolicy {
 public:
  explicit PrivacyPolicy(std::vector<std::string> share) : share_(std::move(share)) {}
  bool allows(std::string_view field) const;
  // The text with every occurrence of the person's name, e-mail and phone number (any spacing)
  // replaced by "[withheld]" unless that field is shared.
  std::string redact(std::string_view text, const PersonFacts& person) const;
  std::vector<std::string> shared() const;    // known fields that leave, in order
  std::vector<std::string> withheld() const;  // known fields that do not

 private:
  std::vector<std::string> share_;
};

}  // namespace ombud
