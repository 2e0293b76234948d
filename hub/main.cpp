// Wiring only: the process's surroundings (arguments, environment, terminal, signals) meet the
// command line and what it cannot do by the API.
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <thread>

#include "base/bytes.hpp"
#include "base/random.hpp"
#include "cli/cli.hpp"
#include "hub.hpp"
#include "local_operations.hpp"
#include "lone_connector.hpp"
#include "version.hpp"

namespace {

int terminal_columns() {
  winsize size{};
  return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

// How the terminal was before nobody was to see what is typed.
termios usual_terminal{};

// Whoever breaks off while he types a password gets his terminal back.
void show_typing_again(int /*signal*/) {
  ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &usual_terminal);
  ::_exit(130);
}

// The question goes to the terminal itself, so that output can be piped on.
std::optional<std::string> ask_secret(const std::string& question) {
  std::cerr << question << std::flush;
  const bool terminal = ::tcgetattr(STDIN_FILENO, &usual_terminal) == 0;
  termios unseen = usual_terminal;
  unseen.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  const auto before = std::signal(SIGINT, &show_typing_again);
  if (terminal) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &unseen);
  std::string line;
  const bool read = static_cast<bool>(std::getline(std::cin, line));
  if (terminal) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &usual_terminal);
  std::signal(SIGINT, before);
  std::cerr << '\n';
  return read ? std::optional(line) : std::nullopt;
}

// Where this program lies.
std::filesystem::path own_folder() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
}

// Installed: <prefix>/lib/ombud/connectors. In a build tree: beside bin/.
std::optional<std::filesystem::path> installed_connectors() {
  std::error_code error;
  for (const char* folder : {"lib/ombud/connectors", "connectors"}) {
    std::filesystem::path found = own_folder().parent_path() / folder;
    if (std::filesystem::is_directory(found, error)) return found;
  }
  return std::nullopt;
}

// ombud-host lies beside ombud.
std::string host_program() {
  return (own_folder() / "ombud-host").string();
}

}  // namespace

int main(int argc, char** argv) {
  using namespace ombud;
  std::signal(SIGPIPE, SIG_IGN);
  ::umask(077);
  bytes_init();
  SystemRandom random;
  RealClock clock;
  cli::Surroundings world{[](std::string_view name) -> std::optional<std::string> {
                            const char* value = std::getenv(std::string(name).c_str());
                            return value == nullptr ? std::nullopt
                                                    : std::optional<std::string>(value);
                          },
                          std::cin,
                          std::cout,
                          std::cerr,
                          ::isatty(STDIN_FILENO) != 0,
                          ::isatty(STDOUT_FILENO) != 0,
                          terminal_columns(),
                          std::filesystem::current_path(),
                          OMBUD_VERSION,
                          random,
                          [&clock] { return clock.now(); },
                          [](Millis pause) {
                            std::this_thread::sleep_for(pause);
                            return true;
                          },
                          &ask_secret,
                          installed_connectors()};
  cli::LocalOperations local = local_operations(clock, random);
  local.serve = [](const cli::ServeOrder& order) {
    HubOptions options;
    options.settings = order.settings;
    options.reload = [again = order.options] { return cli::load_settings(again); };
    options.host_program = host_program();
    options.pages = own_folder().parent_path() / "share/ombud/web";
    options.version = OMBUD_VERSION;
    return serve(std::move(options));
  };
  local.ask_connector = [&](const cli::LinkSettings& link, bool network,
                            const std::vector<cli::ConnectorQuestion>& questions) {
    return ask_lone_connector(host_program(), clock, random, link, network, questions);
  };
  return cli::run(argc, argv, world, local);
}
