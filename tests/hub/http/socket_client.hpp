// A WebSocket client that sends exactly the frames it is told to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client.hpp"

namespace ombud::http::test {

enum Opcode { kMore = 0, kText = 1, kBinary = 2, kClose = 8, kPing = 9, kPong = 10 };

struct Frame {
  int opcode = 0;
  std::string payload;
  int code() const;  // of a close frame; 0 if it has none
};

// A handshake as a browser makes it, changed by `headers`: an empty value leaves that one out.
using SocketHeaders = std::vector<std::pair<std::string, std::string>>;
std::string handshake_of(const std::string& target, const SocketHeaders& headers = {});

class SocketClient {
 public:
  SocketClient(std::uint16_t port, const std::string& target, const SocketHeaders& headers = {});

  const std::optional<Answer>& answer() const { return answer_; }  // to the handshake
  int status() const { return answer_ ? answer_->status : 0; }

  bool frame(int opcode, std::string_view payload, bool final = true, bool masked = true);
  bool text(std::string_view payload) { return frame(kText, payload); }
  bool bytes(std::string_view raw) { return client_.send(raw); }
  Client& client() { return client_; }

  // The next frame; nothing once the connection has ended.
  std::optional<Frame> receive();
  // The next text, with pings answered on the way; fails the test if there is none.
  json::Document message();
  // Reads on to the close frame; its code. 0: the connection ended without one.
  int closed();

 private:
  Client client_;
  std::optional<Answer> answer_;
};

}  // namespace ombud::http::test
