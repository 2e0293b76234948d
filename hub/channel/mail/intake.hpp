// Turns stored mails into what they mean: a user's reply, a supplier's word, a note for the desk,
// or a new ticket. The bytes are on disk before anybody is told 250; everything after that can
// crash at any point and is done again from the row in `mail_in`, in one transaction that happens
// once.
//
// Whatever a mail contains becomes something on a ticket. What cannot be understood, and a mail
// that took the hub down while it was read, becomes a ticket with the original attached. Not
// thread-safe: one executor. Everything passed by reference must outlive the calls.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "channel/mail/addresses.hpp"
#include "channel/mail/attempts.hpp"
#include "channel/mail/handling.hpp"
#include "channel/mail/identity.hpp"
#include "channel/mail/intake_options.hpp"
#include "channel/mail/mail_sink.hpp"
#include "channel/mail/supplier_mail.hpp"
#include "store/blobs.hpp"
#include "store/store.hpp"

namespace ombud::mail {

class MailIntake final : public MailSink {
 public:
  // `workers` runs what costs time: parsing and digests. The executor of the caller is good enough
  // in tests.
  MailIntake(Clock& clock, Store& store, Blobs& blobs, SupplierMail& suppliers, const Log& log,
             boost::asio::any_io_executor workers, DeskAddresses desk, IntakeOptions options);

  // New addresses and suppliers, from the next mail on.
  void configure(DeskAddresses desk, IntakeOptions options) {
    desk_ = std::move(desk);
    options_ = std::move(options);
  }
  bool accepts(std::string_view recipient) const override { return desk_.accepts(recipient); }
  boost::asio::awaitable<Receipt> store(Envelope envelope, std::string raw) override;
  boost::asio::awaitable<Receipt> store_file(Envelope envelope, std::string path) override;

  // Processes what is stored, from what an earlier life of the hub left behind on, until it is
  // cancelled.
  boost::asio::awaitable<void> run();
  // One pass over everything that is due; when to look again (kNever: when a mail comes).
  boost::asio::awaitable<Instant> process();
  // Looks at once, such as when a link is up again.
  void wake();

 private:
  boost::asio::awaitable<Receipt> keep(Envelope envelope, Identity identity, Result<BlobRef> blob);
  struct Retry {
    Instant at;
    Millis pause{};
    std::optional<SupplierThread> thread;  // whose later mails wait behind this one
  };
  boost::asio::awaitable<void> process_one(MailRow row);
  // The next of the page that may be done together: at least two, or none.
  std::vector<MailRow> together(const std::vector<MailRow>& page, std::size_t from) const;
  // How many of them, from the first on, are done. The next one is to be done by itself.
  boost::asio::awaitable<std::size_t> process_together(std::vector<MailRow> rows);
  bool waits(const MailRow& row);

  Clock& clock_;
  Store& store_;
  Blobs& blobs_;
  const Log& log_;
  boost::asio::any_io_executor workers_;
  DeskAddresses desk_;
  IntakeOptions options_;
  Doorbell bell_;
  Attempts attempts_;
  MailHandler handler_;
  std::map<std::int64_t, Retry> retries_;
  std::map<std::int64_t, std::shared_ptr<ReadMail>> read_;  // in vain: to be done by themselves
  std::int64_t alone_until_ = 0;      // mails that could not be done together with others
  int wakes_ = 0;                     // so far
  Instant next_ = kNever;             // when to look again, as far as this pass knows
  std::set<SupplierThread> waiting_;  // threads with a mail that waits, in this pass
};

}  // namespace ombud::mail
