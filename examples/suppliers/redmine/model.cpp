#include "model.hpp"

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "base/bytes.hpp"
#include "store.hpp"

namespace ombud::example_redmine {
namespace {

constexpr std::size_t kDateBytes = 10;

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

bool blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// Redmine keeps descriptions with the line ends of a web form.
std::string with_crlf(std::string_view text) {
  std::string stored;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r')) stored += '\r';
    stored += text[i];
  }
  return stored;
}

std::int64_t number_of(json::View value) {
  if (value.is_text()) return std::atoll(std::string(value.text()).c_str());
  return value.integer();
}

std::string text_of(json::View value) {
  return value.is_integer() ? std::to_string(value.integer()) : std::string(value.text());
}

template <class T>
bool has(const std::vector<T>& list, std::int64_t id) {
  return std::any_of(list.begin(), list.end(), [&](const T& one) { return one.id == id; });
}

}  // namespace

Model::Model(Seconds now, std::string api_key, const std::string& file) : now_(std::move(now)) {
  users_ = {{1, "admin", "Redmine Admin", "", true, true},
            {2, "ombud", "Ombud Desk", std::move(api_key), false, true},
            {3, "staff", "Sven Supplier", "", false, true}};
  projects_ = {{1, "support", "Support"}, {2, "internal", "Internal"}};
  statuses_ = {{1, "New", false},      {2, "In Progress", false}, {3, "Resolved", false},
               {4, "Feedback", false}, {5, "Closed", true},       {6, "Rejected", true}};
  priorities_ = {{1, "Low", false},
                 {2, "Normal", false},
                 {3, "High", false},
                 {4, "Urgent", false},
                 {5, "Immediate", false}};
  trackers_ = {{1, "Bug", false}, {2, "Feature", false}, {3, "Support", false}};
  fields_ = {{7, "Ombud reference", true, false}};
  if (file.empty()) return;
  load(file);
  file_.open(file, std::ios::app | std::ios::binary);
  if (!file_) throw std::runtime_error("cannot write to " + file);
}

const User* Model::user_of(std::string_view api_key) const {
  for (const User& known : users_) {
    if (!known.api_key.empty() && known.api_key == api_key) return &known;
  }
  return nullptr;
}

const User* Model::user(std::int64_t id) const {
  for (const User& known : users_) {
    if (known.id == id) return &known;
  }
  return nullptr;
}

const Project* Model::project_of(std::string_view id_or_identifier) const {
  for (const Project& known : projects_) {
    if (known.identifier == id_or_identifier || std::to_string(known.id) == id_or_identifier) {
      return &known;
    }
  }
  return nullptr;
}

const Named* Model::status_named(std::string_view id_or_name) const {
  for (const Named& known : statuses_) {
    if (known.name == id_or_name || std::to_string(known.id) == id_or_name) return &known;
  }
  return nullptr;
}

Issue* Model::issue(std::int64_t id) {
  const auto found = issues_.find(id);
  return found == issues_.end() ? nullptr : &found->second;
}

Attachment* Model::attachment(std::int64_t id) {
  const auto found = attachments_.find(id);
  return found == attachments_.end() ? nullptr : &found->second;
}

const Attachment* Model::attachment(std::int64_t id) const {
  const auto found = attachments_.find(id);
  return found == attachments_.end() ? nullptr : &found->second;
}

bool Model::may_set(const User& author, const std::string& name) const {
  return author.admin || !rules_.read_only.contains(name);
}

void Model::set(const User& author, const std::string& name, std::string& stored,
                std::string wanted, bool is_new, std::vector<Detail>& details) const {
  if (!may_set(author, name) || stored == wanted) return;
  if (!is_new) details.push_back({"attr", name, stored, wanted});
  stored = std::move(wanted);
}

void Model::set(const User& author, const std::string& name, std::int64_t& stored,
                std::int64_t wanted, bool is_new, std::vector<Detail>& details) const {
  if (!may_set(author, name) || stored == wanted) return;
  if (!is_new) details.push_back({"attr", name, std::to_string(stored), std::to_string(wanted)});
  stored = wanted;
}

