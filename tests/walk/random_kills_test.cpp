// While tickets are handed over, discussed and closed with three suppliers at once, hub, connector
// processes and suppliers are killed at random. At the end each supplier has every ticket once,
// every message once and in order, and no user has a mail twice. A round is repeated with
// OMBUD_WALK_SEED=<number>.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <random>
#include <set>
#include <thread>

#include "support/hub_world.hpp"

namespace ombud::testing {
namespace {

constexpr int kTicketsEach = 2, kKills = 8, kWords = kKills;

// Kills kKills times at random. Everything is up again when it has ended.
class Killer {
 public:
  Killer(World& world, unsigned seed) : world_(world), random_(seed), thread_([this] { run(); }) {}
  // True when the strike of this number, from 0, is under way or over.
  bool struck(int number) const { return strikes_ > number; }
  void end() {
    if (thread_.joinable()) thread_.join();
  }
  ~Killer() { end(); }
  std::string story() const { return story_; }
  std::string failure() const { return failure_; }

 private:
  int below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(random_); }

  void run() {
    try {
      for (int i = 0; i < kKills; ++i) {
        std::this_thread::sleep_for(
            std::chrono::milliseconds(20 + below(700)));  // the moment is the point
        ++strikes_;
        strike(below(8));
      }
    } catch (const std::exception& failed) {
      failure_ = failed.what();
      strikes_ = kKills;
    }
  }
  void strike(int victim) {
    static constexpr const char* kNames[] = {"hub",       "hub",  "host rest", "host queue",
                                             "host mail", "rest", "queue",     "mail"};
    story_ += fmt::format("{} ", kNames[victim]);
    switch (victim) {
      case 0:
      case 1:
        world_.hub().kill_hard();
        return world_.restart_hub();
      case 2:
        return world_.kill_host("skrivarpartner");
      case 3:
        return world_.kill_host("drift");
      case 4:
        return world_.kill_host(below(2) == 0 ? "kontorsvakt" : "mail-to-users");
      default: {
        Supplier& supplier = victim == 5   ? world_.rest()
                             : victim == 6 ? world_.queue()
                                           : world_.mail();
        supplier.kill_hard();
        return world_.restart(supplier);
      }
    }
  }

  World& world_;
  std::mt19937 random_;
  std::atomic<int> strikes_{0};
  std::string story_, failure_;
  std::thread thread_;
};

std::string word(int number) {
  return fmt::format("Ord nummer {} till er.", number);
}

// How often each of our words stands in these texts, in the order in which they stand there.
std::vector<std::string> words_in(const std::vector<std::string>& texts) {
  std::vector<std::string> found;
  for (const std::string& text : texts) {
    for (int i = 0; i < kWords; ++i) {
      if (text.find(word(i)) != std::string::npos) found.push_back(word(i));
    }
  }
  return found;
}
std::vector<std::string> all_words() {
  std::vector<std::string> all;
  for (int i = 0; i < kWords; ++i) all.push_back(word(i));
  return all;
}

std::vector<std::string> texts_of(json::View list, std::string_view member) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < list.size(); ++i) texts.emplace_back(list.at(i)[member].text());
  return texts;
}

struct Walked {
  std::int64_t ticket = 0, delegation = 0;
  std::string external_id;
};

class RandomKills : public ::testing::TestWithParam<unsigned> {
 protected:
  std::vector<Walked> hand_over(const std::string& customer, const std::string& service) {
    std::vector<Walked> all;
    for (int i = 0; i < kTicketsEach; ++i) {
      Walked one;
      one.ticket = world_.ticket(customer, service, fmt::format("{} {}", service, i));
      one.delegation = world_.delegation(one.ticket);
      all.push_back(one);
    }
    return all;
  }
  // With each strike a word to every supplier: many lanes are busy in every moment.
  void talk(const std::vector<Walked*>& all, const Killer& killer) {
    for (int i = 0; i < kWords; ++i) {
      until(kSoon, [&] { return killer.struck(i); });
      for (const Walked* one : all) {
        world_.hub().must("POST", fmt::format("/delegations/{}/messages", one->delegation),
                          object({{"text", word(i)}}));
      }
    }
  }
  void learn_external_ids(const std::vector<Walked*>& all) {
    for (Walked* one : all) {
      const json::Document now = world_.ticket_now(one->ticket);
      one->external_id = now["delegations"].at(0)["external_id"].text();
    }
  }
  // Closed on our side; what the supplier's copy becomes is asserted at the end.
  void close(const std::vector<Walked*>& all) {
    for (const Walked* one : all) {
      ASSERT_TRUE(world_.await_delegation(one->ticket, "resolved")) << one->ticket;
      world_.hub().must("POST", fmt::format("/delegations/{}/accept", one->delegation), "{}");
      world_.hub().must("POST", fmt::format("/tickets/{}/resolve", one->ticket),
                        object({{"text", "Löst."}}));
      world_.hub().must("POST", fmt::format("/tickets/{}/close", one->ticket), "{}");
    }
  }
  World world_;
};

