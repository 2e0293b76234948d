// What the example supplier knows: issues, people, files, in memory, every change appended to a
// file first, so that it survives being killed. It follows Redmine 5 where a connector could be
// misled: what a user may not set is dropped without a word, times have whole seconds, a private
// note is stored as public if its author may not hide it. Not thread-safe: lock around it.
#pragma once

#include <cstdint>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace ombud::example_redmine {

inline constexpr std::size_t kAttachmentBytesMax = 5'242'880;  // Redmine's default
inline constexpr std::size_t kSubjectCharactersMax = 255;

struct User {
  std::int64_t id = 0;
  std::string login;
  std::string name;
  std::string api_key;  // empty: cannot log in
  bool admin = false;
  bool may_hide_notes = true;
};

struct Named {
  std::int64_t id = 0;
  std::string name;
  bool closed = false;  // statuses
};

struct Project {
  std::int64_t id = 0;
  std::string identifier;
  std::string name;
};

struct CustomField {
  std::int64_t id = 0;
  std::string name;
  bool is_filter = true;
  bool required = false;
};

struct Detail {
  std::string property;
  std::string name;
  std::string old_value;
  std::string new_value;
};

struct Journal {
  std::int64_t id = 0;
  std::int64_t user = 0;
  std::string notes;
  bool is_private = false;
  std::int64_t created = 0;
  std::vector<Detail> details;
};

struct Attachment {
  std::int64_t id = 0;
  std::int64_t author = 0;
  std::string token;
  std::string name;
  std::string media_type;
  std::string description;
  std::int64_t created = 0;
  std::string content;
};

struct Issue {
  std::int64_t id = 0;
  std::int64_t project = 0;
  std::int64_t tracker = 0;
  std::int64_t status = 0;
  std::int64_t priority = 0;
  std::int64_t author = 0;
  std::string subject;
  std::string description;
  std::string start_date;
  std::string due_date;
  std::map<std::int64_t, std::string> fields;
  std::int64_t created = 0;
  std::int64_t updated = 0;
  std::vector<Journal> journals;
  std::vector<std::int64_t> attachments;
};

// What the supplier's workflow and roles forbid the API users. Tests and demos turn these.
struct Rules {
  std::set<std::string> read_only;   // "status_id", "priority_id", "description", "cf_7", …
  std::set<std::int64_t> no_way_to;  // statuses that no transition leads to
  bool journals_reversed = false;    // a preference of the API user
};

// None: done. A stale lock_version is refused with an empty list, as by Redmine.
using Refusal = std::optional<std::vector<std::string>>;

class Model {
 public:
  using Seconds = std::function<std::int64_t()>;  // since 1970, by the supplier's clock

  // Reads `file` if it is there and appends to it; an empty name keeps everything in memory.
  // Throws std::runtime_error if the file cannot be read or written.
  Model(Seconds now, std::string api_key, const std::string& file);

  // The user of a key; empty for an unknown one.
  const User* user_of(std::string_view api_key) const;
  const User* user(std::int64_t id) const;
  const Project* project_of(std::string_view id_or_identifier) const;
  const Named* status_named(std::string_view id_or_name) const;
  Issue* issue(std::int64_t id);
  Attachment* attachment(std::int64_t id);
  const Attachment* attachment(std::int64_t id) const;

  // `attributes` as in Redmine's "issue" object. `id` gets the number of the new issue.
  Refusal create(const User& author, json::View attributes, std::int64_t& id);
  Refusal update(const User& author, Issue& issue, json::View attributes);
  // Answers the token; empty if the content is too large.
  std::string upload(const User& author, std::string name, std::string content);
  // Somebody at the supplier acts. `author` may be new; the next free number becomes theirs.
  std::int64_t comment(Issue& issue, const std::string& author, std::string text, bool is_private);
  void set_status(Issue& issue, const std::string& author, std::int64_t status);
  void attach(Issue& issue, const std::string& author, std::string name, std::string media_type,
              std::string content);

  std::vector<User>& users() { return users_; }
  const std::vector<User>& users() const { return users_; }
  const std::vector<Project>& projects() const { return projects_; }
  const std::vector<Named>& statuses() const { return statuses_; }
  const std::vector<Named>& priorities() const { return priorities_; }
  const std::vector<Named>& trackers() const { return trackers_; }
  std::vector<CustomField>& fields() { return fields_; }
  const std::vector<CustomField>& fields() const { return fields_; }
  const std::map<std::int64_t, Issue>& issues() const { return issues_; }
  Rules& rules() { return rules_; }
  const Rules& rules() const { return rules_; }

 private:
  std::vector<std::string> apply(const User& author, Issue& issue, json::View attributes,
                                 bool is_new, std::vector<Detail>& details,
                                 std::vector<std::int64_t>& files);
  void set(const User& author, const std::string& name, std::string& stored, std::string wanted,
           bool is_new, std::vector<Detail>& details) const;
  void set(const User& author, const std::string& name, std::int64_t& stored, std::int64_t wanted,
           bool is_new, std::vector<Detail>& details) const;
  bool may_set(const User& author, const std::string& name) const;
  const User& person(const std::string& name);
  void journal(Issue& issue, std::int64_t user, std::string notes, bool is_private,
               std::vector<Detail> details);
  void keep(const Issue& issue);
  void keep(const Attachment& attachment);
  void keep(const User& user);
  void append(const std::string& line);
  void load(const std::string& file);

  Seconds now_;
  std::vector<User> users_;
  std::vector<Project> projects_;
  std::vector<Named> statuses_, priorities_, trackers_;
  std::vector<CustomField> fields_;
  std::map<std::int64_t, Issue> issues_;
  std::map<std::int64_t, Attachment> attachments_;
  std::int64_t next_journal_ = 1;
  Rules rules_;
  std::ofstream file_;
};

}  // namespace ombud::example_redmine
