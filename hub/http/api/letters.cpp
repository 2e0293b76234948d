// What the desk writes to people, shown before it is sent; and links to files that were too large
// for a mail.
#include <algorithm>

#include "desk/tickets.hpp"
#include "http/api/api.hpp"
#include "http/api/render.hpp"
#include "http/pages.hpp"
#include "http/problem.hpp"
#include "notify/letters/sample.hpp"
#include "store/await.hpp"

namespace ombud::http {
namespace {

using notify::LetterText;

// --- The list -----------------------------------------------------------------------------------

constexpr std::string_view kSources[] = {"built in", "file"};
std::vector<std::string_view> source_words() {
  return {std::begin(kSources), std::end(kSources)};
}
constexpr std::string_view kLanguages[] = {"sv", "en"};
std::vector<std::string_view> language_words() {
  return {std::begin(kLanguages), std::end(kLanguages)};
}
constexpr Member kLetterMembers[] = {
    {.name = "kind", .about = "What it tells; digest: what gathered until an hour"},
    {.name = "language", .words = language_words},
    {.name = "customer", .about = "null: for all that have none of their own", .required = false},
    {.name = "source", .about = "file: of config/letters", .words = source_words},
    {.name = "problem",
     .about = "Why there is a file and it is not used; null: nothing is wrong",
     .required = false}};
constexpr Schema kLetterSchema{"Letter", kLetterMembers};

Problem no_letters() {
  return conflict("This hub was started without letters.");
}

net::awaitable<Result<Response>> list_letters(Api& api, Call& /*call*/) {
  if (!api.parts.letters) co_return no_letters();
  const auto book = api.parts.letters->book();
  json::Writer out;
  begin_items(out);
  for (const auto& entry : book->entries()) {
    out.begin_object().field("kind", entry.kind).field("language", entry.language);
    write_or_null(out, "customer", entry.customer);
    out.field("source", kSources[entry.own ? 1 : 0]);
    write_or_null(out, "problem", entry.problem);
    out.end_object();
  }
  end_items(out, {});
  co_return json_response(out);
}

// --- One, filled in -----------------------------------------------------------------------------

constexpr Member kPreviewQuery[] = {
    {.name = "language", .about = "sv or en; the ticket's, else sv", .required = false},
    {.name = "customer", .about = "Whose letter; the ticket's customer", .required = false},
    {.name = "ticket",
     .about = "About it, in place of made-up words; what its people wrote is shown",
     .required = false}};
constexpr Member kPreviewMembers[] = {{.name = "subject"}, {.name = "text"}};
constexpr Schema kPreviewSchema{"LetterPreview", kPreviewMembers};

// What is known of a ticket, for its letters.
struct Known {
  std::string desk, customer, language, person, reference, subject, url;
  std::string said, asked, asked_by;
  std::optional<Instant> asked_at;
};

Known known_of(Tx& tx, const Ticket& ticket, const std::string& public_url) {
  Known known;
  known.customer = ticket.customer;
  known.language = ticket.language;
  known.reference = reference_of(ticket.id);
  known.subject = ticket.subject;
  known.url = public_url + "/tickets/" + std::to_string(ticket.id.value);
  if (const auto person = find_person(tx, ticket.requester)) known.person = person->name;
  for (const Message& message : messages_of(tx, ticket.id)) {
    if (message.visibility != Visibility::user) continue;
    if (message.from == Party::desk) known.said = message.text;
    if (message.from != Party::user) continue;
    known.asked = message.text;
    known.asked_by = message.author;
    known.asked_at = message.at;
  }
  return known;
}

LetterText filled(const notify::LetterBook& book, const std::string& kind, const Known& known,
                  bool about_a_ticket) {
  const auto one = notify::kind_from(kind);
  if (!one) {
    notify::DigestFacts facts = notify::sample_digest(known.language);
    facts.customer = known.customer;
    facts.desk_name = known.desk;
    if (about_a_ticket) {
      facts.person_name = known.person;
      facts.items.resize(1);
      facts.items[0].reference = known.reference;
      facts.items[0].subject = known.subject;
      facts.items[0].text = known.said;
      facts.items[0].url = known.url;
    }
    return book.write_digest(facts);
  }
  notify::LetterFacts facts = notify::sample_facts(*one, known.language);
  facts.customer = known.customer;
  facts.desk_name = known.desk;
  if (about_a_ticket && *one != notify::Kind::major_incident) {
    facts.person_name = known.person;
    facts.reference = known.reference;
    facts.subject = known.subject;
    facts.url = known.url;
    if (!facts.text.empty() && !known.said.empty()) facts.text = known.said;
    if (!facts.quoted_text.empty()) {
      facts.quoted_text = known.asked;
      facts.quoted_author = known.asked_by;
      facts.quoted_at = known.asked_at;
    }
  }
  return book.write(facts);
}

net::awaitable<Result<LetterText>> previewed(Api& api, Call& call) {
  if (!api.parts.letters) co_return no_letters();
  const auto& kinds = notify::letter_kinds();
  const std::string kind = call.params.at(0);
  if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) co_return not_found("letter");
  const std::string language(call.query.text("language")), customer(call.query.text("customer"));
  if (call.query.has("language") && language != "sv" && language != "en") {
    co_return invalid("?language", "must be sv or en");
  }
  const bool about_a_ticket = call.query.has("ticket");
  const TicketId id = ticket_of_reference(call.query.text("ticket"));
  std::function<Result<Known>(Tx&)> look = [&api, id, about_a_ticket](Tx& tx) -> Result<Known> {
    Known known;
    if (about_a_ticket) {
      const auto ticket = desk::visible_ticket(tx, id);
      if (!ticket) return ticket.error();
      known = known_of(tx, *ticket, api.parts.identity.public_url);
    }
    known.desk = desk_identity(tx).name;
    return known;
  };
  auto known = co_await read<Known>(api.parts.store, call.principal, std::move(look));
  if (!known) co_return known.error();
  if (!language.empty()) known->language = language;
  if (!customer.empty()) known->customer = customer;
  co_return filled(*api.parts.letters->book(), kind, *known, about_a_ticket);
}

net::awaitable<Result<Response>> preview(Api& api, Call& call) {
  const auto letter = co_await previewed(api, call);
  if (!letter) co_return letter.error();
  json::Writer out;
  out.begin_object().field("subject", letter->subject).field("text", letter->text).end_object();
  co_return json_response(out);
}

net::awaitable<Result<Response>> preview_html(Api& api, Call& call) {
  auto letter = co_await previewed(api, call);
  if (!letter) co_return letter.error();
  Response response;
  response.content_type = "text/html; charset=utf-8";
  response.body = std::move(letter->html);
  // The operator's own HTML, shown on his page: it may look as it likes, and do nothing.
  response.header("Content-Security-Policy",
                  "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'");
  response.header("Cache-Control", "no-store");
  response.header("Referrer-Policy", "no-referrer");
  co_return response;
}

// --- Links to files -----------------------------------------------------------------------------

constexpr std::string_view kGone =
    "<!DOCTYPE html><html lang=\"sv\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
    "content=\"width=device-width\"><meta name=\"color-scheme\" content=\"light dark\">"
    "<title>Länken gäller inte</title></head><body style=\"font-family:system-ui,sans-serif;"
    "max-width:36em;margin:3em auto;padding:0 1em;line-height:1.5\"><h1>Länken gäller inte "
    "längre</h1><p>Filen finns kvar i ärendet. Logga in på portalen, eller svara på mejlet så "
    "skickar vi den igen.</p><div lang=\"en\"><h2>This link is no longer good</h2><p>The file is "
    "still in the ticket. Sign in to the portal, or reply to the mail and we will send it "
    "again.</p></div></body></html>\n";

Response gone(const Call& call) {
  Response response =
      problem_response(Problem{ProblemKind::not_found,
                               "This link is no longer good. The file is still in the ticket.",
                               {}},
                       call.exchange.id());
  if (wants_html(call.exchange.header("Accept"))) {
    response.content_type = "text/html; charset=utf-8";
    response.body = kGone;
  }
  return response;
}

net::awaitable<Result<Response>> linked_file(Api& api, Call& call) {
  if (api.parts.file_links == nullptr) co_return gone(call);
  const auto opened = api.parts.file_links->open(call.params.at(0), api.parts.clock.now());
  if (!opened || opened->expired) co_return gone(call);
  const AttachmentId id{opened->attachment};
  std::function<Result<Attachment>(Tx&)> look = [id](Tx& tx) -> Result<Attachment> {
    auto attachment = find_attachment(tx, id);
    // One that the desk has hidden since is hidden here too.
    if (!attachment || attachment->visibility != Visibility::user) return not_found("attachment");
    return std::move(*attachment);
  };
  const auto attachment =
      co_await read<Attachment>(api.parts.store, system_principal("file link"), std::move(look));
  if (!attachment) {
    if (attachment.error().kind != ProblemKind::not_found) co_return attachment.error();
    co_return gone(call);
  }
  Response response = file_response(*attachment, api.parts.blobs);
  response.header("Referrer-Policy", "no-referrer");
  response.header("X-Robots-Tag", "noindex");
  co_return response;
}

}  // namespace

