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
void read_keys(json::Reader& in, Settings& settings, const Reveal& reveal) {
  settings.server_public_key = in.maybe_text("server_public_key", {}).value_or("");
  settings.public_key = in.maybe_text("public_key", {}).value_or("");
  const json::View secret = in.object("secret_key");
  if (settings.server_public_key.empty() && !secret.present()) {
    if (!stays_on_this_machine(settings.endpoint)) {
      in.refuse(
          "server_public_key",
          "and secret_key are needed: without CURVE tickets would cross the network in clear text");
    }
    return;
  }
  if (!is_key(settings.server_public_key)) {
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
  settings.secret_key = *clear;
  std::array<char, kKeyLength + 1> derived{};
  if (zmq_curve_public(derived.data(), settings.secret_key.c_str()) != 0) {
    in.refuse("secret_key", "cannot be used: this libzmq was built without CURVE");
    return;
  }
  const std::string own(derived.data());
  if (!settings.public_key.empty() && settings.public_key != own) {
    in.refuse("public_key", "does not belong to secret_key, whose public key is " + own);
  }
  settings.public_key = own;
}

}  // namespace

Settings read_settings(std::string_view config_json, const Reveal& reveal) {
  const auto parsed = json::parse(config_json);
  if (!parsed) throw std::invalid_argument("The settings are not JSON: " + parsed.error().detail);
  json::Reader in(parsed->root(), "/settings");
  Settings settings;
  settings.endpoint = in.text("endpoint", {.required = true});
  if (!settings.endpoint.empty() && !is_endpoint(settings.endpoint)) {
    in.refuse("endpoint", "must be like tcp://desk.supplier.example:7400");
  }
  settings.desk = in.maybe_text("desk", {}).value_or("Ombud");
  settings.resend_after_ms =
      in.maybe_integer("resend_after_ms", 100, 60'000).value_or(kResendAfterMs);
  settings.attachment_bytes_max =
      in.maybe_integer("attachment_mib_max", 1, 64).value_or(kAttachmentMib) * 1024 * 1024;
  read_keys(in, settings, reveal);
  if (const auto refused = in.finish()) {
    std::string text = "The settings of this queue link are not right:";
    for (const FieldProblem& wrong : refused->fields) {
      text += fmt::format(" {} {}.", wrong.pointer, wrong.detail);
    }
    throw std::invalid_argument(text);
  }
  return settings;
}

}  // namespace ombud::queue
