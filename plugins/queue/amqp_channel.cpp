#include "queue/amqp_channel.hpp"

#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "base/bytes.hpp"
#include "queue/line.hpp"

namespace ombud::queue {
namespace {

constexpr amqp_channel_t kChannel = 1;
constexpr int kFrameBytesMax = 131'072;
constexpr int kHeartbeatSeconds = 30;
constexpr std::int64_t kRpcMs = 5'000;
constexpr std::int64_t kFarewellMs = 300;
constexpr std::int64_t kSpareMs = 200;
constexpr std::size_t kWordsBytesMax = 300;
constexpr const char* kJsonBytes = "json_bytes";

timeval as_timeval(std::int64_t ms) {
  ms = std::max<std::int64_t>(ms, 0);
  return {ms / 1000, static_cast<suseconds_t>((ms % 1000) * 1000)};
}

// Borrowed: rabbitmq-c reads it before the call returns.
amqp_bytes_t lent(std::string_view text) {
  return {text.size(), const_cast<char*>(text.data())};
}

std::string_view view(amqp_bytes_t bytes) {
  return {static_cast<const char*>(bytes.bytes), bytes.bytes == nullptr ? 0 : bytes.len};
}

std::string words(std::string_view text) {
  return std::string(cut_utf8(text, kWordsBytesMax));
}

amqp_table_entry_t flag(const char* name) {
  amqp_table_entry_t entry{};
  entry.key = amqp_cstring_bytes(name);
  entry.value.kind = AMQP_FIELD_KIND_BOOLEAN;
  entry.value.value.boolean = 1;
  return entry;
}

amqp_table_entry_t text_entry(const char* name, std::string_view text) {
  amqp_table_entry_t entry{};
  entry.key = amqp_cstring_bytes(name);
  entry.value.kind = AMQP_FIELD_KIND_UTF8;
  entry.value.value.bytes = lent(text);
  return entry;
}

std::optional<std::int64_t> whole_number(const amqp_field_value_t& value) {
  switch (value.kind) {
    case AMQP_FIELD_KIND_I8:
      return value.value.i8;
    case AMQP_FIELD_KIND_U8:
      return value.value.u8;
    case AMQP_FIELD_KIND_I16:
      return value.value.i16;
    case AMQP_FIELD_KIND_U16:
      return value.value.u16;
    case AMQP_FIELD_KIND_I32:
      return value.value.i32;
    case AMQP_FIELD_KIND_U32:
      return value.value.u32;
    case AMQP_FIELD_KIND_I64:
      return value.value.i64;
    default:
      return std::nullopt;
  }
}

// How the kernel's patience with a broker that reads nothing is bounded: rabbitmq-c writes without
// a time limit, and a broker that is short of memory stops reading.
void bound_sending(int socket, std::int64_t ms) {
  const auto limit = static_cast<unsigned>(std::max<std::int64_t>(ms, 1'000));
  setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &limit, sizeof limit);
}

}  // namespace

AmqpChannel::AmqpChannel(const AmqpSettings& settings)
    : settings_(settings), state_(amqp_new_connection()) {
  if (state_ == nullptr) throw std::bad_alloc();
}

AmqpChannel::~AmqpChannel() {
  if (farewell_) {
    const timeval limit = as_timeval(kFarewellMs);
    amqp_set_rpc_timeout(state_, &limit);
    amqp_connection_close(state_, AMQP_REPLY_SUCCESS);
  }
  amqp_destroy_connection(state_);
}

std::unique_ptr<AmqpChannel> AmqpChannel::open(const AmqpSettings& settings,
                                               const std::string& name, const sdk::Call& call,
                                               std::int64_t ms_max, Trouble& trouble) {
  std::unique_ptr<AmqpChannel> channel(new AmqpChannel(settings));
  if (channel->connect(name, call, ms_max)) return channel;
  trouble = channel->trouble_;
  return nullptr;
}

bool AmqpChannel::connect(const std::string& name, const sdk::Call& call, std::int64_t ms_max) {
  const std::int64_t begun_at_ms = call.remaining_ms();
  const auto left_ms = [&] {
    const std::int64_t now_ms = call.remaining_ms();
    return std::min(ms_max - (begun_at_ms - now_ms), now_ms - kSpareMs);
  };
  amqp_socket_t* socket = settings_.tls ? amqp_ssl_socket_new(state_) : amqp_tcp_socket_new(state_);
  if (socket == nullptr) throw std::bad_alloc();
  if (settings_.tls) {
    amqp_ssl_socket_set_verify_peer(socket, 1);
    amqp_ssl_socket_set_verify_hostname(socket, 1);
    amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST);
    const bool trusts =
        settings_.ca_file.empty()
            ? SSL_CTX_set_default_verify_paths(
                  static_cast<SSL_CTX*>(amqp_ssl_socket_get_context(socket))) == 1
            : amqp_ssl_socket_set_cacert(socket, settings_.ca_file.c_str()) == AMQP_STATUS_OK;
    if (!trusts) {
      broken_ = true;
      trouble_.why = "amqp.ca_file cannot be read as certificates: " + settings_.ca_file;
      return false;
    }
  }
  const timeval reach = as_timeval(left_ms());
  const int opened =
      amqp_socket_open_noblock(socket, settings_.host.c_str(), settings_.port, &reach);
  if (opened != AMQP_STATUS_OK) {
    fail_with(opened, "");
    if (opened == AMQP_STATUS_SSL_PEER_VERIFY_FAILED) {
      trouble_.why =
          "the broker's certificate is not signed by anybody we trust, or has expired: if it has a "
          "CA of its own, name it in amqp.ca_file";
    } else if (opened == AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED) {
      trouble_.why = "the broker's certificate is not made out to \"" + settings_.host +
                     "\": write the endpoint with the name that stands in it";
    } else if (opened == AMQP_STATUS_SSL_CONNECTION_FAILED) {
      trouble_.why = "no TLS connection came about: is this the broker's TLS port?";
    } else if (opened == AMQP_STATUS_TIMEOUT || opened == AMQP_STATUS_SOCKET_ERROR) {
      trouble_.why =
          fmt::format("no connection to {}:{} came about", settings_.host, settings_.port);
    }
    return false;
  }
  return log_in(name, left_ms()) && open_channel();
}

bool AmqpChannel::log_in(const std::string& name, std::int64_t ms_max) {
  std::array<amqp_table_entry_t, 4> abilities{flag("consumer_cancel_notify"),
                                              flag("connection.blocked"), flag("basic.nack"),
                                              flag("publisher_confirms")};
  std::array<amqp_table_entry_t, 3> properties{text_entry("product", "Ombud"),
                                               text_entry("connection_name", name)};
  properties[2].key = amqp_cstring_bytes("capabilities");
  properties[2].value.kind = AMQP_FIELD_KIND_TABLE;
  properties[2].value.value.table = {static_cast<int>(abilities.size()), abilities.data()};
  const amqp_table_t table{static_cast<int>(properties.size()), properties.data()};

  const timeval limit = as_timeval(ms_max);
  amqp_set_handshake_timeout(state_, &limit);
  const amqp_rpc_reply_t reply = amqp_login_with_properties(
      state_, settings_.vhost.c_str(), 1, kFrameBytesMax, kHeartbeatSeconds, &table,
      AMQP_SASL_METHOD_PLAIN, settings_.login.c_str(), settings_.password.c_str());
  if (reply.reply_type == AMQP_RESPONSE_NORMAL) {
    farewell_ = true;
    return true;
  }
  broken_ = true;
  if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION &&
      reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD) {
    const auto* close = static_cast<amqp_connection_close_t*>(reply.reply.decoded);
    set_trouble(close->reply_code, view(close->reply_text), close->class_id, close->method_id, "");
    if (close->reply_code == AMQP_ACCESS_REFUSED) {
      trouble_.why =
          fmt::format("the broker refuses the login \"{}\": the name or the password is wrong",
                      settings_.login);
    } else if (close->reply_code == AMQP_NOT_ALLOWED) {
      trouble_.refused = true;
      trouble_.why = fmt::format(
          "the broker does not let \"{}\" into the virtual host \"{}\": it does not exist, or "
          "permissions are missing ({})",
          settings_.login, settings_.vhost, words(view(close->reply_text)));
    }
    return false;
  }
  fail_with(reply.library_error, "the login did not come to its end");
  if (reply.library_error == AMQP_STATUS_BROKER_UNSUPPORTED_SASL_METHOD) {
    trouble_.why = "the broker does not offer SASL PLAIN";
  }
  return false;
}

