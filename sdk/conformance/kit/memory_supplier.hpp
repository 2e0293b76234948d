// The supplier's tickets, in memory: what a dialect translates to HTTP, and the truth that the kit
// judges by. Pure: no I/O, no clock of its own, no randomness. Not thread-safe.
//
// The simulator's SupplierModel is another one on purpose: that stands behind a connector that
// does not exist and speaks canonical documents; this one stands behind a real connector and keeps
// whatever fields its supplier has.
#pragma once

#include <ombud/conformance/dialect.hpp>

#include <deque>
#include <functional>

#include "base/time.hpp"

namespace ombud::conformance {

class MemorySupplier final : public Supplier {
 public:
  // `index_lag`: how far the search index is behind.
  MemorySupplier(Instant now, Millis index_lag) : now_(now), index_lag_(index_lag) {}

  std::int64_t now_ms() const override { return ms_of(now_); }
  std::vector<const Ticket*> tickets() const override;
  std::vector<const Ticket*> indexed() const override;
  const Ticket* ticket(std::string_view id) const override;
  const std::vector<Event>& events() const override { return events_; }
  const Ticket& create(Fields fields) override;
  const Ticket* update(std::string_view ticket, const Fields& changes) override;
  const Comment* comment(std::string_view ticket, Comment comment) override;
  const File* attach(std::string_view ticket, File file) override;
  Fields& scratch() override { return scratch_; }

  // ---- what only the kit does ----
  Instant now() const { return now_; }
  void pass(Millis time) { now_ += time; }
  // The supplier's own people. Each answers the id of what was made.
  std::string staff_comment(std::string_view ticket, std::string text, bool shown = true);
  void staff_status(std::string_view ticket, std::string word);
  std::string staff_attach(std::string_view ticket, std::string name, std::string bytes);

  // How often the connector's user has really changed something.
  std::size_t effects() const { return effects_; }
  // What it has made.
  struct Made {
    std::size_t tickets = 0, comments = 0, files = 0;
  };
  Made made() const { return made_; }

 private:
  Ticket* find(std::string_view id);
  std::string mint() { return std::to_string(++ids_); }
  void record(Event event);

  Instant now_;
  const Millis index_lag_;
  std::deque<Ticket> tickets_;  // pointers stay valid while it grows
  std::vector<Event> events_;
  Fields scratch_;
  std::size_t ids_ = 0, event_ids_ = 0, effects_ = 0;
  Made made_;
};

}  // namespace ombud::conformance
