// Desks that are each other's suppliers by TMF621 alone: each is a hub of its own, with its own
// store and connector processes, and none knows the others but by the standard's interface. At the
// end there is one ticket on each side, every message once and in order, whoever was killed.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>

#include "support/hub_world.hpp"

namespace ombud::testing {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// How a desk works with a supplier that speaks TMF621.
struct Way {
  std::string name, profile;
  bool knows_ombud = false;  // as the example says for another Ombud; else as for anybody
  bool events = false;       // the supplier tells of changes; else it is polled alone
};
void PrintTo(const Way& way, std::ostream* out) {
  *out << way.name;
}
const Way kV4{"V4", "tmf621-v4", true, true};
const Way kV5{"V5", "tmf621-v5", true, true};
const Way kStrangers{"LikeStrangers", "tmf621-v4", false, false};

constexpr const char* kSubscribersToml = R"(supplier = "Subscribers"
connector = "subscriber"
kind = "subscribers"
[settings]
callbacks = [{}]
signing_key = {{ file = "secrets/events" }}
[limits]
settle = "100ms"
)";

// The link as its example shows it, but for what differs from place to place.
std::string link_toml(const Way& way, const std::string& supplier, int port,
                      const std::string& callback) {
  std::string toml = read_text(source("config/suppliers/tmf621.toml.example"));
  const auto put = [&toml](const std::string& is, const std::string& becomes) {
    const std::size_t at = toml.find("\n" + is);
    if (at == std::string::npos) throw std::runtime_error("the example has no line " + is);
    toml.replace(at + 1, toml.find('\n', at + 1) - at - 1, becomes);
  };
  put("supplier =", fmt::format("supplier = \"{}\"", supplier));
  put("# poll_every =", fmt::format("poll_every = \"{}\"", way.events ? "2s" : "1s"));
  put("profile =", fmt::format("profile = \"{}\"", way.profile));
  put("url =", fmt::format("url = \"http://127.0.0.1:{}/tmf-api/troubleTicket/{}\"", port,
                           way.profile.substr(way.profile.size() - 2)));
  put("token =", fmt::format("token = {{ file = \"secrets/{}-token\" }}", supplier));
  put("# service =", "service = \"print\"\npoll_overlap_seconds = 5");
  put("callback =", way.events ? fmt::format("callback = \"{}\"", callback) : "");
  put("events_key =", "events_key = { file = \"secrets/events\" }");
  if (!way.knows_ombud) {
    put("arrays =", "");
    put("marks =", "");
  }
  return toml;
}

class Desk {
 public:
  Desk(const std::filesystem::path& root, std::string name)
      : name_(std::move(name)), hub_(root / name_, 0) {
    secret("events", "the key of all events");
    start();
    hub_.must("PUT", "/customers/acme", R"({"name":"Acme AB","language":"sv"})");
    hub_.must("PUT", "/services/print", R"({"name":"Utskrift"})");
  }
  const std::string& name() const { return name_; }
  Hub& hub() { return hub_; }

  void start() {
    hub_.start();
    if (!hub_.await_ready()) throw std::runtime_error(name_ + " does not start:\n" + hub_.log());
  }
  void die() {
    hub_.kill_hard();
    start();
  }

  // From now on tickets of this customer about print go to that desk. Needs a restart of both.
  void hires(Desk& other, const Way& way) {
    other.hub_.must("PUT", "/customers/" + name_, object({{"name", name_}, {"language", "sv"}}));
    const Answer token = other.hub_.must(
        "POST", "/tokens", object({{"name", name_}, {"role", "customer"}, {"customer", name_}}));
    secret(other.name_ + "-token", std::string(token.json["secret"].text()));
    const std::string callback =
        fmt::format("http://127.0.0.1:{}/hooks/suppliers/{}", hub_.port(), other.name_);
    hub_.write_link(other.name_, link_toml(way, other.name_, other.hub_.port(), callback));
    other.callbacks_ +=
        fmt::format("{}\"http://127.0.0.1:{}\"", other.callbacks_.empty() ? "" : ", ", hub_.port());
    other.hub_.write_link("subscribers",
                          fmt::format(fmt::runtime(kSubscribersToml), other.callbacks_));
  }
  void agrees(const std::string& customer, const Desk& other) {
    hub_.must("POST", "/agreements",
              fmt::format(R"({{"customer":"{}","link":"{}","services":["print"],"share":)"
                          R"(["subject","description","messages","attachments"]}})",
                          customer, other.name_));
  }