bool AmqpChannel::open_channel() {
  limit(kRpcMs);
  amqp_channel_open(state_, kChannel);
  if (!fine("opening a channel")) return false;
  amqp_confirm_select(state_, kChannel);
  return fine("switching on publisher confirms");
}

void AmqpChannel::limit(std::int64_t ms_max) {
  const timeval bounded = as_timeval(std::clamp<std::int64_t>(ms_max, 1, kRpcMs));
  amqp_set_rpc_timeout(state_, &bounded);
}

bool AmqpChannel::reopen() {
  amqp_channel_close_ok_t understood{};
  if (amqp_send_method(state_, kChannel, AMQP_CHANNEL_CLOSE_OK_METHOD, &understood) != 0) {
    return false;
  }
  broken_ = false;
  published_ = 0;
  return open_channel();
}

bool AmqpChannel::fine(const std::string& doing) {
  const amqp_rpc_reply_t reply = amqp_get_rpc_reply(state_);
  if (reply.reply_type == AMQP_RESPONSE_NORMAL) return true;
  if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION) {
    Incoming closed;
    take_method(reply.reply.id, reply.reply.decoded, closed);
    trouble_.why = doing + ": " + trouble_.why;
    return false;
  }
  return fail_with(reply.library_error, doing);
}

bool AmqpChannel::fail_with(int library_status, const std::string& doing) {
  broken_ = true;
  farewell_ = false;
  trouble_ = {};
  const char* said = library_status == AMQP_STATUS_OK ? "the broker ended the connection"
                                                      : amqp_error_string2(library_status);
  trouble_.why = doing.empty() ? words(said) : doing + ": " + words(said);
  return false;
}

