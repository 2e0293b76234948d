// The example supplier's objects as Redmine's REST interface shows them.
#pragma once

#include <string_view>

#include "model.hpp"

namespace ombud::example_redmine {

struct Include {
  bool journals = false;
  bool attachments = false;
  bool allowed_statuses = false;
};

// One issue as an object. `base_url` is what attachments are fetched from.
void write_issue(json::Writer& out, const Model& model, const Issue& issue, Include include,
                 const std::string& base_url);
// {"key":[…]} for lists of statuses, priorities, trackers.
std::string named_list(std::string_view key, const std::vector<Named>& list);
std::string user_json(const Model& model, const User& user);
std::string project_json(const Model& model, const Project& project);
std::string role_json(const User& user);
std::string errors_json(const std::vector<std::string>& errors);

}  // namespace ombud::example_redmine
