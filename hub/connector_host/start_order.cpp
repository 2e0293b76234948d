#include "connector_host/start_order.hpp"

#include <algorithm>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "connector_host/limits.hpp"

namespace ombud {

std::string encode(const StartOrder& order) {
  json::Writer out;
  out.begin_object()
      .field("host", order.host)
      .field("link", order.link)
      .field("endpoint", order.endpoint)
      .field("connector_dir", order.connector_dir)
      .field("settings", to_base64(order.settings_json))
      .field("hello_secret", order.hello_secret)
      .field("scratch_dir", order.scratch_dir)
      .field("memory_bytes_max", static_cast<std::int64_t>(order.memory_bytes_max))
      .field("files_max", static_cast<std::int64_t>(order.files_max))
      .field("parallel", static_cast<std::int64_t>(order.parallel))
      .begin_array("origins");
  for (const std::string& origin : order.origins) out.value(origin);
  out.end_array().begin_array("secrets");  // any bytes, so base 64; an array, for any token
  for (const auto& [token, clear] : order.secrets) {
    out.begin_object().field("token", token).field("clear", to_base64(clear)).end_object();
  }
  out.end_array().end_object();
  const std::string body = out.take();
  std::string framed(kOrderHeaderBytes, '\0');
  for (std::size_t i = 0; i < kOrderHeaderBytes; ++i) {
    framed[i] = static_cast<char>(body.size() >> (8U * i) & 0xFFU);
  }
  return framed + body;
}

std::size_t order_size(std::string_view header) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < kOrderHeaderBytes && i < header.size(); ++i) {
    size |= std::size_t{static_cast<unsigned char>(header[i])} << (8U * i);
  }
  return header.size() == kOrderHeaderBytes && size <= host_limits::kOrderBytesMax ? size : 0;
}

Result<StartOrder> decode_order(std::string_view body) {
  auto parsed = json::parse(body);
  if (!parsed) return parsed.error();
  const json::View in = parsed->root();
  StartOrder order;
  order.host = in["host"].text();
  order.link = in["link"].text();
  order.endpoint = in["endpoint"].text();
  order.connector_dir = in["connector_dir"].text();
  order.hello_secret = in["hello_secret"].text();
  order.scratch_dir = in["scratch_dir"].text();
  order.memory_bytes_max = static_cast<std::uint64_t>(in["memory_bytes_max"].integer());
  order.files_max = static_cast<std::uint32_t>(in["files_max"].integer());
  order.parallel = static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(in["parallel"].integer(1), 1, host_limits::kParallelMax));
  for (std::size_t i = 0; i < in["origins"].size(); ++i) {
    order.origins.emplace_back(in["origins"].at(i).text());
  }
  const auto settings = from_base64(in["settings"].text());
  bool whole = settings.has_value() && !order.host.empty() && !order.endpoint.empty() &&
               !order.connector_dir.empty() && !order.hello_secret.empty();
  if (settings) order.settings_json = *settings;
  for (std::size_t i = 0; i < in["secrets"].size(); ++i) {
    const json::View secret = in["secrets"].at(i);
    const auto clear = from_base64(secret["clear"].text());
    whole = whole && clear.has_value();
    if (clear) order.secrets.emplace(secret["token"].text(), *clear);
  }
  if (!whole) return problem(ProblemKind::invalid, "The start order of the hub is incomplete.");
  return order;
}

}  // namespace ombud