void AmqpChannel::set_trouble(int code, std::string_view text, int class_id, int method_id,
                              const std::string& doing) {
  broken_ = true;
  trouble_ = {};
  trouble_.why = doing + words(text);
  trouble_.refused = code == AMQP_ACCESS_REFUSED;
  trouble_.missing = code == AMQP_NOT_FOUND;
  trouble_.by_publish =
      class_id == AMQP_BASIC_CLASS && method_id == (AMQP_BASIC_PUBLISH_METHOD & 0xFFFF);
}

std::optional<AmqpChannel::QueueState> AmqpChannel::look_at_queue(const std::string& name) {
  if (broken_) return std::nullopt;
  const auto* found =
      amqp_queue_declare(state_, kChannel, lent(name), 1, 0, 0, 0, amqp_empty_table);
  if (!fine(fmt::format("queue \"{}\"", name)) || found == nullptr) return std::nullopt;
  return QueueState{found->message_count, found->consumer_count};
}

bool AmqpChannel::look_at_exchange(const std::string& name) {
  if (broken_) return false;
  amqp_exchange_declare(state_, kChannel, lent(name), amqp_cstring_bytes("direct"), 1, 0, 0, 0,
                        amqp_empty_table);
  return fine(fmt::format("exchange \"{}\"", name));
}

bool AmqpChannel::make_queue(const std::string& name, bool single_reader) {
  if (broken_) return false;
  amqp_table_entry_t single = flag("x-single-active-consumer");
  const amqp_table_t arguments{single_reader ? 1 : 0, &single};
  amqp_queue_declare(state_, kChannel, lent(name), 0, 1, 0, 0, arguments);
  return fine(fmt::format("making the queue \"{}\"", name));
}

bool AmqpChannel::empty_queue(const std::string& name) {
  if (broken_) return false;
  amqp_queue_purge(state_, kChannel, lent(name));
  return fine(fmt::format("emptying the queue \"{}\"", name));
}

bool AmqpChannel::consume(const std::string& queue, const std::string& consumer,
                          std::uint16_t window, std::size_t body_bytes_max) {
  if (broken_) return false;
  if (window > 0) {
    amqp_basic_qos(state_, kChannel, 0, window, 0);
    if (!fine("setting the window")) return false;
    limited_consumer_ = consumer;
    limited_bytes_max_ = body_bytes_max;
  }
  amqp_basic_consume(state_, kChannel, lent(queue), lent(consumer), 0, window == 0 ? 1 : 0, 0,
                     amqp_empty_table);
  return fine(fmt::format("reading from the queue \"{}\"", queue));
}

