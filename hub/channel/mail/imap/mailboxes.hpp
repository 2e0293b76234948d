// All mailboxes that the configuration names, each read by a task of its own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/task_group.hpp"
#include "channel/mail/imap/mailbox.hpp"

namespace ombud::mail {

// Not thread-safe: one executor. Everything passed must outlive it.
class Mailboxes {
 public:
  Mailboxes(Clock& clock, Random& random, Store& store, ImapConnector& connector, MailSink& sink,
            const Log& log, net::any_io_executor executor, TaskGroup::Failed failed);

  // Reads these from now on: what is new begins, what is gone or reads otherwise ends; what stayed
  // as it was goes on undisturbed.
  void configure(std::vector<MailboxSettings> settings);
  // Ends all; returns when they have ended, at the latest at `until`.
  net::awaitable<void> end(Instant until);

 private:
  // Keeps a mailbox until its task has ended.
  net::awaitable<void> read(std::shared_ptr<Mailbox> mailbox);

  Clock& clock_;
  Random& random_;
  Store& store_;
  ImapConnector& connector_;
  MailSink& sink_;
  const Log& log_;
  net::any_io_executor executor_;
  TaskGroup::Failed failed_;
  struct Reading {
    MailboxSettings settings;
    std::unique_ptr<TaskGroup> task;
  };
  std::vector<Reading> reading_;
  std::vector<std::unique_ptr<TaskGroup>> ending_;
};

}  // namespace ombud::mail
