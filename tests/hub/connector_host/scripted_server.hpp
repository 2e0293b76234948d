// A TCP server that does to each connection exactly what a test wants, on a port of its own.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace ombud {

class ScriptedServer {
 public:
  // Runs `script` for each connection, one at a time; `count` is 1 for the first.
  using Script = std::function<void(int socket, int count)>;
  explicit ScriptedServer(Script script);
  ~ScriptedServer();  // ends the connection that is served
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  int port() const { return port_; }
  std::string origin() const { return "http://127.0.0.1:" + std::to_string(port_); }
  int connections() const { return connections_; }
  int closed() const { return closed_; }  // of them, by this side

 private:
  void run();
  Script script_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> connections_{0}, closed_{0};
  std::mutex mutex_;  // guards the two below
  bool ended_ = false;
  int current_ = -1;
  std::thread thread_;
};

// One request with its body, as it came; empty if the peer closed first.
std::string read_request(int socket);
// False once the peer is gone.
bool write_all(int socket, std::string_view text);
void reset(int socket);  // the next close() sends RST

}  // namespace ombud
