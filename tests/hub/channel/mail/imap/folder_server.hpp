// An IMAP server with one folder, spoken to over a wire without sockets, that breaks where a test
// wants it to.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "channel/mail/imap/wire.hpp"

namespace ombud::test {

struct FolderServer final : mail::ImapConnector {
  struct Mail {
    std::string raw;
    bool seen = false;
    int day = 0;       // on which it came here
    bool old = false;  // it came here before the desk did
  };
  explicit FolderServer(Clock& with) : clock(with) {}

  net::awaitable<Result<std::unique_ptr<mail::ImapWire>>> connect(mail::MailboxSettings) override {
    ++connections;
    if (!step()) co_return problem(ProblemKind::unavailable, "No connection.");
    co_return std::make_unique<Wire>(*this);
  }

  std::uint64_t add(std::string raw) {
    mails[next_uid] = {std::move(raw), false, static_cast<int>(next_uid)};
    if (*wire != nullptr) (*wire)->say(fmt::format("* {} EXISTS\r\n", mails.size()));
    return next_uid++;
  }
  // The folder was made anew: other numbers for the same mails.
  void renumber() {
    ++validity;
    std::map<std::uint64_t, Mail> again;
    for (auto& [uid, mail] : mails) again[next_uid++] = std::move(mail);
    mails = std::move(again);
  }

  Clock& clock;
  std::string capabilities = "IMAP4rev1 IDLE UIDPLUS MOVE";
  std::uint64_t validity = 7, next_uid = 1;
  std::map<std::uint64_t, Mail> mails;
  std::vector<std::string> moved;  // "folder: raw"
  std::set<std::string> missing;   // folders, quoted
  bool may_create = true;
  std::set<std::uint64_t> unreadable;
  std::vector<std::string> commands;
  std::function<void(const std::string&)> on_command;  // before it is answered
  bool tells_next = true;
  int connections = 0;
  int steps = 0;       // things that could have gone wrong so far
  int breaks_at = -1;  // this one does, and everything after it on that connection

 private:
  bool step() { return steps++ != breaks_at; }

  class Wire final : public mail::ImapWire {
   public:
    explicit Wire(FolderServer& server) : server_(server), place_(server.wire) { *place_ = this; }
    // May come after the server's end, with the loop that held the reader.
    ~Wire() override {
      if (*place_ == this) *place_ = nullptr;
    }
    net::awaitable<Result<std::monostate>> send(std::string bytes, Instant) override {
      // Broken before the command is obeyed, or after it with its answer lost.
      if (broken_ || !server_.step()) co_return broke();
      server_.obey(bytes, *this);
      if (!server_.step()) co_return broke();
      co_return std::monostate();
    }
    net::awaitable<Result<std::string>> receive(Instant until) override {
      if (broken_) co_return broke();
      while (said_.empty() && server_.clock.now() < until) {
        co_await server_.clock.sleep_until(until, &bell_);
      }
      co_return std::exchange(said_, {});
    }
    void say(std::string text) {
      said_ += text;
      bell_.ring();
    }
    std::string idle_tag;

   private:
    Problem broke() {
      broken_ = true;
      return problem(ProblemKind::unavailable, "The connection broke.");
    }
    FolderServer& server_;
    std::shared_ptr<Wire*> place_;
    std::string said_;
    Doorbell bell_;
    bool broken_ = false;
  };

  void obey(std::string line, Wire& to) {
    while (line.ends_with('\r') || line.ends_with('\n')) line.pop_back();
    commands.push_back(line.substr(line.find(' ') + 1));
    if (line == "DONE") return to.say(to.idle_tag + " OK done\r\n");
    const std::string tag = line.substr(0, line.find(' '));
    const std::string words = commands.back();
    if (const auto hear = on_command) hear(words);
    const auto uid_in = [&](std::size_t at) { return std::stoull(words.substr(at)); };
    std::string verdict = "OK done";
    if (words == "IDLE") {
      to.idle_tag = tag;
      return to.say("+ idling\r\n");
    }
    if (words == "CAPABILITY") {
      to.say("* CAPABILITY " + capabilities + "\r\n");
    } else if (words.starts_with("SELECT")) {
      to.say(fmt::format("* {} EXISTS\r\n* OK [UIDVALIDITY {}] x\r\n", mails.size(), validity));
      if (tells_next) to.say(fmt::format("* OK [UIDNEXT {}] x\r\n", next_uid));
    } else if (words == "UID SEARCH ALL") {
      std::string all = "* SEARCH";
      for (const auto& [uid, mail] : mails) all += fmt::format(" {}", uid);
      to.say(all + "\r\n");
    } else if (words.starts_with("UID SEARCH UID ")) {
      search(words, to);
    } else if (words.starts_with("UID FETCH ")) {
      fetch(uid_in(10), words.find("BODY") != std::string::npos, to, verdict);
    } else if (words.starts_with("UID STORE ")) {
      const auto found = mails.find(uid_in(10));
      if (found != mails.end()) found->second.seen = true;
    } else if (words.starts_with("CREATE ")) {
      if (may_create) missing.erase(words.substr(7));
      if (!may_create) verdict = "NO [NOPERM] not here";
    } else if (words.starts_with("UID MOVE ") && missing.contains(words.substr(words.find('"')))) {
      verdict = "NO [TRYCREATE] no such mailbox";
    } else if (words.starts_with("UID MOVE ")) {
      const auto found = mails.find(uid_in(9));
      if (found != mails.end()) {
        moved.push_back(words.substr(words.find('"')) + ": " + found->second.raw);
        mails.erase(found);
      }
    } else if (words != "NOOP" && !words.starts_with("SUBSCRIBE ")) {
      verdict = "BAD unknown";
    }
    to.say(tag + " " + verdict + "\r\n");
  }

  void search(const std::string& words, Wire& to) {
    const std::uint64_t from = std::stoull(words.substr(15));
    const std::size_t either = words.find(" OR UID ");
    const std::uint64_t adopted =
        either == std::string::npos ? 0 : std::stoull(words.substr(either + 8));
    const bool since = words.find(" SINCE ") != std::string::npos;
    std::string answer = "* SEARCH";
    for (const auto& [uid, mail] : mails) {
      // "n:*" with a large n still names the last one.
      const bool last = uid == mails.rbegin()->first;
      if ((uid >= from || last) && (uid >= adopted || !mail.seen || (since && !mail.old)))
        answer += fmt::format(" {}", uid);
    }
    to.say(answer + "\r\n");
  }

  void fetch(std::uint64_t uid, bool body, Wire& to, std::string& verdict) {
    const auto found = mails.find(uid);
    if (found == mails.end()) return;
    if (body && unreadable.contains(uid)) {
      verdict = "NO [SERVERBUG] cannot read it";
      return;
    }
    const std::string& raw = found->second.raw;
    to.say(
        body ? fmt::format("* 1 FETCH (UID {} BODY[] {{{}}}\r\n{})\r\n", uid, raw.size(), raw)
             : fmt::format("* 1 FETCH (UID {} RFC822.SIZE {} INTERNALDATE \"{:02}-Nov-2026\")\r\n",
                           uid, raw.size(), found->second.day));
  }

  std::shared_ptr<Wire*> wire = std::make_shared<Wire*>(nullptr);
};

}  // namespace ombud::test
