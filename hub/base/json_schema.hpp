// Checks a JSON value against a JSON Schema (draft 4) by RapidJSON's validator and reports every
// mistake, where the validator alone stops at the first.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace ombud::json {

struct SchemaMistake {
  std::string pointer;  // into the checked value (RFC 6901)
  std::string keyword;  // "type", "required", "additionalProperties", "enum", "x-secret", …
  std::string detail;   // what is wrong and what to write instead
};

// A property with "x-secret": true must hold {"$secret": …}, which is accepted nowhere else unless
// the schema allows such an object. Returns nothing if the value is valid. $ref is not followed to
// other documents.
std::vector<SchemaMistake> check_schema(View schema, View value);

inline constexpr std::size_t kSchemaMistakesMax = 100;

}  // namespace ombud::json
