#include "client.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

namespace ombud::http::test {
namespace {

constexpr int kPatienceMs = 10'000;  // a test that waits this long has failed

}  // namespace

std::string Answer::header(std::string_view name) const {
  for (const auto& [known, value] : headers) {
    if (known == name) return value;
  }
  return {};
}

json::Document Answer::json() const {
  auto document = json::parse(body);
  if (!document) {
    ADD_FAILURE() << "not JSON: " << body;
    return {};
  }
  return std::move(*document);
}

Client::Client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    ADD_FAILURE() << "could not connect to port " << port;
  }
}
Client::~Client() {
  ::close(socket_);
}

bool Client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::size_t Client::send_until_answered(std::string_view piece, std::size_t bytes_max) {
  std::size_t total = 0;
  while (total < bytes_max) {
    pollfd waits{socket_, POLLIN | POLLOUT, 0};
    if (::poll(&waits, 1, kPatienceMs) <= 0 || (waits.revents & (POLLIN | POLLERR | POLLHUP)) != 0)
      break;
    const ssize_t sent = ::send(socket_, piece.data(), std::min(piece.size(), bytes_max - total),
                                MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent <= 0) break;
    total += static_cast<std::size_t>(sent);
  }
  return total;
}

void Client::finish_sending() {
  ::shutdown(socket_, SHUT_WR);
}

bool Client::fill() {
  pollfd waits{socket_, POLLIN, 0};
  if (::poll(&waits, 1, kPatienceMs) <= 0) {
    ADD_FAILURE() << "no answer within " << kPatienceMs << " ms";
    return false;
  }
  char bytes[65536];
  const ssize_t got = ::recv(socket_, bytes, sizeof bytes, 0);
  if (got <= 0) return false;
  buffer_.append(bytes, static_cast<std::size_t>(got));
  return true;
}

std::optional<Answer> Client::receive(bool bodiless) {
  for (;;) {
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!fill()) return std::nullopt;
    }
    Answer answer;
    std::string head = buffer_.substr(0, end + 2);
    buffer_.erase(0, end + 4);
    answer.status = std::atoi(head.c_str() + 9);
    for (std::size_t at = head.find("\r\n") + 2; at < head.size();) {
      const std::size_t line_end = head.find("\r\n", at);
      const std::string line = head.substr(at, line_end - at);
      const std::size_t colon = line.find(':');
      std::string name = line.substr(0, colon);
      std::transform(name.begin(), name.end(), name.begin(),
                     [](char c) { return static_cast<char>(std::tolower(c)); });
      answer.headers.emplace_back(name, line.substr(colon + 2));
      at = line_end + 2;
    }
    if (answer.status == 100) continue;
    const std::size_t length =
        static_cast<std::size_t>(std::atoll(answer.header("content-length").c_str()));
    while (!bodiless && buffer_.size() < length) {
      if (!fill()) return std::nullopt;
    }
    if (!bodiless) {
      answer.body = buffer_.substr(0, length);
      buffer_.erase(0, length);
    }
    return answer;
  }
}

std::optional<std::string> Client::take(std::size_t bytes) {
  while (buffer_.size() < bytes) {
    if (!fill()) return std::nullopt;
  }
  std::string taken = buffer_.substr(0, bytes);
  buffer_.erase(0, bytes);
  return taken;
}

void Client::read_little() {
  const int bytes = 4096;
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

bool Client::closed_by_peer() {
  while (fill()) {
  }
  return !::testing::Test::HasNonfatalFailure();
}

std::string text_of(const Ask& ask) {
  std::string text = ask.method + " " + ask.target + " HTTP/1.1\r\nHost: desk\r\n";
  if (!ask.token.empty()) text += "Authorization: Bearer " + ask.token + "\r\n";
  bool typed = false;
  for (const auto& [name, value] : ask.headers) {
    typed = typed || name == "Content-Type";
    text += name + ": " + value + "\r\n";
  }
  if (!ask.body.empty() || ask.method == "POST" || ask.method == "PUT" || ask.method == "PATCH") {
    if (!typed && !ask.body.empty()) text += "Content-Type: application/json\r\n";
    text += "Content-Length: " + std::to_string(ask.body.size()) + "\r\n";
  }
  return text + "\r\n" + ask.body;
}

std::optional<Answer> ask(std::uint16_t port, const Ask& ask) {
  Client client(port);
  client.send(text_of(ask));
  return client.receive(ask.method == "HEAD");
}

}  // namespace ombud::http::test
