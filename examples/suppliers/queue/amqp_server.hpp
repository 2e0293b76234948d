// The supplier's side of PROTOCOL.md, "AMQP": reads the desk's questions from a queue of a broker,
// hands them to the book, publishes the answers; and, if it has a queue for them, its events.
#pragma once

#include <string>

#include "queue/book.hpp"
#include "queue/serving.hpp"

struct amqp_connection_state_t_;
struct amqp_envelope_t_;

namespace ombud::example {

struct Broker {
  std::string host = "127.0.0.1";
  int port = 5672;
  std::string vhost = "/";
  std::string login;
  std::string password;
  std::string queue;
  std::string events_queue;               // empty: the desk asks for events
  void read_url(const std::string& url);  // amqp://host:port/vhost; throws std::invalid_argument
};

class AmqpServer final : public Serving {
 public:
  // Connects at the first `serve`, and again whenever the connection is lost. `told_path` is a file
  // that remembers how many events are with the broker.
  AmqpServer(Book& book, Broker broker, std::string told_path);
  ~AmqpServer() override;
  AmqpServer(const AmqpServer&) = delete;
  AmqpServer& operator=(const AmqpServer&) = delete;

  void serve(int wait_ms) override;

  std::atomic<bool> hold_writes{false};  // takes writes out of the queue and hangs over them
  std::atomic<int> held{0};              // how many it has taken so
  std::atomic<bool> forget_correlation{false};
  std::atomic<bool> connected{false};
  std::atomic<std::size_t> events_told{0};  // are with the broker

 private:
  bool connect();
  void hang_up();
  bool make_queues();
  bool tell_events();
  bool take(const amqp_envelope_t_& envelope);
  bool reply(const amqp_envelope_t_& envelope, const Book::Reply& answer);

  Book& book_;
  Broker broker_;
  std::string told_path_;
  amqp_connection_state_t_* state_ = nullptr;
};

}  // namespace ombud::example
