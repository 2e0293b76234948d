// The Spawner over posix_spawn and pidfd: each connector host is a child in a session of its own,
// with a clean environment, whose output is captured and whose start order waits in a pipe.
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "supervisor/wire.hpp"

namespace ombud {

class ProcessSpawner final : public Spawner {
 public:
  struct Options {
    std::string program;                   // absolute path of ombud-host
    std::string endpoint;                  // of the Wire
    std::vector<std::string> environment;  // "NAME=value"; the hub's own is never passed on
  };

  // Call everything on `executor`, from the thread that lives as long as the hub: the kernel ends a
  // host when the thread that started it ends. `clock` and `log` must outlive the executor's
  // context.
  ProcessSpawner(boost::asio::any_io_executor executor, Options options, const Clock& clock,
                 const Log& log);
  // Kills every process that still runs, without calling `ended`, and waits for them.
  ~ProcessSpawner() override;
  ProcessSpawner(const ProcessSpawner&) = delete;
  ProcessSpawner& operator=(const ProcessSpawner&) = delete;

  // The scratch directory is emptied and made (mode 0700) before, and removed after.
  bool spawn(const HostSpec& spec, Ended ended, std::string& why_not) override;
  void kill(std::string_view host) override;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace ombud
