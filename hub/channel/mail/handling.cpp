#include "channel/mail/handling.hpp"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <functional>

#include "store/await.hpp"

namespace ombud::mail {
namespace {

using Nothing = std::monostate;
using Work = std::function<Result<Nothing>(Tx&)>;

using Bytes = std::shared_ptr<const std::string>;

net::awaitable<std::shared_ptr<ReadMail>> read_there(Bytes raw, std::string envelope_from,
                                                     DeskAddresses desk,
                                                     std::vector<std::string> trusted, bool parse) {
  co_return read_mail(*raw, envelope_from, desk, trusted, parse);
}

}  // namespace

MailHandler::MailHandler(Clock& clock, Store& store, Blobs& blobs, SupplierMail& suppliers,
                         const Log& log, net::any_io_executor workers, Attempts& attempts,
                         const DeskAddresses& desk, const IntakeOptions& options)
    : clock_(clock),
      store_(store),
      blobs_(blobs),
      suppliers_(suppliers),
      log_(log),
      workers_(std::move(workers)),
      attempts_(attempts),
      desk_(desk),
      options_(options) {}

ApplyOptions MailHandler::apply_options() const {
  return {options_.route.unknown_customer, options_.unknown_customer_name,
          options_.receipts_per_hour, options_.tickets_per_hour};
}

net::awaitable<Handled> MailHandler::handle(MailRow row, std::shared_ptr<ReadMail> read,
                                            const std::set<SupplierThread>& waiting) {
  Handled handled;
  if (row.state == "waiting_link") handled.thread = SupplierThread{row.link, row.ticket.value};
  std::string error;
  try {
    std::optional<std::string> raw = co_await blobs_.get(row.sha256);
    if (raw) {
      if (handled.thread) {
        const bool held = waiting.contains(*handled.thread);
        handled = co_await ask_link(row, std::move(*raw), *handled.thread, held);
      } else {
        handled = co_await understand(row, std::move(*raw), std::move(read), waiting);
      }
      co_return handled;
    }
    error = fmt::format(
        "The bytes of the mail are not in the blob store ({}). Restore them from the backup.",
        row.sha256);
  } catch (const std::exception& failed) {
    error = failure(row.id, "The mail could not be processed", failed.what());
  }
  co_await attempts_.failed(row.id, std::move(error));
  co_return handled;
}

net::awaitable<Handled> MailHandler::understand(MailRow row, std::string raw,
                                                std::shared_ptr<ReadMail> read,
                                                const std::set<SupplierThread>& waiting) {
  const std::vector<std::int64_t> one{row.id};
  const Bytes bytes = std::make_shared<const std::string>(std::move(raw));
  if (!co_await attempts_.begin(one)) co_return Handled();
  if (!read) {
    const bool readable = row.attempts < options_.crashes_max;
    if (!readable) {
      log_.error("mail not parsed: the hub went down at it before",
                 {{"mail", row.id}, {"times", static_cast<std::int64_t>(row.attempts)}});
    }
    auto reading =
        read_there(bytes, row.envelope_from, desk_, options_.authentication_from, readable);
    read = co_await net::co_spawn(workers_, std::move(reading), net::use_awaitable);
  }
  row.facts = read->facts;
  std::function<Result<Route>(Tx&)> look = [row, read,
                                            options = options_.route](Tx& tx) -> Result<Route> {
    return find_route(tx, row, read->mail, read->nature.nature, options);
  };
  const Result<Route> found =
      co_await ombud::read<Route>(store_, system_principal("mail"), std::move(look));
  if (!found) {
    std::string words =
        failure(row.id, "Whose the mail is could not be found out", words_of(found.error()));
    co_await attempts_.failed(row.id, std::move(words));
    co_return Handled();
  }
  const Route& route = *found;
  Handled handled;
  if (route.way == Way::duplicate) {
    Work work = [row, route](Tx& tx) { return apply_copy(tx, row, route); };
    handled.done = co_await settle(row, "duplicate", std::move(work));
    co_return handled;
  }
  if (route.way == Way::supplier) {
    const SupplierThread thread{route.link, route.ticket.value};
    handled = co_await ask_link(row, *bytes, thread, waiting.contains(thread));
    co_return handled;
  }
  if (route.way == Way::fresh && !route.link.empty()) {
    // Should its connector be down, it becomes a ticket: a person reads it all the same.
    const auto outcome = co_await suppliers_.decode_announcement(route.link, *bytes);
    if (outcome == SupplierMail::Outcome::taken) {
      Work work = [row, route](Tx& tx) {
        return apply_outcome(tx, row, "notice", route.ticket, route.link, "");
      };
      handled.done = co_await settle(row, "notice", std::move(work));
      co_return handled;
    }
  }
  Prepared prepared = co_await prepare(row, read, route);
  handled.done = co_await apply(row, route, read->nature, std::move(prepared));
  co_return handled;
}

net::awaitable<Prepared> MailHandler::prepare(const MailRow& row, std::shared_ptr<ReadMail> read,
                                              Route route) {
  ParsedMail& mail = read->mail;
  std::string whole_text;
  Prepared prepared = prepare_words(row, mail, route, whole_text);
  const bool cut = !whole_text.empty();
  if (cut) {
    MailAttachment text;
    text.name = "message.txt";
    text.media_type = "text/plain";
    text.bytes = std::move(whole_text);
    mail.attachments.insert(mail.attachments.begin(), std::move(text));
  }
  for (std::size_t i = 0; i < mail.attachments.size(); ++i) {
    MailAttachment& file = mail.attachments[i];
    std::string refusal = refusal_of(file, prepared.attachments.size());
    if (i > 0 || !cut) {
      prepared.places.push_back(refusal.empty() ? std::optional(prepared.attachments.size())
                                                : std::nullopt);
    }
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

net::awaitable<bool> MailHandler::apply(MailRow row, Route route, NatureFound nature,
                                        Prepared prepared) {
  Principal principal = system_principal("mail");
  Work work;
  switch (route.way) {
    case Way::reply:
      principal = Principal();
      principal.role = Role::user;
      principal.tenant = route.customer;
      principal.person = route.person;
      principal.name = route.sender;
      work = [row, route, prepared](Tx& tx) { return apply_reply(tx, row, route, prepared); };
      break;
    case Way::note:
      work = [row, route, nature, prepared](Tx& tx) {
        return apply_mail_note(tx, row, route, nature, prepared);
      };
      break;
    case Way::fresh:
    case Way::duplicate:
    case Way::supplier:  // the last two are settled before anything is prepared
      work = [row, route, nature, prepared, options = apply_options()](Tx& tx) {
        return apply_ticket(tx, row, route, nature, prepared, options, false);
      };
      break;
  }
  Finished end = co_await finish(row.id, std::move(principal), std::move(work));
  if (end == Finished::refused) {
    // Then in the plainest form, which the desk has no reason to refuse.
    if (route.way != Way::fresh) route.mentioned = route.ticket;
    route.way = Way::fresh;
    Work plainly = [row, route, nature, prepared, options = apply_options()](Tx& tx) {
      return apply_ticket(tx, row, route, nature, prepared, options, true);
    };
    end = co_await finish(row.id, system_principal("mail"), std::move(plainly));
  }
  co_return end == Finished::done;
}

net::awaitable<MailHandler::Finished> MailHandler::finish(std::int64_t id, Principal principal,
                                                          Work work) {
  const Result<Nothing> done =
      co_await write<Nothing>(store_, std::move(principal), std::move(work));
  if (done || done.error().kind == ProblemKind::stale) co_return Finished::done;
  std::string words = failure(id, "The desk did not take the mail", words_of(done.error()));
  co_await attempts_.failed(id, std::move(words));
  co_return done.error().kind == ProblemKind::unavailable ? Finished::failed : Finished::refused;
}

net::awaitable<bool> MailHandler::settle(MailRow row, std::string outcome, Work work) {
  const Result<Nothing> settled =
      co_await write<Nothing>(store_, system_principal("mail"), std::move(work));
  if (settled || settled.error().kind == ProblemKind::stale) co_return true;
  std::string words =
      failure(row.id, fmt::format("What became of it ({}) could not be written down", outcome),
              words_of(settled.error()));
  co_await attempts_.failed(row.id, std::move(words));
  co_return false;
}

net::awaitable<Handled> MailHandler::ask_link(MailRow row, std::string raw, SupplierThread thread,
                                              bool held) {
  Handled handled;
  handled.thread = thread;
  const std::string& link = thread.first;
  const TicketId ticket{thread.second};
  SupplierMail::Outcome outcome = SupplierMail::Outcome::later;
  if (!held) outcome = co_await suppliers_.decode(link, std::move(raw));
  const bool too_late = clock_.now() - row.received_at >= options_.link_wait_max;
  if (outcome == SupplierMail::Outcome::taken) {
    Work work = [row, link, ticket](Tx& tx) {
      return apply_outcome(tx, row, "supplier", ticket, link, "");
    };
    handled.done = co_await settle(row, "supplier", std::move(work));
    co_return handled;
  }
  if (outcome == SupplierMail::Outcome::not_understood || too_late) {
    const bool waited = outcome == SupplierMail::Outcome::later;
    handled.done = co_await note_unasked(row, thread, waited);
    co_return handled;
  }
  Work work = [row, link, ticket](Tx& tx) -> Result<Nothing> {
    wait_for_link(tx, row, link, ticket);
    return Nothing{};
  };
  const Result<Nothing> waits =
      co_await write<Nothing>(store_, system_principal("mail"), std::move(work));
  if (!waits) {
    std::string words = failure(
        row.id, fmt::format("It could not be written down that it waits for the link \"{}\"", link),
        words_of(waits.error()));
    co_await attempts_.failed(row.id, std::move(words));
  }
  co_return handled;
}

// A supplier's mail that no connector has read, for the desk to read.
net::awaitable<bool> MailHandler::note_unasked(MailRow row, SupplierThread thread, bool too_late) {
  Prepared note;
  note.text = fmt::format(
      "A mail from {} on the thread with \"{}\", which its connector {}. The original is "
      "attached to this note.",
      row.envelope_from.empty() ? "a machine" : row.envelope_from, thread.first,
      too_late ? "could not take for too long" : "did not understand");
  note.with_original = true;
  note.original.name = fmt::format("mail-{}.eml", row.id);
  note.original.media_type = "message/rfc822";
  note.original.bytes = row.bytes;
  note.original.sha256 = row.sha256;
  Route route;
  route.way = Way::note;
  route.ticket = {thread.second};
  route.link = thread.first;
  route.sender = row.facts.sender;
  route.sender_name = row.facts.sender_name;
  NatureFound machine;
  machine.nature = Nature::machine;
  Work work = [row, route, machine, note](Tx& tx) {
    return apply_note(tx, row, route, machine, note, "note");
  };
  const Finished noted = co_await finish(row.id, system_principal("mail"), std::move(work));
  co_return noted == Finished::done;
}

}  // namespace ombud::mail
