// Stands between a client and its server and can cut the line at a chosen moment.
#pragma once

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace ombud::bench {

class Cut {
 public:
  explicit Cut(int server_port) : server_port_(server_port) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in here = loopback(0);
    socklen_t size = sizeof here;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&here), sizeof here) != 0 ||
        ::listen(listener_, 8) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&here), &size) != 0) {
      throw std::runtime_error("no port for the cut");
    }
    port_ = ntohs(here.sin_port);
    thread_ = std::jthread([this] { run(); });
  }
  ~Cut() {
    stop_ = true;
    thread_.join();
    ::close(listener_);
  }
  Cut(const Cut&) = delete;
  Cut& operator=(const Cut&) = delete;

  int port() const { return port_; }
  int connections() const { return connections_; }
  // As soon as the client sends bytes that hold `word`, they still reach the server, but nothing
  // of what it answers comes back: the connection ends. Once.
  void after(const std::string& word) {
    word_ = word;
    armed_ = true;
  }
  // As soon as the server has sent bytes that hold `word`, nothing of the client's is read any
  // more.
  void stall_after(const std::string& word) {
    word_ = word;
    stalls_ = true;
  }
  bool fired() const { return fired_; }
  void now() { end_all_ = true; }

 private:
  struct Pair {
    int client, server;
    bool deaf = false;
    bool stalled = false;
  };
  static sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    return address;
  }
  static bool forward(int to, std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void take_client() {
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in there = loopback(server_port_);
    if (::connect(server, reinterpret_cast<const sockaddr*>(&there), sizeof there) != 0) {
      ::close(server);
      ::close(client);
      return;
    }
    ++connections_;
    pairs_.push_back({client, server});
  }
  // False: this pair has ended.
  bool pump(Pair& pair, int from, int to) {
    std::array<char, 65536> room{};
    const ssize_t got = ::recv(from, room.data(), room.size(), 0);
    if (got <= 0) return false;
    const std::string_view bytes(room.data(), static_cast<std::size_t>(got));
    if (from == pair.server && pair.deaf) return false;
    if (!forward(to, bytes)) return false;
    if (from == pair.server && stalls_ && bytes.find(word_) != std::string_view::npos) {
      stalls_ = false;
      fired_ = true;
      pair.stalled = true;
    }
    if (from == pair.client && armed_ && bytes.find(word_) != std::string_view::npos) {
      armed_ = false;
      fired_ = true;
      pair.deaf = true;
    }
    return true;
  }
  void run() {
    while (!stop_) {
      std::vector<pollfd> watched{{listener_, POLLIN, 0}};
      for (const Pair& pair : pairs_) {
        watched.push_back({pair.stalled ? -1 : pair.client, POLLIN, 0});
        watched.push_back({pair.server, POLLIN, 0});
      }
      ::poll(watched.data(), watched.size(), 20);
      std::vector<Pair> kept;
      for (std::size_t i = 0; i < pairs_.size(); ++i) {
        Pair& pair = pairs_[i];
        const bool goes_on =
            !end_all_ &&
            (watched[2 * i + 1].revents == 0 || pump(pair, pair.client, pair.server)) &&
            (watched[2 * i + 2].revents == 0 || pump(pair, pair.server, pair.client));
        if (goes_on) {
          kept.push_back(pair);
        } else {
          ::close(pair.client);
          ::close(pair.server);
        }
      }
      pairs_ = std::move(kept);
      end_all_ = false;
      if (watched[0].revents != 0) take_client();
    }
    for (const Pair& pair : pairs_) {
      ::close(pair.client);
      ::close(pair.server);
    }
  }

  int server_port_, listener_ = -1, port_ = 0;
  std::vector<Pair> pairs_;
  std::string word_;
  std::atomic<bool> armed_{false}, stalls_{false}, fired_{false}, end_all_{false}, stop_{false};
  std::atomic<int> connections_{0};
  std::jthread thread_;
};

}  // namespace ombud::bench
