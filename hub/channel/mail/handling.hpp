// One stored mail, from its bytes to what it does: read, routed, its files stored, its supplier's
// connector asked, and applied in one transaction that happens once. What goes wrong is told with
// the mail, which comes up again.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include "base/clock.hpp"
#include "channel/mail/apply.hpp"
#include "channel/mail/attempts.hpp"
#include "channel/mail/intake_options.hpp"
#include "channel/mail/prepare.hpp"
#include "channel/mail/reading.hpp"
#include "channel/mail/route.hpp"
#include "channel/mail/supplier_mail.hpp"
#include "store/blobs.hpp"
#include "store/store.hpp"

namespace ombud::mail {

// What one supplier says about one ticket: its mails are read in the order in which they came.
using SupplierThread = std::pair<std::string, std::int64_t>;

struct Handled {
  bool done = false;
  std::optional<SupplierThread> thread;  // the mail's, if it is a supplier's
};

class MailHandler {
 public:
  // `desk` and `options` may change between mails. Not thread-safe: one executor. Everything passed
  // by reference must outlive the calls.
  MailHandler(Clock& clock, Store& store, Blobs& blobs, SupplierMail& suppliers, const Log& log,
              boost::asio::any_io_executor workers, Attempts& attempts, const DeskAddresses& desk,
              const IntakeOptions& options);

  // `read`: what is known of it already; nothing: it is read here. A thread in `waiting` has a mail
  // that waits, so its connector is not asked.
  boost::asio::awaitable<Handled> handle(MailRow row, std::shared_ptr<ReadMail> read,
                                         const std::set<SupplierThread>& waiting);
  ApplyOptions apply_options() const;

 private:
  enum class Finished {
    done,
    refused,  // the desk will not have it in this form
    failed,   // not now: the store could not
  };
  boost::asio::awaitable<Handled> understand(MailRow row, std::string raw,
                                             std::shared_ptr<ReadMail> read,
                                             const std::set<SupplierThread>& waiting);
  boost::asio::awaitable<Handled> ask_link(MailRow row, std::string raw, SupplierThread thread,
                                           bool held);
  boost::asio::awaitable<bool> note_unasked(MailRow row, SupplierThread thread, bool too_late);
  boost::asio::awaitable<Prepared> prepare(const MailRow& row, std::shared_ptr<ReadMail> read,
                                           Route route);
  boost::asio::awaitable<bool> apply(MailRow row, Route route, NatureFound nature,
                                     Prepared prepared);
  boost::asio::awaitable<Finished> finish(std::int64_t id, Principal principal,
                                          std::function<Result<std::monostate>(Tx&)> work);
  boost::asio::awaitable<bool> settle(MailRow row, std::string outcome,
                                      std::function<Result<std::monostate>(Tx&)> work);

  Clock& clock_;
  Store& store_;
  Blobs& blobs_;
  SupplierMail& suppliers_;
  const Log& log_;
  boost::asio::any_io_executor workers_;
  Attempts& attempts_;
  const DeskAddresses& desk_;
  const IntakeOptions& options_;
};

}  // namespace ombud::mail
