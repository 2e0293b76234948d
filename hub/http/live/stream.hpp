// /api/v1/stream: tells those who listen what changed, as soon as it is on disk. It follows the
// log, so nothing is missed and nothing is told twice; each listener hears only what he may see.
// Texts are made here, off the writer's thread, and handed to the threads of the connections.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "http/live/listener.hpp"
#include "http/metrics.hpp"
#include "store/store.hpp"

namespace ombud::http::live {

struct StreamCounts {
  std::int64_t listeners = 0;  // now
  std::int64_t messages = 0;   // written, since the start
  std::int64_t resyncs = 0;    // of them those that stand for what was left out
};

// Outlives the Server whose connections listen to it. Any thread, but where it says otherwise.
class Stream final : public MetricSource {
 public:
  // `executor` runs one thing at a time.
  Stream(net::any_io_executor executor, Clock& clock, Store& store, const Log& log,
         StreamLimits limits = {});
  ~Stream() override;

  net::awaitable<void> run();  // until close(); on the executor
  void close();                // on the executor
  void committed(const CommitNote& note);
  void told(const std::vector<PersonId>& people);  // something new stands in their portals
  void rights_changed();                           // somebody's: everybody is asked again who he is

  // Whom to give the connection to; refused: too_many.
  Result<std::shared_ptr<SocketUser>> admit(const Principal& principal, Recheck recheck);

  StreamCounts counts() const;
  net::awaitable<void> collect(MetricText& out) override;

 private:
  friend class Listener;
  // Listeners whose connections share a thread; `listeners` is used on that thread only.
  struct Group {
    net::any_io_executor executor;
    std::vector<Listener*> listeners;
    std::size_t members = 0;  // the same count; under mutex_
  };

  // By listeners, on their threads.
  void enter(Listener& listener, const net::any_io_executor& executor);
  void leave(Listener& listener);
  void left(const Principal& principal);  // one who was admitted is gone
  void look(Listener& listener, TicketId ticket, Looker looker);
  void look_away(Listener& listener, TicketId ticket);
  void missed();        // somebody was not told something
  void still_missed();  // and could not be told yet that he was not

  // What happened since the last round, besides in the log.
  struct News {
    std::vector<std::weak_ptr<Listener>> newcomers;
    std::set<std::int64_t> notices;
    std::set<TicketId> looked_at;
    std::set<PersonId> told;
    bool rights_changed = false;
  };

  void ring();  // any thread
  // On the executor.
  Instant next_wake() const;
  net::awaitable<void> round();
  net::awaitable<bool> catch_up();  // told_until_ is the last event; false: it cannot be known
  net::awaitable<void> gather_tickets(std::vector<Piece>& pieces);
  net::awaitable<void> gather_notices(std::vector<Piece>& pieces, std::set<std::int64_t> notices);
  void gather_links(std::vector<Piece>& pieces);
  void tell(std::vector<Piece> pieces, const News& news);
  void show_presence(TicketId ticket);
  void to_all(std::function<void(Listener&)> tell);
  void sleep();
  void trouble(const Problem& problem);

  const net::any_io_executor executor_;
  Clock& clock_;
  Store& store_;
  const Log& log_;
  const StreamLimits limits_;

  Doorbell bell_;
  bool closing_ = false;
  std::int64_t told_until_ = 0;  // event
  std::map<std::string, Instant> links_told_;
  std::set<std::string> links_waiting_;
  Instant recheck_at_ = kNever, missed_at_ = kNever, retry_at_ = kNever;
  bool all_missed_ = false;

  std::atomic<bool> rung_{false};
  std::atomic<bool> awake_{false};  // somebody listens: commits ring
  std::atomic<bool> someone_missed_{false};
  std::atomic<std::int64_t> listeners_{0};  // that were opened
  std::atomic<std::int64_t> messages_{0}, resyncs_{0};

  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<Group>> groups_;  // each with a member
  std::map<Listener*, std::shared_ptr<Group>> group_of_;
  std::map<std::string, std::size_t> admitted_;  // by actor
  std::size_t admitted_count_ = 0;
  std::vector<std::weak_ptr<Listener>> newcomers_;  // not greeted yet
  std::set<std::string> new_links_;
  std::set<std::int64_t> new_notices_;
  std::set<TicketId> looked_at_;  // whose presence is to be shown
  std::set<PersonId> told_;       // in whose portals something new stands
  bool rights_changed_ = false;
  Presence presence_;
};

}  // namespace ombud::http::live
