// An organisation is set up from one file: what is new is made, what differs is changed, what is
// equal is left alone, and every mistake is told with its line, also those that only the hub can
// find.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hub/cli/server.hpp"
#include "hub/cli/support.hpp"

namespace ombud::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class ImportTest : public testing::Test {
 protected:
  ImportTest() {
    shell_.variables["OMBUD_URL"] = hub_.url();
    for (const char* list : {"teams", "agents", "customers", "services", "agreements"}) {
      hub_.on(std::string("GET /") + list, 200, R"({"items":[],"next":null})");
    }
    hub_.on("GET /people?customer=acme&limit=200", 200, R"({"items":[],"next":null})");
  }
  int import(const std::string& text, std::vector<std::string> more = {}) {
    shell_.folder.write("org.toml", text);
    hub_.forget();
    std::vector<std::string> words = {"import", "org.toml"};
    words.insert(words.end(), more.begin(), more.end());
    return shell_.run(words);
  }
  std::vector<std::string> writes() {
    std::vector<std::string> all;
    for (const Asked& asked : hub_.asked()) {
      if (asked.method != "GET")
        all.push_back(asked.method + " " + asked.target + " " + asked.body);
    }
    return all;
  }
  ScriptedHub hub_;
  Shell shell_;
};

constexpr const char* kFile =
    "[[customer]]\nid = \"acme\"\nname = \"Acme AB\"\nmail_domains = [\"acme.example\"]\n"
    "[[user]]\ncustomer = \"acme\"\nname = \"Eva Ek\"\nemail = \"Eva@acme.example\"\n"
    "[[service]]\nid = \"print\"\nname = \"Printing\"\n"
    "[[agreement]]\ncustomer = \"acme\"\nlink = \"acme-it\"\nservices = [\"print\"]\n"
    "share = [\"subject\"]\nrelay = \"auto\"\nfrom = 2027-01-01\nresolve_within = \"8h\"\n";

constexpr const char* kAccountsFile =
    "[[account]]\nemail = \"Anna@desk.example\"\nname = \"Anna\"\nagent = \"anna\"\n"
    "role = \"lead\"\npassword_file = \"anna.password\"\n"
    "[[account]]\nemail = \"eva@acme.example\"\nname = \"Eva\"\n"
    "customers = [\"beta\", \"acme\"]\nrole = \"approver\"\n";

TEST_F(ImportTest, AccountsAreMadeWithAPasswordFromAFileAndChangedWithoutOne) {
  hub_.on("GET /customers", 200, R"({"items":[{"id":"acme"},{"id":"beta"}],"next":null})");
  hub_.on("GET /accounts", 200, R"({"items":[],"next":null})");
  hub_.on("POST /accounts", 201, "{}");
  shell_.folder.write("anna.password", "fyra grodor plaskar\n");
  EXPECT_EQ(import(kAccountsFile), 0) << shell_.complained();
  EXPECT_THAT(
      writes(),
      testing::ElementsAre(
          R"(POST /accounts {"email":"Anna@desk.example","name":"Anna",)"
          R"("agent":{"id":"anna","role":"lead"},"password":"fyra grodor plaskar"})",
          R"(POST /accounts {"email":"eva@acme.example","name":"Eva","memberships":[)"
          R"({"customer":"beta","role":"approver"},{"customer":"acme","role":"approver"}]})"));
  // There already: one equal, one with other roles; and by then the password is its owner's.
  hub_.on(
      "GET /accounts", 200,
      R"({"items":[{"id":1,"email":"anna@desk.example","name":"Anna","memberships":[],)"
      R"("agent":{"id":"anna","team":"desk","role":"agent","tenant":null}},)"
      R"({"id":2,"email":"eva@acme.example","name":"Eva","agent":null,"memberships":[)"
      R"({"customer":"acme","customer_name":"Acme","person":7,"role":"approver"},)"
      R"({"customer":"beta","customer_name":"Beta","person":8,"role":"approver"}]}],"next":null})");
  hub_.on("PATCH /accounts/1", 200, "{}");
  EXPECT_EQ(import(kAccountsFile), 0) << shell_.complained();
  EXPECT_THAT(writes(), testing::ElementsAre(
                            R"(PATCH /accounts/1 {"email":"Anna@desk.example","name":"Anna",)"
                            R"("agent":{"id":"anna","role":"lead"}})"));
}

