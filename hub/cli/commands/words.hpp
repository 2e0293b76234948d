// How tickets, delegations and deliveries look in a terminal, the same in every command.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/context.hpp"

namespace ombud::cli {

std::string reference(json::View ticket);  // "OMB-42"
std::string owner(json::View ticket);      // "desk / anna"
Cell status_cell(std::string_view status);
Cell priority_cell(std::string_view priority);
// The bytes that the hub has there: printed ("-") or in a new file of that name.
Exit download_to(Context& on, const std::string& path, const std::string& to);
std::string size_words(std::int64_t bytes);  // "1.4 MiB"
void print_delegation(Context& on, json::View delegation);

// For the API's PUT: all members of what is there but its id, its version and what is null, with
// those of the change in their place.
std::string merged(json::View there, json::View change);

// Name and value, one a line; what is empty is left out.
class Facts {
 public:
  explicit Facts(Context& on) : on_(on) {}
  Facts& add(std::string_view name, Cell value);
  Facts& add(std::string_view name, json::View value);  // text, number, boolean or list of texts
  Facts& add_time(std::string_view name, json::View time);
  void print(std::string_view indent = "") const;

 private:
  Context& on_;
  std::vector<std::pair<std::string, Cell>> rows_;
};

}  // namespace ombud::cli
