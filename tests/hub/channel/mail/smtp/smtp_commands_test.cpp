#include "channel/mail/smtp/smtp_commands.hpp"

#include <gtest/gtest.h>

#include "channel/mail/addresses.hpp"

namespace ombud::mail {
namespace {

TEST(SmtpCommands, ReadsVerbsInAnyCase) {
  EXPECT_EQ(parse_command("mAiL FROM:<a@b>").verb, Verb::mail);
  EXPECT_EQ(parse_command("mAiL FROM:<a@b>").rest, "FROM:<a@b>");
  EXPECT_EQ(parse_command("QUIT  ").rest, "");
  EXPECT_EQ(parse_command("MAILFROM:<a@b>").verb, Verb::other);
  EXPECT_EQ(parse_command("").verb, Verb::other);
}

TEST(SmtpCommands, ReadsPaths) {
  const auto address = [](std::string_view rest) {
    const auto path = parse_path(rest, "TO");
    return path ? path->address : std::string("(none)");
  };
  EXPECT_EQ(address("TO:<a@b.se>"), "a@b.se");
  EXPECT_EQ(address("to: <a@b.se>  "), "a@b.se");
  EXPECT_EQ(address("TO:<>"), "");
  EXPECT_EQ(address("TO:<@x.se,@y.se:a@b.se>"), "a@b.se");
  EXPECT_EQ(address("TO:<\"a>b\"@b.se>"), "\"a>b\"@b.se");
  EXPECT_EQ(address("TO:<\"a\\\">b\"@b.se>"), "\"a\\\">b\"@b.se");
  EXPECT_EQ(address("TO:<a b@b.se>"), "(none)");
  EXPECT_EQ(address("TO:<a@b.se"), "(none)");
  EXPECT_EQ(address("TO:a@b.se"), "(none)");
  EXPECT_EQ(address("FROM:<a@b.se>"), "(none)");
  EXPECT_EQ(address("TO:<<a@b.se>>"), "(none)");
  EXPECT_EQ(address("TO:<a@b.se>X=1"), "(none)");
  EXPECT_EQ(parse_path("FROM:<a@b> SIZE=12 SMTPUTF8 BODY=8BITMIME", "FROM")->size, 12);
  EXPECT_TRUE(parse_path("FROM:<a@b> SIZE=-1", "FROM")->bad_parameter);
  EXPECT_TRUE(parse_path("FROM:<a@b> SIZE=99999999999999999999", "FROM")->bad_parameter);
  EXPECT_EQ(parse_path("FROM:<a@b> FOO=1 BAR", "FROM")->unknown, "FOO");
}

TEST(SmtpCommands, ADotAloneIsAnEmptyMessage) {
  DataDecoder decoder(100);
  EXPECT_EQ(decoder.take(".\r\nQUIT\r\n"), 3U);
  EXPECT_TRUE(decoder.done());
  EXPECT_EQ(decoder.message(), "");
}

TEST(Addresses, ComparesAsPeopleWriteThem) {
  EXPECT_EQ(plain_address(" Anna.Berg+vpn@A.SE\r\n"), "anna.berg@a.se");
  EXPECT_EQ(plain_address("+a@b.se"), "+a@b.se");
  EXPECT_EQ(domain_of("\"x@y\"@Z.se"), "z.se");
  EXPECT_TRUE(is_address("åsa@kund.se"));
  EXPECT_FALSE(is_address("anna"));
  EXPECT_FALSE(is_address("@kund.se"));
  EXPECT_FALSE(is_address("anna@"));
  EXPECT_FALSE(is_address("anna @kund.se"));
  const DeskAddresses desk({"Desk@a.se"}, {"B.se"});
  EXPECT_TRUE(desk.accepts("desk+1@A.SE"));
  EXPECT_TRUE(desk.accepts("postmaster@a.se"));
  EXPECT_FALSE(desk.accepts("other@a.se"));
  EXPECT_TRUE(desk.accepts("other@b.se"));
  EXPECT_FALSE(desk.accepts("@b.se"));
  EXPECT_TRUE(desk.is_own("desk@a.se"));
  EXPECT_FALSE(desk.is_own("anna@b.se"));
}

}  // namespace
}  // namespace ombud::mail