TEST_F(ImportTest, WhetherSomebodyApprovesIsOneFactWhicheverTableSaysIt) {
  hub_.on("GET /customers", 200, R"({"items":[],"next":null})");
  hub_.on("GET /people?customer=acme&limit=200", 200, R"({"items":[],"next":null})");
  hub_.on("GET /accounts", 200, R"({"items":[],"next":null})");
  hub_.on("PUT /customers/acme", 200, "{}");
  hub_.on("POST /people", 201, "{}");
  hub_.on("POST /accounts", 201, "{}");
  const std::string organisation =
      "[[customer]]\nid = \"acme\"\nname = \"Acme AB\"\norder_approval = false\n"
      "approval_days = 5\nsystem_speaks_for_approvers = true\n"
      "[[user]]\ncustomer = \"acme\"\nname = \"Eva\"\nemail = \"Eva@acme.example\"\n"
      "approver = true\n"
      "[[account]]\nemail = \"eva@acme.example\"\nname = \"Eva\"\ncustomers = [\"acme\"]\n";
  EXPECT_EQ(import(organisation + "role = \"user\"\n"), 1);
  EXPECT_THAT(shell_.complained(),
              AllOf(HasSubstr("two words about one right"), HasSubstr("line 7")));
  EXPECT_TRUE(writes().empty());
  EXPECT_EQ(import(organisation), 0) << shell_.complained();
  EXPECT_THAT(
      writes(),
      testing::ElementsAre(
          R"(PUT /customers/acme {"name":"Acme AB","order_approval":false,"approval_days":5,)"
          R"("system_speaks_for_approvers":true})",
          R"(POST /people {"customer":"acme","name":"Eva","email":"Eva@acme.example",)"
          R"("approver":true})",
          R"(POST /accounts {"email":"eva@acme.example","name":"Eva",)"
          R"("memberships":[{"customer":"acme"}]})"));
}

TEST_F(ImportTest, MistakesInAccountsAreToldWithTheirLines) {
  hub_.on("GET /accounts", 200, R"({"items":[],"next":null})");
  EXPECT_EQ(import("[[account]]\nemail = \"a@b.example\"\nname = \"A\"\n"), 1);
  EXPECT_THAT(shell_.complained(), HasSubstr("customers = [\"acme\"]"));
  EXPECT_EQ(import("[[account]]\nemail = \"a@b.example\"\nname = \"A\"\nagent = \"a\"\n"
                   "role = \"manager\"\n"),
            1);
  EXPECT_THAT(shell_.complained(), HasSubstr("5"));
  EXPECT_EQ(import("[[account]]\nemail = \"a@b.example\"\nname = \"A\"\nagent = \"a\"\n"
                   "password_file = \"nowhere\"\n"),
            1);
  EXPECT_THAT(shell_.complained(), AllOf(HasSubstr("org.toml:5"), HasSubstr("holds no password")));
}

