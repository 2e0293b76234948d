// The walk with the real things: users' mail comes by Postfix and LMTP, the desk's mail leaves by
// Postfix into maildirs, one supplier works in a real Redmine and one has a mailbox behind that
// Postfix. Hub, connector process and Redmine are killed on the way. The servers are installed and
// started by tests/real/*-setup.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <sstream>
#include <stdexcept>

#include "email/compose.hpp"
#include "email/incoming.hpp"
#include "support/hub_world.hpp"

namespace ombud::testing {
namespace {

namespace fs = std::filesystem;

constexpr Millis kInstall{900'000};  // packages, a database and Redmine's first start
constexpr Millis kByMail{60'000};
constexpr Millis kAtRest{180'000};  // with the waits between attempts while a supplier is down
constexpr const char* kEva = "eva@acme.example";
constexpr const char* kSupplier = "arenden@kontorsvakt.example";

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

// NAME=value lines of a setup script.
std::map<std::string, std::string> facts_of(std::vector<std::string> command) {
  const Ran ran = run(std::move(command), {}, kInstall);
  std::map<std::string, std::string> facts;
  std::istringstream lines(ran.output);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t equals = line.find('=');
    if (line.starts_with("OMBUD_TEST_") && equals != std::string::npos) {
      facts[line.substr(11, equals - 11)] = line.substr(equals + 1);
    }
  }
  if (ran.code != 0 || facts.empty()) throw std::runtime_error("set-up failed:\n" + ran.output);
  return facts;
}

// The mails of one maildir, in the order of their arrival.
std::vector<email::Incoming> mails_in(const fs::path& maildir) {
  std::vector<fs::path> files;
  for (const char* folder : {"new", "cur"}) {
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(maildir / folder, none))
      files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end(), [](const fs::path& a, const fs::path& b) {
    return fs::last_write_time(a) < fs::last_write_time(b);
  });
  std::vector<email::Incoming> mails;
  for (const fs::path& file : files) mails.push_back(email::read_mail(read_text(file)));
  return mails;
}

class RealWalk : public ::testing::Test {
 protected:
  void SetUp() override {
    const fs::path place = environment("OMBUD_REAL");
    redmine_place_ = place / "redmine";
    postfix_place_ = scratch_.path() / "postfix";
    fs::permissions(scratch_.path(), fs::perms::others_read | fs::perms::others_exec,
                    fs::perm_options::add);
    start_redmine();
    hub_ = std::make_unique<Hub>(scratch_.path() / "desk", free_port(), "lmtp");
    const auto postfix = facts_of(
        {source("tests/real/postfix-setup"), postfix_place_, std::to_string(hub_->mail_port())});
    smtp_ = std::stoi(postfix.at("POSTFIX_SMTP"));
    mail_ = postfix.at("POSTFIX_MAIL");

    const fs::path key = hub_->config() / "suppliers/secrets/redmine";
    write_text(key, redmine_.at("REDMINE_KEY"));
    fs::permissions(key, fs::perms::owner_read);
    hub_->write_link(
        "skrivarpartner",
        fmt::format(
            "supplier = \"Skrivarpartner AB\"\nconnector = \"rest\"\n[settings]\nprofile = "
            "\"redmine\"\nurl = \"{}\"\n"
            "api_key = {{ file = \"secrets/redmine\" }}\nproject = \"{}\"\ncorrelation_field = "
            "{}\n",
            redmine_.at("REDMINE_URL"), redmine_.at("REDMINE_PROJECT"), redmine_.at("REDMINE_CF")));
    hub_->write_link(
        "kontorsvakt",
        fmt::format(
            "supplier = \"Kontorsvakt AB\"\nconnector = \"email\"\n[settings]\nto = \"{}\"\n"
            "from = \"desk@desk.example\"\ndomain = \"desk.example\"\nlanguage = \"sv\"\n{}"
            "[mail]\naddresses = [\"{}\"]\n",
            kSupplier, smtp_toml(), kSupplier));
    hub_->write_link(
        "mail-to-users",
        fmt::format(
            "supplier = \"Mail to users\"\nconnector = \"email\"\nkind = \"notices\"\n[settings]\n"
            "from = \"support@desk.example\"\ndomain = \"desk.example\"\n{}",
            smtp_toml()));
    // What the example organisation's third agreement is about; its supplier has no part in this
    // walk.
    hub_->write_link("drift",
                     "supplier = \"Drift AB\"\nconnector = \"email\"\n[settings]\nto = "
                     "\"x@kontorsvakt.example\"\n"
                     "from = \"desk@desk.example\"\ndomain = \"desk.example\"\n" +
                         smtp_toml());
    hub_->start();
    ASSERT_TRUE(hub_->await_ready()) << hub_->log();
    const Ran imported = hub_->ombud({"import", source("examples/organisation.toml")});
    ASSERT_EQ(imported.code, 0) << imported.output;
  }
  void TearDown() override { run({source("tests/real/postfix-stop"), postfix_place_}); }

  // Whoever had it running before, and told us so, wants it running afterwards.
  static void TearDownTestSuite() {
    if (!environment("OMBUD_TEST_REDMINE_URL").empty()) return;
    run({source("tests/real/redmine-stop"), fs::path(environment("OMBUD_REAL")) / "redmine"});
  }

  std::string smtp_toml() const {
    return fmt::format("[settings.smtp]\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\n",
                       smtp_);
  }
  void start_redmine() {
    redmine_ = facts_of({source("tests/real/redmine-setup"), redmine_place_});
  }
  void kill_redmine() const {
    const int pid = std::stoi(read_text(redmine_place_ / "pid"));
    ASSERT_GT(pid, 1);
    ::kill(pid, SIGKILL);
    ASSERT_TRUE(until(kSoon, [&] { return ::kill(pid, 0) != 0; }));
  }

  // Through Postfix, as any mail program would.
  void send(const fs::path& file, const std::string& from, const std::string& to) const {
    const Ran sent = run({"curl", "-fsS", "--crlf", fmt::format("smtp://127.0.0.1:{}", smtp_),
                          "--mail-from", from, "--mail-rcpt", to, "--upload-file", file});
    ASSERT_EQ(sent.code, 0) << sent.output;
  }
  void answer(const email::Incoming& mail, const std::string& from, const std::string& to,
              const std::string& text) {
    email::Letter letter;
    letter.from = {"", from};
    letter.to = {"", to};
    letter.subject = "Re: " + mail.subject;
    letter.text = text + "\n";
    letter.message_id = fmt::format("<answer-{}@{}>", ++answers_, from.substr(from.find('@') + 1));
    letter.in_reply_to = mail.message_id;
    letter.references = mail.references;
    letter.references.push_back(mail.message_id);
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const fs::path file = scratch_.path() / "answer.eml";
    std::string raw =
        email::compose(letter, std::chrono::duration_cast<std::chrono::seconds>(now).count());
    std::erase(raw, '\r');  // curl adds them
    write_text(file, raw);
    send(file, from, to);
  }
  std::vector<email::Incoming> mails_to(const std::string& address) const {
    return mails_in(mail_ / address);
  }
  // The first mail to the address that holds the words; waits for it.
  email::Incoming mail_with(const std::string& address, const std::string& words) const {
    email::Incoming found;
    const bool came = until(kByMail, [&] {
      for (const email::Incoming& mail : mails_to(address)) {
        if (mail.text.find(words) == std::string::npos) continue;
        found = mail;
        return true;
      }
      return false;
    });
    if (!came)
      throw std::runtime_error("no mail to " + address + " with: " + words + "\n" + hub_->log());
    return found;
  }

  std::int64_t ticket_about(const std::string& subject) const {
    std::int64_t id = 0;
    until(kByMail, [&] {
      const Answer list = hub_->api("GET", "/tickets");
      for (std::size_t i = 0; i < list.json["items"].size(); ++i) {
        if (list.json["items"].at(i)["subject"].text() == subject)
          id = list.json["items"].at(i)["id"].integer();
      }
      return id != 0;
    });
    if (id == 0) throw std::runtime_error("no ticket about " + subject + "\n" + hub_->log());
    return id;
  }
  json::Document ticket(std::int64_t id) const {
    return hub_->must("GET", fmt::format("/tickets/{}", id)).json;
  }
  bool await_delegation(std::int64_t id, const std::string& state) const {
    return until(kByMail, [&] {
      const json::Document now = ticket(id);
      return now["delegations"].at(0)["state"].text() == state;
    });
  }
  bool await_message(std::int64_t id, const std::string& from, const std::string& words) const {
    return until(kByMail, [&] {
      const json::Document now = ticket(id);
      for (std::size_t i = 0; i < now["messages"].size(); ++i) {
        const json::View message = now["messages"].at(i);
        if (message["from"].text() == from &&
            message["text"].text().find(words) != std::string_view::npos)
          return true;
      }
      return false;
    });
  }
  bool all_done() const {
    return until(kAtRest, [&] {
      for (const char* state : {"waiting", "ready", "leased"}) {
        if (hub_->must("GET", fmt::format("/deliveries?state={}", state)).json["items"].size() > 0)
          return false;
      }
      return true;
    });
  }
  // Of the delivery that made the supplier's copy.
  std::string correlation_of(std::int64_t id) const {
    const Answer list =
        hub_->must("GET", fmt::format("/deliveries?ticket={}&link=skrivarpartner&limit=200", id));
    const json::View items = list.json["items"];  // the newest first
    return std::string(items.at(items.size() - 1)["correlation"].text());
  }
  void act(const std::string& path, const std::string& body = "{}") const {
    hub_->must("POST", path, body);
  }

  // Redmine as the supplier's own people see it.
  Answer redmine(const std::string& method, const std::string& path,
                 const std::string& body = {}) const {
    const std::string& url = redmine_.at("REDMINE_URL");
    return http(std::stoi(url.substr(url.rfind(':') + 1)), method, path, body,
                {{"X-Redmine-API-Key", redmine_.at("REDMINE_STAFF_KEY")}});
  }
  void staff(const std::string& issue, const std::string& attributes) const {
    const Answer answer =
        redmine("PUT", "/issues/" + issue + ".json", R"({"issue":)" + attributes + "}");
    ASSERT_TRUE(answer.status == 200 || answer.status == 204) << answer.status << answer.body;
  }

  Scratch scratch_;
  fs::path redmine_place_, postfix_place_, mail_;
  std::map<std::string, std::string> redmine_;
  int smtp_ = 0, answers_ = 0;
  std::unique_ptr<Hub> hub_;
};

TEST_F(RealWalk, ATicketGoesFromAMailToRedmineAndBackToClosure) {
  send(source("examples/mail/printer.eml"), kEva, "support@desk.example");
  const std::int64_t id = ticket_about("Skrivaren på plan 3 äter papper");
  mail_with(kEva, "vi har tagit emot");
  ASSERT_TRUE(all_done());

  act(fmt::format("/tickets/{}/delegations", id));
  ASSERT_TRUE(await_delegation(id, "acknowledged")) << hub_->log();
  ASSERT_TRUE(all_done());
  const json::Document handed = ticket(id);
  const std::int64_t delegation = handed["delegations"].at(0)["id"].integer();
  const std::string issue(handed["delegations"].at(0)["external_id"].text());
  const Answer seen = redmine("GET", "/issues/" + issue + ".json?include=attachments,journals");
  ASSERT_EQ(seen.status, 200) << seen.body;
  const json::View file = seen.json["issue"]["attachments"].at(0);
  EXPECT_EQ(file["filename"].text(), "skrivare.png");
  EXPECT_EQ(file["filesize"].integer(), handed["attachments"].at(0)["bytes"].integer());
  for (const char* secret : {"Eva Ek", kEva, "070-000 00 01"}) {
    EXPECT_EQ(seen.body.find(secret), std::string::npos) << secret << " has left: " << seen.body;
  }

  staff(issue, R"({"notes":"Fixeringsenheten är trasig. När passar det?"})");
  ASSERT_TRUE(await_message(id, "supplier", "Fixeringsenheten")) << hub_->log();
  act(fmt::format("/tickets/{}/messages", id),
      object({{"visibility", "user"}, {"text", "En del byts i morgon. När passar det?"}}));
  const email::Incoming question = mail_with(kEva, "En del byts i morgon");
  EXPECT_EQ(question.text.find("Skrivarpartner"), std::string::npos);
  answer(question, kEva, "support@desk.example", "Före tio.");
  ASSERT_TRUE(await_message(id, "user", "Före tio.")) << hub_->log();
  ASSERT_TRUE(all_done());

  // A word is on its way when Redmine dies, another when the connector's process does, a third when
  // the hub does.
  const std::string words = fmt::format("/delegations/{}/messages", delegation);
  act(words, object({{"text", "Ord ett."}}));
  kill_redmine();
  start_redmine();
  act(words, object({{"text", "Ord två."}}));
  ::kill(
      static_cast<pid_t>(hub_->must("GET", "/links/skrivarpartner").json["host"]["pid"].integer()),
      SIGKILL);
  act(words, object({{"text", "Ord tre."}}));
  hub_->kill_hard();
  hub_->start();
  ASSERT_TRUE(hub_->await_ready()) << hub_->log();
  ASSERT_TRUE(all_done()) << hub_->log();

  staff(issue, R"({"status_id":3})");  // Resolved, in Redmine's default data
  ASSERT_TRUE(await_delegation(id, "resolved")) << hub_->log();
  act(fmt::format("/delegations/{}/accept", delegation));
  act(fmt::format("/tickets/{}/resolve", id), object({{"text", "Delen är bytt."}}));
  act(fmt::format("/tickets/{}/close", id));
  mail_with(kEva, "Delen är bytt.");
  ASSERT_TRUE(await_delegation(id, "closed")) << hub_->log();
  ASSERT_TRUE(all_done());

  const Answer end = redmine("GET", "/issues/" + issue + ".json?include=attachments,journals");
  EXPECT_EQ(end.json["issue"]["status"]["name"].text(), "Closed");
  EXPECT_EQ(end.json["issue"]["attachments"].size(), 1U);
  std::vector<std::string> notes;
  for (std::size_t i = 0; i < end.json["issue"]["journals"].size(); ++i) {
    const std::string_view note = end.json["issue"]["journals"].at(i)["notes"].text();
    if (!note.empty()) notes.emplace_back(note.substr(0, note.find_first_of("\r\n")));
  }
  EXPECT_EQ(notes, (std::vector<std::string>{"Fixeringsenheten är trasig. När passar det?",
                                             "Före tio.", "Ord ett.", "Ord två.", "Ord tre."}));
  const Answer same = redmine("GET", fmt::format("/issues.json?status_id=*&cf_{}={}",
                                                 redmine_.at("REDMINE_CF"), correlation_of(id)));
  EXPECT_EQ(same.json["total_count"].integer(), 1) << same.body;
  EXPECT_TRUE(until(kByMail, [&] { return mails_to(kEva).size() == 4; }))
      << "receipt, question, solution, closure";
  EXPECT_EQ(hub_->must("GET", "/deliveries?trouble=true").json["items"].size(), 0U);
  const Ran audit = hub_->ombud({"audit", "verify"});
  EXPECT_EQ(audit.code, 0) << audit.output;
}

TEST_F(RealWalk, ATicketGoesFromAMailToASupplierThatHasOnlyAMailbox) {
  send(source("examples/mail/card.eml"), kEva, "support@desk.example");
  const std::int64_t id = ticket_about("Passerkortet fungerar inte på kvällen");
  mail_with(kEva, "vi har tagit emot");
  ASSERT_TRUE(all_done());
  act(fmt::format("/tickets/{}/delegations", id));
  const email::Incoming order = mail_with(kSupplier, "cykelrummet");
  for (const char* secret : {"Eva Ek", kEva, "070-000 00 01"}) {
    EXPECT_EQ(order.text.find(secret), std::string::npos) << secret << " has left: " << order.text;
  }
  ASSERT_TRUE(await_delegation(id, "acknowledged")) << hub_->log();
  hub_->kill_hard();  // Postfix keeps the answer until the hub is back
  answer(order, kSupplier, "desk@desk.example", "#löst\n\nBehörigheten är ändrad.");
  hub_->start();
  ASSERT_TRUE(hub_->await_ready()) << hub_->log();
  ASSERT_TRUE(await_message(id, "supplier", "Behörigheten är ändrad.")) << hub_->log();
  ASSERT_TRUE(await_delegation(id, "resolved")) << hub_->log();
  const json::Document now = ticket(id);
  act(fmt::format("/delegations/{}/accept", now["delegations"].at(0)["id"].integer()));
  act(fmt::format("/tickets/{}/resolve", id), object({{"text", "Kortet gäller på kvällen."}}));
  act(fmt::format("/tickets/{}/close", id));
  mail_with(kEva, "Kortet gäller på kvällen.");
  ASSERT_TRUE(await_delegation(id, "closed")) << hub_->log();
  ASSERT_TRUE(all_done());
  EXPECT_TRUE(until(kByMail, [&] { return mails_to(kSupplier).size() == 2; }))
      << "hand-over and end";
  EXPECT_TRUE(until(kByMail, [&] { return mails_to(kEva).size() == 3; }))
      << "receipt, solution and closure";
  EXPECT_EQ(hub_->must("GET", "/deliveries?trouble=true").json["items"].size(), 0U);
  const Ran audit = hub_->ombud({"audit", "verify"});
  EXPECT_EQ(audit.code, 0) << audit.output;
}

}  // namespace
}  // namespace ombud::testing
