// Commands against a hub that answers by script: what is asked, what a person and a program see,
// and which code the command ends with.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/cli.hpp"
#include "hub/cli/server.hpp"
#include "hub/cli/support.hpp"

namespace ombud::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Commands : public testing::Test {
 protected:
  Commands() {
    shell_.variables["OMBUD_URL"] = hub_.url();
    shell_.variables["OMBUD_TOKEN"] = "omb_secret";
  }
  ScriptedHub hub_;
  Shell shell_;
};

constexpr const char* kTicket =
    R"({"id":42,"reference":"OMB-42","customer":"acme","kind":"incident","status":"in_progress",)"
    R"("priority":"high","subject":"Printer \u001b[2Jis on fire","service":"print","team":"desk",)"
    R"("agent":"anna","version":3,"created_at":"2027-01-15T07:00:00.000Z",)"
    R"("updated_at":"2027-01-15T07:55:00.000Z","resolved_at":null,"closed_at":null)";

// --- Tickets -------------------------------------------------------------------------------------

TEST_F(Commands, TicketListIsATableForPeople) {
  hub_.on("GET /tickets?status=in_progress&open=true&q=fire", 200,
          std::string("{\"items\":[") + kTicket + "}],\"next\":\"abc\"}");
  EXPECT_EQ(shell_.run({"ticket", "list", "fire", "--open", "--status", "in_progress"}), 0);
  EXPECT_THAT(shell_.said(), HasSubstr("TICKET  STATUS       PRIORITY  CUSTOMER  OWNER"));
  EXPECT_THAT(shell_.said(),
              HasSubstr("OMB-42  in_progress  high      acme      desk / anna  5 min ago"));
  EXPECT_THAT(shell_.said(), HasSubstr("Printer  [2Jis on fire"));  // and not the escape sequence
  EXPECT_THAT(shell_.said(), Not(HasSubstr("\033")));
  EXPECT_THAT(shell_.said(), HasSubstr("There are more: add --cursor abc"));
  EXPECT_EQ(hub_.last().authorization, "Bearer omb_secret");
}

TEST_F(Commands, WithJsonTheAnswerIsPrintedAsItCame) {
  const std::string answer = "{\"items\":[ ],  \"next\":null}";
  hub_.on("GET /tickets", 200, answer);
  EXPECT_EQ(shell_.run({"ticket", "list", "--json"}), 0);
  EXPECT_EQ(shell_.said(), answer + "\n");
}

TEST_F(Commands, AnEmptyListSaysWhatToDoNext) {
  hub_.on("GET /tickets", 200, R"({"items":[],"next":null})");
  EXPECT_EQ(shell_.run({"ticket", "list"}), 0);
  EXPECT_THAT(shell_.said(), HasSubstr("ombud ticket new"));
}

TEST_F(Commands, TicketShowTellsTheWholeStory) {
  hub_.on(
      "GET /tickets/42", 200,
      std::string(kTicket) +
          R"(,"requester_name":"Eva Ek","messages":[)"
          R"({"id":7,"visibility":"user","from":"user","author":"Eva Ek","at":"2027-01-15T07:00:00Z","text":"It burns."},)"
          R"({"id":9,"visibility":"internal","from":"desk","author":"Anna","at":"2027-01-15T07:30:00Z","text":"Again."}],)"
          R"("attachments":[{"id":11,"name":"photo.jpg","bytes":2048,"from":"user","at":"2027-01-15T07:00:00Z"}],)"
          R"("delegations":[{"id":12,"supplier":"Acme IT","link":"acme-it","state":"resolved",)"
          R"("external_id":"INC7","shared":["subject"],"withheld":["user_name"]}]})");
  EXPECT_EQ(shell_.run({"ticket", "show", "omb-42"}), 0);
  EXPECT_THAT(shell_.said(), AllOf(HasSubstr("Eva Ek"), HasSubstr("It burns."),
                                   HasSubstr("Anna (internal note)"), HasSubstr("photo.jpg"),
                                   HasSubstr("2.0 KiB"), HasSubstr("Delegation 12 to Acme IT"),
                                   HasSubstr("INC7"), HasSubstr("user_name")));
}

TEST_F(Commands, ColoursAreForTerminalsThatWantThem) {
  hub_.on("GET /tickets", 200, std::string("{\"items\":[") + kTicket + "}],\"next\":null}");
  shell_.terminal = true;
  EXPECT_EQ(shell_.run({"ticket", "list"}), 0);
  EXPECT_THAT(shell_.said(), HasSubstr("\033[1mOMB-42"));
  shell_.variables["NO_COLOR"] = "1";
  EXPECT_EQ(shell_.run({"ticket", "list"}), 0);
  EXPECT_THAT(shell_.said(), Not(HasSubstr("\033")));
  EXPECT_EQ(shell_.run({"ticket", "list", "--color", "always"}), 0);
  EXPECT_THAT(shell_.said(), HasSubstr("\033[1mOMB-42"));
}

TEST_F(Commands, TicketNewSendsWhatWasGiven) {
  hub_.on("POST /tickets", 201, std::string(kTicket) + "}");
  EXPECT_EQ(shell_.run({"ticket", "new", "Fire", "It burns.", "--customer", "acme", "--user", "7",
                        "--priority", "high"}),
            0);
  EXPECT_EQ(
      hub_.last().body,
      R"({"subject":"Fire","text":"It burns.","customer":"acme","priority":"high","requester":7})");
  EXPECT_FALSE(hub_.last().key.empty());
  EXPECT_THAT(shell_.said(), HasSubstr("Registered OMB-42."));
}

TEST_F(Commands, ATextCanComeFromStandardInput) {
  hub_.on("POST /tickets/42/messages", 201, R"({"id":5})");
  shell_.in.str("line one\nline two\n");
  EXPECT_EQ(shell_.run({"ticket", "reply", "42", "-"}), 0);
  EXPECT_EQ(hub_.last().body, R"({"visibility":"user","text":"line one\nline two"})");
}

TEST_F(Commands, AtATerminalAMissingTextIsAskedFor) {
  shell_.terminal = true;
  EXPECT_EQ(shell_.run({"ticket", "reply", "42"}), 2);
  EXPECT_THAT(shell_.complained(), HasSubstr("The text is missing"));
  EXPECT_TRUE(hub_.asked().empty());
}

TEST_F(Commands, ANoteIsInternal) {
  hub_.on("POST /tickets/42/messages", 201, R"({"id":5})");
  EXPECT_EQ(shell_.run({"ticket", "note", "OMB-42", "Same as last week"}), 0);
  EXPECT_THAT(hub_.last().body, HasSubstr(R"("visibility":"internal")"));
}

TEST_F(Commands, FilesAreSentAndFetchedByteForByte) {
  const std::string bytes("a\0b\xff", 4);
  shell_.folder.write("my photo.jpg", bytes);
  hub_.on("POST /tickets/42/attachments?name=my%20photo.jpg&internal=true", 201, R"({"id":5})");
  EXPECT_EQ(shell_.run({"ticket", "attach", "42", "my photo.jpg", "--internal"}), 0);
  EXPECT_EQ(hub_.last().body, bytes);
  EXPECT_EQ(hub_.last().media_type, "image/jpeg");

  hub_.on("GET /attachments/5", 200, bytes);
  EXPECT_EQ(shell_.run({"ticket", "download", "5", "--to", "copy.jpg"}), 0);
  EXPECT_EQ(shell_.folder.read("copy.jpg"), bytes);
  EXPECT_EQ(shell_.run({"ticket", "download", "5", "--to", "copy.jpg"}), 2);  // never overwrites
}

TEST_F(Commands, ARefusedDownloadLeavesNoFile) {
  EXPECT_EQ(shell_.run({"ticket", "download", "6", "--to", "none.jpg"}), 3);
  EXPECT_FALSE(fs::exists(shell_.folder.path() / "none.jpg"));
}

TEST_F(Commands, AnEditNamesTheVersionThatWasRead) {
  hub_.on("GET /tickets/42", 200, std::string(kTicket) + "}", "\"3\"");
  hub_.on("PATCH /tickets/42", 412,
          R"({"status":412,"detail":"The ticket was changed in the meantime."})");
  EXPECT_EQ(shell_.run({"ticket", "edit", "42", "--priority", "low"}), 6);
  EXPECT_EQ(hub_.last().if_match, "\"3\"");
  EXPECT_EQ(hub_.last().body, R"({"priority":"low"})");
  EXPECT_THAT(shell_.complained(), HasSubstr("Look at it again"));
}

TEST_F(Commands, APreviewSendsNothingAndShowsWhatWouldLeave) {
  hub_.on(
      "POST /tickets/42/delegations/preview", 200,
      R"({"link":"acme-it","supplier":"Acme IT","shared":["subject"],"withheld":["description"],)"
      R"("documents":[{"op":"put_ticket","document":"{\"reference\":\"OMB-42\"}"}]})");
  EXPECT_EQ(shell_.run({"ticket", "delegate", "42", "--preview"}), 0);
  EXPECT_THAT(shell_.said(),
              AllOf(HasSubstr("Nothing has been sent"), HasSubstr("leaves:   subject"),
                    HasSubstr("stays:    description"), HasSubstr(R"({"reference":"OMB-42"})")));
}