// Sets what may be set, drops the rest without a word, then says what is not valid.
std::vector<std::string> Model::apply(const User& author, Issue& issue, json::View in, bool is_new,
                                      std::vector<Detail>& details,
                                      std::vector<std::int64_t>& files) {
  if (in["subject"].present()) {
    set(author, "subject", issue.subject, text_of(in["subject"]), is_new, details);
  }
  if (in["description"].present()) {
    set(author, "description", issue.description, with_crlf(in["description"].text()), is_new,
        details);
  }
  for (const char* name : {"start_date", "due_date"}) {
    if (!in[name].present()) continue;
    std::string& stored = name[0] == 's' ? issue.start_date : issue.due_date;
    set(author, name, stored, text_of(in[name]).substr(0, kDateBytes), is_new, details);
  }
  const std::int64_t status = number_of(in["status_id"]);
  if (has(statuses_, status) && !rules_.no_way_to.contains(status)) {
    set(author, "status_id", issue.status, status, is_new, details);
  }
  const std::int64_t priority = number_of(in["priority_id"]);
  if (has(priorities_, priority)) {
    set(author, "priority_id", issue.priority, priority, is_new, details);
  }
  const std::int64_t tracker = number_of(in["tracker_id"]);
  if (has(trackers_, tracker)) set(author, "tracker_id", issue.tracker, tracker, is_new, details);
  const json::View fields = in["custom_fields"];
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::int64_t id = number_of(fields.at(i)["id"]);
    const std::string name = "cf_" + std::to_string(id);
    if (!has(fields_, id) || !may_set(author, name)) continue;
    std::string& stored = issue.fields[id];
    const std::string wanted = text_of(fields.at(i)["value"]);
    if (!is_new && stored != wanted) details.push_back({"cf", std::to_string(id), stored, wanted});
    stored = wanted;
  }

  std::vector<std::string> errors;
  if (blank(issue.subject)) errors.emplace_back("Subject cannot be blank");
  if (characters(issue.subject) > kSubjectCharactersMax) {
    errors.emplace_back("Subject is too long (maximum is 255 characters)");
  }
  if (!issue.due_date.empty() && !issue.start_date.empty() && issue.due_date < issue.start_date) {
    errors.emplace_back("Due date must be greater than start date");
  }
  for (const CustomField& field : fields_) {
    const auto given = issue.fields.find(field.id);
    if (field.required && (given == issue.fields.end() || blank(given->second))) {
      errors.push_back(field.name + " cannot be blank");
    }
  }
  const json::View uploads = in["uploads"];
  std::size_t unknown = 0;
  for (std::size_t i = 0; i < uploads.size(); ++i) {
    bool found = false;
    for (auto& [id, file] : attachments_) {
      if (file.token != uploads.at(i)["token"].text() || file.author != author.id) continue;
      found = true;
      files.push_back(id);
      file.name = uploads.at(i)["filename"].text(file.name);
      file.media_type = uploads.at(i)["content_type"].text("application/octet-stream");
      file.description = uploads.at(i)["description"].text();
    }
    if (!found) ++unknown;
  }
  if (unknown > 0) errors.push_back(std::to_string(unknown) + " file(s) could not be saved.");
  return errors;
}

Refusal Model::create(const User& author, json::View in, std::int64_t& id) {
  Issue made;
  std::vector<Detail> details;
  std::vector<std::int64_t> files;
  const Project* project = project_of(text_of(in["project_id"]));
  made.tracker = trackers_.front().id;
  made.status = statuses_.front().id;
  made.priority = 2;
  made.author = author.id;
  made.start_date = date_text(now_());
  std::vector<std::string> errors = apply(author, made, in, true, details, files);
  if (project == nullptr) {
    errors.insert(errors.end(),
                  {"Project cannot be blank", "Tracker cannot be blank", "Status cannot be blank"});
  }
  if (!errors.empty()) return errors;
  made.id = id = issues_.empty() ? 1 : issues_.rbegin()->first + 1;
  made.project = project->id;
  made.created = made.updated = now_();
  made.attachments = files;
  for (const std::int64_t file : files) keep(attachments_.at(file));
  keep(made);
  issues_.emplace(id, std::move(made));
  return std::nullopt;
}

