#include "desk/reconcile.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <set>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "desk/access.hpp"
#include "desk/delegations.hpp"
#include "domain/delegation_rules.hpp"

namespace ombud::desk {
namespace {

bool is_put(const Delivery& d) {
  return d.op == "put_ticket";
}

std::string_view op_of(std::string_view type) {
  return type == "comment" ? "add_comment" : "add_attachment";
}
std::string_view kind_of(std::string_view op) {
  return op == "add_comment" ? "comment" : "attachment";
}

std::string shown(std::string_view text) {
  return to_valid_utf8(cut_utf8(text, kShownBytesMax));
}

// Systems keep line ends and blanks as they like.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n' || c == '\r' || c == '\t';
    if (!blank) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

// The text of a comment or the name of a file, as it was sent.
std::string content_of(const Delivery& d) {
  const auto body = json::parse(d.body);
  if (!body) return {};
  return std::string(d.op == "add_comment" ? (*body)["text"].text() : (*body)["name"].text());
}

// What a change says, whatever its id: two that say the same are one.
std::string said_in(json::View change) {
  const std::string_view type = change["type"].text();
  if (type == "comment") return plain(change["comment"]["text"].text());
  if (type == "attachment") return plain(change["attachment"]["name"].text());
  return fmt::format("{} {}", change["status"].text(), change["status_text"].text());
}
std::string_view object_of(json::View change) {
  return change[change["type"].text()]["id"].text();
}

// Under which a change is taken whose own id was taken for another.
std::string again_id(json::View change) {
  return fmt::format("{}~{}", change["event_id"].text(), sha256_hex(said_in(change)).substr(0, 12));
}

// A ticket document with one member set anew, and `only` as given; empty: without it.
std::string with_member(json::View ticket, std::string_view member, std::string_view value_json,
                        const std::vector<std::string>& only) {
  json::Writer out;
  out.begin_object();
  bool there = false;
  for (std::size_t i = 0; i < ticket.size(); ++i) {
    const std::string_view name = ticket.name_at(i);
    if (name == "only") continue;
    if (name == member) {
      there = true;
      if (value_json != "null") out.key(name).raw(value_json);
    } else {
      out.field(name, ticket.member_at(i));
    }
  }
  if (!member.empty() && !there && value_json != "null") out.key(member).raw(value_json);
  if (!only.empty()) {
    out.begin_array("only");
    for (const std::string& name : only) out.value(name);
    out.end_array();
  }
  return out.end_object().take();
}

// Whether anything stands in the way of a comparison.
std::optional<std::string> busy_with(Tx& tx, const Belief& b, Millis unsettled) {
  bool in_the_way = false;  // a head that waits for a person: what is behind it stands still
  for (const Delivery& d : b.sent) {
    const bool open = d.state == "waiting" || d.state == "ready" || d.state == "leased";
    if (d.doubt && d.state != "done" && d.state != "cancelled") {
      return fmt::format("it is unknown whether delivery {} arrived", d.id.value);
    }
    in_the_way = in_the_way || d.state == "dead" || d.state == "parked";
    if (open && !in_the_way) return fmt::format("delivery {} is under way", d.id.value);
    if (d.state == "done" && d.finished_at && tx.at() < *d.finished_at + unsettled) {
      return fmt::format("delivery {} has only just arrived", d.id.value);
    }
  }
  if (is_held(tx, b.lane.link, b.delegation.external_id, b.lane.id)) {
    return "changes of the supplier wait for something";
  }
  return std::nullopt;
}

// What has been put, each document with those members that its predecessors had put beside `only`.
std::vector<std::string> known_of(const Belief& b) {
  std::vector<std::string> all;
  for (auto d = b.sent.rbegin(); d != b.sent.rend() && all.size() < kKnownTicketsMax; ++d) {
    if (!is_put(*d) || d->state != "done") continue;
    const auto body = json::parse(d->body);
    if (body) all.push_back(with_member(body->root(), "", "null", {}));
  }
  return all;
}

class Comparison {
 public:
  Comparison(const Belief& belief, json::View copy,
             const std::optional<std::vector<std::string>>& found)
      : b_(belief), copy_(copy), found_(found), ended_(is_ended(belief.delegation.state)) {
    for (const ToldChange& each : belief.told) {
      if (each.outcome == "echo" || each.outcome == "unknown_ticket") continue;
      auto document = json::parse(each.document);
      if (document) told_.push_back({each.event_id, each.received_at, std::move(*document)});
    }
  }

