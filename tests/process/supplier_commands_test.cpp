// What an operator types for a supplier, from the first file to a changed mapping, against real
// processes.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "process/hub_world.hpp"

namespace ombud::testing {
namespace {

namespace fs = std::filesystem;

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

// The line that begins so, with another value.
std::string filled(const std::string& text, const std::string& start, const std::string& value) {
  const auto at = text.find("\n" + start);
  EXPECT_NE(at, std::string::npos) << start;
  const auto end = text.find('\n', at + 1);
  return std::string(text).replace(at + 1, end - at - 1, start + value);
}

std::size_t count_of(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

json::Document parsed(const std::string& text) {
  auto document = json::parse(text);
  EXPECT_TRUE(document.has_value()) << text;
  return document ? std::move(*document) : json::Document();
}

// Takes connections and never says a word.
class Silence {
 public:
  Silence() : file_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    ::bind(file_, reinterpret_cast<sockaddr*>(&at), size);
    ::listen(file_, 16);
    ::getsockname(file_, reinterpret_cast<sockaddr*>(&at), &size);
    port_ = ntohs(at.sin_port);
  }
  ~Silence() { ::close(file_); }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;
  int port() const { return port_; }

 private:
  int file_;
  int port_ = 0;
};

class SupplierCommands : public ::testing::Test {
 protected:
  SupplierCommands() {
    const int port = free_port();
    redmine_ = std::make_unique<Supplier>(
        std::vector<std::string>{program("example-redmine"), "--port", std::to_string(port),
                                 "--data", scratch_.path() / "redmine.jsonl", "--key",
                                 "example-key"},
        port, "/demo/issues", scratch_.path() / "redmine.log");
    redmine_->start();
    EXPECT_TRUE(redmine_->await_ready());
  }
  fs::path file(const std::string& link = "byggit") const {
    return hub_.hub.config() / "suppliers" / (link + ".toml");
  }
  void write_key(const std::string& key) const {
    const fs::path secret = hub_.hub.config() / "suppliers/secrets/byggit-api-key";
    write_text(secret, key);
    fs::permissions(secret, fs::perms::owner_read | fs::perms::owner_write);
  }
  std::string address() const {
    return fmt::format("\"http://127.0.0.1:{}\"", redmine_->control());
  }
  // The new file with every place filled in.
  void fill_in() const {
    std::string text = read_text(file());
    text = filled(text, "supplier = ", "\"Byggit AB\"");
    text = filled(text, "project = ", "\"support\"");
    text = filled(text, "url = ", address());
    text = filled(text, "# correlation_field = ", "7");
    text = replaced(text, "# correlation_field = 7", "correlation_field = 7");
    write_text(file(), text);
    write_key("example-key");
  }
  Ran ombud(std::vector<std::string> words) const { return hub_.hub.ombud(std::move(words)); }

