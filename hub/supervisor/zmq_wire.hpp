// The Wire over ZeroMQ: a ROUTER socket below a directory that only the hub's user may enter. One
// thread owns the socket; frames cross to the executor and back through queues.
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <string>

#include "base/log.hpp"
#include "supervisor/wire.hpp"

namespace ombud {

class ZmqWire final : public Wire {
 public:
  // Binds ipc://<directory>/hosts.ipc. The directory is made if it is missing (mode 0700) and
  // refused (std::runtime_error) if others may enter it. Only one hub may use it at a time: its
  // data directory's lock sees to that, for a second bind would silently steal the path. Call
  // everything on `executor`; destroy it before the executor's context.
  ZmqWire(boost::asio::any_io_executor executor, const std::string& directory, const Log& log);
  ~ZmqWire() override;
  ZmqWire(const ZmqWire&) = delete;
  ZmqWire& operator=(const ZmqWire&) = delete;

  const std::string& endpoint() const { return endpoint_; }

  void on_receive(Receive receive) override;
  // False until a first frame of that host has come, and after forget().
  bool send(std::string_view host, std::string frame) override;
  void forget(std::string_view host) override;

 private:
  struct State;
  std::string endpoint_;
  std::shared_ptr<State> state_;
};

}  // namespace ombud
