// What comes from Redmine: everything that others changed in our issues since the cursor.
//
// Redmine's times have whole seconds and a row may be committed after a younger one was read, so
// each poll looks back by `poll_overlap_seconds` and pushes again what it pushed before; the hub
// takes each event once. Pages are fetched by time, not by number, because an issue that changes
// while we read moves to the end of the list and pulls every later row one place up.
#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <tuple>

#include "base/time.hpp"
#include "redmine/connector.hpp"
#include "redmine/text.hpp"

namespace ombud::redmine {
namespace {

constexpr int kPageRows = 100;           // Redmine's maximum
constexpr int kPageStep = 90;            // within one second: leaves room for rows that move away
constexpr std::size_t kRowsMax = 2000;   // listed in one poll; the rest follows in the next
constexpr std::size_t kIssuesMax = 500;  // read in one poll
constexpr std::int64_t kReserveMs = 5'000;  // stop reading issues so long before the deadline

std::string seconds_text(Instant at) {
  return to_rfc3339(at).substr(0, 19) + "Z";  // "2026-11-22T09:30:00Z"
}

// Redmine gives old and new values of attributes as text.
std::int64_t number_of(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

struct Event {
  std::string at;
  std::int64_t id = 0;
  std::string document;
};

json::Writer& open_event(json::Writer& out, const std::string& event_id, const IssueView& issue,
                         const std::string& correlation, const char* type, std::string_view at) {
  out.begin_object().field("schema", "ombud.change/1").field("event_id", event_id);
  out.field("external_id", std::to_string(issue.id()));
  if (!correlation.empty()) out.field("correlation", correlation);
  return out.field("type", type).field("at", at);
}

}  // namespace

struct Redmine::Row {
  Instant updated{};
  std::int64_t id = 0;
  auto operator<=>(const Row&) const = default;
};

// How far the last poll came. Whole: everything up to `at` was read. With `id` and `tip` it stopped
// early, after that issue: the next one goes on right there, and only when it has caught up looks
// back from `tip`, the youngest change that was visible when it first fell behind.
struct Redmine::Cursor {
  Instant at{};
  std::optional<std::int64_t> id;
  Instant tip{};

