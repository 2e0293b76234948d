#include "store.hpp"

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace ombud::example_redmine {

std::string time_text(std::int64_t seconds) {
  return to_rfc3339(instant_of(seconds * 1000)).substr(0, 19) + "Z";
}
std::string date_text(std::int64_t seconds) {
  return time_text(seconds).substr(0, 10);
}

std::string to_line(const Issue& issue) {
  json::Writer out;
  out.begin_object().begin_object("issue");
  out.field("id", issue.id).field("project", issue.project).field("tracker", issue.tracker);
  out.field("status", issue.status).field("priority", issue.priority).field("author", issue.author);
  out.field("subject", issue.subject).field("description", issue.description);
  out.field("start_date", issue.start_date).field("due_date", issue.due_date);
  out.field("created", issue.created).field("updated", issue.updated);
  out.begin_object("fields");
  for (const auto& [id, value] : issue.fields) out.field(std::to_string(id), value);
  out.end_object().begin_array("attachments");
  for (const std::int64_t id : issue.attachments) out.value(id);
  out.end_array().begin_array("journals");
  for (const Journal& entry : issue.journals) {
    out.begin_object().field("id", entry.id).field("user", entry.user).field("notes", entry.notes);
    out.field("private", entry.is_private).field("created", entry.created).begin_array("details");
    for (const Detail& detail : entry.details) {
      out.begin_object().field("property", detail.property).field("name", detail.name);
      out.field("old", detail.old_value).field("new", detail.new_value).end_object();
    }
    out.end_array().end_object();
  }
  return out.end_array().end_object().end_object().take();
}

std::string to_line(const Attachment& file) {
  json::Writer out;
  out.begin_object().begin_object("attachment").field("id", file.id).field("author", file.author);
  out.field("token", file.token).field("name", file.name).field("media_type", file.media_type);
  out.field("description", file.description).field("created", file.created);
  return out.field("content", to_base64(file.content)).end_object().end_object().take();
}

std::string to_line(const User& user) {
  json::Writer out;
  out.begin_object().begin_object("user").field("id", user.id).field("login", user.login);
  return out.field("name", user.name).end_object().end_object().take();
}

Issue issue_from(json::View in) {
  Issue issue;
  issue.id = in["id"].integer();
  issue.project = in["project"].integer();
  issue.tracker = in["tracker"].integer();
  issue.status = in["status"].integer();
  issue.priority = in["priority"].integer();
  issue.author = in["author"].integer();
  issue.subject = in["subject"].text();
  issue.description = in["description"].text();
  issue.start_date = in["start_date"].text();
  issue.due_date = in["due_date"].text();
  issue.created = in["created"].integer();
  issue.updated = in["updated"].integer();
  const json::View fields = in["fields"];
  for (std::size_t i = 0; i < fields.size(); ++i) {
    issue.fields[std::stoll(std::string(fields.name_at(i)))] = fields.member_at(i).text();
  }
  const json::View files = in["attachments"];
  for (std::size_t i = 0; i < files.size(); ++i) issue.attachments.push_back(files.at(i).integer());
  const json::View journals = in["journals"];
  for (std::size_t i = 0; i < journals.size(); ++i) {
    const json::View entry = journals.at(i);
    Journal read{
        entry["id"].integer(),      entry["user"].integer(),    std::string(entry["notes"].text()),
        entry["private"].boolean(), entry["created"].integer(), {}};
    const json::View details = entry["details"];
    for (std::size_t j = 0; j < details.size(); ++j) {
      const json::View detail = details.at(j);
      read.details.push_back({std::string(detail["property"].text()),
                              std::string(detail["name"].text()), std::string(detail["old"].text()),
                              std::string(detail["new"].text())});
    }
    issue.journals.push_back(std::move(read));
  }
  return issue;
}

Attachment attachment_from(json::View in) {
  Attachment file;
  file.id = in["id"].integer();
  file.author = in["author"].integer();
  file.token = in["token"].text();
  file.name = in["name"].text();
  file.media_type = in["media_type"].text();
  file.description = in["description"].text();
  file.created = in["created"].integer();
  file.content = from_base64(in["content"].text()).value_or(std::string());
  return file;
}

User user_from(json::View in) {
  return {in["id"].integer(),
          std::string(in["login"].text()),
          std::string(in["name"].text()),
          "",
          false,
          true};
}

}  // namespace ombud::example_redmine
