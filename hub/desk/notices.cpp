#include "desk/notices.hpp"

#include <fmt/format.h>

#include "base/json.hpp"
#include "store/directory.hpp"
#include "store/outbox.hpp"

namespace ombud::desk {
namespace {

// What the desk says around its messages, per language. {0} person, {1} reference, {2} subject, {3}
// desk.
struct Words {
  std::string_view receipt;
  std::string_view message_end;
  std::string_view resolved_begin;
  std::string_view resolved_end;
};
constexpr Words kSwedish{
    "Hej {0}!\n\nVi har tagit emot ditt ärende \"{2}\". Det har nummer {1}.\n\n"
    "Du behöver inte göra något mer nu: vi hör av oss här. Vill du lägga till något, svara på det "
    "här "
    "mejlet.\n\nVänliga hälsningar\n{3}\n",
    "\n\nVänliga hälsningar\n{3}\n\nSvara på det här mejlet om du vill lägga till något i ärende "
    "{1}.\n",
    "Hej {0}!\n\nVi bedömer att ditt ärende {1} \"{2}\" är löst.\n\n",
    "Är det inte löst, svara på det här mejlet så öppnar vi ärendet igen.\n\nVänliga "
    "hälsningar\n{3}\n"};
constexpr Words kEnglish{
    "Hello {0},\n\nWe have received your ticket \"{2}\". Its number is {1}.\n\n"
    "There is nothing more you need to do now: you will hear from us here. To add something, reply "
    "to this "
    "mail.\n\nKind regards\n{3}\n",
    "\n\nKind regards\n{3}\n\nReply to this mail to add something to ticket {1}.\n",
    "Hello {0},\n\nWe believe that your ticket {1} \"{2}\" is solved.\n\n",
    "If it is not, reply to this mail and we will open it again.\n\nKind regards\n{3}\n"};

const Words& words_for(const Ticket& ticket) {
  return ticket.language == "en" ? kEnglish : kSwedish;
}

std::string fill(std::string_view form, const Person& person, const Ticket& ticket,
                 const DeskIdentity& desk) {
  return fmt::format(fmt::runtime(form), person.name, reference_of(ticket.id), ticket.subject,
                     desk.name);
}

struct Mail {
  Person to;
  DeskIdentity desk;
  std::string link;
};
// Nothing if the user cannot be reached: unknown, without address, or the desk sends no mail.
std::optional<Mail> mail_to(Tx& tx, const Ticket& ticket) {
  if (ticket.requester.value == 0) return std::nullopt;
  auto link = notices_link(tx);
  if (!link) return std::nullopt;
  auto person = find_person(tx, ticket.requester);
  if (!person || person->email.empty()) return std::nullopt;
  return Mail{std::move(*person), desk_identity(tx), std::move(*link)};
}

void enqueue_notice(Tx& tx, const Mail& mail, const Ticket& ticket, const std::string& text,
                    const std::string& answers, std::int64_t source, bool automatic) {
  json::Writer out;
  out.begin_object()
      .field("schema", "ombud.notice/1")
      .field("reference", reference_of(ticket.id))
      .begin_object("to")
      .field("name", mail.to.name)
      .field("address", mail.to.email)
      .end_object()
      .field("subject", ticket.subject)
      .field("text", text)
      .field("language", ticket.language)
      .field("automatic", automatic);
  if (!answers.empty()) out.field("in_reply_to", answers).field("references", answers);
  out.end_object();
  const Lane lane = lane_of_notices(tx, mail.link, ticket.id, ticket.customer);
  // The first mail of the thread makes it; the later ones go below it.
  const bool first = lane_is_new(tx, lane.id);
  enqueue(tx, lane, {first ? "put_ticket" : "add_comment", out.take(), "", source});
}

}  // namespace

void send_receipt(Tx& tx, const Ticket& ticket, const std::string& answers) {
  const auto mail = mail_to(tx, ticket);
  if (!mail) return;
  enqueue_notice(tx, *mail, ticket, fill(words_for(ticket).receipt, mail->to, ticket, mail->desk),
                 answers, 0, true);
}

void send_message(Tx& tx, const Ticket& ticket, const Message& message) {
  const auto mail = mail_to(tx, ticket);
  if (!mail) return;
  enqueue_notice(tx, *mail, ticket,
                 message.text + fill(words_for(ticket).message_end, mail->to, ticket, mail->desk),
                 "", message.id.value, false);
}

void send_resolved(Tx& tx, const Ticket& ticket, const std::string& text) {
  const auto mail = mail_to(tx, ticket);
  if (!mail) return;
  const Words& words = words_for(ticket);
  enqueue_notice(tx, *mail, ticket,
                 fill(words.resolved_begin, mail->to, ticket, mail->desk) +
                     (text.empty() ? "" : text + "\n\n") +
                     fill(words.resolved_end, mail->to, ticket, mail->desk),
                 "", 0, text.empty());
}

}  // namespace ombud::desk
