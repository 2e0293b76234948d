// A supplier without code announces an outage in its own system; the desk reads it, publishes it
// and makes it a major incident. Then the supplier's interface breaks, and the operator reads why.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <fstream>
#include <mutex>
#include <thread>

#include "process/hub_world.hpp"

namespace ombud::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kProfile = R"(
[profile]
name = "acme"
title = "Acme Desk"
version = "1.0"
capabilities = ["no-lookup"]
tested = { against = "documentation", with = "nothing", on = "2026-11-22" }
[settings.url]
type = "url"
required = true
description = "address"
[create]
step = [{ name = "made", request = "POST /tickets", json = { subject = "{ticket.subject}", key = "{correlation}" } }]
reply = { external_id = "{made.id}" }
[update]
step = [{ request = "PUT /tickets/{external_id}", json = { status = "{ticket.status}" } }]
reply = { external_id = "{external_id}" }
[comment]
step = [{ request = "POST /tickets/{external_id}/comments", json = { text = "{comment.text}" } }]
[poll]
list = [{ request = "GET /tickets", rows = "answer" }]
paging = "none"
row = { id = "{row.id}", updated = "{row.at}", ours = "row.key" }
ticket = { external_id = "{row.id}", correlation = "{row.key}" }
[[poll.event]]
type = "status"
id = "{row.id}-{row.at}"
at = "{row.at}"
status = "in_progress"
[notice]
is = "row.type == 'outage'"
id = "{row.id}"
kind = "{row.type}"
state = "{row.state}"
title = "{row.subject}"
text = "{row.text}"
updated = "{row.at}"
services = "row.services"
)";

// The supplier: a list of tickets, and a way to break.
class Supplier {
 public:
  Supplier() {
    server_.set_pre_routing_handler([this](const httplib::Request&, httplib::Response& answer) {
      const std::lock_guard lock(mutex_);
      if (!page_.empty()) {
        answer.set_content(page_, "text/html");
        return httplib::Server::HandlerResponse::Handled;
      }
      return httplib::Server::HandlerResponse::Unhandled;
    });
    server_.Get("/tickets", [this](const httplib::Request&, httplib::Response& answer) {
      const std::lock_guard lock(mutex_);
      answer.set_content(tickets_, "application/json");
    });
    server_.Post("/tickets", [this](const httplib::Request&, httplib::Response& answer) {
      ++created_;
      answer.status = 201;
      answer.set_content(R"({"id":900})", "application/json");
    });
    server_.Put(R"(/tickets/\d+)", [](const httplib::Request&, httplib::Response& answer) {
      answer.status = 404;
      answer.set_content("{}", "application/json");
    });
    server_.Post(R"(/tickets/\d+/comments)",
                 [](const httplib::Request&, httplib::Response& answer) {
                   answer.status = 404;
                   answer.set_content("{}", "application/json");
                 });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
  }
  ~Supplier() {
    server_.stop();
    thread_.join();
  }
  void list(const std::string& json) {
    const std::lock_guard lock(mutex_);
    tickets_ = json;
  }
  void answer_with_page(const std::string& html) {
    const std::lock_guard lock(mutex_);
    page_ = html;
  }
  int created() const { return created_; }
  int port() const { return port_; }

 private:
  httplib::Server server_;
  std::mutex mutex_;
  std::string tickets_ = "[]", page_;
  std::atomic<int> created_{0};
  int port_ = 0;
  std::thread thread_;
};

std::string outage(const std::string& state, const std::string& text, int minute) {
  return fmt::format(
      R"([{{"id":77,"type":"outage","state":"{}","subject":"Server X nere","text":"{}",)"
      R"("services":["Utskrift"],"at":"2026-11-22T10:{:02}:00Z"}}])",
      state, text, minute);
}

class NoticesProcess : public ::testing::Test {
 protected:
  void SetUp() override {
    {
      std::ofstream file(hub_.hub.config() / "suppliers" / "acme-profile.txt");
      file << kProfile;
    }
    hub_.hub.write_link("acme", fmt::format(R"(supplier = "Acme Drift"
connector = "rest"
poll_every = "1s"
[settings]
profile = "./acme-profile.txt"
url = "http://127.0.0.1:{}"
)",
                                            supplier_.port()));
    hub_.start();
    hub_.add_customer();
    hub_.hub.must("PUT", "/services/print", R"({"name":"Utskrift"})");
    hub_.hub.must("POST", "/agreements",
                  R"({"customer":"acme","link":"acme","services":["print"],)"
                  R"("share":["subject","messages"],"delegate_automatically":true})");
  }
  json::Document first_notice() { return api("/notices"); }
  json::Document api(const std::string& path) { return std::move(hub_.hub.api("GET", path).json); }
  std::string said(std::vector<std::string> words) {
    return hub_.hub.ombud(std::move(words)).output;
  }
  LoneHub hub_;
  Supplier supplier_;
};

