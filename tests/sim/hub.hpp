// One life of the hub: the production parts, wired as `main` does, over the simulated seams.
#pragma once

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/task_group.hpp"
#include "delivery/link_runner.hpp"
#include "inbound/held.hpp"
#include "inbound/poller.hpp"
#include "inbound/pushed.hpp"
#include "inbound/reconciler.hpp"
#include "notify/notifier.hpp"
#include "sim/sim_blobs.hpp"
#include "sim/sim_hosts.hpp"
#include "sim/sim_store.hpp"
#include "sim/world.hpp"
#include "support/sim_clock.hpp"

namespace ombud::sim {

class Hub {
 public:
  Hub(World& world, SimStore& store, SimBlobs& blobs, HostFarm& farm, std::string scratch);
  ~Hub();
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;

  // Runs whatever is ready; stops early if the hub crashes.
  void poll();
  // Moves to the next thing the hub waits for, if that is due by `until`; else false, and time is
  // `until`.
  bool advance(Instant until);
  // A webhook: told later whether it was taken, or never if the hub crashes before.
  void push(const std::string& link, std::string body, std::function<void(bool)> answered);
  void restart_host(const std::string& link) { hosts_->restart(link); }
  HostState host_state(const std::string& link) const { return hosts_->status(link).state; }

 private:
  struct Link;
  net::awaitable<void> watch(Link& link);
  net::awaitable<void> take_push(std::string link, std::string body,
                                 std::function<void(bool)> answered);
  void on_commit(const CommitNote& note);
  void said(std::string_view line);
  void run_dry();

  World& world_;
  SimStore& store_;
  HostFarm& farm_;
  SimClock clock_;
  net::io_context context_;
  net::executor_work_guard<net::io_context::executor_type> busy_{context_.get_executor()};
  Log log_;
  std::unique_ptr<Hosts> hosts_;
  std::unique_ptr<inbound::ChangeTaker> taker_;
  std::unique_ptr<inbound::Pushed> pushed_;
  std::vector<std::unique_ptr<Link>> links_;
  std::unique_ptr<notify::Notifier> notifier_;
  TaskGroup tasks_;
  int turns_ = 0;  // since time last moved
};

}  // namespace ombud::sim
