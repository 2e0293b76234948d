// The other side of a mail server under test: a plain socket, and the server's executor turned by
// hand, so that everything happens on one thread.
#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>
#include <string_view>

namespace ombud::test {

class SmtpClient {
 public:
  SmtpClient(boost::asio::io_context& io, std::uint16_t port)
      : io_(io), fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to), 0)
        << std::strerror(errno);
  }
  SmtpClient(boost::asio::io_context& io, const std::string& path)
      : io_(io), fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    std::strncpy(to.sun_path, path.c_str(), sizeof to.sun_path - 1);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to), 0)
        << std::strerror(errno);
  }
  ~SmtpClient() { hang_up(); }
  SmtpClient(const SmtpClient&) = delete;
  SmtpClient& operator=(const SmtpClient&) = delete;

  void hang_up() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

  // Sends all of it, letting the server read in between.
  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent > 0) {
        bytes.remove_prefix(static_cast<std::size_t>(sent));
      } else if (errno != EAGAIN) {
        return;  // the server closed: what it said is still to be read
      }
      turn();
    }
  }
  // The next line without its end; "(closed)" or "(silence)" if there is none.
  std::string line() {
    for (int tries = 0; tries < 500;) {
      const std::size_t end = received_.find("\r\n");
      if (end != std::string::npos) {
        const std::string first = received_.substr(0, end);
        received_.erase(0, end + 2);
        return first;
      }
      char chunk[4096];
      const ssize_t got = ::recv(fd_, chunk, sizeof chunk, MSG_DONTWAIT);
      if (got > 0) {
        received_.append(chunk, static_cast<std::size_t>(got));
      } else if (got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) {
        return "(closed)";
      } else {
        tries += turn() ? 0 : 1;
      }
    }
    return "(silence)";
  }
  // The last line of an answer of one or more lines.
  std::string reply() {
    std::string last = line();
    while (last.size() > 3 && last[3] == '-') last = line();
    return last;
  }
  std::string ask(std::string_view command) {
    send(std::string(command) + "\r\n");
    return reply();
  }
  // Greeting, EHLO, sender and recipient are behind us afterwards.
  void begin(std::string_view recipient = "desk@ombud.example") {
    EXPECT_EQ(reply().substr(0, 4), "220 ");
    EXPECT_EQ(ask("EHLO client.example").substr(0, 4), "250 ");
    EXPECT_EQ(ask("MAIL FROM:<anna@kund.example>"), "250 2.1.0 ok");
    EXPECT_EQ(ask("RCPT TO:<" + std::string(recipient) + ">"), "250 2.1.5 ok");
  }
  // `message` ends with CR LF. The answer after the final dot.
  std::string deliver(std::string_view message) {
    EXPECT_EQ(ask("DATA").substr(0, 4), "354 ");
    send(stuffed(message));
    send(".\r\n");
    return reply();
  }

  // As a correct client sends it: a dot more in front of each line that begins with one.
  static std::string stuffed(std::string_view message) {
    std::string out;
    bool line_start = true;
    for (std::size_t i = 0; i < message.size(); ++i) {
      if (line_start && message[i] == '.') out += '.';
      out += message[i];
      line_start = i > 0 && message[i] == '\n' && message[i - 1] == '\r';
    }
    return out;
  }

 private:
  bool turn() { return io_.run_one_for(std::chrono::milliseconds(10)) > 0; }

  boost::asio::io_context& io_;
  int fd_;
  std::string received_;
};

}  // namespace ombud::test
