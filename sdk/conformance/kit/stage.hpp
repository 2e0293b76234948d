// One connector on a host that exists in memory only. The kit is the host: it knows whether bytes
// left, what the supplier made of them, and it puts a fault into any exchange it likes. Time is
// simulated. Not thread-safe.
#pragma once

#include <ombud/connector.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/kit/fault.hpp"
#include "conformance/kit/memory_supplier.hpp"
#include "conformance/kit/subject.hpp"

namespace ombud::conformance {

using sdk::Status;
std::string_view to_text(Status status);

// One request of the connector, and what became of it.
struct Exchange {
  std::string method, url, origin;
  std::string sent;         // head and body as they left, secrets not yet filled in
  std::string why_not;      // the host refused to send it
  bool changing = false;    // neither GET, HEAD nor OPTIONS
  std::size_t effects = 0;  // what the supplier did for it
  bool faulted = false;
  ombud_status verdict = OMBUD_OK;
  int code = 0;
};

struct Write {
  std::string correlation = {};
  std::string external_id = {};
  std::string body = {};
  std::uint32_t attempt = 1;
  std::optional<std::string> content = {};
};

// What an operation answered.
struct Outcome {
  std::int32_t raw = OMBUD_AMBIGUOUS;
  Status status = Status::ambiguous;  // as the host reads `raw`
  bool write = false;
  std::string thrown;  // what came across the boundary; empty if nothing did
  bool threw = false;
  std::string message;
  int supplier_code = 0;
  std::int64_t retry_after_ms = -1;
  int fail_calls = 0;
  std::vector<std::string> documents;
  std::size_t pushed_after_stop = 0;
  std::vector<Exchange> exchanges;
  std::size_t effects = 0;  // what the supplier did during it

  bool ok() const { return !threw && status == Status::ok; }
  std::string joined() const;  // every document after the other: for fetch
};

struct StageOptions {
  bool strict_loans = false;          // what was lent is taken away for good
  std::size_t piece_bytes = 16'384;   // of a source's read and of a response's put
  bool first_ids_only = false;        // of its extensions, those that the first hub had
  bool bare = false;                  // the host offers no extension at all
  bool wrong_secrets = false;         // the supplier knows none of ours
  std::int64_t time_ms = 30'000;      // soft deadline of each operation
  bool cancelled = false;             // from the start
  std::size_t stop_after = SIZE_MAX;  // the sink says stop with this document
};

class Stage {
 public:
  explicit Stage(const Subject& subject, StageOptions options = {});
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  // Makes the instance. False: refused; `create_outcome` has the words.
  bool create();
  bool create_with(std::string_view config_json);
  void destroy();
  // A new instance before the same supplier, as after a restart of the host.
  void restart();
  const Outcome& create_outcome() const;

  bool offers(const char* id) const;
  const void* extension(const char* id) const;
  const ombud_connector* connector() const;  // null before it is made

  // Each makes the instance first if there is none (throws std::runtime_error if it is refused).
  Outcome put_ticket(const Write& write);
  Outcome add_comment(const Write& write);
  Outcome add_attachment(const Write& write);
  Outcome find(const std::string& kind, const Write& write);
  Outcome check();
  Outcome changes(std::string_view cursor);
  Outcome decode(std::string_view headers_json, std::string_view body);
  Outcome fetch(std::string_view reference_json);
  Outcome snapshot(const Write& known);
  Outcome probe(std::string_view question_json);
  Outcome render(const std::string& operation, const Write& write);
  Outcome interpret(std::string_view raw_json);

  // The fault hits the n-th exchange (from 0) of the next operation.
  void arm(const Fault& fault, std::size_t exchange);
  bool hit() const;  // it did
  // Called after each exchange, with its number within the operation.
  void after_exchange(std::function<void(std::size_t)> hook);
  // May change an answer on its way to the connector.
  void on_answer(std::function<void(HttpResponse&)> hook);

  MemorySupplier& supplier();
  StageOptions& options();
  // Every exchange and every log line since the start.
  const std::vector<Exchange>& exchanges() const;
  const std::vector<std::string>& log_lines() const;
  const std::vector<std::string>& recorded() const;  // ombud.record/1, in the last operation
  void forget();                                     // exchanges and log lines

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Asks an instance what it can do with the subject's settings, if it says so itself.
void ask_traits(Subject& subject);

// The origin of a URL as "https://host:port"; empty if it is no plain http or https URL.
std::string origin_of(std::string_view url);

inline constexpr std::size_t kExchangesMax =
    5'000;  // in one operation; then the host answers no more

}  // namespace ombud::conformance
