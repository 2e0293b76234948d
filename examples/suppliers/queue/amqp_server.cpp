#include "queue/amqp_server.hpp"

#include <amqp.h>
#include <amqp_tcp_socket.h>
#include <poll.h>
#include <sys/time.h>

#include <fstream>
#include <stdexcept>
#include <string_view>

#include "base/json.hpp"

namespace ombud::example {
namespace {

constexpr std::string_view kProtocol = "ombud-queue/1";
constexpr amqp_channel_t kQuestions = 1, kEvents = 2;
constexpr int kWaitAfterLossMs = 100;

amqp_bytes_t lent(std::string_view text) {
  return {text.size(), const_cast<char*>(text.data())};
}
std::string_view view(amqp_bytes_t bytes) {
  return {static_cast<const char*>(bytes.bytes), bytes.len};
}

// How much of the body is the JSON; the rest is the third frame.
std::size_t json_size(const amqp_message_t& message) {
  if ((message.properties._flags & AMQP_BASIC_HEADERS_FLAG) != 0) {
    for (int i = 0; i < message.properties.headers.num_entries; ++i) {
      const amqp_table_entry_t& entry = message.properties.headers.entries[i];
      if (view(entry.key) == "json_bytes" && entry.value.kind == AMQP_FIELD_KIND_I32) {
        return static_cast<std::size_t>(entry.value.value.i32);
      }
    }
  }
  return message.body.len;
}

}  // namespace

void Broker::read_url(const std::string& url) {
  std::string copy = url;
  amqp_connection_info parts{};
  if (amqp_parse_url(copy.data(), &parts) != AMQP_STATUS_OK || parts.ssl != 0) {
    throw std::invalid_argument("--amqp must be like amqp://127.0.0.1:5672/vhost");
  }
  host = parts.host;
  port = parts.port;
  vhost = parts.vhost;
}

AmqpServer::AmqpServer(Book& book, Broker broker, std::string told_path)
    : book_(book), broker_(std::move(broker)), told_path_(std::move(told_path)) {
  std::size_t told = 0;
  if (std::ifstream(told_path_) >> told) events_told = told;
}

AmqpServer::~AmqpServer() {
  hang_up();
}

void AmqpServer::hang_up() {
  if (state_ != nullptr) amqp_destroy_connection(state_);
  state_ = nullptr;
  connected = false;
}

bool AmqpServer::connect() {
  state_ = amqp_new_connection();
  const timeval limit{2, 0};
  amqp_set_handshake_timeout(state_, &limit);
  amqp_set_rpc_timeout(state_, &limit);
  amqp_socket_t* socket = amqp_tcp_socket_new(state_);
  if (amqp_socket_open_noblock(socket, broker_.host.c_str(), broker_.port, &limit) !=
      AMQP_STATUS_OK) {
    return false;
  }
  const amqp_rpc_reply_t in =
      amqp_login(state_, broker_.vhost.c_str(), 2, 131'072, 0, AMQP_SASL_METHOD_PLAIN,
                 broker_.login.c_str(), broker_.password.c_str());
  return in.reply_type == AMQP_RESPONSE_NORMAL && make_queues();
}

bool AmqpServer::make_queues() {
  if (amqp_channel_open(state_, kQuestions) == nullptr) return false;
  if (amqp_queue_declare(state_, kQuestions, lent(broker_.queue), 0, 1, 0, 0, amqp_empty_table) ==
      nullptr) {
    return false;
  }
  // One question at a time, in order.
  if (amqp_basic_qos(state_, kQuestions, 0, 1, 0) == nullptr) return false;
  if (amqp_basic_consume(state_, kQuestions, lent(broker_.queue), amqp_empty_bytes, 0, 0, 0,
                         amqp_empty_table) == nullptr) {
    return false;
  }
  if (broker_.events_queue.empty()) return true;
  if (amqp_channel_open(state_, kEvents) == nullptr) return false;
  amqp_table_entry_t single{};
  single.key = amqp_cstring_bytes("x-single-active-consumer");
  single.value.kind = AMQP_FIELD_KIND_BOOLEAN;
  single.value.value.boolean = 1;
  const amqp_table_t arguments{1, &single};
  return amqp_queue_declare(state_, kEvents, lent(broker_.events_queue), 0, 1, 0, 0, arguments) !=
             nullptr &&
         amqp_tx_select(state_, kEvents) != nullptr;
}

void AmqpServer::serve(int wait_ms) {
  if (state_ == nullptr) {
    if (!connect()) {
      hang_up();
      poll(nullptr, 0, kWaitAfterLossMs);
      return;
    }
    connected = true;
  }
  if (!broker_.events_queue.empty() && !tell_events()) return hang_up();
  const timeval limit{wait_ms / 1000, (wait_ms % 1000) * 1000};
  amqp_maybe_release_buffers(state_);
  amqp_envelope_t envelope{};
  const amqp_rpc_reply_t got = amqp_consume_message(state_, &envelope, &limit, 0);
  if (got.reply_type == AMQP_RESPONSE_NORMAL) {
    const bool fine = take(envelope);
    amqp_destroy_envelope(&envelope);
    if (!fine) hang_up();
    return;
  }
  if (got.library_error != AMQP_STATUS_TIMEOUT) hang_up();
}

bool AmqpServer::take(const amqp_envelope_t_& envelope) {
  const amqp_message_t& message = envelope.message;
  const auto done = [&] {
    return amqp_basic_ack(state_, kQuestions, envelope.delivery_tag, 0) == AMQP_STATUS_OK;
  };
  if (view(message.properties.type) != kProtocol) return done();
  const std::string_view body = view(message.body);
  const std::size_t size = json_size(message);
  if (hold_writes && message.properties.delivery_mode == AMQP_DELIVERY_PERSISTENT) {
    ++held;
    return true;
  }
  const auto answer = book_.answer(body.substr(0, size), body.substr(size));
  if (!answer) return done();
  if (answer->json.find("\"type\":\"ack\"") != std::string::npos && drop_answers > 0) {
    --drop_answers;
    ++dropped;
    return done();
  }
  // The question leaves the queue only when it is applied, on disk, and answered.
  return reply(envelope, *answer) && done();
}

bool AmqpServer::reply(const amqp_envelope_t_& envelope, const Book::Reply& answer) {
  amqp_basic_properties_t properties{};
  properties._flags = AMQP_BASIC_TYPE_FLAG;
  properties.type = lent(kProtocol);
  if (!forget_correlation) {
    properties._flags |= AMQP_BASIC_CORRELATION_ID_FLAG;
    properties.correlation_id = envelope.message.properties.correlation_id;
  }
  amqp_table_entry_t json_bytes{};
  if (answer.has_content) {
    json_bytes.key = amqp_cstring_bytes("json_bytes");
    json_bytes.value.kind = AMQP_FIELD_KIND_I32;
    json_bytes.value.value.i32 = static_cast<std::int32_t>(answer.json.size());
    properties._flags |= AMQP_BASIC_HEADERS_FLAG;
    properties.headers = {1, &json_bytes};
  }
  const std::string body = answer.json + answer.content;
  return amqp_basic_publish(state_, kQuestions, amqp_empty_bytes,
                            envelope.message.properties.reply_to, 0, 0, &properties,
                            lent(body)) == AMQP_STATUS_OK;
}

bool AmqpServer::tell_events() {
  const auto answer = book_.answer(
      R"({"type":"events","id":"told","limit":100,"after":")" + std::to_string(events_told) + "\"}",
      {});
  const auto parsed = json::parse(answer.value().json);
  const json::View events = parsed.value()["events"];
  if (events.size() == 0) return true;
  for (std::size_t i = 0; i < events.size(); ++i) {
    amqp_basic_properties_t properties{};
    properties._flags =
        AMQP_BASIC_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG;
    properties.type = lent(kProtocol);
    properties.delivery_mode = AMQP_DELIVERY_PERSISTENT;
    properties.message_id = lent(events.at(i)["event_id"].text());
    if (amqp_basic_publish(state_, kEvents, amqp_empty_bytes, lent(broker_.events_queue), 0, 0,
                           &properties, lent(events.at(i).dump())) != AMQP_STATUS_OK) {
      return false;
    }
  }
  if (amqp_tx_commit(state_, kEvents) == nullptr) return false;
  // Told twice after a crash here: that is allowed, never is not.
  events_told += events.size();
  std::ofstream(told_path_) << events_told;
  return true;
}

}  // namespace ombud::example
