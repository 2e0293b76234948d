// The host's side of the private wire and its threads: main moves frames, and each instance of the
// connector has a worker that runs one operation after the other, in the order they came.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>
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

  // The instances: those that take deliveries and look-ups, whoever is free, and the one that does
  // everything else. Without it the first deliverer does that too.
  struct Crew {
    std::vector<Bridge*> deliverers;
    Bridge* reader = nullptr;
  };

  // Runs until the hub says stop and every operation in flight has ended. Main thread, once.
  void run(const Crew& crew);

  // Lets what is queued reach the hub; call it last.
  void close();

 private:
  void receive();
  void take(wire::Message message);
  bool send_queued();  // false: the socket takes no more now
  // Operations that wait for one of its workers.
  struct Line {
    std::condition_variable work;
    std::deque<wire::Message> calls;
  };
  struct Worker {
    WireLoop& loop;
    Line& line;
    Bridge& bridge;
  };
  void start_worker(Worker& worker, std::size_t stack_bytes);
  void work(Line& line, Bridge& bridge);

  zmq::context_t context_{1};
  zmq::socket_t socket_;
  int wake_fd_;
  std::deque<Worker> workers_;
  bool reads_apart_ = false;

  std::mutex mutex_;  // guards all below
  std::deque<std::string> outgoing_;
  Line deliveries_, reads_;
  std::set<std::uint64_t> cancelled_;            // ids of queued calls
  std::map<std::uint64_t, CallState*> running_;  // by the id of the call
  std::size_t busy_ = 0;                         // workers whose reply is not yet posted
  bool stopping_ = false;
};

}  // namespace ombud
