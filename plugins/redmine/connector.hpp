// The connector "se.ombud.redmine": mirrors one link's tickets into one Redmine (4.2 and later).
//
// Each issue carries our correlation twice: in a custom field (if the settings name one) and as a
// marker in its description; notes and attachments carry it as a marker. `find` and `changes` look
// for both. Every write is read back, because Redmine drops what the API user may not set and still
// answers with success.
#pragma once

#include <ombud/connector.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "redmine/document.hpp"
#include "redmine/rest.hpp"
#include "redmine/settings.hpp"
#include "redmine/vocabulary.hpp"

namespace ombud::redmine {

using sdk::Write;

class Redmine {
 public:
  Redmine(Host host, std::string_view config_json);
  Redmine(const Redmine&) = delete;
  Redmine& operator=(const Redmine&) = delete;

  Status put_ticket(const Call& call, const Write& write, Sink& reply);
  Status add_comment(const Call& call, const Write& write, Sink& reply);
  Status add_attachment(const Call& call, const Write& write, Sink& reply);
  Status find(const Call& call, std::string_view kind, const Write& write, Sink& matches);
  Status check(const Call& call);
  Status changes(const Call& call, std::string_view cursor, Sink& out);
  Status attachment(const Call& call, std::string_view reference_json, Sink& bytes);

 private:
  struct Row;
  struct Cursor;
  struct Poll;
  struct Progress;

  // outbound.cpp
  Status create(const Call& call, const Write& write, const json::Document& ticket, Sink& reply);
  Status update(const Call& call, const Write& write, const json::Document& ticket, Sink& reply);
  std::vector<std::string> differences(const IssueDraft& wanted, const IssueView& stored) const;
  Answer private_notes_allowed(const Call& call, std::int64_t project_id) const;
  std::string issue_url(std::string_view id) const {
    return rest_.url() + "/issues/" + std::string(id);
  }

  // find.cpp
  Status find_tickets(const Call& call, std::string_view correlation, Sink& matches);
  Answer search(const Call& call, const std::string& filter, std::string_view correlation,
                std::vector<IssueView>& found, std::vector<Answer>& pages, bool& ignored) const;
  Status find_comments(const Call& call, const Write& write, Sink& matches);
  Status find_attachments(const Call& call, const Write& write, Sink& matches);

  // connector.cpp
  // Proves that the correlation field exists, is a filter and is visible to the API user.
  Answer correlation_field_works(const Call& call);
  Answer current_user(const Call& call, bool memberships = false) const;
  Answer check_project(const Call& call) const;
  Answer check_required_fields(const Call& call) const;

  // poll.cpp
  Answer list_changed(const Call& call, const std::string& filter, Poll& poll) const;
  Answer push_changes_of(const Call& call, const Row& row, Poll& poll, bool& wanted, Sink& out);
  Progress push_rows(const Call& call, Poll& poll, Sink& out);
  std::optional<Cursor> read_cursor(std::string_view text) const;

  Host host_;
  Settings settings_;
  Rest rest_;
  Vocabulary vocabulary_;
  bool field_proven_ = false;
};

// "12" if the text is the number of an issue, else empty: what goes into a path.
std::optional<std::string> issue_number(std::string_view external_id);

}  // namespace ombud::redmine
