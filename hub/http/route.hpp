// How a route is declared: once, with everything that dispatch, checks, metrics and the OpenAPI
// description are made from.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "domain/policy.hpp"
#include "domain/words.hpp"
#include "http/caller.hpp"
#include "http/message.hpp"
#include "store/store.hpp"

namespace ombud::http {

struct Api;  // api/api.hpp: what handlers work with

// --- Shapes of JSON, for the description and nothing else
// -----------------------------------------

struct Schema;
using Words = std::vector<std::string_view> (*)();  // the values of a closed set

template <class Enum>
std::vector<std::string_view> words_of() {
  std::vector<std::string_view> all;
  for (const auto& [value, text] : kWords<Enum>) all.push_back(text);
  return all;
}

enum class Shape {
  text,
  integer,
  boolean,
  time,
  object,
  texts,
  integers,
  one,
  many
};  // one, many: of a Schema
struct Member {
  std::string_view name = {};
  Shape shape = Shape::text;
  std::string_view about = {};
  bool required = true;
  Words words = nullptr;  // of texts: what may stand there instead of the list
  const Schema* of = nullptr;
};
struct Schema {
  std::string_view name;
  std::span<const Member> members;
};

// --- Requests ---------------------------------------------------------------------------------

// The query of a target, checked against the names that the route declares.
class Query {
 public:
  static Result<Query> parse(std::string_view text, std::span<const Member> known);
  std::string_view text(std::string_view name) const;  // empty if absent
  bool has(std::string_view name) const;
  Result<bool> flag(std::string_view name) const;  // "true" or "false", absent is false
  Result<std::int64_t> integer(std::string_view name, std::int64_t min, std::int64_t max,
                               std::int64_t fallback) const;

 private:
  std::vector<std::pair<std::string, std::string>> values_;
};

struct Route;

// A request on its way through a route.
struct Call {
  Exchange& exchange;
  const Route& route;
  std::vector<std::string> params;  // of the path, decoded, in order
  Query query;
  Principal principal;
  std::optional<SignedIn> session = {};  // when he came with a cookie
  std::string idempotency_key;           // POST only; may be empty
  std::string body_sha256;               // set when there is an idempotency key
  json::Document body;                   // when the route declares one; an empty body reads as {}
};

// --- Handlers ---------------------------------------------------------------------------------

// A GET answered from one snapshot of the store. Runs on a reader's thread.
using Reading = Result<Response> (*)(Tx& tx, const Call& call);
// A change: reads and checks the request on the connection's thread, and gives back what to do in
// the transaction, which may run more than once and so must change nothing outside.
using Work = std::function<Result<Response>(Tx& tx)>;
using Changing = Result<Work> (*)(const Call& call);
// Anything else.
using Doing = net::awaitable<Result<Response>> (*)(Api& api, Call& call);

struct Route {
  Method method = Method::get;
  std::string_view path = {};  // "/api/v1/tickets/{ticket}"
  std::string_view id = {};    // operationId, and the name in metrics and log
  // Who may use it at all; what he may see by it is decided by the store and the desk. Whoever
  // forgets it gets the narrowest.
  Permission needs = Permission::account_write;
  std::string_view tag = {};  // group in the description
  std::string_view summary = {};
  std::variant<Reading, Changing, Doing> handler = {};
  std::span<const Member> query = {};
  const Schema* body = nullptr;    // of a JSON body
  std::string_view raw_body = {};  // else: media type of a body that the handler reads itself
  const Schema* answer = nullptr;
  bool list = false;  // {"items":[…],"next":…} of `answer`
  unsigned status = 200;
  std::string_view answer_media = "application/json";
  bool free_query = false;  // the handler reads the query itself
  // A browser cannot send headers here: `?customer=` stands for Ombud-Customer (kSpeaksFor).
  bool speaks_by_query = false;
  bool described = true;  // in the description of /api/v1
  std::size_t index = 0;  // among all routes; set by the router
};

// In the query of a route with `speaks_by_query`.
inline constexpr Member kSpeaksFor{
    .name = "customer", .about = "Whom one speaks for, as in Ombud-Customer", .required = false};

// {"items":[…],"next":…}: begin_items, the items, end_items.
void begin_items(json::Writer& out);
void end_items(json::Writer& out, std::string_view next);  // empty: null

Response json_response(json::Writer& out, unsigned status = 200);

}  // namespace ombud::http