  std::int64_t ticket() {
    return hub_
        .must("POST", "/tickets",
              object({{"customer", "acme"},
                      {"service", "print"},
                      {"subject", "Skrivaren"},
                      {"text", "Den står still."}}))
        .json["id"]
        .integer();
  }
  void hand_over(std::int64_t ticket) {
    hub_.must("POST", fmt::format("/tickets/{}/delegations", ticket), "{}");
  }
  json::Document now(std::int64_t ticket) {
    return hub_.must("GET", fmt::format("/tickets/{}", ticket)).json;
  }
  std::string status(std::int64_t ticket) {
    const json::Document ticket_now = now(ticket);
    return std::string(ticket_now["status"].text());
  }
  std::string state(std::int64_t ticket) {
    const json::Document ticket_now = now(ticket);
    return std::string(ticket_now["delegations"].at(0)["state"].text());
  }
  void to_supplier(std::int64_t ticket, const std::string& verb, const std::string& body) {
    const json::Document ticket_now = now(ticket);
    hub_.must(
        "POST",
        fmt::format("/delegations/{}/{}", ticket_now["delegations"].at(0)["id"].integer(), verb),
        body);
  }
  void says_to_user(std::int64_t ticket, const std::string& text) {
    hub_.must("POST", fmt::format("/tickets/{}/messages", ticket), object({{"text", text}}));
  }
  std::vector<std::int64_t> tickets() {
    const Answer all = hub_.must("GET", "/tickets?limit=200");
    std::vector<std::int64_t> ids;
    for (std::size_t i = 0; i < all.json["items"].size(); ++i) {
      ids.push_back(all.json["items"].at(i)["id"].integer());
    }
    return ids;
  }
  // What the customer or the supplier has said, in order.
  std::vector<std::string> heard(std::int64_t ticket, const std::string& from) {
    std::vector<std::string> texts;
    const json::Document ticket_now = now(ticket);
    const json::View messages = ticket_now["messages"];
    for (std::size_t i = 0; i < messages.size(); ++i) {
      if (messages.at(i)["from"].text() == from) texts.emplace_back(messages.at(i)["text"].text());
    }
    return texts;
  }
  std::vector<std::string> files(std::int64_t ticket) {
    std::vector<std::string> names;
    const json::Document ticket_now = now(ticket);
    const json::View all = ticket_now["attachments"];
    for (std::size_t i = 0; i < all.size(); ++i) names.emplace_back(all.at(i)["name"].text());
    return names;
  }
  // By the customer's own system, so that it goes on to the supplier.
  void user_attaches(std::int64_t ticket, const std::string& name, const std::string& base64) {
    const Answer token = hub_.must(
        "POST", "/tokens", object({{"name", "itsm"}, {"role", "customer"}, {"customer", "acme"}}));
    const Answer done = http(
        hub_.port(), "PATCH", fmt::format("/tmf-api/troubleTicket/v4/troubleTicket/OMB-{}", ticket),
        fmt::format(R"({{"attachment":[{{"name":"{}","content":"{}"}}]}})", name, base64),
        {{"Authorization", "Bearer " + std::string(token.json["secret"].text())}});
    ASSERT_EQ(done.status, 200) << done.body;
  }
  std::string bytes_of(std::int64_t ticket, const std::string& name) {
    const json::Document ticket_now = now(ticket);
    const json::View all = ticket_now["attachments"];
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all.at(i)["name"].text() != name) continue;
      return hub_.api("GET", fmt::format("/attachments/{}", all.at(i)["id"].integer())).body;
    }
    return "no " + name;
  }
  void attach(std::int64_t ticket, const std::string& name, const std::string& bytes) {
    write_text(hub_.root() / name, bytes);
    const Ran ran = hub_.ombud(
        {"ticket", "attach", "OMB-" + std::to_string(ticket), (hub_.root() / name).string()});
    ASSERT_EQ(ran.code, 0) << ran.output;
  }
  bool at_rest() {
    return until(kSoon, [&] {
      const Answer all = hub_.must("GET", "/deliveries?limit=200");
      for (std::size_t i = 0; i < all.json["items"].size(); ++i) {
        const std::string_view state = all.json["items"].at(i)["state"].text();
        if (state != "done" && state != "dead" && state != "cancelled") return false;
      }
      return true;
    });
  }
  // How often its list was read by others.
  std::size_t polls() const {
    const std::string log = hub_.log();
    std::size_t count = 0;
    for (const std::string_view route : {"\"tmf_v4_list\"", "\"tmf_v5_list\""}) {
      for (std::size_t at = log.find(route); at != std::string::npos;
           at = log.find(route, at + 1)) {
        ++count;
      }
    }
    return count;
  }
  std::string troubles() { return hub_.ombud({"delivery", "list", "--trouble"}).output; }

 private:
  void secret(const std::string& file, const std::string& text) {
    const auto path = hub_.config() / "suppliers/secrets" / file;
    write_text(path, text);
    std::filesystem::permissions(
        path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }

  std::string name_, callbacks_;
  Hub hub_;
};

