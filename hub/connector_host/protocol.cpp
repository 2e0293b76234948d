#include "connector_host/protocol.hpp"

#include <array>

#include "connector_host/limits.hpp"

namespace ombud::wire {
namespace {

// A frame: magic, version, kind, then the members of that kind. Numbers are little-endian, texts
// carry their length in four bytes. Everything has one form only, and nothing may follow.
constexpr unsigned char kMagic = 0xC5;

constexpr std::array<std::string_view, 12> kOperations{
    "put_ticket", "add_comment", "add_attachment", "find",   "changes",   "decode",
    "fetch",      "check",       "probe",          "render", "interpret", "snapshot"};
constexpr std::array<std::string_view, 7> kStatuses{
    "ok", "retry", "rate_limited", "auth", "permanent", "ambiguous", "cancelled"};
constexpr unsigned kKinds = 7;

class Packer {
 public:
  void byte(unsigned value) { frame_ += static_cast<char>(value); }
  void number(std::uint64_t value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; ++i) byte(static_cast<unsigned>(value >> (8U * i)) & 0xFFU);
  }
  void text(std::string_view value) {
    number(value.size(), 4);
    frame_ += value;
  }
  std::string take() { return std::move(frame_); }

 private:
  std::string frame_;
};

class Unpacker {
 public:
  explicit Unpacker(std::string_view frame) : left_(frame) {}
  std::uint64_t number(unsigned bytes) {
    if (left_.size() < bytes) return fail(), 0;
    std::uint64_t value = 0;
    for (unsigned i = 0; i < bytes; ++i) {
      value |= std::uint64_t{static_cast<unsigned char>(left_[i])} << (8U * i);
    }
    left_.remove_prefix(bytes);
    return value;
  }
  unsigned below(unsigned bound) {
    const auto value = static_cast<unsigned>(number(1));
    if (value >= bound) return fail(), 0;
    return value;
  }
  std::string text() {
    const std::uint64_t size = number(4);
    if (size > left_.size()) return fail(), std::string();
    std::string value(left_.substr(0, size));
    left_.remove_prefix(size);
    return value;
  }
  std::size_t left() const { return left_.size(); }
  bool failed() const { return failed_; }
  void fail() {
    failed_ = true;
    left_ = {};
  }

 private:
  std::string_view left_;
  bool failed_ = false;
};

void pack(Packer& to, const Call& call) {
  to.byte(static_cast<unsigned>(call.operation));
  to.number(call.attempt, 4);
  to.number(static_cast<std::uint64_t>(call.soft_deadline_ms), 8);
  to.text(call.correlation);
  to.text(call.external_id);
  to.text(call.body);
  to.text(call.kind);
  to.text(call.cursor);
  to.text(call.headers_json);
  to.text(call.content_path);
}

void unpack(Unpacker& from, Call& call) {
  call.operation = static_cast<Operation>(from.below(kOperations.size()));
  call.attempt = static_cast<std::uint32_t>(from.number(4));
  call.soft_deadline_ms = static_cast<std::int64_t>(from.number(8));
  call.correlation = from.text();
  call.external_id = from.text();
  call.body = from.text();
  call.kind = from.text();
  call.cursor = from.text();
  call.headers_json = from.text();
  call.content_path = from.text();
}

void pack(Packer& to, const Exchange& exchange) {
  to.text(exchange.method);
  to.text(exchange.url);
  to.number(static_cast<std::uint32_t>(exchange.status), 4);
  to.text(exchange.request_headers);
  to.text(exchange.response_headers);
  to.text(exchange.request_body);
  to.text(exchange.response_body);
  to.text(exchange.error);
  to.number(static_cast<std::uint64_t>(exchange.ms), 8);
  to.byte(exchange.truncated ? 1U : 0U);
}

void unpack(Unpacker& from, Exchange& exchange) {
  exchange.method = from.text();
  exchange.url = from.text();
  exchange.status = static_cast<int>(static_cast<std::uint32_t>(from.number(4)));
  exchange.request_headers = from.text();
  exchange.response_headers = from.text();
  exchange.request_body = from.text();
  exchange.response_body = from.text();
  exchange.error = from.text();
  exchange.ms = static_cast<std::int64_t>(from.number(8));
  exchange.truncated = from.below(2) != 0;
}

void pack(Packer& to, const Reply& reply) {
  to.byte(static_cast<unsigned>(reply.status));
  to.number(static_cast<std::uint32_t>(reply.supplier_code), 4);
  to.number(static_cast<std::uint64_t>(reply.retry_after_ms), 8);
  to.text(reply.message);
  to.number(reply.documents.size(), 4);
  for (const std::string& document : reply.documents) to.text(document);
  to.number(static_cast<std::uint64_t>(reply.peer.certificate_until_s), 8);
  to.number(static_cast<std::uint64_t>(reply.peer.date_s), 8);
  to.number(reply.exchanges.size(), 4);
  for (const Exchange& exchange : reply.exchanges) pack(to, exchange);
}

void unpack(Unpacker& from, Reply& reply) {
  reply.status = static_cast<Status>(from.below(kStatuses.size()));
  reply.supplier_code = static_cast<int>(static_cast<std::uint32_t>(from.number(4)));
  reply.retry_after_ms = static_cast<std::int64_t>(from.number(8));
  reply.message = from.text();
  const std::uint64_t count = from.number(4);
  if (count > from.left() / 4) return from.fail();  // each has at least its length
  reply.documents.reserve(count);
  for (std::uint64_t i = 0; i < count && !from.failed(); ++i) {
    reply.documents.push_back(from.text());
  }
  reply.peer.certificate_until_s = static_cast<std::int64_t>(from.number(8));
  reply.peer.date_s = static_cast<std::int64_t>(from.number(8));
  const std::uint64_t exchanges = from.number(4);
  if (exchanges > host_limits::kExchangesMax) return from.fail();
  for (std::uint64_t i = 0; i < exchanges && !from.failed(); ++i) {
    unpack(from, reply.exchanges.emplace_back());
  }
}

}  // namespace

