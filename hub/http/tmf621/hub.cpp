// The resource hub: who is told of changes. A subscription is the caller's own: nobody else sees or
// ends it, and it hears of what its owner may see.
#include "http/problem.hpp"
#include "http/tmf621/subscriptions.hpp"
#include "http/tmf621/tickets.hpp"
#include "store/await.hpp"
#include "store/systems.hpp"

namespace ombud::http::tmf {
namespace {

constexpr std::size_t kBodyBytesMax = 16U << 10U;
constexpr std::size_t kCallbackBytesMax = 2048;
constexpr std::size_t kPerClientMax = 50;

Response shown(const Call& call, const Settings& settings, const Subscription& subscription,
               unsigned status) {
  const Dialect& dialect = dialect_of(call);
  const std::string where = dialect.base(settings) + "/hub/" + subscription.id;
  json::Writer out;
  out.begin_object()
      .field("id", subscription.id)
      .field("callback", subscription.callback)
      .field("query", subscription.query);
  if (dialect.v5) out.field("href", where).field("@type", "Hub");
  out.end_object();
  Response response;
  response.status = status;
  response.content_type = "application/json;charset=utf-8";
  response.body = out.take();
  if (status == 201) response.header("Location", where);
  return response;
}

std::optional<Problem> check_origin(Tx& tx, const std::string& callback) {
  const auto origin = origin_of(callback);
  if (!origin || callback.size() > kCallbackBytesMax) {
    return invalid("/callback",
                   "must be a plain address such as https://itsm.example/tickets: no user name, no "
                   "fragment, at most 2048 bytes");
  }
  for (const std::string& allowed : callback_origins(tx)) {
    if (allowed == *origin) return std::nullopt;
  }
  return invalid("/callback",
                 "lies at " + *origin +
                     ", to which this hub does not post. Ask its operator to name it in "
                     "the file of the link to subscribers");
}

Result<Response> subscribe_in(Tx& tx, const Call& call, const Settings& settings,
                              Subscription wanted) {
  const auto link = subscribers_link(tx);
  if (!link) {
    return problem(ProblemKind::forbidden,
                   "This hub tells nobody of changes: its operator has set up no link of kind "
                   "subscribers. Poll with lastUpdate.gte instead.");
  }
  if (auto refused = check_origin(tx, wanted.callback)) return *refused;
  const auto all = list_subscriptions(tx);
  std::size_t own = 0;
  for (const Subscription& other : all) own += other.client == wanted.client ? 1U : 0U;
  if (own >= kPerClientMax) {
    return conflict("You have 50 subscriptions already; end one of them first.");
  }
  wanted.id = tx.mint();
  wanted.after_event = last_event(tx);
  // With nobody to tell, nobody has kept up with the log.
  if (all.empty()) set_published_until(tx, wanted.after_event);
  if (!put_subscription(tx, wanted)) {
    return conflict("You have a subscription with this callback and query already.");
  }
  return shown(call, settings, wanted, 201);
}

net::awaitable<Result<Response>> subscribe(Api& api, Call& call) {
  const Dialect& dialect = dialect_of(call);
  if (call.principal.account.value != 0) {
    co_return problem(ProblemKind::forbidden,
                      "A subscription lives as long as a system's token; ask the desk for one.");
  }
  auto body = co_await read_json(call, kBodyBytesMax);
  if (!body) co_return body.error();
  if (body->refused) co_return std::move(*body->refused);
  const json::View in = body->document.root();
  if (!in.is_object()) co_return invalid("", "the body must be a JSON object");
  auto wrong = dialect.contract.mistakes(dialect.hub_schema, in, true);
  if (!wrong.empty()) {
    co_return Problem{ProblemKind::invalid, "The request is not valid.", std::move(wrong)};
  }
  Subscription wanted;
  wanted.principal = call.principal;
  wanted.client = call.principal.actor();
  wanted.dialect = dialect.name;
  wanted.callback = in["callback"].text();
  wanted.query = in["query"].text();
  const auto events = events_of_query(wanted.query);
  if (!events) co_return events.error();
  Work work = [&api, &call, wanted = std::move(wanted)](Tx& tx) {
    return subscribe_in(tx, call, api.parts.tmf621, wanted);
  };
  auto response = co_await run_change(api, call, std::move(work));
  if (response && api.parts.subscribed) api.parts.subscribed();
  co_return response;
}

// The caller's own; another's is as absent as one that was never there.
Result<Subscription> own_subscription(Tx& tx, const Call& call) {
  auto subscription = find_subscription(tx, call.params.at(0));
  if (!subscription || subscription->client != tx.principal().actor() ||
      subscription->dialect != dialect_of(call).name) {
    return not_found("subscription");
  }
  return std::move(*subscription);
}

net::awaitable<Result<Response>> unsubscribe(Api& api, Call& call) {
  Work work = [&call](Tx& tx) -> Result<Response> {
    const auto subscription = own_subscription(tx, call);
    if (!subscription) return subscription.error();
    end_subscription(tx, subscription->id);
    Response response;
    response.status = 204;
    return response;
  };
  co_return co_await write<Response>(api.parts.store, call.principal, std::move(work));
}

net::awaitable<Result<Response>> read_one(Api& api, Call& call) {
  Work work = [&api, &call](Tx& tx) -> Result<Response> {
    const auto subscription = own_subscription(tx, call);
    if (!subscription) return subscription.error();
    return shown(call, api.parts.tmf621, *subscription, 200);
  };
  co_return co_await read<Response>(api.parts.store, call.principal, std::move(work));
}

}  // namespace

void declare_hub(Router& router) {
  declare(router, Method::post, "/tmf-api/troubleTicket/v4/hub", "tmf_v4_subscribe", &subscribe);
  declare(router, Method::delete_, "/tmf-api/troubleTicket/v4/hub/{id}", "tmf_v4_unsubscribe",
          &unsubscribe);
  declare(router, Method::post, "/tmf-api/troubleTicket/v5/hub", "tmf_v5_subscribe", &subscribe);
  declare(router, Method::delete_, "/tmf-api/troubleTicket/v5/hub/{id}", "tmf_v5_unsubscribe",
          &unsubscribe);
  declare(router, Method::get, "/tmf-api/troubleTicket/v5/hub/{id}", "tmf_v5_subscription",
          &read_one);
}

}  // namespace ombud::http::tmf
