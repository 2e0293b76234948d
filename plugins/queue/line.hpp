// What lies between the connector and a supplier that speaks PROTOCOL.md: a way to ask and be
// answered, perhaps a queue into which the supplier puts its events. Two carriers: ZeroMQ
// (zmq_line.hpp) and AMQP 0-9-1 (amqp_line.hpp).
#pragma once

#include <ombud/connector.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace ombud::queue {

inline constexpr std::string_view kProtocol = "ombud-queue/1";  // what every message says it is
inline constexpr std::size_t kMessageBytesMax = std::size_t{80} << 20U;
inline constexpr std::size_t kEventBytesMax = std::size_t{1} << 20U;

struct Question {
  std::string id;       // answered as "re"; of a write its correlation
  std::string json;     // the whole second frame
  std::string content;  // third frame, if has_content
  bool has_content = false;
  bool is_write = false;  // counts even if nobody waits for the answer any more
};

enum class Heard {
  answer,   // the supplier answered this question
  unsent,   // it never left: surely not applied
  silence,  // it left and no answer came in time
  stopped,  // cancelled before it left
  too_big,  // it was refused on the way because of its size: surely not applied
};

struct Answer {
  Heard heard = Heard::unsent;
  json::Document json;   // if heard == answer
  std::string content;   // the third frame of the answer
  std::string why;       // else: what was seen of the connection, for the operator
  bool refused = false;  // with unsent: our key, login or permission was refused
};

// A message of the supplier's, with its place in the queue.
struct Delivered {
  std::uint64_t tag = 0;
  std::string body;  // at most kEventBytesMax + 1 bytes of it
};

// Events that the supplier puts into a queue of ours, where they stay until acknowledged.
class EventQueue {
 public:
  virtual ~EventQueue() = default;
  // Everything unacknowledged that fits the window, oldest first, also what was handed out before.
  // `heard` is `answer` if the queue could be read, even if it was empty.
  virtual Answer receive(std::vector<Delivered>& waiting) = 0;
  // The message may go for good: false if it stays in the queue after all.
  virtual bool acknowledge(std::uint64_t tag) = 0;
  // It cannot be read: to the queue's dead letters.
  virtual bool reject(std::uint64_t tag) = 0;
};

// For the length of one operation.
class Line {
 public:
  virtual ~Line() = default;

  // Sends the question as soon as there is a connection, and again with the same id if it may have
  // got lost. Returns with the answer, or when the call's time is nearly up, or soon after a
  // cancel. Everything that is no answer to this question is ignored.
  virtual Answer ask(const Question& question) = 0;

  // Is everything there that lies between us and the supplier? Reads only; `heard` is `answer` if
  // nothing is missing.
  virtual Answer examine() = 0;

  // Null if the supplier is asked for its events instead.
  virtual EventQueue* events() { return nullptr; }
};

// One for the life of a connector; opens one line at a time. `call` outlives the line.
class Carrier {
 public:
  virtual ~Carrier() = default;
  virtual std::unique_ptr<Line> open(const sdk::Call& call) = 0;
};

}  // namespace ombud::queue