  Scratch scratch_;
  LoneHub hub_;
  std::unique_ptr<Supplier> redmine_;
};

TEST_F(SupplierCommands, FromNothingToALinkThatRunsWithoutAReadingOfTheManual) {
  const Ran offers = ombud({"supplier", "new"});
  EXPECT_EQ(offers.code, 0);
  EXPECT_NE(offers.output.find("redmine"), std::string::npos) << offers.output;
  EXPECT_NE(offers.output.find("against the real Redmine"), std::string::npos) << offers.output;
  EXPECT_NE(offers.output.find("against documentation only"), std::string::npos) << offers.output;

  const Ran made = ombud({"supplier", "new", "redmine", "--name", "byggit"});
  ASSERT_EQ(made.code, 0) << made.output;
  EXPECT_NE(made.output.find("secrets/byggit-api-key"), std::string::npos) << made.output;
  const std::string text = read_text(file());
  EXPECT_NE(text.find("What the supplier does once:"), std::string::npos) << text;

  const Ran unfilled = ombud({"check"});
  EXPECT_EQ(unfilled.code, 1);
  EXPECT_NE(unfilled.output.find("byggit.toml:"), std::string::npos) << unfilled.output;
  EXPECT_EQ(count_of(unfilled.output, "is not filled in yet"), 3U) << unfilled.output;

  const Ran again = ombud({"supplier", "new", "redmine", "--name", "byggit"});
  EXPECT_EQ(again.code, 6) << again.output;
  EXPECT_EQ(read_text(file()), text) << "what was there was touched";

  // Whoever restarts the hub meanwhile is not held up by a draft.
  hub_.start();
  EXPECT_NE(hub_.hub.log().find("is left out"), std::string::npos) << hub_.hub.log();
  hub_.hub.kill_hard();
  fs::remove(hub_.hub.data() / "run/local.json");

  fill_in();
  EXPECT_EQ(ombud({"check"}).code, 0) << ombud({"check"}).output;

  // No hub runs, and the link is not on: it can be tried all the same.
  const Ran tried = ombud({"supplier", "test", "byggit"});
  EXPECT_EQ(tried.code, 0) << tried.output;
  EXPECT_NE(tried.output.find("X-Redmine-API-Key: [secret]"), std::string::npos) << tried.output;
  EXPECT_NE(tried.output.find("\"project_id\": \"support\""), std::string::npos) << tried.output;
  EXPECT_EQ(tried.output.find("example-key"), std::string::npos) << "a secret was shown";
  EXPECT_EQ(redmine_->seen()["issues"].size(), 0U) << "a test created something";

  hub_.start();
  EXPECT_NE(ombud({"supplier", "list"}).output.find("byggit has a file and is not on"),
            std::string::npos);
  ASSERT_EQ(ombud({"supplier", "enable", "byggit"}).code, 0);
  ASSERT_TRUE(until(kSoon, [&] {
    return hub_.hub.api("GET", "/links/byggit").json["host"]["state"].text() == "up";
  })) << hub_.hub.log();
  const Ran listed = ombud({"supplier", "list"});
  EXPECT_NE(listed.output.find("real Redmine"), std::string::npos) << listed.output;
  EXPECT_NE(listed.output.find("rest: redmine"), std::string::npos) << listed.output;
  const auto by_hub = parsed(ombud({"supplier", "test", "byggit", "--json"}).output);
  EXPECT_TRUE(by_hub["ok"].boolean());
  EXPECT_EQ(by_hub["by"].text(), "hub");
}

TEST_F(SupplierCommands, ATestSaysWhichOfTheThingsIsWrong) {
  ombud({"supplier", "new", "redmine", "--name", "byggit"});
  fill_in();
  const std::string right = read_text(file());
  const auto said = [&](const std::string& text) {
    write_text(file(), text);
    const Ran ran = ombud({"supplier", "test", "byggit"});
    EXPECT_EQ(ran.code, 1) << ran.output;
    return ran.output;
  };
  write_key("wrong");
  const std::string refused = said(right);
  EXPECT_NE(refused.find("fail  credentials"), std::string::npos) << refused;
  write_key("example-key");

  const std::string project = said(filled(right, "project = ", "\"nowhere\""));
  EXPECT_NE(project.find("no project \"nowhere\""), std::string::npos) << project;

  const std::string words =
      said(right + "[settings.status_to]\nwaiting = \"Nobody\"\nresolved = \"None\"\n");
  EXPECT_NE(words.find("Nobody"), std::string::npos) << words;
  EXPECT_NE(words.find("None"), std::string::npos) << "every wrong word is told at once: " << words;

  const std::string name = said(filled(right, "url = ", "\"https://nosuch.invalid\""));
  EXPECT_NE(name.find("fail  name"), std::string::npos) << name;

  const std::string tls = said(filled(right, "url = ", replaced(address(), "http:", "https:")));
  EXPECT_NE(tls.find("fail  certificate"), std::string::npos) << tls;

  const std::string mistake = said(filled(right, "project = ", "true"));
  EXPECT_NE(mistake.find("fail  file"), std::string::npos) << mistake;
  EXPECT_EQ(ombud({"supplier", "test", "nobody"}).code, 4) << "no file, and no hub to ask";
  EXPECT_EQ(redmine_->seen()["issues"].size(), 0U);
}

TEST_F(SupplierCommands, ASilentSupplierHoldsUpNobody) {
  const Silence silent;
  ombud({"supplier", "new", "redmine", "--name", "byggit"});
  fill_in();
  std::string text = read_text(file());
  text = filled(text, "url = ", fmt::format("\"http://127.0.0.1:{}\"", silent.port()));
  write_text(file(), text);
  const Ran ran = ombud({"supplier", "test", "byggit"});
  EXPECT_EQ(ran.code, 1) << ran.output;
  EXPECT_NE(ran.output.find("fail  connection"), std::string::npos) << ran.output;
}

TEST_F(SupplierCommands, AHubOfAnotherVersionIsAskedWhatItKnows) {
  httplib::Server old;
  old.Get("/api/v1/links/byggit", [](const httplib::Request&, httplib::Response& response) {
    response.set_content(R"({"id":"byggit","host":{"state":"up"}})", "application/json");
  });
  old.Post("/api/v1/links/byggit/check", [](const httplib::Request&, httplib::Response& response) {
    response.set_content(R"({"ok":true,"message":"","took_ms":1})", "application/json");
  });
  const int port = old.bind_to_any_port("127.0.0.1");
  std::thread serving([&] { old.listen_after_bind(); });
  const std::string url = fmt::format("http://127.0.0.1:{}", port);
  const Ran tested = ombud({"supplier", "test", "byggit", "--url", url});
  EXPECT_EQ(tested.code, 0) << tested.output;
  EXPECT_NE(tested.output.find("of another version"), std::string::npos) << tested.output;
  const Ran replayed = ombud({"supplier", "replay", "byggit", "--url", url});
  EXPECT_EQ(replayed.code, 3) << replayed.output;
  EXPECT_NE(replayed.output.find("update the hub"), std::string::npos) << replayed.output;
  old.stop();
  serving.join();
}

TEST_F(SupplierCommands, WatchingEndsWithTheOneWhoReads) {
  hub_.start();
  const std::string command = fmt::format("{} --config {} supplier status --watch | head -n 1",
                                          program("ombud").string(), hub_.hub.config().string());
  const Ran ran = run({"/bin/sh", "-c", command}, {}, kSoon);
  EXPECT_EQ(ran.code, 0);
  EXPECT_NE(ran.output.find("at "), std::string::npos) << ran.output;
}

class Replays : public ::testing::Test {
 protected:
  Replays() {
    const std::string rest = fmt::format(R"(supplier = "Skrivarpartner AB"
connector = "rest"
[settings]
profile = "redmine"
url = "http://127.0.0.1:{}"
api_key = {{ file = "secrets/skrivarpartner" }}
project = "support"
correlation_field = 7
poll_overlap_seconds = 2
)",
                                         world_.rest().control());
    world_.hub().write_link("skrivarpartner", rest);
    const Ran applied = ombud({"check", "--apply"});
    EXPECT_EQ(applied.code, 0) << applied.output;
    EXPECT_TRUE(until(kSoon, [&] {
      const Answer link = world_.hub().api("GET", "/links/skrivarpartner");
      return link.json["host"]["state"].text() == "up" && link.json["profile"].text() == "redmine";
    })) << world_.hub().log();
  }
  Ran ombud(std::vector<std::string> words) { return world_.hub().ombud(std::move(words)); }
  fs::path link_file() { return world_.hub().config() / "suppliers/skrivarpartner.toml"; }
  // A copy beside the configuration, where the hub does not read it as a link.
  std::string changed(const std::string& text) {
    const fs::path copy = world_.hub().config() / "suppliers/changed.toml.new";
    write_text(copy, text);
    return copy.string();
  }

