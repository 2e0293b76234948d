// The Wire and Spawner seams: messages to connector hosts, and their processes. Real ones are
// ZeroMQ and posix_spawn; the simulator has its own. All calls and callbacks on one executor.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ombud {

// Carries whole frames, in order per host, with no promise of arrival.
class Wire {
 public:
  using Receive = std::function<void(std::string_view host, std::string frame)>;
  virtual ~Wire() = default;
  virtual void on_receive(Receive receive) = 0;
  // False: there is no such peer now, and the frame was surely not sent.
  virtual bool send(std::string_view host, std::string frame) = 0;
  // Forgets a peer that is gone, so that nothing sent for it reaches its successor.
  virtual void forget(std::string_view host) = 0;
};

// What one connector host process is started with.
struct HostSpec {
  std::string host;  // unique per start: "<link>#<generation>"
  std::string link;
  std::string connector_dir;  // absolute; holds connector.json and the library
  std::string settings_json;  // as the connector gets it, secrets replaced by {"$secret":"token"}
  std::map<std::string, std::string>
      secrets;  // token → clear text; handed over by a pipe, never argv or environment
  std::vector<std::string> origins;  // "https://host:port" that http may talk to
  std::string hello_secret;          // proves to the hub that this is the process it started
  std::string scratch_dir;           // files of this host, removed with it
  std::uint64_t memory_bytes_max = 512ULL << 20U;
  std::uint32_t files_max = 256;
  int parallel = 1;  // deliveries at once, if the connector has the capability "parallel"
};

struct HostExit {
  bool signalled = false;
  int code = 0;            // exit code, or the signal's number
  std::string last_words;  // end of what it wrote to standard error
};

class Spawner {
 public:
  using Ended = std::function<void(HostExit)>;
  virtual ~Spawner() = default;
  // Starts a process; `ended` is called once when it is gone. False with a reason: could not start.
  virtual bool spawn(const HostSpec& spec, Ended ended, std::string& why_not) = 0;
  virtual void kill(std::string_view host) = 0;  // at once; `ended` follows
};

}  // namespace ombud
