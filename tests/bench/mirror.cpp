// bench-mirror HUB_PORT AGENT_TOKEN PROMPT_PORT HANGING_PORT SLOW_PORT ROUNDS
// Plays three suppliers and the client that registers tickets, all in one process and by one clock,
// so that "registered" and "the supplier has it" can be compared. Waits until the hub has both
// links up. Each round: tickets at a steady pace without and with a second supplier that hangs;
// a flood; and more tickets than one at a time could carry to a supplier that takes 200 ms for
// each. Prints one line per round and subject: "<round> <subject> <n> <per second> <p50 ms> <p99
// ms>".
#include <httplib.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <thread>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "supplier.hpp"

namespace {

using namespace ombud;
using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr int kPaced = 250;                     // tickets of a paced run
constexpr std::chrono::milliseconds kPace{12};  // between two of them
constexpr int kFlood = 2'000;                   // tickets of a flood
constexpr int kFloodClients = 8;
constexpr std::size_t kWarmUp = 20;  // tickets before anything is measured
constexpr int kSlow = 600;           // tickets for the supplier that takes its time
constexpr int kHanging = 20;         // tickets for the supplier that hangs
constexpr std::chrono::seconds kLinksUpWithin{30};
constexpr std::chrono::seconds kDrainWithin{60};

struct Options {
  int hub_port = 0;
  std::string token;
  int prompt_port = 0;
  int hanging_port = 0;
  int slow_port = 0;
  int rounds = 1;
};

class Client {
 public:
  explicit Client(const Options& options) : http_("127.0.0.1", options.hub_port) {
    http_.set_keep_alive(true);
    http_.set_tcp_nodelay(true);
    http_.set_default_headers({{"Authorization", "Bearer " + options.token}});
  }

  void register_ticket(const std::string& customer, const std::string& subject) {
    json::Writer out;
    out.begin_object().field("customer", customer).field("subject", subject);
    out.field("service", "print").field("text", std::string(500, 'x')).end_object();
    const auto answered = http_.Post("/api/v1/tickets", out.take(), "application/json");
    if (!answered || answered->status != 201) {
      throw std::runtime_error("the hub did not register a ticket: " +
                               (answered ? answered->body : httplib::to_string(answered.error())));
    }
  }

  bool link_up(const std::string& link) {
    const auto answered = http_.Get("/api/v1/links/" + link);
    if (!answered || answered->status != 200) return false;
    const auto document = json::parse(answered->body);
    return document && (*document)["host"]["state"].text() == "up";
  }

