// Settings that would not work are refused with every mistake named.
#include "email/settings.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "plugins/link_example.hpp"

namespace ombud::email {
namespace {

std::string refusal_of(std::string_view settings) {
  try {
    read_settings(settings, [](std::string_view) { return std::optional<std::string>(); });
  } catch (const std::invalid_argument& refused) {
    return refused.what();
  }
  return {};
}

TEST(Settings, TheExampleFileIsRight) {
  const std::string file = std::string(EMAIL_FOLDER) + "/link.example.toml";
  const Settings settings = read_settings(bench::settings_of_example(file), [](std::string_view) {
    return std::optional<std::string>("password");
  });
  EXPECT_EQ(settings.to, "support@byggit.example");
  EXPECT_EQ(settings.smtp.port, 587);
  EXPECT_FALSE(settings.commands.empty());
}

TEST(Settings, NamesEveryMistakeAtOnce) {
  const std::string said = refusal_of(
      R"({"from":"no address","domain":"x y","smtp":{"host":"http://h","prot":25},"language":"fi"})");
  for (const char* part : {"/settings/from", "/settings/domain", "/settings/smtp/host",
                           "/settings/smtp/prot", "/settings/language"}) {
    EXPECT_NE(said.find(part), std::string::npos) << part << " in " << said;
  }
}

TEST(Settings, APasswordNeverTravelsInClearToAnotherMachine) {
  for (const std::string host : {"mail.b.example", "127.0.0.1.b.example"}) {
    const std::string said =
        refusal_of(R"({"from":"a@b.example","domain":"b.example","smtp":{"host":")" + host +
                   R"(","security":"none","login":"x","password":{"$secret":"t"}}})");
    EXPECT_NE(said.find("clear text"), std::string::npos) << said;
  }
}

TEST(Settings, AMissingSecretIsNamed) {
  const std::string said = refusal_of(
      R"({"from":"a@b.example","domain":"b.example","smtp":{"host":"m","login":"x","password":)"
      R"({"$secret":"t"}}})");
  EXPECT_NE(said.find("smtp.password"), std::string::npos) << said;
}

TEST(Settings, APlainPasswordIsNotAccepted) {
  EXPECT_NE(
      refusal_of(R"({"from":"a@b.example","domain":"b.example","smtp":{"host":"m","login":"x",)"
                 R"("password":"hunter2"}})"),
      "");
}

TEST(Settings, AddressesThatCouldEndACommandAreNone) {
  EXPECT_TRUE(is_address("anna@ombud.example"));
  EXPECT_TRUE(is_address("åsa@ombud.example"));
  for (const char* bad : {"", "a", "@b", "a@", "a@b@c", "a b@c", "a@b\r\nRCPT TO:<x@y>", "<a@b>",
                          "a@b,c@d", "a@b>", "\"a\"@b"}) {
    EXPECT_FALSE(is_address(bad)) << bad;
  }
}

}  // namespace
}  // namespace ombud::email
