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

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "channel/mail/addresses.hpp"
#include "channel/mail/apply.hpp"
#include "channel/mail/identity.hpp"
#include "channel/mail/mail_sink.hpp"
#include "channel/mail/prepare.hpp"
#include "channel/mail/route.hpp"
#include "channel/mail/supplier_mail.hpp"
#include "store/blobs.hpp"
#include "store/store.hpp"

namespace ombud::mail {

struct IntakeOptions {
  RouteOptions route;
  // A customer made for mails of unknown senders, if there is none with the key in `route`.
  std::string unknown_customer_name = "Unknown senders";
  // Servers whose Authentication-Results are believed (authentication.hpp), lower case.
  std::vector<std::string> authentication_from;
  // Brakes on one address, for when everything in its mails lies. After two receipts a machine that
  // answers each of them hears nothing more, and so says nothing more.
  int receipts_per_hour = 2;  // more tickets are registered without a receipt
  int tickets_per_hour = 30;  // what comes beyond that is gathered on the last of them
  int crashes_max = 3;  // lives of the hub that began to read a mail; then it is not parsed again
  Millis retry_first{10'000};  // after a failure: doubled each time …
  Millis retry_max{600'000};   // … up to this
  // A supplier's mail that its link has not taken after this long is noted for the desk, so that
  // it does not stand before its ticket's later ones for ever.
  Millis link_wait_max{72LL * 60 * 60'000};
};

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
  // A mail that was read.
  struct Understood {
    ParsedMail mail;
    NatureFound nature;
    MailFacts facts;
  };
  static boost::asio::awaitable<std::shared_ptr<Understood>> read_mail(
      std::shared_ptr<const std::string> raw, std::string envelope_from, DeskAddresses desk,
      std::vector<std::string> trusted, bool parse);
  enum class Finished {
    done,
    refused,  // the desk will not have it in this form
    failed,   // not now: the store could not
  };
  // What one supplier says about one ticket: its mails are read in the order in which they came.
  using Thread = std::pair<std::string, std::int64_t>;
  struct Retry {
    Instant at;
    Millis pause{};
    std::optional<Thread> thread;  // whose later mails wait behind this one
  };
  boost::asio::awaitable<bool> process_one(MailRow row);
  boost::asio::awaitable<bool> understand(MailRow row, std::string raw);
  boost::asio::awaitable<bool> ask_link(MailRow row, std::string raw, std::string link,
                                        TicketId ticket);
  boost::asio::awaitable<bool> apply(MailRow row, Route route, NatureFound nature,
                                     Prepared prepared);
  boost::asio::awaitable<Finished> finish_as_note(MailRow row, Route route, NatureFound nature,
                                                  Prepared prepared, std::string outcome);
  boost::asio::awaitable<Finished> finish_as_reply(MailRow row, Route route, Prepared prepared);
  boost::asio::awaitable<Finished> finish_as_ticket(MailRow row, Route route, NatureFound nature,
                                                    Prepared prepared, bool plain);
  boost::asio::awaitable<bool> settle(MailRow row, std::string outcome, TicketId ticket,
                                      std::string link, std::string note = {});
  boost::asio::awaitable<Prepared> prepare(const MailRow& row, std::shared_ptr<ParsedMail> mail,
                                           Route route);
  boost::asio::awaitable<Finished> finished(std::int64_t id, Result<std::monostate> result);
  boost::asio::awaitable<void> note_failure(std::int64_t id, std::string error);

  Clock& clock_;
  Store& store_;
  Blobs& blobs_;
  SupplierMail& suppliers_;
  const Log& log_;
  boost::asio::any_io_executor workers_;
  DeskAddresses desk_;
  IntakeOptions options_;
  Doorbell bell_;
  std::map<std::int64_t, Retry> retries_;
  std::set<std::int64_t> begun_;  // counted in this life of the hub
  int wakes_ = 0;                 // so far
  std::set<Thread> waiting_;      // threads with a mail that waits, in this pass
  std::optional<Thread> asked_;   // that of the mail at hand, if it is a supplier's
};

}  // namespace ombud::mail
