#include <algorithm>
#include <charconv>

#include "desk/limits.hpp"
#include "desk/tickets.hpp"
#include "http/api/api.hpp"
#include "http/tmf621/tickets.hpp"
#include "store/audit.hpp"

namespace ombud::http {

void declare_routes(Router& router) {
  declare_tickets(router);
  declare_ticket_actions(router);
  declare_ticket_people(router);
  declare_approvals(router);
  declare_deputies(router);
  declare_ticket_moves(router);
  declare_views(router);
  declare_templates(router);
  declare_notifications(router);
  declare_attachments(router);
  declare_delegations(router);
  declare_deliveries(router);
  declare_mails(router);
  declare_notices(router);
  declare_articles(router);
  declare_letters(router);
  declare_statistics(router);
  declare_audit(router);
  declare_links(router);
  declare_link_questions(router);
  declare_reconciliations(router);
  declare_agreements(router);
  declare_customers(router);
  declare_people(router);
  declare_desk(router);
  declare_tokens(router);
  declare_session(router);
  declare_own_account(router);
  declare_accounts(router);
  declare_oidc(router);
  declare_mailboxes(router);
  declare_operations(router);
  declare_configuration(router);
  declare_hooks(router);
  declare_stream(router);
  declare_tmf621(router);
}

void declare_tmf621(Router& router) {
  tmf::declare_tickets(router);
  tmf::declare_hub(router);
  tmf::declare_specifications(router);
}

const Schema kNothingSchema{"Nothing", {}};
std::optional<Problem> read_nothing(const Call& call) {
  return json::Reader(call.body.root(), "").finish();
}

TicketId ticket_param(const Call& call) {
  return ticket_of_reference(call.params.at(0));
}

std::string etag_of(std::int64_t version) {
  return "\"" + std::to_string(version) + "\"";
}

namespace {

// The entity tags of a header such as `"1", W/"2"`; quotes kept, one "*" as it is.
std::vector<std::string_view> tags_of(std::string_view header) {
  std::vector<std::string_view> tags;
  while (!header.empty()) {
    const std::size_t end = std::min(header.find(','), header.size());
    std::string_view tag = header.substr(0, end);
    header.remove_prefix(std::min(end + 1, header.size()));
    while (!tag.empty() && (tag.front() == ' ' || tag.front() == '\t')) tag.remove_prefix(1);
    while (!tag.empty() && (tag.back() == ' ' || tag.back() == '\t')) tag.remove_suffix(1);
    if (!tag.empty()) tags.push_back(tag);
  }
  return tags;
}

}  // namespace

std::optional<std::vector<std::int64_t>> if_match(const Call& call) {
  const std::string_view header = call.exchange.header("If-Match");
  if (header.empty()) return std::nullopt;
  std::vector<std::int64_t> versions;
  for (const std::string_view tag : tags_of(header)) {
    if (tag == "*") return std::nullopt;
    if (tag.size() < 3 || tag.front() != '"' || tag.back() != '"') continue;
    std::int64_t version = 0;
    const char* end = tag.data() + tag.size() - 1;
    const auto [stop, error] = std::from_chars(tag.data() + 1, end, version);
    // What follows a point is of no version: what became of mails, for instance.
    if (error == std::errc() && (stop == end || *stop == '.')) versions.push_back(version);
  }
  return versions;
}

Result<Ticket> checked_ticket(Tx& tx, const Call& call, TicketId ticket) {
  const auto versions = if_match(call);
  if (!versions) return desk::visible_ticket(tx, ticket);
  auto found = desk::visible_ticket(tx, ticket);
  if (!found) return found;
  for (const std::int64_t version : *versions) {
    if (version == found->version) return found;
  }
  return problem(ProblemKind::stale, "The ticket was changed in the meantime; it is at version " +
                                         std::to_string(found->version) +
                                         ". Read it again and repeat the change.");
}

bool none_match(const Call& call, std::string_view etag) {
  return none_match(call.exchange.header("If-None-Match"), etag);
}

bool none_match(std::string_view if_none_match, std::string_view etag) {
  for (std::string_view tag : tags_of(if_none_match)) {
    if (tag == "*") return true;
    if (tag.substr(0, 2) == "W/") tag.remove_prefix(2);
    if (tag == etag) return true;
  }
  return false;
}

Response not_modified(std::string etag) {
  Response response;
  response.status = 304;
  response.header("ETag", std::move(etag));
  return response;
}

std::optional<Instant> maybe_time(json::Reader& in, std::string_view name) {
  const auto text = in.maybe_text(name, {});
  if (!text) return std::nullopt;
  const auto at = parse_rfc3339(*text);
  if (!at) in.refuse(name, "must be a time such as 2026-11-22T09:30:00Z");
  return at;
}

std::string key_text(json::Reader& in, std::string_view name, bool required) {
  std::string key = in.text(name, {.required = required, .bytes_max = 64});
  if (!key.empty() && !is_key(key)) {
    in.refuse(name, "must be a key: 1 to 64 of a-z, 0-9, '-', '_' and '.'");
  }
  return key;
}

std::string language_text(json::Reader& in) {
  std::string language = in.maybe_text("language", {}).value_or("sv");
  if (language != "sv" && language != "en") in.refuse("language", "must be sv or en");
  return language;
}

std::vector<std::int64_t> read_ids(json::Reader& in, std::string_view name, std::size_t count_max) {
  const json::View array = in.array(name, count_max);
  std::vector<std::int64_t> all;
  if (!array.is_array() || array.size() == 0) {
    in.refuse(name, "must name at least one");
    return all;
  }
  for (std::size_t i = 0; i < array.size(); ++i) all.push_back(array.at(i).integer(0));
  if (std::any_of(all.begin(), all.end(), [](std::int64_t id) { return id < 1; })) {
    in.refuse(name, "must hold ids alone: whole numbers from 1");
  }
  return all;
}

Result<int> page_limit(const Call& call) {
  const auto limit = call.query.integer("limit", 1, desk::kPageMax, kPageDefault);
  if (!limit) return limit.error();
  return static_cast<int>(*limit);
}

Result<std::optional<std::int64_t>> number_cursor(const Call& call) {
  if (!call.query.has("cursor")) return std::optional<std::int64_t>();
  const auto number = call.query.integer("cursor", 0, INT64_MAX, 0);
  if (!number) return invalid("?cursor", "is not a cursor of this list; begin again without it");
  return std::optional(*number);
}

void audit_change(Tx& tx, std::string_view subject, std::string_view id, const std::string& before,
                  const std::string& after) {
  if (before == after) return;
  json::Writer data;
  data.begin_object().key("before").raw(before.empty() ? "null" : before);
  data.key("after").raw(after).end_object();
  record_audit(tx, std::string(subject) + (before.empty() ? ".added" : ".changed"), subject, id,
               data.take());
}

void audit_removal(Tx& tx, std::string_view subject, std::string_view id,
                   const std::string& before) {
  json::Writer data;
  data.begin_object();
  if (!before.empty()) data.key("before").raw(before);
  record_audit(tx, std::string(subject) + ".removed", subject, id, data.end_object().take());
}

void audit_act(Tx& tx, std::string_view type, std::string_view subject, std::string_view id,
               std::string_view reason) {
  json::Writer data;
  data.begin_object();
  if (!reason.empty()) data.field("reason", reason);
  record_audit(tx, type, subject, id, data.end_object().take());
}

}  // namespace ombud::http
