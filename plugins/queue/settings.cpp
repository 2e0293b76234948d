#include "queue/settings.hpp"

#include <fmt/format.h>
#include <zmq.h>

#include <array>
#include <stdexcept>

#include "base/json.hpp"

namespace ombud::queue {
namespace {

constexpr std::size_t kKeyLength = 40;  // Z85 of 32 bytes
constexpr std::int64_t kResendAfterMs = 5'000;
constexpr std::int64_t kAttachmentMib = 16;

bool is_key(const std::string& text) {
  std::array<std::uint8_t, 32> bytes{};
  return text.size() == kKeyLength && zmq_z85_decode(bytes.data(), text.c_str()) != nullptr;
}

bool stays_on_this_machine(std::string_view endpoint) {
  return endpoint.starts_with("ipc://") || endpoint.starts_with("tcp://127.") ||
         endpoint.starts_with("tcp://localhost:") || endpoint.starts_with("tcp://[::1]:");
}

bool is_endpoint(std::string_view text) {
  if (text.starts_with("ipc://")) return text.size() > 6;
  if (!text.starts_with("tcp://")) return false;
  const std::size_t colon = text.rfind(':');
  if (colon < 7 || colon + 1 == text.size()) return false;
  int port = 0;
  for (const char c : text.substr(colon + 1)) {
    if (c < '0' || c > '9' || port > 65535) return false;
    port = port * 10 + (c - '0');
  }
  return port >= 1 && port <= 65535 && text.find_first_of(" \t\r\n;*") == std::string_view::npos;
}

// Fills in the three keys or says what is wrong with them.
void read_keys(json::Reader& in, const std::string& endpoint, ZmqSettings& keys,
               const Reveal& reveal) {
  keys.server_public_key = in.maybe_text("server_public_key", {}).value_or("");
  keys.public_key = in.maybe_text("public_key", {}).value_or("");
  const json::View secret = in.object("secret_key");
  if (keys.server_public_key.empty() && !secret.present()) {
    if (!stays_on_this_machine(endpoint)) {
      in.refuse(
          "server_public_key",
          "and secret_key are needed: without CURVE tickets would cross the network in clear text");
    }
    return;
  }
  if (!is_key(keys.server_public_key)) {
    in.refuse("server_public_key", "must be the supplier's public key: 40 characters in Z85");
  }
  const auto clear = reveal(secret["$secret"].text());
  if (!clear || !is_key(*clear)) {
    in.refuse("secret_key",
              clear ? "must be 40 characters in Z85 and nothing else; make a pair with: ombud "
                      "supplier key FILE"
                    : "must be a secret that the host can read, such as { file = \"…\" }");
    return;
  }
  keys.secret_key = *clear;
  std::array<char, kKeyLength + 1> derived{};
  if (zmq_curve_public(derived.data(), keys.secret_key.c_str()) != 0) {
    in.refuse("secret_key", "cannot be used: this libzmq was built without CURVE");
    return;
  }
  const std::string own(derived.data());
  if (!keys.public_key.empty() && keys.public_key != own) {
    in.refuse("public_key", "does not belong to secret_key, whose public key is " + own);
  }
  keys.public_key = own;
}

void read_zmq(json::Reader& in, Settings& settings, const Reveal& reveal) {
  if (!settings.endpoint.empty() && !is_endpoint(settings.endpoint)) {
    in.refuse("endpoint",
              "must be like tcp://desk.supplier.example:7400 for ZeroMQ or "
              "amqps://mq.supplier.example/tickets for AMQP");
  }
  if (in.has("amqp")) in.refuse("amqp", "belongs to an endpoint amqp:// or amqps://");
  settings.zmq.resend_after_ms =
      in.maybe_integer("resend_after_ms", 100, 60'000).value_or(kResendAfterMs);
  read_keys(in, settings.endpoint, settings.zmq, reveal);
}

}  // namespace

Settings read_settings(std::string_view config_json, const Reveal& reveal) {
  const auto parsed = json::parse(config_json);
  if (!parsed) throw std::invalid_argument("The settings are not JSON: " + parsed.error().detail);
  json::Reader in(parsed->root(), "/settings");
  Settings settings;
  settings.endpoint = in.text("endpoint", {.required = true});
  settings.desk = in.maybe_text("desk", {}).value_or("Ombud");
  settings.attachment_bytes_max =
      in.maybe_integer("attachment_mib_max", 1, 64).value_or(kAttachmentMib) * 1024 * 1024;
  std::vector<FieldProblem> wrong;
  if (settings.endpoint.starts_with("amqp://") || settings.endpoint.starts_with("amqps://")) {
    for (const char* name : {"server_public_key", "public_key", "secret_key", "resend_after_ms"}) {
      if (in.has(name)) in.refuse(name, "belongs to an endpoint tcp:// (ZeroMQ)");
    }
    const json::View table = in.object("amqp", true);
    settings.amqp = read_amqp(settings.endpoint, table, reveal, wrong);
  } else {
    read_zmq(in, settings, reveal);
  }
  if (const auto refused = in.finish()) {
    wrong.insert(wrong.begin(), refused->fields.begin(), refused->fields.end());
  }
  if (!wrong.empty()) {
    std::string text = "The settings of this queue link are not right:";
    for (const FieldProblem& mistake : wrong) {
      text += fmt::format(" {} {}.", mistake.pointer, mistake.detail);
    }
    throw std::invalid_argument(text);
  }
  return settings;
}

}  // namespace ombud::queue
