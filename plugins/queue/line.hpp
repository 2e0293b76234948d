// One connection to a supplier's ROUTER for the length of one operation: asks, waits, asks again
// after silence, and knows why nobody answers. The protocol is in PROTOCOL.md.
#pragma once

#include <ombud/connector.hpp>
#include <zmq.hpp>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "queue/settings.hpp"

namespace ombud::queue {

inline constexpr std::string_view kProtocol = "ombud-queue/1";  // the first frame of every message

struct Question {
  std::string id;       // answered as "re"; of a write its correlation
  std::string json;     // the whole second frame
  std::string content;  // third frame, if has_content
  bool has_content = false;
};

enum class Heard {
  answer,   // the supplier answered this question
  unsent,   // it never left: surely not applied
  silence,  // it left and no answer came in time
  stopped,  // cancelled before it left
};

struct Answer {
  Heard heard = Heard::unsent;
  json::Document json;        // if heard == answer
  std::string content;        // the third frame of the answer
  std::string why;            // else: what was seen of the connection, for the operator
  bool keys_refused = false;  // the supplier said in the handshake that it does not know our key
};

class Line {
 public:
  // Begins to connect; never blocks. `call` and `settings` outlive the line.
  Line(const sdk::Call& call, const Settings& settings);
  ~Line();
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  // Sends the question as soon as there is a connection, and again with the same id when the
  // supplier is silent for settings.resend_after_ms or came back after a lost connection. Returns
  // with the answer, or when the call's time is nearly up, or soon after a cancel. Everything that
  // is no answer to this question is ignored.
  Answer ask(const Question& question);

 private:
  bool send(const Question& question);
  bool receive(const Question& question, Answer& answer);
  void watch();  // reads what the monitor has seen

  const sdk::Call& call_;
  const Settings& settings_;
  zmq::context_t context_;
  zmq::socket_t socket_;
  zmq::socket_t monitor_;
  int handshakes_ = 0;
  int broken_handshakes_ = 0;
  bool connected_ = false;  // TCP, before the handshake
  bool keys_refused_ = false;
  bool mechanism_differs_ = false;
  bool still_working_ = false;
};

}  // namespace ombud::queue
