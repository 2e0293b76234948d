// The resources of /api/v1 and the hub's other addresses: one function a file, each adding its
// routes; and what their handlers share.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/app.hpp"
#include "http/limits.hpp"
#include "http/route.hpp"
#include "store/directory.hpp"
#include "store/tickets.hpp"

namespace ombud::http {

void declare_routes(Router& router);  // all of the below

void declare_tickets(Router& router);
void declare_ticket_actions(Router& router);
void declare_ticket_people(Router& router);  // participants, rating, read marks
void declare_approvals(Router& router);
void declare_deputies(Router& router);
void declare_ticket_moves(Router& router);  // merge, split, relations, bulk …
void declare_views(Router& router);
void declare_templates(Router& router);
void declare_notifications(Router& router);  // and what people want to be told
void declare_attachments(Router& router);
void declare_delegations(Router& router);
void declare_deliveries(Router& router);
void declare_mails(Router& router);  // and the formatted text of messages
void declare_notices(Router& router);
void declare_articles(Router& router);
void declare_letters(Router& router);  // and links to files
void declare_statistics(Router& router);
void declare_audit(Router& router);
void declare_links(Router& router);
void declare_link_questions(Router& router);
void declare_reconciliations(Router& router);
void declare_agreements(Router& router);
void declare_customers(Router& router);
void declare_people(Router& router);   // of customers
void declare_desk(Router& router);     // teams, agents, services
void declare_tokens(Router& router);   // and whoami
void declare_session(Router& router);  // and sessions, permissions
void declare_own_account(Router& router);
void declare_accounts(Router& router);
void declare_oidc(Router& router);
void declare_mailboxes(Router& router);
void declare_operations(Router& router);
void declare_configuration(Router& router);
void declare_hooks(Router& router);
void declare_stream(Router& router);
void declare_tmf621(Router& router);  // tmf621/, described by its own contracts

// --- Ids in paths: one that cannot be one is as absent as one that is not there
// -------------------

// Of a POST that needs to be told nothing: an empty body, or {}.
extern const Schema kNothingSchema;
std::optional<Problem> read_nothing(const Call& call);

inline Response no_content() {
  Response response;
  response.status = 204;
  return response;
}

TicketId ticket_param(const Call& call);  // first parameter, "OMB-12" or "12"; 0 if it is neither
template <class Id>
Id id_param(const Call& call) {
  const TicketId number = ticket_of_reference(call.params.at(0));
  return Id{call.params.at(0).front() == 'O' || call.params.at(0).front() == 'o' ? 0
                                                                                 : number.value};
}

// --- Versions -----------------------------------------------------------------------------------

std::string etag_of(std::int64_t version);  // "12", with its quotes
// The versions that If-Match allows; nothing when there is no condition. Weak tags never match.
std::optional<std::vector<std::int64_t>> if_match(const Call& call);
// The ticket, if it is visible and the condition holds; else not_found or stale.
Result<Ticket> checked_ticket(Tx& tx, const Call& call, TicketId ticket);
// If-None-Match names it: answer 304.
bool none_match(std::string_view if_none_match, std::string_view etag);
bool none_match(const Call& call, std::string_view etag);
Response not_modified(std::string etag);
// The bytes of an attachment: for saving, or to be shown where they are asked for.
Response file_response(const Attachment& attachment, const Blobs& blobs, bool shown = false);

// --- Reading bodies and queries
// -------------------------------------------------------------------

template <class Enum>
std::optional<Enum> maybe_word(json::Reader& in, std::string_view name) {
  const auto text = in.maybe_text(name, {});
  if (!text) return std::nullopt;
  const auto value = from_text<Enum>(*text);
  if (!value) in.refuse(name, "must be " + choices<Enum>());
  return value;
}
template <class Enum>
Result<std::optional<Enum>> query_word(const Call& call, std::string_view name) {
  if (!call.query.has(name)) return std::optional<Enum>();
  const auto value = from_text<Enum>(call.query.text(name));
  if (!value) return invalid("?" + std::string(name), "must be " + choices<Enum>());
  return value;
}
std::optional<Instant> maybe_time(json::Reader& in, std::string_view name);
std::string key_text(json::Reader& in, std::string_view name,
                     bool required);  // of a directory entry
// The ids of an array: at least one, whole numbers from 1.
std::vector<std::int64_t> read_ids(json::Reader& in, std::string_view name, std::size_t count_max);
std::string language_text(json::Reader& in);  // "sv" or "en"; "sv" by default
Result<int> page_limit(const Call& call);
// A cursor that is one number.
Result<std::optional<std::int64_t>> number_cursor(const Call& call);

// --- What administrators change stands in the audit (store/audit.hpp) ----------------------------

// "team.added" or "team.changed", with the thing's JSON before (empty: it is new) and after.
// Nothing if nothing changed.
void audit_change(Tx& tx, std::string_view subject, std::string_view id, const std::string& before,
                  const std::string& after);
// "team.removed", with the thing's JSON before; empty: what it was is not to be kept.
void audit_removal(Tx& tx, std::string_view subject, std::string_view id,
                   const std::string& before);
// What was done to it, and why.
void audit_act(Tx& tx, std::string_view type, std::string_view subject, std::string_view id,
               std::string_view reason);

inline constexpr Member kLimit{.name = "limit",
                               .shape = Shape::integer,
                               .about = "Entries of a page, 1 to 200; 25 by default",
                               .required = false};
inline constexpr Member kCursor{
    .name = "cursor", .about = "`next` of the page before", .required = false};

}  // namespace ombud::http