  World world_;
};

TEST_F(Replays, TellWhatAChangedMappingWouldHaveWrittenAndUnderstood) {
  const std::int64_t ticket = world_.ticket("acme", "print", "Skrivaren i receptionen");
  world_.delegation(ticket);
  ASSERT_TRUE(world_.await_delegation(ticket, "acknowledged") ||
              world_.delegation_state(ticket) != "draft")
      << world_.hub().log();
  ASSERT_TRUE(world_.come_to_rest());
  const json::Document issues = world_.rest().seen();
  ASSERT_EQ(issues["issues"].size(), 1U);
  world_.rest().tell(fmt::format("/demo/issues/{}/status", issues["issues"].at(0)["id"].integer()),
                     R"({"status":"Feedback"})");
  ASSERT_TRUE(until(kSoon, [&] {
    return world_.hub().api("GET", "/links/skrivarpartner/recorded-changes").json["items"].size() >
           0;
  })) << world_.hub().log();

  const Ran same = ombud({"supplier", "replay", "skrivarpartner"});
  EXPECT_EQ(same.code, 0) << same.output;
  EXPECT_NE(same.output.find("nothing would differ"), std::string::npos) << same.output;

  const std::string text = read_text(link_file());
  const Ran out = ombud({"supplier", "replay", "skrivarpartner", "--file",
                         changed(text + "[settings.status_to]\nnew = \"Feedback\"\n")});
  EXPECT_EQ(out.code, 1) << out.output;
  EXPECT_NE(out.output.find(fmt::format("OMB-{}", ticket)), std::string::npos) << out.output;
  EXPECT_NE(out.output.find("status_id: \"New\" → \"Feedback\""), std::string::npos) << out.output;

  const Ran in = ombud({"supplier", "replay", "skrivarpartner", "--json", "--file",
                        changed(text + "[settings.status_from]\nfeedback = \"resolved\"\n")});
  EXPECT_EQ(in.code, 1) << in.output;
  const json::Document told = parsed(in.output);
  EXPECT_FALSE(told["same"].boolean(true));
  const json::View first = told["differences"].at(0);
  EXPECT_EQ(first["direction"].text(), "in");
  EXPECT_EQ(first["field"].text(), "status");
  EXPECT_EQ(first["before"].text(), "waiting");
  EXPECT_EQ(first["after"].text(), "resolved");

  // A changed profile, with the link's own settings.
  const std::string profile = read_text(source("plugins/rest/profiles/redmine.toml"));
  const Ran by_profile = ombud({"supplier", "replay", "skrivarpartner", "--file",
                                changed(replaced(profile, "wrap:'Service: '", "wrap:'About: '"))});
  EXPECT_EQ(by_profile.code, 1) << by_profile.output;
  EXPECT_NE(by_profile.output.find("json.issue.description"), std::string::npos)
      << by_profile.output;

  const Ran wrong = ombud({"supplier", "replay", "skrivarpartner", "--file",
                           changed(text + "[settings.status_to]\nnosuch = \"x\"\n")});
  EXPECT_EQ(wrong.code, 2) << wrong.output;
  EXPECT_EQ(ombud({"supplier", "replay", "skrivarpartner", "--file", "/nowhere.toml"}).code, 3);
  EXPECT_EQ(ombud({"supplier", "replay", "skrivarpartner", "--days", "31"}).code, 2);
  const Ran nothing = ombud({"supplier", "replay", "kontorsvakt"});
  EXPECT_EQ(nothing.code, 0) << nothing.output;
  EXPECT_NE(nothing.output.find("nothing to compare"), std::string::npos) << nothing.output;
  EXPECT_EQ(world_.rest().seen()["issues"].size(), 1U) << "a replay sent something";

  const Answer recorded = world_.hub().api("GET", "/links/skrivarpartner/recorded-changes");
  EXPECT_EQ(recorded.body.find("example-key"), std::string::npos);
  const Answer settings = world_.hub().api("GET", "/links/skrivarpartner/settings");
  EXPECT_EQ(settings.body.find("example-key"), std::string::npos);
}

TEST_F(Replays, MailAndQueueAreTestedAsDeepAsTheyCan) {
  const Ran mail = ombud({"supplier", "test", "kontorsvakt"});
  EXPECT_EQ(mail.code, 0) << mail.output;
  EXPECT_NE(mail.output.find("RCPT TO: arenden@kontorsvakt.example"), std::string::npos)
      << mail.output;
  const Ran queue = ombud({"supplier", "test", "drift"});
  EXPECT_EQ(queue.code, 0) << queue.output;
  EXPECT_NE(queue.output.find("ok    encryption"), std::string::npos) << queue.output;
  EXPECT_NE(queue.output.find("welcomes us"), std::string::npos) << queue.output;
  EXPECT_EQ(world_.mail().seen().root().size(), 0U) << "a test sent a mail";
}

}  // namespace
}  // namespace ombud::testing
