// The connector with a small profile written in the test, before a supplier that answers by script.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "plugins/documents.hpp"
#include "profile/profile.hpp"
#include "support/connector_bench.hpp"

namespace ombud::test {

inline constexpr const char* kProfileHead = R"(
[profile]
name = "acme"
title = "Acme"
version = "1.0"
words = "{answer.error}"
tested = { against = "documentation", with = "nothing", on = "2026-11-22" }
[settings.url]
type = "url"
required = true
description = "address"
[settings.key]
type = "secret"
description = "key"
[settings.user]
type = "text"
default = "desk"
description = "user"
[find.ticket]
match = "row.key == correlation"
external_id = "{row.id}"
search = [{ request = "GET /tickets", rows = "answer" }]
[find.comment]
match = "row.key == correlation"
external_id = "{row.id}"
search = [{ request = "GET /comments", rows = "answer" }]
)";
inline constexpr const char* kProfileWrites = R"(
[create]
step = [{ name = "made", request = "POST /tickets", json = { subject = "{ticket.subject}" } }]
reply = { external_id = "{made.id}" }
[update]
step = [{ request = "PUT /tickets/{external_id}" }]
reply = { external_id = "{external_id}" }
[comment]
step = [{ request = "POST /tickets/{external_id}/comments", json = { text = "{comment.text}" } }]
)";

class Scripted : public testing::Test {
 protected:
  using Status = sdk::Status;
  using Answer = std::function<BenchFault(const BenchRequest&)>;

  void profile(const std::string& rest, const std::string& writes = kProfileWrites) {
    toml::Mistakes mistakes;
    const auto file = toml::File::parse(kProfileHead + writes + rest, "acme.toml", mistakes);
    if (!file)
      throw std::runtime_error(mistakes.sorted().front().place() +
                               mistakes.sorted().front().detail);
    bench_ = std::make_unique<ConnectorBench>(
        load_connector(OMBUD_REST_LIBRARY),
        R"({"profile":)" + file->root().json({}).text +
            R"(,"url":"https://acme.example/api/","key":{"$secret":"t1"}})",
        std::map<std::string, std::string>{{"t1", "s3cret"}});
  }
  void answers(Answer answer) { bench_->on_request(std::move(answer)); }
  BenchOutcome put(const std::string& id = {}, const std::string& subject = "Hej") {
    return bench_->put_ticket(
        {.correlation = "c1", .body = ticket_json({.subject = subject}), .external_id = id});
  }
  const BenchRequest& last() const { return bench_->requests().back(); }

  std::unique_ptr<ConnectorBench> bench_;
};

}  // namespace ombud::test
