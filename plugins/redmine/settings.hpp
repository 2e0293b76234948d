// The [settings] table of a link to Redmine, read and completed with the defaults.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ombud::redmine {

// Largest body of one attachment if the settings say nothing: Redmine's own default limit.
inline constexpr std::int64_t kAttachmentBytesMax = 5'242'880;
inline constexpr std::int64_t kPollOverlapSeconds = 120;

struct Settings {
  std::string url;            // no slash at the end
  std::string api_key_token;  // stands for the secret; never the secret itself
  std::string project;        // identifier or number
  std::optional<std::int64_t> tracker_id;
  std::optional<std::int64_t> correlation_field;
  std::vector<std::pair<std::int64_t, std::string>> custom_fields;
  // Names or numbers, in the operator's words. Keys of status_from are lower case.
  std::map<std::string, std::string, std::less<>> status_to;
  std::map<std::string, std::string, std::less<>> status_from;
  std::map<std::string, std::string, std::less<>> priority_to;
  bool private_notes = true;
  std::int64_t attachment_bytes_max = kAttachmentBytesMax;
  std::int64_t poll_overlap_seconds = kPollOverlapSeconds;
};

// Throws std::invalid_argument with a sentence for the operator.
Settings read_settings(std::string_view config_json);

}  // namespace ombud::redmine
