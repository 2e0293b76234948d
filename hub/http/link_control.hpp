// What the API asks of the running links: an interface, so that http/ knows nothing of supervisor
// and delivery. Implemented in main.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace ombud::http {

// The host process of a link, as it is now.
struct HostReport {
  std::string link;
  std::string state;               // stopped, starting, up, backing_off, held
  std::string reason;              // why it is not up
  std::string connector, version;  // by its own descriptor; empty before it said hello
  std::vector<std::string> capabilities, extensions;
  std::int64_t pid = 0;
  std::int64_t restarts = 0;
  std::optional<Instant> next_start;  // when backing off
  std::string profile;                // that the connector runs; may be empty
  std::string tested;                 // JSON {"against","with","on"}; may be empty
  // The supplier's server, as seen last.
  std::optional<Instant> certificate_until;
  std::optional<Millis> clock_ahead;
};

// What the connector said when asked to try its connection.
struct CheckReport {
  bool ok = false;
  std::string message;  // for the operator
  std::int64_t took_ms = 0;
};

// One operation of a connector that changes nothing: probe, render, interpret.
struct Question {
  std::string operation;
  std::string kind;  // render: which operation; the next two as for it
  std::string correlation, external_id;
  std::string body;
};
struct Findings {
  std::string status;   // of the SDK, such as "ok"
  std::string message;  // why, if it is not ok
  std::vector<std::string> documents;
};

// The settings that a link works by, without its secrets.
struct LinkWorks {
  std::string connector;      // folder of the connector
  std::string settings_json;  // secrets as {"$secret":"token"}
};

// What a hub works by, and what was found when its files were read last.
struct ConfigurationReport {
  struct Finding {
    std::string file;
    std::int64_t line = 0;  // 0: the whole file
    bool error = true;      // else a warning
    std::string message;
  };
  struct LoadedLink {
    std::string id, file, kind, supplier, connector, profile;
    bool enabled = true;
  };
  Instant loaded_at, checked_at;
  bool ok = true;  // the files as they were when they were checked last
  std::vector<Finding> findings;
  std::vector<std::pair<std::string, std::string>> settings;  // name in ombud.toml, value
  std::vector<LoadedLink> links;
  struct Mailbox {  // where mail to the desk comes in
    std::string name, kind, address, server, customer, team, language;
  };
  std::vector<Mailbox> mailboxes;
};

// What a hub has taken from its files.
struct ReloadReport {
  std::vector<std::string> links;  // those that are enabled
};

// Called on any of the server's threads; implementations hop to their own executor and back.
class LinkControl {
 public:
  virtual ~LinkControl() = default;
  virtual net::awaitable<std::vector<HostReport>> reports() = 0;
  // Ends the host process, if there is one, and starts a fresh one; lifts a hold.
  virtual net::awaitable<Result<void>> restart(std::string link) = 0;
  // Lets the connector try its connection without changing anything at the supplier.
  virtual net::awaitable<Result<CheckReport>> check(std::string link) = 0;
  // Asks the link's connector. `unavailable`: it is not up, or does not offer the operation.
  virtual net::awaitable<Result<Findings>> ask(std::string link, Question question) = 0;
  virtual net::awaitable<Result<LinkWorks>> works(std::string link) = 0;
};

}  // namespace ombud::http