std::vector<std::string> words(const std::string& whose, int count) {
  std::vector<std::string> all;
  for (int i = 0; i < count; ++i) all.push_back(fmt::format("{} säger {}.", whose, i));
  return all;
}

class Mirror : public ::testing::TestWithParam<Way> {
 protected:
  Scratch scratch_;
};

TEST_P(Mirror, TwoDesksHoldOneTicketWhoeverIsKilled) {
  Desk a(scratch_.path(), "a"), b(scratch_.path(), "b");
  a.hires(b, GetParam());
  b.die();
  a.die();
  a.agrees("acme", b);
  const std::int64_t ours = a.ticket();
  a.user_attaches(ours, "bild.txt", "Ynl0ZXMgb2YgYQ==");
  a.hand_over(ours);
  b.die();
  ASSERT_TRUE(until(kSoon, [&] { return !b.tickets().empty(); })) << a.troubles();
  const std::int64_t theirs = b.tickets().front();
  ASSERT_TRUE(until(kSoon, [&] { return a.state(ours) == "acknowledged"; })) << a.troubles();

  constexpr int kWords = 6;
  const auto from_a = words("A", kWords), from_b = words("B", kWords);
  for (int i = 0; i < kWords; ++i) {
    a.to_supplier(ours, "messages", object({{"text", from_a[static_cast<std::size_t>(i)]}}));
    if (i % 3 == 0) b.die();
    b.says_to_user(theirs, from_b[static_cast<std::size_t>(i)]);
    if (i % 3 == 1) a.die();
  }
  b.attach(theirs, "svar.txt", "bytes of b");
  EXPECT_TRUE(until(kSoon * 2, [&] { return a.heard(ours, "supplier").size() >= kWords; }));
  EXPECT_TRUE(until(kSoon * 2, [&] { return b.heard(theirs, "user").size() >= kWords; }))
      << b.now(theirs).root().dump();
  EXPECT_TRUE(until(kSoon, [&] { return a.files(ours).size() == 2; })) << a.hub().log();
  EXPECT_EQ(a.status(ours), "waiting_supplier");

  // Solved, but not to our liking; then it is, while the one who must hear of it dies.
  b.hub().must("POST", fmt::format("/tickets/{}/resolve", theirs), object({{"text", "Lagad."}}));
  b.die();
  ASSERT_TRUE(until(kSoon, [&] { return a.state(ours) == "resolved"; })) << b.troubles();
  a.to_supplier(ours, "reject", object({{"reason", "Den står ännu still."}}));
  a.die();
  ASSERT_TRUE(until(kSoon, [&] { return b.status(theirs) == "in_progress"; })) << a.troubles();
  b.hub().must("POST", fmt::format("/tickets/{}/resolve", theirs), object({{"text", "Nu så."}}));
  ASSERT_TRUE(until(kSoon, [&] { return a.state(ours) == "resolved"; })) << b.troubles();
  a.to_supplier(ours, "accept", "{}");
  b.die();
  ASSERT_TRUE(until(kSoon, [&] { return b.status(theirs) == "closed"; })) << a.troubles();
  ASSERT_TRUE(until(kSoon, [&] { return a.state(ours) == "closed"; })) << a.troubles();
  EXPECT_TRUE(a.at_rest() && b.at_rest());

  EXPECT_EQ(a.tickets().size(), 1U);
  EXPECT_EQ(b.tickets().size(), 1U);
  auto a_heard = from_b, b_heard = from_a;
  a_heard.insert(a_heard.end(), {"Lagad.", "Nu så."});
  b_heard.emplace_back("Den står ännu still.");
  EXPECT_THAT(a.heard(ours, "supplier"), ElementsAreArray(a_heard));
  auto customer = b.heard(theirs, "user");
  if (!GetParam().knows_ombud) {
    for (std::string& text : customer) text.resize(text.find("\n[ombud:"));
  }
  EXPECT_THAT(customer, ElementsAreArray(b_heard));
  EXPECT_THAT(a.files(ours), UnorderedElementsAre("bild.txt", "svar.txt"));
  EXPECT_EQ(a.bytes_of(ours, "svar.txt"), "bytes of b");
  EXPECT_EQ(b.bytes_of(theirs, "bild.txt"), "bytes of a");
  EXPECT_THAT(b.files(theirs), UnorderedElementsAre("bild.txt", "svar.txt"));
  EXPECT_THAT(a.heard(ours, "system"), IsEmpty()) << "nothing came back as news, or different";
  EXPECT_EQ(a.troubles().find("OMB"), std::string::npos) << a.troubles();
  EXPECT_EQ(a.status(ours), "in_progress") << "the desk owns its ticket until it closes it itself";
}

