// bench-listeners PORT ADMIN_TOKEN COUNT
// Opens so many WebSockets to the stream, each greeted, says "ready", and then does what it is told
// on standard input, one line each:
//   latency N   registers a ticket, changes it N times, each as soon as all have heard of the one
//               before; "<p50> <p95> <p99> <max>" ms from sending the change to its arrival at each
//   heard       "<messages> <resyncs>" since the last time
// It ends with its input. One thread: so what it measures includes its own slowness.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace {

using Watch = std::chrono::steady_clock;

constexpr int kListenersPerToken = 20;  // as the hub allows
constexpr std::chrono::seconds kPatience{10};

int connect_to(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    throw std::runtime_error("cannot connect");
  }
  const int yes = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return socket;
}

void send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) throw std::runtime_error("the hub closed a connection");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

// One request on a connection that is kept; the body of the answer.
class Caller {
 public:
  Caller(std::uint16_t port, std::string token)
      : socket_(connect_to(port)), token_(std::move(token)) {}
  ~Caller() { ::close(socket_); }
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;
  int socket() const { return socket_; }
  void post(const std::string& path, const std::string& body) {
    send_all(socket_, "POST /api/v1/" + path +
                          " HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer " + token_ +
                          "\r\nContent-Type: application/json\r\nContent-Length: " +
                          std::to_string(body.size()) + "\r\n\r\n" + body);
  }
  std::string answer() {
    for (;;) {
      const std::size_t end = buffer_.find("\r\n\r\n");
      if (end != std::string::npos) {
        const std::size_t at = buffer_.find("Content-Length: ");
        const auto length = static_cast<std::size_t>(std::atoll(buffer_.c_str() + at + 16));
        if (buffer_.size() >= end + 4 + length) {
          const std::string head = buffer_.substr(0, end), body = buffer_.substr(end + 4, length);
          buffer_.erase(0, end + 4 + length);
          if (head.compare(9, 2, "20") != 0) throw std::runtime_error(head + "\n" + body);
          return body;
        }
      }
      char bytes[16384];
      const ssize_t got = ::recv(socket_, bytes, sizeof bytes, 0);
      if (got <= 0) throw std::runtime_error("the hub closed the connection of requests");
      buffer_.append(bytes, static_cast<std::size_t>(got));
    }
  }

 private:
  int socket_;
  std::string token_, buffer_;
};

struct Listener {
  int socket = -1;
  std::string buffer;
  bool upgraded = false, greeted = false;
};

class Listeners {
 public:
  Listeners(std::uint16_t port, const std::string& admin, int count) : epoll_(::epoll_create1(0)) {
    Caller caller(port, admin);
    std::string token;
    for (int i = 0; i < count; ++i) {
      if (i % kListenersPerToken == 0) {
        caller.post("tokens",
                    R"({"name":"listener-)" + std::to_string(i) + R"(","role":"operator"})");
        const auto made = ombud::json::parse(caller.answer());
        token = (*made)["secret"].text();
      }
      Listener& one = all_.emplace_back();
      one.socket = connect_to(port);
      send_all(one.socket,
               "GET /api/v1/stream HTTP/1.1\r\nHost: bench\r\nConnection: Upgrade\r\nUpgrade: "
               "websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
               "dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer " +
                   token + "\r\n\r\n");
      epoll_event wants{};
      wants.events = EPOLLIN;
      wants.data.u64 = static_cast<std::uint64_t>(i);
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, one.socket, &wants);
    }
    const auto until = Watch::now() + kPatience;
    while (greeted_ < all_.size()) {
      if (Watch::now() > until) throw std::runtime_error("not everybody was greeted");
      turn(100);
    }
  }
  ~Listeners() {
    for (const Listener& one : all_) ::close(one.socket);
    ::close(epoll_);
  }
  Listeners(const Listeners&) = delete;
  Listeners& operator=(const Listeners&) = delete;

  // Reads what is there; how many messages of a ticket came.
  std::size_t turn(int wait_ms) {
    epoll_event events[256];
    const int ready = ::epoll_wait(epoll_, events, 256, wait_ms);
    std::size_t changes = 0;
    for (int i = 0; i < ready; ++i) changes += read(all_[events[i].data.u64]);
    return changes;
  }
  std::size_t size() const { return all_.size(); }
  std::size_t messages = 0, resyncs = 0;

 private:
  std::size_t read(Listener& one) {
    char bytes[16384];
    const ssize_t got = ::recv(one.socket, bytes, sizeof bytes, MSG_DONTWAIT);
    if (got <= 0) throw std::runtime_error("the hub closed a listener: " + one.buffer);
    one.buffer.append(bytes, static_cast<std::size_t>(got));
    if (!one.upgraded) {
      const std::size_t end = one.buffer.find("\r\n\r\n");
      if (end == std::string::npos) return 0;
      if (one.buffer.compare(9, 3, "101") != 0) throw std::runtime_error(one.buffer);
      one.buffer.erase(0, end + 4);
      one.upgraded = true;
    }
    std::size_t changes = 0;
    while (one.buffer.size() >= 2) {
      std::size_t head = 2, size = static_cast<unsigned char>(one.buffer[1]);
      if (size == 126) {
        if (one.buffer.size() < 4) break;
        head = 4;
        size = static_cast<std::size_t>(static_cast<unsigned char>(one.buffer[2])) << 8 |
               static_cast<unsigned char>(one.buffer[3]);
      }
      if (one.buffer.size() < head + size) break;
      const int opcode = one.buffer[0] & 0x0F;
      const std::string text = one.buffer.substr(head, size);
      one.buffer.erase(0, head + size);
      if (opcode == 9) send_all(one.socket, std::string("\x8A\x80\0\0\0\0", 6));  // an empty pong
      if (opcode != 1) continue;
      ++messages;
      if (text.find("\"hello\"") != std::string::npos) ++greeted_;
      if (text.find("\"resync\"") != std::string::npos) ++resyncs;
      if (text.find("\"ticket\"") != std::string::npos) ++changes;
    }
    return changes;
  }

  int epoll_;
  std::vector<Listener> all_;
  std::size_t greeted_ = 0;
};

