// Follows the log on behalf of subscribers: what was committed is turned into deliveries to them,
// in order, each once, also if the hub ends in between. With nobody to tell it does nothing.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <atomic>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "http/tmf621/settings.hpp"
#include "store/store.hpp"

namespace ombud::http::tmf {

class Publisher {
 public:
  Publisher(boost::asio::any_io_executor executor, Clock& clock, Store& store, const Log& log,
            Settings settings);

  boost::asio::awaitable<void> run();      // until close(); on the executor
  void close();                            // on the executor
  void committed(const CommitNote& note);  // there may be something new to tell; any thread
  void subscribed();                       // there is somebody new to tell; any thread

 private:
  void wake();
  boost::asio::any_io_executor executor_;
  Clock& clock_;
  Store& store_;
  const Log& log_;
  const Settings settings_;
  Doorbell bell_;
  std::atomic<bool> active_{true};  // false: there are no subscriptions
  bool closing_ = false;
};

}  // namespace ombud::http::tmf
