// One operation of the connector: its scope of values, the requests it sends, and what their
// answers mean for the hub. A connector runs one operation at a time, so nothing here is shared.
#pragma once

#include <ombud/connector.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "profile/profile.hpp"

namespace ombud::rest {

using profile::Outcome;
using profile::Scope;
using profile::Value;
using sdk::Call;
using sdk::Host;
using sdk::Sink;
using sdk::Status;

// Thrown: the operation ends in another way than success.
struct Failure {
  Status status = Status::permanent;
  std::string message;
  int code = 0;  // HTTP, 0 if there was no answer
  std::int64_t retry_after_ms = -1;
  bool proof = false;          // nothing was applied, whatever was sent before
  bool of_one_ticket = false;  // a poll goes on with the others
  bool log_in_again = false;   // the login's token may only have grown old
};

// Thrown: the operation has succeeded, the steps that follow are not needed.
struct Finished {};

// What an instance remembers between operations.
struct Memory {
  std::map<std::string, std::vector<profile::ListEntry>, std::less<>> lists;
  std::set<std::string, std::less<>> proven;  // names of steps that are done once
  std::string token;                          // of a login; empty: none
};

// Binds {page.rows}, {page.offset} and {page.number}; the first page is 0 here and 1 there.
void set_page(Scope& scope, std::int64_t rows, std::int64_t page);

// In place of the network: takes the requests that would change something. They are not answered,
// so what follows from an answer is absent.
struct Paper {
  bool offline = false;  // nothing at all is sent; else what only reads is, up to the first write
  std::function<void(const sdk::HttpRequest& request, const std::string& what)> take;
  bool used = false;
};

class Run final : public profile::Surroundings {
 public:
  Run(const Host& host, const profile::Bound& bound, Memory& memory, const Call& call);

  Scope& scope() { return scope_; }
  const profile::Profile& profile() const { return *bound_.profile; }
  const Call& call() const { return call_; }
  // The bytes of an attachment, for request bodies that ask for them.
  void content(std::string bytes) { content_ = std::move(bytes); }
  // In a check everything is asked again.
  void forget_what_is_proven();
  // From now on nothing is changed at the supplier. `paper` must outlive the run.
  void write_on(Paper& paper) { paper_ = &paper; }
  bool is_on_paper() const { return paper_ != nullptr; }
  // Nothing differs any more: an update may end early.
  void ends_when_same() { ends_when_same_ = true; }

  // These throw Failure, Finished or profile::Refused.
  void steps(const profile::Steps& steps);
  void step(const profile::Step& step);
  void step_in(Scope& scope, const profile::Step& step);
  Value rows(Scope& scope, const profile::Search& search);

  // Names of what the supplier's copy has differently.
  std::vector<std::string> differing() const;
  void add_difference(const std::string& name) { refused_.push_back(name); }
  // All fields as one table, for a new ticket.
  void set_fields();

  // Pushes the body of the answer piece by piece.
  void download(const profile::Step& step, Sink& bytes);

  // The status of an operation that ended in this failure. A write that may already have changed
  // something is in doubt, whatever failed afterwards.
  Status fail(Failure failure, bool write) const;
  static Failure failure_of(const profile::Refused& refused);
  void log(Host::Level level, const std::string& message) const { host_.log(level, message); }

  // Gives the host what the events that follow are made of. replay.cpp
  void record(Scope& scope, bool pushed);
  // Takes that up again: no network from here on.
  void take_up(json::View raw, Paper& paper);

  // ---- Surroundings ----
  const std::vector<profile::ListEntry>& list(std::string_view name, bool again) override;
  std::optional<std::string> mapped(std::string_view map, std::string_view key) const override;
  const profile::Template* defined(std::string_view name) const override;

 private:
  struct Sent {
    sdk::HttpRequest request;
    std::string what;  // "GET /tickets/7", for messages
  };
  void perform(Scope& scope, const profile::Step& step);
  Value table_of(Scope& scope, json::Writer& out) const;
  void attempt(Scope& scope, const profile::Step& step);
  void require(Scope& scope, const profile::Step& step);
  void compare(Scope& scope, const profile::Step& step);
  // Sends it and binds code, header and answer in the scope.
  void exchange(Scope& scope, const profile::Step& step);
  // The same for every page; the answer has their lists one behind the other.
  void read_pages(Scope& scope, const profile::Step& step);
  void judge(Scope& scope, const profile::Step& step, const sdk::HttpResponse& response,
             const std::string& what);
  Sent build(Scope& scope, const profile::Request& request);
  void add_body(Scope& scope, const profile::Request& request, sdk::HttpRequest& to) const;
  std::string multipart(Scope& scope, const profile::Request& request, std::string& boundary) const;
  bool takes_paper(Scope& scope, const profile::Step& step, const Sent& sent);
  bool unanswered() const { return paper_ != nullptr && (paper_->offline || paper_->used); }
  const std::vector<profile::ListEntry>& made_up(std::string_view name);
  void authenticate(Scope& scope, const profile::Request& request, sdk::HttpRequest& to);
  std::string json_body(Scope& scope, const profile::Request& request) const;
  bool needs_token(const profile::Request& request) const;
  void log_in();
  [[noreturn]] void web_page_came(const sdk::HttpResponse& response, const std::string& what,
                                  bool visible);
  [[noreturn]] void transport_failed(Status transport, const std::string& what, bool visible);
  [[noreturn]] void apply(Scope& scope, const profile::ErrorRule& rule,
                          const sdk::HttpResponse& response, const std::string& what);
  [[noreturn]] void refuse_by_code(Scope& scope, const sdk::HttpResponse& response,
                                   const std::string& what, bool visible);

  const Host& host_;
  const profile::Bound& bound_;
  Memory& memory_;
  const Call& call_;
  Scope scope_;
  std::string content_;
  std::vector<std::string> differing_;  // by the last comparison
  std::vector<std::string> refused_;    // by a step that is optional, or as the profile says
  std::set<std::string, std::less<>> read_again_;  // lists
  Paper* paper_ = nullptr;
  bool ends_when_same_ = false;
  bool touched_ = false;  // something at the supplier may have changed
  bool logged_in_again_ = false;
};

}  // namespace ombud::rest