void declare_letters(Router& router) {
  router.add({.method = Method::get,
              .path = "/api/v1/letters",
              .id = "list_letters",
              .needs = Permission::configuration_operate,
              .tag = "operations",
              .summary = "What the desk writes to people: built in, or of the operator's files",
              .handler = &list_letters,
              .answer = &kLetterSchema,
              .list = true});
  router.add({.method = Method::get,
              .path = "/api/v1/letters/{letter}/preview",
              .id = "preview_letter",
              .needs = Permission::configuration_operate,
              .tag = "operations",
              .summary = "A letter's subject and text as somebody would get it; nothing is sent",
              .handler = &preview,
              .query = kPreviewQuery,
              .answer = &kPreviewSchema});
  router.add({.method = Method::get,
              .path = "/api/v1/letters/{letter}/preview.html",
              .id = "preview_letter_html",
              .needs = Permission::configuration_operate,
              .tag = "operations",
              .summary = "Its HTML part, for an <iframe sandbox>",
              .handler = &preview_html,
              .query = kPreviewQuery,
              .answer_media = "text/html"});
  router.add({.method = Method::get,
              .path = "/files/{token}",
              .id = "read_linked_file",
              .needs = Permission::anyone,
              .tag = "attachments",
              .summary = "A file that was too large for a mail, by the signed link in it",
              .handler = &linked_file,
              .answer_media = "*/*"});
}

}  // namespace ombud::http
