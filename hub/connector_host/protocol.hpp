// The private wire between hub and connector host: typed calls and replies, and their frames.
// Both sides ship together, so this may change in any release; kWireVersion is checked at hello.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace ombud::wire {

inline constexpr int kWireVersion = 3;

enum class Operation {
  put_ticket,
  add_comment,
  add_attachment,
  find,
  changes,
  decode,
  fetch,
  check,
  probe,      // body: the question
  render,     // kind: the operation; correlation, external_id, body as for it
  interpret,  // body: what was recorded
  snapshot
};
std::string_view to_text(Operation operation);
std::optional<Operation> operation_from(std::string_view text);
// A write may have been applied when its outcome is unknown; a read changes nothing.
bool is_write(Operation operation);
// A write, or the look-up that comes before one. The others ask the supplier or the connector
// something: they run apart where a connector has instances enough, so that neither waits for the
// other.
bool is_of_delivery(Operation operation);

// The seven outcomes of the SDK (ombud/connector.h); an unknown number is `ambiguous`.
enum class Status { ok, retry, rate_limited, auth, permanent, ambiguous, cancelled };
std::string_view to_text(Status status);

// One operation for a connector. Which members are used follows from `operation`.
struct Call {
  Operation operation = Operation::check;
  std::uint32_t attempt = 1;
  std::string correlation;
  std::string external_id;
  std::string body;                        // canonical document; for decode: the bytes received;
                                           // for snapshot: ombud.known/1
  std::string kind;                        // find: ticket, comment, attachment; render: operation
  std::string cursor;                      // changes
  std::string headers_json;                // decode
  std::string content_path;                // writes: file to read, several with \n between them;
                                           // fetch: file to write
  std::int64_t soft_deadline_ms = 30'000;  // from the moment the host starts the operation
};

// What the host saw of the supplier's server during a call, if it talked to it over HTTP.
struct Peer {
  std::int64_t certificate_until_s = 0;  // its certificate's end, since 1970; 0: not seen
  std::int64_t date_s = 0;               // its own clock, by the Date of its last answer; likewise
};

// One HTTP request of the connector and its answer, for the operator who looks for a fault: secrets
// masked, texts valid UTF-8, cut to host_limits::kExchangeBodyBytesMax and ...HeadBytesMax.
struct Exchange {
  std::string method, url;
  int status = 0;                                 // of the answer; 0: none came
  std::string request_headers, response_headers;  // "Name: value" lines
  std::string request_body, response_body;
  std::string error;  // why there is no whole answer
  std::int64_t ms = 0;
  bool truncated = false;  // something of it was cut
};

struct Reply {
  Status status = Status::ambiguous;
  int supplier_code = 0;               // such as an HTTP status; 0 if there is none
  std::int64_t retry_after_ms = -1;    // -1 if the supplier named no delay
  std::string message;                 // for the operator, secrets masked
  std::vector<std::string> documents;  // what the connector pushed, in order
  Peer peer;
  // The last ones of a delivery's operation, in order; of others none is kept.
  std::vector<Exchange> exchanges;
};

// What travels. hub → host: call, cancel, stop. host → hub: hello, started, reply, log.
// `started` is sent right before the connector is entered. It proves that the call began; its
// absence proves nothing, because a dying host takes frames that it has not yet written with it.
enum class Kind { hello, call, started, reply, cancel, stop, log };
struct Message {
  Kind kind = Kind::hello;
  std::uint64_t id = 0;  // of the call, for call, started, reply, cancel
  std::string text;      // hello: JSON {"wire","secret","connector","version","capabilities",
                         // "lookup_lag_ms","extensions","pid","parallel","reads_apart"};
                         // log: JSON {"level","message","fields"}
  Call call;
  Reply reply;
};
// One frame; binary-safe. decode refuses anything malformed.
std::string encode(const Message& message);
Result<Message> decode(std::string_view frame);

}  // namespace ombud::wire
