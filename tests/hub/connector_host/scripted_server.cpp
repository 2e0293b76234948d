#include "connector_host/scripted_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

namespace ombud {

ScriptedServer::ScriptedServer(Script script) : script_(std::move(script)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener_, 16) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("no port for a test server");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread(&ScriptedServer::run, this);
}

ScriptedServer::~ScriptedServer() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    if (current_ >= 0) ::shutdown(current_, SHUT_RDWR);
  }
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
}

void ScriptedServer::run() {
  for (;;) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    {
      const std::lock_guard lock(mutex_);
      current_ = socket;
      if (ended_) ::shutdown(socket, SHUT_RDWR);
    }
    script_(socket, ++connections_);
    const std::lock_guard lock(mutex_);
    current_ = -1;
    ::close(socket);
    ++closed_;
  }
}

std::string read_request(int socket) {
  std::string text;
  char piece[65536];
  std::size_t wanted = std::string::npos;
  while (wanted == std::string::npos || text.size() < wanted) {
    const ssize_t got = ::recv(socket, piece, sizeof piece, 0);
    if (got <= 0) return {};
    text.append(piece, static_cast<std::size_t>(got));
    const std::size_t head = text.find("\r\n\r\n");
    if (wanted == std::string::npos && head != std::string::npos) {
      const std::size_t length = text.find("Content-Length: ");
      wanted = head + 4;
      if (length < head) wanted += static_cast<std::size_t>(std::atoll(text.c_str() + length + 16));
    }
  }
  return text;
}

bool write_all(int socket, std::string_view text) {
  while (!text.empty()) {
    const ssize_t wrote = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (wrote <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return true;
}

void reset(int socket) {
  const linger now{1, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

}  // namespace ombud