struct Step {
  std::vector<std::string> words;
  std::string call, body;
};
class Plain : public Commands, public testing::WithParamInterface<Step> {};

TEST_P(Plain, AsksExactlyThis) {
  hub_.on(GetParam().call, 200, R"({"id":42,"state":"accepted","ok":true,"team":"network"})");
  EXPECT_EQ(shell_.run(GetParam().words), 0) << shell_.complained();
  EXPECT_EQ(hub_.last().body, GetParam().body);
  EXPECT_NE(shell_.said(), "");
}

INSTANTIATE_TEST_SUITE_P(
    Cli, Plain,
    testing::Values(
        Step{{"ticket", "assign", "42", "--team", "network", "--agent", "bo"},
             "POST /tickets/42/assign",
             R"({"team":"network","agent":"bo"})"},
        Step{{"ticket", "assign", "42", "--agent", ""},
             "POST /tickets/42/assign",
             R"({"agent":""})"},
        Step{{"ticket", "resolve", "42", "--text", "Done."},
             "POST /tickets/42/resolve",
             R"({"text":"Done."})"},
        Step{{"ticket", "close", "42"}, "POST /tickets/42/close", "{}"},
        Step{{"ticket", "reopen", "42", "--reason", "no"},
             "POST /tickets/42/reopen",
             R"({"reason":"no"})"},
        Step{{"ticket", "approve", "42"}, "POST /tickets/42/approval", R"({"decision":"approve"})"},
        Step{{"ticket", "reject", "42", "--comment", "no"},
             "POST /tickets/42/approval",
             R"({"decision":"reject","comment":"no"})"},
        Step{{"ticket", "ask-approval", "42"}, "POST /tickets/42/approval/request", "{}"},
        Step{{"ticket", "delegate", "42", "--link", "a", "--brief", "b"},
             "POST /tickets/42/delegations",
             R"({"link":"a","brief":"b"})"},
        Step{{"delegation", "accept", "8"}, "POST /delegations/8/accept", R"({"reason":""})"},
        Step{{"delegation", "reject", "8", "--reason", "no"},
             "POST /delegations/8/reject",
             R"({"reason":"no"})"},
        Step{{"delegation", "withdraw", "8", "--reason", "x"},
             "POST /delegations/8/withdraw",
             R"({"reason":"x"})"},
        Step{{"delegation", "message", "8", "When?"},
             "POST /delegations/8/messages",
             R"({"text":"When?"})"},
        Step{{"supplier", "pause", "a", "--reason", "x"},
             "POST /links/a/pause",
             R"({"reason":"x"})"},
        Step{{"supplier", "resume", "a"}, "POST /links/a/resume", "{}"},
        Step{{"supplier", "restart", "a"}, "POST /links/a/restart", "{}"},
        Step{{"delivery", "retry", "3", "--reason", "x"},
             "POST /deliveries/3/retry",
             R"({"reason":"x"})"},
        Step{{"delivery", "skip", "3", "--reason", "x"},
             "POST /deliveries/3/skip",
             R"({"reason":"x"})"},
        Step{{"delivery", "park", "3", "--reason", "x"},
             "POST /deliveries/3/park",
             R"({"reason":"x"})"},
        Step{{"delivery", "confirm", "3", "--reason", "x", "--external-id", "E1"},
             "POST /deliveries/3/confirm",
             R"({"reason":"x","external_id":"E1"})"},
        Step{{"customer", "add", "acme", "Acme AB", "--mail-domain", "a.se", "--mail-domain",
              "b.se"},
             "PUT /customers/acme",
             R"({"name":"Acme AB","mail_domains":["a.se","b.se"]})"},
        Step{{"customer", "add", "acme", "Acme AB", "--order-approval", "yes", "--approval-days",
              "5"},
             "PUT /customers/acme",
             R"({"name":"Acme AB","order_approval":true,"approval_days":5})"},
        Step{{"customer", "add", "acme", "Acme AB", "--order-approval", "auto"},
             "PUT /customers/acme",
             R"({"name":"Acme AB","order_approval":null})"},
        Step{{"customer", "change", "acme", "--order-approval", "no"},
             "PATCH /customers/acme",
             R"({"order_approval":false})"},
        Step{{"customer", "change", "acme", "--order-approval", "auto", "--approval-days", "9",
              "--system-speaks", "yes"},
             "PATCH /customers/acme",
             R"({"order_approval":null,"system_speaks_for_approvers":true,"approval_days":9})"},
        Step{{"user", "change", "17", "--approver", "yes"},
             "PATCH /people/17",
             R"({"approver":true})"},
        Step{{"user", "change", "17", "--approver", "no", "--phone", "+46"},
             "PATCH /people/17",
             R"({"phone":"+46","approver":false})"},
        Step{{"user", "delegate", "17", "--to", "nils@a.se", "--until", "2026-12-07T00:00:00Z"},
             "PUT /people/17/delegate",
             R"({"email":"nils@a.se","until":"2026-12-07T00:00:00Z"})"},
        Step{{"user", "delegate", "me", "--to", "nils@a.se", "--until", "x", "--from", "y"},
             "PUT /account/delegate",
             R"({"email":"nils@a.se","from":"y","until":"x"})"},
        Step{{"user", "delegate", "me", "--end"}, "DELETE /account/delegate", ""},
        Step{{"user", "add", "Eva Ek", "--customer", "acme", "--email", "eva@a.se", "--approver"},
             "POST /people",
             R"({"customer":"acme","name":"Eva Ek","email":"eva@a.se","approver":true})"},
        Step{{"service", "add", "print", "Printing", "--word", "toner"},
             "PUT /services/print",
             R"({"name":"Printing","words":["toner"]})"},
        Step{{"team", "add", "net", "Network"}, "PUT /teams/net", R"({"name":"Network"})"},
        Step{{"agent", "add", "anna", "Anna"},
             "PUT /agents/anna",
             R"({"name":"Anna","team":"desk"})"},
        Step{
            {"agreement", "add", "--customer", "acme", "--link", "a", "--service", "print",
             "--share", "subject", "--resolve-within", "8h"},
            "POST /agreements",
            R"({"customer":"acme","link":"a","services":["print"],"share":["subject"],)"
            R"("relay_automatically":false,"delegate_automatically":false,"resolve_within_ms":28800000})"},
        Step{{"customer", "remove", "acme"}, "DELETE /customers/acme", ""},
        Step{{"user", "remove", "17"}, "DELETE /people/17", ""},
        Step{{"service", "remove", "print"}, "DELETE /services/print", ""},
        Step{{"team", "remove", "net"}, "DELETE /teams/net", ""},
        Step{{"agent", "remove", "anna"}, "DELETE /agents/anna", ""},
        Step{{"user", "erase", "17", "--reason", "asked"},
             "POST /people/17/erase",
             R"({"reason":"asked"})"},
        Step{{"token", "revoke", "t1"}, "DELETE /tokens/t1", ""}));

