// One ticket as the supplier has it now, in the hub's words: its fields compared with what the hub
// once put there, and everything that a poll would tell of it. Changes nothing.
#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "profile/text.hpp"
#include "rest/connector.hpp"

namespace ombud::rest {
namespace {

constexpr std::size_t kKnownMax = 64;  // tickets of one ombud.known/1
constexpr int kForbidden = 403;

// Takes documents into memory.
struct Gathered {
  ombud_sink raw{this, [](ombud_sink* self, ombud_bytes document) -> std::int32_t {
                   static_cast<Gathered*>(self->impl)->documents.emplace_back(sdk::view(document));
                   return 0;
                 }};
  std::vector<std::string> documents;
};

bool is_gone(const profile::Snapshot& snapshot, int code) {
  return std::find(snapshot.gone.begin(), snapshot.gone.end(), code) != snapshot.gone.end();
}

void put_text(json::Writer& out, const char* name, const std::string& text) {
  if (!text.empty()) out.field(name, to_valid_utf8(text));
}

// Which of the known tickets, the newest first, the field agrees with.
std::optional<std::size_t> agrees_with(Scope& scope, const profile::Field& field,
                                       json::View tickets) {
  for (std::size_t i = 0; i < std::min(tickets.size(), kKnownMax); ++i) {
    scope.set("ticket", Value(tickets.at(i)));
    try {
      if (field.same.evaluate(scope).truth()) return i;
    } catch (const profile::Refused&) {  // a word that the supplier no longer has agrees with none
    }
  }
  return std::nullopt;
}

void put_fields(Scope& scope, const profile::Profile& profile, json::View tickets,
                json::Writer& out) {
  out.begin_array("fields");
  for (const profile::Field& field : profile.fields) {
    const auto agrees = agrees_with(scope, field, tickets);
    out.begin_object().field("name", field.name);
    if (agrees) out.field("agrees_with", static_cast<std::int64_t>(*agrees));
    put_text(out, "value", field.shown.text(scope));
    out.end_object();
  }
  out.end_array();
}

void put_not_there(const Write& known, Sink& copy) {
  copy.put(json::Writer()
               .begin_object()
               .field("schema", "ombud.copy/1")
               .field("external_id", known.external_id())
               .field("exists", false)
               .end_object()
               .take());
}

}  // namespace

Status Rest::snapshot(const Call& call, const Write& known, Sink& copy) {
  Run run(host_, bound_, memory_, call);
  return guarded(run, false, [&] {
    require_id(known);
    const profile::Snapshot& snapshot = profile().snapshot;
    Scope& scope = run.scope();
    auto document = json::parse(known.body());
    if (!document || (*document)["schema"].text() != "ombud.known/1") {
      Failure failure;
      failure.message = "A snapshot compares with ombud.known/1, and this is none.";
      throw failure;
    }
    const json::View tickets = scope.keep(std::move(*document))["tickets"];
    scope.set("ticket", Value(tickets.at(0)));
    scope.set("external_id", Value(std::string(known.external_id())));
    scope.set("correlation", Value(std::string(known.correlation())));
    run.steps(profile().poll.before);
    try {
      run.steps(snapshot.steps);
      if (snapshot.has_missing && snapshot.missing.evaluate(scope).truth()) {
        return put_not_there(known, copy);
      }
      scope.set("row", snapshot.row.evaluate(scope));
      scope.set("stored", snapshot.stored.evaluate(scope));
      run.steps(profile().poll.detail);
    } catch (Failure& failure) {
      if (is_gone(snapshot, failure.code)) return put_not_there(known, copy);
      // One ticket that may not be seen says nothing about the credentials.
      if (failure.code == kForbidden) failure.status = Status::permanent;
      throw;
    }
    Gathered gathered;
    Sink told(&gathered.raw);
    push_events(run, scope, profile().poll.events, told);

    json::Writer out;
    out.begin_object()
        .field("schema", "ombud.copy/1")
        .field("external_id", known.external_id())
        .field("exists", true);
    put_text(out, "correlation", profile().poll.events.correlation.text(scope));
    put_text(out, "status", snapshot.status.text(scope));
    put_text(out, "status_text", snapshot.status_text.text(scope));
    if (const auto at = profile::time_ms(snapshot.updated.text(scope))) {
      out.field("updated_at", to_rfc3339(instant_of(*at)));
    }
    put_text(out, "url", snapshot.url.text(scope));
    out.field("complete", !snapshot.has_complete || snapshot.complete.evaluate(scope).truth());
    out.begin_array("shows");
    for (const std::string& kind : snapshot.shows) out.value(kind);
    out.end_array().begin_array("changes");
    for (const std::string& change : gathered.documents) out.raw(change);
    out.end_array();
    put_fields(scope, profile(), tickets, out);  // the last: it sets `ticket` to each in turn
    copy.put(out.end_object().take());
  });
}

}  // namespace ombud::rest
