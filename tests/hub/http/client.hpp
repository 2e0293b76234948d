// A client that sends exactly the bytes it is given, and reads answers as a peer would.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.hpp"

namespace ombud::http::test {

struct Answer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  std::string header(std::string_view name) const;  // "" if absent
  json::Document json() const;                      // of the body; fails the test if it is none
};

class Client {
 public:
  explicit Client(std::uint16_t port);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // False when the peer no longer takes bytes.
  bool send(std::string_view bytes);
  // Sends until the peer answers or breaks off; how many bytes it took.
  std::size_t send_until_answered(std::string_view piece, std::size_t bytes_max);
  void finish_sending();
  // The next answer; nothing if the connection ends before a whole one. `bodiless`: to a HEAD.
  std::optional<Answer> receive(bool bodiless = false);
  // Exactly so many bytes; nothing if the connection ends before.
  std::optional<std::string> take(std::size_t bytes);
  void read_little();  // from now on the system keeps little that was not received
  // True once the peer has closed; reads away what comes before.
  bool closed_by_peer();

 private:
  bool fill();
  int socket_ = -1;
  std::string buffer_;
};

// One request on a connection of its own, closed afterwards.
struct Ask {
  std::string method = "GET";
  std::string target = "/";
  std::string token = {};
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};  // besides Host, length and type
};
std::string text_of(const Ask& ask);
std::optional<Answer> ask(std::uint16_t port, const Ask& ask);

}  // namespace ombud::http::test
