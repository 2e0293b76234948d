// The host's side of the private wire and its two threads: main moves frames, the worker runs one
// operation after the other in the order they came.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <zmq.hpp>

#include "connector_host/host/bridge.hpp"
#include "connector_host/host/call_state.hpp"
#include "connector_host/protocol.hpp"

namespace ombud {

class WireLoop {
 public:
  // Connects to the hub under the name `host`. Throws Refusal.
  WireLoop(const std::string& endpoint, const std::string& host);
  ~WireLoop();
  WireLoop(const WireLoop&) = delete;
  WireLoop& operator=(const WireLoop&) = delete;

  // Queues a frame. Any thread. A log record is dropped when too many wait; nothing else is.
  void post(const wire::Message& message);

  // Runs until the hub says stop and the operation in flight has ended. Main thread, once.
  void run(Bridge& bridge);

  // Lets what is queued reach the hub; call it last.
  void close();

 private:
  void receive();
  void take(wire::Message message);
  bool send_queued();  // false: the socket takes no more now
  void start_worker();
  void work();

  zmq::context_t context_{1};
  zmq::socket_t socket_;
  int wake_fd_;
  Bridge* bridge_ = nullptr;

  std::mutex mutex_;  // guards all below
  std::condition_variable work_;
  std::deque<std::string> outgoing_;
  std::deque<wire::Message> calls_;
  std::set<std::uint64_t> cancelled_;  // ids of queued calls
  std::uint64_t current_id_ = 0;
  CallState* current_ = nullptr;
  bool busy_ = false;
  bool stopping_ = false;
};

}  // namespace ombud
