// A hub with the example suppliers as processes of one scratch directory, for the walk and for what
// is done to a whole process. The configuration is the quickstart's in small; ports are taken free.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "support/process.hpp"

namespace ombud::testing {

inline constexpr Millis kSoon{30'000};  // for what must happen, on a busy machine too

// One HTTP exchange with 127.0.0.1. Status 0: no whole answer came.
struct Answer {
  int status = 0;
  std::string body;
  json::Document json;  // empty if the body is none
};
Answer http(int port, const std::string& method, const std::string& path,
            const std::string& body = {}, const std::map<std::string, std::string>& headers = {});

// A hub of this build. `start` does not wait; `await_ready` does.
class Hub {
 public:
  // Writes the configuration: `mail_port` 0 leaves the mail intake out; `protocol` is smtp or lmtp.
  Hub(std::filesystem::path root, int mail_port, const std::string& protocol = "smtp");

  void start(const Command& extra = {});
  bool await_ready();
  void kill_hard();
  Process& process() { return *process_; }
  int port() const { return port_; }
  int mail_port() const { return mail_port_; }
  const std::filesystem::path& root() const { return root_; }
  std::filesystem::path config() const { return root_ / "config"; }
  std::filesystem::path data() const { return root_ / "data"; }
  std::string log() const { return read_text(root_ / "hub.log"); }
  void write_link(const std::string& name, const std::string& toml) const;

  // One call of the API as administrator.
  Answer api(const std::string& method, const std::string& path, const std::string& body = {},
             const std::string& idempotency_key = {}) const;
  // The same until an answer below 500 comes, always under one key: it is done once, whatever dies
  // meanwhile.
  Answer must(const std::string& method, const std::string& path,
              const std::string& body = {}) const;
  // The command line of this hub.
  Ran ombud(std::vector<std::string> words) const;

 private:
  std::string token() const;

  std::filesystem::path root_;
  int port_ = 0, mail_port_ = 0;
  std::unique_ptr<Process> process_;
};

// One of the example suppliers. What it has said yes to survives kill_hard.
class Supplier {
 public:
  Supplier(std::vector<std::string> command, int control, std::string seen_at,
           std::filesystem::path log);
  void start();
  bool await_ready() const;
  void kill_hard();
  json::Document seen() const;  // all it has, as its own people see it
  void tell(const std::string& path,
            const std::string& json) const;  // a person there; must be taken
  void fault(const std::string& json) const;
  int count(std::string_view fault) const;  // "holding", "dropped"
  int control() const { return control_; }

 private:
  std::vector<std::string> command_;
  int control_;
  std::string seen_at_;
  std::filesystem::path log_;
  std::unique_ptr<Process> process_;
};

// Hub, suppliers by REST, queue and mail, and the users' mailbox, all running and introduced to
// each other.
class World {
 public:
  World();
  Hub& hub() { return *hub_; }
  Supplier& rest() { return *rest_; }
  Supplier& queue() { return *queue_; }
  Supplier& mail() { return *mail_; }
  Supplier& mailbox() { return *mailbox_; }

  void restart_hub();
  void restart(Supplier& supplier) const;
  void kill_host(const std::string& link) const;

  // A new ticket with a user of `customer`; its number.
  std::int64_t ticket(const std::string& customer, const std::string& service,
                      const std::string& subject);
  // The newest of its delegations, handed over if there is none yet.
  std::int64_t delegation(std::int64_t ticket);
  json::Document ticket_now(std::int64_t ticket);
  std::string delegation_state(std::int64_t ticket);
  bool await_delegation(std::int64_t ticket, const std::string& state);
  // Every delivery is done, and so is what a person must decide: whoever stands in doubt is looked
  // for in the mailbox it was meant for, and confirmed or sent again. False if it does not come to
  // rest.
  bool come_to_rest();
  // Mails in a mailbox to one ticket, in order: their texts.
  static std::vector<std::string> mails(const Supplier& box, std::int64_t ticket);

 private:
  bool settle_doubts();

  Scratch scratch_;
  std::unique_ptr<Hub> hub_;
  std::unique_ptr<Supplier> rest_, queue_, mail_, mailbox_;
};

// A JSON object of texts, such as object({{"text", "Hej"}}).
std::string object(std::initializer_list<std::pair<std::string_view, std::string>> members);

}  // namespace ombud::testing
