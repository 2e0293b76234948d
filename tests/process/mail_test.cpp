// Mail intake as a process: killed at any moment no mail is lost and none is doubled; and a machine
// that answers everything, and hides it, is not talked to for long.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "process/hub_world.hpp"

namespace ombud::testing {
namespace {

constexpr int kMails = 1000, kSenders = 4, kLivesMin = 12;

sockaddr_in local(int port) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return to;
}

// One end of a conversation in lines.
class Line {
 public:
  explicit Line(int file) : file_(file) {
    const timeval patience{20, 0};
    ::setsockopt(file_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  ~Line() { ::close(file_); }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;
  static int connected(int port) {
    const int file = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in to = local(port);
    if (::connect(file, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
      ::close(file);
      return -1;
    }
    return file;
  }
  bool say(const std::string& text) const {
    return ::send(file_, text.data(), text.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(text.size());
  }
  // The next line without its end; nothing if the other side is gone.
  std::optional<std::string> hear() {
    for (;;) {
      if (const std::size_t end = input_.find("\r\n"); end != std::string::npos) {
        std::string line = input_.substr(0, end);
        input_.erase(0, end + 2);
        return line;
      }
      char piece[4096];
      const ssize_t got = ::recv(file_, piece, sizeof piece, 0);
      if (got <= 0) return std::nullopt;
      input_.append(piece, static_cast<std::size_t>(got));
    }
  }
  // The code of the next answer, past the lines that go on; 0: none came.
  int answer() {
    for (;;) {
      const auto line = hear();
      if (!line || line->size() < 4) return 0;
      if ((*line)[3] == ' ') return std::stoi(line->substr(0, 3));
    }
  }

 private:
  int file_;
  std::string input_;
};

// Hands over one mail; true when it was promised that it is kept.
bool deliver(int port, bool lmtp, const std::string& from, const std::string& to,
             const std::string& mail) {
  const int file = Line::connected(port);
  if (file < 0) return false;
  Line line(file);
  if (line.answer() != 220) return false;
  for (const auto& [words, code] : std::initializer_list<std::pair<std::string, int>>{
           {lmtp ? "LHLO test\r\n" : "EHLO test\r\n", 250},
           {"MAIL FROM:<" + from + ">\r\n", 250},
           {"RCPT TO:<" + to + ">\r\n", 250},
           {"DATA\r\n", 354},
           {mail + "\r\n.\r\n", 250}}) {
    if (!line.say(words) || line.answer() != code) return false;
  }
  line.say("QUIT\r\n");
  return true;
}

std::string letter(const std::string& from, const std::string& subject, const std::string& id) {
  return "From: " + from + "\r\nTo: support@desk.example\r\nSubject: " + subject +
         "\r\nMessage-ID: <" + id + "@senders.example>\r\n\r\nHej!\r\n" + std::string(600, 'x');
}

// How often each subject stands on a ticket.
std::map<std::string, int> subjects_in(Hub& hub) {
  std::map<std::string, int> all;
  std::string cursor;
  do {
    const Answer page =
        hub.must("GET", "/tickets?limit=200" + (cursor.empty() ? "" : "&cursor=" + cursor));
    const json::View items = page.json["items"];
    for (std::size_t i = 0; i < items.size(); ++i) {
      ++all[std::string(items.at(i)["subject"].text())];
    }
    cursor = page.json["next"].text();
  } while (!cursor.empty());
  return all;
}

bool all_read(Hub& hub) {
  return until(Millis{120'000}, [&] {
    return hub.must("GET", "/mails?state=received&limit=1").json["items"].size() == 0;
  });
}

TEST(MailProcess, AThousandMailsAreAThousandTicketsHoweverOftenTheHubIsKilled) {
  Scratch scratch;
  Hub hub(scratch.path(), free_port(), "lmtp");
  hub.start();
  ASSERT_TRUE(hub.await_ready()) << hub.log();
  hub.must("PUT", "/customers/acme",
           R"({"name":"Acme AB","language":"sv","mail_domains":["acme.example"]})");
  std::atomic<int> next{0}, kept{0}, lives{1};
  std::atomic<bool> over{false};
  std::vector<std::thread> senders;
  for (int s = 0; s < kSenders; ++s) {
    senders.emplace_back([&] {
      for (int i = next++; i < kMails; i = next++) {
        // Half of them of people of a customer. A mail whose 250 did not come is sent again, as
        // every mail server does.
        const std::string from =
            fmt::format("p{}@{}.example", i, i % 2 == 0 ? "acme" : "strangers");
        const std::string mail = letter(from, fmt::format("Mail {}", i), fmt::format("m{}", i));
        int life = lives;
        while (!deliver(hub.mail_port(), true, from, "support@desk.example", mail)) {
          if (over) return;
          lives.wait(life);  // for the hub's next one
          life = lives;
        }
        ++kept;
      }
    });
  }
  std::mt19937 random(20261123);
  bool came_back = true;
  while (came_back && (kept < kMails || lives < kLivesMin)) {
    const int from = kept;
    const int more = static_cast<int>(random() % 90) + 1;
    until(Millis{static_cast<std::int64_t>(random() % 1500)},
          [&] { return kept >= from + more || kept >= kMails; });
    hub.kill_hard();
    hub.start();
    came_back = hub.await_ready();
    over = !came_back;
    ++lives;
    lives.notify_all();
  }
  for (std::thread& sender : senders) sender.join();
  ASSERT_TRUE(came_back) << hub.log();
  ASSERT_TRUE(all_read(hub)) << hub.log();
  const auto there = subjects_in(hub);
  EXPECT_EQ(there.size(), static_cast<std::size_t>(kMails)) << "after " << lives << " lives";
  for (int i = 0; i < kMails; ++i) {
    const auto found = there.find(fmt::format("Mail {}", i));
    ASSERT_NE(found, there.end()) << "mail " << i << " was lost";
    EXPECT_EQ(found->second, 1) << "mail " << i << " was doubled";
  }
  EXPECT_EQ(hub.must("GET", "/mails?problem=true").json["items"].size(), 0U);
  const Ran audit = hub.ombud({"audit", "verify"});
  EXPECT_EQ(audit.code, 0) << audit.output;
}

// A mail server with an owner who is never there: each mail that it takes is answered at once by
// one that says nothing of being automatic, is of no thread, and has a new subject.
class Responder {
 public:
  Responder(int answers_to, std::string address)
      : answers_to_(answers_to), address_(std::move(address)) {
    const int on = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    const sockaddr_in at = local(port_);
    bound_ = ::bind(listener_, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0 &&
             ::listen(listener_, 16) == 0;
    thread_ = std::thread([this] { serve(); });
  }
  ~Responder() {
    ending_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  Responder(const Responder&) = delete;
  Responder& operator=(const Responder&) = delete;
  bool bound() const { return bound_; }
  int port() const { return port_; }
  int taken() const { return taken_; }
  int answered() const { return answered_; }
  void begin() { answer(); }

 private:
  void serve() {
    while (!ending_) {
      const int file = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (file < 0) continue;
      Line line(file);
      line.say("220 away ESMTP\r\n");
      while (const auto said = line.hear()) {
        if (said->starts_with("DATA")) {
          line.say("354 go on\r\n");
          while (const auto text = line.hear()) {
            if (*text == ".") break;
          }
          line.say("250 ok\r\n");
          ++taken_;
          answer();
        } else if (said->starts_with("QUIT")) {
          line.say("221 bye\r\n");
          break;
        } else {
          line.say("250 ok\r\n");
        }
      }
    }
  }
  void answer() {
    const int n = ++answered_;
    deliver(answers_to_, false, address_, "support@desk.example",
            letter("Anna Away <" + address_ + ">", fmt::format("I am on the beach, {}", n),
                   fmt::format("away{}", n)));
  }

  int answers_to_;
  std::string address_;
  int port_ = free_port();
  int listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  bool bound_ = false;
  std::atomic<bool> ending_{false};
  std::atomic<int> taken_{0}, answered_{0};
  std::thread thread_;
};

TEST(MailProcess, ALoopOfAutomaticAnswersDiesWithinFiveMails) {
  Scratch scratch;
  Hub hub(scratch.path(), free_port());
  Responder away(hub.mail_port(), "anna@acme.example");
  ASSERT_TRUE(away.bound());
  hub.write_link("anvandare", fmt::format(R"(supplier = "Mail to users"
connector = "email"
kind = "notices"
[settings]
from = "support@desk.example"
domain = "desk.example"
[settings.smtp]
host = "127.0.0.1"
port = {}
security = "none"
)",
                                          away.port()));
  hub.start();
  ASSERT_TRUE(hub.await_ready()) << hub.log();
  hub.must("PUT", "/customers/acme",
           R"({"name":"Acme AB","language":"sv","mail_domains":["acme.example"]})");
  away.begin();
  // At rest: every mail it wrote is a ticket, and nothing is on its way any more.
  const auto at_rest = [&] {
    const int written = away.answered(), taken = away.taken();
    const Answer mails = hub.must("GET", "/mails?limit=200");
    bool done = static_cast<int>(mails.json["items"].size()) == written && written == taken + 1;
    for (std::size_t i = 0; i < mails.json["items"].size(); ++i) {
      done = done && mails.json["items"].at(i)["state"].text() == "done";
    }
    for (const char* state : {"ready", "waiting", "leased"}) {
      const Answer sent = hub.must("GET", fmt::format("/deliveries?state={}", state));
      done = done && sent.json["items"].size() == 0;
    }
    return done && away.taken() == taken;
  };
  ASSERT_TRUE(until(Millis{60'000}, [&] { return away.answered() >= 3 && at_rest(); }))
      << away.answered() << " written, " << away.taken() << " received\n"
      << hub.log();
  EXPECT_LE(away.answered() + away.taken(), 5);
  const Answer last = hub.must("GET", "/mails?limit=1");
  EXPECT_EQ(last.json["items"].at(0)["outcome"].text(), "quiet") << "it ended by the brake";
  EXPECT_EQ(static_cast<int>(subjects_in(hub).size()), away.answered()) << "none is lost";
}

}  // namespace
}  // namespace ombud::testing
