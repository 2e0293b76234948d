// From a connector's documents to committed changes: the one way that anything of a supplier gets
// into a ticket, whether it was polled, sent to the webhook, or came by mail.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "desk/delegations.hpp"
#include "store/blobs.hpp"
#include "store/store.hpp"
#include "supervisor/hosts.hpp"

namespace ombud::inbound {

struct Taken {
  int applied = 0, echoes = 0, duplicates = 0, unknown = 0;
  bool deferred = false;  // stopped before a change whose ticket is just being created: ask again
};

// What keeps "each change once" true; switched off by the simulator only, to prove that it would
// notice.
struct Rules {
  desk::IntakeRules intake;
  bool cursor_with_events = true;  // in one commit
};

class ChangeTaker {
 public:
  // `scratch` is a folder for attachments on their way to the blob store.
  ChangeTaker(Store& store, Blobs& blobs, Hosts& hosts, Random& random, const Log& log,
              std::string scratch, Rules rules = Rules());

  // Takes ombud.change/1 documents in order; event, dedupe key and (after the last one) the cursor
  // are in one commit. A document that makes no sense is logged and passed over: it must not block
  // the rest.
  boost::asio::awaitable<Result<Taken>> take(std::string link, std::vector<std::string> documents);

 private:
  boost::asio::awaitable<std::optional<std::string>> fetch(std::string link, std::string change);

  Store& store_;
  Blobs& blobs_;
  Hosts& hosts_;
  Random& random_;
  const Log& log_;
  const Principal who_;
  const std::string scratch_;
  const Rules rules_;
};

}  // namespace ombud::inbound
