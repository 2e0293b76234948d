#include "view.hpp"

#include "store.hpp"

namespace ombud::example_redmine {
namespace {

void write_named(json::Writer& out, std::string_view key, const std::vector<Named>& list,
                 std::int64_t id) {
  for (const Named& known : list) {
    if (known.id != id) continue;
    out.begin_object(key).field("id", id).field("name", known.name);
    if (key == "status") out.field("is_closed", known.closed);
    out.end_object();
  }
}

void write_user(json::Writer& out, std::string_view key, const Model& model, std::int64_t id) {
  const User* user = model.user(id);
  if (user == nullptr) return;
  out.begin_object(key).field("id", id).field("name", user->name).end_object();
}

void write_journal(json::Writer& out, const Model& model, const Journal& entry) {
  out.begin_object().field("id", entry.id);
  write_user(out, "user", model, entry.user);
  out.field("notes", entry.notes).field("created_on", time_text(entry.created));
  out.field("private_notes", entry.is_private).begin_array("details");
  for (const Detail& detail : entry.details) {
    out.begin_object().field("property", detail.property).field("name", detail.name);
    out.key("old_value");
    detail.old_value.empty() ? out.null() : out.value(detail.old_value);
    out.field("new_value", detail.new_value).end_object();
  }
  out.end_array().end_object();
}

void write_attachment(json::Writer& out, const Model& model, const Attachment& file,
                      const std::string& base_url) {
  out.begin_object().field("id", file.id).field("filename", file.name);
  out.field("filesize", static_cast<std::int64_t>(file.content.size()));
  out.field("content_type", file.media_type).field("description", file.description);
  out.field("content_url",
            base_url + "/attachments/download/" + std::to_string(file.id) + "/" + file.name);
  write_user(out, "author", model, file.author);
  out.field("created_on", time_text(file.created)).end_object();
}

void write_date(json::Writer& out, std::string_view key, const std::string& date) {
  out.key(key);
  date.empty() ? out.null() : out.value(date);
}

}  // namespace

void write_issue(json::Writer& out, const Model& model, const Issue& issue, Include include,
                 const std::string& base_url) {
  out.begin_object().field("id", issue.id);
  for (const Project& project : model.projects()) {
    if (project.id != issue.project) continue;
    out.begin_object("project").field("id", project.id).field("name", project.name).end_object();
  }
  write_named(out, "tracker", model.trackers(), issue.tracker);
  write_named(out, "status", model.statuses(), issue.status);
  write_named(out, "priority", model.priorities(), issue.priority);
  write_user(out, "author", model, issue.author);
  out.field("subject", issue.subject).field("description", issue.description);
  write_date(out, "start_date", issue.start_date);
  write_date(out, "due_date", issue.due_date);
  out.begin_array("custom_fields");
  for (const auto& [id, value] : issue.fields) {
    out.begin_object().field("id", id).field("value", value).end_object();
  }
  out.end_array();
  out.field("created_on", time_text(issue.created)).field("updated_on", time_text(issue.updated));
  if (include.attachments) {
    out.begin_array("attachments");
    for (const auto& file : issue.attachments) {
      write_attachment(out, model, *model.attachment(file), base_url);
    }
    out.end_array();
  }
  if (include.journals) {
    std::vector<Journal> journals = issue.journals;
    if (model.rules().journals_reversed) journals = {journals.rbegin(), journals.rend()};
    out.begin_array("journals");
    for (const Journal& entry : journals) write_journal(out, model, entry);
    out.end_array();
  }
  if (include.allowed_statuses) {
    out.begin_array("allowed_statuses");
    for (const Named& status : model.statuses()) {
      if (model.rules().no_way_to.contains(status.id)) continue;
      out.begin_object().field("id", status.id).field("name", status.name).end_object();
    }
    out.end_array();
  }
  out.end_object();
}

std::string named_list(std::string_view key, const std::vector<Named>& list) {
  json::Writer out;
  out.begin_object().begin_array(key);
  for (const Named& one : list) {
    out.begin_object().field("id", one.id).field("name", one.name);
    if (key == "issue_statuses") out.field("is_closed", one.closed);
    out.end_object();
  }
  return out.end_array().end_object().take();
}

std::string user_json(const Model& model, const User& user) {
  json::Writer out;
  out.begin_object().begin_object("user").field("id", user.id).field("login", user.login);
  out.field("admin", user.admin).begin_array("memberships");
  for (const Project& project : model.projects()) {
    out.begin_object().begin_object("project").field("id", project.id).end_object();
    out.begin_array("roles").begin_object().field("id", user.id).end_object().end_array();
    out.end_object();
  }
  return out.end_array().end_object().end_object().take();
}

std::string project_json(const Model& model, const Project& project) {
  json::Writer out;
  out.begin_object().begin_object("project").field("id", project.id).field("name", project.name);
  out.field("identifier", project.identifier).begin_array("trackers");
  for (const Named& tracker : model.trackers()) {
    out.begin_object().field("id", tracker.id).field("name", tracker.name).end_object();
  }
  return out.end_array().end_object().end_object().take();
}

// Each user has a role of their own, of the same number.
std::string role_json(const User& user) {
  json::Writer out;
  out.begin_object().begin_object("role").field("id", user.id).field("name", user.login);
  out.begin_array("permissions").value("view_issues").value("add_issues").value("edit_issues");
  out.value("add_issue_notes").value("view_private_notes");
  if (user.may_hide_notes) out.value("set_notes_private");
  return out.end_array().end_object().end_object().take();
}

std::string errors_json(const std::vector<std::string>& errors) {
  json::Writer out;
  out.begin_object().begin_array("errors");
  for (const std::string& error : errors) out.value(error);
  return out.end_array().end_object().take();
}

}  // namespace ombud::example_redmine
