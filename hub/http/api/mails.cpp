// Mails that came in: which, what became of each, and the bytes themselves.
#include "store/mails.hpp"

#include <algorithm>
#include <array>

#include "desk/limits.hpp"
#include "desk/tickets.hpp"
#include "http/api/api.hpp"
#include "http/api/render.hpp"
#include "store/await.hpp"

namespace ombud::http {
namespace {

constexpr std::array<std::string_view, 3> kStates{"received", "waiting_link", "done"};
std::vector<std::string_view> state_words() {
  return {kStates.begin(), kStates.end()};
}
constexpr std::array<std::string_view, 9> kOutcomes{"registered", "quiet",  "gathered",
                                                    "reply",      "note",   "bounce",
                                                    "supplier",   "notice", "duplicate"};
std::vector<std::string_view> outcome_words() {
  return {kOutcomes.begin(), kOutcomes.end()};
}

#define OMBUD_MAIL_MEMBERS                                                                \
  {.name = "id", .shape = Shape::integer}, {.name = "received_at", .shape = Shape::time}, \
      {.name = "mailbox",                                                                 \
       .about = "lmtp, smtp, or the mailbox that it was fetched from",                    \
       .required = false},                                                                \
      {.name = "from",                                                                    \
       .about = "As the mail says; the envelope's until it was read",                     \
       .required = false},                                                                \
      {.name = "from_name", .required = false},                                           \
      {.name = "to", .shape = Shape::texts, .about = "For whom it was handed in"},        \
      {.name = "subject"}, {.name = "bytes", .shape = Shape::integer},                    \
      {.name = "state", .words = state_words},                                            \
      {.name = "outcome",                                                                 \
       .about = "What became of it",                                                      \
       .required = false,                                                                 \
       .words = outcome_words},                                                           \
      {.name = "copy_of",                                                                 \
       .shape = Shape::integer,                                                           \
       .about = "Of a duplicate: the mail that came before",                              \
       .required = false},                                                                \
      {.name = "ticket", .shape = Shape::integer, .required = false},                     \
      {.name = "reference", .required = false},                                           \
      {.name = "problem", .about = "Why it is not done", .required = false}, {            \
    .name = "authentication", .shape = Shape::one, .about = "null: not looked at yet",    \
    .required = false, .of = &kAuthenticationSchema                                       \
  }
constexpr Member kMailMembers[] = {OMBUD_MAIL_MEMBERS};
constexpr Schema kMailSchema{"Mail", kMailMembers};
constexpr Member kMailDetailMembers[] = {
    OMBUD_MAIL_MEMBERS,
    {.name = "envelope_from", .about = "Empty: the null sender"},
    {.name = "message_id", .required = false},
    {.name = "sha256"},
    {.name = "attempts",
     .shape = Shape::integer,
     .about = "Lives of the hub that began to read it"},
    {.name = "link", .required = false},
    {.name = "messages", .shape = Shape::integers, .about = "What was made of it, on its ticket"},
    {.name = "remarks",
     .about = "What the desk was told with it, a line for each: why nobody got a receipt, for "
              "instance",
     .required = false},
    {.name = "done_at", .shape = Shape::time, .required = false}};
constexpr Schema kMailDetailSchema{"MailDetail", kMailDetailMembers};

void write_mail_members(json::Writer& out, const MailIn& mail) {
  out.field("id", mail.id).field("received_at", to_rfc3339(mail.received_at));
  write_or_null(out, "mailbox", mail.mailbox);
  write_or_null(out, "from", mail.from.empty() ? mail.envelope_from : mail.from);
  write_or_null(out, "from_name", mail.from_name);
  write_texts(out, "to", mail.to);
  out.field("subject", mail.subject).field("bytes", mail.bytes).field("state", mail.state);
  write_or_null(out, "outcome", mail.outcome);
  write_or_null(out, "copy_of", MessageId{mail.copy_of});
  write_or_null(out, "ticket", mail.ticket);
  write_or_null(out, "reference", mail.ticket.value == 0 ? "" : reference_of(mail.ticket));
  write_or_null(out, "problem", mail.problem);
  out.key("authentication");
  write_authentication(out, mail.authentication);
}

constexpr Member kListQuery[] = {
    {.name = "state", .required = false, .words = state_words},
    {.name = "outcome", .required = false, .words = outcome_words},
    {.name = "problem",
     .shape = Shape::boolean,
     .about = "true: not done, because something went wrong",
     .required = false},
    {.name = "q", .about = "A part of an address, a name or the subject", .required = false},
    kCursor,
    kLimit};

Result<Response> list_all(Tx& tx, const Call& call) {
  MailFilter filter;
  filter.state = call.query.text("state");
  if (!filter.state.empty() &&
      std::find(kStates.begin(), kStates.end(), filter.state) == kStates.end()) {
    return invalid("?state", "must be received, waiting_link or done");
  }
  filter.outcome = call.query.text("outcome");
  if (!filter.outcome.empty() &&
      std::find(kOutcomes.begin(), kOutcomes.end(), filter.outcome) == kOutcomes.end()) {
    return invalid("?outcome",
                   "must be registered, quiet, gathered, reply, note, bounce, supplier, notice or "
                   "duplicate");
  }
  const auto problem_only = call.query.flag("problem");
  if (!problem_only) return problem_only.error();
  filter.problem_only = *problem_only;
  filter.words = call.query.text("q");
  const auto before = number_cursor(call);
  if (!before) return before.error();
  const auto limit = page_limit(call);
  if (!limit) return limit.error();
  const MailPage page = list_mails(tx, filter, *before, *limit);
  json::Writer out;
  begin_items(out);
  for (const MailIn& mail : page.mails) {
    out.begin_object();
    write_mail_members(out, mail);
    out.end_object();
  }
  end_items(out, page.next ? std::to_string(*page.next) : std::string());
  return json_response(out);
}

std::int64_t mail_param(const Call& call) {
  return id_param<MessageId>(call).value;
}

// The intake's own note beside the message that the mail became; they came together.
std::string remarks_on(Tx& tx, const std::vector<MailMessage>& made) {
  if (made.empty()) return {};
  const auto message = find_message(tx, made.front().message);
  if (!message || message->visibility != Visibility::user) return {};
  for (const Message& other : messages_of(tx, message->ticket)) {
    const bool beside = other.id.value > message->id.value && other.at == message->at;
    if (beside && other.visibility == Visibility::internal && other.from == Party::system) {
      return other.text;
    }
  }
  return {};
}

Response detail(Tx& tx, const MailIn& mail) {
  const auto made = messages_of_mail(tx, mail.id);
  json::Writer out;
  out.begin_object();
  write_mail_members(out, mail);
  out.field("envelope_from", mail.envelope_from);
  write_or_null(out, "message_id", mail.message_id);
  out.field("sha256", mail.sha256).field("attempts", std::int64_t{mail.attempts});
  write_or_null(out, "link", mail.link);
  out.begin_array("messages");
  for (const MailMessage& message : made) out.value(message.message.value);
  out.end_array();
  write_or_null(out, "remarks", remarks_on(tx, made));
  write_time(out, "done_at", mail.done_at);
  out.end_object();
  return json_response(out);
}

Result<Response> read_one(Tx& tx, const Call& call) {
  const auto mail = find_mail_in(tx, mail_param(call));
  if (!mail) return not_found("mail");
  return detail(tx, *mail);
}

// The desk reads every mail; a person those that he wrote, where he still sees what became of them.
Result<MailIn> readable_mail(Tx& tx, std::int64_t id) {
  auto mail = find_mail_in(tx, id);
  if (!mail) return not_found("mail");
  const Principal& who = tx.principal();
  if (who.inside()) return std::move(*mail);
  if (!who.is_person()) return not_found("mail");
  for (const MailMessage& message : messages_of_mail(tx, id)) {
    const auto shown = find_message(tx, message.message);
    if (message.person == who.person && shown && shown->visibility == Visibility::user &&
        desk::visible_ticket(tx, message.ticket)) {
      return std::move(*mail);
    }
  }
  return not_found("mail");
}

constexpr Member kOriginalQuery[] = {kSpeaksFor};

net::awaitable<Result<Response>> download(Api& api, Call& call) {
  std::function<Result<MailIn>(Tx&)> look = [&call](Tx& tx) {
    return readable_mail(tx, mail_param(call));
  };
  const auto mail = co_await read<MailIn>(api.parts.store, call.principal, std::move(look));
  if (!mail) co_return mail.error();
  std::string etag = "\"" + mail->sha256 + "\"";
  if (none_match(call, etag)) co_return not_modified(std::move(etag));
  Attachment file;
  file.name = "mail-" + std::to_string(mail->id) + ".eml";
  file.media_type = "message/rfc822";
  file.bytes = mail->bytes;
  file.sha256 = mail->sha256;
  co_return file_response(file, api.parts.blobs);
}

constexpr Member kRetryMembers[] = {
    {.name = "reason", .about = "Stays in the audit", .required = false}};
constexpr Schema kRetrySchema{"MailRetry", kRetryMembers};

net::awaitable<Result<Response>> retry_one(Api& api, Call& call) {
  json::Reader in(call.body.root(), "");
  const std::string reason =
      in.text("reason", {.bytes_max = desk::kReasonBytesMax, .blank_allowed = true});
  if (auto refused = in.finish()) co_return *refused;
  Work work = [&call, reason](Tx& tx) -> Result<Response> {
    const std::int64_t id = mail_param(call);
    const auto mail = find_mail_in(tx, id);
    if (!mail) return not_found("mail");
    if (!retry_mail(tx, id)) {
      return conflict(mail->ticket.value == 0
                          ? std::string("The mail is done; there is nothing to do again.")
                          : "The mail is done; it is on " + reference_of(mail->ticket) + ".");
    }
    audit_act(tx, "mail.retried", "mail", std::to_string(id), reason);
    return detail(tx, *find_mail_in(tx, id));
  };
  auto answer = co_await run_change(api, call, std::move(work));
  if (answer && api.parts.mail_waits) api.parts.mail_waits();
  co_return answer;
}

// --- The formatted text of a message
// --------------------------------------------------------------

extern const Schema kMessageBlockSchema;
const Member kMessageBlockMembers[] = {
    {.name = "t",
     .about = "p, h, ul, ol, li, quote, code, hr, table, tr, th, td, img or quoted (history and "
              "signature); text, em, strong, del, codespan, a, br, u, sub or sup"},
    {.name = "level", .shape = Shape::integer, .about = "Of h: 1 to 6", .required = false},
    {.name = "start", .shape = Shape::integer, .about = "Of ol", .required = false},
    {.name = "lang", .about = "Of code", .required = false},
    {.name = "href", .about = "Of a: http, https or mailto", .required = false},
    {.name = "v", .about = "Of text and codespan", .required = false},
    {.name = "attachment",
     .shape = Shape::integer,
     .about = "Of img: the file that it shows; null: it lies elsewhere and was not fetched",
     .required = false},
    {.name = "alt", .about = "Of img", .required = false},
    {.name = "width", .shape = Shape::integer, .about = "Of img", .required = false},
    {.name = "height", .shape = Shape::integer, .about = "Of img", .required = false},
    {.name = "source", .about = "Of img: the host where it lies", .required = false},
    {.name = "c",
     .shape = Shape::many,
     .about = "What is inside",
     .required = false,
     .of = &kMessageBlockSchema}};
const Schema kMessageBlockSchema{"MessageBlock", kMessageBlockMembers};

const Member kBodyMembers[] = {{.name = "blocks",
                                .shape = Shape::many,
                                .about = "The text as a tree, as an article's",
                                .of = &kMessageBlockSchema}};
const Schema kBodySchema{"MessageBody", kBodyMembers};

Result<Response> read_body(Tx& tx, const Call& call) {
  const auto message = find_message(tx, id_param<MessageId>(call));
  if (!message || !desk::visible_ticket(tx, message->ticket)) return not_found("message");
  if (!tx.principal().inside() && message->visibility != Visibility::user) {
    return not_found("message");
  }
  const auto mail = find_mail_message(tx, message->id);
  if (!mail || mail->body.empty()) return not_found("body of this message");
  json::Writer out;
  out.begin_object().key("blocks").raw(mail->body).end_object();
  return json_response(out);
}

}  // namespace

void declare_mails(Router& router) {
  router.add({.method = Method::get,
              .path = "/api/v1/mails",
              .id = "list_mails",
              .needs = Permission::mail_read,
              .tag = "mails",
              .summary = "List mails that came in, newest first",
              .handler = &list_all,
              .query = kListQuery,
              .answer = &kMailSchema,
              .list = true});
  router.add({.method = Method::get,
              .path = "/api/v1/mails/{mail}",
              .id = "read_mail",
              .needs = Permission::mail_read,
              .tag = "mails",
              .summary = "A mail, and what became of it",
              .handler = &read_one,
              .answer = &kMailDetailSchema});
  router.add({.method = Method::get,
              .path = "/api/v1/mails/{mail}/original",
              .id = "read_mail_original",
              .needs = Permission::ticket_read,
              .tag = "mails",
              .summary = "The mail itself, byte for byte: for the desk and who wrote it",
              .handler = &download,
              .query = kOriginalQuery,
              .answer_media = "message/rfc822",
              .speaks_by_query = true});
  router.add({.method = Method::post,
              .path = "/api/v1/mails/{mail}/retry",
              .id = "retry_mail",
              .needs = Permission::mail_operate,
              .tag = "mails",
              .summary = "Read a mail again that is not done",
              .handler = &retry_one,
              .body = &kRetrySchema,
              .answer = &kMailDetailSchema});
  router.add({.method = Method::get,
              .path = "/api/v1/messages/{message}/body",
              .id = "read_message_body",
              .needs = Permission::ticket_read,
              .tag = "tickets",
              .summary = "The formatted text of a message that was a mail, never as HTML",
              .handler = &read_body,
              .answer = &kBodySchema});
}

}  // namespace ombud::http
