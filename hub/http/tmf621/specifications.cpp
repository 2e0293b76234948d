// The resource troubleTicketSpecification of v5: what a ticket can be about, which are the desk's
// services. They are the desk's to keep, so they can only be read; a new ticket may name one.
#include "http/problem.hpp"
#include "http/tmf621/selection.hpp"
#include "http/tmf621/tickets.hpp"
#include "store/await.hpp"
#include "store/directory.hpp"

namespace ombud::http::tmf {
namespace {

std::string specification(const Service& service, const Settings& settings,
                          const Dialect& dialect) {
  json::Writer out;
  out.begin_object()
      .field("id", service.id)
      .field("href", dialect.base(settings) + "/troubleTicketSpecification/" + service.id)
      .field("name", service.name)
      .field("lifecycleStatus", "active")
      .field("@type", "TroubleTicketSpecification")
      .end_object();
  return out.take();
}

// A supplier is told what an agreement shares, and no catalogue.
std::vector<Service> visible(Tx& tx) {
  return tx.principal().is_supplier() ? std::vector<Service>() : list_services(tx);
}

Result<Response> list_in(Tx& tx, const Call& call, const Settings& settings,
                         const Selection& selection) {
  for (const Filter& filter : selection.filters) {
    if (filter.path != "id" && filter.path != "name") {
      return invalid("?" + filter.path, "is no attribute to filter by; id and name are");
    }
  }
  const Dialect& dialect = dialect_of(call);
  std::string body = "[";
  std::int64_t matching = 0, shown = 0;
  for (const Service& service : visible(tx)) {
    std::string document = specification(service, settings, dialect);
    const auto parsed = json::parse(document);
    if (!parsed || !selection.matches(parsed->root())) continue;
    if (++matching <= selection.offset || shown >= selection.limit) continue;
    body += (shown++ == 0 ? "" : ",") + chosen(std::move(document), selection, settings, dialect);
  }
  Response response;
  response.status = shown < matching && settings.partial_content ? 206 : 200;
  response.content_type = "application/json;charset=utf-8";
  response.body = body + "]";
  response.header("X-Total-Count", std::to_string(matching));
  response.header("X-Result-Count", std::to_string(shown));
  return response;
}

net::awaitable<Result<Response>> list_all(Api& api, Call& call) {
  auto selection = selection_of(query_of(call), dialect_of(call), true);
  if (!selection) co_return selection.error();
  Work work = [&api, &call, selection = std::move(*selection)](Tx& tx) {
    return list_in(tx, call, api.parts.tmf621, selection);
  };
  co_return co_await read<Response>(api.parts.store, call.principal, std::move(work));
}

net::awaitable<Result<Response>> retrieve(Api& api, Call& call) {
  auto selection = selection_of(query_of(call), dialect_of(call), false);
  if (!selection) co_return selection.error();
  Work work = [&api, &call, selection = std::move(*selection)](Tx& tx) -> Result<Response> {
    const Dialect& dialect = dialect_of(call);
    for (const Service& service : visible(tx)) {
      if (service.id != call.params.at(0)) continue;
      Response response;
      response.content_type = "application/json;charset=utf-8";
      response.body = chosen(specification(service, api.parts.tmf621, dialect), selection,
                             api.parts.tmf621, dialect);
      return response;
    }
    return not_found("specification");
  };
  co_return co_await read<Response>(api.parts.store, call.principal, std::move(work));
}

}  // namespace

void declare_specifications(Router& router) {
  constexpr std::string_view kPath = "/tmf-api/troubleTicket/v5/troubleTicketSpecification";
  declare(router, Method::get, kPath, "tmf_v5_specifications", &list_all);
  declare(router, Method::get, "/tmf-api/troubleTicket/v5/troubleTicketSpecification/{id}",
          "tmf_v5_specification", &retrieve);
}

}  // namespace ombud::http::tmf
