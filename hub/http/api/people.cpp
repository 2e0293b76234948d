// People of customers: who there is, who approves orders, and what is forgotten on request.
#include <fmt/format.h>

#include "desk/leaving.hpp"
#include "desk/limits.hpp"
#include "http/api/api.hpp"
#include "http/api/render.hpp"
#include "identity/tokens.hpp"
#include "store/identity.hpp"

namespace ombud::http {
namespace {

#define OMBUD_PERSON_MEMBERS                                                                    \
  {.name = "customer"}, {.name = "name"}, {.name = "email", .required = false},                 \
      {.name = "phone", .required = false},                                                     \
      {.name = "language", .about = "sv or en; sv by default", .required = false}, {            \
    .name = "approver", .shape = Shape::boolean,                                                \
    .about = "Says yes or no to orders; whoever sets it needs approver.name", .required = false \
  }
constexpr Member kPersonMembers[] = {{.name = "id", .shape = Shape::integer}, OMBUD_PERSON_MEMBERS};
constexpr Schema kPersonSchema{"Person", kPersonMembers};
constexpr Member kNewPersonMembers[] = {OMBUD_PERSON_MEMBERS};
constexpr Schema kNewPersonSchema{"NewPerson", kNewPersonMembers};
constexpr Member kChangePersonMembers[] = {
    {.name = "name", .required = false},
    {.name = "phone", .required = false},
    {.name = "language", .about = "sv or en", .required = false},
    {.name = "approver",
     .shape = Shape::boolean,
     .about = "Says yes or no to orders; needs approver.name, the others person.write",
     .required = false}};
constexpr Schema kChangePersonSchema{"PersonChange", kChangePersonMembers};
constexpr Member kPeopleQuery[] = {
    {.name = "q", .about = "How names and e-mails begin; every word", .required = false},
    {.name = "customer", .required = false},
    {.name = "email", .about = "Exactly this address, in any case", .required = false},
    kCursor,
    kLimit};

void write(json::Writer& out, const Person& person) {
  out.begin_object()
      .field("id", person.id.value)
      .field("customer", person.customer)
      .field("name", person.name)
      .field("email", person.email)
      .field("phone", person.phone)
      .field("language", person.language)
      .field("approver", person.approver)
      .end_object();
}

std::string written(const Person& person) {
  json::Writer out;
  write(out, person);
  return out.take();
}

Result<Response> list_people_(Tx& tx, const Call& call) {
  const auto after = number_cursor(call);
  if (!after) return after.error();
  const auto limit = page_limit(call);
  if (!limit) return limit.error();
  const std::string_view customer = call.query.text("customer");
  json::Writer out;
  begin_items(out);
  if (call.query.has("email")) {
    for (const Person& person : people_of_email(tx, call.query.text("email"))) {
      if (customer.empty() || person.customer == customer) write(out, person);
    }
    end_items(out, {});
    return json_response(out);
  }
  const PersonId from{after->value_or(0)};
  const auto people = call.query.has("q")
                          ? search_people(tx, call.query.text("q"), customer, from, *limit)
                          : list_people(tx, customer, from, *limit);
  for (const Person& person : people) write(out, person);
  const bool more = static_cast<int>(people.size()) == *limit;
  end_items(out, more ? std::to_string(people.back().id.value) : std::string());
  return json_response(out);
}

Result<Response> read_person(Tx& tx, const Call& call) {
  const auto person = find_person(tx, id_param<PersonId>(call));
  if (!person) return not_found("person");
  json::Writer out;
  write(out, *person);
  return json_response(out);
}

// Whether this member may be in his request.
std::optional<Problem> refuse_member(const Call& call, std::string_view name, Permission needed) {
  if (!call.body[name].present() || may(call.principal, needed)) return std::nullopt;
  const std::string permission(row_of(needed).name);
  Problem refused =
      problem(ProblemKind::forbidden, fmt::format("Your role does not set \"{}\".", name));
  refused.fields.push_back({fmt::format("/{}", name), "needs the permission " + permission});
  return refused;
}

// Makes him an approver, or none; with that, what his own tokens were for may have ended.
void name_approver(Tx& tx, PersonId id, bool approver) {
  set_approver(tx, id, approver);
  const auto account = approver ? std::nullopt : account_of_person(tx, id);
  if (const auto found = account ? find_account(tx, *account) : std::nullopt) {
    identity::end_tokens_beyond(tx, *found);
  }
}

// What person.write is for; `approver` asks for a permission of its own.
constexpr std::string_view kOfTheDesk[] = {"name", "phone", "language"};

net::awaitable<Result<Response>> change_person_(Api& api, Call& call) {
  json::Reader in(call.body.root(), "");
  const auto name = in.maybe_text("name", {.bytes_max = desk::kNameBytesMax});
  const auto phone = in.maybe_text("phone", {.blank_allowed = true});
  std::optional<std::string> language;
  if (call.body["language"].present()) language = language_text(in);
  std::optional<bool> approver;
  if (in.has("approver")) approver = in.boolean("approver", false);
  if (auto refused = in.finish()) co_return *refused;
  for (const std::string_view member : kOfTheDesk) {
    if (auto refused = refuse_member(call, member, Permission::person_write)) co_return *refused;
  }
  if (auto refused = refuse_member(call, "approver", Permission::approver_name)) {
    co_return *refused;
  }
  Work work = [&call, name, phone, language, approver](Tx& tx) -> Result<Response> {
    auto person = find_person(tx, id_param<PersonId>(call));
    if (!person) return not_found("person");
    const std::string before = written(*person);
    if (name) person->name = *name;
    if (phone) person->phone = *phone;
    if (language) person->language = *language;
    if (name || phone || language) {
      change_person(tx, *person);
      audit_change(tx, "person", std::to_string(person->id.value), before, written(*person));
    }
    if (approver) name_approver(tx, person->id, *approver);
    json::Writer out;
    write(out, *find_person(tx, person->id));
    return json_response(out);
  };
  auto response = co_await run_change(api, call, std::move(work));
  api.auth.forget_all();
  co_return response;
}

net::awaitable<Result<Response>> put_person_(Api& api, Call& call) {
  json::Reader in(call.body.root(), "");
  Person person;
  person.customer = key_text(in, "customer", true);
  person.name = in.text("name", {.required = true, .bytes_max = desk::kNameBytesMax});
  person.email = in.text("email", {.blank_allowed = true});
  if (!person.email.empty() && (person.email.find('@') == std::string::npos ||
                                person.email.find_first_of(" ,<>\t") != std::string::npos)) {
    in.refuse("email", "must be an address such as anna@example.se");
  }
  person.phone = in.text("phone", {.blank_allowed = true});
  person.language = language_text(in);
  std::optional<bool> approver;
  if (in.has("approver")) approver = in.boolean("approver", false);
  if (auto refused = in.finish()) co_return *refused;
  if (auto refused = refuse_member(call, "approver", Permission::approver_name)) {
    co_return *refused;
  }
  Work work = [person = std::move(person), approver](Tx& tx) -> Result<Response> {
    if (!find_customer(tx, person.customer)) {
      return invalid("/customer", "is not a customer; see /api/v1/customers");
    }
    std::string before;
    for (const Person& known : people_of_email(tx, person.email)) {
      if (known.customer == person.customer) before = written(known);
    }
    const PersonId id = put_person(tx, person);
    audit_change(tx, "person", std::to_string(id.value), before, written(*find_person(tx, id)));
    if (approver) name_approver(tx, id, *approver);
    json::Writer out;
    write(out, *find_person(tx, id));
    Response response = json_response(out, 201);
    response.header("Location", "/api/v1/people/" + std::to_string(id.value));
    return response;
  };
  auto response = co_await run_change(api, call, std::move(work));
  api.auth.forget_all();
  co_return response;
}

Result<Work> remove_person(const Call& call) {
  return Work([&call](Tx& tx) -> Result<Response> {
    const std::string key = std::to_string(id_param<PersonId>(call).value);
    const auto removed = desk::remove_from_directory(tx, Entry::person, key);
    if (!removed) return removed.error();
    audit_removal(tx, "person", key, {});  // the audit is for ever
    return no_content();
  });
}

constexpr Member kErasedMembers[] = {
    {.name = "person", .shape = Shape::integer},
    {.name = "tickets", .shape = Shape::integer, .about = "That stay, with all that was said"},
    {.name = "account",
     .about = "ended; or left, as it is also of the desk or of another customer",
     .required = false},
    {.name = "kept", .shape = Shape::texts, .about = "What still holds personal data, in words"}};
constexpr Schema kErasedSchema{"ErasedPerson", kErasedMembers};

// What nobody can change afterwards, or what is no longer here.
constexpr std::string_view kKeptOfTickets[] = {
    "The log of the tickets: what was written in them, with the name under it, and their files.",
    "The original bytes of mails.",
    "What has left: letters, and documents to suppliers and other systems, with their attempts."};
constexpr std::string_view kKeptAlways[] = {
    "The audit of earlier changes to the person and the account.",
    "Backups that were made before, and logs of this program."};

std::string written(PersonId person, const desk::Erased& erased) {
  using Account = desk::Erased::Account;
  json::Writer out;
  out.begin_object().field("person", person.value).field("tickets", erased.tickets);
  write_or_null(out, "account",
                erased.account == Account::ended  ? std::string_view("ended")
                : erased.account == Account::left ? std::string_view("left")
                                                  : std::string_view());
  out.begin_array("kept");
  if (erased.tickets > 0) {
    for (const std::string_view what : kKeptOfTickets) out.value(what);
  }
  for (const std::string_view what : kKeptAlways) out.value(what);
  return out.end_array().end_object().take();
}

constexpr Member kEraseMembers[] = {{.name = "reason",
                                     .about = "Who asked for it, and when; stands in the audit",
                                     .required = false}};
constexpr Schema kEraseSchema{"ErasePerson", kEraseMembers};

net::awaitable<Result<Response>> erase_person(Api& api, Call& call) {
  json::Reader in(call.body.root(), "");
  std::string reason =
      in.text("reason", {.bytes_max = desk::kReasonBytesMax, .blank_allowed = true});
  if (auto refused = in.finish()) co_return *refused;
  Work work = [&call, reason = std::move(reason)](Tx& tx) -> Result<Response> {
    const auto id = id_param<PersonId>(call);
    const auto erased = desk::erase_person(tx, id);
    if (!erased) return erased.error();
    audit_act(tx, "person.erased", "person", std::to_string(id.value), reason);
    json::Writer out;
    out.raw(written(id, *erased));
    return json_response(out);
  };
  auto response = co_await run_change(api, call, std::move(work));
  api.auth.forget_all();
  co_return response;
}

}  // namespace

void declare_people(Router& router) {
  router.add({.method = Method::get,
              .path = "/api/v1/people",
              .id = "list_people",
              .needs = Permission::person_read,
              .tag = "directory",
              .summary = "List users",
              .handler = &list_people_,
              .query = kPeopleQuery,
              .answer = &kPersonSchema,
              .list = true});
  router.add({.method = Method::post,
              .path = "/api/v1/people",
              .id = "put_person",
              .needs = Permission::person_write,
              .tag = "directory",
              .summary = "Add a user; one with the same customer and e-mail is replaced",
              .handler = &put_person_,
              .body = &kNewPersonSchema,
              .answer = &kPersonSchema,
              .status = 201});
  router.add({.method = Method::get,
              .path = "/api/v1/people/{person}",
              .id = "read_person",
              .needs = Permission::person_read,
              .tag = "directory",
              .summary = "Read a user",
              .handler = &read_person,
              .answer = &kPersonSchema});
  router.add({.method = Method::patch,
              .path = "/api/v1/people/{person}",
              .id = "change_person",
              .needs = Permission::person_read,
              .tag = "directory",
              .summary = "Change what is named of a user, leave the rest; each member asks for its "
                         "own permission",
              .handler = &change_person_,
              .body = &kChangePersonSchema,
              .answer = &kPersonSchema});
  router.add({.method = Method::delete_,
              .path = "/api/v1/people/{person}",
              .id = "remove_person",
              .needs = Permission::person_erase,
              .tag = "directory",
              .summary = "Remove a user that nothing refers to",
              .handler = &remove_person,
              .status = 204});
  router.add({.method = Method::post,
              .path = "/api/v1/people/{person}/erase",
              .id = "erase_person",
              .needs = Permission::person_erase,
              .tag = "directory",
              .summary = "Anonymise a user who asked for it; says what cannot be taken out",
              .handler = &erase_person,
              .body = &kEraseSchema,
              .answer = &kErasedSchema});
}

}  // namespace ombud::http
