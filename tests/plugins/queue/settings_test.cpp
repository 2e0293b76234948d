// A queue link without keys stays on this machine, and wrong keys are found before anything
// connects.
#include "queue/settings.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <stdexcept>

#include "plugins/link_example.hpp"

namespace ombud::queue {
namespace {

std::string refusal_of(std::string_view settings, const std::optional<std::string>& secret = {}) {
  try {
    read_settings(settings, [&](std::string_view) { return secret; });
  } catch (const std::invalid_argument& refused) {
    return refused.what();
  }
  return {};
}

// What stands behind comment signs below the line that speaks of AMQP.
std::string amqp_half(const std::string& file) {
  std::ifstream in(file);
  std::string text;
  bool begun = false;
  for (std::string line; std::getline(in, line);) {
    if (begun && line.starts_with("# ")) text += line.substr(2) + "\n";
    begun = begun || line.find("AMQP 0-9-1") != std::string::npos;
  }
  return text;
}

TEST(QueueSettings, TheExampleFileIsRight) {
  const std::string file = std::string(QUEUE_FOLDER) + "/link.example.toml";
  const Settings settings = read_settings(bench::settings_of_example(file), [](std::string_view) {
    return std::optional<std::string>("JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6");
  });
  EXPECT_TRUE(settings.zmq.encrypted());
  EXPECT_EQ(settings.zmq.public_key.size(), 40U);
}

TEST(QueueSettings, TheExampleFilesOtherHalfIsRightToo) {
  for (const char* name :
       {"/plugins/queue/link.example.toml", "/config/suppliers/queue.toml.example"}) {
    const Settings settings =
        read_settings(bench::settings_of_toml(amqp_half(std::string(OMBUD_SOURCE_DIR) + name)),
                      [](std::string_view) { return std::optional<std::string>("secret"); });
    ASSERT_TRUE(settings.amqp) << name;
    EXPECT_TRUE(settings.amqp->tls) << name;
    EXPECT_EQ(settings.amqp->password, "secret") << name;
    EXPECT_EQ(settings.amqp->port, 5671) << name;
  }
}

TEST(QueueSettings, WithoutKeysOnlyTheOwnMachineIsReached) {
  EXPECT_EQ(refusal_of(R"({"endpoint":"tcp://127.0.0.1:7400"})"), "");
  EXPECT_EQ(refusal_of(R"({"endpoint":"ipc:///run/desk.sock"})"), "");
  EXPECT_NE(refusal_of(R"({"endpoint":"tcp://desk.example:7400"})").find("clear text"),
            std::string::npos);
}

TEST(QueueSettings, EndpointsAreRealOnes) {
  for (const char* bad : {"", "desk:7400", "tcp://desk", "tcp://desk:0", "tcp://desk:70000",
                          "tcp://*:7400", "inproc://x", "tcp://a:1;tcp://b:2", "tcp://desk:"}) {
    EXPECT_NE(refusal_of(std::string(R"({"endpoint":")") + bad + "\"}"), "") << bad;
  }
}

TEST(QueueSettings, AKeyThatIsNoneIsNamed) {
  const std::string said = refusal_of(
      R"({"endpoint":"tcp://desk.example:7400","server_public_key":"short","secret_key":{"$secret":"t"}})",
      "also short");
  EXPECT_NE(said.find("/settings/server_public_key"), std::string::npos) << said;
  EXPECT_NE(said.find("/settings/secret_key"), std::string::npos) << said;
  EXPECT_EQ(said.find("also short"), std::string::npos) << "a secret in an error";
}

constexpr const char* kTable = R"("amqp":{"login":"desk","password":{"$secret":"t"},)";

std::string with_amqp(const std::string& endpoint, const std::string& rest) {
  return R"({"endpoint":")" + endpoint + "\"," + kTable + rest + "}}";
}
std::string amqp_refusal(const std::string& endpoint,
                         const std::string& rest = R"("routing_key":"tickets")") {
  return refusal_of(with_amqp(endpoint, rest), "password");
}

TEST(QueueSettings, TheEndpointNamesBrokerPortAndVirtualHost) {
  struct Case {
    const char* endpoint;
    const char* host;
    int port;
    const char* vhost;
  };
  for (const Case& wanted : {Case{"amqps://mq.example", "mq.example", 5671, "/"},
                             Case{"amqps://mq.example/tickets", "mq.example", 5671, "tickets"},
                             Case{"amqps://mq.example:7000/a%2Fb", "mq.example", 7000, "a/b"},
                             Case{"amqp://localhost/%2F", "localhost", 5672, "/"},
                             Case{"amqps://[2001:db8::1]:7/v", "2001:db8::1", 7, "v"}}) {
    const Settings settings =
        read_settings(with_amqp(wanted.endpoint, R"("routing_key":"tickets")"),
                      [](std::string_view) { return std::optional<std::string>("password"); });
    EXPECT_EQ(settings.amqp->host, wanted.host) << wanted.endpoint;
    EXPECT_EQ(settings.amqp->port, wanted.port) << wanted.endpoint;
    EXPECT_EQ(settings.amqp->vhost, wanted.vhost) << wanted.endpoint;
    EXPECT_EQ(settings.amqp->request_queue, "tickets");  // of the default exchange
    EXPECT_TRUE(settings.amqp->direct_reply());
  }
}

TEST(QueueSettings, EndpointsThatAreNoBrokersAreRefused) {
  for (const char* bad : {"amqps://", "amqps:///v", "amqps://mq.example/", "amqps://mq.example:0/v",
                          "amqps://mq.example:70000/v", "amqps://mq.example:x/v",
                          "amqps://mq.example/a/b", "amqps://mq.example/a%2",
                          "amqps://mq example/v", "amqps://2001:db8::1/v", "http://mq.example/v"}) {
    EXPECT_NE(amqp_refusal(bad).find("/settings/endpoint"), std::string::npos) << bad;
  }
  EXPECT_EQ(amqp_refusal("amqps://mq.example"), "");
}

TEST(QueueSettings, APasswordNeitherCrossesTheNetworkInClearTextNorStandsInTheAddress) {
  EXPECT_NE(amqp_refusal("amqp://mq.example/v").find("clear text"), std::string::npos);
  EXPECT_EQ(amqp_refusal("amqp://127.0.0.1/v"), "");
  const std::string said = amqp_refusal("amqps://desk:hunter2@mq.example/v");
  EXPECT_NE(said.find("settings.amqp.password"), std::string::npos) << said;
  EXPECT_EQ(said.find("hunter2"), std::string::npos) << said;
}

TEST(QueueSettings, EveryMistakeInTheTableIsNamedAtOnce) {
  const std::string said = refusal_of(
      R"({"endpoint":"amqps://mq.example","secret_key":{"$secret":"t"},"amqp":{"login":"desk",)"
      R"("exchange":"tickets","reject_unreadable":true,"colour":"red"}})",
      "password");
  for (const char* pointer :
       {"/settings/secret_key", "/settings/amqp/password", "/settings/amqp/routing_key",
        "/settings/amqp/reject_unreadable", "/settings/amqp/colour"}) {
    EXPECT_NE(said.find(pointer), std::string::npos) << pointer << " in " << said;
  }
  EXPECT_NE(
      amqp_refusal("amqps://mq.example", R"("routing_key":"tickets","events_queue":"tickets")")
          .find("/settings/amqp/events_queue"),
      std::string::npos);
  EXPECT_NE(refusal_of(R"({"endpoint":"tcp://127.0.0.1:7400","amqp":{}})").find("/settings/amqp"),
            std::string::npos);
}

}  // namespace
}  // namespace ombud::queue
