// Figures of a span of time, as JSON and CSV, and the tickets behind each of them.
#include "desk/statistics.hpp"

#include <charconv>

#include "base/csv.hpp"
#include "http/api/api.hpp"
#include "http/api/render.hpp"

namespace ombud::http {
namespace {

constexpr std::string_view kNoService = "-";  // no key: those begin with a letter or a digit
constexpr int kDaysByDefault = 30;

// clang-format off
#define OMBUD_SCOPE_QUERY                                                                       \
  {.name = "from", .about = "A day such as 2026-11-01, or a time. 30 days back, if left out",   \
   .required = false},                                                                          \
  {.name = "to", .about = "A day, which is included, or a time, which is not. Today, if left out", \
   .required = false},                                                                          \
  {.name = "zone", .about = "Whose days: Europe/Stockholm. UTC, if left out",                   \
   .required = false},                                                                          \
  {.name = "customer", .required = false},                                                      \
  {.name = "service", .about = "Key; - for tickets without one", .required = false},            \
  {.name = "team", .required = false},                                                          \
  {.name = "supplier", .about = "Key of the link that it was handed to", .required = false},    \
  {.name = "kind", .required = false, .words = words_of<TicketKind>},                           \
  {.name = "priority", .required = false, .words = words_of<Priority>}
// clang-format on
constexpr Member kQuery[] = {OMBUD_SCOPE_QUERY,
                             {.name = "by",
                              .about = "A line for each; day, if left out",
                              .required = false,
                              .words = words_of<FigureBy>}};
constexpr Member kTicketsQuery[] = {
    OMBUD_SCOPE_QUERY, {.name = "figure", .words = words_of<Figure>}, kLimit, kCursor};

constexpr Member kDurationMembers[] = {
    {.name = "count", .shape = Shape::integer},
    {.name = "p50",
     .shape = Shape::integer,
     .about = "Half of them took no longer, in ms",
     .required = false},
    {.name = "p90", .shape = Shape::integer, .about = "Nine of ten", .required = false}};
constexpr Schema kDurationSchema{"FigureDuration", kDurationMembers};
// clang-format off
#define OMBUD_FIGURE_MEMBERS                                                                    \
  {.name = "registered", .shape = Shape::integer},                                              \
  {.name = "resolved", .shape = Shape::integer,                                                 \
   .about = "Whose last resolution was in the time, and stands"},                               \
  {.name = "closed", .shape = Shape::integer},                                                  \
  {.name = "reopened", .shape = Shape::integer},                                                \
  {.name = "backlog", .shape = Shape::integer, .about = "Open at the end of the time"},         \
  {.name = "first_response_ms", .shape = Shape::one,                                            \
   .about = "From registration to the desk's first words, of those that got them in the time",  \
   .of = &kDurationSchema},                                                                     \
  {.name = "resolution_ms", .shape = Shape::one,                                                \
   .about = "From registration to the last resolution, of the resolved",                        \
   .of = &kDurationSchema},                                                                     \
  {.name = "oldest_open_at", .shape = Shape::time,                                              \
   .about = "Registration of the oldest in the backlog", .required = false},                    \
  {.name = "filter", .shape = Shape::object,                                                    \
   .about = "Query of GET /tickets for the registered; null if it cannot say it",               \
   .required = false},                                                                          \
  {.name = "counted", .shape = Shape::object,                                                   \
   .about = "Query of GET /statistics/tickets, to which `figure` is added"}
// clang-format on
constexpr Member kTotalsMembers[] = {OMBUD_FIGURE_MEMBERS};
constexpr Schema kTotalsSchema{"Figures", kTotalsMembers};
constexpr Member kLineMembers[] = {
    {.name = "key", .about = "A day, a key or a word; empty: tickets without one"},
    {.name = "label"},
    OMBUD_FIGURE_MEMBERS};
constexpr Schema kLineSchema{"FigureLine", kLineMembers};
constexpr Member kStatisticsMembers[] = {
    {.name = "from", .shape = Shape::time},
    {.name = "to", .shape = Shape::time, .about = "Not included"},
    {.name = "zone"},
    {.name = "by", .words = words_of<FigureBy>},
    {.name = "totals", .shape = Shape::one, .of = &kTotalsSchema},
    {.name = "rows", .shape = Shape::many, .of = &kLineSchema}};
constexpr Schema kStatisticsSchema{"Statistics", kStatisticsMembers};

// A day's beginning or, `days` later, its end; or the time that it says.
Result<Instant> moment_of(const Call& call, std::string_view name, const std::string& zone,
                          int days) {
  const std::string_view text = call.query.text(name);
  if (const auto day = desk::start_of_day(zone, text, days)) return *day;
  if (const auto at = parse_rfc3339(text)) return *at;
  return invalid("?" + std::string(name),
                 "must be a day such as 2026-11-01 or a time such as 2026-11-01T09:30:00Z");
}

std::optional<std::string> text_of(const Call& call, std::string_view name) {
  if (call.query.text(name).empty()) return std::nullopt;
  return std::string(call.query.text(name));
}

Result<desk::StatisticsRequest> request_of(const Tx& tx, const Call& call) {
  desk::StatisticsRequest request;
  if (call.query.has("zone")) request.zone = call.query.text("zone");
  if (!desk::is_zone(request.zone)) {
    return invalid("?zone", "is not the name of a zone such as Europe/Stockholm");
  }
  FigureScope& scope = request.scope;
  const std::string today = desk::day_of(request.zone, tx.at());
  const auto to = call.query.has("to")
                      ? moment_of(call, "to", request.zone, 1)
                      : Result<Instant>(*desk::start_of_day(request.zone, today, 1));
  if (!to) return to.error();
  scope.to = *to;
  const std::string last = desk::day_of(request.zone, scope.to - Millis{1});
  const auto from =
      call.query.has("from")
          ? moment_of(call, "from", request.zone, 0)
          : Result<Instant>(*desk::start_of_day(request.zone, last, 1 - kDaysByDefault));
  if (!from) return from.error();
  scope.from = *from;
  const auto kind = query_word<TicketKind>(call, "kind");
  if (!kind) return kind.error();
  const auto priority = query_word<Priority>(call, "priority");
  if (!priority) return priority.error();
  scope.customer = text_of(call, "customer");
  scope.team = text_of(call, "team");
  scope.supplier = text_of(call, "supplier");
  scope.kind = text_of(call, "kind");
  scope.priority = text_of(call, "priority");
  scope.service = text_of(call, "service");
  if (scope.service == kNoService) scope.service = "";
  return request;
}

Result<desk::StatisticsRequest> counted_by(const Tx& tx, const Call& call) {
  auto request = request_of(tx, call);
  if (!request) return request;
  const auto by = query_word<FigureBy>(call, "by");
  if (!by) return by.error();
  request->by = by->value_or(FigureBy::day);
  return request;
}

void write_duration(json::Writer& out, std::string_view name, const desk::Duration& duration) {
  out.begin_object(name)
      .field("count", duration.count)
      .field("p50", duration.p50_ms)
      .field("p90", duration.p90_ms)
      .end_object();
}

// In the words of GET /tickets.
void write_filter(json::Writer& out, const FigureScope& scope) {
  if (scope.service == "" || scope.priority) {  // the list cannot ask for these
    out.key("filter").null();
    return;
  }
  out.begin_object("filter")
      .field("created_after", to_rfc3339(scope.from))
      .field("created_before", to_rfc3339(scope.to))
      .field_if("customer", scope.customer)
      .field_if("service", scope.service)
      .field_if("team", scope.team)
      .field_if("link", scope.supplier)
      .field_if("kind", scope.kind)
      .end_object();
}

void write_figures(json::Writer& out, const desk::Figures& f, const FigureScope& scope) {
  out.field("registered", f.registered)
      .field("resolved", f.resolved)
      .field("closed", f.closed)
      .field("reopened", f.reopened)
      .field("backlog", f.backlog);
  write_duration(out, "first_response_ms", f.first_response);
  write_duration(out, "resolution_ms", f.resolution);
  write_time(out, "oldest_open_at", f.oldest_open_at);
  write_filter(out, scope);
  auto service = scope.service;
  if (service == "") service = std::string(kNoService);
  out.begin_object("counted")
      .field("from", to_rfc3339(scope.from))
      .field("to", to_rfc3339(scope.to))
      .field_if("customer", scope.customer)
      .field_if("service", service)
      .field_if("team", scope.team)
      .field_if("supplier", scope.supplier)
      .field_if("kind", scope.kind)
      .field_if("priority", scope.priority)
      .end_object();
}

Result<Response> read_all(Tx& tx, const Call& call) {
  const auto request = counted_by(tx, call);
  if (!request) return request.error();
  const auto statistics = desk::statistics(tx, *request);
  if (!statistics) return statistics.error();
  json::Writer out;
  out.begin_object();
  write_time(out, "from", statistics->scope.from);
  write_time(out, "to", statistics->scope.to);
  out.field("zone", request->zone).field("by", to_text(request->by)).begin_object("totals");
  write_figures(out, statistics->totals, statistics->scope);
  out.end_object().begin_array("rows");
  for (const desk::FigureLine& line : statistics->rows) {
    out.begin_object().field("key", line.key).field("label", line.label);
    write_figures(out, line.figures, line.scope);
    out.end_object();
  }
  out.end_array().end_object();
  return json_response(out);
}

void write_csv(Csv& csv, const desk::Figures& f) {
  csv.number(f.registered).number(f.resolved).number(f.closed).number(f.reopened);
  csv.number(f.backlog).number(f.first_response.count).number(f.first_response.p50_ms);
  csv.number(f.first_response.p90_ms).number(f.resolution.count).number(f.resolution.p50_ms);
  csv.number(f.resolution.p90_ms);
  csv.text(f.oldest_open_at ? to_rfc3339(*f.oldest_open_at) : std::string());
  csv.end_row();
}

Result<Response> read_csv(Tx& tx, const Call& call) {
  const auto request = counted_by(tx, call);
  if (!request) return request.error();
  const auto statistics = desk::statistics(tx, *request);
  if (!statistics) return statistics.error();
  Csv csv;
  for (const char* title :
       {"key", "label", "registered", "resolved", "closed", "reopened", "backlog",
        "first_response_count", "first_response_p50_ms", "first_response_p90_ms",
        "resolution_count", "resolution_p50_ms", "resolution_p90_ms", "oldest_open_at"}) {
    csv.text(title);
  }
  csv.end_row();
  for (const desk::FigureLine& line : statistics->rows) {
    csv.text(line.key).text(line.label);
    write_csv(csv, line.figures);
  }
  return csv_response(csv.take(), "statistics.csv");
}

// "1795000000000-12", of the last one seen.
std::optional<CountedKey> key_of(std::string_view cursor) {
  CountedKey key;
  const char* end = cursor.data() + cursor.size();
  const auto at = std::from_chars(cursor.data(), end, key.created_at);
  if (at.ec != std::errc() || at.ptr == end || *at.ptr != '-') return std::nullopt;
  const auto id = std::from_chars(at.ptr + 1, end, key.id.value);
  if (id.ec != std::errc() || id.ptr != end) return std::nullopt;
  return key;
}

Result<Response> list_tickets_(Tx& tx, const Call& call) {
  const auto request = request_of(tx, call);
  if (!request) return request.error();
  const auto figure = query_word<Figure>(call, "figure");
  if (!figure) return figure.error();
  if (!*figure) return invalid("?figure", "is required: " + choices<Figure>());
  const auto limit = page_limit(call);
  if (!limit) return limit.error();
  std::optional<CountedKey> before;
  if (call.query.has("cursor")) {
    before = key_of(call.query.text("cursor"));
    if (!before) return invalid("?cursor", "is not a cursor of this list; begin again without it");
  }
  const auto listing = desk::list_counted(tx, request->scope, **figure, before, *limit);
  if (!listing) return listing.error();
  json::Writer out;
  begin_items(out);
  for (const Ticket& ticket : listing->tickets) write(out, ticket);
  end_items(out, listing->next ? std::to_string(listing->next->created_at) + "-" +
                                     std::to_string(listing->next->id.value)
                               : std::string());
  return json_response(out);
}

}  // namespace

void declare_statistics(Router& router) {
  router.add({.method = Method::get,
              .path = "/api/v1/statistics",
              .id = "read_statistics",
              .needs = Permission::statistics_read,
              .tag = "figures",
              .summary = "What came, was answered and solved in a span of time, and what is open",
              .handler = &read_all,
              .query = kQuery,
              .answer = &kStatisticsSchema});
  router.add({.method = Method::get,
              .path = "/api/v1/statistics.csv",
              .id = "read_statistics_csv",
              .needs = Permission::statistics_read,
              .tag = "figures",
              .summary = "The same lines for a spreadsheet",
              .handler = &read_csv,
              .query = kQuery,
              .answer_media = "text/csv"});
  router.add({.method = Method::get,
              .path = "/api/v1/statistics/tickets",
              .id = "list_counted_tickets",
              .needs = Permission::statistics_read,
              .tag = "figures",
              .summary = "Exactly the tickets that a figure counts, the newest first",
              .handler = &list_tickets_,
              .query = kTicketsQuery,
              .answer = &kTicketSchema,
              .list = true});
}

}  // namespace ombud::http