// --- Accounts ------------------------------------------------------------------------------------

constexpr const char* kAccounts =
    R"({"items":[{"id":3,"email":"reva@acme.example","name":"Reva","memberships":[]},)"
    R"({"id":4,"email":"eva@acme.example","name":"Eva Ek","agent":null,"password":true,)"
    R"("totp":true,"disabled":false,"memberships":[{"customer":"acme","role":"approver"}]},)"
    R"({"id":5,"email":"anna@desk.example","name":"Anna","password":true,"disabled":true,)"
    R"("agent":{"id":"anna","role":"lead","tenant":"acme"},"memberships":[]}],"next":null})";

TEST_F(Commands, AccountListSaysWhoMaySignInAsWhatAndHow) {
  hub_.on("GET /accounts?role=lead", 200, kAccounts);
  EXPECT_EQ(shell_.run({"account", "list", "--role", "lead"}), 0);
  EXPECT_THAT(shell_.said(), AllOf(HasSubstr("approver at acme"), HasSubstr("password and code"),
                                   HasSubstr("lead anna at acme"), HasSubstr("disabled")));
}

TEST_F(Commands, AnAccountsPasswordComesFromAFileOrUnseenFromTheTerminalNeverFromTheLine) {
  hub_.on("POST /accounts", 201, R"({"id":1,"agent":{"id":"anna","role":"lead"}})");
  const std::vector<std::string> add{
      "account", "add", "anna@desk.example", "--name", "Anna", "--agent", "anna", "--role", "lead"};
  const auto with = [&](std::vector<std::string> more) {
    std::vector<std::string> words = add;
    words.insert(words.end(), more.begin(), more.end());
    return shell_.run(words);
  };
  const std::string body =
      R"({"email":"anna@desk.example","name":"Anna","agent":{"id":"anna","role":"lead"},)"
      R"("password":"fyra grodor plaskar"})";
  shell_.in.str("fyra grodor plaskar\r\nnot this\n");
  EXPECT_EQ(with({"--password-file", "-"}), 0) << shell_.complained();
  EXPECT_EQ(hub_.last().body, body);
  shell_.folder.write("secret", "fyra grodor plaskar");
  EXPECT_EQ(with({"--password-file", "secret"}), 0) << shell_.complained();
  EXPECT_EQ(hub_.last().body, body);
  EXPECT_EQ(with({"--password-file", "nowhere"}), 2);
  shell_.folder.write("empty", "\n");
  EXPECT_EQ(with({"--password-file", "empty"}), 2);
  EXPECT_EQ(with({}), 2) << "no terminal, nobody to ask";
  EXPECT_EQ(with({"--password", "x"}), 2);

  shell_.terminal = true;
  shell_.secrets = {"fyra grodor plaskar", "fyra grodor plaskar"};
  EXPECT_EQ(with({}), 0) << shell_.complained();
  EXPECT_EQ(hub_.last().body, body);
  EXPECT_THAT(shell_.said(), Not(HasSubstr("grodor")));
  shell_.secrets = {"fyra grodor plaskar", "fyra grodor plasker"};
  EXPECT_EQ(with({}), 2);
}

TEST_F(Commands, AnInvitationPrintsTheLinkAlone) {
  hub_.on("POST /accounts", 201,
          R"({"id":1,"memberships":[],"invite_url":"https://desk.example/reset?token=t"})");
  EXPECT_EQ(shell_.run({"account", "add", "eva@acme.example", "--name", "Eva", "--customer", "acme",
                        "--customer", "beta", "--role", "manager", "--invite"}),
            0);
  EXPECT_EQ(shell_.said(), "https://desk.example/reset?token=t\n");
  EXPECT_EQ(hub_.asked().front().body,
            R"({"email":"eva@acme.example","name":"Eva","memberships":[)"
            R"({"customer":"acme","role":"manager"},{"customer":"beta","role":"manager"}],)"
            R"("invite":true})");
  // Roles and what they belong to.
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{"--customer", "acme", "--role", "lead"},
        {"--agent", "anna", "--role", "manager"},
        {"--invite"}}) {
    std::vector<std::string> words{"account", "add", "eva@acme.example",
                                   "--name",  "Eva", "--invite"};
    words.insert(words.end(), more.begin(), more.end());
    EXPECT_EQ(shell_.run(words), 2);
  }
}