std::uint64_t AmqpChannel::publish(const Outgoing& message, std::int64_t ms_max) {
  if (broken_) return 0;
  amqp_basic_properties_t properties{};
  properties._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG |
                      AMQP_BASIC_CORRELATION_ID_FLAG | AMQP_BASIC_REPLY_TO_FLAG |
                      AMQP_BASIC_MESSAGE_ID_FLAG | AMQP_BASIC_TIMESTAMP_FLAG |
                      AMQP_BASIC_TYPE_FLAG | AMQP_BASIC_APP_ID_FLAG;
  properties.content_type =
      amqp_cstring_bytes(message.has_content ? "application/octet-stream" : "application/json");
  properties.delivery_mode =
      message.persistent ? AMQP_DELIVERY_PERSISTENT : AMQP_DELIVERY_NONPERSISTENT;
  properties.correlation_id = lent(message.correlation_id);
  properties.reply_to = lent(settings_.reply_queue);
  properties.message_id = lent(message.message_id);
  properties.timestamp =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(
                                     std::chrono::system_clock::now().time_since_epoch())
                                     .count());
  properties.type = lent(kProtocol);
  properties.app_id = amqp_cstring_bytes("ombud");
  const std::string expires = std::to_string(message.expires_ms);
  if (message.expires_ms > 0) {
    properties._flags |= AMQP_BASIC_EXPIRATION_FLAG;
    properties.expiration = lent(expires);
  }
  amqp_table_entry_t json_bytes{};
  std::string joined;
  if (message.has_content) {
    json_bytes.key = amqp_cstring_bytes(kJsonBytes);
    json_bytes.value.kind = AMQP_FIELD_KIND_I32;
    json_bytes.value.value.i32 = static_cast<std::int32_t>(message.json.size());
    properties._flags |= AMQP_BASIC_HEADERS_FLAG;
    properties.headers = {1, &json_bytes};
    joined.reserve(message.json.size() + message.content.size());
    joined.append(message.json).append(message.content);
  }
  bound_sending(amqp_get_sockfd(state_), ms_max);
  const int sent = amqp_basic_publish(
      state_, kChannel, lent(settings_.exchange), lent(settings_.routing_key), 1, 0, &properties,
      lent(message.has_content ? std::string_view(joined) : message.json));
  if (sent != AMQP_STATUS_OK) {
    fail_with(sent, "the connection broke while sending");
    return 0;
  }
  return ++published_;
}

bool AmqpChannel::acknowledge(std::uint64_t tag) {
  return !broken_ && (amqp_basic_ack(state_, kChannel, tag, 0) == AMQP_STATUS_OK ||
                      fail_with(AMQP_STATUS_CONNECTION_CLOSED, "acknowledging"));
}

bool AmqpChannel::reject(std::uint64_t tag) {
  return !broken_ && (amqp_basic_reject(state_, kChannel, tag, 0) == AMQP_STATUS_OK ||
                      fail_with(AMQP_STATUS_CONNECTION_CLOSED, "rejecting"));
}

Incoming AmqpChannel::next(std::int64_t ms_max) {
  Incoming happened;
  if (broken_) {
    happened.kind = Incoming::Kind::broken;
    return happened;
  }
  amqp_maybe_release_buffers(state_);
  amqp_frame_t frame{};
  const timeval limit = as_timeval(ms_max);
  const int status = amqp_simple_wait_frame_noblock(state_, &frame, &limit);
  if (status == AMQP_STATUS_TIMEOUT) return happened;
  if (status != AMQP_STATUS_OK) {
    fail_with(status, "");
    happened.kind = Incoming::Kind::broken;
    return happened;
  }
  switch (frame.frame_type) {
    case AMQP_FRAME_METHOD:
      take_method(frame.payload.method.id, frame.payload.method.decoded, happened);
      return happened;
    case AMQP_FRAME_HEADER:
      take_header(frame.payload.properties.body_size, frame.payload.properties.decoded);
      break;
    case AMQP_FRAME_BODY:
      take_body(view(frame.payload.body_fragment));
      break;
    default:
      return happened;
  }
  if (partial_ && partial_left_ == 0) {
    happened = *std::move(partial_);
    partial_.reset();
  }
  return happened;
}