  Result<std::vector<Drift>> run() {
    if (auto refused = check()) return *refused;
    if (!copy_["exists"].boolean()) {
      gone("ticket_gone", "", "the supplier has no such ticket any more");
      return std::move(all_);
    }
    for (std::size_t i = 0; i < copy_["changes"].size(); ++i) sort(copy_["changes"].at(i));
    if (!is_ours()) return std::move(all_);
    look_for_twins();
    for (const Delivery& d : b_.sent) look_for(d);
    for (const json::View change : theirs_) look_at(change);
    compare_fields();
    compare_status();
    return std::move(all_);
  }

 private:
  std::optional<Problem> check() const {
    if (copy_["schema"].text() != "ombud.copy/1" || !copy_["exists"].is_boolean()) {
      return invalid("/schema", "is no ombud.copy/1");
    }
    if (copy_["external_id"].text() != b_.delegation.external_id) {
      return invalid("/external_id",
                     fmt::format("is \"{}\", and \"{}\" was asked for",
                                 shown(copy_["external_id"].text()), b_.delegation.external_id));
    }
    for (const char* list : {"changes", "fields", "shows"}) {
      if (copy_[list].present() && !copy_[list].is_array()) {
        return invalid("/" + std::string(list), "is no list");
      }
    }
    for (std::size_t i = 0; i < copy_["changes"].size(); ++i) {
      const json::View change = copy_["changes"].at(i);
      if (change["event_id"].text().empty() || change["event_id"].text().size() > 500 ||
          change["external_id"].text() != b_.delegation.external_id) {
        return invalid(fmt::format("/changes/{}", i),
                       "has no event_id, or is about another ticket");
      }
    }
    return std::nullopt;
  }

  Drift& add(std::string_view kind, std::string_view about) {
    Drift d;
    d.link = b_.lane.link;
    d.customer = b_.delegation.customer;
    d.ticket = b_.delegation.ticket;
    d.delegation = b_.delegation.id;
    d.kind = kind;
    d.about = about;
    if (all_.size() < kDriftPerDelegationMax) {
      all_.push_back(std::move(d));
      return all_.back();
    }
    return spare_;
  }

  void gone(std::string_view kind, std::string_view theirs, std::string_view note) {
    Drift& d = add(kind, "");
    d.ours = fmt::format("ticket {}", b_.delegation.external_id);
    d.theirs = theirs;
    d.note = note;
    d.repair = "recreate";
    d.proposed = !ended_;
    if (ended_) d.note += "; the delegation has ended, so it is left as it is unless you name it";
    if (found_ && found_->size() == 1 && found_->front() != b_.delegation.external_id) {
      d.note += fmt::format("; it is there as {} and will be taken for that", found_->front());
    }
    if (found_ && found_->size() > 1) {
      d.repair = "none";
      d.proposed = false;
      d.note += "; several tickets bear our reference, so a person must decide";
    }
  }

  // Ours, by the correlation of a write of this lane, or by the id that its answer told.
  const Delivery* ours(json::View change) const {
    const std::string_view echo = change["echo_of"].text();
    const std::string_view type = change["type"].text();
    if (type != "comment" && type != "attachment") return nullptr;
    for (const Delivery& d : b_.sent) {
      if (!echo.empty() && d.correlation == echo) return &d;
    }
    if (!echo.empty()) return nullptr;
    for (const Delivery& d : b_.sent) {
      const bool same_id =
          !d.external_id.empty() && d.external_id == object_of(change) && d.op == op_of(type);
      // The id alone proves nothing: a supplier that was restored gives it away again.
      if (same_id && said_in(change).find(plain(content_of(d))) != std::string::npos) return &d;
    }
    return nullptr;
  }

