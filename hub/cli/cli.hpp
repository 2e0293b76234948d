// The command line: `ombud <command> …`. Most commands are clients of the REST API of a running
// hub; those that work on the store itself, and `serve`, are given to it by main as plain
// functions.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "cli/settings.hpp"

namespace ombud::cli {

// What a command ends with; part of the interface for scripts.
enum class Exit : int {
  ok = 0,
  failed = 1,       // refused, or something went wrong
  usage = 2,        // the command line is wrong
  not_found = 3,    // no such ticket, link, …
  unreachable = 4,  // no hub answers
  denied = 5,       // the token is missing, unknown, or not allowed to do this
  conflict = 6,     // not possible in the present state, or changed by somebody else meanwhile
};

// The world around the command, so that tests can stand in for it. Members outlive the run.
struct Surroundings {
  toml::Environment environment;  // getenv
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool in_is_terminal = false;
  bool out_is_terminal = false;
  int columns = 80;                 // width of the terminal
  std::filesystem::path directory;  // current directory, absolute
  std::string version;              // "0.1.0"
  Random& random;
  std::function<Instant()> now;
  std::function<bool(Millis)> pause;  // waits between two rounds of --watch; false: stop
  // Asks at the terminal and reads a line that nobody sees; nothing: the input ended.
  std::function<std::optional<std::string>(const std::string& question)> ask_secret = nullptr;
  // Where the connectors lie that came with this program; nothing: with none.
  std::optional<std::filesystem::path> installed_connectors = std::nullopt;
};

// A configuration that was checked, and how to read it again on SIGHUP.
struct ServeOrder {
  Settings settings;
  LoadOptions options;
};
struct BackupOrder {
  std::filesystem::path data_dir;
  std::filesystem::path to;  // a folder that does not exist yet
};
struct RestoreOrder {
  std::filesystem::path from;      // what a backup wrote
  std::filesystem::path data_dir;  // must not exist or be empty
};
struct CopyReport {
  std::int64_t files = 0;
  std::int64_t bytes = 0;
  std::int64_t tickets = 0;
};
struct AuditReport {
  std::int64_t events = 0;
  std::int64_t tickets = 0;
  std::vector<std::string> differences;  // one sentence each; empty: log, state and blobs agree
};
struct NewToken {
  std::string name;
  std::string role;         // "user", "agent", "operator", "admin", "customer" or "supplier"
  std::string customer;     // may be empty
  std::string agent;        // for role agent
  std::int64_t person = 0;  // for role user
  std::optional<Millis> expires_in;
  std::vector<std::string> links = {};  // for role supplier
};
struct TokenMade {
  std::string id;
  std::string secret;  // shown once, kept nowhere
};

// A CURVE key pair (RFC 26), each key 40 characters of Z85 (RFC 32).
struct KeyPair {
  std::string public_key, secret_key;
};

// One question to a connector that changes nothing at the supplier: the operations probe, render
// and interpret of sdk/DOCUMENTS.md.
struct ConnectorQuestion {
  std::string operation;
  std::string kind;  // render: which operation; the next two as for it
  std::string correlation, external_id;
  std::string body;
};
inline constexpr Millis kQuestionMost{20'000};  // for the connector, of one question
struct ConnectorAnswer {
  bool ok = false;
  std::string message;  // why, if it is not
  std::vector<std::string> documents;
};

// What main can do without a hub's API. A function that refuses says why in its Problem, and has
// changed nothing.
struct LocalOperations {
  // Runs the hub until it is told to end, and answers the process's exit code. It writes
  // <data>/run/local.json {"url","token"} with mode 0600 for the other commands on this machine.
  std::function<int(const ServeOrder&)> serve;
  // Copies database and blobs to a new folder, consistent as of one moment; the hub may run.
  std::function<Result<CopyReport>(const BackupOrder&)> backup;
  // Lays a backup into an empty data directory; the hub must not run there.
  std::function<Result<CopyReport>(const RestoreOrder&)> restore;
  // Rebuilds the state from the event log and compares; reads only, the hub may run.
  std::function<Result<AuditReport>(const std::filesystem::path& data_dir)> verify_audit;
  // Makes a token in the store; used when no hub runs on the directory.
  std::function<Result<TokenMade>(const std::filesystem::path& data_dir, const NewToken&)>
      create_token;
  std::function<KeyPair()> make_keys;
  // Runs the link's connector in a process of its own for as long as the questions last. Without
  // `network` it gets no secrets and no address to talk to. The problem: it does not start.
  std::function<Result<std::vector<ConnectorAnswer>>(const LinkSettings&, bool network,
                                                     const std::vector<ConnectorQuestion>&)>
      ask_connector;
  // Asks a provider of sign-in what it says of itself and for its keys. What is wrong, if anything.
  std::function<std::optional<std::string>(const oidc::ProviderSettings&)> try_provider;
};

// Runs one command; never throws for anything that a user can cause.
int run(int argc, const char* const* argv, Surroundings& world, const LocalOperations& local);

}  // namespace ombud::cli
