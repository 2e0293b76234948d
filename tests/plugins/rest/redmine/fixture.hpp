// The profile redmine on its bench, and one example supplier that it talks to.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "../profile_json.hpp"
#include "model.hpp"
#include "plugins/documents.hpp"
#include "server.hpp"
#include "support/connector_bench.hpp"

namespace ombud::test {

inline std::string redmine_settings(const std::string& rest) {
  return R"({"profile":)" + profile_json("redmine") + "," + rest;
}

inline constexpr std::int64_t kReferenceField = 7;  // of the example supplier

class RedmineTest : public ::testing::Test {
 protected:
  using Status = sdk::Status;

  // Settings beyond url, api_key and project, each as ,"name":value.
  std::unique_ptr<ConnectorBench> bench_with(const std::string& more = R"(,"correlation_field":7)",
                                             const std::string& key = "s3cret") {
    return std::make_unique<ConnectorBench>(
        load_connector(OMBUD_REST_LIBRARY),
        redmine_settings(R"("url":")" + url() +
                         R"(","api_key":{"$secret":"key"},"project":"support")" + more + "}"),
        std::map<std::string, std::string>{{"key", key}});
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }

  std::string create(const std::string& correlation = "01create", const TicketText& text = {}) {
    return external_id(bench_->put_ticket({.correlation = correlation, .body = ticket_json(text)}));
  }
  example_redmine::Issue& issue(const std::string& id) { return *model_.issue(std::stoll(id)); }
  std::size_t issues() const { return model_.issues().size(); }
  void at(std::int64_t seconds) { now_ = seconds; }
  void wait(std::int64_t seconds) { now_ += seconds; }
  Polled poll(const std::string& cursor = {}) { return polled(bench_->changes(cursor)); }

  std::atomic<std::int64_t> now_ = 1'795'000'000;  // 2026-11-18T11:06:40Z
  example_redmine::Model model_{[this] { return now_.load(); }, "s3cret", ""};
  example_redmine::Server server_{model_, "127.0.0.1", 0};
  std::unique_ptr<ConnectorBench> bench_ = bench_with();
};

}  // namespace ombud::test
