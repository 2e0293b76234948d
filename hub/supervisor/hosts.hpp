// Starts one host process per link, keeps it alive, and carries calls to it. A connector that
// crashes, hangs or lies costs its own link a restart and nobody else anything.
// Not thread-safe: one executor.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "connector_host/protocol.hpp"
#include "supervisor/wire.hpp"

namespace ombud {

struct HostLimits {
  Millis hello{10'000};            // from start to hello
  Millis hard_after_soft{10'000};  // after the soft deadline the process is killed
  Millis respawn_first{5'000};     // then first + 2^n seconds …
  Millis respawn_max{600'000};     // … at most this
  int fast_deaths_max = 5;         // then the link is held for an operator
  Millis fast_death{60'000};       // a shorter life in which no call was answered is a fast death
  // So many processes may be between start and hello: of a thousand links that start together each
  // gets the processor soon enough to say hello in time, and the hub answers meanwhile.
  std::size_t starting_max = 8;
};

enum class HostState { stopped, starting, up, backing_off, held };
std::string_view to_text(HostState state);

struct HostStatus {
  HostState state = HostState::stopped;
  std::string reason;              // why it is not up, for the operator
  std::string connector, version;  // by its own descriptor
  std::vector<std::string> capabilities;
  std::vector<std::string> extensions;  // "ombud.poll/1", …
  std::int64_t lookup_lag_ms = 0;
  int parallel = 1;          // so many deliveries and look-ups run at once
  bool reads_apart = false;  // polls, webhooks, attachments and checks wait for none of them
  std::int64_t pid = 0;
  int restarts = 0;
  Instant next_start = kNever;  // when backing off
  // The supplier's server, as seen last; nothing if this process has not talked to one.
  std::optional<Instant> certificate_until;
  std::optional<Millis> clock_ahead;  // of ours; coarse, to some seconds
};

class Hosts {
 public:
  // Everything given must outlive the executor's last turn, not only this object.
  Hosts(boost::asio::any_io_executor executor, Clock& clock, Random& random, Wire& wire,
        Spawner& spawner, const Log& log, HostLimits limits);
  // Kills what still runs. For an orderly end, drain() first.
  ~Hosts();
  Hosts(const Hosts&) = delete;
  Hosts& operator=(const Hosts&) = delete;

  // Takes the link's host into care and starts it. `changed` rings whenever its status changes.
  // A second start with another spec replaces the process after its running call; with the same
  // spec it changes nothing but the bell. `host` and `hello_secret` of the spec are set here.
  void start(HostSpec spec, Doorbell* changed);
  void stop(std::string_view link);     // no new calls; ends the process
  void restart(std::string_view link);  // an operator lifts `held` or wants a fresh process
  HostStatus status(std::string_view link) const;

  // Runs one operation. Always answers:
  //  - host not up, or the call was never sent to it: `cancelled` (surely not applied);
  //  - host died, or killed after the hard deadline: `ambiguous` for a write, `retry` for a read;
  //  - larger than a frame may be: `permanent`;
  //  - else what the connector said.
  // A call that was sent but never reported as started is in doubt too: the report may have been
  // lost with the process, so its absence proves nothing.
  // Calls of one link start in the order of call(), as many at once as its host has instances of
  // the connector for (HostStatus::parallel): mostly one. Where reads have an instance of their
  // own, they and deliveries are two such orders. The hard deadline runs from the moment a call is
  // sent, which is at once if an instance is free.
  // A caller that is cancelled while it waits makes the connector stop at its next safe point.
  // One that would be sent after `start_before` is not sent at all: `cancelled`.
  boost::asio::awaitable<wire::Reply> call(std::string link, wire::Call call,
                                           Instant start_before = kNever);

  // Stops all, for good: running calls get `grace`, then cancel, then the processes are killed.
  // Whatever a killed process was at is judged as above, each call by itself.
  boost::asio::awaitable<void> drain(Millis grace);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;  // shared with its coroutines
};

}  // namespace ombud
