// One who listens: what waits for him is bounded, and what he missed is made good by one `resync`.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "http/caller.hpp"
#include "http/limits.hpp"
#include "http/live/audience.hpp"
#include "http/live/presence.hpp"
#include "http/message.hpp"

namespace ombud::http::live {

class Stream;

// Who he is by now, by what he showed at the handshake.
using Recheck = std::function<net::awaitable<Result<Caller>>()>;

// After the constructor everything runs on the executor of his connection.
class Listener final : public SocketUser, public std::enable_shared_from_this<Listener> {
 public:
  Listener(Stream& stream, Principal principal, Recheck recheck);
  ~Listener() override;

  void opened(Socket& socket) override;
  void received(std::string_view text) override;
  Text next() override;
  void closed() override;

  const Principal& principal() const { return principal_; }
  // What these do before the greeting, or after the end, is nothing.
  void greet();
  void hear(const std::vector<Piece>& pieces, Instant now);
  void miss(Instant now);  // something was not told to him
  void tell_if_missed(Instant now);
  void see(TicketId ticket, const std::vector<Looker>& people);
  void check_rights();

 private:
  struct Waiting {
    std::string key;  // another message of this key replaces it
    Text text;
  };
  struct Look {
    std::string writing;
    bool seen = false;  // he may see that ticket
  };
  static net::awaitable<void> recheck(std::shared_ptr<Listener> self);
  static net::awaitable<void> find_ticket(std::shared_ptr<Listener> self, TicketId ticket);
  void look(TicketId ticket, std::string_view writing);
  void leave(TicketId ticket);
  void put(std::string key, Text text);
  bool may_take(std::size_t messages, Instant now);

  Stream& stream_;
  const Principal principal_;
  const Recheck recheck_;
  Socket* socket_ = nullptr;  // between opened and closed
  bool greeted_ = false;
  std::deque<Waiting> waiting_;
  double may_send_;  // messages, as of `counted_at_`
  Instant counted_at_;
  bool missed_ = false;
  Instant resynced_at_;
  std::string name_;  // as colleagues know him; known when he first looked at a ticket
  std::map<TicketId, Look> looks_;
  bool rechecking_ = false, recheck_again_ = false;
};

}  // namespace ombud::http::live