std::string_view to_text(Operation operation) {
  return kOperations[static_cast<std::size_t>(operation)];
}

std::optional<Operation> operation_from(std::string_view text) {
  for (std::size_t i = 0; i < kOperations.size(); ++i) {
    if (kOperations[i] == text) return static_cast<Operation>(i);
  }
  return std::nullopt;
}

bool is_write(Operation operation) {
  switch (operation) {
    case Operation::put_ticket:
    case Operation::add_comment:
    case Operation::add_attachment:
      return true;
    case Operation::find:
    case Operation::changes:
    case Operation::decode:
    case Operation::fetch:
    case Operation::check:
    case Operation::probe:
    case Operation::render:
    case Operation::interpret:
    case Operation::snapshot:
      return false;
  }
  return true;
}

bool is_of_delivery(Operation operation) {
  return is_write(operation) || operation == Operation::find;
}

std::string_view to_text(Status status) {
  return kStatuses[static_cast<std::size_t>(status)];
}

std::string encode(const Message& message) {
  Packer frame;
  frame.byte(kMagic);
  frame.byte(kWireVersion);
  frame.byte(static_cast<unsigned>(message.kind));
  frame.number(message.id, 8);
  switch (message.kind) {
    case Kind::hello:
    case Kind::log:
      frame.text(message.text);
      break;
    case Kind::call:
      pack(frame, message.call);
      break;
    case Kind::reply:
      pack(frame, message.reply);
      break;
    case Kind::started:
    case Kind::cancel:
    case Kind::stop:
      break;
  }
  return frame.take();
}

Result<Message> decode(std::string_view frame) {
  const auto refuse = [](std::string why) {
    return problem(ProblemKind::invalid,
                   "A frame between hub and host is unreadable: " + std::move(why) + ".");
  };
  if (frame.size() > host_limits::kFrameBytesMax) return refuse("it is too long");
  Unpacker in(frame);
  if (in.number(1) != kMagic) return refuse("it does not begin like one");
  if (in.number(1) != kWireVersion) return refuse("it is of another version of the wire");
  Message message;
  message.kind = static_cast<Kind>(in.below(kKinds));
  message.id = in.number(8);
  if (in.failed()) return refuse("it is cut short or of an unknown kind");
  switch (message.kind) {
    case Kind::hello:
    case Kind::log:
      message.text = in.text();
      break;
    case Kind::call:
      unpack(in, message.call);
      break;
    case Kind::reply:
      unpack(in, message.reply);
      break;
    case Kind::started:
    case Kind::cancel:
    case Kind::stop:
      break;
  }
  if (in.failed()) return refuse("it is cut short or holds an unknown number");
  if (in.left() != 0) return refuse("something follows its end");
  return message;
}

}  // namespace ombud::wire
