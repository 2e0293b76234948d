#include "redmine/connector.hpp"

#include "redmine/text.hpp"

namespace ombud::redmine {
namespace {

constexpr std::size_t kIssueNumberBytesMax = 18;

}  // namespace

std::optional<std::string> issue_number(std::string_view external_id) {
  if (external_id.empty() || external_id.size() > kIssueNumberBytesMax ||
      external_id.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  return std::string(external_id);
}

Redmine::Redmine(Host host, std::string_view config_json)
    : host_(host),
      settings_(read_settings(config_json)),
      rest_(host, settings_),
      vocabulary_(settings_, rest_) {}

// Redmine ignores a filter that it does not have, without a word. "Contains" with nothing to
// contain is refused with 422 by a filter that is there, so success means: no such filter.
Answer Redmine::correlation_field_works(const Call& call) {
  if (!settings_.correlation_field || field_proven_) return {};
  const std::string field = std::to_string(*settings_.correlation_field);
  Answer probe = rest_.get(call, "/issues.json?limit=1&cf_" + field + "=~");
  if (probe.code == 422) {
    field_proven_ = true;
    return {};
  }
  if (!probe.ok()) return probe;
  return permanent("Redmine cannot search by the custom field " + field +
                   ". Create an issue custom field of format Text, \"used as a filter\", visible "
                   "to the API user and enabled for the project and tracker, and set "
                   "settings.correlation_field to its number; or leave the setting out.");
}

Answer Redmine::current_user(const Call& call, bool memberships) const {
  Answer user = rest_.get(
      call, memberships ? "/users/current.json?include=memberships" : "/users/current.json");
  if (user.ok() && user.body["user"]["id"].integer() == 0) {
    return permanent("What answers at settings.url is no Redmine: it does not say who we are.");
  }
  return user;
}

Answer Redmine::check_project(const Call& call) const {
  Answer project =
      rest_.get(call, "/projects/" + percent_encode(settings_.project) + ".json?include=trackers");
  if (project.code == 404) {
    return permanent("Redmine shows the API user no project \"" + settings_.project +
                     "\". Set settings.project to its identifier or number, and make the API user "
                     "a member.");
  }
  if (!project.ok() || !settings_.tracker_id) return project;
  const json::View trackers = project.body["project"]["trackers"];
  std::string there;
  for (std::size_t i = 0; i < trackers.size(); ++i) {
    const std::int64_t id = trackers.at(i)["id"].integer();
    if (id == *settings_.tracker_id) return project;
    there += (there.empty() ? "" : ", ") + std::string(trackers.at(i)["name"].text()) + " (" +
             std::to_string(id) + ")";
  }
  return permanent("The project has no tracker " + std::to_string(*settings_.tracker_id) +
                   ". Set settings.tracker_id to one of: " + there + ".");
}

// Only an administrator may read the list of custom fields; for anybody else the first ticket
// tells.
Answer Redmine::check_required_fields(const Call& call) const {
  const Answer answer = rest_.get(call, "/custom_fields.json");
  if (!answer.ok()) return {};
  std::string missing;
  const json::View fields = answer.body["custom_fields"];
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const json::View field = fields.at(i);
    if (field["customized_type"].text() != "issue" || !field["is_required"].boolean()) continue;
    const std::int64_t id = field["id"].integer();
    bool given = id == settings_.correlation_field || !field["default_value"].text().empty();
    for (const auto& [number, text] : settings_.custom_fields) given = given || number == id;
    if (given) continue;
    missing += (missing.empty() ? "" : ", ") + std::string(field["name"].text()) + " (" +
               std::to_string(id) + ")";
  }
  if (missing.empty()) return {};
  return permanent("Redmine requires custom fields that have no default: " + missing +
                   ". Give each a value in settings.custom_fields.");
}

Status Redmine::check(const Call& call) {
  const Answer user = current_user(call);
  if (!user.ok()) return user.fail(call);
  const Answer project = check_project(call);
  if (!project.ok()) return project.fail(call);
  const Answer words = vocabulary_.reload(call);
  if (!words.ok()) return words.fail(call);
  std::string why_not;
  for (const auto& [canonical, name] : settings_.status_to) {
    if (!vocabulary_.status_id(canonical, why_not)) {
      return call.fail_as(Status::permanent, why_not);
    }
  }
  for (const auto& [canonical, name] : settings_.priority_to) {
    if (!vocabulary_.priority_id(canonical, why_not)) {
      return call.fail_as(Status::permanent, why_not);
    }
  }
  field_proven_ = false;
  const Answer field = correlation_field_works(call);
  if (!field.ok()) return field.fail(call);
  const Answer required = check_required_fields(call);
  if (!required.ok()) return required.fail(call);
  if (settings_.private_notes) {
    const Answer allowed = private_notes_allowed(call, project.body["project"]["id"].integer());
    if (!allowed.ok()) return allowed.fail(call);
  }
  return Status::ok;
}

Status Redmine::attachment(const Call& call, std::string_view reference_json, Sink& bytes) {
  // The number alone decides where the bytes come from: the key never goes to another address.
  const auto reference = json::parse(reference_json);
  const std::int64_t id = reference ? (*reference)["id"].integer() : 0;
  if (id < 1) {
    return call.fail_as(Status::permanent, "This is no reference to an attachment in Redmine.");
  }
  const Answer answer = rest_.download(call, id, bytes);
  return answer.ok() ? Status::ok : answer.fail(call);
}

}  // namespace ombud::redmine
