// Who stands in for an approver while he is away: his own doing, or a manager's or the desk's.
#include "desk/deputies.hpp"

#include "desk/limits.hpp"
#include "http/api/api.hpp"
#include "http/api/render.hpp"

namespace ombud::http {
namespace {

constexpr Member kDeputyMembers[] = {
    {.name = "person", .shape = Shape::integer},
    {.name = "name"},
    {.name = "from", .shape = Shape::time},
    {.name = "until", .shape = Shape::time, .about = "Not after this time any more"},
    {.name = "active", .shape = Shape::boolean, .about = "Just now"}};
constexpr Schema kDeputySchema{"ApprovalDelegate", kDeputyMembers};
constexpr Member kViewMembers[] = {{.name = "delegate",
                                    .shape = Shape::one,
                                    .about = "Who decides orders in the place of this person",
                                    .required = false,
                                    .of = &kDeputySchema},
                                   {.name = "stands_for",
                                    .shape = Shape::many,
                                    .about = "In whose place this person does",
                                    .of = &kDeputySchema}};
constexpr Schema kViewSchema{"ApprovalDelegates", kViewMembers};
constexpr Member kNameMembers[] = {
    {.name = "email", .about = "Of somebody of the same organisation", .required = false},
    {.name = "person",
     .shape = Shape::integer,
     .about = "Instead of the address, for managers and the desk",
     .required = false},
    {.name = "from", .shape = Shape::time, .about = "Now, if it is left out", .required = false},
    {.name = "until", .shape = Shape::time, .about = "At most 366 days later"}};
constexpr Schema kNameSchema{"NewApprovalDelegate", kNameMembers};

void write(json::Writer& out, const Deputy& deputy, bool as_approver, Instant now) {
  out.begin_object()
      .field("person", as_approver ? deputy.approver.value : deputy.person.value)
      .field("name", as_approver ? deputy.approver_name : deputy.name)
      .field("from", to_rfc3339(deputy.from))
      .field("until", to_rfc3339(deputy.until))
      .field("active", deputy.is_active(now))
      .end_object();
}

Result<Response> answer(Tx& tx, PersonId person) {
  const auto view = desk::deputies_of(tx, person);
  if (!view) return view.error();
  json::Writer out;
  out.begin_object().key("delegate");
  if (view->deputy) {
    write(out, *view->deputy, false, tx.at());
  } else {
    out.null();
  }
  out.begin_array("stands_for");
  for (const Deputy& one : view->stands_for) write(out, one, true, tx.at());
  out.end_array().end_object();
  return json_response(out);
}

PersonId own_person(const Call& call) {
  return call.principal.person;
}

Result<Response> read_own(Tx& tx, const Call& call) {
  return answer(tx, own_person(call));
}
Result<Response> read_ones(Tx& tx, const Call& call) {
  return answer(tx, id_param<PersonId>(call));
}

net::awaitable<Result<Response>> name_one(Api& api, Call& call, PersonId approver) {
  json::Reader in(call.body.root(), "");
  desk::NameDeputy wanted;
  wanted.approver = approver;
  wanted.email = in.text("email", {.blank_allowed = true});
  wanted.person = {in.maybe_integer("person", 1, INT64_MAX).value_or(0)};
  wanted.from = maybe_time(in, "from");
  const auto until = maybe_time(in, "until");
  if (!until && !call.body["until"].present()) in.refuse("until", "is required");
  if (auto refused = in.finish()) co_return *refused;
  wanted.until = *until;
  Work work = [wanted](Tx& tx) -> Result<Response> {
    const auto named = desk::name_deputy(tx, wanted);
    if (!named) return named.error();
    return answer(tx, wanted.approver);
  };
  auto response = co_await run_change(api, call, std::move(work));
  api.auth.forget_all();
  co_return response;
}

net::awaitable<Result<Response>> remove_one(Api& api, Call& call, PersonId approver) {
  Work work = [approver](Tx& tx) -> Result<Response> {
    const auto removed = desk::remove_deputy(tx, approver);
    if (!removed) return removed.error();
    return no_content();
  };
  auto response = co_await run_change(api, call, std::move(work));
  api.auth.forget_all();
  co_return response;
}

net::awaitable<Result<Response>> name_own(Api& api, Call& call) {
  return name_one(api, call, own_person(call));
}
net::awaitable<Result<Response>> name_ones(Api& api, Call& call) {
  return name_one(api, call, id_param<PersonId>(call));
}
net::awaitable<Result<Response>> remove_own(Api& api, Call& call) {
  return remove_one(api, call, own_person(call));
}
net::awaitable<Result<Response>> remove_ones(Api& api, Call& call) {
  return remove_one(api, call, id_param<PersonId>(call));
}

}  // namespace

void declare_deputies(Router& router) {
  constexpr std::string_view kOwn = "/api/v1/account/delegate";
  constexpr std::string_view kOnes = "/api/v1/people/{person}/delegate";
  router.add({.method = Method::get,
              .path = kOwn,
              .id = "read_own_delegate",
              .needs = Permission::order_approve,
              .tag = "session",
              .summary = "Who decides orders in your place, and in whose place you do",
              .handler = &read_own,
              .answer = &kViewSchema});
  router.add({.method = Method::put,
              .path = kOwn,
              .id = "name_own_delegate",
              .needs = Permission::order_approve,
              .tag = "session",
              .summary = "Have a colleague decide orders in your place for some time",
              .handler = &name_own,
              .body = &kNameSchema,
              .answer = &kViewSchema});
  router.add({.method = Method::delete_,
              .path = kOwn,
              .id = "remove_own_delegate",
              .needs = Permission::order_approve,
              .tag = "session",
              .summary = "Decide your orders yourself again",
              .handler = &remove_own,
              .status = 204});
  router.add({.method = Method::get,
              .path = kOnes,
              .id = "read_delegate",
              .needs = Permission::approver_name,
              .tag = "directory",
              .summary = "Who decides orders in this approver's place, and in whose place he does",
              .handler = &read_ones,
              .answer = &kViewSchema});
  router.add({.method = Method::put,
              .path = kOnes,
              .id = "name_delegate",
              .needs = Permission::approver_name,
              .tag = "directory",
              .summary = "Have somebody decide orders in this approver's place for some time",
              .handler = &name_ones,
              .body = &kNameSchema,
              .answer = &kViewSchema});
  router.add({.method = Method::delete_,
              .path = kOnes,
              .id = "remove_delegate",
              .needs = Permission::approver_name,
              .tag = "directory",
              .summary = "End that",
              .handler = &remove_ones,
              .status = 204});
}

}  // namespace ombud::http
