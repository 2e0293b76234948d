// A hub's side with real processes: wire, spawner and supervisor on one io_context, and copies of
// test connectors that a test may spoil.
#pragma once

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <sstream>

#include "base/bytes.hpp"
#include "supervisor/hosts.hpp"
#include "supervisor/process_spawner.hpp"
#include "supervisor/zmq_wire.hpp"

namespace ombud {

inline std::string environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) throw std::runtime_error(std::string(name) + " is not set: run by ctest");
  return value;
}

class HostWorld {
 public:
  explicit HostWorld(HostLimits limits = {}) {
    bytes_init();
    std::string made = (std::filesystem::temp_directory_path() / "ombud-host-XXXXXX").string();
    if (mkdtemp(made.data()) == nullptr) throw std::runtime_error("no temporary directory");
    directory = made;
    wire.emplace(context.get_executor(), directory + "/run", log);
    ProcessSpawner::Options options;
    options.program = environment("OMBUD_BIN") + "/ombud-host";
    options.endpoint = wire->endpoint();
    if (const char* sanitizer = std::getenv("TSAN_OPTIONS"); sanitizer != nullptr) {
      options.environment.push_back(std::string("TSAN_OPTIONS=") + sanitizer);
    }
    spawner.emplace(context.get_executor(), std::move(options), clock, log);
    hosts.emplace(context.get_executor(), clock, random, *wire, *spawner, log, limits);
  }
  ~HostWorld() {
    hosts.reset();
    spawner.reset();
    wire.reset();
    context.restart();
    context.poll();
    std::filesystem::remove_all(directory);
  }

  // Runs the hub until `happened`, at most `limit`.
  bool run_until(const std::function<bool()>& happened,
                 std::chrono::milliseconds limit = std::chrono::seconds{20}) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!happened()) {
      const auto left = end - std::chrono::steady_clock::now();
      if (left <= left.zero()) return false;
      context.restart();
      context.run_one_for(std::min<std::chrono::nanoseconds>(left, std::chrono::milliseconds{50}));
    }
    return true;
  }

  // A copy of a test connector that may be spoiled, with its own manifest.
  std::string copy(const std::string& connector, const std::string& id,
                   const std::string& version) {
    const std::string to = directory + "/" + connector;
    std::filesystem::create_directories(to);
    const std::string from = environment("OMBUD_CONNECTORS") + "/" + connector;
    std::filesystem::copy_file(from + "/" + connector + ".so", to + "/" + connector + ".so");
    std::ifstream file(to + "/" + connector + ".so", std::ios::binary);
    std::ostringstream image;
    image << file.rdbuf();
    write_manifest(to, connector + ".so", id, version, sha256_hex(image.str()));
    secure(to);
    return to;
  }
  static void write_manifest(const std::string& to, const std::string& library,
                             const std::string& id, const std::string& version,
                             const std::string& digest) {
    std::ofstream(to + "/connector.json")
        << R"({"id":")" << id << R"(","version":")" << version << R"(","library":")" << library
        << R"(","sha256":")" << digest << "\"}";
  }
  static void secure(const std::string& to) {
    ::chmod(to.c_str(), 0755);
    for (const auto& entry : std::filesystem::directory_iterator(to)) {
      ::chmod(entry.path().c_str(), 0644);
    }
  }
  std::string probe() { return copy("probe", "se.ombud.test.probe", "1.2.3"); }

  HostSpec spec(std::string connector_dir, std::string settings = "{}") const {
    HostSpec wanted;
    wanted.link = "acme";
    wanted.connector_dir = std::move(connector_dir);
    wanted.settings_json = std::move(settings);
    wanted.secrets = {{"token", "CANARY-7f3a"}};
    wanted.scratch_dir = directory + "/scratch";
    return wanted;
  }
  HostStatus status() const { return hosts->status("acme"); }
  bool up() const { return status().state == HostState::up; }
  bool start(HostSpec wanted) {
    hosts->start(std::move(wanted), nullptr);
    return run_until([&] { return up(); });
  }

  std::shared_ptr<std::optional<wire::Reply>> begin(wire::Call call) {
    auto answer = std::make_shared<std::optional<wire::Reply>>();
    auto done = [answer](std::exception_ptr, wire::Reply reply) { *answer = std::move(reply); };
    net::co_spawn(context, hosts->call("acme", std::move(call)), std::move(done));
    return answer;
  }
  wire::Reply call(wire::Call call) {
    const auto answer = begin(std::move(call));
    if (!run_until([&] { return answer->has_value(); })) {
      ADD_FAILURE() << "the call was never answered";
      return {};
    }
    return std::move(**answer);
  }
  static wire::Call operation(wire::Operation operation, std::string body) {
    wire::Call call;
    call.operation = operation;
    call.body = std::move(body);
    call.correlation = "corr";
    return call;
  }
  wire::Reply put(std::string body) {
    return call(operation(wire::Operation::put_ticket, std::move(body)));
  }

  std::string logged() const {
    std::string all;
    for (const std::string& line : lines) all += line + "\n";
    return all;
  }

  std::string directory;
  net::io_context context;
  RealClock clock;
  SystemRandom random;
  std::mutex mutex;
  std::vector<std::string> lines;
  Log log{clock, Level::debug, [this](std::string_view line) {
            const std::lock_guard lock(mutex);
            lines.emplace_back(line);
          }};
  std::optional<ZmqWire> wire;
  std::optional<ProcessSpawner> spawner;
  std::optional<Hosts> hosts;
};

}  // namespace ombud