  std::string text() const {
    json::Writer out;
    out.begin_object().field("at", seconds_text(at));
    if (id) out.field("id", *id).field("tip", seconds_text(tip));
    out.end_object();
    return out.take();
  }
};

struct Redmine::Poll {
  std::int64_t own_user = 0;
  std::optional<Cursor> from;
  Instant lower{};                         // rows changed before it are not asked for
  std::map<std::int64_t, Instant> latest;  // of each issue listed: it may move while we page
  std::set<Row> rows;                      // the same, oldest first
  Instant horizon = kNever;                // rows after it were not all listed
  std::int64_t server_seconds = -1;        // the server's own clock, if it said so
};

std::optional<Redmine::Cursor> Redmine::read_cursor(std::string_view text) const {
  if (text.empty()) return std::nullopt;
  const auto parsed = json::parse(text);
  const auto at = parsed ? parse_rfc3339((*parsed)["at"].text()) : std::nullopt;
  if (!at) {
    host_.log(Host::warning, "The cursor is none of this connector's: reading everything again.");
    return std::nullopt;
  }
  const auto tip = parse_rfc3339((*parsed)["tip"].text());
  return Cursor{*at, (*parsed)["id"].maybe_integer(), tip.value_or(*at)};
}

Answer Redmine::list_changed(const Call& call, const std::string& filter, Poll& poll) const {
  Instant lower = poll.lower;
  std::size_t listed = 0;
  int offset = 0;
  for (;;) {
    std::string target =
        "/issues.json?status_id=*&sort=updated_on,id&limit=" + std::to_string(kPageRows) +
        "&offset=" + std::to_string(offset) + "&" + filter;
    if (lower > Instant{}) target += "&updated_on=%3E%3D" + percent_encode(seconds_text(lower));
    Answer page = rest_.get(call, target);
    if (!page.ok()) return page;
    const json::View issues = page.body["issues"];
    if (!issues.is_array()) {
      return permanent("What answers at settings.url is no Redmine: it lists no issues.");
    }
    poll.server_seconds = std::max(poll.server_seconds, http_date_seconds(page.date));
    Instant last = lower;
    for (std::size_t i = 0; i < issues.size(); ++i) {
      const IssueView issue(issues.at(i));
      const auto updated = parse_rfc3339(issue.updated_on());
      if (!updated || issue.id() < 1) {
        return permanent("Redmine lists an issue without number or time of change.");
      }
      last = std::max(last, *updated);
      // The filter is not believed: only issues that carry our reference are read.
      if (issue.correlation(settings_.correlation_field).empty()) continue;
      Instant& latest = poll.latest[issue.id()];
      latest = std::max(latest, *updated);
    }
    listed += issues.size();
    if (issues.size() < kPageRows) return {};
    if (listed >= kRowsMax && last > lower) {
      poll.horizon = std::min(poll.horizon, last);
      return {};
    }
    offset = last > lower ? 0 : offset + kPageStep;
    lower = last;
  }
}

Answer Redmine::push_changes_of(const Call& call, const Row& row, Poll& poll, bool& wanted,
                                Sink& out) {
  Answer answer =
      rest_.get(call, "/issues/" + std::to_string(row.id) + ".json?include=journals,attachments");
  if (answer.code == 404 || answer.code == 403) return {};  // gone since it was listed
  if (!answer.ok())
    return {answer.status, answer.code, answer.message, answer.retry_after_ms, {}, {}};
  const IssueView issue(answer.body["issue"]);
  const std::string correlation = issue.correlation(settings_.correlation_field);
  std::vector<Event> events;

  const json::View journals = issue.journals();
  for (std::size_t i = 0; i < journals.size(); ++i) {
    const json::View journal = journals.at(i);
    const std::int64_t id = journal["id"].integer();
    const std::string at(journal["created_on"].text());
    const bool own = journal["user"]["id"].integer() == poll.own_user;
    const json::View details = journal["details"];
    for (std::size_t j = 0; j < details.size() && !own; ++j) {
      const json::View detail = details.at(j);
      if (detail["property"].text() != "attr" || detail["name"].text() != "status_id") continue;
      const std::int64_t status = number_of(detail["new_value"].text());
      if (!vocabulary_.knows_status(status)) {
        Answer words = vocabulary_.reload(call);
        if (!words.ok()) return words;
      }
      const CanonicalStatus now = vocabulary_.status_of(status);
      json::Writer event;
      open_event(event, "journal-" + std::to_string(id) + "-status", issue, correlation, "status",
                 at);
      event.field("status", now.status).field("status_text", now.text).end_object();
      events.push_back({at, id, event.take()});
    }
    const std::string_view notes = journal["notes"].text();
    if (notes.find_first_not_of(" \t\r\n") == std::string_view::npos) continue;
    json::Writer event;
    open_event(event, "journal-" + std::to_string(id) + "-note", issue, correlation, "comment", at);
    // Others may quote our marker; only below a note of the API user is it ours.
    if (own) event.field_if("echo_of", marked_last(notes));
    event.begin_object("comment").field("id", std::to_string(id));
    event.field("text", without_markers(notes));
    event.field("public", !journal["private_notes"].boolean());
    event.field("author", journal["user"]["name"].text()).end_object().end_object();
    events.push_back({at, id, event.take()});
  }

  const json::View attachments = issue.attachments();
  for (std::size_t i = 0; i < attachments.size(); ++i) {
    const json::View attached = attachments.at(i);
    const std::int64_t id = attached["id"].integer();
    const std::string at(attached["created_on"].text());
    json::Writer event;
    open_event(event, "attachment-" + std::to_string(id), issue, correlation, "attachment", at);
    if (attached["author"]["id"].integer() == poll.own_user) {
      event.field_if("echo_of", marked_last(attached["description"].text()));
    }
    event.begin_object("attachment").field("id", std::to_string(id));
    event.field("name", attached["filename"].text());
    event.field("media_type", attached["content_type"].text("application/octet-stream"));
    event.field("size", attached["filesize"].integer());
    event.field("public", true);  // Redmine has no private attachments
    event.begin_object("reference").field("id", id).end_object().end_object().end_object();
    events.push_back({at, id, event.take()});
  }

  // The API user's preference may reverse the journals.
  std::stable_sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
    return std::tie(a.at, a.id) < std::tie(b.at, b.id);
  });
  for (const Event& event : events) {
    if (!out.put(event.document)) {
      wanted = false;
      break;
    }
  }
  return {};
}

