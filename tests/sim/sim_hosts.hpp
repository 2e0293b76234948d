// The Wire and Spawner of a run: connector hosts that exist in the simulation only. Each speaks the
// real frames and runs a connector over its supplier's model. Frames keep their order within a
// host; a host may die at any message, and what it had asked of the supplier may still take effect
// for a while.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "connector_host/protocol.hpp"
#include "sim/sim_blobs.hpp"
#include "sim/world.hpp"
#include "supervisor/wire.hpp"

namespace ombud::sim {

// Hears what hosts are asked, before they do anything about it.
class CallWatcher {
 public:
  virtual ~CallWatcher() = default;
  virtual void on_call(const std::string& link, const wire::Call& call) = 0;
  virtual void on_found_nothing(const std::string& link, const std::string& correlation) = 0;
};

class HostFarm final : public Wire, public Spawner {
 public:
  HostFarm(World& world, const SimBlobs& blobs, CallWatcher& watcher)
      : world_(world), blobs_(blobs), watcher_(watcher) {}

  void on_receive(Receive receive) override { receive_ = std::move(receive); }
  bool send(std::string_view host, std::string frame) override;
  void forget(std::string_view /*host*/) override {}
  bool spawn(const HostSpec& spec, Ended ended, std::string& why_not) override;
  void kill(std::string_view host) override;

  // The hub is gone: its hosts die with it and nobody hears of them.
  void hub_gone();
  // Some host dies for no reason.
  void kill_one();

 private:
  struct Host;
  struct Exchange;
  using HostRef = std::shared_ptr<Host>;
  using ExchangeRef = std::shared_ptr<Exchange>;

  void say_hello(const HostRef& host);
  void handle(const HostRef& host, const wire::Message& message);
  void check_room(const HostRef& host, const wire::Call& call);
  void begin(const HostRef& host, std::uint64_t id, const wire::Call& call);
  void arrive(const ExchangeRef& exchange);
  wire::Reply apply(const ExchangeRef& exchange);
  wire::Reply hostile_copy(const wire::Call& call);
  void answer(const ExchangeRef& exchange, wire::Reply reply);
  void give_up(const ExchangeRef& exchange);
  void to_hub(const HostRef& host, const wire::Message& message);
  void bytes_to_hub(const HostRef& host, std::string frame);
  void die(const HostRef& host, bool signalled, int code);

  World& world_;
  const SimBlobs& blobs_;
  CallWatcher& watcher_;
  Receive receive_;
  int hub_ = 0;
  std::map<std::string, HostRef, std::less<>> hosts_;  // alive, of this hub
};

}  // namespace ombud::sim
