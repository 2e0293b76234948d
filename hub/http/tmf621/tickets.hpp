// The resource troubleTicket: what its routes do, for customers' systems and suppliers' systems.
#pragma once

#include "http/api/api.hpp"
#include "http/app.hpp"
#include "http/route.hpp"
#include "http/tmf621/dialect.hpp"

namespace ombud::http::tmf {

void declare_tickets(Router& router);
void declare_hub(Router& router);  // subscriptions
void declare_specifications(Router& router);

// A route of this side: open to those outside, its query and body read by the handler.
void declare(Router& router, Method method, std::string_view path, std::string_view id,
             Doing handler);

// What a handler knows from its address.
const Dialect& dialect_of(const Call& call);
// The query of the request, as sent.
std::string_view query_of(const Call& call);
// The body as JSON. Refused: too_large, invalid; a Response with 415 if it is no JSON.
struct Body {
  json::Document document;
  bool operations = false;  // a JSON Patch, and not the ticket's members
  std::optional<Response> refused;
};
net::awaitable<Result<Body>> read_json(Call& call, std::size_t bytes_max);

}  // namespace ombud::http::tmf
