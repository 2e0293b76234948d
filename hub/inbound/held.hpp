// Brings the held changes of one link (store/held_changes.hpp) into their tickets: as soon as what
// they wait for is settled, and with the bytes of their attachments. Everything it knows is in the
// store, so a crash costs nothing but time. Not thread-safe: one executor.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <string>

#include "base/clock.hpp"
#include "inbound/changes.hpp"
#include "store/held_changes.hpp"
#include "supervisor/hosts.hpp"

namespace ombud::inbound {

struct HeldParts {
  Clock& clock;
  Random& random;
  Store& store;
  Blobs& blobs;
  Hosts& hosts;
  const Log& log;
  const Rules& rules;
  std::string scratch;  // a folder for attachments on their way to the blob store
};

class HeldChanges {
 public:
  HeldChanges(HeldParts parts, std::string link);
  HeldChanges(const HeldChanges&) = delete;
  HeldChanges& operator=(const HeldChanges&) = delete;

  // Two coroutines, each until close(): one takes, the other fetches, so that a slow download holds
  // up nobody else's changes.
  boost::asio::awaitable<void> run();
  boost::asio::awaitable<void> run_fetches();
  // Something of the link was settled, held, or fetched; or its host came up.
  void poke() { bell_.ring(), fetch_bell_.ring(); }
  void close() { closing_ = true, poke(); }

 private:
  struct Fetched {
    enum class Outcome { here, again, lost } outcome = Outcome::again;
    bool counts = true;  // as an attempt; not if the connector was never asked
    BlobRef blob;
    std::string why;
  };
  boost::asio::awaitable<Instant> take_some();   // when to look again
  boost::asio::awaitable<Instant> fetch_next();  // likewise
  boost::asio::awaitable<Fetched> obtain(std::string document);
  boost::asio::awaitable<Fetched> download(std::string reference);

  HeldParts parts_;
  const std::string link_;
  const Principal who_;
  Doorbell bell_, fetch_bell_;
  bool closing_ = false;
};

}  // namespace ombud::inbound