TEST_F(Commands, AnAccountIsFoundByItsWholeAddress) {
  hub_.on("GET /accounts?q=eva%40acme.example", 200, kAccounts);
  hub_.on("POST /accounts/4/end-sessions", 200, R"({"email":"eva@acme.example"})");
  hub_.on("POST /accounts/4/reset-password", 200, R"({"reset_url":"https://desk.example/r"})");
  hub_.on("PATCH /accounts/4", 200,
          R"({"email":"eva@acme.example","memberships":[{"customer":"acme","role":"manager"}]})");
  EXPECT_EQ(shell_.run({"account", "end-sessions", "Eva@acme.example"}), 0) << shell_.complained();
  EXPECT_EQ(shell_.run({"account", "password", "eva@acme.example", "--link"}), 0);
  EXPECT_EQ(shell_.said(), "https://desk.example/r\n");
  EXPECT_EQ(shell_.run(
                {"account", "role", "eva@acme.example", "--customer", "acme", "--role", "manager"}),
            0);
  EXPECT_THAT(shell_.said(), HasSubstr("manager at acme"));
  hub_.on("GET /accounts?q=va%40acme.example", 200, kAccounts);
  EXPECT_EQ(shell_.run({"account", "disable", "va@acme.example"}), 3);
}

// --- Suppliers and deliveries
// ----------------------------------------------------------------------

constexpr const char* kLinks =
    R"({"items":[{"id":"acme-it","supplier":"Acme IT","connector":"rest","state":"auth",)"
    R"("reason":"401 from their side","polled_at":"2027-01-15T07:59:30Z",)"
    R"("backlog":{"unfinished":7,"dead":1,"in_doubt":2,"oldest_at":"2027-01-15T06:00:00Z"},)"
    R"("host":{"state":"up"}}],"next":null})";

TEST_F(Commands, SupplierListShowsWhatEachIsAndWasTestedAgainst) {
  hub_.on("GET /links", 200,
          R"({"items":[{"id":"a","supplier":"A","connector":"rest","profile":"redmine",)"
          R"("tested":{"against":"real","with":"Redmine 5.0.4"},"state":"open"},)"
          R"({"id":"b","supplier":"B","connector":"rest","profile":"jira",)"
          R"("tested":{"against":"documentation","with":"Jira"},"state":"open"}],"next":null})");
  shell_.columns = 160;
  EXPECT_EQ(shell_.run({"supplier", "list"}), 0);
  EXPECT_THAT(shell_.said(), AllOf(HasSubstr("rest: redmine"), HasSubstr("real Redmine 5.0.4"),
                                   HasSubstr("documentation only")));
}

TEST_F(Commands, SupplierStatusShowsWhoIsBehindAndWhy) {
  hub_.on("GET /links", 200, kLinks);
  EXPECT_EQ(shell_.run({"supplier", "status"}), 0);
  EXPECT_THAT(shell_.said(), AllOf(HasSubstr("acme-it"), HasSubstr("auth"), HasSubstr("2 h ago"),
                                   HasSubstr("30 s ago"), HasSubstr("401 from their side")));
}

TEST_F(Commands, WatchShowsItAgainUntilStopped) {
  hub_.on("GET /links", 200, kLinks);
  shell_.rounds = 3;
  EXPECT_EQ(shell_.run({"supplier", "status", "--watch"}), 0);
  EXPECT_EQ(hub_.asked().size(), 3U);
  EXPECT_THAT(shell_.said(), HasSubstr("at 2027-01-15T08:00:00"))
      << "in a pipe, each with its time";
}

TEST_F(Commands, ASupplierThatDoesNotAnswerFailsTheTest) {
  hub_.on(
      "POST /links/a/test", 200,
      R"({"ok":false,"took_ms":80,"findings":[)"
      R"({"check":"name","state":"ok","detail":"It is known.","advice":"none"},)"
      R"({"check":"credentials","state":"fail","detail":"401 Unauthorized","advice":"Ask."}]})");
  EXPECT_EQ(shell_.run({"supplier", "test", "a"}), 1);
  EXPECT_THAT(shell_.said(),
              AllOf(HasSubstr("does not work: 1 of 2"), HasSubstr("401 Unauthorized"),
                    HasSubstr("→ Ask."), Not(HasSubstr("none"))));
}

TEST_F(Commands, AWarningFailsTheTestOnlyIfItShall) {
  hub_.on("POST /links/a/test", 200,
          R"({"ok":true,"findings":[{"check":"certificate","state":"warn","detail":"3 days"}]})");
  EXPECT_EQ(shell_.run({"supplier", "test", "a"}), 0);
  EXPECT_EQ(hub_.last().method + hub_.last().target + hub_.last().body, "POST/links/a/test{}");
  EXPECT_THAT(shell_.said(), HasSubstr("works, 1 warning"));
  EXPECT_EQ(shell_.run({"supplier", "test", "a", "--strict"}), 1);
}

TEST_F(Commands, AFindingOfANewerHubThatIsNotKnownIsNoSuccess) {
  hub_.on(
      "POST /links/a/test", 200,
      R"({"ok":true,"findings":[{"check":"moon","state":"green","detail":"\u001b[2Jcheese"}]})");
  EXPECT_EQ(shell_.run({"supplier", "test", "a"}), 1);
  EXPECT_THAT(shell_.said(), Not(HasSubstr("\033"))) << "a supplier steers the terminal";
}

TEST_F(Commands, AReplayComparesWhatTwoMappingsMakeOfTheSame) {
  Shell& shell = shell_;
  shell.variables["OMBUD_CONFIG"] = (shell.folder.path() / "config").string();
  shell.folder.connector("plain", R"({"type":"object"})");
  shell.folder.write("config/ombud.toml", "[suppliers]\nconnectors = \"../connectors\"\n");
  shell.folder.write("config/suppliers/a.toml",
                     "supplier = \"A\"\nconnector = \"plain\"\n[settings]\nmark = \"new\"\n");
  hub_.on("GET /links/a/settings", 200, R"({"connector":"plain","settings":{"mark":"old"}})");
  hub_.on("GET /links/a/recorded-writes?days=30&limit=200", 200,
          R"({"items":[{"id":4,"ticket":"OMB-7","operation":"put_ticket","state":"done",)"
          R"("at":"2027-01-14T08:00:00Z","correlation":"c","external_id":"","document":{"x":1}}],)"
          R"("next":null})");
  hub_.on(
      "GET /links/a/recorded-changes?days=30&limit=200", 200,
      R"({"items":[{"id":9,"ticket":"","at":"2027-01-13T08:00:00Z","raw":{"r":1},"changes":[]}],)"
      R"("next":null})");
  std::vector<std::string> asked;
  bool differs = true;
  shell.local.ask_connector =
      [&](const LinkSettings& link, bool network,
          const std::vector<ConnectorQuestion>& questions) -> Result<std::vector<ConnectorAnswer>> {
    EXPECT_FALSE(network);
    EXPECT_TRUE(link.secrets.empty());
    std::vector<ConnectorAnswer> answers;
    for (const ConnectorQuestion& question : questions) {
      asked.push_back(question.operation);
      const bool write = question.operation == "render";
      const std::string mark = differs ? link.settings_json : "{}";
      answers.push_back({true, "", {R"({"what":"POST /x","n":1,"json":)" + mark + "}"}});
      if (!write) answers.back().documents = {R"({"type":"status","event_id":"e","status":"new"})"};
    }
    return answers;
  };
  EXPECT_EQ(shell.run({"supplier", "replay", "a"}), 1) << shell.complained();
  EXPECT_THAT(
      shell.said(),
      AllOf(HasSubstr("OMB-7"), HasSubstr("POST /x"), HasSubstr("json.mark: \"old\" → \"new\""),
            HasSubstr("1 write and 1 received change of 30 days: 1 place in 1 ticket")));
  ASSERT_EQ(asked.size(), 4U) << "both mappings are asked for both recordings";
  EXPECT_EQ(asked.front(), "interpret") << "the oldest first";
  differs = false;
  EXPECT_EQ(shell.run({"supplier", "replay", "a", "--json"}), 0);
  EXPECT_THAT(shell.said(), HasSubstr("\"same\":true"));
}

TEST_F(Commands, DeliveryListAsksForTroubleOfATicket) {
  hub_.on("GET /deliveries?link=a&trouble=true&ticket=42", 200, R"({"items":[],"next":null})");
  EXPECT_EQ(shell_.run({"delivery", "list", "--trouble", "--link", "a", "--ticket", "OMB-42"}), 0);
  EXPECT_THAT(shell_.said(), HasSubstr("Nothing needs you"));
}

TEST_F(Commands, DeliveryShowListsEveryAttemptAndWhatToDo) {
  hub_.on(
      "GET /deliveries/3", 200,
      R"({"id":3,"link":"a","ticket":42,"op":"put_ticket","state":"dead","doubt":true,"attempts":2,)"
      R"("correlation":"c1","last_error":"reset","document":"{\"reference\":\"OMB-42\"}","history":[)"
      R"({"step":"write","status":"ambiguous","started_at":"2027-01-15T07:00:00.000Z",)"
      R"("finished_at":"2027-01-15T07:00:00.250Z","supplier_code":0,"message":"reset"},)"
      R"({"step":"find","status":"ok","started_at":"2027-01-15T07:01:00Z",)"
      R"("finished_at":"2027-01-15T07:01:01Z","supplier_code":200,"message":"two matches"}]})");
  EXPECT_EQ(shell_.run({"delivery", "show", "3"}), 0);
  EXPECT_THAT(shell_.said(),
              AllOf(HasSubstr("dead, doubt"), HasSubstr("250 ms"), HasSubstr("two matches"),
                    HasSubstr(R"({"reference":"OMB-42"})"), HasSubstr("ombud delivery confirm 3")));
}

// A configuration with one right link and one that is turned off.
void write_links(Shell& shell) {
  const Folder& folder = shell.folder;
  shell.variables["OMBUD_CONFIG"] = (folder.path() / "config").string();
  folder.connector("plain", R"({"type":"object","properties":{"enabled":{"type":"boolean"}}})");
  folder.write("config/ombud.toml", "[suppliers]\nconnectors = \"../connectors\"\n");
  folder.write("config/suppliers/a.toml",
               "supplier = \"A\"\nconnector = \"plain\"\nenabled = true  # since May\n"
               "[settings]\nenabled = true\n",
               0640);
  folder.write("config/suppliers/b.toml",
               "supplier = \"B\"\nconnector = \"plain\"\nenabled = false\n");
}

TEST_F(Commands, EnableAndDisableChangeOneLineOfTheFileAndTellTheHub) {
  write_links(shell_);
  hub_.on("POST /configuration/reload", 200, R"({"links":[]})");
  EXPECT_EQ(shell_.run({"supplier", "disable", "a"}), 0);
  EXPECT_EQ(shell_.folder.read("config/suppliers/a.toml"),
            "supplier = \"A\"\nconnector = \"plain\"\nenabled = false  # since May\n"
            "[settings]\nenabled = true\n");
  EXPECT_EQ(fs::status(shell_.folder.path() / "config/suppliers/a.toml").permissions(),
            fs::perms(0640));
  EXPECT_THAT(shell_.said(), HasSubstr("its work waits"));
  EXPECT_EQ(hub_.asked().size(), 1U);
  EXPECT_EQ(shell_.run({"supplier", "enable", "b"}), 0) << shell_.complained();
  EXPECT_EQ(shell_.folder.read("config/suppliers/b.toml"),
            "supplier = \"B\"\nconnector = \"plain\"\nenabled = true\n");
  EXPECT_THAT(shell_.said(), HasSubstr("ombud supplier test b"));
  EXPECT_EQ(shell_.run({"supplier", "enable", "none"}), 3);
}

// Else the next start of the hub would do what it has refused. But nobody who turns a link off gets
// it back, since another file is wrong.
TEST_F(Commands, AHubThatRefusesLeavesALinkOffInItsFile) {
  write_links(shell_);
  hub_.on("POST /configuration/reload", 409,
          R"({"detail":"The link b has 3 deliveries of another connector."})");
  const std::string before = shell_.folder.read("config/suppliers/b.toml");
  EXPECT_EQ(shell_.run({"supplier", "enable", "b"}), 6);
  EXPECT_EQ(shell_.folder.read("config/suppliers/b.toml"), before);
  EXPECT_THAT(shell_.complained(), AllOf(HasSubstr("b stays off"), HasSubstr("3 deliveries")));

  EXPECT_EQ(shell_.run({"supplier", "disable", "a"}), 6);
  EXPECT_THAT(shell_.folder.read("config/suppliers/a.toml"), HasSubstr("\nenabled = false"));
  EXPECT_THAT(shell_.complained(), AllOf(HasSubstr("a is off in "), HasSubstr("works on with"),
                                         HasSubstr("3 deliveries")));
}

// Whoever may put a name into the folder does not choose what is written over.
TEST_F(Commands, ALinksFileIsReplacedAndNothingBesideIt) {
  write_links(shell_);
  hub_.on("POST /configuration/reload", 200, R"({"links":[]})");
  shell_.folder.write("other", "untouched");
  fs::create_symlink(shell_.folder.path() / "other",
                     shell_.folder.path() / "config/suppliers/a.toml.new");
  EXPECT_EQ(shell_.run({"supplier", "disable", "a"}), 0) << shell_.complained();
  EXPECT_EQ(shell_.folder.read("other"), "untouched");
  EXPECT_FALSE(fs::is_symlink(shell_.folder.path() / "config/suppliers/a.toml"));
  EXPECT_FALSE(fs::exists(shell_.folder.path() / "config/suppliers/a.toml.new"));
}

TEST_F(Commands, AHubWithoutTheLinkIsExplainedByItsFile) {
  write_links(shell_);
  shell_.variables.erase("OMBUD_URL");
  shell_.folder.write("data/run/local.json",
                      R"({"url":")" + hub_.url() + R"(","token":"omb_secret"})");
  for (const std::vector<std::string>& words : {std::vector<std::string>{"supplier", "show", "b"},
                                                {"supplier", "reconcile", "b"},
                                                {"supplier", "reconcile", "b", "--show"},
                                                {"supplier", "resume", "b"}}) {
    EXPECT_EQ(shell_.run(words), 3);
    EXPECT_THAT(shell_.complained(), AllOf(HasSubstr("suppliers/b.toml, and is not on"),
                                           HasSubstr("ombud supplier enable b")));
  }
  EXPECT_EQ(shell_.run({"supplier", "show", "none"}), 3);
  EXPECT_THAT(shell_.complained(), HasSubstr("The hub has no link \"none\""));
}

TEST_F(Commands, AnInvitationThatTheHubMailsIsNotSentAgainByHand) {
  hub_.on("POST /accounts", 201, R"({"invite_url":"https://desk.example/x"})");
  const std::vector<std::string> add = {"account",    "add",  "eva@acme.example", "--name", "Eva",
                                        "--customer", "acme", "--invite"};
  hub_.on("GET /links", 200, R"({"items":[{"id":"mail-to-users","kind":"notices"}]})");
  EXPECT_EQ(shell_.run(add), 0);
  EXPECT_THAT(shell_.complained(), HasSubstr("The hub mails this link to eva@acme.example, too"));
  hub_.on("GET /links", 200, R"({"items":[]})");
  EXPECT_EQ(shell_.run(add), 0);
  EXPECT_THAT(shell_.complained(), HasSubstr("send this link to eva@acme.example yourself"));
  shell_.folder.write("password", "fyra grodor plaskar\n");
  EXPECT_EQ(shell_.run({"account", "add", "eva@acme.example", "--name", "Eva", "--customer", "acme",
                        "--password-file", "password"}),
            0);
  EXPECT_THAT(shell_.complained(), HasSubstr("everybody on this machine can read password"));
}

TEST_F(Commands, RefusalsAreToldInOptionsAndCommands) {
  hub_.on("POST /agreements", 400,
          R"({"detail":"The request is not valid.","errors":[)"
          R"({"pointer":"/services/0","detail":"is not a service; see /api/v1/services"},)"
          R"({"pointer":"/share","detail":"knows no field \"descripton\""}]})");
  const std::vector<std::string> add = {"agreement", "add",       "--customer", "acme",
                                        "--link",    "acme-it",   "--service",  "print",
                                        "--share",   "descripton"};
  EXPECT_EQ(shell_.run(add), 1);
  EXPECT_THAT(shell_.complained(),
              AllOf(HasSubstr("--service: is not a service; see ombud service list"),
                    HasSubstr("--share: knows no field"), HasSubstr("What can be shared: "),
                    HasSubstr("description"), Not(HasSubstr("/api/v1"))));
  auto with_json = add;
  with_json.push_back("--json");
  EXPECT_EQ(shell_.run(with_json), 1);
  EXPECT_THAT(shell_.complained(), HasSubstr(R"("pointer":"/services/0")"));  // as it came
  EXPECT_EQ(shell_.run({"agreement", "add", "--help"}), 0);
  EXPECT_THAT(shell_.said(), AllOf(HasSubstr("attachments"), Not(HasSubstr("\\\n"))));
}

TEST_F(Commands, AnOrderThatWaitsIsSaidToWait) {
  const std::string order = R"({"id":42,"reference":"OMB-42","kind":"order")";
  hub_.on("POST /tickets", 201, order + "}");
  hub_.on(
      "GET /tickets/42", 200,
      order + R"(,"approval":{"state":"needed","approvers":[{"person":5,"name":"Nils Nord"}]}})");
  EXPECT_EQ(shell_.run({"ticket", "new", "Laptop", "One.", "--kind", "order"}), 0);
  EXPECT_THAT(shell_.said(), HasSubstr("It waits for Nils Nord; nothing of it leaves before."));
}

TEST_F(Commands, LettersAreNoTicketsInTheListOfDeliveries) {
  hub_.on("GET /deliveries", 200,
          R"({"items":[{"id":1,"link":"mail-to-users","reference":"OMB-7","delegation":null,)"
          R"("op":"put_ticket","state":"done","attempts":1},{"id":2,"link":"acme-it",)"
          R"("reference":"OMB-7","delegation":4,"op":"put_ticket","state":"done","attempts":1}]})");
  EXPECT_EQ(shell_.run({"delivery", "list"}), 0);
  EXPECT_THAT(shell_.said(), AllOf(HasSubstr("OMB-7   letter"), HasSubstr("OMB-7   put_ticket")));
}

TEST_F(Commands, ALinkWhoseFileIsWrongStaysOff) {
  write_links(shell_);
  const std::string wrong = "supplier = \"B\"\nconector = \"plain\"\nenabled = false\n";
  shell_.folder.write("config/suppliers/b.toml", wrong);
  EXPECT_EQ(shell_.run({"supplier", "enable", "b"}), 1);
  EXPECT_EQ(shell_.folder.read("config/suppliers/b.toml"), wrong);
  EXPECT_THAT(shell_.complained(), AllOf(HasSubstr("b stays off"), HasSubstr("b.toml:2")));
  EXPECT_TRUE(hub_.asked().empty());
}

TEST_F(Commands, WhatTheHubRefusesToReadAgainIsTold) {
  write_links(shell_);
  hub_.on(
      "POST /configuration/reload", 409,
      R"({"detail":"The request is not valid.","errors":[{"pointer":"s.toml:7","detail":"no"}]})");
  EXPECT_EQ(shell_.run({"check", "--apply"}), 6);
  EXPECT_THAT(shell_.complained(), HasSubstr("s.toml:7"));
  hub_.on("POST /configuration/reload", 200, R"({"links":["a"]})");
  EXPECT_EQ(shell_.run({"check", "--apply"}), 0);
  EXPECT_THAT(shell_.said(), HasSubstr("the hub works by it now"));
}

TEST_F(Commands, AKeyIsMadeOnceAndForTheHubAlone) {
  shell_.local.make_keys = [] { return KeyPair{"the public one", "the secret one"}; };
  EXPECT_EQ(shell_.run({"supplier", "key", "secrets/drift"}), 0) << shell_.complained();
  EXPECT_EQ(shell_.folder.read("secrets/drift"), "the secret one\n");
  EXPECT_EQ(fs::status(shell_.folder.path() / "secrets/drift").permissions(), fs::perms(0600));
  EXPECT_THAT(shell_.said(), AllOf(HasSubstr("the public one"), Not(HasSubstr("the secret one"))));
  EXPECT_EQ(shell_.run({"supplier", "key", "secrets/drift"}), 6);
  EXPECT_THAT(shell_.complained(), HasSubstr("it is there already"));
}

TEST_F(Commands, EndingAnAgreementKeepsTheRestOfIt) {
  hub_.on(
      "GET /agreements/3", 200,
      R"({"id":3,"customer":"acme","link":"a","services":["print"],"share":["subject"],)"
      R"("relay_automatically":true,"valid_from":"2027-01-01T00:00:00.000Z","valid_until":null})",
      "\"7\"");
  hub_.on("PUT /agreements/3", 200, R"({"id":3,"valid_until":"2027-01-15T08:00:00.000Z"})");
  EXPECT_EQ(shell_.run({"agreement", "end", "3"}), 0);
  EXPECT_EQ(hub_.last().body,
            R"({"customer":"acme","link":"a","services":["print"],"share":["subject"],)"
            R"("relay_automatically":true,"valid_from":"2027-01-01T00:00:00.000Z",)"
            R"("valid_until":"2027-01-15T08:00:00.000Z"})");
  EXPECT_EQ(hub_.last().if_match, "\"7\"") << "nobody's change in between is written over";
}

// --- Refusals
// --------------------------------------------------------------------------------------

TEST_F(Commands, EachRefusalHasItsExitCode) {
  const std::map<int, int> codes = {{400, 1}, {401, 5}, {403, 5}, {404, 3}, {409, 6}, {412, 6},
                                    {413, 1}, {422, 1}, {429, 1}, {500, 1}, {503, 1}};
  for (const auto& [status, code] : codes) {
    hub_.on("GET /tickets/1", status, R"({"title":"T","detail":"Because."})");
    EXPECT_EQ(shell_.run({"ticket", "show", "1"}), code) << status;
    EXPECT_THAT(shell_.complained(), HasSubstr("ombud: Because.")) << status;
    EXPECT_EQ(shell_.said(), "") << status;
  }
}

TEST_F(Commands, ARefusalNamesEachFieldAndWithJsonIsPrintedAsItCame) {
  const std::string problem =
      R"({"title":"Bad Request","status":400,"detail":"The request is not valid.",)"
      R"("errors":[{"pointer":"/customer","detail":"is not a customer"}]})";
  hub_.on("POST /tickets", 400, problem);
  EXPECT_EQ(shell_.run({"ticket", "new", "S", "T"}), 1);
  EXPECT_THAT(shell_.complained(), HasSubstr("  --customer: is not a customer\n"));
  EXPECT_EQ(shell_.run({"ticket", "new", "S", "T", "--json"}), 1);
  EXPECT_EQ(shell_.complained(), problem + "\n");
  EXPECT_EQ(shell_.said(), "");
}

TEST_F(Commands, AHubThatIsNotThereIsToldApart) {
  shell_.variables["OMBUD_URL"] = "http://127.0.0.1:1";
  EXPECT_EQ(shell_.run({"ticket", "list"}), 4);
  EXPECT_THAT(shell_.complained(), HasSubstr("ombud serve"));
}

TEST_F(Commands, WithoutAnAddressTheHubOfTheDataDirectoryIsAsked) {
  shell_.variables.clear();
  EXPECT_EQ(shell_.run({"ticket", "list", "--data", "data"}), 4);
  EXPECT_THAT(shell_.complained(), HasSubstr("run/local.json"));
  shell_.folder.write("data/run/local.json",
                      "{\"url\":\"" + hub_.url() + "\",\"token\":\"omb_local\"}", 0600);
  hub_.on("GET /tickets", 200, R"({"items":[],"next":null})");
  EXPECT_EQ(shell_.run({"ticket", "list", "--data", "data"}), 0);
  EXPECT_EQ(hub_.last().authorization, "Bearer omb_local");
}

TEST_F(Commands, TheLocalTokenIsNeverSentToAnotherHub) {
  shell_.variables.clear();
  shell_.folder.write("data/run/local.json", R"({"url":"http://127.0.0.1:1","token":"omb_local"})");
  hub_.on("GET /tickets", 401, R"({"detail":"A token is needed."})");
  EXPECT_EQ(shell_.run({"ticket", "list", "--data", "data", "--url", hub_.url()}), 5);
  EXPECT_EQ(hub_.last().authorization, "");
}

// --- Tokens
// ------------------------------------------------------------------------------------------

TEST_F(Commands, ATokensSecretStandsAloneOnStandardOutput) {
  hub_.on("POST /tokens", 201, R"({"id":"t1","secret":"omb_new"})");
  EXPECT_EQ(shell_.run({"token", "create", "x", "--role", "operator", "--expires-in", "1d"}), 0);
  EXPECT_EQ(shell_.said(), "omb_new\n");
  EXPECT_EQ(hub_.last().body,
            R"({"name":"x","role":"operator","expires_at":"2027-01-16T08:00:00.000Z"})");
}

TEST_F(Commands, WhereNoHubRunsATokenIsMadeInTheStore) {
  shell_.variables.clear();
  NewToken asked;
  shell_.local.create_token = [&](const fs::path& data,
                                  const NewToken& token) -> Result<TokenMade> {
    EXPECT_EQ(data, shell_.folder.path() / "data");
    asked = token;
    return TokenMade{"t2", "omb_local"};
  };
  EXPECT_EQ(shell_.run({"token", "create", "x", "--role", "admin", "--data", "data", "--json"}), 0);
  EXPECT_EQ(asked.role, "admin");
  EXPECT_EQ(shell_.said(), "{\"id\":\"t2\",\"secret\":\"omb_local\"}\n");
}

// --- Articles, the desk's notices, statistics ----------------------------------------------------

TEST_F(Commands, AnArticleIsWrittenFromAMarkdownFile) {
  const std::string answer =
      R"({"id":4,"title":"Byt toner","state":"draft","version":1,"published_version":null})";
  hub_.on("POST /articles", 201, answer);
  shell_.folder.write("toner.md", "# Byt toner\r\n\nÖppna *luckan*.\n");
  EXPECT_EQ(shell_.run({"article", "add", "toner.md", "--service", "print"}), 0);
  EXPECT_EQ(
      hub_.last().body,
      R"({"title":"Byt toner","text":"Öppna *luckan*.\n","services":["print"],"customers":[]})");
  EXPECT_THAT(shell_.said(), HasSubstr("ombud article publish 4"));
  hub_.on("PUT /articles/4", 200, answer);
  hub_.on("POST /articles/4/publish", 200,
          R"({"id":4,"title":"Byt toner","state":"published","version":2,"published_version":2})");
  EXPECT_EQ(shell_.run({"article", "add", "toner.md", "--article", "4", "--publish"}), 0);
  EXPECT_THAT(shell_.said(), HasSubstr("Users read it now."));
  shell_.folder.write("bare.md", "No title\n");
  EXPECT_EQ(shell_.run({"article", "add", "bare.md"}), 2);
  EXPECT_THAT(shell_.complained(), HasSubstr("--title"));
  EXPECT_EQ(shell_.run({"article", "add", "missing.md"}), 1);
}

TEST_F(Commands, ArticlesAreListed) {
  hub_.on("GET /articles?q=toner&state=published", 200,
          R"({"items":[{"id":4,"title":"Byt \u001b[2Jtoner","state":"published","language":"sv",)"
          R"("audience":"customers","customers":["acme"],"helpful":3,"unhelpful":1,"version":2,)"
          R"("published_version":1,"updated_at":"2027-01-15T07:55:00Z"}],"next":null})");
  EXPECT_EQ(shell_.run({"article", "list", "toner", "--state", "published"}), 0);
  EXPECT_THAT(shell_.said(), AllOf(HasSubstr("published (newer draft)"), HasSubstr("acme"),
                                   HasSubstr("3 of 4"), Not(HasSubstr("\033"))));
}

TEST_F(Commands, LettersAreListedShownAndExported) {
  hub_.on("GET /letters", 200,
          R"({"items":[{"kind":"solved","language":"sv","customer":"acme","source":"built in",)"
          R"("problem":"letters/acme/sv/solved.txt:3: \"x\" is not known here."}],"next":null})");
  EXPECT_EQ(shell_.run({"letter", "list"}), 0);
  EXPECT_THAT(shell_.said(), HasSubstr("solved.txt:3"));
  hub_.on("GET /letters/solved/preview?language=sv&ticket=OMB-7", 200,
          R"({"subject":"Skrivaren","text":"Hej!\n\u001b[2J\n"})");
  EXPECT_EQ(shell_.run({"letter", "show", "solved", "--language", "sv", "--ticket", "OMB-7"}), 0);
  EXPECT_THAT(shell_.said(), HasSubstr("Subject: Skrivaren"));
  EXPECT_EQ(shell_.said().find('\x1b'), std::string::npos);
  EXPECT_EQ(shell_.run({"letter", "export", "letters"}), 0);
  EXPECT_THAT(shell_.folder.read("letters/default/sv/replied.txt"),
              HasSubstr("Subject: {{subject}}"));
  shell_.folder.write("letters/default/sv/replied.txt", "mine");
  EXPECT_EQ(shell_.run({"letter", "export", "letters"}), 0);
  EXPECT_EQ(shell_.folder.read("letters/default/sv/replied.txt"), "mine");
  EXPECT_THAT(shell_.said(), HasSubstr("were there already"));
}

TEST_F(Commands, TheDeskAnnouncesToSomeOrToAll) {
  hub_.on("POST /notices", 201, R"({"id":9,"review":"published"})");
  EXPECT_EQ(shell_.run({"notice", "new", "E-posten är nere", "Vi felsöker.", "--all", "--yes"}), 0);
  EXPECT_EQ(
      hub_.last().body,
      R"({"kind":"outage","title":"E-posten är nere","text":"Vi felsöker.","customers":"all",)"
      R"("services":[],"publish":true})");
  EXPECT_EQ(shell_.run({"notice", "new", "Elen bryts", "--all", "--yes", "--tell-start"}), 0);
  EXPECT_THAT(hub_.last().body, HasSubstr(R"("tell_start":true)"));
  EXPECT_EQ(shell_.run({"notice", "new", "Nytt", "--customer", "acme", "--kind", "information",
                        "--draft"}),
            0);
  EXPECT_THAT(hub_.last().body, HasSubstr(R"("customers":["acme"])"));
  EXPECT_THAT(hub_.last().body, HasSubstr(R"("publish":false)"));
  EXPECT_EQ(shell_.run({"notice", "new", "Nytt"}), 2);
  EXPECT_EQ(shell_.run({"notice", "new", "Nytt", "--all", "--customer", "acme"}), 2);
  hub_.on("POST /notices/9/end", 200, R"({"id":9})");
  EXPECT_EQ(shell_.run({"notice", "end", "9"}), 0);
  EXPECT_THAT(shell_.said(), HasSubstr("Notice 9 is over."));
}

TEST_F(Commands, AnOutageIsMailedOnlyAfterAYes) {
  hub_.on("POST /notices", 201, R"({"id":9,"review":"published"})");
  hub_.on("GET /links", 200, R"({"items":[{"id":"mail-to-users","kind":"notices"}]})");
  hub_.on("GET /customers", 200, R"({"items":[{"id":"acme"},{"id":"beta"}]})");
  hub_.on("GET /people?customer=acme&limit=200", 200,
          R"({"items":[{"id":1,"email":"a@acme.example"},{"id":2,"email":""}],"next":"2"})");
  hub_.on("GET /people?customer=acme&limit=200&cursor=2", 200,
          R"({"items":[{"id":3,"email":"c@acme.example"}],"next":null})");
  hub_.on("GET /people?customer=beta&limit=200", 200, R"({"items":[]})");
  const auto posts = [&] {
    int all = 0;
    for (const Asked& asked : hub_.asked()) all += asked.method == "POST" ? 1 : 0;
    return all;
  };
  const std::vector<std::string> all = {"notice", "new", "E-posten är nere", "Vi felsöker.",
                                        "--all"};
  EXPECT_EQ(shell_.run(all), 2);
  EXPECT_THAT(shell_.complained(),
              AllOf(HasSubstr("2 people get a mail"), HasSubstr("--yes"), HasSubstr("--draft")));
  shell_.terminal = true;
  shell_.in.str("n\n");
  EXPECT_EQ(shell_.run(all), 1);
  EXPECT_THAT(shell_.said(), AllOf(HasSubstr("2 people get a mail"), HasSubstr("[y/N]"),
                                   HasSubstr("Nothing was announced")));
  EXPECT_EQ(posts(), 0);
  shell_.in.clear();
  shell_.in.str("y\n");
  EXPECT_EQ(shell_.run(all), 0);
  EXPECT_EQ(posts(), 1);
  // What waits for the desk's yes is mailed by its publication.
  hub_.on("GET /notices/4", 200,
          R"({"id":4,"kind":"outage","customers":[{"customer":"beta"},)"
          R"({"customer":"acme"}]})");
  hub_.on("POST /notices/4/publish", 200, R"({"id":4,"customers":[]})");
  shell_.terminal = false;
  EXPECT_EQ(shell_.run({"notice", "publish", "4"}), 2);
  EXPECT_THAT(shell_.complained(), HasSubstr("2 people get a mail"));
  EXPECT_EQ(posts(), 1);
  EXPECT_EQ(shell_.run({"notice", "publish", "4", "--customer", "beta"}), 0) << "nobody is there";
  EXPECT_EQ(shell_.run({"notice", "publish", "4", "--yes"}), 0);
  // Nobody gets a mail of a draft, of what is no outage, or without a link for letters.
  shell_.terminal = false;
  auto draft = all, information = all;
  draft.push_back("--draft");
  information.insert(information.end(), {"--kind", "information"});
  EXPECT_EQ(shell_.run(draft), 0);
  EXPECT_EQ(shell_.run(information), 0);
  hub_.on("GET /links", 200, R"({"items":[]})");
  EXPECT_EQ(shell_.run(all), 0);
}

TEST_F(Commands, StatisticsAreATable) {
  const std::string figures = R"("registered":5,"resolved":4,"closed":2,"reopened":1,"backlog":3,)"
                              R"("first_response_ms":{"count":4,"p50":300000,"p90":7200000},)"
                              R"("resolution_ms":{"count":4,"p50":86400000,"p90":345600000},)"
                              R"("oldest_open_at":"2027-01-12T08:00:00Z")";
  hub_.on("GET /statistics?by=customer&supplier=nord", 200,
          R"({"by":"customer","totals":{)" + figures +
              R"(},"rows":[{"key":"acme","label":"Acme",)" + figures + "}]}");
  shell_.columns = 160;
  EXPECT_EQ(shell_.run({"statistics", "--by", "customer", "--supplier", "nord"}), 0);
  EXPECT_THAT(shell_.said(), AllOf(HasSubstr("CUSTOMER"), HasSubstr("Acme"), HasSubstr("5 min"),
                                   HasSubstr("2.0 h"), HasSubstr("24.0 h"), HasSubstr("4.0 d"),
                                   HasSubstr("3 days ago")));
}

}  // namespace
}  // namespace ombud::cli