 private:
  httplib::Client http_;
};

// `step` every 5 ms until it is true.
template <class Condition>
bool wait_for(std::chrono::seconds most, Condition condition) {
  const auto until = Clock::now() + most;
  while (!condition()) {
    if (Clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  return true;
}

void print(int round, const char* subject, double per_second, std::vector<double> took) {
  std::sort(took.begin(), took.end());
  std::printf("%d %s %zu %.0f %.3f %.3f\n", round, subject, took.size(), per_second,
              took[took.size() / 2], took[took.size() * 99 / 100]);
  std::fflush(stdout);
}

// Time from the hub's answer (so: after the commit) until the supplier had each of these tickets.
void paced(const Options& options, const bench::Supplier& supplier, int round,
           const char* subject) {
  Client client(options);
  std::vector<std::pair<std::string, Clock::time_point>> sent;
  const std::size_t before = supplier.count();
  const auto began = Clock::now();
  for (int i = 0; i < kPaced; ++i) {
    std::this_thread::sleep_until(began + kPace * i);
    const std::string name = std::string(subject) + " " + std::to_string(round * kPaced + i);
    client.register_ticket("alfa", name);
    sent.emplace_back(name, Clock::now());
  }
  const bool whole = wait_for(kDrainWithin, [&] { return supplier.count() >= before + kPaced; });
  if (!whole) throw std::runtime_error("tickets did not reach the prompt supplier");
  const auto arrivals = supplier.arrivals();
  std::vector<double> took;
  for (const auto& [name, at] : sent) {
    // The supplier may have it before the client has read its answer.
    took.push_back(std::max(0.0, Milliseconds(arrivals.at(name) - at).count()));
  }
  print(round, subject, 1'000.0 / static_cast<double>(kPace.count()), std::move(took));
}

// How many per second get through when far more are registered than that.
void flood(const Options& options, const bench::Supplier& supplier, int round) {
  const std::size_t before = supplier.count();
  std::atomic<int> next = 0;
  std::atomic<bool> failed = false;
  std::vector<std::thread> clients;
  const auto began = Clock::now();
  for (int i = 0; i < kFloodClients; ++i) {
    clients.emplace_back([&] {
      try {
        Client client(options);
        for (int n = next++; n < kFlood; n = next++) {
          client.register_ticket("alfa", "flood " + std::to_string(round * kFlood + n));
        }
      } catch (const std::exception& error) {
        std::fprintf(stderr, "bench-mirror: %s\n", error.what());
        failed = true;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  const Milliseconds registered = Clock::now() - began;
  const bool whole = wait_for(kDrainWithin, [&] { return supplier.count() >= before + kFlood; });
  if (failed || !whole) throw std::runtime_error("the flood did not reach the prompt supplier");
  const Milliseconds took = Clock::now() - began;
  print(round, "flood", kFlood / took.count() * 1'000.0, {registered.count()});
}

// How many per second one link carries to a supplier that takes 200 ms for each, from the first to
// the last arrival.
void slowly(const Options& options, const bench::Supplier& supplier, int round) {
  Client client(options);
  const std::size_t before = supplier.count();
  std::vector<std::string> sent;
  for (int i = 0; i < kSlow; ++i) {
    sent.push_back("slow " + std::to_string(round * kSlow + i));
    client.register_ticket("slow", sent.back());
  }
  const bool whole = wait_for(kDrainWithin, [&] { return supplier.count() >= before + kSlow; });
  if (!whole) throw std::runtime_error("tickets did not reach the slow supplier");
  const auto arrivals = supplier.arrivals();
  Clock::time_point first = Clock::time_point::max(), last = Clock::time_point::min();
  for (const std::string& name : sent) {
    first = std::min(first, arrivals.at(name));
    last = std::max(last, arrivals.at(name));
  }
  const Milliseconds took = last - first;
  print(round, "slow", (kSlow - 1) / took.count() * 1'000.0, {took.count()});
}

void run(const Options& options) {
  const bench::Supplier prompt(options.prompt_port, bench::Supplier::Manner::prompt);
  const bench::Supplier hanging(options.hanging_port, bench::Supplier::Manner::hanging);
  const bench::Supplier slow(options.slow_port, bench::Supplier::Manner::slow);
  Client client(options);
  const bool up = wait_for(kLinksUpWithin, [&] {
    return client.link_up("alfa") && client.link_up("beta") && client.link_up("slow");
  });
  if (!up) throw std::runtime_error("the hub's links did not come up");
  for (std::size_t i = 0; i < kWarmUp; ++i)
    client.register_ticket("alfa", "warm " + std::to_string(i));
  const bool warm = wait_for(kDrainWithin, [&] { return prompt.count() >= kWarmUp; });
  if (!warm) throw std::runtime_error("no ticket reached the prompt supplier");
  for (int round = 0; round < options.rounds; ++round) paced(options, prompt, round, "alone");
  for (int round = 0; round < options.rounds; ++round) flood(options, prompt, round);
  for (int round = 0; round < options.rounds; ++round) slowly(options, slow, round);
  for (int i = 0; i < kHanging; ++i) {
    client.register_ticket("beta", "hanging " + std::to_string(i));
  }
  for (int round = 0; round < options.rounds; ++round) {
    paced(options, prompt, round, "beside-hanging");
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 7) {
    std::fprintf(stderr,
                 "usage: bench-mirror HUB_PORT AGENT_TOKEN PROMPT_PORT HANGING_PORT SLOW_PORT "
                 "ROUNDS\n");
    return 2;
  }
  try {
    bytes_init();
    run({std::atoi(argv[1]), argv[2], std::atoi(argv[3]), std::atoi(argv[4]), std::atoi(argv[5]),
         std::atoi(argv[6])});
  } catch (const std::exception& failed) {
    std::fprintf(stderr, "bench-mirror: %s\n", failed.what());
    return 1;
  }
  return 0;
}
