// What an operator orders of a comparison's rows, and how it is carried out.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <set>

#include "base/assert.hpp"
#include "desk/access.hpp"
#include "desk/delegations.hpp"
#include "desk/reconcile.hpp"
#include "desk/reconcile_words.hpp"

namespace ombud::desk {

// ---- orders -------------------------------------------------------------------------------------

namespace {

Result<Reconciliation> finished_run(Tx& tx, std::int64_t id) {
  if (auto refused = needs_operator(tx)) return *refused;
  auto run = find_reconciliation(tx, id);
  if (!run) return not_found("reconciliation");
  if (!run->finished_at) {
    return conflict(fmt::format("Reconciliation {} is still under way; wait for its end.", id));
  }
  return *run;
}

// Those rows of the run; all for which `wanted` holds if none is named.
Result<std::vector<Drift>> rows_of(Tx& tx, std::int64_t run, const std::vector<std::int64_t>& named,
                                   bool (*wanted)(const Drift&)) {
  std::vector<Drift> all;
  if (named.empty()) {
    for (std::int64_t after = 0;;) {
      const auto page = list_drift(tx, run, after, 500);
      if (page.empty()) break;
      after = page.back().id;
      std::copy_if(page.begin(), page.end(), std::back_inserter(all), wanted);
    }
    return all;
  }
  for (const std::int64_t id : named) {
    const auto row = find_drift(tx, id);
    if (!row || row->run != run) {
      return invalid("/rows", fmt::format("names {}, which is no row of this run", id));
    }
    all.push_back(*row);
  }
  return all;
}

}  // namespace

Result<std::int64_t> order_repair(Tx& tx, std::int64_t run,
                                  const std::vector<std::int64_t>& named) {
  const auto of = finished_run(tx, run);
  if (!of) return of.error();
  const auto rows = rows_of(tx, run, named, [](const Drift& d) {
    return d.proposed && d.state == "found" && d.repair != "none";
  });
  if (!rows) return rows.error();
  for (const Drift& row : *rows) {
    if (row.repair == "none") {
      return conflict(fmt::format("Row {} is for a person to decide: {}.", row.id, row.note));
    }
    if (row.state != "found" && row.state != "skipped") {
      return conflict(fmt::format("Row {} is already {}.", row.id, row.state));
    }
  }
  for (const Drift& row : *rows) set_drift_state(tx, row.id, "ordered", "", tx.principal().actor());
  tx.poke_link(of->link);
  return static_cast<std::int64_t>(rows->size());
}

Result<std::int64_t> order_undo(Tx& tx, std::int64_t run, const std::vector<std::int64_t>& named) {
  const auto of = finished_run(tx, run);
  if (!of) return of.error();
  const auto rows = rows_of(tx, run, named, [](const Drift& d) {
    return d.undoable && (d.state == "applied" || d.state == "kept");
  });
  if (!rows) return rows.error();
  if (rows->empty()) {
    return conflict(fmt::format(
        "Nothing of reconciliation {} can be undone: only fields can be put back, not what was "
        "sent, made anew or taken in.",
        run));
  }
  for (const Drift& row : *rows) {
    if (!row.undoable) {
      return conflict(fmt::format(
          "Row {} cannot be undone: what was sent, made anew or taken in stays.", row.id));
    }
    if (row.state != "applied" && row.state != "kept") {
      return conflict(fmt::format("Row {} is {}, so there is nothing to undo.", row.id, row.state));
    }
    if (tx.at() > row.changed_at + kUndoFor) {
      return conflict(fmt::format("Row {} was repaired more than 30 days ago.", row.id));
    }
  }
  for (const Drift& row : *rows) {
    set_drift_state(tx, row.id, "undo_ordered", "", tx.principal().actor());
  }
  tx.poke_link(of->link);
  return static_cast<std::int64_t>(rows->size());
}

// ---- repairs ------------------------------------------------------------------------------------

namespace {

class Repair {
 public:
  Repair(Tx& tx, const Belief& belief, json::View copy, std::vector<Drift> fresh)
      : tx_(tx), b_(belief), copy_(copy), fresh_(std::move(fresh)) {}

  Repaired run(const std::vector<Drift>& rows) {
    std::vector<const Drift*> anew, again, fields, takes, undos;
    for (const Drift& row : rows) {
      if (row.state == "undo_ordered") {
        undos.push_back(&row);
      } else if (const Drift* now = still(row); now == nullptr) {
        skip(row, "it is no longer so");
      } else if (row.repair == "take") {
        takes.push_back(&row);
      } else if (const auto obstacle = in_the_way(row.repair == "recreate")) {
        skip(row, *obstacle);
      } else {
        (row.repair == "recreate" ? anew : row.repair == "send" ? again : fields).push_back(&row);
      }
    }
    if (!anew.empty()) recreate(*anew.front());
    if (!again.empty()) send(again);
    take_in_order(takes);
    if (!fields.empty()) restore(fields);
    if (!undos.empty()) undo(undos);
    note();
    return done_;
  }