TEST_F(ImportTest, MakesWhatIsNotThereInAnOrderThatWorks) {
  for (const char* call :
       {"PUT /customers/acme", "POST /people", "PUT /services/print", "POST /agreements"}) {
    hub_.on(call, 200, "{}");
  }
  EXPECT_EQ(import(kFile), 0) << shell_.complained();
  EXPECT_THAT(writes(),
              testing::ElementsAre(
                  R"(PUT /customers/acme {"name":"Acme AB","mail_domains":["acme.example"]})",
                  R"(POST /people {"customer":"acme","name":"Eva Ek","email":"Eva@acme.example"})",
                  R"(PUT /services/print {"name":"Printing"})",
                  R"(POST /agreements {"customer":"acme","link":"acme-it","services":["print"],)"
                  R"("share":["subject"],"relay_automatically":true,)"
                  R"("valid_from":"2027-01-01T00:00:00.000Z","resolve_within_ms":28800000})"));
  EXPECT_THAT(shell_.said(), HasSubstr("customers   1    0        0"));
}

TEST_F(ImportTest, LeavesAloneWhatIsEqualAndChangesOnlyWhatDiffers) {
  hub_.on(
      "GET /customers", 200,
      R"({"items":[{"id":"acme","name":"Acme AB","mail_domains":["acme.example"],"language":"en"}],"next":null})");
  hub_.on(
      "GET /people?customer=acme&limit=200", 200,
      R"({"items":[{"id":1,"customer":"acme","name":"Eva","email":"eva@acme.example","phone":"1"}],"next":null})");
  hub_.on("GET /services", 200,
          R"({"items":[{"id":"print","name":"Printing","words":[]}],"next":null})");
  const std::string agreement =
      R"({"id":3,"customer":"acme","link":"acme-it","services":["print"],"share":[],)"
      R"("relay_automatically":true,"delegate_automatically":true,"valid_from":"2027-01-01T00:00:00.000Z",)"
      R"("valid_until":null,"resolve_within_ms":28800000})";
  hub_.on("GET /agreements", 200, R"({"items":[)" + agreement + R"(],"next":null})");
  hub_.on("GET /agreements/3", 200, agreement, "\"7\"");
  hub_.on("POST /people", 201, "{}");
  hub_.on("PUT /agreements/3", 200, "{}");
  EXPECT_EQ(import(kFile), 0) << shell_.complained();
  // What the file does not name (phone, delegate_automatically) stays as it is.
  EXPECT_THAT(
      writes(),
      testing::ElementsAre(
          R"(POST /people {"phone":"1","customer":"acme","name":"Eva Ek","email":"Eva@acme.example"})",
          R"(PUT /agreements/3 {"delegate_automatically":true,"customer":"acme","link":"acme-it",)"
          R"("services":["print"],"share":["subject"],"relay_automatically":true,)"
          R"("valid_from":"2027-01-01T00:00:00.000Z","resolve_within_ms":28800000})"));
  EXPECT_EQ(hub_.last().if_match, "\"7\"");
}

TEST_F(ImportTest, ADryRunChangesNothing) {
  EXPECT_EQ(import(kFile, {"--dry-run"}), 0);
  EXPECT_TRUE(writes().empty());
  EXPECT_THAT(shell_.said(), HasSubstr("WOULD BE"));
  EXPECT_EQ(import(kFile, {"--dry-run", "--json"}), 0);
  EXPECT_THAT(shell_.said(), HasSubstr(R"("customer":{"new":1,"changed":0,"unchanged":0})"));
}

TEST_F(ImportTest, AllMistakesOfTheFileAreToldBeforeAnythingIsDone) {
  EXPECT_EQ(
      import("[[customer]]\nid = \"Acme AB\"\n[[user]]\ncustomer = \"acme\"\nname = 5\n"
             "email = \"a@b\"\n[[agreement]]\ncustomer = \"acme\"\nlink = \"a\"\nservices = []\n"
             "realy = \"auto\"\n[[team]]\nid = \"a\"\nname = \"A\"\n[[team]]\nid = \"a\"\nname = "
             "\"B\"\n"),
      1);
  EXPECT_TRUE(hub_.asked().empty());
  EXPECT_THAT(
      shell_.complained(),
      AllOf(HasSubstr("org.toml:2: customer.id is \"Acme AB\"; write a short name"),
            HasSubstr("org.toml:1: customer.name is missing"),
            HasSubstr("org.toml:5: user.name is the number 5"),
            HasSubstr("org.toml:10: agreement.services is an empty list"),
            HasSubstr("org.toml:11: agreement.realy is not known here; did you mean relay?"),
            HasSubstr("org.toml:15: the team a stands on line 12 already")));
}

