// Reads one mailbox for as long as the hub lives: takes what is new in the order in which it came,
// waits by IDLE, and comes back after whatever went wrong.
//
// A mail is durable in the sink before it is marked or moved over there, and is marked before the
// cursor goes on. So a crash between any two of these steps takes it again, which the sink knows by
// its bytes. The cursor is UIDVALIDITY and UID. At first only unread mails are taken, later every
// one that comes, however old the server says it is. Of a folder that was renumbered everything is
// read again that is unread or came since the desk first saw it; the sink drops what it knows.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "base/random.hpp"
#include "channel/mail/imap/session.hpp"
#include "channel/mail/imap/wire.hpp"
#include "channel/mail/mail_sink.hpp"
#include "store/mailboxes.hpp"
#include "store/store.hpp"

namespace ombud::mail {

class Mailbox {
 public:
  // Everything passed by reference must outlive run(). Not thread-safe: one executor.
  Mailbox(Clock& clock, Random& random, Store& store, ImapConnector& connector, MailSink& sink,
          const Log& log, MailboxSettings settings);

  // Until it is cancelled.
  net::awaitable<void> run();
  // Connects, takes everything that is new, and returns: one life without waiting. For run(), tests
  // and `ombud mailbox test`.
  net::awaitable<Result<std::monostate>> visit();
  const MailboxSettings& settings() const { return settings_; }

 private:
  net::awaitable<Result<std::monostate>> live(bool wait);
  net::awaitable<Result<std::monostate>> open(ImapSession& session);
  net::awaitable<Result<std::monostate>> take_new(ImapSession& session);
  net::awaitable<Result<std::monostate>> take(ImapSession& session, std::uint64_t uid);
  net::awaitable<Result<std::monostate>> look_for(ImapSession& session, std::uint64_t uid);
  net::awaitable<Result<std::monostate>> refused(std::uint64_t uid, Problem why);
  net::awaitable<Result<std::monostate>> put_away(ImapSession& session, std::uint64_t uid);
  net::awaitable<Result<std::monostate>> make_folder(ImapSession& session);
  net::awaitable<Result<std::monostate>> leave(std::uint64_t uid, std::string why);
  net::awaitable<Result<std::monostate>> advance(std::uint64_t uid, bool counted);
  net::awaitable<void> note(Problem why);
  bool can(std::string_view capability) const;

  Clock& clock_;
  Random& random_;
  Store& store_;
  ImapConnector& connector_;
  MailSink& sink_;
  const Log& log_;
  MailboxSettings settings_;
  MailboxRow row_;
  std::vector<std::string> capabilities_;
  bool worked_ = false;           // this connection
  std::uint64_t failed_uid_ = 0;  // at which one or more connections failed
  int failures_ = 0;              // how many
  std::string not_put_away_;      // why the last mail stayed where it was; empty: it did not
};

}  // namespace ombud::mail
