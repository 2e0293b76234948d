// The task that tells people what happened: follows the logs behind a cursor (telling.hpp). The
// writers of the desk pay nothing for it, and a crash at any moment is harmless.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "notify/telling.hpp"
#include "store/store.hpp"

namespace ombud::notify {

class Notifier {
 public:
  struct Parts {
    boost::asio::any_io_executor executor;
    Clock& clock;
    Store& store;
    const Log& log;
    SigningKey key;
    ReplyKey reply_key;
    std::string public_url;
    std::shared_ptr<const Letters> letters;
    FilePolicy files = {};
    // Something new stands in the portals of these. On the executor; may be empty.
    std::function<void(const std::vector<PersonId>&)> told = {};
  };
  explicit Notifier(Parts parts, Rules rules = {});

  boost::asio::awaitable<void> run();      // until close() or cancellation; on the executor
  void close();                            // on the executor
  void committed(const CommitNote& note);  // there may be something to tell; any thread
  void poke();                             // somebody chose anew; any thread

 private:
  enum class Step { none, some, part };  // part: there is more to do at once
  boost::asio::awaitable<Step> round();
  boost::asio::awaitable<void> carry_out_plan(std::shared_ptr<const Plan> plan);
  boost::asio::awaitable<void> rest(std::string reason);
  boost::asio::awaitable<void> leave_out_one(std::string reason);

  Parts parts_;
  const Rules rules_;
  Doorbell bell_;
  Instant wake_ = kNever;
  int events_max_;
  int failures_ = 0;  // at one event, in a row
  bool closing_ = false;
};

}  // namespace ombud::notify
