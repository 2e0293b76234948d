// One ZeroMQ connection to a supplier's ROUTER for the length of one operation: asks, waits, asks
// again after silence, and knows why nobody answers.
#pragma once

#include <zmq.hpp>

#include "queue/line.hpp"
#include "queue/settings.hpp"

namespace ombud::queue {

class ZmqLine final : public Line {
 public:
  // Begins to connect; never blocks. `call` and `settings` outlive the line.
  ZmqLine(const sdk::Call& call, const Settings& settings);
  ~ZmqLine() override;
  ZmqLine(const ZmqLine&) = delete;
  ZmqLine& operator=(const ZmqLine&) = delete;

  // Asks again when the supplier is silent for settings.resend_after_ms or came back after a lost
  // connection.
  Answer ask(const Question& question) override;
  Answer examine() override;  // between us and the supplier is nothing but the network

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

class ZmqCarrier final : public Carrier {
 public:
  explicit ZmqCarrier(const Settings& settings) : settings_(settings) {}
  std::unique_ptr<Line> open(const sdk::Call& call) override {
    return std::make_unique<ZmqLine>(call, settings_);
  }

 private:
  const Settings& settings_;
};

}  // namespace ombud::queue