 private:
  const Drift* still(const Drift& row) const {
    for (const Drift& now : fresh_) {
      if (now.kind == row.kind && now.about == row.about && now.repair == row.repair) return &now;
    }
    return nullptr;
  }

  // A head that waits for a person: what is put behind it would not go.
  std::optional<std::string> in_the_way(bool anew) const {
    for (const Delivery& d : b_.sent) {
      if (d.state == "parked" || (d.state == "dead" && (!anew || d.doubt))) {
        return fmt::format("delivery {} is {}: decide about it first", d.id.value, d.state);
      }
    }
    return std::nullopt;
  }

  void apply(const Drift& row, std::string outcome) {
    set_drift_state(tx_, row.id, "applied", outcome, "");
    said_.push_back(std::move(outcome));
    run_ = row.run;
    ++done_.applied;
  }
  void skip(const Drift& row, const std::string& why) {
    set_drift_state(tx_, row.id, row.state == "undo_ordered" ? "kept" : "skipped", why, "");
    ++done_.skipped;
  }

  // The whole of it: the ticket as it was created, what was said and attached, and its last state,
  // which send_again makes whole where the last put was of some fields only.
  void recreate(const Drift& row) {
    std::vector<DeliveryId> again;
    const Delivery* last_put = nullptr;
    for (const Delivery& d : b_.sent) {
      const bool arrived = d.state == "done";
      if (is_put(d) && arrived && again.empty()) {
        again.push_back(d.id);
      } else if (is_put(d) && arrived) {
        last_put = &d;
      } else if (arrived || d.state == "dead") {
        again.push_back(d.id);
      }
    }
    if (last_put != nullptr) again.push_back(last_put->id);
    send_again(tx_, b_.lane, again, true, reason(row));
    apply(row,
          fmt::format("made anew by {} {}; it was ticket {} there", again.size(),
                      again.size() == 1 ? "delivery" : "deliveries", b_.delegation.external_id));
  }

  void send(const std::vector<const Drift*>& rows) {
    std::vector<DeliveryId> again;
    for (const Drift* row : rows) again.push_back({std::strtoll(row->about.c_str(), nullptr, 10)});
    send_again(tx_, b_.lane, again, false, reason(*rows.front()));
    for (const Drift* row : rows) apply(*row, fmt::format("delivery {} is sent again", row->about));
  }

  // As the supplier's people did it, whatever the order of the rows.
  void take_in_order(const std::vector<const Drift*>& rows) {
    std::vector<std::pair<std::size_t, const Drift*>> turns;
    std::set<std::string> early;
    for (const Drift* row : rows) early.insert(row->about);
    for (const Drift* row : rows) {
      turns.emplace_back(position_of(row->about), row);
      // What came before it would come after it by itself. Rows that nobody ordered stay out.
      for (const std::string& before : still(*row)->before) {
        if (!is_left_out(*row, before) && early.insert(before).second) {
          turns.emplace_back(position_of(before), nullptr);
        }
      }
    }
    std::stable_sort(turns.begin(), turns.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [position, row] : turns) {
      if (row != nullptr) {
        take(*row);
      } else {
        take_change(copy_["changes"].at(position));
      }
    }
  }
  bool is_left_out(const Drift& of, const std::string& event_id) {
    if (!left_out_) {
      left_out_.emplace();
      std::int64_t after = 0;
      for (auto page = list_drift(tx_, of.run, after, kPage); !page.empty();
           page = list_drift(tx_, of.run, after, kPage)) {
        after = page.back().id;
        for (const Drift& row : page) {
          const bool left_out = row.delegation == of.delegation && row.state == "found";
          if (left_out) left_out_->insert(row.about);
        }
      }
    }
    return left_out_->contains(event_id);
  }
  std::size_t position_of(std::string_view event_id) const {
    std::size_t position = copy_["changes"].size();
    for (std::size_t i = 0; i < copy_["changes"].size(); ++i) {
      if (copy_["changes"].at(i)["event_id"].text() == event_id) position = i;
    }
    return position;
  }

  Result<Applied> take_change(json::View change) {
    const bool id_is_taken = std::any_of(
        b_.told.begin(), b_.told.end(),
        [&](const ToldChange& told) { return told.event_id == change["event_id"].text(); });
    const std::string id = id_is_taken ? again_id(change) : std::string(change["event_id"].text());
    // A supplier that was restored gives ids away again: this one is of something else now.
    if (!object_of(change).empty() && change["type"].text() != "status") {
      forget_object(tx_, b_.lane.id, op_of(change["type"].text()), object_of(change));
    }
    const auto document = json::parse(change_document(change, id));
    if (!document) return document.error();
    return apply_change(tx_, b_.lane.link, document->root(), {});
  }

