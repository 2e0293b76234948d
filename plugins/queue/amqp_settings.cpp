// The part of the settings that speaks of a broker.
#include <charconv>

#include "queue/settings.hpp"
#include "shared/host_name.hpp"

namespace ombud::queue {
namespace {

constexpr int kPort = 5672;
constexpr int kTlsPort = 5671;
constexpr std::size_t kNameBytesMax = 255;  // a short string of AMQP

// "%2F" as "/"; nothing if a percent sign is followed by anything but two hexadecimal digits.
std::optional<std::string> percent_decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    unsigned code = 0;
    const std::string_view digits = text.substr(i + 1, 2);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
    if (digits.size() != 2 || read.ptr != digits.data() + 2) return std::nullopt;
    plain += static_cast<char>(code);
    i += 2;
  }
  return plain;
}

// What is wrong with the endpoint, or nothing.
std::string read_endpoint(std::string_view endpoint, AmqpSettings& to) {
  to.tls = endpoint.starts_with("amqps://");
  std::string_view rest = endpoint.substr(to.tls ? 8 : 7);
  if (rest.find('@') != std::string_view::npos) {
    return "must not hold a login: write it to settings.amqp.login and, by reference, "
           "settings.amqp.password";
  }
  const std::size_t slash = rest.find('/');
  to.vhost = "/";
  if (slash != std::string_view::npos) {
    const auto vhost = percent_decoded(rest.substr(slash + 1));
    if (!vhost || vhost->empty() || vhost->size() > kNameBytesMax ||
        rest.find_first_of("/?#", slash + 1) != std::string_view::npos) {
      return "must end with the name of one virtual host, in which / is written %2F, or with no "
             "slash at all for the virtual host /";
    }
    to.vhost = *vhost;
    rest = rest.substr(0, slash);
  }
  to.port = to.tls ? kTlsPort : kPort;
  const bool bracketed = rest.starts_with('[');
  const std::size_t host_end = bracketed ? rest.find(']') : rest.rfind(':');
  const std::size_t colon = bracketed && host_end != std::string_view::npos
                                ? rest.find(':', host_end)
                                : (bracketed ? std::string_view::npos : host_end);
  if (colon != std::string_view::npos) {
    const std::string_view digits = rest.substr(colon + 1);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), to.port);
    if (read.ec != std::errc() || read.ptr != digits.data() + digits.size() || to.port < 1 ||
        to.port > 65535) {
      return "must have a port from 1 to 65535 or none";
    }
    rest = rest.substr(0, colon);
  }
  if (bracketed) rest = rest.substr(1, rest.find(']') - 1);
  to.host = rest;
  if (!is_host(rest) || (!bracketed && rest.find(':') != std::string_view::npos)) {
    return "must be like amqps://mq.supplier.example/tickets";
  }
  if (!to.tls && !is_loopback(to.host)) {
    return "must be amqps://: with amqp:// password and tickets would cross the network in clear "
           "text";
  }
  return {};
}

std::string read_password(json::Reader& in, const Reveal& reveal) {
  const json::View reference = in.object("password", true);
  if (!reference.present()) return {};
  const auto clear = reveal(reference["$secret"].text());
  if (!clear) {
    in.refuse("password", "must be a secret that the host can read, such as { file = \"…\" }");
    return {};
  }
  if (clear->empty() || clear->find_first_of("\r\n") != std::string::npos) {
    in.refuse("password", "must be one line without anything else");
  }
  return *clear;
}

}  // namespace

AmqpSettings read_amqp(const std::string& endpoint, json::View table, const Reveal& reveal,
                       std::vector<FieldProblem>& wrong) {
  AmqpSettings amqp;
  if (const std::string fault = read_endpoint(endpoint, amqp); !fault.empty()) {
    wrong.push_back({"/settings/endpoint", fault});
  }
  if (!table.present()) return amqp;  // the caller has said so
  json::Reader in(table, "/settings/amqp");
  const json::Reader::Text name{.bytes_max = kNameBytesMax};
  const json::Reader::Text needed{.required = true, .bytes_max = kNameBytesMax};
  amqp.login = in.text("login", needed);
  amqp.password = read_password(in, reveal);
  amqp.ca_file = in.maybe_text("ca_file", {.bytes_max = 4096}).value_or("");
  amqp.exchange = in.maybe_text("exchange", name).value_or("");
  amqp.routing_key = in.text("routing_key", needed);
  amqp.request_queue =
      in.maybe_text("request_queue", name).value_or(amqp.exchange.empty() ? amqp.routing_key : "");
  amqp.reply_queue = in.maybe_text("reply_queue", name).value_or(kDirectReply);
  amqp.events_queue = in.maybe_text("events_queue", name).value_or("");
  amqp.declare = in.boolean("declare", false);
  amqp.reject_unreadable = in.boolean("reject_unreadable", false);
  if (!amqp.ca_file.empty() && !amqp.tls) {
    in.refuse("ca_file", "has no effect on an endpoint amqp://");
  }
  if (!amqp.events_queue.empty() &&
      (amqp.events_queue == amqp.reply_queue || amqp.events_queue == amqp.request_queue)) {
    in.refuse("events_queue", "must be a queue of its own");
  }
  if (amqp.reply_queue == amqp.request_queue) {
    in.refuse("reply_queue", "must be another queue than the one we send to");
  }
  if (amqp.reject_unreadable && amqp.events_queue.empty()) {
    in.refuse("reject_unreadable", "has no effect without events_queue");
  }
  if (const auto refused = in.finish()) {
    wrong.insert(wrong.end(), refused->fields.begin(), refused->fields.end());
  }
  return amqp;
}

}  // namespace ombud::queue
