#include "socket_client.hpp"

#include <gtest/gtest.h>

namespace ombud::http::test {

int Frame::code() const {
  if (opcode != kClose || payload.size() < 2) return 0;
  return static_cast<unsigned char>(payload[0]) << 8 | static_cast<unsigned char>(payload[1]);
}

std::string handshake_of(const std::string& target, const SocketHeaders& headers) {
  SocketHeaders all{{"Host", "desk"},
                    {"Connection", "keep-alive, Upgrade"},
                    {"Upgrade", "websocket"},
                    {"Sec-WebSocket-Version", "13"},
                    {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};
  std::string text = "GET " + target + " HTTP/1.1\r\n";
  for (const auto& [name, value] : headers) {
    std::erase_if(all, [&](const auto& known) { return known.first == name; });
  }
  all.insert(all.end(), headers.begin(), headers.end());
  for (const auto& [name, value] : all) {
    if (!value.empty()) text += name + ": " + value + "\r\n";
  }
  return text + "\r\n";
}

SocketClient::SocketClient(std::uint16_t port, const std::string& target,
                           const SocketHeaders& headers)
    : client_(port) {
  client_.send(handshake_of(target, headers));
  answer_ = client_.receive();
}

bool SocketClient::frame(int opcode, std::string_view payload, bool final, bool masked) {
  std::string raw(1, static_cast<char>((final ? 0x80 : 0) | opcode));
  const auto mark = static_cast<unsigned char>(masked ? 0x80 : 0);
  if (payload.size() < 126) {
    raw += static_cast<char>(mark | payload.size());
  } else if (payload.size() < 65536) {
    raw += static_cast<char>(mark | 126);
    raw += static_cast<char>(payload.size() >> 8);
    raw += static_cast<char>(payload.size() & 0xFF);
  } else {
    raw += static_cast<char>(mark | 127);
    for (int shift = 56; shift >= 0; shift -= 8) raw += static_cast<char>(payload.size() >> shift);
  }
  if (masked) raw += "\x01\x02\x03\x04";
  for (std::size_t i = 0; i < payload.size(); ++i) {
    raw += static_cast<char>(payload[i] ^ (masked ? static_cast<int>(i % 4) + 1 : 0));
  }
  return client_.send(raw);
}

std::optional<Frame> SocketClient::receive() {
  const auto head = client_.take(2);
  if (!head) return std::nullopt;
  std::size_t size = static_cast<unsigned char>((*head)[1]) & 0x7F;
  if (size >= 126) {
    const auto more = client_.take(size == 126 ? 2 : 8);
    if (!more) return std::nullopt;
    size = 0;
    for (const char c : *more) size = size << 8 | static_cast<unsigned char>(c);
  }
  auto payload = client_.take(size);
  if (!payload) return std::nullopt;
  return Frame{static_cast<unsigned char>((*head)[0]) & 0x0F, std::move(*payload)};
}

json::Document SocketClient::message() {
  while (auto next = receive()) {
    if (next->opcode == kPing) frame(kPong, next->payload);
    if (next->opcode == kClose) ADD_FAILURE() << "closed with " << next->code();
    if (next->opcode != kText) continue;
    auto document = json::parse(next->payload);
    if (document) return std::move(*document);
    ADD_FAILURE() << "not JSON: " << next->payload;
  }
  ADD_FAILURE() << "there was no message";
  return json::parse("{}").value();
}

int SocketClient::closed() {
  int code = 0;
  while (const auto next = receive()) {
    if (next->opcode != kClose) continue;
    code = next->code();
    frame(kClose, next->payload);
    client_.finish_sending();
  }
  return code;
}

}  // namespace ombud::http::test
