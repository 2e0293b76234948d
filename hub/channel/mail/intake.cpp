#include "channel/mail/intake.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>

#include "channel/mail/batch.hpp"
#include "channel/mail/identity.hpp"
#include "store/await.hpp"

namespace ombud::mail {
namespace {

constexpr int kPageRows = 50;
constexpr Millis kStorePause{10'000};  // when the store cannot even be read

using Bytes = std::shared_ptr<const std::string>;

net::awaitable<Identity> identity_of(Bytes raw, std::string arrived) {
  co_return identify(*raw, arrived);
}
net::awaitable<Identity> identity_of_file(std::string path, std::string arrived) {
  co_return identify_file(path, arrived);
}

// Mails that are read at the same time.
struct Reading {
  std::vector<BatchMail> mails;
  std::size_t left = 0;
  Doorbell bell;
};

net::awaitable<std::shared_ptr<ReadMail>> read_there(Bytes raw, std::string envelope_from,
                                                     DeskAddresses desk,
                                                     std::vector<std::string> trusted) {
  co_return read_mail(*raw, envelope_from, desk, trusted, true);
}

// One that cannot be read stays so: it is told of when it is done by itself.
net::awaitable<void> read_into(std::shared_ptr<Reading> all, std::size_t place, Blobs& blobs,
                               net::any_io_executor workers, DeskAddresses desk,
                               std::vector<std::string> trusted) {
  std::optional<std::string> raw = co_await blobs.get(all->mails[place].row.sha256);
  if (!raw) co_return;
  auto reading =
      read_there(std::make_shared<const std::string>(std::move(*raw)),
                 all->mails[place].row.envelope_from, std::move(desk), std::move(trusted));
  all->mails[place].read = co_await net::co_spawn(workers, std::move(reading), net::use_awaitable);
}

}  // namespace

MailIntake::MailIntake(Clock& clock, Store& store, Blobs& blobs, SupplierMail& suppliers,
                       const Log& log, net::any_io_executor workers, DeskAddresses desk,
                       IntakeOptions options)
    : clock_(clock),
      store_(store),
      blobs_(blobs),
      log_(log),
      workers_(std::move(workers)),
      desk_(std::move(desk)),
      options_(std::move(options)),
      attempts_(store, log),
      handler_(clock, store, blobs, suppliers, log, workers_, attempts_, desk_, options_) {}

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
  row.undated = identity.undated;
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
  next_ = kNever;
  std::int64_t after = 0;
  waiting_.clear();
  read_.clear();
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
    if (open->empty()) co_return next_;
    for (std::size_t at = 0; at < open->size();) {
      const auto cancelled = (co_await net::this_coro::cancellation_state).cancelled();
      if (cancelled != net::cancellation_type::none) co_return next_;
      std::vector<MailRow> rows = together(*open, at);
      if (!rows.empty()) {
        const std::size_t all = rows.size();
        const std::size_t done = co_await process_together(std::move(rows));
        at += done;
        if (done == all) continue;
      }
      const MailRow& row = (*open)[at++];
      if (!waits(row)) co_await process_one(row);
    }
    after = open->back().id;
  }
}

// It is not its turn: it failed a while ago, or one of its thread waits before it.
bool MailIntake::waits(const MailRow& row) {
  const auto retry = retries_.find(row.id);
  if (retry != retries_.end() && retry->second.at > clock_.now()) {
    next_ = std::min(next_, retry->second.at);
    if (retry->second.thread) waiting_.insert(*retry->second.thread);
    return true;
  }
  return row.state == "waiting_link" && waiting_.contains({row.link, row.ticket.value});
}

// One that a life of the hub began to read before is read by itself: should it take the hub down,
// no other is counted as doing so for long.
std::vector<MailRow> MailIntake::together(const std::vector<MailRow>& page,
                                          std::size_t from) const {
  std::vector<MailRow> rows;
  std::int64_t bytes = 0;
  for (std::size_t at = from; at < page.size() && rows.size() < kBatchMailsMax; ++at) {
    const MailRow& row = page[at];
    bytes += row.bytes;
    if (row.state != "received" || row.attempts > 0 || row.id <= alone_until_ ||
        retries_.contains(row.id) || bytes > kBatchBytesMax) {
      break;
    }
    rows.push_back(row);
  }
  if (rows.size() < 2) rows.clear();
  return rows;
}

net::awaitable<std::size_t> MailIntake::process_together(std::vector<MailRow> rows) {
  std::vector<std::int64_t> ids;
  for (const MailRow& row : rows) ids.push_back(row.id);
  alone_until_ = ids.back();  // should it go wrong
  if (!co_await attempts_.begin(ids)) co_return 0;
  try {
    const auto reading = std::make_shared<Reading>();
    for (MailRow& row : rows) {
      const auto known = read_.find(row.id);
      reading->mails.push_back({std::move(row), known == read_.end() ? nullptr : known->second});
    }
    reading->left = reading->mails.size();
    const auto executor = co_await net::this_coro::executor;
    for (std::size_t i = 0; i < reading->mails.size(); ++i) {
      if (reading->mails[i].read) {
        --reading->left;
        continue;
      }
      net::co_spawn(executor,
                    read_into(reading, i, blobs_, workers_, desk_, options_.authentication_from),
                    [reading](std::exception_ptr) {
                      if (--reading->left == 0) reading->bell.ring();
                    });
    }
    while (reading->left > 0) co_await clock_.sleep_until(kNever, &reading->bell);
    const std::vector<BatchMail> mails = std::move(reading->mails);
    for (const BatchMail& mail : mails) {
      if (mail.read) read_[mail.row.id] = mail.read;
    }
    std::function<Result<std::size_t>(Tx&)> work = [mails, routes = options_.route,
                                                    options = handler_.apply_options()](Tx& tx) {
      return apply_batch(tx, mails, routes, options);
    };
    const Result<std::size_t> done =
        co_await write<std::size_t>(store_, system_principal("mail"), std::move(work));
    if (!done) co_return 0;
    for (std::size_t i = 0; i < *done; ++i) {
      read_.erase(ids[i]);
      attempts_.done(ids[i]);
    }
    alone_until_ = 0;
    co_return *done;
  } catch (const std::exception&) {
    co_return 0;  // each by itself says what is wrong with it
  }
}

net::awaitable<void> MailIntake::process_one(MailRow row) {
  const int wakes = wakes_;
  std::shared_ptr<ReadMail> read;
  if (const auto known = read_.extract(row.id)) read = known.mapped();
  const Handled handled = co_await handler_.handle(row, std::move(read), waiting_);
  if (handled.done) {
    retries_.erase(row.id);
    attempts_.done(row.id);
    co_return;
  }
  if (handled.thread && !waiting_.insert(*handled.thread).second)
    co_return;  // behind one before it
  Retry& retry = retries_[row.id];
  retry.thread = handled.thread;
  retry.pause = retry.pause == Millis{} ? options_.retry_first
                                        : std::min(retry.pause * 2, options_.retry_max);
  // What it waited for may have come while it was at it.
  retry.at = wakes == wakes_ ? clock_.now() + retry.pause : clock_.now();
  next_ = std::min(next_, retry.at);
}

}  // namespace ombud::mail
