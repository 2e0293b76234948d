#include "desk/reconcile.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/bytes.hpp"
#include "desk/reconcile_words.hpp"
#include "domain/delegation_rules.hpp"

namespace ombud::desk {
namespace {

std::string_view kind_of(std::string_view op) {
  return op == "add_comment" ? "comment" : "attachment";
}

std::string shown(std::string_view text) {
  return to_valid_utf8(cut_utf8(text, kShownBytesMax));
}

// The text of a comment or the name of a file, as it was sent.
std::string content_of(const Delivery& d) {
  const auto body = json::parse(d.body);
  if (!body) return {};
  return std::string(d.op == "add_comment" ? (*body)["text"].text() : (*body)["name"].text());
}

// Whether anything stands in the way of a comparison.
std::optional<std::string> busy_with(Tx& tx, Belief& b, Millis unsettled) {
  bool in_the_way = false;  // a head that waits for a person: what is behind it stands still
  for (const Delivery& d : b.sent) {
    const bool open = d.state == "waiting" || d.state == "ready" || d.state == "leased";
    if (d.doubt && d.state != "done" && d.state != "cancelled") {
      b.busy_for_long = d.state == "dead" || d.state == "parked";
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

}  // namespace ombud::desk