TEST_P(Mirror, WhatIsWithdrawnIsCancelledThere) {
  Desk a(scratch_.path(), "a"), b(scratch_.path(), "b");
  a.hires(b, GetParam());
  b.die();
  a.die();
  a.agrees("acme", b);
  const std::int64_t ours = a.ticket();
  a.hand_over(ours);
  ASSERT_TRUE(until(kSoon, [&] { return !b.tickets().empty(); })) << a.troubles();
  const std::int64_t theirs = b.tickets().front();
  a.to_supplier(ours, "withdraw", object({{"reason", "Den gick igång."}}));
  ASSERT_TRUE(until(kSoon, [&] { return b.status(theirs) == "closed"; })) << a.troubles();
  const auto told = b.heard(theirs, "user");
  ASSERT_EQ(told.size(), 1U);
  EXPECT_THAT(told.front(), HasSubstr("Den gick igång."));
  // Its end comes back by the next poll, and is known as our own doing.
  const std::size_t polled = b.polls();
  EXPECT_TRUE(until(kSoon, [&] { return b.polls() >= polled + 2; }));
  EXPECT_TRUE(a.at_rest() && b.at_rest());
  EXPECT_EQ(a.state(ours), "withdrawn");
  EXPECT_THAT(a.heard(ours, "system"), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Ways, Mirror, ::testing::Values(kV4, kV5, kStrangers),
                         [](const auto& way) { return way.param.name; });

TEST(MirrorChain, ThreeDesksPassItOnAndATicketTurnsNoCircle) {
  Scratch scratch;
  Desk a(scratch.path(), "a"), b(scratch.path(), "b"), c(scratch.path(), "c");
  a.hires(b, kV4);
  b.hires(c, kV5);
  c.hires(a, kV4);
  for (Desk* desk : {&a, &b, &c}) desk->die();
  a.agrees("acme", b);
  b.agrees("a", c);
  c.agrees("b", a);
  const std::int64_t at_a = a.ticket();
  a.hand_over(at_a);
  ASSERT_TRUE(until(kSoon, [&] { return !b.tickets().empty(); })) << a.troubles();
  const std::int64_t at_b = b.tickets().front();
  b.hand_over(at_b);
  ASSERT_TRUE(until(kSoon, [&] { return !c.tickets().empty(); })) << b.troubles();
  const std::int64_t at_c = c.tickets().front();

  // C wants to hand it to A, who had it first: it is refused in words, and C keeps it.
  c.hand_over(at_c);
  std::string told;
  EXPECT_TRUE(until(kSoon, [&] {
    told = c.now(at_c).root().dump();
    return told.find("came from here") != std::string::npos;
  })) << told;
  EXPECT_THAT(told, HasSubstr("turn in circles"));
  EXPECT_THAT(c.troubles(), HasSubstr("came from here"));
  c.to_supplier(at_c, "withdraw", "{}");

  // What the ends say passes through the middle by its desk's hand, and closes from A down.
  c.says_to_user(at_c, "C har sett på den.");
  ASSERT_TRUE(until(kSoon, [&] { return b.heard(at_b, "supplier").size() == 1; }));
  b.die();
  c.hub().must("POST", fmt::format("/tickets/{}/resolve", at_c), object({{"text", "Lagad av C."}}));
  ASSERT_TRUE(until(kSoon, [&] { return b.state(at_b) == "resolved"; })) << c.troubles();
  b.to_supplier(at_b, "accept", "{}");
  b.hub().must("POST", fmt::format("/tickets/{}/resolve", at_b), object({{"text", "Lagad av B."}}));
  ASSERT_TRUE(until(kSoon, [&] { return a.state(at_a) == "resolved"; })) << b.troubles();
  a.to_supplier(at_a, "accept", "{}");
  ASSERT_TRUE(until(kSoon, [&] { return b.status(at_b) == "closed"; })) << a.troubles();
  ASSERT_TRUE(until(kSoon, [&] { return c.status(at_c) == "closed"; })) << b.troubles();
  EXPECT_THAT(a.heard(at_a, "supplier"), ElementsAreArray({"Lagad av B."}));
  EXPECT_THAT(b.heard(at_b, "supplier"), ElementsAreArray({"C har sett på den.", "Lagad av C."}));
  for (Desk* desk : {&a, &b, &c}) {
    EXPECT_TRUE(desk->at_rest()) << desk->name();
    EXPECT_EQ(desk->tickets().size(), 1U) << desk->name();
  }
}

}  // namespace
}  // namespace ombud::testing
