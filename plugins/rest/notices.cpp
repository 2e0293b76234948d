// What the supplier announces by itself: rows that are not ours and that the profile's [notice]
// takes for maintenance, an outage or something to know. The hub takes each once and tells news
// from what it has heard, so a list may be read whole again and again.
#include "base/bytes.hpp"
#include "base/time.hpp"
#include "profile/text.hpp"
#include "rest/connector.hpp"

namespace ombud::rest {
namespace {

void put_text(json::Writer& out, const char* name, const profile::Template& text, Scope& scope) {
  if (text.empty()) return;
  const Value value = text.evaluate(scope);
  if (value.truth()) out.field(name, to_valid_utf8(value.shown()));
}

// A time that nobody can read is left out: what is announced matters more than when.
void put_time(json::Writer& out, const char* name, const profile::Template& text, Scope& scope) {
  if (text.empty()) return;
  const auto at = profile::time_ms(text.text(scope));
  if (at) out.field(name, to_rfc3339(instant_of(*at)));
}

bool is_on(Run& run) {
  const profile::Notices& notices = run.profile().notices;
  return notices.present && (!notices.has_when || notices.when.evaluate(run.scope()).truth());
}

}  // namespace

std::optional<std::string> notice_of(Run& run, Scope& outer, const Value& row) {
  const profile::Notices& notices = run.profile().notices;
  Scope scope(outer);
  scope.set("row", row);
  if (run.profile().poll.ours.evaluate(scope).truth()) return std::nullopt;
  if (!notices.is.evaluate(scope).truth()) return std::nullopt;
  const std::string id = notices.id.text(scope);
  const std::string title = to_valid_utf8(notices.title.text(scope));
  if (id.empty() || title.empty()) {
    run.log(Host::warning, "A row that is a notice by the profile has no id or no title.");
    return std::nullopt;
  }
  json::Writer out;
  out.begin_object()
      .field("schema", "ombud.announcement/1")
      .field("remote_id", id)
      .field("title", title);
  put_text(out, "kind", notices.kind, scope);
  put_text(out, "state", notices.state, scope);
  put_text(out, "text", notices.text, scope);
  put_text(out, "url", notices.url, scope);
  put_time(out, "starts_at", notices.starts_at, scope);
  put_time(out, "ends_at", notices.ends_at, scope);
  put_time(out, "updated_at", notices.updated, scope);
  if (notices.has_services) {
    const Value services = notices.services.evaluate(scope);
    out.begin_array("services");
    for (std::size_t i = 0; i < services.size() && services.is_list(); ++i) {
      out.value(to_valid_utf8(services.at(i).shown()));
    }
    if (!services.is_list() && services.truth()) out.value(to_valid_utf8(services.shown()));
    out.end_array();
  }
  return out.end_object().take();
}

bool push_listed_notices(Run& run, Sink& out) {
  if (!is_on(run)) return true;
  for (const profile::Search& list : run.profile().notices.lists) {
    if (list.step.has_when && !list.step.when.evaluate(run.scope()).truth()) continue;
    Scope scope(run.scope());
    const Value rows = run.rows(scope, list);
    for (std::size_t i = 0; i < rows.size() && rows.is_list(); ++i) {
      const auto document = notice_of(run, scope, rows.at(i));
      if (document && !out.put(*document)) return false;
    }
  }
  return true;
}

bool reads_notices_from_poll(Run& run) {
  return run.profile().notices.lists.empty() && is_on(run);
}

}  // namespace ombud::rest
