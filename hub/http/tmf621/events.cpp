#include "http/tmf621/events.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.hpp"
#include "http/tmf621/subscriptions.hpp"
#include "store/systems.hpp"

namespace ombud::http::tmf {
namespace {

constexpr int kEventsPerCommit = 200;

std::string changed_fields(const Trouble& before, const Trouble& after) {
  std::vector<std::string> names;
  const auto note = [&](bool changed, const char* name) {
    if (changed) names.emplace_back(name);
  };
  note(before.name != after.name, "name");
  note(before.description != after.description, "description");
  note(before.priority != after.priority, "priority");
  note(before.kind != after.kind, "ticketType");
  note(before.notes.size() != after.notes.size(), "note");
  note(before.files.size() != after.files.size(), "attachment");
  note(before.external_id != after.external_id, "externalId");
  note(before.due_at != after.due_at, "requestedResolutionDate");
  const auto old_kept = json::parse(before.attributes), new_kept = json::parse(after.attributes);
  if (old_kept && new_kept) {
    const Members were = members_of(old_kept->root()), are = members_of(new_kept->root());
    for (const auto& [name, value] : are) {
      const auto there = were.find(name);
      note(name.front() != kHiddenMark && (there == were.end() || there->second != value),
           name.c_str());
    }
    for (const auto& [name, value] : were) {
      note(name.front() != kHiddenMark && !are.contains(name), name.c_str());
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return fmt::format("{}", fmt::join(names, ","));
}

// "5b2d3a1c-…": the first 128 bits of a digest in the form of a UUID.
std::string event_id(std::string_view of) {
  const std::string hex = sha256_hex(of);
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" +
         hex.substr(16, 4) + "-" + hex.substr(20, 12);
}

struct Listener {
  Subscription subscription;
  std::set<std::string, std::less<>> events;  // empty: all
};

std::vector<Listener> listeners(Tx& tx) {
  std::vector<Listener> all;
  for (Subscription& subscription : list_subscriptions(tx)) {
    if (!is_entitled(tx, subscription)) continue;
    auto events = events_of_query(subscription.query);
    if (events) all.push_back({std::move(subscription), std::move(*events)});
  }
  return all;
}

// Events of one ticket that were committed together by one actor: one commit.
struct Commit {
  std::vector<LoggedEvent> events;
  std::string_view actor() const { return events.front().actor; }
  std::int64_t first_version() const { return events.front().version; }
  std::int64_t last_version() const { return events.back().version; }
};

std::vector<Commit> commits_of(std::vector<LoggedEvent> events) {
  std::vector<Commit> commits;
  for (LoggedEvent& event : events) {
    const bool same = !commits.empty() && commits.back().events.back().ticket == event.ticket &&
                      commits.back().events.back().at == event.at &&
                      commits.back().actor() == event.actor;
    if (!same) commits.emplace_back();
    commits.back().events.push_back(std::move(event));
  }
  return commits;
}

// Tells one change to the listeners.
class Telling {
 public:
  Telling(Tx& tx, const Settings& settings, const std::string& link, const Commit& commit)
      : tx_(tx), settings_(settings), link_(link), commit_(commit) {
    log_ = all_events_of(tx, commit.events.front().ticket);
    const auto until = [&](std::int64_t version) {
      return std::span<const LoggedEvent>(log_).first(static_cast<std::size_t>(version));
    };
    before_ = until(commit.first_version() - 1);
    after_ = until(commit.last_version());
  }

  void to(const Listener& listener) {
    const Principal& who = listener.subscription.principal;
    if (listener.subscription.after_event >= commit_.events.front().id.value) return;
    if (commit_.actor() == listener.subscription.client) return;  // it knows: it did it
    if (who.is_supplier()) {
      for (const Delegation& d : delegations_of(tx_, commit_.events.front().ticket)) {
        if (who.owns_link(d.link)) tell_supplier(listener, d.id);
      }
      return;
    }
    const Trouble after = fold(after_);
    if (after.customer != who.tenant) return;
    if (who.own_tickets_only() && after.requester != who.person) return;
    tell(listener, before_.empty() ? std::nullopt : std::optional(fold(before_)), after);
  }

 private:
  static bool holds(std::span<const LoggedEvent> log, DelegationId id) {
    return std::any_of(log.begin(), log.end(),
                       [&](const LoggedEvent& e) { return e.id.value == id.value; });
  }

  void tell_supplier(const Listener& listener, DelegationId id) {
    if (!holds(after_, id)) return;
    const auto handed = handed_over(tx_, id);
    std::optional<Trouble> before;
    if (holds(before_, id)) before = fold(before_, id, handed, before_.back().at);
    tell(listener, before, fold(after_, id, handed, after_.back().at));
  }

  void tell(const Listener& listener, const std::optional<Trouble>& before, const Trouble& after) {
    const Subscription& to = listener.subscription;
    const Dialect& dialect = to.dialect == "v5" ? v5() : v4();
    for (const News& news : news_of(before, after)) {
      if (!listener.events.empty() && !listener.events.contains(news.type)) continue;
      const LoggedEvent& last = commit_.events.back();
      const std::string id = event_id(
          fmt::format("{}:{}:{}:{}", to.id, last.id.value, news.type, after.delegation.value));
      json::Writer out;
      out.begin_object()
          .field("schema", "ombud.event/1")
          .field("id", id)
          .field("type", news.type)
          .field("callback", address_of(to.callback, news.type, settings_.append_listener))
          .key("event")
          .raw(event_document(news, id, last.at, after, dialect, settings_))
          .end_object();
      const Lane lane = lane_of_subscription(tx_, to.id, link_, last.ticket, customer());
      // Never a put_ticket: of those the outbox keeps only the newest.
      enqueue(tx_, lane, {"add_comment", out.take(), "", 0});
    }
  }

  std::string customer() { return find_ticket(tx_, commit_.events.front().ticket)->customer; }

  Tx& tx_;
  const Settings& settings_;
  const std::string& link_;
  const Commit& commit_;
  std::vector<LoggedEvent> log_;
  std::span<const LoggedEvent> before_, after_;
};

}  // namespace

std::vector<News> news_of(const std::optional<Trouble>& before, const Trouble& after) {
  if (!before) return {{std::string(kCreateEvent), ""}};
  std::vector<News> all;
  if (std::string fields = changed_fields(*before, after); !fields.empty()) {
    all.push_back({std::string(kChangeEvent), std::move(fields)});
  }
  if (before->status == after.status) return all;
  all.push_back({std::string(kStatusEvent), ""});
  if (after.status == "resolved") all.push_back({std::string(kResolvedEvent), ""});
  // A customer's pending waits for the customer; a supplier's for the desk.
  if (after.status == "pending" && after.delegation.value == 0) {
    all.push_back({std::string(kRequiredEvent), "note"});
  }
  return all;
}

std::string event_document(const News& news, const std::string& id, Instant at,
                           const Trouble& trouble, const Dialect& dialect,
                           const Settings& settings) {
  const std::string when = to_rfc3339(at), ticket = dialect.render(trouble, settings);
  json::Writer out;
  out.begin_object()
      .field("eventId", id)
      .field("eventTime", when)
      .field("eventType", news.type)
      .field("correlationId", trouble.id())
      .field("domain", "TroubleTicket")
      .field("title", news.type)
      .field("description", trouble.id() + " is " + trouble.status)
      .field(dialect.v5 ? "timeOccurred" : "timeOcurred", when);  // v4 spells it so
  const bool pathed = !news.field_path.empty() && !dialect.v5;
  if (pathed) {
    out.field("fieldPath", news.field_path);
  } else {
    out.field("id", trouble.id())
        .field("href", dialect.base(settings) + "/troubleTicket/" + trouble.id());
  }
  if (dialect.v5) out.field("@type", news.type);
  out.begin_object("event").key("troubleTicket").raw(ticket).end_object();
  out.end_object();
  return out.take();
}

bool publish_some(Tx& tx, const Settings& settings) {
  const auto link = subscribers_link(tx);
  if (!link) return false;
  const auto all = listeners(tx);
  auto events = events_after(tx, published_until(tx), kEventsPerCommit);
  if (events.empty()) return false;
  const std::int64_t last = events.back().id.value;
  if (all.empty()) {
    set_published_until(tx, last_event(tx));
    return false;
  }
  const bool full = events.size() == static_cast<std::size_t>(kEventsPerCommit);
  auto commits = commits_of(std::move(events));
  // The last change may go on beyond the page.
  if (full && commits.size() > 1) commits.pop_back();
  for (const Commit& commit : commits) {
    Telling telling(tx, settings, *link, commit);
    for (const Listener& listener : all) telling.to(listener);
  }
  set_published_until(tx, full ? commits.back().events.back().id.value : last);
  return full;
}

}  // namespace ombud::http::tmf
