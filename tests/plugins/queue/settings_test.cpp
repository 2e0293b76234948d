// A queue link without keys stays on this machine, and wrong keys are found before anything
// connects.
#include "queue/settings.hpp"

#include <gtest/gtest.h>

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

TEST(QueueSettings, TheExampleFileIsRight) {
  const std::string file = std::string(QUEUE_FOLDER) + "/link.example.toml";
  const Settings settings = read_settings(bench::settings_of_example(file), [](std::string_view) {
    return std::optional<std::string>("JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6");
  });
  EXPECT_TRUE(settings.encrypted());
  EXPECT_EQ(settings.public_key.size(), 40U);
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

}  // namespace
}  // namespace ombud::queue
