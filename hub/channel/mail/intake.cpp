#include "channel/mail/intake.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "base/bytes.hpp"
#include "channel/mail/identity.hpp"
#include "desk/limits.hpp"
#include "domain/event.hpp"
#include "store/await.hpp"
#include "store/tickets.hpp"

namespace ombud::mail {
namespace {

constexpr int kPageRows = 50;
constexpr Millis kStorePause{10'000};  // when the store cannot even be read
constexpr std::size_t kErrorBytesMax = 1000;
constexpr std::size_t kNameBytesMax = 255;

using Bytes = std::shared_ptr<const std::string>;

net::awaitable<Identity> identity_of(Bytes raw, std::string arrived) {
  co_return identify(*raw, arrived);
}
net::awaitable<Identity> identity_of_file(std::string path, std::string arrived) {
  co_return identify_file(path, arrived);
}

std::string words_of(const Problem& refused) {
  std::string words = refused.detail;
  for (const FieldProblem& field : refused.fields)
    words += " " + field.pointer + " " + field.detail + ".";
  return words;
}

// For the operator: what did not work, why, and what there is to do.
std::string failure(std::int64_t id, std::string_view what, std::string_view why) {
  return fmt::format(
      "{}: {}{} The mail is kept and tried again by itself; once the cause is mended, at once by "
      "\"ombud mail retry {}\".",
      what, why, why.ends_with('.') ? "" : ".", id);
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
  const auto bytes = std::make_shared<std::string>(std::move(raw));
  net::awaitable<Identity> identifying = identity_of(bytes, envelope.arrived);
  Identity identity = co_await net::co_spawn(workers_, std::move(identifying), net::use_awaitable);
  Result<BlobRef> blob = co_await blobs_.put(std::move(*bytes));
  const Receipt receipt = co_await keep(std::move(envelope), std::move(identity), std::move(blob));
  co_return receipt;
}

net::awaitable<Receipt> MailIntake::store_file(Envelope envelope, std::string path) {
  net::awaitable<Identity> identifying = identity_of_file(path, envelope.arrived);
  Identity identity = co_await net::co_spawn(workers_, std::move(identifying), net::use_awaitable);
  Result<BlobRef> blob = co_await blobs_.adopt(std::move(path));
  const Receipt receipt = co_await keep(std::move(envelope), std::move(identity), std::move(blob));
  co_return receipt;
}

net::awaitable<Receipt> MailIntake::keep(Envelope envelope, Identity identity,
                                         Result<BlobRef> blob) {
  Receipt receipt;
  if (!blob) {
    log_.error("mail not stored", {{"reason", words_of(blob.error())}});
    co_return receipt;
  }
  MailRow row;
  row.sha256 = blob->sha256;
  row.bytes = blob->bytes;
  row.envelope_from = envelope.from;
  row.message_id = identity.message_id;
  row.mailbox = envelope.mailbox;
  row.content = identity.content;
  row.transport = envelope.transport;
  // To addresses of different customers it is a mail to each, the later ones copies of the first:
  // all of them in one commit.
  std::vector<MailRow> rows;
  for (const auto& recipients : by_customer(envelope.recipients, options_.route)) {
    MailRow one = row;
    for (const std::string& recipient : recipients) {
      one.envelope_to += (one.envelope_to.empty() ? "" : " ") + recipient;
    }
    one.dedupe_key = dedupe_key(identity.bytes, recipients);
    rows.push_back(std::move(one));
  }
  std::function<Result<std::int64_t>(Tx&)> work = [rows](Tx& tx) -> Result<std::int64_t> {
    std::int64_t first = 0;
    for (const MailRow& one : rows) {
      const std::int64_t id = add_mail(tx, one);
      if (first == 0) first = id;
    }
    return first;
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
    error = failure(row.id, "The mail could not be processed", failed.what());
  }
  co_await note_failure(row.id, std::move(error));
  co_return false;
}

net::awaitable<void> MailIntake::note_failure(std::int64_t id, std::string error) {
  log_.error("mail not processed", {{"mail", id}, {"reason", error}});
  const bool begun = begun_.contains(id);
  std::function<Result<Nothing>(Tx&)> work = [id, error, begun](Tx& tx) -> Result<Nothing> {
    set_mail_error(tx, id, cut_utf8(error, kErrorBytesMax));
    if (begun) take_back_attempt(tx, id);  // only what takes the hub down is to count
    return Nothing{};
  };
  const Result<Nothing> noted =
      co_await write<Nothing>(store_, system_principal("mail"), std::move(work));
  if (noted) begun_.erase(id);
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
      co_await note_failure(row.id, failure(row.id,
                                            "It could not be written down that the mail is "
                                            "read",
                                            words_of(counted.error())));
      co_return false;
    }
  }
  const Bytes bytes = std::make_shared<const std::string>(std::move(raw));
  const bool readable = row.attempts < options_.crashes_max;
  if (!readable) {
    log_.error("mail not parsed: the hub went down at it before",
               {{"mail", row.id}, {"times", static_cast<std::int64_t>(row.attempts)}});
  }
  net::awaitable<std::shared_ptr<Understood>> reading =
      read_mail(bytes, row.envelope_from, desk_, options_.authentication_from, readable);
  const std::shared_ptr<Understood> read_one =
      co_await net::co_spawn(workers_, std::move(reading), net::use_awaitable);
  const std::shared_ptr<ParsedMail> mail(read_one, &read_one->mail);
  const NatureFound nature = read_one->nature;
  row.facts = read_one->facts;
  std::function<Result<Route>(Tx&)> work = [row, mail, nature = nature.nature,
                                            options = options_.route](Tx& tx) -> Result<Route> {
    return find_route(tx, row, *mail, nature, options);
  };
  const Result<Route> route =
      co_await read<Route>(store_, system_principal("mail"), std::move(work));
  if (!route) {
    co_await note_failure(row.id, failure(row.id, "Whose the mail is could not be found out",
                                          words_of(route.error())));
    co_return false;
  }
  if (route->way == Way::duplicate) {
    std::string note;
    if (!route->also_team.empty()) {
      note = fmt::format("The same mail was sent to {} of team {}, too.", row.envelope_to,
                         route->also_team);
    } else if (route->other_customer) {
      note = "The same mail was sent to another customer's address, too.";
    }
    row.copy_of = route->copy_of;
    const bool settled = co_await settle(row, "duplicate", route->ticket, "", std::move(note));
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

// On a worker. Without `parse` as a mail of which nothing could be understood.
net::awaitable<std::shared_ptr<MailIntake::Understood>> MailIntake::read_mail(
    std::shared_ptr<const std::string> raw, std::string envelope_from, DeskAddresses desk,
    std::vector<std::string> trusted, bool parse) {
  auto read = std::make_shared<Understood>();
  if (parse) {
    read->mail = parse_mail(*raw);
  } else {
    read->mail.flags.unreadable = true;
  }
  const ParsedMail& mail = read->mail;
  const std::vector<HeaderField> header = parse ? header_fields(*raw) : std::vector<HeaderField>{};
  read->nature = nature_of(mail, header, envelope_from, desk);
  MailFacts& facts = read->facts;
  facts.sender = is_address(mail.from.address) ? folded(mail.from.address) : folded(envelope_from);
  facts.sender_name = cut_utf8(mail.from.name, kNameBytesMax);
  facts.subject = cut_utf8(mail.subject, desk::kSubjectBytesMax);
  facts.authentication = authenticate(header, facts.sender, trusted, mail.from_sure);
  co_return read;
}

net::awaitable<Prepared> MailIntake::prepare(const MailRow& row, std::shared_ptr<ParsedMail> mail,
                                             Route route) {
  std::string whole_text;
  Prepared prepared = prepare_words(row, *mail, route, whole_text);
  const bool cut = !whole_text.empty();
  if (cut) {
    MailAttachment text;
    text.name = "message.txt";
    text.media_type = "text/plain";
    text.bytes = std::move(whole_text);
    mail->attachments.insert(mail->attachments.begin(), std::move(text));
  }
  for (std::size_t i = 0; i < mail->attachments.size(); ++i) {
    MailAttachment& file = mail->attachments[i];
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
      end = co_await finish_as_note(row, route, nature, std::move(note), "note");
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
  co_await note_failure(id,
                        failure(id, "The desk did not take the mail", words_of(result.error())));
  co_return result.error().kind == ProblemKind::unavailable ? Finished::failed : Finished::refused;
}

net::awaitable<bool> MailIntake::settle(MailRow row, std::string outcome, TicketId ticket,
                                        std::string link, std::string note) {
  std::function<Result<Nothing>(Tx&)> work = [row, outcome, ticket, link,
                                              note](Tx& tx) -> Result<Nothing> {
    return apply_outcome(tx, row, outcome, ticket, link, note);
  };
  const Result<Nothing> settled =
      co_await write<Nothing>(store_, system_principal("mail"), std::move(work));
  if (settled || settled.error().kind == ProblemKind::stale) co_return true;
  co_await note_failure(row.id, failure(row.id,
                                        fmt::format("What became of it ({}) could not be "
                                                    "written down",
                                                    outcome),
                                        words_of(settled.error())));
  co_return false;
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
      std::function<Result<Nothing>(Tx&)> work = [row, link, ticket](Tx& tx) -> Result<Nothing> {
        wait_for_link(tx, row, link, ticket);
        return Nothing{};
      };
      const Result<Nothing> waits =
          co_await write<Nothing>(store_, system_principal("mail"), std::move(work));
      if (!waits) {
        co_await note_failure(
            row.id, failure(row.id,
                            fmt::format("It could not be written down that it waits for the link "
                                        "\"{}\"",
                                        link),
                            words_of(waits.error())));
      }
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
  Route route;
  route.way = Way::note;
  route.ticket = ticket;
  route.link = link;
  route.sender = row.facts.sender;
  route.sender_name = row.facts.sender_name;
  NatureFound machine;
  machine.nature = Nature::machine;
  const Finished noted =
      co_await finish_as_note(row, std::move(route), std::move(machine), std::move(note), "note");
  co_return noted == Finished::done;
}

net::awaitable<MailIntake::Finished> MailIntake::finish_as_note(MailRow row, Route route,
                                                                NatureFound nature,
                                                                Prepared prepared,
                                                                std::string outcome) {
  std::function<Result<Nothing>(Tx&)> work = [row, route, nature, prepared,
                                              outcome](Tx& tx) -> Result<Nothing> {
    return apply_note(tx, row, route, nature, prepared, outcome);
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
    return apply_reply(tx, row, route, prepared);
  };
  const Result<Nothing> replied =
      co_await write<Nothing>(store_, std::move(person), std::move(work));
  const Finished end = co_await finished(row.id, replied);
  co_return end;
}

net::awaitable<MailIntake::Finished> MailIntake::finish_as_ticket(MailRow row, Route route,
                                                                  NatureFound nature,
                                                                  Prepared prepared, bool plain) {
  const ApplyOptions options{options_.route.unknown_customer, options_.unknown_customer_name,
                             options_.receipts_per_hour, options_.tickets_per_hour};
  std::function<Result<Nothing>(Tx&)> work = [row, route, nature, prepared, options,
                                              plain](Tx& tx) -> Result<Nothing> {
    return apply_ticket(tx, row, route, nature, prepared, options, plain);
  };
  const Result<Nothing> registered =
      co_await write<Nothing>(store_, system_principal("mail"), std::move(work));
  const Finished end = co_await finished(row.id, registered);
  co_return end;
}

}  // namespace ombud::mail