  void sort(json::View change) {
    if (const Delivery* d = ours(change)) {
      present_.insert(d->id.value);
    } else if (change["type"].text() == "status" && !change["echo_of"].text().empty() &&
               is_of_lane(change["echo_of"].text())) {
      return;
    } else {
      theirs_.push_back(change);
    }
  }
  bool is_of_lane(std::string_view correlation) const {
    return std::any_of(b_.sent.begin(), b_.sent.end(),
                       [&](const Delivery& d) { return d.correlation == correlation; });
  }

  std::optional<std::int64_t> agreement(std::string_view name) const {
    const json::View fields = copy_["fields"];
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (fields.at(i)["name"].text() == name) return fields.at(i)["agrees_with"].maybe_integer();
    }
    return std::nullopt;
  }

  // The number may mean another ticket by now.
  bool is_ours() {
    const std::string_view mark = copy_["correlation"].text();
    if (mark == b_.correlation || (!mark.empty() && is_of_lane(mark))) return true;
    const bool looks_like_ours =
        !present_.empty() || agreement("description") || agreement("subject");
    if (mark.empty() && looks_like_ours) {
      add("mark_missing", "").note =
          "the supplier's ticket no longer bears our reference: it could not be found again. "
          "Ask the supplier to put it back";
      return true;
    }
    gone("ticket_replaced", mark.empty() ? "bears no reference of ours" : "bears another reference",
         fmt::format("ticket {} is another ticket there by now", b_.delegation.external_id));
    return false;
  }

  void look_for_twins() {
    if (!found_) return;
    for (const std::string& id : *found_) {
      if (id == b_.delegation.external_id) continue;
      Drift& d = add("ticket_twice", shown(id));
      d.ours = fmt::format("ticket {}", b_.delegation.external_id);
      d.theirs = fmt::format("also ticket {}", shown(id));
      d.note = "both bear the reference of one delegation; ask the supplier to close the other";
    }
  }

  bool shows(std::string_view kind) const {
    for (std::size_t i = 0; i < copy_["shows"].size(); ++i) {
      if (copy_["shows"].at(i).text() == kind) return true;
    }
    return false;
  }

  void look_for(const Delivery& sent) {
    if (is_put(sent) || sent.state != "done" || present_.contains(sent.id.value)) return;
    if (!copy_["complete"].boolean(true) || !shows(kind_of(sent.op))) return;
    const bool later = std::any_of(b_.sent.begin(), b_.sent.end(), [&](const Delivery& d) {
      return d.lane_seq > sent.lane_seq && d.op == sent.op && present_.contains(d.id.value);
    });
    Drift& d = add("our_message_missing", std::to_string(sent.id.value));
    d.ours = shown(content_of(sent));
    d.repair = "send";
    d.proposed = !later;
    d.note = fmt::format("our {}{}", kind_of(sent.op),
                         later ? "; later ones are there, so somebody may have deleted it, and it "
                                 "would stand after them"
                               : "; once sent, it cannot be taken back");
  }

  // Whether a change of the supplier is in the ticket, under this id or another.
  bool known(json::View change) const {
    for (const Told& told : told_) {
      const json::View was = told.document.root();
      if (was["type"].text() != change["type"].text()) continue;
      const bool same_thing = told.event_id == change["event_id"].text() ||
                              (!object_of(was).empty() && object_of(was) == object_of(change)) ||
                              was["event_id"].text() == again_id(change);
      if (same_thing && said_in(was) == said_in(change)) return true;
    }
    return false;
  }

  void look_at(json::View change) {
    const std::string_view type = change["type"].text();
    if (type == "status") {
      if (known(change)) {
        news_.clear();
      } else {
        if (!ended_) news_.push_back(change);  // the last of them counts
        news_before_ = missing_;
        missing_.emplace_back(change["event_id"].text());
      }
      return;
    }
    if ((type != "comment" && type != "attachment") || known(change)) return;
    if (said_in(change).empty()) return;
    Drift& d = add("their_message_missing", change["event_id"].text());
    d.before = missing_;
    missing_.emplace_back(change["event_id"].text());
    d.theirs = shown(type == "comment" ? change["comment"]["text"].text()
                                       : change["attachment"]["name"].text());
    d.repair = "take";
    d.proposed = true;
    d.note = fmt::format("a {} of {}; once taken in, it stays in the ticket", type,
                         b_.delegation.supplier);
  }

