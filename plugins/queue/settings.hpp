// What the [settings] table of a queue link says, read and checked once at start. The scheme of
// `endpoint` decides the transport: tcp:// and ipc:// are ZeroMQ, amqp:// and amqps:// AMQP 0-9-1.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace ombud::queue {

struct ZmqSettings {
  // CURVE keys in Z85; all three or none.
  std::string server_public_key;
  std::string public_key;
  std::string secret_key;
  std::int64_t resend_after_ms = 0;
  bool encrypted() const { return !server_public_key.empty(); }
};

// RabbitMQ's own pseudo-queue: every connection gets answers without a queue being made.
inline constexpr const char* kDirectReply = "amq.rabbitmq.reply-to";

struct AmqpSettings {
  std::string host;
  int port = 0;
  std::string vhost;
  bool tls = false;
  std::string ca_file;  // empty: what this machine trusts
  std::string login;
  std::string password;
  std::string exchange;  // empty: the default exchange, whose routing keys are queue names
  std::string routing_key;
  std::string request_queue;  // the supplier's; empty: not known to us
  std::string reply_queue;
  std::string events_queue;        // empty: the supplier is asked for its events
  bool declare = false;            // make our own queues if they are missing
  bool reject_unreadable = false;  // the events queue has dead letters
  bool direct_reply() const { return reply_queue == kDirectReply; }
};

struct Settings {
  std::string endpoint;
  std::string desk;
  std::int64_t attachment_bytes_max = 0;
  ZmqSettings zmq;
  std::optional<AmqpSettings> amqp;  // set: this transport, else ZeroMQ
};

// The clear text behind a secret's token; nothing if the host has no such secret.
using Reveal = std::function<std::optional<std::string>(std::string_view token)>;

// Throws std::invalid_argument that names every mistake and what to write instead.
Settings read_settings(std::string_view config_json, const Reveal& reveal);

// What the endpoint and the table settings.amqp say; adds every mistake to `wrong`.
AmqpSettings read_amqp(const std::string& endpoint, json::View table, const Reveal& reveal,
                       std::vector<FieldProblem>& wrong);

}  // namespace ombud::queue
