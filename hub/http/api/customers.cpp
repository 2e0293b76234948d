// Customers: the organisations that the desk serves.
#include "desk/leaving.hpp"
#include "desk/limits.hpp"
#include "http/api/api.hpp"
#include "http/api/render.hpp"

namespace ombud::http {
namespace {

constexpr int kApprovalDaysMax = 60;

#define OMBUD_CUSTOMER_MEMBERS                                                                    \
  {.name = "name"},                                                                               \
      {.name = "mail_domains",                                                                    \
       .shape = Shape::texts,                                                                     \
       .about = "Mail from these comes from this customer",                                       \
       .required = false},                                                                        \
      {.name = "language", .about = "sv or en; sv by default", .required = false},                \
      {.name = "order_approval",                                                                  \
       .shape = Shape::boolean,                                                                   \
       .about =                                                                                   \
           "Orders wait for a yes of its own; null: if it has an approver. What waits "           \
           "already goes on waiting when it is turned off",                                       \
       .required = false},                                                                        \
      {.name = "approval_days",                                                                   \
       .shape = Shape::integer,                                                                   \
       .about = "1 to 60: how long an order waits before the desk looks after it",                \
       .required = false},                                                                        \
  {                                                                                               \
    .name = "system_speaks_for_approvers", .shape = Shape::boolean,                               \
    .about =                                                                                      \
        "An approver's order that its own system brings in needs no other yes; false by default", \
    .required = false                                                                             \
  }
constexpr Member kCustomerMembers[] = {{.name = "id"}, OMBUD_CUSTOMER_MEMBERS};
constexpr Schema kCustomerSchema{"Customer", kCustomerMembers};
constexpr Member kNewCustomerMembers[] = {OMBUD_CUSTOMER_MEMBERS};
constexpr Schema kNewCustomerSchema{"NewCustomer", kNewCustomerMembers};

void write(json::Writer& out, const Customer& customer) {
  out.begin_object().field("id", customer.id).field("name", customer.name);
  write_texts(out, "mail_domains", customer.mail_domains);
  out.field("language", customer.language)
      .field("order_approval", customer.order_approval)
      .field("approval_days", customer.approval_days)
      .field("system_speaks_for_approvers", customer.system_speaks_for_approvers)
      .end_object();
}

std::string written(const Customer& customer) {
  json::Writer out;
  write(out, customer);
  return out.take();
}

Result<Response> list_customers_(Tx& tx, const Call& /*call*/) {
  json::Writer out;
  begin_items(out);
  for (const Customer& customer : list_customers(tx)) write(out, customer);
  end_items(out, {});
  return json_response(out);
}

Result<Response> read_customer(Tx& tx, const Call& call) {
  const auto customer = find_customer(tx, call.params.at(0));
  if (!customer) return not_found("customer");
  json::Writer out;
  write(out, *customer);
  return json_response(out);
}

// true, false or null; what it says may be absent.
struct ApprovalWords {
  bool said = false;
  std::optional<bool> order_approval;
  std::optional<int> days;
  std::optional<bool> system_speaks;
};
ApprovalWords approval_words(json::Reader& in, json::View body) {
  ApprovalWords words;
  const json::View value = body["order_approval"];
  words.said = value.raw() != nullptr;  // null says something, too
  if (in.has("order_approval")) {
    if (value.is_boolean()) {
      words.order_approval = value.boolean();
    } else {
      in.refuse("order_approval", "must be true, false, or null: if there is an approver");
    }
  }
  if (const auto days = in.maybe_integer("approval_days", 1, kApprovalDaysMax)) {
    words.days = static_cast<int>(*days);
  }
  constexpr std::string_view kSystem = "system_speaks_for_approvers";
  if (in.has(kSystem)) words.system_speaks = in.boolean(kSystem, false);
  return words;
}
void take(Customer& customer, const ApprovalWords& words) {
  if (words.said) customer.order_approval = words.order_approval;
  if (words.days) customer.approval_days = *words.days;
  if (words.system_speaks) customer.system_speaks_for_approvers = *words.system_speaks;
}

std::vector<std::string> domain_texts(json::Reader& in) {
  auto domains = in.texts("mail_domains", 100, {});
  for (const std::string& domain : domains) {
    if (domain.find_first_of(" @,\t") != std::string::npos) {
      in.refuse("mail_domains", "must be domains such as example.se");
    }
  }
  return domains;
}

Response kept(Tx& tx, const Customer& customer, const std::optional<Customer>& before) {
  put_customer(tx, customer);
  const std::string after = written(*find_customer(tx, customer.id));
  audit_change(tx, "customer", customer.id, before ? written(*before) : "", after);
  json::Writer out;
  out.raw(after);
  return json_response(out);
}

constexpr Member kChangeCustomerMembers[] = {
    {.name = "name", .required = false},
    {.name = "mail_domains", .shape = Shape::texts, .required = false},
    {.name = "language", .about = "sv or en", .required = false},
    {.name = "order_approval", .shape = Shape::boolean, .required = false},
    {.name = "approval_days", .shape = Shape::integer, .required = false},
    {.name = "system_speaks_for_approvers", .shape = Shape::boolean, .required = false}};
constexpr Schema kChangeCustomerSchema{"CustomerChange", kChangeCustomerMembers};

Result<Work> change_customer(const Call& call) {
  json::Reader in(call.body.root(), "");
  const auto name = in.maybe_text("name", {.bytes_max = desk::kNameBytesMax});
  std::optional<std::vector<std::string>> domains;
  if (call.body["mail_domains"].present()) domains = domain_texts(in);
  std::optional<std::string> language;
  if (call.body["language"].present()) language = language_text(in);
  const ApprovalWords words = approval_words(in, call.body.root());
  if (auto refused = in.finish()) return *refused;
  return Work([&call, name, domains, language, words](Tx& tx) -> Result<Response> {
    const auto before = find_customer(tx, call.params.at(0));
    if (!before) return not_found("customer");
    Customer customer = *before;
    if (name) customer.name = *name;
    if (domains) customer.mail_domains = *domains;
    if (language) customer.language = *language;
    take(customer, words);
    return kept(tx, customer, before);
  });
}

Result<Work> put_customer_(const Call& call) {
  json::Reader in(call.body.root(), "");
  Customer customer;
  customer.id = call.params.at(0);
  if (!is_key(customer.id)) return not_found("customer");
  customer.name = in.text("name", {.required = true, .bytes_max = desk::kNameBytesMax});
  customer.mail_domains = domain_texts(in);
  customer.language = language_text(in);
  const ApprovalWords words = approval_words(in, call.body.root());
  if (auto refused = in.finish()) return *refused;
  return Work([customer = std::move(customer), words](Tx& tx) -> Result<Response> {
    const auto before = find_customer(tx, customer.id);
    Customer wanted = customer;
    // Whoever does not speak of approvals leaves them as they are.
    if (before) wanted.order_approval = before->order_approval;
    if (before) wanted.approval_days = before->approval_days;
    if (before) wanted.system_speaks_for_approvers = before->system_speaks_for_approvers;
    take(wanted, words);
    return kept(tx, wanted, before);
  });
}

Result<Work> remove_customer(const Call& call) {
  return Work([&call](Tx& tx) -> Result<Response> {
    const std::string& key = call.params.at(0);
    const auto before = find_customer(tx, key);
    const auto removed = desk::remove_from_directory(tx, Entry::customer, key);
    if (!removed) return removed.error();
    audit_removal(tx, "customer", key, written(*before));
    return no_content();
  });
}

}  // namespace

void declare_customers(Router& router) {
  router.add({.method = Method::get,
              .path = "/api/v1/customers",
              .id = "list_customers",
              .needs = Permission::customer_read,
              .tag = "directory",
              .summary = "List customers",
              .handler = &list_customers_,
              .answer = &kCustomerSchema,
              .list = true});
  router.add({.method = Method::get,
              .path = "/api/v1/customers/{customer}",
              .id = "read_customer",
              .needs = Permission::customer_read,
              .tag = "directory",
              .summary = "Read a customer",
              .handler = &read_customer,
              .answer = &kCustomerSchema});
  router.add({.method = Method::put,
              .path = "/api/v1/customers/{customer}",
              .id = "put_customer",
              .needs = Permission::customer_write,
              .tag = "directory",
              .summary = "Add or replace a customer",
              .handler = &put_customer_,
              .body = &kNewCustomerSchema,
              .answer = &kCustomerSchema});
  router.add({.method = Method::patch,
              .path = "/api/v1/customers/{customer}",
              .id = "change_customer",
              .needs = Permission::customer_write,
              .tag = "directory",
              .summary = "Change what is named of a customer, leave the rest",
              .handler = &change_customer,
              .body = &kChangeCustomerSchema,
              .answer = &kCustomerSchema});
  router.add({.method = Method::delete_,
              .path = "/api/v1/customers/{customer}",
              .id = "remove_customer",
              .needs = Permission::customer_write,
              .tag = "directory",
              .summary = "Remove a customer that nothing refers to",
              .handler = &remove_customer,
              .status = 204});
}

}  // namespace ombud::http