void latency(Listeners& listeners, std::uint16_t port, const std::string& admin, int changes) {
  Caller caller(port, admin);
  caller.post("tickets", R"({"customer":"plain","subject":"Listen","text":"x"})");
  const auto ticket = ombud::json::parse(caller.answer());
  const std::string id = std::to_string((*ticket)["id"].integer());
  std::vector<double> ms;
  for (int change = 0; change <= changes; ++change) {
    const auto sent = Watch::now();
    if (change > 0) {
      caller.post("tickets/" + id + "/messages", R"({"text":"Noted.","visibility":"internal"})");
    }
    for (std::size_t heard = 0; heard < listeners.size();) {
      const std::size_t more = listeners.turn(100);
      const std::chrono::duration<double, std::milli> took = Watch::now() - sent;
      if (change > 0) ms.insert(ms.end(), more, took.count());
      heard += more;
      if (took > kPatience) throw std::runtime_error("not everybody heard of a change");
    }
    if (change > 0) caller.answer();
    ::usleep(250'000);  // as changes come; more than five a second to 1,000 become a resync
  }
  std::sort(ms.begin(), ms.end());
  const auto at = [&](double part) {
    return ms[std::min(ms.size() - 1,
                       static_cast<std::size_t>(part * static_cast<double>(ms.size())))];
  };
  std::printf("%.2f %.2f %.2f %.2f\n", at(0.5), at(0.95), at(0.99), ms.back());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: bench-listeners PORT ADMIN_TOKEN COUNT\n");
    return 2;
  }
  try {
    const auto port = static_cast<std::uint16_t>(std::atoi(argv[1]));
    const std::string admin = argv[2];
    Listeners listeners(port, admin, std::atoi(argv[3]));
    std::printf("ready\n");
    std::fflush(stdout);
    pollfd input{STDIN_FILENO, POLLIN, 0};
    std::string line;
    for (;;) {
      listeners.turn(5);
      if (::poll(&input, 1, 0) <= 0) continue;
      char c = 0;
      if (::read(STDIN_FILENO, &c, 1) <= 0) return 0;
      if (c != '\n') {
        line += c;
        continue;
      }
      if (line.starts_with("latency "))
        latency(listeners, port, admin, std::atoi(line.c_str() + 8));
      if (line == "heard") {
        std::printf("%zu %zu\n", listeners.messages, listeners.resyncs);
        listeners.messages = listeners.resyncs = 0;
      }
      std::fflush(stdout);
      line.clear();
    }
  } catch (const std::exception& failed) {
    std::fprintf(stderr, "bench-listeners: %s\n", failed.what());
    return 1;
  }
}
