// The list of all commands, in the order in which help shows them.
#include <iterator>

#include "cli/command.hpp"

namespace ombud::cli {

std::string Values::text(const std::string& name, std::string fallback) const {
  return maybe(name).value_or(std::move(fallback));
}

std::optional<std::string> Values::maybe(const std::string& name) const {
  const auto found = given_.find(name);
  if (found == given_.end() || found->second.empty()) return std::nullopt;
  return found->second.front();
}

std::vector<std::string> Values::list(const std::string& name) const {
  const auto found = given_.find(name);
  return found == given_.end() ? std::vector<std::string>() : found->second;
}

const std::vector<Group>& groups() {
  static const std::vector<Group> all = {
      {"ticket", "Register, follow, answer and solve tickets."},
      {"delegation", "What a supplier has been asked to do: verify, refuse, talk, take back."},
      {"supplier", "The links to suppliers: who is behind, and why."},
      {"delivery", "What leaves the desk: each write to a supplier or mail to a user."},
      {"mail", "What came in by mail, and what became of it."},
      {"mailbox", "Where mail to the desk comes in."},
      {"notice", "What suppliers announce by themselves, and the desk to its users."},
      {"article", "Knowledge articles: what users read to help themselves."},
      {"letter", "What the desk writes to people: the words of its mails."},
      {"agreement", "Which supplier may get which customer's tickets, and what may be shared."},
      {"customer", "Organisations that the desk serves."},
      {"user", "People at the customers."},
      {"service", "What tickets can be about."},
      {"team", "The provider's teams: every ticket is owned by one."},
      {"agent", "The provider's people."},
      {"account", "Who may sign in to the pages, and as what."},
      {"token", "Credentials for the API and this command line."},
      {"audit", "Is the history whole?"},
  };
  return all;
}

const std::vector<Command>& commands() {
  static const std::vector<Command> all = [] {
    std::vector<Command> list;
    for (auto* of_file : {init_commands,          check_commands,           serve_commands,
                          import_commands,        ticket_commands,          ticket_work_commands,
                          delegation_commands,    supplier_commands,        supplier_new_commands,
                          supplier_test_commands, supplier_replay_commands, supplier_file_commands,
                          reconcile_commands,     mailbox_commands,         delivery_commands,
                          mail_commands,          notice_commands,          article_commands,
                          letter_commands,        statistics_commands,      agreement_commands,
                          directory_commands,     account_commands,         token_commands,
                          store_commands,         version_commands}) {
      std::vector<Command> some = of_file();
      std::move(some.begin(), some.end(), std::back_inserter(list));
    }
    return list;
  }();
  return all;
}

}  // namespace ombud::cli