  void compare_fields() {
    const json::View fields = copy_["fields"];
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const std::string name(fields.at(i)["name"].text());
      const auto agrees = fields.at(i)["agrees_with"].maybe_integer();
      if (name.empty() || name == "status" || b_.known.empty()) continue;
      if (agrees && *agrees == 0) continue;
      const auto now = json::parse(b_.known.front());
      Drift& d = add("field_differs", shown(name));
      d.ours = shown(now ? value_text((*now)[name]) : "");
      d.theirs = shown(fields.at(i)["value"].text());
      const bool was_ours =
          agrees && *agrees > 0 && *agrees < static_cast<std::int64_t>(b_.known.size());
      if (!was_ours) {
        d.note = "somebody at the supplier has changed it, so it is left alone";
        continue;
      }
      d.repair = "restore";
      d.proposed = !ended_;
      d.note = "the supplier has what we had put there before";
      remember(d, name, b_.known[static_cast<std::size_t>(*agrees)]);
    }
  }

  static std::string value_text(json::View value) {
    return value.is_text() ? std::string(value.text()) : value.present() ? value.dump() : "";
  }

  static void remember(Drift& d, const std::string& name, const std::string& document) {
    const auto was = json::parse(document);
    if (!was || !(*was)[name].present()) return;  // a field of the supplier's alone
    d.undoable = true;
    d.was = (*was)[name].dump();
  }

  void compare_status() {
    if (ended_ && b_.known.empty()) return;
    const std::string word(copy_["status"].text());
    // A later status of ours may stand over it.
    if (!news_.empty() && (word.empty() || news_.back()["status"].text() == word)) {
      const json::View last = news_.back();
      Drift& d = add("their_status_missing", last["event_id"].text());
      d.before = news_before_;
      d.ours = shown(b_.delegation.external_status.empty() ? to_text(b_.delegation.state)
                                                           : b_.delegation.external_status);
      d.theirs = shown(status_words(last));
      d.repair = "take";
      d.proposed = true;
      d.note = "a status that was never told";
      return;
    }
    if (word.empty() || b_.known.empty()) return;
    const Delivery* put = nullptr;
    for (const Delivery& d : b_.sent) {
      if (is_put(d) && d.state == "done") put = &d;
    }
    const Told* told = nullptr;
    for (const Told& each : told_) {
      if (each.document["type"].text() == "status") told = &each;
    }
    const std::string told_word(told == nullptr ? "" : told->document["status"].text());
    const bool we_were_last =
        told == nullptr || (put != nullptr && put->finished_at && told->at <= *put->finished_at);
    const auto agrees = agreement("status");
    if (we_were_last ? agrees && *agrees == 0 : told_word == word) return;
    // Of a status that the copy has no field for nothing can be said.
    if (we_were_last && !has_field("status")) return;
    const auto now = json::parse(b_.known.front());
    const std::string believed(we_were_last ? (now ? (*now)["status"].text() : "") : told_word);
    Drift& d = add("status_differs", "status");
    d.ours = shown(believed);
    d.theirs = shown(status_words(copy_));
    const bool went_back = (agrees && *agrees > 0) || (told != nullptr && told_word == word);
    if (we_were_last) {
      d.repair = "restore";
      d.proposed = went_back;  // also of what has ended, or somebody would work on it again
      d.undoable = from_text<SupplierStatus>(word).has_value();
      if (d.undoable) d.was = sdk_text(word);
      d.note = went_back ? "the supplier has the status from before the desk's"
                         : "the desk set it last, but somebody there may have set it since";
    } else if (!ended_) {
      d.repair = "take";
      d.note =
          fmt::format("{} had told \"{}\"; its copy says otherwise now, and no change tells why",
                      b_.delegation.supplier, shown(told_word));
    }
  }

  bool has_field(std::string_view name) const {
    for (std::size_t i = 0; i < copy_["fields"].size(); ++i) {
      if (copy_["fields"].at(i)["name"].text() == name) return true;
    }
    return false;
  }
  static std::string sdk_text(std::string_view word) {
    return "\"" + std::string(word) + "\"";  // one of five words
  }
  static std::string status_words(json::View of) {
    const std::string_view own = of["status_text"].text();
    return own.empty() ? std::string(of["status"].text())
                       : fmt::format("{} ({})", of["status"].text(), own);
  }

