// From a connector's documents to committed changes: the one way that anything of a supplier gets
// into a ticket, whether it was polled, sent to the webhook, or came by mail.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <string>
#include <vector>

#include "base/log.hpp"
#include "desk/delegations.hpp"
#include "store/blobs.hpp"
#include "store/store.hpp"

namespace ombud::inbound {

struct Taken {
  int applied = 0, echoes = 0, duplicates = 0, unknown = 0;
  int held = 0;  // kept, and applied later (held.hpp)
};

// What keeps "each change once, in order" true; switched off by the simulator only, to prove that
// it would notice.
struct Rules {
  desk::IntakeRules intake;
  bool cursor_with_events = true;  // in one commit
};

class ChangeTaker {
 public:
  ChangeTaker(Store& store, Blobs& blobs, const Log& log, Rules rules = Rules());

  // Takes ombud.change/1 and ombud.announcement/1 documents in order; event, dedupe key and (after
  // the last one) the cursor are in one commit. A document that makes no sense is logged and passed
  // over, and a change that cannot be applied yet is held: neither blocks the rest.
  boost::asio::awaitable<Result<Taken>> take(std::string link, std::vector<std::string> documents);

  const Rules& rules() const { return rules_; }

 private:
  void announced(Tx& tx, const std::string& link, json::View document, Taken& count) const;

  Store& store_;
  Blobs& blobs_;
  const Log& log_;
  const Principal who_;
  const Rules rules_;
};

}  // namespace ombud::inbound
