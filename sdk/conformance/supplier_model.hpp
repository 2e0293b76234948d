// A supplier's ticket system that exists in memory only, and knows the truth: what was applied, in
// which order, how often. The simulator and the conformance kit both judge by it. Pure: no I/O, no
// clock, no randomness; times come in. Not thread-safe.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace ombud::conformance {

// What a supplier can do against doubles (sdk/DOCUMENTS.md, the classes A, B and C).
enum class SupplierClass {
  idempotent,  // A: a repeated correlation is the same request
  searchable,  // B: find() knows what was made, after its lag
  blind,       // C: neither
};

struct SupplierRules {
  SupplierClass kind = SupplierClass::searchable;
  Millis search_lag{0};           // a stale search misses what is younger than this
  bool shows_correlation = true;  // its feed tells our correlation of the ticket
  bool shows_echo = true;    // its feed tells our correlation of the write behind a comment or file
  Millis clock_skew{0};      // of the times it tells
  bool clock_jumps = false;  // every second one is wrong in the other direction
};

struct ModelComment {
  std::string id, correlation;  // correlation: empty if the supplier's own people wrote it
  std::string text, author;
  bool shown = true;
  Instant at;
};
struct ModelAttachment {
  std::string id, correlation;
  std::string name, media_type, bytes;
  bool shown = true;
  Instant at;
};
struct ModelTicket {
  std::string id, correlation;
  std::string document;        // the last one put: what the copy looks like
  std::string last_put;        // the correlation that brought it
  std::string status;          // as the supplier has it now
  bool status_is_ours = true;  // the last to set it was a write of the hub
  std::vector<ModelComment> comments;
  std::vector<ModelAttachment> attachments;
  Instant at;
};

// One entry of the feed.
struct ModelChange {
  std::string event_id, ticket, type;  // type: status, comment, attachment
  std::string caused_by;               // correlation of our write; empty: the supplier's people
  std::string status;
  std::string object;  // id of the comment or attachment
  Instant at;
  Instant told_at;    // by the supplier's own clock
  bool lost = false;  // the supplier was restored from before it, and tells it no more
};

struct WriteRequest {
  std::string correlation, external_id, body;
  std::string content;  // bytes of an attachment
};

// What the supplier makes of a write that reached it.
struct WriteAnswer {
  enum class Verdict { ok, no_such_ticket, not_understood };
  Verdict verdict = Verdict::ok;
  std::string external_id;
};

// One write that took effect.
struct Application {
  std::string operation, correlation, ticket;
  bool made_object = false;  // a new ticket, comment or attachment
  bool again = false;        // this correlation had taken effect before
  Instant at;
};

class SupplierModel {
 public:
  // `name` begins every id, so that ids of two suppliers never meet.
  SupplierModel(std::string name, SupplierRules rules);
  const SupplierRules& rules() const { return rules_; }
  // Hears of every write that takes effect, in order.
  void observe(std::function<void(const Application&)> observer) {
    observer_ = std::move(observer);
  }

  // Hears of every entry of the feed as it is made: what a webhook would tell.
  void on_change(std::function<void(const ModelChange&)> listener) {
    listener_ = std::move(listener);
  }

  // ---- what a connector asks ----
  WriteAnswer put_ticket(Instant now, const WriteRequest& request);
  WriteAnswer add_comment(Instant now, const WriteRequest& request);
  WriteAnswer add_attachment(Instant now, const WriteRequest& request);
  // Ids of all objects with that correlation; `kind` is ticket, comment or attachment. A stale one
  // misses what is younger than the search lag.
  std::vector<std::string> find(Instant now, std::string_view kind, std::string_view correlation,
                                bool stale) const;
  // At most `limit` changes after the cursor ("" is the beginning), and the cursor after them.
  struct Page {
    std::vector<ModelChange> changes;
    std::string cursor;
  };
  Page changes(std::string_view cursor, std::size_t limit) const;
  // As ombud.change/1. `inside`: the bytes of an attachment travel in it.
  std::string document_of(const ModelChange& change, bool inside) const;
  std::optional<std::string> attachment_bytes(std::string_view id) const;

  // ---- what the supplier's own people do ----
  std::string comment(Instant now, std::string_view ticket, std::string text, bool shown);
  void set_status(Instant now, std::string_view ticket, std::string_view status);
  std::string attach(Instant now, std::string_view ticket, std::string name, std::string bytes);

  // ---- restored from a backup ----
  struct Backup {
    std::vector<ModelTicket> tickets;
    std::map<std::string, std::string, std::less<>> first_objects;
    std::size_t feed = 0;
  };
  Backup back_up() const { return {tickets_, first_objects_, feed_.size()}; }
  // All is as it was then. What came since is gone, and no longer told; ids are not given again.
  void restore(const Backup& backup);
  // One ticket as ombud.copy/1, compared with the ombud.known/1.
  std::string copy_of(std::string_view ticket, std::string_view known, bool inside) const;
  bool tells(std::string_view event_id) const;  // it was not lost
  // What the supplier's people had said and attached before it was lost.
  const std::vector<std::string>& lost_words() const { return lost_words_; }

  // ---- the truth ----
  const std::vector<ModelTicket>& tickets() const { return tickets_; }
  const ModelTicket* ticket(std::string_view id) const;
  const std::vector<ModelChange>& feed() const { return feed_; }
  std::string feed_end() const { return std::to_string(feed_.size()); }
  // How many objects carry this correlation.
  std::size_t copies_of(std::string_view correlation) const;
  const std::map<std::string, std::size_t, std::less<>>& copies() const { return copies_; }

 private:
  ModelTicket* ticket_of(std::string_view id);
  std::string mint(std::string_view what);
  void changed(Instant now, const ModelTicket& ticket, std::string type, std::string caused_by,
               std::string object);
  void applied(Instant now, std::string operation, const std::string& correlation,
               const std::string& ticket, bool made_object);

  const std::string name_;
  const SupplierRules rules_;
  std::function<void(const Application&)> observer_;
  std::function<void(const ModelChange&)> listener_;
  std::vector<ModelTicket> tickets_;
  std::vector<ModelChange> feed_;
  std::map<std::string, std::size_t, std::less<>> copies_;         // objects by correlation
  std::map<std::string, std::size_t, std::less<>> applications_;   // effects by correlation
  std::map<std::string, std::string, std::less<>> first_objects_;  // idempotency keys
  std::vector<std::string> lost_words_;
  std::size_t ids_ = 0;
};

}  // namespace ombud::conformance
