// The example supplier's file: one JSON object a line, the last one of an issue or a file counts.
#pragma once

#include <string>

#include "model.hpp"

namespace ombud::example_redmine {

std::string to_line(const Issue& issue);
std::string to_line(const Attachment& attachment);
std::string to_line(const User& user);
Issue issue_from(json::View line);
Attachment attachment_from(json::View line);
User user_from(json::View line);

std::string date_text(std::int64_t seconds);  // "2026-11-22"
std::string time_text(std::int64_t seconds);  // "2026-11-22T09:30:00Z"

}  // namespace ombud::example_redmine
