// ombud-host <fd>: runs one connector for one link. Started by the hub only, which hands the start
// order through the pipe <fd> and holds its other end for as long as it lives.
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <deque>
#include <exception>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "connector_host/host/bridge.hpp"
#include "connector_host/host/exit_codes.hpp"
#include "connector_host/host/extensions.hpp"
#include "connector_host/host/http_client.hpp"
#include "connector_host/host/library.hpp"
#include "connector_host/host/reach.hpp"
#include "connector_host/host/refusal.hpp"
#include "connector_host/host/sandbox.hpp"
#include "connector_host/host/ticks.hpp"
#include "connector_host/host/wire_loop.hpp"
#include "connector_host/limits.hpp"

namespace ombud {
namespace {

// What this instance says of itself in place of its library, if it does (ombud.traits/1).
struct Traits {
  std::vector<std::string> capabilities;
  std::int64_t lookup_lag_ms = 0;
};

Traits traits_of(const Library& library, const Bridge& instance) {
  // Its place in the process stays what the manifest says.
  const auto is_of_process = [](const std::string& name) {
    return name == "raw-network" || name == "parallel" || name == "profiles";
  };
  Traits traits{library.capabilities, library.entry->descriptor->lookup_lag_ms};
  const auto parsed = json::parse(instance.traits());
  if (!parsed) return traits;
  const json::View capabilities = (*parsed)["capabilities"];
  if (capabilities.is_array()) {
    std::erase_if(traits.capabilities,
                  [&](const std::string& name) { return !is_of_process(name); });
    for (std::size_t i = 0; i < capabilities.size(); ++i) {
      std::string name(capabilities.at(i).text());
      if (!is_of_process(name)) traits.capabilities.push_back(std::move(name));
    }
  }
  traits.lookup_lag_ms = (*parsed)["lookup_lag_ms"].integer(traits.lookup_lag_ms);
  return traits;
}

wire::Message hello(const StartOrder& order, const Library& library, const Traits& traits,
                    const WireLoop::Crew& crew) {
  json::Writer text;
  text.begin_object()
      .field("wire", wire::kWireVersion)
      .field("secret", order.hello_secret)
      .field("connector", library.manifest.id)
      .field("version", library.manifest.version)
      .field("lookup_lag_ms", traits.lookup_lag_ms)
      .field("pid", static_cast<std::int64_t>(getpid()))
      .field("parallel", static_cast<std::int64_t>(crew.deliverers.size()))
      .field("reads_apart", crew.reader != nullptr)
      .begin_array("capabilities");
  for (const std::string& capability : traits.capabilities) text.value(capability);
  text.end_array().begin_array("extensions");
  for (const std::string& id : crew.deliverers.front()->extensions()) text.value(id);
  wire::Message message;
  message.kind = wire::Kind::hello;
  message.text = text.end_array().end_object().take();
  return message;
}

ombud_connector& created(const Library& library, const ombud_host* host, const StartOrder& order,
                         const Mask& mask, std::int64_t deadline) {
  CallState call(deadline - ticks_ms());
  ombud_connector* connector = nullptr;
  std::string why;
  try {
    connector = library.entry->create(
        host, {order.settings_json.data(), order.settings_json.size()}, call.raw());
  } catch (const std::exception& error) {
    why = error.what();
  } catch (...) {
    why = "it threw across its boundary";
  }
  if (connector != nullptr && connector->extension != nullptr) return *connector;
  if (why.empty()) why = call.failure().message;
  if (why.empty()) why = "it did not say why";
  throw Refusal(host_exit::kCreateFailed,
                "The connector " + library.manifest.id +
                    " did not start with these settings: " + mask(to_valid_utf8(why)));
}

[[noreturn]] void run(int order_fd) {
  sandbox::seal(order_fd);
  bytes_init();
  const StartOrder order = sandbox::read_order(order_fd);
  sandbox::die_with_hub(order_fd);
  sandbox::limit(order);
  const Mask mask(order.secrets);
  const Library library = load_library(order.connector_dir);
  HttpClient http(order.origins, order.secrets, order.scratch_dir);
  WireLoop loop(order.endpoint, order.host);
  const auto send_log = [&loop](std::string record) {
    wire::Message message;
    message.kind = wire::Kind::log;
    message.text = std::move(record);
    loop.post(message);
  };
  const Extensions extensions(http, mask, order.secrets, library.can("raw-network"), send_log);
  // One instance for each delivery at a time and one for everything else; a connector that does not
  // say that it can has one for all.
  const bool apart = library.can("parallel");
  const std::size_t count = apart ? order.parallel + 1U : 1U;
  const Bridge::Examine examine = [&order](const std::function<void(std::string)>& found) {
    const std::int64_t began = ticks_ms();
    for (const std::string& text : order.origins) {
      const auto url = parse_url(text);
      const std::int64_t left = host_limits::kReachMs - (ticks_ms() - began);
      if (url && left > 0) reach(url->origin, left, std::time(nullptr), found);
    }
  };
  std::deque<Bridge> instances;
  WireLoop::Crew crew;
  const std::int64_t deadline = ticks_ms() + host_limits::kCreateMs;  // of all together
  while (instances.size() < count) {
    instances.emplace_back(created(library, extensions.raw(), order, mask, deadline), mask,
                           examine);
    const bool reads = apart && instances.size() == count;
    if (reads) crew.reader = &instances.back();
    if (!reads) crew.deliverers.push_back(&instances.back());
  }
  loop.post(hello(order, library, traits_of(library, *crew.deliverers.front()), crew));
  loop.run(crew);
  for (const Bridge& instance : instances) instance.destroy();
  loop.close();
  std::fflush(nullptr);
  _exit(host_exit::kStopped);  // no exit handlers of foreign code
}

}  // namespace
}  // namespace ombud

int main(int count, char** arguments) {
  int order_fd = -1;
  if (count == 2) {
    const char* text = arguments[1];
    std::from_chars(text, text + std::strlen(text), order_fd);
  }
  if (order_fd < 3) {
    std::fputs("ombud-host is started by the hub, not by hand.\n", stderr);
    return ombud::host_exit::kUsage;
  }
  int code = ombud::host_exit::kSandbox;
  try {
    ombud::run(order_fd);
  } catch (const ombud::Refusal& refusal) {
    std::fprintf(stderr, "%s\n", refusal.what());
    code = refusal.exit_code();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "The connector host cannot start: %s\n", error.what());
  }
  std::fflush(nullptr);
  _exit(code);
}
