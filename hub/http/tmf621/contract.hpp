// The published description of one version (v4.json, v5.json), and what follows from it: which
// attributes there are, of which type, and what a body must hold. Read once at start.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"

namespace ombud::http::tmf {

class Contract {
 public:
  explicit Contract(std::string_view text);  // throws std::logic_error: it is our own file

  std::string_view text() const { return text_; }
  json::View schema(std::string_view name) const;  // components/schemas
  // What a value breaks, with pointers below `at`. Null members count as absent. `whole`: required
  // members must be there (those of nested objects always must).
  std::vector<FieldProblem> mistakes(std::string_view schema_name, json::View value,
                                     bool whole) const;
  // The schema of "relatedParty.id" below a schema, looking through arrays; absent if there is
  // none.
  json::View at_path(std::string_view schema_name, std::string_view dotted) const;

 private:
  json::View resolved(json::View schema) const;
  void check(json::View schema, json::View value, const std::string& at, bool whole,
             std::vector<FieldProblem>& found) const;
  std::string_view text_;
  json::Document document_;
};

bool is_time(json::View schema);  // a date-time

extern const std::string_view kV4Text, kV5Text;  // embedded

}  // namespace ombud::http::tmf
