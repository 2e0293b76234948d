// Where mail to the desk comes in, and how it goes there.
#include "store/mailboxes.hpp"
#include "http/api/api.hpp"
#include "http/api/render.hpp"
#include "store/await.hpp"

namespace ombud::http {
namespace {

constexpr int kLeftMax = 20;

constexpr std::string_view kKinds[] = {"lmtp", "smtp", "imap"};
std::vector<std::string_view> kind_words() {
  return {std::begin(kKinds), std::end(kKinds)};
}
constexpr std::string_view kStates[] = {"open", "trouble", "new"};
std::vector<std::string_view> state_words() {
  return {std::begin(kStates), std::end(kStates)};
}
constexpr Member kLeftMembers[] = {{.name = "uid", .shape = Shape::integer},
                                   {.name = "why"},
                                   {.name = "at", .shape = Shape::time}};
constexpr Schema kLeftSchema{"MailLeft", kLeftMembers};
constexpr Member kMailboxMembers[] = {
    {.name = "name"},
    {.name = "kind", .about = "How mail comes: to us, or fetched", .words = kind_words},
    {.name = "address", .about = "Of the desk; of lmtp and smtp all, with commas between"},
    {.name = "server", .about = "Where we listen, or whose mailbox is read"},
    {.name = "customer",
     .about = "Whose tickets its mails become; null: by the sender",
     .required = false},
    {.name = "team", .about = "That gets them; null: the desk", .required = false},
    {.name = "language", .about = "Of unknown senders; null: the desk's", .required = false},
    {.name = "state", .about = "new: not reached yet", .words = state_words},
    {.name = "last_success_at", .shape = Shape::time, .required = false},
    {.name = "problem", .about = "What to do; null: all is well", .required = false},
    {.name = "problem_at", .shape = Shape::time, .about = "Since when", .required = false},
    {.name = "taken",
     .shape = Shape::integer,
     .about = "Mails taken from it so far; null: not counted",
     .required = false},
    {.name = "left",
     .shape = Shape::many,
     .about = "Mails that stay there, newest first",
     .of = &kLeftSchema}};
constexpr Schema kMailboxSchema{"Mailbox", kMailboxMembers};
constexpr Member kListMembers[] = {{.name = "items", .shape = Shape::many, .of = &kMailboxSchema}};
constexpr Schema kListSchema{"Mailboxes", kListMembers};

struct Known {
  std::optional<MailboxRow> row;
  std::vector<MailLeft> left;
};

void write_known(json::Writer& out, const ConfigurationReport::Mailbox& box, const Known& known) {
  if (box.kind != "imap") {
    out.field("state", "open");
    write_time(out, "last_success_at", std::nullopt);
    write_or_null(out, "problem", "");
    write_time(out, "problem_at", std::nullopt);
    out.key("taken").null().begin_array("left").end_array();
    return;
  }
  const MailboxRow row = known.row.value_or(MailboxRow());
  out.field("state", !row.problem.empty() ? "trouble" : row.last_success_at ? "open" : "new");
  write_time(out, "last_success_at", row.last_success_at);
  write_or_null(out, "problem", row.problem);
  write_time(out, "problem_at", row.problem_at);
  out.field("taken", row.taken).begin_array("left");
  for (const MailLeft& mail : known.left) {
    out.begin_object().field("uid", static_cast<std::int64_t>(mail.uid)).field("why", mail.why);
    write_time(out, "at", mail.at);
    out.end_object();
  }
  out.end_array();
}

// Whoever works for one customer alone: what belongs to another does not exist, and the addresses
// of lmtp and smtp may be anybody's.
void hide_of_others(std::vector<ConfigurationReport::Mailbox>& boxes, std::string_view tenant) {
  std::erase_if(boxes, [&](const ConfigurationReport::Mailbox& box) {
    return !box.customer.empty() && box.customer != tenant;
  });
  for (auto& box : boxes) {
    if (box.kind != "imap") box.address.clear();
  }
}

net::awaitable<Result<Response>> list(Api& api, Call& call) {
  std::vector<ConfigurationReport::Mailbox> boxes;
  if (api.parts.configuration) {
    const ConfigurationReport report = co_await api.parts.configuration();
    boxes = report.mailboxes;
  }
  if (const auto& tenant = call.principal.tenant) hide_of_others(boxes, *tenant);
  std::function<Result<std::vector<Known>>(Tx&)> work =
      [boxes](Tx& tx) -> Result<std::vector<Known>> {
    std::vector<Known> all;
    for (const auto& box : boxes) {
      all.push_back({find_mailbox(tx, box.name), mails_left(tx, box.name, kLeftMax)});
    }
    return all;
  };
  const auto known =
      co_await read<std::vector<Known>>(api.parts.store, call.principal, std::move(work));
  if (!known) co_return known.error();
  json::Writer out;
  out.begin_object().begin_array("items");
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    out.begin_object().field("name", boxes[i].name).field("kind", boxes[i].kind);
    out.field("address", boxes[i].address).field("server", boxes[i].server);
    write_or_null(out, "customer", boxes[i].customer);
    write_or_null(out, "team", boxes[i].team);
    write_or_null(out, "language", boxes[i].language);
    write_known(out, boxes[i], known->at(i));
    out.end_object();
  }
  out.end_array().end_object();
  co_return json_response(out);
}

}  // namespace

void declare_mailboxes(Router& router) {
  router.add({.method = Method::get,
              .path = "/api/v1/mailboxes",
              .id = "list_mailboxes",
              .needs = Permission::link_read,
              .tag = "mail",
              .summary = "Where mail to the desk comes in, and how it goes there",
              .handler = &list,
              .answer = &kListSchema});
}

}  // namespace ombud::http
