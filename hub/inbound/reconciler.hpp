// Compares what the hub believes of one link's delegations with what the supplier has, and carries
// out the repairs that an operator has ordered (desk/reconcile.hpp). All it knows is in the store:
// after a crash it goes on where it was. Deliveries come first: it reads one ticket at a time,
// under the link's own rate limit, and waits while any of them is under way.
// Not thread-safe: one executor.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "desk/reconcile.hpp"
#include "supervisor/hosts.hpp"

namespace ombud::inbound {

struct ReconcilerParts {
  Clock& clock;
  Store& store;
  Hosts& hosts;
  const Log& log;
  std::function<Instant()> take_turn;  // under the link's rate limit: when the next may be sent
  std::function<bool()> delivering;    // deliveries are under way
  std::function<void()> poll_now;
};

struct ReconcileSettings {
  Millis every{0};        // 0: by command only
  Millis settle{10'000};  // delivery::LinkSettings::settle
};

class Reconciler {
 public:
  Reconciler(ReconcilerParts parts, std::string link, ReconcileSettings settings);
  Reconciler(const Reconciler&) = delete;
  Reconciler& operator=(const Reconciler&) = delete;

  boost::asio::awaitable<void> run();  // until close()
  void configure(ReconcileSettings settings) { settings_ = settings, poke(); }
  void poke() { bell_.ring(); }
  void close() { closing_ = true, poke(); }

 private:
  // What there is to do next.
  struct Work {
    enum class Kind { none, repair, read, read_again, settle, start } kind = Kind::none;
    Reconciliation run;
    DelegationId delegation;
    Instant look_again = kNever;
  };
  // One ticket of the supplier, or why it could not be had.
  struct Read {
    enum class End { copied, later, refused, unreachable } end = End::later;
    std::string copy;
    std::optional<std::vector<std::string>> found;
    std::string why;
  };
  Result<Work> find_work(Tx& tx) const;
  boost::asio::awaitable<void> do_work(Work work);
  boost::asio::awaitable<void> start_scheduled();
  boost::asio::awaitable<void> compare_one(Work work);
  boost::asio::awaitable<void> repair_one(Work work);
  boost::asio::awaitable<void> settle(Work work);
  boost::asio::awaitable<Read> read_ticket(desk::Belief belief);
  boost::asio::awaitable<wire::Reply> ask(wire::Call call);
  boost::asio::awaitable<void> obey(wire::Reply reply);  // what it says of the link
  boost::asio::awaitable<void> await_turn();
  template <class T>
  boost::asio::awaitable<std::optional<T>> change(std::function<Result<T>(Tx&)> work);
  boost::asio::awaitable<std::optional<desk::Belief>> believe(DelegationId delegation);
  boost::asio::awaitable<void> end_run(Reconciliation run, std::string state, std::string reason);
  Millis unsettled() const;
  std::optional<std::string> cannot() const;

  ReconcilerParts parts_;
  const std::string link_;
  ReconcileSettings settings_;
  const Principal who_;
  Doorbell bell_;
  bool closing_ = false;
  // Failures of the ticket that is being read, in a row.
  DelegationId failing_;
  int failures_ = 0;
  Instant not_before_{};
  Instant no_start_before_{};  // by the schedule: the connector could not compare
  bool idle_ = false;          // there was nothing to do
  Instant looked_at_{};
};

}  // namespace ombud::inbound