  struct Told {
    std::string event_id;
    Instant at;
    json::Document document;
  };
  const Belief& b_;
  const json::View copy_;
  const std::optional<std::vector<std::string>>& found_;
  const bool ended_;
  std::vector<Drift> all_;
  Drift spare_;
  std::vector<Told> told_;          // what is in the ticket, or about to be
  std::set<std::int64_t> present_;  // deliveries of ours that are there
  std::vector<json::View> theirs_;
  std::vector<json::View> news_;
  std::vector<std::string> missing_, news_before_;  // event ids, in order
};

// The change that a take is about, under an id that was not taken yet.
std::string change_document(json::View change, const std::string& event_id) {
  json::Writer out;
  out.begin_object();
  for (std::size_t i = 0; i < change.size(); ++i) {
    const std::string_view name = change.name_at(i);
    if (name == "event_id") {
      out.field(name, event_id);
    } else {
      out.field(name, change.member_at(i));
    }
  }
  return out.end_object().take();
}

}  // namespace

std::optional<Belief> belief_of(Tx& tx, DelegationId id, Millis unsettled) {
  Belief b;
  const auto delegation = find_delegation(tx, id);
  if (!delegation || delegation->external_id.empty()) return std::nullopt;
  b.delegation = *delegation;
  b.lane = lane_of_delegation(tx, id, delegation->link, delegation->ticket, delegation->customer);
  b.sent = deliveries_of(tx, b.lane.id);
  b.known = known_of(b);
  std::int64_t settled = 0;
  for (const Delivery& d : b.sent) {
    if (is_put(d) && d.state == "done" && b.correlation.empty()) b.correlation = d.correlation;
    if (d.finished_at) settled = std::max(settled, ms_of(*d.finished_at));
  }
  b.told = told_of(tx, delegation->link, delegation->external_id, b.correlation);
  b.version = fmt::format("{} {} {} {} {}", b.sent.size(), settled, b.told.size(),
                          to_text(delegation->state), delegation->external_id);
  b.busy = busy_with(tx, b, unsettled);
  if (!b.busy && b.correlation.empty()) b.busy = "its ticket was made by nobody here";
  return b;
}

std::string known_document(const Belief& belief) {
  json::Writer out;
  out.begin_object().field("schema", "ombud.known/1").begin_array("tickets");
  for (const std::string& ticket : belief.known) out.raw(ticket);
  return out.end_array().end_object().take();
}

Result<std::vector<Drift>> compare(const Belief& belief, json::View copy,
                                   const std::optional<std::vector<std::string>>& found) {
  return Comparison(belief, copy, found).run();
}

bool has_come(Tx& tx, const Drift& drift) {
  if (drift.repair != "take" || drift.kind == "status_differs") return false;
  const auto delegation = find_delegation(tx, drift.delegation);
  if (!delegation) return true;
  const auto told = told_of(tx, drift.link, delegation->external_id, "");
  return std::any_of(told.begin(), told.end(), [&](const ToldChange& each) {
    return each.event_id == drift.about && each.received_at >= drift.changed_at;
  });
}

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

  // The whole of it: the ticket as it was created, what was said and attached, and its last state.
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
    apply(row, fmt::format("made anew with {} deliveries; it was ticket {} there", again.size(),
                           b_.delegation.external_id));
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
    for (const Drift* row : rows) {
      turns.emplace_back(position_of(row->about), row);
      // What came before it would come after it by itself. Rows that nobody ordered stay out.
      for (const std::string& before : still(*row)->before) {
        if (!has_row(*row, before) && early.insert(before).second) {
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
  bool has_row(const Drift& of, std::string_view event_id) {
    if (of_run_.empty()) {
      std::int64_t after = 0;
      for (auto page = list_drift(tx_, of.run, after, kPage); !page.empty();
           page = list_drift(tx_, of.run, after, kPage)) {
        after = page.back().id;
        for (const Drift& row : page) {
          if (row.delegation == of.delegation) of_run_.insert(row.about);
        }
      }
    }
    return of_run_.contains(std::string(event_id));
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
  std::set<std::string> of_run_;  // what the run's rows of this delegation are about
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