TEST_F(ImportTest, WhatTheHubRefusesIsTakenBackToItsLine) {
  hub_.on("PUT /customers/acme", 200, "{}");
  hub_.on("POST /people", 201, "{}");
  hub_.on("PUT /services/print", 200, "{}");
  hub_.on(
      "POST /agreements", 400,
      R"({"detail":"The request is not valid.","errors":[{"pointer":"/link","detail":"is not a link"},)"
      R"({"pointer":"/services/0","detail":"is not a service"},{"pointer":"/relay_automatically","detail":"no"}]})");
  EXPECT_EQ(import(kFile), 1);
  EXPECT_THAT(shell_.complained(), AllOf(HasSubstr("org.toml:14: /link is not a link"),
                                         HasSubstr("org.toml:15: /services/0 is not a service"),
                                         HasSubstr("org.toml:17: /relay_automatically no")));
}

TEST_F(ImportTest, AHubThatDoesNotLetUsInEndsIt) {
  hub_.on("GET /customers", 401, R"({"detail":"A token is needed."})");
  EXPECT_EQ(import(kFile), 5);
  EXPECT_TRUE(writes().empty());
}

TEST_F(ImportTest, NothingIsSentWhileTheFileNamesWhatThereIsNot) {
  hub_.on("GET /links", 200, R"({"items":[{"id":"acme-net"}],"next":null})");
  const std::string file =
      "[[agent]]\nid = \"anna\"\nname = \"Anna\"\nteam = \"dsk\"\n"
      "[[customer]]\nid = \"acme\"\nname = \"Acme AB\"\n"
      "[[user]]\ncustomer = \"amce\"\nname = \"Eva\"\nemail = \"eva@acme.example\"\n"
      "[[agreement]]\ncustomer = \"acme\"\nlink = \"acme-it\"\nservices = [\n\"print\"]\n";
  for (const bool dry : {true, false}) {
    EXPECT_EQ(
        import(file, dry ? std::vector<std::string>{"--dry-run"} : std::vector<std::string>()), 1);
    EXPECT_THAT(
        shell_.complained(),
        AllOf(HasSubstr("Nothing was imported"), HasSubstr("org.toml:4: \"dsk\" is no team"),
              HasSubstr("org.toml:9: \"amce\" is no customer that the hub or this file "
                        "knows; did you mean \"acme\"?"),
              HasSubstr("org.toml:14: \"acme-it\" is no link"),
              HasSubstr("org.toml:16: \"print\" is no service")));
    EXPECT_TRUE(writes().empty());
  }
}

TEST_F(ImportTest, WhatWasDoneBeforeARefusalIsTold) {
  hub_.on("PUT /customers/acme", 200, "{}");
  hub_.on("POST /people", 403, R"({"detail":"You may not."})");
  EXPECT_EQ(
      import("[[customer]]\nid = \"acme\"\nname = \"Acme AB\"\n[[user]]\ncustomer = \"acme\"\n"
             "name = \"Eva\"\nemail = \"eva@acme.example\"\n"),
      5);
  EXPECT_THAT(shell_.said(), HasSubstr("customers  1"));
  EXPECT_THAT(shell_.complained(), HasSubstr("You may not."));
}

TEST_F(ImportTest, TheShippedExampleIsRight) {
  std::ifstream in(fs::path(std::getenv("OMBUD_SOURCE")) / "config/organisation.toml.example");
  EXPECT_EQ(
      import({std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()}, {"--dry-run"}),
      0)
      << shell_.complained();
}

}  // namespace
}  // namespace ombud::cli
