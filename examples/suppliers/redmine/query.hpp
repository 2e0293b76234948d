// The filters, order and paging of GET /issues.json.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "model.hpp"

namespace ombud::example_redmine {

inline constexpr std::size_t kPageRowsDefault = 25;
inline constexpr std::size_t kPageRowsMax = 100;

struct Page {
  std::vector<const Issue*> rows;
  std::size_t total = 0;
  std::size_t offset = 0;
  std::size_t limit = 0;
  std::vector<std::string> errors;  // the query is not valid: 422
};

// Name and decoded value of each query parameter, in any order; a filter that does not exist is
// ignored without a word, as Redmine does.
Page select(const Model& model, const std::vector<std::pair<std::string, std::string>>& parameters);

}  // namespace ombud::example_redmine
