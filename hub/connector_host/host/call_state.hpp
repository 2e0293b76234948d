// One operation in flight, as the connector sees it (ombud_call) and as the host judges it.
// Thread-safe; lives until the connector has returned.
#pragma once

#include <ombud/connector.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "connector_host/protocol.hpp"

namespace ombud {

class CallState {
 public:
  explicit CallState(std::int64_t soft_deadline_ms);
  CallState(const CallState&) = delete;
  CallState& operator=(const CallState&) = delete;

  const ombud_call* raw() const { return &raw_; }
  static CallState& of(const ombud_call* call) { return *static_cast<CallState*>(call->impl); }

  std::int64_t remaining_ms() const;
  bool cancelled() const { return cancelled_.load(); }
  void cancel() { cancelled_.store(true); }

  // What the host has to add to the connector's words, such as why a request was not sent.
  void note(std::string text);
  // A request that changes something left, and its answer did not arrive whole.
  void doubt() { in_doubt_.store(true); }
  bool in_doubt() const { return in_doubt_.load(); }

  // Takes what the connector records (ombud.record/1); set before it is entered, called by the
  // thread that it runs on.
  void on_record(std::function<void(std::string_view)> take) { record_ = std::move(take); }
  void record(std::string_view raw) const {
    if (record_) record_(raw);
  }

  // Requests and answers are kept, the last ones; not masked yet.
  void keep_exchanges() { keeps_exchanges_ = true; }
  bool keeps_exchanges() const { return keeps_exchanges_; }
  void exchanged(wire::Exchange exchange);
  std::vector<wire::Exchange> take_exchanges();

  // What a request of this operation learned of the supplier's server.
  void saw(const wire::Peer& peer);
  wire::Peer peer() const;

  struct Failure {
    std::string message;  // the connector's, or else the note
    int supplier_code = 0;
    std::int64_t retry_after_ms = -1;
  };
  Failure failure() const;

 private:
  ombud_call raw_;
  std::int64_t deadline_;
  std::atomic<bool> cancelled_{false};
  std::atomic<bool> in_doubt_{false};
  mutable std::mutex mutex_;
  Failure said_;
  bool has_said_ = false;
  std::string note_;
  std::function<void(std::string_view)> record_;
  wire::Peer peer_;
  bool keeps_exchanges_ = false;  // set before the connector is entered
  std::vector<wire::Exchange> exchanges_;
};

}  // namespace ombud
