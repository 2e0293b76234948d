// The connector with one of the tree's profiles, before a supplier that answers by rules.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plugins/documents.hpp"
#include "profile_json.hpp"
#include "support/connector_bench.hpp"

namespace ombud::test {

class ProfileBench : public testing::Test {
 protected:
  using Status = sdk::Status;

  void load(const std::string& name, const std::string& settings) {
    bench_ =
        std::make_unique<ConnectorBench>(load_connector(OMBUD_REST_LIBRARY),
                                         R"({"profile":)" + profile_json(name) +
                                             R"(,"url":"https://acme.example",)" + settings + "}",
                                         std::map<std::string, std::string>{{"t", "s3cret-4711"}});
    bench_->on_request([this](const BenchRequest& sent) {
      for (auto rule = rules_.rbegin(); rule != rules_.rend(); ++rule) {
        const std::string& where = rule->in_body ? sent.body : sent.target;
        if (sent.method == rule->method && where.find(rule->part) != std::string::npos) {
          return rule->answer;
        }
      }
      return answer(200, "{}");
    });
  }
  // The youngest rule that fits decides; what fits none is answered with {}.
  void on(std::string method, std::string part, BenchFault answer) {
    rules_.push_back({std::move(method), std::move(part), std::move(answer), false});
  }
  void on_body(std::string method, std::string part, BenchFault answer) {
    rules_.push_back({std::move(method), std::move(part), std::move(answer), true});
  }
  // The last request of that kind, or one without method.
  BenchRequest sent(const std::string& method, const std::string& part) const {
    BenchRequest found;
    for (const BenchRequest& request : bench_->requests()) {
      if (request.method == method && request.target.find(part) != std::string::npos)
        found = request;
    }
    return found;
  }
  BenchOutcome put(const std::string& id = {}, const TicketText& text = {}) {
    return bench_->put_ticket({.correlation = "c1", .body = ticket_json(text), .external_id = id});
  }
  BenchOutcome comment(const std::string& id, bool shown) {
    return bench_->add_comment(
        {.correlation = "c1", .body = comment_json("Hej", shown), .external_id = id});
  }
  BenchOutcome find(const std::string& kind, const std::string& id = {}) {
    return bench_->find(kind, {.correlation = "c1", .external_id = id});
  }

  struct Rule {
    std::string method, part;
    BenchFault answer;
    bool in_body = false;
  };
  std::vector<Rule> rules_;
  std::unique_ptr<ConnectorBench> bench_;
};

inline constexpr const char* kSince = R"({"at":"2026-11-22T09:30:00Z"})";

}  // namespace ombud::test