Refusal Model::update(const User& author, Issue& issue, json::View in) {
  if (in["lock_version"].present()) {
    return std::vector<std::string>();  // never the right one: no answer ever shows it
  }
  Issue changed = issue;
  std::vector<Detail> details;
  std::vector<std::int64_t> files;
  std::vector<std::string> errors = apply(author, changed, in, false, details, files);
  if (!errors.empty()) return errors;
  for (const std::int64_t file : files) {
    details.push_back({"attachment", std::to_string(file), "", attachments_.at(file).name});
    changed.attachments.push_back(file);
    keep(attachments_.at(file));
  }
  const std::string notes(in["notes"].text());
  const bool hidden = in["private_notes"].boolean() && (author.admin || author.may_hide_notes);
  if (blank(notes) && details.empty()) return std::nullopt;
  if (hidden && !blank(notes) && !details.empty()) {  // only the note is hidden
    journal(changed, author.id, "", false, std::move(details));
    details.clear();
  }
  journal(changed, author.id, notes, hidden && !blank(notes), std::move(details));
  keep(changed);
  issue = std::move(changed);
  return std::nullopt;
}

std::string Model::upload(const User& author, std::string name, std::string content) {
  if (content.size() > kAttachmentBytesMax) return {};
  Attachment made;
  made.id = attachments_.empty() ? 1 : attachments_.rbegin()->first + 1;
  made.author = author.id;
  made.token = std::to_string(made.id) + "." + sha256_hex(content);
  made.name = std::move(name);
  made.created = now_();
  made.content = std::move(content);
  keep(made);
  return attachments_.emplace(made.id, std::move(made)).first->second.token;
}

const User& Model::person(const std::string& name) {
  for (const User& known : users_) {
    if (known.login == name || known.name == name) return known;
  }
  users_.push_back({users_.back().id + 1, name, name, "", false, true});
  keep(users_.back());
  return users_.back();
}

void Model::journal(Issue& issue, std::int64_t user, std::string notes, bool is_private,
                    std::vector<Detail> details) {
  issue.updated = now_();
  issue.journals.push_back(
      {next_journal_++, user, std::move(notes), is_private, issue.updated, std::move(details)});
}

std::int64_t Model::comment(Issue& issue, const std::string& author, std::string text,
                            bool is_private) {
  journal(issue, person(author).id, std::move(text), is_private, {});
  keep(issue);
  return issue.journals.back().id;
}

void Model::set_status(Issue& issue, const std::string& author, std::int64_t status) {
  const std::string before = std::to_string(issue.status);
  issue.status = status;
  journal(issue, person(author).id, "", false,
          {{"attr", "status_id", before, std::to_string(status)}});
  keep(issue);
}

void Model::attach(Issue& issue, const std::string& author, std::string name,
                   std::string media_type, std::string content) {
  const User by = person(author);
  const std::string token = upload(by, name, std::move(content));
  Attachment& made = attachments_.rbegin()->second;
  if (token.empty() || made.token != token) return;
  made.media_type = std::move(media_type);
  keep(made);
  issue.attachments.push_back(made.id);
  journal(issue, by.id, "", false, {{"attachment", std::to_string(made.id), "", made.name}});
  keep(issue);
}

void Model::keep(const Issue& issue) {
  append(to_line(issue));
}
void Model::keep(const Attachment& attachment) {
  append(to_line(attachment));
}
void Model::keep(const User& user) {
  append(to_line(user));
}

void Model::append(const std::string& line) {
  if (!file_.is_open()) return;
  file_ << line << '\n' << std::flush;  // in the kernel's hands: survives the death of the process
  if (!file_) throw std::runtime_error("the supplier's file cannot be written");
}

void Model::load(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::string line;
  std::uintmax_t whole_bytes = 0;
  while (std::getline(in, line)) {
    if (in.eof()) break;  // cut off while it was written, so it was never answered for
    whole_bytes += line.size() + 1;
    const auto read = json::parse(line);
    if (!read) throw std::runtime_error(file + ": " + read.error().detail);
    if ((*read)["issue"].present()) {
      Issue known = issue_from((*read)["issue"]);
      for (const Journal& entry : known.journals) {
        next_journal_ = std::max(next_journal_, entry.id + 1);
      }
      issues_[known.id] = std::move(known);
    } else if ((*read)["attachment"].present()) {
      Attachment known = attachment_from((*read)["attachment"]);
      attachments_[known.id] = std::move(known);
    } else if ((*read)["user"].present()) {
      users_.push_back(user_from((*read)["user"]));
    }
  }
  if (in.is_open()) std::filesystem::resize_file(file, whole_bytes);
}

}  // namespace ombud::example_redmine
