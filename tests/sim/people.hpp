// Those who work with the desk in a run: a user, an agent, an operator, and the suppliers' own
// people. What they ask of the hub goes through its store like every request and is acknowledged,
// or is not.
#pragma once

#include <functional>
#include <string>

#include "desk/delegations.hpp"
#include "desk/tickets.hpp"
#include "sim/auditor.hpp"
#include "sim/hub.hpp"

namespace ombud::sim {

class People {
 public:
  People(World& world, SimStore& store, SimBlobs& blobs, Auditor& auditor);

  // Customers, services, links and agreements: before the first hub.
  void set_up();
  // One of them does something. `hub` may be absent: it is down.
  void act(Hub* hub);
  void announce();  // a major incident: told, withdrawn, told anew, ended
  // The operator opens every link and starts every host that is held.
  void reopen(Hub* hub);
  // The operator compares with each supplier that was restored, and repairs.
  void reconcile();

 private:
  void request(const Principal& who, std::string_view what,
               std::function<Result<TicketId>(Tx&)> use_case);
  void user_acts();
  void agent_acts();
  // Merges, splits, relates, or takes back what can be taken back.
  void rearrange(TicketId ticket, const std::string& text);
  void supplier_acts();
  void operator_acts(Hub* hub);
  void operator_repairs();
  TicketId some_ticket();
  DelegationId some_delegation();
  std::string words(std::string_view who);
  desk::NewAttachment file();

  World& world_;
  SimStore& store_;
  SimBlobs& blobs_;
  Auditor& auditor_;
  Principal user_, agent_, operator_, system_;
  int said_ = 0;
};

}  // namespace ombud::sim