TEST_F(NoticesProcess, AnOutageComesOnceIsPublishedAndPromotedAndNeverHandedBack) {
  supplier_.list(outage("ongoing", "Rack 4 brinner.", 0));
  ASSERT_TRUE(until(kSoon, [&] { return first_notice()["items"].size() == 1; })) << hub_.hub.log();
  EXPECT_THAT(said({"notice", "list"}),
              AllOf(HasSubstr("Acme Drift"), HasSubstr("Server X nere"), HasSubstr("new")));
  EXPECT_THAT(said({"notice", "publish", "1", "--title", "Utskrift nere"}),
              HasSubstr("is shown to the users of acme"));
  const std::string promoted = said({"notice", "promote", "1"});
  EXPECT_THAT(promoted, HasSubstr("OMB-1 is the major incident of acme"));

  supplier_.list(outage("over", "Klart.", 5));
  ASSERT_TRUE(until(kSoon, [&] {
    return said({"ticket", "show", "1"}).find("Klart.") != std::string::npos;
  })) << hub_.hub.log();
  EXPECT_EQ(api("/notices")["items"].size(), 1U) << "polled every second, and still one";
  EXPECT_EQ(api("/tickets")["items"].size(), 1U);
  EXPECT_EQ(supplier_.created(), 0) << "its own outage is not handed back to it";
  EXPECT_THAT(said({"notice", "show", "1"}), AllOf(HasSubstr("over"), HasSubstr("OMB-1")));
  EXPECT_THAT(said({"notice", "dismiss", "1", "--reason", "klart"}), HasSubstr("shown to nobody"));
}

TEST_F(NoticesProcess, ALoginPageAndADeletedTicketAreToldWithTheirNextStep) {
  hub_.hub.must("POST", "/tickets",
                R"({"customer":"acme","subject":"Papper slut","service":"print"})");
  ASSERT_TRUE(until(kSoon, [&] { return supplier_.created() == 1; })) << hub_.hub.log();
  // It is deleted there; the next word about it finds nothing.
  std::string shown;
  ASSERT_TRUE(until(kSoon, [&] {
    return api("/tickets/1/delegations")["items"].at(0)["external_id"].text() == "900";
  }));
  const std::int64_t delegation = api("/tickets/1/delegations")["items"].at(0)["id"].integer();
  hub_.hub.must("POST", fmt::format("/delegations/{}/messages", delegation),
                R"({"text":"Hallå?"})");
  ASSERT_TRUE(until(kSoon, [&] {
    shown = said({"ticket", "show", "1"});
    return shown.find("no longer has its ticket 900") != std::string::npos;
  })) << shown;
  EXPECT_THAT(shown, HasSubstr(fmt::format("ombud delegation recreate {}", delegation)));
  EXPECT_THAT(said({"delivery", "list", "--trouble"}), HasSubstr("dead"));
  EXPECT_THAT(said({"delegation", "recreate", std::to_string(delegation)}),
              HasSubstr("Handed over again"));
  ASSERT_TRUE(until(kSoon, [&] { return supplier_.created() == 2; })) << hub_.hub.log();

  // Its single sign-on swallows the interface.
  supplier_.answer_with_page("<html><input type=\"password\"></html>");
  ASSERT_TRUE(until(kSoon, [&] {
    shown = said({"supplier", "show", "acme"});
    return shown.find("answers with its login page") != std::string::npos;
  })) << shown;
  EXPECT_THAT(shown, AllOf(HasSubstr("next: The link is closed until you act"),
                           HasSubstr("ombud supplier resume acme"), Not(HasSubstr("<html>"))));
  EXPECT_THAT(said({"supplier", "list"}), HasSubstr("login page"));
  supplier_.answer_with_page("");
  said({"supplier", "resume", "acme"});
  ASSERT_TRUE(until(kSoon, [&] {
    return said({"supplier", "show", "acme"}).find("login page") == std::string::npos;
  })) << hub_.hub.log();
}

}  // namespace
}  // namespace ombud::testing