struct Redmine::Progress {
  std::optional<Answer> failed;  // nothing could be read: this is the poll's outcome
  bool wanted = true;            // false: the sink said stop
  bool stopped = false;          // some rows were not read
  std::optional<Row> last;       // everything up to it was pushed
};

Redmine::Progress Redmine::push_rows(const Call& call, Poll& poll, Sink& out) {
  Progress progress;
  std::size_t read = 0;
  for (const Row& row : poll.rows) {
    if (row.updated > poll.horizon) break;
    if (poll.from && poll.from->id && row <= Row{poll.from->at, *poll.from->id}) continue;
    if (read > 0 && (read >= kIssuesMax || call.remaining_ms() < kReserveMs)) {
      progress.stopped = true;
      break;
    }
    Answer pushed = push_changes_of(call, row, poll, progress.wanted, out);
    if (!progress.wanted) break;
    ++read;
    if (pushed.ok()) {
      if (!progress.stopped) progress.last = row;
      continue;
    }
    progress.stopped = true;
    if (pushed.code >= 500) {
      // One issue that Redmine cannot show must not hold up the others: they are pushed now, and
      // again when this one is read, for the cursor stays before it.
      host_.log(Host::warning, "Issue " + std::to_string(row.id) + ": " + pushed.message);
      continue;
    }
    if (!progress.last) progress.failed = std::move(pushed);
    break;
  }
  return progress;
}

Status Redmine::changes(const Call& call, std::string_view cursor, Sink& out) {
  // Also proves the key: to a wrong one Redmine shows an empty list.
  const Answer user = current_user(call);
  if (!user.ok()) return user.fail(call);
  if (const Answer words = vocabulary_.load(call); !words.ok()) return words.fail(call);

  Poll poll;
  poll.own_user = user.body["user"]["id"].integer();
  poll.from = read_cursor(cursor);
  if (poll.from) {
    const auto overlap = std::chrono::seconds(poll.from->id ? 0 : settings_.poll_overlap_seconds);
    poll.lower = poll.from->at - overlap;
  }
  std::vector<std::string> filters = {"description=~" + percent_encode(kMarkerStart)};
  if (settings_.correlation_field) {
    filters.push_back("cf_" + std::to_string(*settings_.correlation_field) + "=*");
  }
  for (const std::string& filter : filters) {
    const Answer listed = list_changed(call, filter, poll);
    if (!listed.ok()) return listed.fail(call);
  }

  for (const auto& [id, updated] : poll.latest) poll.rows.insert({updated, id});
  Instant tip = poll.rows.empty() ? Instant{} : poll.rows.rbegin()->updated;
  if (poll.from) tip = poll.from->id ? std::min(tip, poll.from->tip) : std::max(tip, poll.from->at);
  if (poll.from && poll.from->id && poll.rows.empty()) tip = poll.from->tip;

  const Progress progress = push_rows(call, poll, out);
  if (progress.failed) return progress.failed->fail(call);
  Cursor reached{tip, std::nullopt, tip};
  if (progress.stopped || !progress.wanted) {
    if (!progress.last) return Status::ok;  // not even the first issue: the old cursor stays
    reached = {progress.last->updated, progress.last->id, tip};
  } else if (poll.horizon != kNever) {
    reached = {poll.horizon, 0, tip};
  } else if (poll.server_seconds >= 0) {
    // A cursor ahead of the server's clock would miss what happens until that time.
    reached.at = std::min(reached.at, instant_of(poll.server_seconds * 1000));
  }
  if (reached.at == Instant{}) return Status::ok;  // nothing of ours yet: no time to start from
  out.put("{\"cursor\":" + sdk::json_quote(reached.text()) + "}");
  return Status::ok;
}

}  // namespace ombud::redmine