void AmqpChannel::take_method(std::uint32_t id, void* decoded, Incoming& happened) {
  switch (id) {
    case AMQP_BASIC_DELIVER_METHOD: {
      const auto* method = static_cast<amqp_basic_deliver_t*>(decoded);
      partial_.emplace();
      partial_->kind = Incoming::Kind::delivery;
      partial_->consumer = view(method->consumer_tag);
      partial_->tag = method->delivery_tag;
      partial_left_ = 1;  // its header is still to come
      partial_bytes_max_ =
          partial_->consumer == limited_consumer_ ? limited_bytes_max_ : kMessageBytesMax;
      return;
    }
    case AMQP_BASIC_RETURN_METHOD:
      partial_.emplace();
      partial_->kind = Incoming::Kind::returned;
      partial_->text = words(view(static_cast<amqp_basic_return_t*>(decoded)->reply_text));
      partial_left_ = 1;
      partial_bytes_max_ = 0;
      return;
    case AMQP_BASIC_ACK_METHOD:
      happened.kind = Incoming::Kind::confirmed;
      happened.tag = static_cast<amqp_basic_ack_t*>(decoded)->delivery_tag;
      return;
    case AMQP_BASIC_NACK_METHOD:
      happened.kind = Incoming::Kind::not_taken;
      happened.tag = static_cast<amqp_basic_nack_t*>(decoded)->delivery_tag;
      return;
    case AMQP_CONNECTION_BLOCKED_METHOD:
      happened.kind = Incoming::Kind::blocked;
      happened.text = words(view(static_cast<amqp_connection_blocked_t*>(decoded)->reason));
      return;
    case AMQP_CONNECTION_UNBLOCKED_METHOD:
      happened.kind = Incoming::Kind::unblocked;
      return;
    case AMQP_BASIC_CANCEL_METHOD:
      happened.kind = Incoming::Kind::broken;
      broken_ = true;
      trouble_ = {};
      trouble_.why = "the broker took a queue away from which we read";
      return;
    case AMQP_CHANNEL_CLOSE_METHOD: {
      const auto* close = static_cast<amqp_channel_close_t*>(decoded);
      happened.kind = Incoming::Kind::broken;
      set_trouble(close->reply_code, view(close->reply_text), close->class_id, close->method_id,
                  "the broker says ");
      return;
    }
    case AMQP_CONNECTION_CLOSE_METHOD: {
      const auto* close = static_cast<amqp_connection_close_t*>(decoded);
      happened.kind = Incoming::Kind::broken;
      farewell_ = false;
      set_trouble(close->reply_code, view(close->reply_text), 0, 0,
                  "the broker ended the connection: ");
      return;
    }
    default:
      return;
  }
}

void AmqpChannel::take_header(std::uint64_t body_bytes, void* decoded) {
  if (!partial_) return;
  const auto* properties = static_cast<amqp_basic_properties_t*>(decoded);
  partial_left_ = body_bytes;
  if ((properties->_flags & AMQP_BASIC_TYPE_FLAG) != 0) partial_->protocol = view(properties->type);
  if ((properties->_flags & AMQP_BASIC_CORRELATION_ID_FLAG) != 0)
    partial_->correlation_id = view(properties->correlation_id);
  if ((properties->_flags & AMQP_BASIC_HEADERS_FLAG) == 0) return;
  for (int i = 0; i < properties->headers.num_entries; ++i) {
    const amqp_table_entry_t& entry = properties->headers.entries[i];
    if (view(entry.key) == kJsonBytes) partial_->json_bytes = whole_number(entry.value);
  }
}

void AmqpChannel::take_body(std::string_view piece) {
  if (!partial_) return;
  partial_left_ -= std::min<std::uint64_t>(partial_left_, piece.size());
  const std::size_t room = partial_bytes_max_ - std::min(partial_bytes_max_, partial_->body.size());
  partial_->body.append(piece.substr(0, room));
}

}  // namespace ombud::queue
