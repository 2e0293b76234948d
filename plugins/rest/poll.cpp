// What comes from the supplier: everything that others changed in our tickets since the cursor.
//
// By time: a row may become visible after a younger one was read, and times may have whole seconds
// or minutes, so each poll looks back by the profile's overlap and pushes again what it pushed
// before; the hub takes each event once. Pages are fetched by time where the time moves, and by
// number within one moment only, because a ticket that changes while we read moves to the end of
// the list and pulls every later row one place up.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/time.hpp"
#include "profile/text.hpp"
#include "rest/connector.hpp"

namespace ombud::rest {
namespace {

constexpr std::size_t kRowsMax = 2'000;   // listed in one poll; the rest follows in the next
constexpr std::size_t kTicketsMax = 500;  // read in one poll
constexpr std::size_t kPagesMax = 200;
constexpr std::int64_t kReserveMs = 5'000;  // stop reading tickets so long before the deadline

std::string shown(Instant at) {
  const std::string text = to_rfc3339(at);
  return text.ends_with(".000Z") ? text.substr(0, text.size() - 5) + "Z" : text;
}

// Numbers in order of size, other ids in any fixed order.
struct Row {
  Instant updated{};
  std::string id;
  bool operator<(const Row& other) const {
    if (updated != other.updated) return updated < other.updated;
    return id.size() != other.id.size() ? id.size() < other.id.size() : id < other.id;
  }
};

// How far the last poll came. Whole: everything up to `at` was read. With `id` and `tip` it stopped
// early, after that ticket: the next one goes on right there, and only when it has caught up looks
// back from `tip`, the youngest change that was visible when it first fell behind.
struct Cursor {
  Instant at{};
  std::optional<std::string> id;
  Instant tip{};

  std::string text() const {
    json::Writer out;
    out.begin_object().field("at", shown(at));
    if (id) out.field("id", *id).field("tip", shown(tip));
    out.end_object();
    return out.take();
  }
};

std::optional<Cursor> read_cursor(const Run& run, std::string_view text) {
  if (text.empty()) return std::nullopt;
  const auto parsed = json::parse(text);
  const auto at = parsed ? parse_rfc3339((*parsed)["at"].text()) : std::nullopt;
  if (!at) {
    run.log(Host::warning, "The cursor is none of this profile's: reading everything again.");
    return std::nullopt;
  }
  const auto tip = parse_rfc3339((*parsed)["tip"].text());
  const Value id((*parsed)["id"]);
  return Cursor{*at, id.absent() ? std::nullopt : std::optional(id.shown()), tip.value_or(*at)};
}

void put_cursor(const std::string& text, Sink& out) {
  out.put("{\"cursor\":" + sdk::json_quote(text) + "}");
}

class ByTime {
 public:
  ByTime(Run& run, std::string_view cursor)
      : run_(run), poll_(run.profile().poll), from_(read_cursor(run, cursor)) {}

  void go(Sink& out) {
    run_.steps(poll_.before);
    if (from_) {
      const std::int64_t overlap =
          poll_.overlap_seconds.evaluate(run_.scope()).number().value_or(0);
      lower_ = from_->at - std::chrono::seconds(from_->id ? 0 : overlap);
    }
    for (const profile::Search& list : poll_.lists) {
      if (list.step.has_when && !list.step.when.evaluate(run_.scope()).truth()) continue;
      list_changed(list);
    }
    for (const auto& [id, updated] : latest_) rows_.insert({updated, id});
    Instant tip = rows_.empty() ? Instant{} : rows_.rbegin()->updated;
    if (from_) tip = from_->id ? std::min(tip, from_->tip) : std::max(tip, from_->at);
    if (from_ && from_->id && rows_.empty()) tip = from_->tip;

    set_since(lower_);  // what details of a ticket may be asked for
    for (const auto& [at, document] : announced_) {
      if (!out.put(document)) return;  // the old cursor stays: they come again
    }
    push_rows(out);
    Cursor reached{tip, std::nullopt, tip};
    if (stopped_) {
      if (!last_) return;  // not even the first ticket: the old cursor stays
      reached = {last_->updated, last_->id, tip};
    } else if (horizon_ != kNever) {
      reached = {horizon_, "", tip};
    } else if (server_seconds_ >= 0) {
      // A cursor ahead of the server's clock would miss what happens until that time.
      reached.at = std::min(reached.at, instant_of(server_seconds_ * 1000));
    }
    if (reached.at == Instant{}) return;  // nothing of ours yet: no time to start from
    put_cursor(reached.text(), out);
  }

