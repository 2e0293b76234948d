// One connection with one channel to an AMQP 0-9-1 broker, by rabbitmq-c and without threads: it
// does something only while one of its functions runs, also heartbeats. Publisher confirms are on.
// When the connection or the channel has ended nothing works any more, `trouble` says why, and the
// object is good for destruction only (after `look_at_…` also for `reopen`).
#pragma once

#include <ombud/connector.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "queue/settings.hpp"

// rabbitmq-c's connection; its header stays in the .cpp.
struct amqp_connection_state_t_;

namespace ombud::queue {

// Why something did not work, for the operator: half a sentence.
struct Trouble {
  std::string why;
  bool refused = false;     // login or permission
  bool by_publish = false;  // the broker would not have what was published: surely not in a queue
  bool missing = false;     // no such queue or exchange
};

struct Outgoing {
  std::string message_id;
  std::string correlation_id;
  std::string_view json;
  std::string_view content;
  bool has_content = false;
  bool persistent = false;
  std::int64_t expires_ms = 0;  // 0: never
};

struct Incoming {
  enum class Kind {
    nothing,    // in that time, or only a part of something
    delivery,   // consumer, tag, correlation_id, json_bytes, body
    returned,   // no queue takes what was published; `text` says why. Its confirm follows
    confirmed,  // all up to `tag` are in their queues or returned
    not_taken,  // the broker could not file `tag`
    blocked,    // the broker takes no messages because of `text`
    unblocked,
    broken,  // see trouble()
  };
  Kind kind = Kind::nothing;
  std::string consumer;
  std::uint64_t tag = 0;
  std::string protocol;  // the property `type`
  std::string correlation_id;
  std::optional<std::int64_t> json_bytes;
  std::string body;
  std::string text;
};

class AmqpChannel {
 public:
  // Connects, checks the certificate, logs in. Nothing, and `trouble` says why, if that did not
  // work within `ms_max`.
  static std::unique_ptr<AmqpChannel> open(const AmqpSettings& settings, const std::string& name,
                                           const sdk::Call& call, std::int64_t ms_max,
                                           Trouble& trouble);
  ~AmqpChannel();
  AmqpChannel(const AmqpChannel&) = delete;
  AmqpChannel& operator=(const AmqpChannel&) = delete;

  // How long any of the following waits for the broker's answer, at most kRpcMs.
  void limit(std::int64_t ms_max);

  struct QueueState {
    std::uint32_t messages = 0;  // that wait for a reader
    std::uint32_t readers = 0;
  };
  // Passive: makes nothing. Nothing if it is not there or we may not look; then `reopen` first.
  std::optional<QueueState> look_at_queue(const std::string& name);
  bool look_at_exchange(const std::string& name);
  bool reopen();

  // A durable queue; with `single_reader` it has one active consumer at a time.
  bool make_queue(const std::string& name, bool single_reader);
  bool empty_queue(const std::string& name);
  // `window` > 0: so many messages unacknowledged at most; 0: they need no acknowledgement. Bodies
  // are cut after `body_bytes_max`.
  bool consume(const std::string& queue, const std::string& consumer, std::uint16_t window,
               std::size_t body_bytes_max);

  // Its number, or 0 if it surely did not leave as a whole. Takes `ms_max` at most.
  std::uint64_t publish(const Outgoing& message, std::int64_t ms_max);
  bool acknowledge(std::uint64_t tag);
  bool reject(std::uint64_t tag);  // to the dead letters, if the queue has any
  Incoming next(std::int64_t ms_max);

  const Trouble& trouble() const { return trouble_; }
  bool broken() const { return broken_; }
  bool in_pieces() const { return partial_.has_value(); }  // the rest of a message is to come

 private:
  explicit AmqpChannel(const AmqpSettings& settings);
  bool connect(const std::string& name, const sdk::Call& call, std::int64_t ms_max);
  bool log_in(const std::string& name, std::int64_t ms_max);
  bool open_channel();
  // The latest answer to a question of rabbitmq-c's; false if it is none.
  bool fine(const std::string& doing);
  bool fail_with(int library_status, const std::string& doing);
  void set_trouble(int code, std::string_view text, int class_id, int method_id,
                   const std::string& doing);
  void take_method(std::uint32_t id, void* decoded, Incoming& happened);
  void take_header(std::uint64_t body_bytes, void* decoded);
  void take_body(std::string_view piece);

  const AmqpSettings& settings_;
  amqp_connection_state_t_* state_ = nullptr;
  Trouble trouble_;
  bool broken_ = false;
  bool farewell_ = false;  // the connection itself holds: end it politely
  std::uint64_t published_ = 0;
  // A delivery or a returned message whose frames are still coming.
  std::optional<Incoming> partial_;
  std::uint64_t partial_left_ = 0;
  std::size_t partial_bytes_max_ = 0;
  std::string limited_consumer_;
  std::size_t limited_bytes_max_ = 0;
};

}  // namespace ombud::queue
