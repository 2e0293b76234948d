#include "channel/mail/intake.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "base/bytes.hpp"
#include "desk/limits.hpp"
#include "domain/event.hpp"
#include "store/await.hpp"
#include "store/tickets.hpp"

namespace ombud::mail {
namespace {

constexpr int kPageRows = 50;
constexpr Millis kStorePause{10'000};  // when the store cannot even be read
constexpr std::size_t kErrorBytesMax = 1000;
constexpr std::size_t kPersonNameBytesMax = 255;

using Bytes = std::shared_ptr<const std::string>;

// What add_mail needs to know of the bytes; costs time with the size.
struct Identity {
  std::string digest, message_id;
};

net::awaitable<Identity> identify(Bytes raw) {
  Identity identity;
  identity.digest = content_digest(*raw);
  identity.message_id = message_id_of(*raw);
  co_return identity;
}

net::awaitable<std::shared_ptr<ParsedMail>> parse(Bytes raw) {
  co_return std::make_shared<ParsedMail>(parse_mail(*raw));
}

// An internal note of the intake itself, whoever the transaction runs for. The original may be
// larger than what the desk takes from people, so it does not go through the use case.
void add_note(Tx& tx, TicketId ticket, const std::string& text,
              const std::vector<desk::NewAttachment>& files) {
  event::MessageAdded added;
  added.visibility = Visibility::internal;
  added.from = Party::system;
  added.author = "mail";
  added.text = std::string(cut_utf8(text, desk::kTextBytesMax));
  const MessageId message{append(tx, ticket, added).event.value};
  for (const desk::NewAttachment& file : files) {
    event::AttachmentAdded attached;
    attached.message = message;
    attached.visibility = Visibility::internal;
    attached.from = Party::system;
    attached.name = file.name;
    attached.media_type = file.media_type;
    attached.bytes = file.bytes;
    attached.sha256 = file.sha256;
    append(tx, ticket, attached);
  }
}

std::string words_of(const Problem& refused) {
  std::string words = refused.detail;
  for (const FieldProblem& field : refused.fields)
    words += " " + field.pointer + " " + field.detail + ".";
  return words;
}

// Undoes the unit of work: somebody else has done the mail in the meantime.
Problem already_done() {
  return problem(ProblemKind::stale, "The mail was processed already.");
}

using Nothing = std::monostate;

}  // namespace

MailIntake::MailIntake(Clock& clock, Store& store, Blobs& blobs, SupplierMail& suppliers,
                       const Log& log, net::any_io_executor workers, DeskAddresses desk,
                       IntakeOptions options)
    : clock_(clock),
      store_(store),
      blobs_(blobs),
      suppliers_(suppliers),
      log_(log),
      workers_(std::move(workers)),
      desk_(std::move(desk)),
      options_(std::move(options)) {}

net::awaitable<Receipt> MailIntake::store(Envelope envelope, std::string raw) {
  Receipt receipt;
  const Bytes bytes = std::make_shared<const std::string>(std::move(raw));
  net::awaitable<Identity> identifying = identify(bytes);
  const Identity identity =
      co_await net::co_spawn(workers_, std::move(identifying), net::use_awaitable);
  const Result<BlobRef> blob = co_await blobs_.put(*bytes);
  if (!blob) {
    log_.error("mail not stored", {{"reason", words_of(blob.error())}});
    co_return receipt;
  }
  MailRow row;
  row.sha256 = blob->sha256;
  row.bytes = blob->bytes;
  row.envelope_from = envelope.from;
  for (const std::string& recipient : envelope.recipients) {
    row.envelope_to += (row.envelope_to.empty() ? "" : " ") + recipient;
  }
  row.dedupe_key = dedupe_key(identity.digest, envelope.recipients);
  row.message_id = identity.message_id;
  row.mailbox = envelope.mailbox;
  std::function<Result<std::int64_t>(Tx&)> work = [row](Tx& tx) -> Result<std::int64_t> {
    return add_mail(tx, row);
  };
  const Result<std::int64_t> added =
      co_await write<std::int64_t>(store_, system_principal("mail"), std::move(work));
  if (!added) {
    log_.error("mail not stored", {{"reason", words_of(added.error())}});
    co_return receipt;
  }
  bell_.ring();
  receipt.stored = true;
  receipt.mail_id = *added;
  co_return receipt;
}

void MailIntake::wake() {
  for (auto& [id, retry] : retries_) retry = {clock_.now(), Millis{}, retry.thread};
  ++wakes_;
  bell_.ring();
}

net::awaitable<void> MailIntake::run() {
  co_await net::this_coro::throw_if_cancelled(false);
  while ((co_await net::this_coro::cancellation_state).cancelled() ==
         net::cancellation_type::none) {
    const Instant next = co_await process();
    if ((co_await net::this_coro::cancellation_state).cancelled() != net::cancellation_type::none) {
      break;
    }
    co_await clock_.sleep_until(next, &bell_);
  }
}

net::awaitable<Instant> MailIntake::process() {
  Instant next = kNever;
  std::int64_t after = 0;
  waiting_.clear();
  for (;;) {
    std::function<Result<std::vector<MailRow>>(Tx&)> work =
        [after](Tx& tx) -> Result<std::vector<MailRow>> {
      return open_mails(tx, after, kPageRows);
    };
    const Result<std::vector<MailRow>> open =
        co_await read<std::vector<MailRow>>(store_, system_principal("mail"), std::move(work));
    if (!open) {
      log_.error("stored mails cannot be read", {{"reason", words_of(open.error())}});
      co_return clock_.now() + kStorePause;
    }
    if (open->empty()) co_return next;
    for (const MailRow& row : *open) {
      after = row.id;
      const auto cancelled = (co_await net::this_coro::cancellation_state).cancelled();
      if (cancelled != net::cancellation_type::none) co_return next;
      asked_.reset();
      if (row.state == "waiting_link") asked_ = Thread{row.link, row.ticket.value};
      const auto waiting = retries_.find(row.id);
      if (waiting != retries_.end() && waiting->second.at > clock_.now()) {
        next = std::min(next, waiting->second.at);
        if (waiting->second.thread) waiting_.insert(*waiting->second.thread);
        continue;
      }
      if (asked_ && waiting_.contains(*asked_)) continue;
      const int wakes = wakes_;
      const bool done = co_await process_one(row);
      if (done) {
        retries_.erase(row.id);
        begun_.erase(row.id);
        continue;
      }
      if (asked_ && !waiting_.insert(*asked_).second) continue;  // it waits for one before it
      Retry& retry = retries_[row.id];
      retry.thread = asked_;
      retry.pause = retry.pause == Millis{} ? options_.retry_first
                                            : std::min(retry.pause * 2, options_.retry_max);
      // What it waited for may have come while it was at it.
      retry.at = wakes == wakes_ ? clock_.now() + retry.pause : clock_.now();
      next = std::min(next, retry.at);
    }
  }
}

// True when the row is done. What goes wrong is told to the log and to the row, and comes up again.
net::awaitable<bool> MailIntake::process_one(MailRow row) {
  std::string error;
  try {
    std::optional<std::string> raw = co_await blobs_.get(row.sha256);
    if (raw) {
      if (row.state == "waiting_link") {
        const bool asked = co_await ask_link(row, std::move(*raw), row.link, row.ticket);
        co_return asked;
      }
      const bool understood = co_await understand(row, std::move(*raw));
      co_return understood;
    }
    error = fmt::format(
        "The bytes of the mail are not in the blob store ({}). Restore them from the backup.",
        row.sha256);
  } catch (const std::exception& failed) {
    error = failed.what();
  }
  co_await note_failure(row.id, std::move(error));
  co_return false;
}

net::awaitable<void> MailIntake::note_failure(std::int64_t id, std::string error) {
  log_.error("mail not processed", {{"mail", id}, {"reason", error}});
  std::function<Result<Nothing>(Tx&)> work = [id, error](Tx& tx) -> Result<Nothing> {
    set_mail_error(tx, id, cut_utf8(error, kErrorBytesMax));
    return Nothing{};
  };
  co_await write<Nothing>(store_, system_principal("mail"), std::move(work));
}

net::awaitable<bool> MailIntake::understand(MailRow row, std::string raw) {
  if (begun_.insert(row.id).second) {
    // Written before the mail is looked at: should it take the hub down, the next life knows.
    std::function<Result<Nothing>(Tx&)> work = [id = row.id](Tx& tx) -> Result<Nothing> {
      count_attempt(tx, id);
      return Nothing{};
    };
    const Result<Nothing> counted =
        co_await write<Nothing>(store_, system_principal("mail"), std::move(work));
    if (!counted) {
      begun_.erase(row.id);
      co_return false;
    }
  }
  const Bytes bytes = std::make_shared<const std::string>(std::move(raw));
  std::shared_ptr<ParsedMail> mail;
  if (row.attempts < options_.crashes_max) {
    net::awaitable<std::shared_ptr<ParsedMail>> parsing = parse(bytes);
    mail = co_await net::co_spawn(workers_, std::move(parsing), net::use_awaitable);
  } else {
    log_.error("mail not parsed: the hub went down at it before",
               {{"mail", row.id}, {"times", static_cast<std::int64_t>(row.attempts)}});
    mail = std::make_shared<ParsedMail>();
    mail->flags.unreadable = true;
  }
  const NatureFound nature = nature_of(*mail, row.envelope_from, desk_);
  std::function<Result<Route>(Tx&)> work = [row, mail, nature = nature.nature,
                                            options = options_.route](Tx& tx) -> Result<Route> {
    return find_route(tx, row, *mail, nature, options);
  };
  const Result<Route> route =
      co_await read<Route>(store_, system_principal("mail"), std::move(work));
  if (!route) {
    co_await note_failure(row.id, words_of(route.error()));
    co_return false;
  }
  if (route->way == Way::duplicate) {
    const bool settled = co_await settle(row, "duplicate", route->ticket, "");
    co_return settled;
  }
  if (route->way == Way::supplier) {
    const bool asked = co_await ask_link(row, *bytes, route->link, route->ticket);
    co_return asked;
  }
  if (route->way == Way::fresh && !route->link.empty()) {
    // Should its connector be down, it becomes a ticket: a person reads it all the same.
    const auto outcome = co_await suppliers_.decode_announcement(route->link, *bytes);
    if (outcome == SupplierMail::Outcome::taken) {
      const bool settled = co_await settle(row, "notice", route->ticket, route->link);
      co_return settled;
    }
  }
  Prepared prepared = co_await prepare(row, mail, *route);
  const bool applied = co_await apply(row, *route, nature, std::move(prepared));
  co_return applied;
}

net::awaitable<Prepared> MailIntake::prepare(const MailRow& row, std::shared_ptr<ParsedMail> mail,
                                             Route route) {
  std::string whole_text;
  Prepared prepared = prepare_words(row, *mail, route, whole_text);
  if (!whole_text.empty()) {
    MailAttachment text;
    text.name = "message.txt";
    text.media_type = "text/plain";
    text.bytes = std::move(whole_text);
    mail->attachments.insert(mail->attachments.begin(), std::move(text));
  }
  for (MailAttachment& file : mail->attachments) {
    std::string refusal = refusal_of(file, prepared.attachments.size());
    if (!refusal.empty()) {
      prepared.remarks.push_back(std::move(refusal));
      prepared.with_original = true;
      continue;
    }
    const Result<BlobRef> blob = co_await blobs_.put(std::move(file.bytes));
    if (!blob) throw StoreError(words_of(blob.error()));
    desk::NewAttachment attachment;
    attachment.name = file.name;
    attachment.media_type = file.media_type;
    attachment.bytes = blob->bytes;
    attachment.sha256 = blob->sha256;
    prepared.attachments.push_back(std::move(attachment));
  }
  co_return prepared;
}

net::awaitable<bool> MailIntake::apply(MailRow row, Route route, NatureFound nature,
                                       Prepared prepared) {
  Finished end = Finished::refused;
  switch (route.way) {
    case Way::reply:
      end = co_await finish_as_reply(row, route, prepared);
      break;
    case Way::note: {
      Prepared note = prepared;
      note.text = as_note_text(route, nature, prepared);
      note.with_original |= nature.nature == Nature::report;
      end = co_await finish_as_note(row, route.ticket, std::move(note), "note", "");
      break;
    }
    case Way::fresh:
      end = co_await finish_as_ticket(row, route, nature, prepared, false);
      break;
    case Way::duplicate:
    case Way::supplier:
      break;  // settled before anything is prepared
  }
  if (end == Finished::refused) {
    // Then in the plainest form, which the desk has no reason to refuse.
    if (route.way != Way::fresh) route.mentioned = route.ticket;
    route.way = Way::fresh;
    end = co_await finish_as_ticket(row, route, nature, std::move(prepared), true);
  }
  co_return end == Finished::done;
}

net::awaitable<MailIntake::Finished> MailIntake::finished(std::int64_t id, Result<Nothing> result) {
  if (result || result.error().kind == ProblemKind::stale) co_return Finished::done;
  co_await note_failure(id, words_of(result.error()));
  co_return result.error().kind == ProblemKind::unavailable ? Finished::failed : Finished::refused;
}

net::awaitable<bool> MailIntake::settle(MailRow row, std::string outcome, TicketId ticket,
                                        std::string link) {
  std::function<Result<Nothing>(Tx&)> work = [id = row.id, outcome, ticket,
                                              link](Tx& tx) -> Result<Nothing> {
    finish_mail(tx, id, outcome, ticket, link);
    return Nothing{};
  };
  const Result<Nothing> settled =
      co_await write<Nothing>(store_, system_principal("mail"), std::move(work));
  co_return settled.has_value();
}

net::awaitable<bool> MailIntake::ask_link(MailRow row, std::string raw, std::string link,
                                          TicketId ticket) {
  asked_ = Thread{link, ticket.value};
  SupplierMail::Outcome outcome = SupplierMail::Outcome::later;
  if (!waiting_.contains(*asked_)) outcome = co_await suppliers_.decode(link, std::move(raw));
  switch (outcome) {
    case SupplierMail::Outcome::taken: {
      const bool settled = co_await settle(row, "supplier", ticket, link);
      co_return settled;
    }
    case SupplierMail::Outcome::later: {
      if (clock_.now() - row.received_at >= options_.link_wait_max) break;
      std::function<Result<Nothing>(Tx&)> work = [id = row.id, link,
                                                  ticket](Tx& tx) -> Result<Nothing> {
        wait_for_link(tx, id, link, ticket);
        return Nothing{};
      };
      co_await write<Nothing>(store_, system_principal("mail"), std::move(work));
      co_return false;
    }
    case SupplierMail::Outcome::not_understood:
      break;
  }
  Prepared note;
  note.text = fmt::format(
      "A mail from {} on the thread with \"{}\", which its connector {}. The original is "
      "attached to this note.",
      row.envelope_from.empty() ? "a machine" : row.envelope_from, link,
      outcome == SupplierMail::Outcome::later ? "could not take for too long"
                                              : "did not understand");
  note.with_original = true;
  note.original.name = fmt::format("mail-{}.eml", row.id);
  note.original.media_type = "message/rfc822";
  note.original.bytes = row.bytes;
  note.original.sha256 = row.sha256;
  const Finished noted = co_await finish_as_note(row, ticket, std::move(note), "note", link);
  co_return noted == Finished::done;
}

net::awaitable<MailIntake::Finished> MailIntake::finish_as_note(MailRow row, TicketId ticket,
                                                                Prepared prepared,
                                                                std::string outcome,
                                                                std::string link) {
  std::function<Result<Nothing>(Tx&)> work = [row, ticket, prepared, outcome,
                                              link](Tx& tx) -> Result<Nothing> {
    if (!finish_mail(tx, row.id, outcome, ticket, link)) return already_done();
    if (!find_ticket(tx, ticket)) return not_found("ticket");
    std::vector<desk::NewAttachment> files = prepared.attachments;
    if (prepared.with_original) files.push_back(prepared.original);
    add_note(tx, ticket, prepared.text, files);
    return Nothing{};
  };
  const Result<Nothing> noted =
      co_await write<Nothing>(store_, system_principal("mail"), std::move(work));
  const Finished end = co_await finished(row.id, noted);
  co_return end;
}

net::awaitable<MailIntake::Finished> MailIntake::finish_as_reply(MailRow row, Route route,
                                                                 Prepared prepared) {
  Principal person;
  person.role = Role::user;
  person.tenant = route.customer;
  person.person = route.person;
  person.name = route.sender;
  std::function<Result<Nothing>(Tx&)> work = [row, route, prepared](Tx& tx) -> Result<Nothing> {
    if (!finish_mail(tx, row.id, "reply", route.ticket, "")) return already_done();
    desk::Reply reply;
    reply.ticket = route.ticket;
    reply.text = prepared.text;
    reply.attachments = prepared.attachments;
    reply.mail_message_id = prepared.message_id;
    const Result<Message> replied = desk::reply(tx, reply);
    if (!replied) return replied.error();
    std::vector<desk::NewAttachment> files;
    if (prepared.with_original) files.push_back(prepared.original);
    if (!prepared.remarks.empty()) add_note(tx, route.ticket, note_text(prepared.remarks), files);
    return Nothing{};
  };
  const Result<Nothing> replied =
      co_await write<Nothing>(store_, std::move(person), std::move(work));
  const Finished end = co_await finished(row.id, replied);
  co_return end;
}

net::awaitable<MailIntake::Finished> MailIntake::finish_as_ticket(MailRow row, Route route,
                                                                  NatureFound nature,
                                                                  Prepared prepared, bool plain) {
  std::function<Result<Nothing>(Tx&)> work = [row, route, nature, prepared, plain,
                                              options = options_](Tx& tx) -> Result<Nothing> {
    std::vector<std::string> remarks = prepared.remarks;
    std::string customer_key = route.customer;
    if (!find_customer(tx, customer_key)) {
      customer_key = options.route.unknown_customer;
      if (!find_customer(tx, customer_key)) {
        Customer unknown;
        unknown.id = customer_key;
        unknown.name = options.unknown_customer_name;
        put_customer(tx, unknown);
      }
    }
    PersonId requester = route.person;
    if (route.new_person) {
      const auto customer = find_customer(tx, route.customer);
      Person person;
      person.customer = route.customer;
      person.name = std::string(cut_utf8(
          route.sender_name.empty() ? std::string(local_part_of(route.sender)) : route.sender_name,
          kPersonNameBytesMax));
      person.email = route.sender;
      person.language = customer ? customer->language : route.language;
      requester = put_person(tx, person);
      remarks.push_back(fmt::format("{} is new: made a person of this customer by the mail domain.",
                                    who_wrote(route)));
    }
    bool quiet = nature.nature != Nature::person;
    if (quiet) {
      remarks.push_back(fmt::format("{} wrote this by machine or list ({}): no receipt was sent.",
                                    who_wrote(route), nature.why));
    } else if (requester.value == 0) {
      remarks.push_back(fmt::format(
          "The sender {} is not known, so nothing was sent to that address.", who_wrote(route)));
    } else if (tickets_by_mail(tx, requester, tx.at() - Millis{3'600'000}) >=
               options.receipts_per_hour) {
      quiet = true;
      remarks.push_back(
          fmt::format("{} mails within an hour: no receipt was sent.", options.receipts_per_hour));
    }
    if (route.mentioned.value != 0) {
      remarks.push_back(fmt::format(
          "It names {}, but {}.", reference_of(route.mentioned),
          plain ? "could not be added there" : "its sender has no part in that ticket"));
    }
    desk::Register request;
    request.customer = customer_key;
    request.requester = plain ? PersonId{} : requester;
    request.channel = Channel::mail;
    request.subject = prepared.subject;
    request.text = prepared.text;
    if (!plain) request.attachments = prepared.attachments;
    request.quiet = quiet || plain;
    request.held = nature.nature != Nature::person || plain;
    if (!request.quiet) request.mail_message_id = prepared.message_id;
    const Result<Ticket> ticket = desk::register_ticket(tx, request);
    if (!ticket) return ticket.error();
    const std::string outcome = quiet ? "quiet" : "registered";
    if (!finish_mail(tx, row.id, outcome, ticket->id, "")) return already_done();
    std::vector<desk::NewAttachment> files;
    if (prepared.with_original || plain) files.push_back(prepared.original);
    if (plain) remarks.emplace_back("The original is attached to this note.");
    if (!remarks.empty()) add_note(tx, ticket->id, note_text(remarks), files);
    return Nothing{};
  };
  const Result<Nothing> registered =
      co_await write<Nothing>(store_, system_principal("mail"), std::move(work));
  const Finished end = co_await finished(row.id, registered);
  co_return end;
}

}  // namespace ombud::mail
