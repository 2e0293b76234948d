// A bench for one connector, without hub or host process: it gives the connector a host whose
// `ombud.http/1` really sends, loses requests and answers where a test asks for it, and keeps what
// the connector pushes. Nothing here knows a supplier. Not thread-safe.
//
//   ConnectorBench bench(load_connector(OMBUD_CONNECTOR_LIBRARY), settings_json, {{"key",
//   "s3cret"}}); bench.on_request([](const BenchRequest& sent) {
//     return sent.method == "POST" ? drop_after() : pass();
//   });
//   const BenchOutcome made = bench.put_ticket({.correlation = "c1", .body = ticket_json});
#pragma once

#include <ombud/connector.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ombud::test {

// The entry of a built connector; throws std::runtime_error if it does not load. Never unloaded.
const ombud_entry& load_connector(const std::string& library);

// One request as it left: secrets filled in.
struct BenchRequest {
  std::string method;
  std::string url;
  std::string target;                          // path and query, encoded as sent
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

// What happens to a request.
struct BenchFault {
  enum class Kind {
    none,
    refuse,        // no connection: `retry`, nothing was sent
    drop_before,   // lost on the way: `ambiguous`, the supplier never saw it
    drop_after,    // applied, the answer lost: `ambiguous`
    answer,        // not sent; the answer below comes back
    answer_after,  // applied, but the answer below comes back, as from a proxy that lost patience
  };
  Kind kind = Kind::none;
  int code = 0;
  std::map<std::string, std::string> headers;
  std::string body;
};
inline BenchFault pass() {
  return {};
}
inline BenchFault refuse() {
  return {BenchFault::Kind::refuse, 0, {}, {}};
}
inline BenchFault drop_before() {
  return {BenchFault::Kind::drop_before, 0, {}, {}};
}
inline BenchFault drop_after() {
  return {BenchFault::Kind::drop_after, 0, {}, {}};
}
inline BenchFault answer(int code, std::string body = {},
                         std::map<std::string, std::string> headers = {}) {
  return {BenchFault::Kind::answer, code, std::move(headers), std::move(body)};
}

inline BenchFault answer_after(int code, std::string body = {}) {
  return {BenchFault::Kind::answer_after, code, {}, std::move(body)};
}

// Every member has a default, so that a test names only what it is about (g++ warns otherwise).
struct BenchWrite {
  std::string correlation = {};
  std::string body = {};         // canonical document
  std::string external_id = {};  // empty: create
  std::uint32_t attempt = 1;
  std::optional<std::string> content = {};  // of an attachment
  std::size_t content_piece = SIZE_MAX;     // at most so many bytes a read
};

struct BenchOutcome {
  sdk::Status status = sdk::Status::ambiguous;
  std::string message;  // what the connector told the operator
  int supplier_code = 0;
  std::int64_t retry_after_ms = -1;
  int fail_calls = 0;                  // the contract allows one
  std::vector<std::string> documents;  // every put of the sink, in order
  std::string joined() const;          // the same as one text: for attachment()
};

class ConnectorBench {
 public:
  using Hook = std::function<BenchFault(const BenchRequest&)>;

  // `settings` may name secrets as {"$secret":"token"}; `secrets` holds token → clear text.
  // Throws std::runtime_error with the connector's own words if it refuses its settings.
  ConnectorBench(const ombud_entry& entry, std::string settings,
                 std::map<std::string, std::string> secrets);
  ~ConnectorBench();
  ConnectorBench(const ConnectorBench&) = delete;
  ConnectorBench& operator=(const ConnectorBench&) = delete;

  // Each throws std::logic_error if the connector does not offer the operation.
  BenchOutcome put_ticket(const BenchWrite& write);
  BenchOutcome add_comment(const BenchWrite& write);
  BenchOutcome add_attachment(const BenchWrite& write);
  BenchOutcome find(const std::string& kind, const BenchWrite& write);
  BenchOutcome check();
  BenchOutcome changes(std::string_view cursor);
  BenchOutcome decode(std::string_view headers_json, std::string_view body);
  BenchOutcome attachment(std::string_view reference_json);
  BenchOutcome snapshot(const BenchWrite& known);
  BenchOutcome probe(std::string_view question_json);
  BenchOutcome render(const std::string& operation, const BenchWrite& write);
  BenchOutcome interpret(std::string_view raw_json);
  const std::vector<std::string>& recorded() const;  // what it gave to ombud.record/1

  // Asked before each request; without a hook everything passes.
  void on_request(Hook hook);
  void on_cancelled(std::function<bool()> cancelled);          // default: never
  void on_remaining(std::function<std::int64_t()> remaining);  // default: 30 s, for ever
  // The sink says stop after so many documents. Default: never.
  void stop_after(std::size_t documents);

  const std::vector<BenchRequest>& requests() const;  // all that left or would have
  void forget_requests();
  const std::vector<std::string>& log_lines() const;  // "level message fields"

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ombud::test
