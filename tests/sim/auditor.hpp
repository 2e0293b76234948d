// The invariants of a run. Safety is checked at every call, every effect at a supplier and every
// commit; what must have come true is checked when faults have stopped and the system had its time.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/sim_hosts.hpp"
#include "sim/sim_store.hpp"
#include "sim/world.hpp"

namespace ombud::sim {

class Auditor final : public CallWatcher, public CommitWatcher {
 public:
  explicit Auditor(World& world) : world_(world) {}
  void watch(SimStore& store);

  void on_call(const std::string& link, const wire::Call& call) override;
  void on_found_nothing(const std::string& link, const std::string& correlation) override;
  void on_commit(const Principal& who, const std::vector<RowChange>& changes) override;
  // Somebody was told that what he did to this ticket is done.
  void on_acknowledged(TicketId ticket);

  // A supplier has forgotten what came after its backup.
  void on_restored(const Supplier& supplier);

  // A supplier was told that the hub has this change of its.
  void on_pushed(const std::string& link, const std::string& event_id);

  // After a crash: nothing acknowledged is gone, every lane has its head.
  void check_after_crash();
  // True when nothing is left to do.
  bool is_quiet();
  void check_end();
  // What is still unfinished, for the message about a run that did not end.
  std::string unfinished();

 private:
  struct Row {
    std::int64_t id = 0, lane = 0, lane_seq = 0;
    std::string state, body;
    bool doubt = false, lookup = true;
  };
  std::optional<Row> row_of(std::string_view correlation);
  std::int64_t retries_of(std::int64_t delivery, bool whole_lane);
  bool was_skipped(std::int64_t lane);
  bool was_sent_again(std::int64_t delivery);
  bool has_ended(std::int64_t delegation);
  void on_applied(const Supplier& supplier, const conformance::Application& application);
  void check_acknowledged();
  bool has_arrived(const std::string& link, const std::string& event_id);
  std::vector<conformance::ModelChange> in_order_of_arrival(const Supplier& supplier);
  void check_order(const Supplier& supplier, const conformance::ModelTicket& ticket,
                   std::int64_t our_ticket, std::int64_t delegation);
  void check_attachments(const Supplier& supplier, const conformance::ModelTicket& ticket,
                         std::int64_t delegation);
  void check_rows();
  void check_feed(const Supplier& supplier);
  void check_words_of_suppliers();
  void check_copies(const Supplier& supplier);
  void check_canaries();

  World& world_;
  SimStore* store_ = nullptr;
  Principal eye_ = system_principal("auditor");
  std::map<std::int64_t, Instant> doubt_since_;  // by delivery
  struct Claims {
    Instant since{};
    int count = 0;
  };
  std::map<std::int64_t, Claims> claims_;                  // by delivery, within the last seconds
  std::map<std::string, Instant> found_nothing_;           // by correlation
  std::map<std::int64_t, std::int64_t> applied_up_to_;     // by lane: the latest lane_seq
  std::map<std::int64_t, std::set<std::string>> tickets_;  // by lane: made at the supplier
  std::map<std::int64_t, std::int64_t> versions_;          // by ticket, as acknowledged
  std::set<std::pair<std::string, std::string>> pushed_;   // link and event, as acknowledged
};

}  // namespace ombud::sim
