// The example supplier on HTTP: the part of Redmine's REST interface that a desk needs, and a few
// addresses below /demo by which somebody plays the supplier's staff.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "model.hpp"

namespace ombud::example_redmine {

class Server {
 public:
  // Listens on `address`, at a free port if `port` is 0, from a thread of its own until destroyed.
  // Throws std::runtime_error if the port is taken. `model` must outlive it.
  Server(Model& model, const std::string& address, int port);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  int port() const;
  // The lock that every request holds; take it to look at or change the model meanwhile.
  std::mutex& lock();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ombud::example_redmine