 private:
  void set_page(std::int64_t offset, const Value& token) {
    json::Writer page;
    page.begin_object().field("rows", poll_.page_rows).field("offset", offset);
    page.field("number", poll_.page_first + offset / poll_.page_rows);
    if (token.truth()) page.field("token", token.shown());
    page.end_object();
    run_.scope().set("page", Value(run_.scope().keep(json::parse(page.take()).value())));
  }
  void set_since(Instant lower) {
    const bool begins = lower <= Instant{};
    run_.scope().set(
        "since", begins ? Value() : Value(profile::time_text(ms_of(lower), poll_.since_format)));
    run_.scope().set("since_ms", begins ? Value() : Value(ms_of(lower)));
  }

  // The time of the row, having noted it if it is ours.
  Instant take_row(const Value& row) {
    Scope& scope = run_.scope();
    scope.set("row", row);
    const std::string id = poll_.row_id.text(scope);
    const auto updated = profile::time_ms(poll_.row_updated.text(scope));
    if (!updated || id.empty()) {
      Failure failure;
      failure.message = run_.profile().title + " lists a ticket without id or time of change.";
      throw failure;
    }
    const Instant at = instant_of(*updated);
    // The filter is not believed: only tickets that carry our reference are read.
    if (!poll_.ours.evaluate(scope).truth()) {
      if (notices_) note_notice(row, at);
      return at;
    }
    Instant& latest = latest_[id];
    latest = std::max(latest, at);
    bodies_[id] = row;
    return at;
  }

  // Not ours: perhaps something that the supplier announces.
  void note_notice(const Value& row, Instant at) {
    auto document = notice_of(run_, run_.scope(), row);
    if (document) announced_.insert_or_assign({at, announced_.size()}, std::move(*document));
  }

  void list_changed(const profile::Search& list) {
    Instant lower = lower_;
    std::size_t listed = 0;
    std::int64_t offset = 0;
    Value token;
    for (std::size_t pages = 0; pages < kPagesMax; ++pages) {
      set_page(offset, token);
      set_since(lower);
      const Value rows = run_.rows(run_.scope(), list);
      if (!rows.is_list() && !rows.absent()) {
        Failure failure;
        failure.message =
            "What answers at settings.url is no " + run_.profile().title + ": it lists no tickets.";
        throw failure;
      }
      const std::string date(run_.scope().get("header").member("date").shown());
      server_seconds_ = std::max(server_seconds_, profile::http_date_seconds(date));
      Instant last = lower;
      for (std::size_t i = 0; i < rows.size(); ++i) last = std::max(last, take_row(rows.at(i)));
      listed += rows.size();
      if (poll_.paging == profile::Paging::none) return;
      if (poll_.paging == profile::Paging::token) {
        token = poll_.next.evaluate(run_.scope());
        if (!token.truth()) return;
        if (poll_.sorted && listed >= kRowsMax && last > lower) return cut_at(last);
        continue;
      }
      const bool full = static_cast<std::int64_t>(rows.size()) >= poll_.page_rows;
      if (!(poll_.has_more ? poll_.more.evaluate(run_.scope()).truth() : full)) return;
      if (listed >= kRowsMax && last > lower) return cut_at(last);
      offset = last > lower ? 0 : offset + poll_.page_step;
      lower = last;
    }
    if (!poll_.sorted) {
      // Nobody knows how old what was not listed is, so nothing may be taken for read.
      Failure failure;
      failure.message = fmt::format(
          "{} lists more than {} tickets in no order of time, too many to read at once. Give the "
          "desk a user of its own there, who sees no others' tickets.",
          run_.profile().title, listed);
      throw failure;
    }
    cut_at(lower);
  }
  void cut_at(Instant last) { horizon_ = std::min(horizon_, last); }

