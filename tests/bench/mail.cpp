// bench-mail PORT CONNECTIONS BYTES SECONDS|once [file]
// Sends mails of that size by LMTP over so many connections, each in a closed loop (or one each),
// every mail another one: of text, or with a file in base64. Prints "<mails> <seconds> <p50 ms>
// <p99 ms>", counting a mail when its 250 has come.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using Watch = std::chrono::steady_clock;

class Client {
 public:
  explicit Client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
      throw std::runtime_error("cannot connect");
    }
    const int yes = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    expect("220", 1);
    say("LHLO bench\r\n");
    expect("250", 1);
  }
  ~Client() { ::close(socket_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void send(const std::string& mail) {
    say("MAIL FROM:<anna.berg@kund1.example>\r\nRCPT TO:<support@desk.example>\r\nDATA\r\n");
    expect("250", 2);
    expect("354", 1);
    say(mail);
    expect("250", 1);
  }

 private:
  void say(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) throw std::runtime_error("the hub closed a connection");
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  // So many answers, each of one or more lines, all with that code.
  void expect(std::string_view code, int answers) {
    while (answers > 0) {
      std::size_t end = read_.find('\n');
      while (end == std::string::npos) {
        char bytes[4096];
        const ssize_t got = ::recv(socket_, bytes, sizeof bytes, 0);
        if (got <= 0) throw std::runtime_error("the hub closed a connection");
        read_.append(bytes, static_cast<std::size_t>(got));
        end = read_.find('\n');
      }
      const std::string line = read_.substr(0, end);
      read_.erase(0, end + 1);
      if (!line.starts_with(code)) throw std::runtime_error("the hub said " + line);
      if (line.size() < 4 || line[3] != '-') --answers;
    }
  }
  int socket_;
  std::string read_;
};

// Words in lines of 72 characters, as a person's mail has them, or a file after some words.
std::string body_of(std::size_t bytes, bool file) {
  std::string body =
      file ? "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n"
             "\r\nSe filen.\r\n--b\r\nContent-Type: application/zip; name=fil.zip\r\n"
             "Content-Transfer-Encoding: base64\r\n\r\n"
           : "Content-Type: text/plain; charset=utf-8\r\n\r\n";
  body.reserve(bytes + 1000);
  std::string line(76, 'A');
  for (std::size_t number = 0; file && body.size() < bytes; ++number) {
    for (std::size_t i = 0; i < 8; ++i) line[i] = static_cast<char>('A' + (number >> (3 * i) & 7));
    body += line + "\r\n";
  }
  if (file) return body + "--b--\r\n";
  while (body.size() < bytes) {
    body += "Skrivaren i korridoren drar in papper snett och skriver ut tomma sidor.\r\n";
  }
  return body;
}

std::string mail_of(const std::string& body, int connection, int number) {
  const std::string id =
      std::to_string(::getpid()) + "." + std::to_string(connection) + "." + std::to_string(number);
  return "From: Anna Berg <anna.berg@kund1.example>\r\nTo: support@desk.example\r\n"
         "Subject: Skrivaren " +
         id + "\r\nMessage-ID: <" + id +
         "@kund1.example>\r\n"
         "Date: Mon, 23 Nov 2026 08:00:00 +0100\r\nMIME-Version: 1.0\r\n" +
         body + ".\r\n";
}

}  // namespace

int main(int count, char** words) {
  const bool file = count == 6 && std::string_view(words[5]) == "file";
  if (count != 5 && !file) {
    std::fprintf(stderr, "bench-mail PORT CONNECTIONS BYTES SECONDS|once [file]\n");
    return 2;
  }
  const auto port = static_cast<std::uint16_t>(std::atoi(words[1]));
  const int connections = std::atoi(words[2]);
  const std::string body = body_of(static_cast<std::size_t>(std::atoll(words[3])), file);
  const bool once = std::string_view(words[4]) == "once";
  const auto began = Watch::now();
  const auto until = began + std::chrono::seconds(once ? 0 : std::atoi(words[4]));
  std::vector<std::vector<double>> took(static_cast<std::size_t>(connections));
  std::atomic<bool> failed = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < connections; ++i) {
    threads.emplace_back([&, i] {
      try {
        Client client(port);
        for (int number = 0; once ? number < 1 : Watch::now() < until; ++number) {
          const std::string mail = mail_of(body, i, number);
          const auto sent = Watch::now();
          client.send(mail);
          took[static_cast<std::size_t>(i)].push_back(
              std::chrono::duration<double, std::milli>(Watch::now() - sent).count());
        }
      } catch (const std::exception& wrong) {
        std::fprintf(stderr, "bench-mail: %s\n", wrong.what());
        failed = true;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  if (failed) return 1;
  const double seconds = std::chrono::duration<double>(Watch::now() - began).count();
  std::vector<double> all;
  for (const auto& some : took) all.insert(all.end(), some.begin(), some.end());
  std::sort(all.begin(), all.end());
  if (all.empty()) return 1;
  std::printf("%zu %.3f %.2f %.2f\n", all.size(), seconds, all[all.size() / 2],
              all[all.size() * 99 / 100]);
  return 0;
}
