// The token at the end of each letter, by which somebody without an account chooses what he is
// told: it names him, is signed with a key of this hub, and lets its holder do nothing else.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.hpp"
#include "base/result.hpp"
#include "domain/ids.hpp"

namespace ombud::notify {

class SigningKey {
 public:
  static constexpr std::size_t kBytes = 32;

  // Reads the key, or makes one where there is none (mode 0600). Refused: the file is damaged or
  // cannot be written.
  static Result<SigningKey> in_file(const std::filesystem::path& file, Random& random);
  explicit SigningKey(std::string bytes);  // kBytes of them

  std::string token_of(PersonId person) const;  // "17-5f3c…": fits into a URL
  // Nothing for what this key did not sign. Takes the same time wherever it differs.
  std::optional<PersonId> person_of(std::string_view token) const;

 private:
  std::string bytes_;
};

}  // namespace ombud::notify
