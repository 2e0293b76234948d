// The ROUTER side of PROTOCOL.md: hands requests to the book and answers to the desk.
#pragma once

#include <zmq.hpp>

#include <optional>
#include <string>
#include <vector>

#include "queue/book.hpp"
#include "queue/serving.hpp"

namespace ombud::example {

struct Curve {
  std::string secret_key;  // ours, Z85
  std::vector<std::string>
      allowed;  // public keys of desks, Z85; empty: any that knows our public key
};

class QueueServer final : public Serving {
 public:
  // Binds; throws zmq::error_t or std::runtime_error.
  QueueServer(Book& book, const std::string& endpoint, std::optional<Curve> curve);

  std::string endpoint() const;  // as bound, with the port that was chosen for ":*"
  void serve(int wait_ms) override;

 private:
  void take_request();
  void take_zap();

  Book& book_;
  std::optional<Curve> curve_;
  zmq::context_t context_;
  zmq::socket_t zap_;  // ZeroMQ asks here whether a key is welcome (RFC 27)
  zmq::socket_t router_;
};

}  // namespace ombud::example