  // What the copy says, where no change tells it.
  Result<Applied> take_status(const Drift& row) {
    const auto document =
        json::parse(json::Writer()
                        .begin_object()
                        .field("schema", "ombud.change/1")
                        .field("event_id", fmt::format("reconciliation-{}-{}", row.run, row.id))
                        .field("external_id", b_.delegation.external_id)
                        .field("type", "status")
                        .field("at", to_rfc3339(tx_.at()))
                        .field("status", copy_["status"].text())
                        .field("status_text", copy_["status_text"].text(copy_["status"].text()))
                        .end_object()
                        .take());
    if (!document) return document.error();
    return apply_change(tx_, b_.lane.link, document->root(), {});
  }

  void take(const Drift& row) {
    const auto applied = row.kind == "status_differs"
                             ? take_status(row)
                             : take_change(copy_["changes"].at(position_of(row.about)));
    if (applied && (*applied == Applied::applied || *applied == Applied::held)) {
      apply(row, row.kind == "their_message_missing" ? "taken in" : "the status is taken in");
    } else {
      skip(row, applied ? fmt::format("nothing was taken: {}", to_text(*applied))
                        : applied.error().detail);
    }
  }

  void restore(const std::vector<const Drift*>& rows) {
    std::vector<std::string> only;
    for (const Drift* row : rows) only.push_back(row->about);
    const auto now = json::parse(b_.known.front());
    OMBUD_ASSERT(now.has_value());  // it was written by us
    const DeliveryId id =
        enqueue(tx_, b_.lane, {"put_ticket", with_member(now->root(), "", "null", only), "", 0});
    for (const Drift* row : rows) {
      apply(*row, fmt::format("{} is restored by delivery {}", row->about, id.value));
    }
  }

  // Put back where the supplier still has what the repair brought.
  void undo(const std::vector<const Drift*>& rows) {
    std::string document = b_.known.empty() ? "{}" : b_.known.front();
    std::vector<std::string> only;
    std::vector<const Drift*> put_back;
    for (const Drift* row : rows) {
      if (!has_ours(row->about)) {
        skip(*row, "the supplier no longer has what the repair brought");
      } else if (const auto obstacle = in_the_way(false)) {
        skip(*row, *obstacle);
      } else {
        only.push_back(row->about);
        put_back.push_back(row);
        const auto now = json::parse(document);
        OMBUD_ASSERT(now.has_value());
        document = with_member(now->root(), row->about, row->was, only);
      }
    }
    if (put_back.empty()) return;
    const DeliveryId id = enqueue(tx_, b_.lane, {"put_ticket", document, "", 0});
    for (const Drift* row : put_back) {
      const std::string outcome =
          fmt::format("{} is put back by delivery {}", row->about, id.value);
      set_drift_state(tx_, row->id, "undone", outcome, "");
      said_.push_back(outcome);
      run_ = row->run;
      ++done_.applied;
    }
  }
  bool has_ours(std::string_view field) const {
    if (!copy_["exists"].boolean()) return false;
    for (const Drift& now : fresh_) {
      if (now.kind == "ticket_replaced" || now.about == field) return false;
    }
    for (std::size_t i = 0; i < copy_["fields"].size(); ++i) {
      const json::View one = copy_["fields"].at(i);
      if (one["name"].text() == field) return one["agrees_with"].integer(-1) == 0;
    }
    return false;
  }

  std::string reason(const Drift& row) const {
    return fmt::format("sent again by reconciliation {}", row.run);
  }

  void note() {
    if (said_.empty()) return;
    event::MessageAdded added;
    added.visibility = Visibility::internal;
    added.from = Party::system;
    added.delegation = b_.delegation.id;
    added.text =
        fmt::format("Reconciliation {} with {}, ordered by {}: {}.", run_, b_.delegation.supplier,
                    tx_.principal().actor(), fmt::join(said_, "; "));
    append(tx_, b_.delegation.ticket, added);
  }

  Tx& tx_;
  const Belief& b_;
  const json::View copy_;
  const std::vector<Drift> fresh_;
  static constexpr int kPage = 500;
  std::optional<std::set<std::string>> left_out_;  // what rows that nobody ordered are about
  std::vector<std::string> said_;
  std::int64_t run_ = 0;
  Repaired done_;
};

}  // namespace

Repaired repair(Tx& tx, const Belief& belief, json::View copy,
                const std::optional<std::vector<std::string>>& found) {
  const auto rows = ordered_drift(tx, belief.lane.link, belief.delegation.id);
  auto fresh = compare(belief, copy, found);
  if (!fresh) {
    const std::string why =
        fresh.error().fields.empty() ? fresh.error().detail : fresh.error().fields.front().detail;
    return {0, give_up_repair(tx, belief.lane.link, belief.delegation.id,
                              "the connector's answer makes no sense: " + why)};
  }
  return Repair(tx, belief, copy, std::move(*fresh)).run(rows);
}

int give_up_repair(Tx& tx, const std::string& link, DelegationId delegation,
                   const std::string& why) {
  int count = 0;
  for (const Drift& row : ordered_drift(tx, link, delegation)) {
    set_drift_state(tx, row.id, row.state == "undo_ordered" ? "kept" : "skipped", why, "");
    ++count;
  }
  return count;
}

}  // namespace ombud::desk
