// The query of a list of tickets; saved views hold the same names.
#pragma once

#include "desk/tickets.hpp"
#include "http/api/api.hpp"

namespace ombud::http {

// Every name that a list of tickets can be asked with, but cursor and limit.
#define OMBUD_TICKET_QUERY                                                                      \
  {.name = "status", .required = false, .words = words_of<TicketStatus>},                       \
      {.name = "statuses", .about = "Several, with commas between", .required = false},         \
      {.name = "open",                                                                          \
       .shape = Shape::boolean,                                                                 \
       .about = "true: neither resolved nor closed",                                            \
       .required = false},                                                                      \
      {.name = "customer", .required = false}, {.name = "team", .required = false},             \
      {.name = "agent", .about = "Key; me: yourself", .required = false},                       \
      {.name = "unassigned",                                                                    \
       .shape = Shape::boolean,                                                                 \
       .about = "true: no agent has it",                                                        \
       .required = false},                                                                      \
      {.name = "kind", .required = false, .words = words_of<TicketKind>},                       \
      {.name = "service", .required = false},                                                   \
      {.name = "requester", .shape = Shape::integer, .about = "Person", .required = false},     \
      {.name = "participant", .about = "me, or for the desk a person's id", .required = false}, \
      {.name = "link", .about = "For the desk: was handed to this link", .required = false},    \
      {.name = "answered",                                                                      \
       .shape = Shape::boolean,                                                                 \
       .about = "For the desk, true: a supplier's word waits for it",                           \
       .required = false},                                                                      \
      {.name = "approval",                                                                      \
       .about = "needed: open orders that wait for a yes; mine: for yours",                     \
       .required = false},                                                                      \
      {.name = "unread",                                                                        \
       .shape = Shape::boolean,                                                                 \
       .about = "true: changed since you read it",                                              \
       .required = false},                                                                      \
      {.name = "created_after", .shape = Shape::time, .required = false},                       \
      {.name = "created_before", .shape = Shape::time, .required = false},                      \
      {.name = "sort",                                                                          \
       .about = "updated by default; not with q",                                               \
       .required = false,                                                                       \
       .words = words_of<TicketSort>},                                                          \
      {.name = "order", .about = "asc or desc; desc by default", .required = false}, {          \
    .name = "q", .about = "Words in subject or messages; a final * is open", .required = false  \
  }

// The filter, order and words of such a query, as this principal may use them.
Result<desk::List> ticket_list_of(const Query& query, const Principal& who);

}  // namespace ombud::http