TEST_P(RandomKills, NothingIsLostDoubledOrOutOfOrder) {
  const char* told = std::getenv("OMBUD_WALK_SEED");
  const unsigned seed =
      told == nullptr ? GetParam() : static_cast<unsigned>(std::strtoul(told, nullptr, 10));
  SCOPED_TRACE(fmt::format("OMBUD_WALK_SEED={}", seed));
  Killer killer(world_, seed);
  auto rest = hand_over("acme", "print"), queue = hand_over("granby", "network"),
       mail = hand_over("acme", "premises");
  std::vector<Walked*> all;
  for (auto* some : {&rest, &queue, &mail}) {
    for (Walked& one : *some) all.push_back(&one);
  }
  talk(all, killer);
  killer.end();
  ASSERT_EQ(killer.failure(), "") << killer.story();
  SCOPED_TRACE("killed: " + killer.story());
  ASSERT_TRUE(world_.come_to_rest()) << world_.hub().ombud({"delivery", "list"}).output;
  learn_external_ids(all);

  // The suppliers speak, and are killed once more while the hub listens.
  Killer again(world_, seed + 1);
  for (const Walked& one : rest) {
    until(kSoon, [&] {
      return http(world_.rest().control(), "POST",
                  fmt::format("/demo/issues/{}/status", one.external_id),
                  R"({"status":"Resolved"})")
                 .status == 200;
    });
  }
  for (const Walked& one : queue) {
    until(kSoon, [&] {
      return http(world_.queue().control(), "POST",
                  fmt::format("/demo/tickets/{}/status", one.external_id),
                  R"({"status":"resolved"})")
                 .status == 200;
    });
  }
  again.end();
  ASSERT_EQ(again.failure(), "") << again.story();
  for (const Walked& one : mail) {
    const json::Document mails = world_.mail().seen();
    for (std::size_t i = 0; i < mails.root().size(); ++i) {
      if (mails.root().at(i)["message_id"].text() != one.external_id) continue;
      world_.mail().tell(fmt::format("/demo/mails/{}/reply", i + 1),
                         object({{"text", "#löst\nKlart."}}));
    }
  }
  close(all);
  ASSERT_TRUE(world_.come_to_rest()) << world_.hub().ombud({"delivery", "list"}).output;

  const json::Document issues = world_.rest().seen();
  ASSERT_EQ(issues["issues"].size(), rest.size()) << "one ticket per delegation";
  for (std::size_t i = 0; i < issues["issues"].size(); ++i) {
    const json::View issue = issues["issues"].at(i);
    EXPECT_EQ(words_in(texts_of(issue["journals"], "notes")), all_words()) << issue.dump();
    EXPECT_EQ(issue["status"]["name"].text(), "Closed");
  }
  const json::Document tickets = world_.queue().seen();
  ASSERT_EQ(tickets.root().size(), queue.size()) << "one ticket per delegation";
  for (std::size_t i = 0; i < tickets.root().size(); ++i) {
    const json::View ticket = tickets.root().at(i);
    EXPECT_EQ(texts_of(ticket["entries"], "text"), all_words()) << ticket.dump();
    EXPECT_EQ(ticket["document"]["status"].text(), "closed");
  }
  for (const Walked& one : mail) {
    const auto mails = World::mails(world_.mail(), one.ticket);
    EXPECT_EQ(mails.size(), kWords + 2U) << "hand-over, each word, the end";
    EXPECT_EQ(words_in(mails), all_words());
  }
  for (const Walked* one : all) {
    EXPECT_EQ(world_.delegation_state(one->ticket), "closed");
    EXPECT_EQ(world_.ticket_now(one->ticket)["status"].text(), "closed");
    EXPECT_EQ(World::mails(world_.mailbox(), one->ticket).size(), 3U)
        << "receipt, solution and closure of " << one->ticket;
  }
  EXPECT_EQ(world_.hub().must("GET", "/tickets?limit=200").json["items"].size(), all.size());
  const Ran audit = world_.hub().ombud({"audit", "verify"});
  EXPECT_EQ(audit.code, 0) << audit.output;
}

INSTANTIATE_TEST_SUITE_P(Seed, RandomKills, ::testing::Values(1U, 2U, 3U));

}  // namespace
}  // namespace ombud::testing
