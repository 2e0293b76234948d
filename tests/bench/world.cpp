#include "world.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "base/bytes.hpp"
#include "desk/tickets.hpp"
#include "store/directory.hpp"

namespace ombud::bench {
namespace {

constexpr std::array<std::string_view, 20> kCommonWords{
    "printer", "vpn",   "laptop",  "password", "reset",    "invoice", "server",
    "outage",  "email", "license", "monitor",  "keyboard", "network", "slow",
    "error",   "login", "account", "access",   "request",  "toner"};
constexpr std::uint64_t kRareWords = 2'000;
constexpr std::uint64_t kRarePercent = 8;
constexpr Millis kHistory{30LL * 24 * 3'600'000};

Principal person(Role role, std::string key) {
  Principal who;
  who.role = role;
  who.agent = std::move(key);
  who.name = "Bench";
  return who;
}

void put_bench_token(Tx& tx, const std::string& secret, Principal who) {
  Token token;
  token.id = "bench-" + who.agent;
  token.name = "bench";
  token.principal = std::move(who);
  token.created_at = tx.at();
  put_token(tx, token, sha256_hex(secret));
}

}  // namespace

std::uint64_t BenchRandom::next() {
  std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31U);
}

void put_world(Tx& tx, const std::string& agent_token, const std::string& operator_token) {
  put_desk_identity(tx, {"Service desk", "desk@provider.example"});
  put_agent(tx, {"anna", "Anna Alm", "anna@provider.example", "desk"});
  // Several services, as a desk has them; the words of one stand in every ticket.
  put_service(tx, {"print", "Printing", {"printer", "skrivare"}});
  put_service(tx, {"phone", "Telephony", {"telefon", "headset"}});
  put_service(tx, {"wlan", "Wireless", {"wifi", "wlan"}});
  put_service(tx, {"erp", "Business system", {"agresso", "raindance"}});
  put_service(tx, {"pc", "Workplace", {"dator", "windows"}});
  std::vector<Link> links;
  for (const char* name : kCustomers) {
    put_customer(tx, {name, fmt::format("Customer {}", name), {}, "sv"});
    if (std::string_view(name) == "plain") continue;
    Link link;
    link.id = name;
    link.kind = "supplier";
    link.supplier = fmt::format("Supplier {}", name);
    link.connector = "rest";
    link.state = "open";
    links.push_back(link);
  }
  sync_links(tx, links);
  set_link_state(tx, "held", "paused", "the benchmark's");
  for (const Link& link : links) {
    Agreement agreement;
    agreement.customer = link.id;
    agreement.link = link.id;
    agreement.services = {"print"};
    agreement.share = {"subject", "description", "priority", "messages"};
    agreement.delegate_automatically = true;
    agreement.valid_from = tx.at() - kHistory * 2;
    put_agreement(tx, agreement);
  }
  put_bench_token(tx, agent_token, person(Role::agent, "anna"));
  put_bench_token(tx, operator_token, person(Role::admin, "root"));
}

std::string text_of(Random& random, std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) {
    if (random.below(100) < kRarePercent) {
      text += fmt::format("w{:04} ", random.below(kRareWords));
    } else {
      text.append(kCommonWords[random.below(kCommonWords.size())]).append(" ");
    }
  }
  text.resize(bytes);
  return text;
}

void register_many(sqlite::Connection& connection, Random& random, const std::string& customer,
                   std::int64_t count, Instant now, std::int64_t per_commit) {
  const Millis step = count == 0 ? Millis{0} : kHistory / count;
  const Principal who = person(Role::agent, "anna");
  std::int64_t made = 0;
  while (made < count) {
    connection.execute_script("BEGIN IMMEDIATE");
    const std::int64_t until = std::min(count, made + per_commit);
    for (; made < until; ++made) {
      sqlite::SqliteTx tx(connection, random, who, now - kHistory + step * made);
      desk::Register request;
      request.customer = customer;
      request.subject = fmt::format("Printer {} broken", made);
      request.text = text_of(random, 500);
      const auto registered = desk::register_ticket(tx, request);
      if (!registered) throw std::runtime_error(registered.error().detail);
    }
    connection.execute_script("COMMIT");
  }
}

}  // namespace ombud::bench
