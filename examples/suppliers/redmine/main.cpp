// example-redmine: a small supplier that speaks Redmine's REST interface, for demos and tests.
#include <csignal>
#include <cstdio>

#include <CLI/CLI.hpp>
#include <chrono>
#include <stdexcept>

#include "base/bytes.hpp"
#include "server.hpp"

namespace {

std::int64_t wall_clock_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("A small supplier that speaks Redmine's REST interface");
  std::string address = "127.0.0.1";
  std::string key = "example-key";
  std::string data;
  int port = 0;
  app.add_option("--address", address, "Address to listen on")->capture_default_str();
  app.add_option("--port", port, "Port to listen on; 0 takes a free one")->capture_default_str();
  app.add_option("--key", key, "API key of the user \"ombud\"")->capture_default_str();
  app.add_option("--data", data, "File that keeps everything; without it all is forgotten");
  CLI11_PARSE(app, argc, argv);

  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGINT);
  sigaddset(&ending, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ending, nullptr);
  try {
    ombud::bytes_init();
    ombud::example_redmine::Model model(&wall_clock_seconds, key, data);
    const ombud::example_redmine::Server server(model, address, port);
    std::printf("listening on http://%s:%d\n", address.c_str(), server.port());
    std::fflush(stdout);
    int caught = 0;
    sigwait(&ending, &caught);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "example-redmine: %s\n", error.what());
    return 1;
  }
  return 0;
}
