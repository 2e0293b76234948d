#include "channel/mail/imap/mailboxes.hpp"

#include <algorithm>
#include <utility>

namespace ombud::mail {

Mailboxes::Mailboxes(Clock& clock, Random& random, Store& store, ImapConnector& connector,
                     MailSink& sink, const Log& log, net::any_io_executor executor,
                     TaskGroup::Failed failed)
    : clock_(clock),
      random_(random),
      store_(store),
      connector_(connector),
      sink_(sink),
      log_(log),
      executor_(std::move(executor)),
      failed_(std::move(failed)) {}

net::awaitable<void> Mailboxes::read(std::shared_ptr<Mailbox> mailbox) {
  co_await mailbox->run();
}

void Mailboxes::configure(std::vector<MailboxSettings> settings) {
  std::erase_if(ending_, [](const auto& task) { return task->empty(); });
  std::erase_if(reading_, [&](Reading& one) {
    if (one.task->empty()) return true;  // it ended by an error of ours
    if (std::find(settings.begin(), settings.end(), one.settings) != settings.end()) return false;
    one.task->cancel(net::cancellation_type::terminal);
    ending_.push_back(std::move(one.task));
    return true;
  });
  for (MailboxSettings& wanted : settings) {
    const bool runs = std::any_of(reading_.begin(), reading_.end(),
                                  [&](const Reading& one) { return one.settings == wanted; });
    if (runs) continue;
    Reading fresh{wanted, std::make_unique<TaskGroup>(executor_, failed_)};
    fresh.task->spawn(read(std::make_shared<Mailbox>(clock_, random_, store_, connector_, sink_,
                                                     log_, std::move(wanted))));
    reading_.push_back(std::move(fresh));
  }
}

net::awaitable<void> Mailboxes::end(Instant until) {
  configure({});
  for (const auto& task : ending_) co_await task->wait(clock_, until);
}

}  // namespace ombud::mail
