// What other systems keep with our tickets, what was handed over to them, and who of them is told
// of changes (TMF621). Attributes follow from the log; subscriptions are state of their own.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/outbox.hpp"
#include "store/tickets.hpp"

namespace ombud {

struct Attributes {
  std::string client, external_id;
  std::string data = "{}";  // a JSON object
};
// Of the customer's view (delegation 0) or of a supplier's copy; empty ones if there are none.
Attributes attributes_of(Tx& tx, TicketId ticket, DelegationId delegation);

// The tickets or delegations to which somebody gave this external id, oldest first. `client`: whose
// it must be; empty: anybody's.
struct Bearer {
  TicketId ticket;
  DelegationId delegation;  // 0: the customer's view
  std::string client;
};
std::vector<Bearer> bearers_of(Tx& tx, std::string_view external_id, std::string_view client);

// Numbers of tickets, oldest first, `after` excluded.
struct TicketBounds {
  std::string customer;  // required
  PersonId requester;    // 0: any
  std::optional<TicketStatus> status, or_status;
  std::optional<Instant> created_from, created_until;  // both included
  std::optional<Instant> changed_from;                 // included; internal changes count too
};
std::int64_t count_tickets(Tx& tx, const TicketBounds& bounds);
std::vector<TicketId> ticket_ids(Tx& tx, const TicketBounds& bounds, TicketId after,
                                 std::int64_t skip, std::int64_t limit);
// Delegations of a link, oldest first.
std::vector<DelegationId> delegation_ids(Tx& tx, std::string_view link, DelegationId after,
                                         std::int64_t limit);

// True if a write of this hub, to anybody, bore this correlation.
bool is_our_correlation(Tx& tx, std::string_view correlation);

// What was composed for the supplier of a delegation under its agreement, in order; what was taken
// back is not there.
struct Handed {
  std::string op, body, correlation;
  std::int64_t source = 0;
  Instant at;
};
std::vector<Handed> handed_over(Tx& tx, DelegationId delegation);

struct Subscription {
  std::string id;
  Principal principal;  // on whose behalf
  std::string client;   // its actor()
  std::string dialect;  // "v4", "v5"
  std::string callback, query;
  std::int64_t after_event = 0;
};
// False: there is one with the same client, dialect, callback and query.
bool put_subscription(Tx& tx, const Subscription& subscription);
std::optional<Subscription> find_subscription(Tx& tx, std::string_view id);
std::vector<Subscription> list_subscriptions(Tx& tx);
// Whoever made it still has a token: one of that person, or of that name and scope.
bool is_entitled(Tx& tx, const Subscription& subscription);
// Also takes back what it has not been told yet.
void end_subscription(Tx& tx, std::string_view id);
// The lane of one subscriber's news of one ticket; made when missing.
Lane lane_of_subscription(Tx& tx, std::string_view subscription, std::string_view link,
                          TicketId ticket, std::string_view customer);

// The link that carries news to subscribers; nothing if none is configured.
std::optional<std::string> subscribers_link(Tx& tx);
// Where that link may post to: "https://host:port", from its file.
void put_callback_origins(Tx& tx, const std::vector<std::string>& origins);
std::vector<std::string> callback_origins(Tx& tx);

// How far the log has been told to subscribers, and what comes next of it.
std::int64_t published_until(Tx& tx);
void set_published_until(Tx& tx, std::int64_t event);
std::int64_t last_event(Tx& tx);
std::vector<LoggedEvent> events_after(Tx& tx, std::int64_t event, int limit);

}  // namespace ombud