  // False: this ticket is gone.
  bool push_ticket(const Row& row, Sink& out) {
    Scope scope(run_.scope());
    scope.set("row", bodies_[row.id]);
    for (const profile::Step& step : poll_.detail) {
      try {
        run_.step_in(scope, step);
      } catch (const Failure& failure) {
        if (std::find(poll_.gone.begin(), poll_.gone.end(), failure.code) != poll_.gone.end()) {
          return false;
        }
        throw;
      }
    }
    wanted_ = push_events(run_, scope, poll_.events, out);
    return true;
  }

  void push_rows(Sink& out) {
    std::size_t read = 0;
    for (const Row& row : rows_) {
      if (row.updated > horizon_) break;
      if (from_ && from_->id && !(Row{from_->at, *from_->id} < row)) continue;
      if (read > 0 && (read >= kTicketsMax || run_.call().remaining_ms() < kReserveMs)) {
        stopped_ = true;
        break;
      }
      try {
        push_ticket(row, out);
      } catch (const Failure& failure) {
        stopped_ = true;
        ++read;
        const bool broken = failure.code >= 500 && failure.status != Status::rate_limited;
        if (broken || failure.of_one_ticket) {
          // One ticket that the supplier cannot show must not hold up the others: they are pushed
          // now, and again when this one is read, for the cursor stays before it.
          run_.log(Host::warning, "Ticket " + row.id + ": " + failure.message);
          continue;
        }
        if (!last_) throw;
        break;
      }
      if (!wanted_) {
        stopped_ = true;  // the hub did not take it all
        break;
      }
      ++read;
      if (!stopped_) last_ = row;
    }
  }

  Run& run_;
  const bool notices_ = reads_notices_from_poll(run_);
  std::map<std::pair<Instant, std::size_t>, std::string> announced_;  // oldest first
  const profile::Poll& poll_;
  std::optional<Cursor> from_;
  Instant lower_{};                        // rows changed before it are not asked for
  std::map<std::string, Instant> latest_;  // of each ticket listed: it may move while we page
  std::map<std::string, Value> bodies_;    // the row as it was listed last
  std::set<Row> rows_;                     // oldest first
  Instant horizon_ = kNever;               // rows after it were not all listed
  std::int64_t server_seconds_ = -1;       // the server's own clock, if it said so
  bool wanted_ = true;                     // false: the sink said stop
  bool stopped_ = false;                   // some rows were not read
  std::optional<Row> last_;                // everything up to it was pushed
};

}  // namespace

void poll_by_time(Run& run, std::string_view cursor, Sink& out) {
  ByTime(run, cursor).go(out);
}

// The supplier keeps our place: each page tells the cursor of the next one.
void poll_feed(Run& run, std::string_view cursor, Sink& out) {
  const profile::Poll& poll = run.profile().poll;
  Scope& scope = run.scope();
  run.steps(poll.before);
  const bool notices = reads_notices_from_poll(run);
  std::string place;
  if (const auto parsed = json::parse(cursor); !cursor.empty() && parsed) {
    place = (*parsed)["feed"].text();
  }
  std::string reached = place;
  for (std::size_t pages = 0; pages < kPagesMax; ++pages) {
    scope.set("cursor", place.empty() ? Value() : Value(place));
    const Value rows = run.rows(scope, poll.lists.front());
    const std::string next = poll.next.text(scope);
    const bool ended = poll.end.evaluate(scope).truth() || next.empty() || next == place;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      Scope inner(scope);
      inner.set("row", rows.at(i));
      if (!poll.ours.evaluate(inner).truth()) {
        const auto document = notices ? notice_of(run, inner, rows.at(i)) : std::nullopt;
        if (document && !out.put(*document)) return;
        continue;
      }
      try {
        for (const profile::Step& step : poll.detail) run.step_in(inner, step);
      } catch (const Failure& failure) {
        if (std::find(poll.gone.begin(), poll.gone.end(), failure.code) != poll.gone.end())
          continue;
        // What was pushed of earlier pages stands; this page comes again.
        if (reached == place && pages == 0) throw;
        run.log(Host::warning, failure.message);
        put_cursor(json::Writer().begin_object().field("feed", reached).end_object().take(), out);
        return;
      }
      if (!push_events(run, inner, poll.events, out)) return;
    }
    if (!next.empty()) reached = place = next;
    if (ended || run.call().remaining_ms() < kReserveMs) break;
  }
  if (reached.empty()) return;
  put_cursor(json::Writer().begin_object().field("feed", reached).end_object().take(), out);
}

}  // namespace ombud::rest
