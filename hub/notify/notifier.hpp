// The task that tells people what happened: follows the logs behind a cursor (telling.hpp). The
// writers of the desk pay nothing for it, and a crash at any moment is harmless. A source that
// fails goes on by itself, beside the others, until it works again.
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
  void set_files(FilePolicy files);        // for letters from now on; on the executor

  // What the operator must know: what cannot be told now, since when and why, and what was left
  // out since the start. One sentence each; empty: all is well. On the executor.
  std::vector<std::string> findings() const;

 private:
  enum class Step { none, some, part };  // part: there is more to do at once
  struct Fault {
    std::string reason;
    bool of_store = false;  // no fault of ours: nothing is left out because of it
  };
  // One source.
  struct Course {
    bool apart = false;   // it failed: it is told by itself until it works
    int one_by_one = 0;   // so many are told alone, to find the one that cannot be
    int failures = 0;     // of one alone, in a row
    Instant since, next;  // of the first failure; when it is tried again
    std::string reason;   // of the last failure
    int left_out = 0;     // since the start
    std::string last_left_out;
  };
  std::vector<Portions> turns() const;
  boost::asio::awaitable<Step> attempt(Portions take);
  boost::asio::awaitable<Step> round(Portions take);
  boost::asio::awaitable<void> carry_out_plan(std::shared_ptr<const Plan> plan);
  void went_well(const Portions& take, Step step);
  boost::asio::awaitable<void> went_wrong(Portions take, Fault fault);
  boost::asio::awaitable<void> leave_out(Source source);
  Course& course_of(Source source) { return courses_[index_of(source)]; }
  const Course& course_of(Source source) const { return courses_[index_of(source)]; }

  Parts parts_;
  const Rules rules_;
  Doorbell bell_;
  Instant wake_ = kNever;
  std::array<Course, kSources.size()> courses_;
  bool closing_ = false;
};

}  // namespace ombud::notify
