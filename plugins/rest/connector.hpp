// The connector "se.ombud.rest": suppliers without code. What is particular to one supplier is its
// profile (sdk/profile), which the hub reads, checks and puts into the settings.
#pragma once

#include <ombud/connector.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "profile/profile.hpp"
#include "rest/run.hpp"

namespace ombud::rest {

using sdk::Write;

class Rest {
 public:
  // Throws std::invalid_argument with every mistake of profile and settings.
  Rest(Host host, std::string_view config_json);
  Rest(const Rest&) = delete;
  Rest& operator=(const Rest&) = delete;

  Status put_ticket(const Call& call, const Write& write, Sink& reply);
  Status add_comment(const Call& call, const Write& write, Sink& reply);
  Status add_attachment(const Call& call, const Write& write, Sink& reply);
  Status find(const Call& call, std::string_view kind, const Write& write, Sink& matches);
  Status check(const Call& call);
  Status changes(const Call& call, std::string_view cursor, Sink& out);
  bool polls() const { return profile().poll.present; }
  Status decode(const Call& call, std::string_view headers_json, std::string_view body, Sink& out);
  Status attachment(const Call& call, std::string_view reference_json, Sink& bytes);
  Status snapshot(const Call& call, const Write& known, Sink& copy);
  bool snapshots() const { return profile().snapshot.present; }
  std::string traits() const;
  // probe.cpp
  Status probe(const Call& call, std::string_view question_json, Sink& findings);
  // replay.cpp
  Status render(const Call& call, std::string_view operation, const Write& write, Sink& requests);
  Status interpret(const Call& call, std::string_view raw_json, Sink& changes);

 private:
  const profile::Profile& profile() const { return *bound_.profile; }
  // Runs an operation and turns what it throws into its outcome.
  Status guarded(Run& run, bool write, const std::function<void()>& body) const;
  Status operate(const Call& call, const Write& write, const char* schema, const char* name,
                 const profile::Operation& operation, Sink& reply);
  // The operation itself, from its document to its last step.
  void carry_out(Run& run, const Write& write, const char* schema, const char* name,
                 const profile::Operation& operation);
  void draw(Run& run, Paper& paper, std::string_view operation, const Write& write);
  void read_content(Run& run, const Write& write, json::View document) const;
  void require_id(const Write& write) const;
  void check_signature(Run& run, const profile::Webhook& webhook, std::string_view body) const;

  Host host_;
  profile::Bound bound_;
  Memory memory_;
};

// A request as people may see it: {"what","method","url","headers","json" or "text"}, secrets as
// "[secret]". replay.cpp
std::string request_document(const sdk::HttpRequest& request, const std::string& what);

// The changes that a document of the supplier's tells, oldest first. False: the sink wants no more.
bool push_events(Run& run, Scope& scope, const profile::Events& events, Sink& out);

// notices.cpp: what the supplier announces by itself.
// The row as a document, unless it is ours or no notice.
std::optional<std::string> notice_of(Run& run, Scope& scope, const Value& row);
// Rows of the profile's own lists; false: the sink wants no more. Nothing without such lists.
bool push_listed_notices(Run& run, Sink& out);
// Whether rows of the poll that are not ours may be notices.
bool reads_notices_from_poll(Run& run);

// poll.cpp
void poll_by_time(Run& run, std::string_view cursor, Sink& out);
void poll_feed(Run& run, std::string_view cursor, Sink& out);

}  // namespace ombud::rest
