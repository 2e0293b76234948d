// From an empty folder to a checked configuration, and the commands that main does the work for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/restart.hpp"
#include "hub/cli/server.hpp"
#include "hub/cli/support.hpp"

namespace ombud::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string config_of(const Shell& shell) {
  return (shell.folder.path() / "config").string();
}

TEST(Init, MakesWhatCheckFindsRight) {
  Shell shell;
  EXPECT_EQ(shell.run({"init"}), 0) << shell.complained();
  EXPECT_THAT(shell.said(), AllOf(HasSubstr("config/ombud.toml"), HasSubstr("ombud check"),
                                  HasSubstr("ombud serve")));
  EXPECT_TRUE(fs::is_directory(shell.folder.path() / "data"));
  EXPECT_TRUE(fs::exists(shell.folder.path() / "config/suppliers/email.toml.example"));
  EXPECT_EQ(shell.run({"check", "--config", config_of(shell)}), 0);
  EXPECT_THAT(shell.said(), HasSubstr("is right: 0 links"));
}

TEST(Init, NeverOverwrites) {
  Shell shell;
  shell.folder.write("config/ombud.toml", "# mine\n");
  EXPECT_EQ(shell.run({"init"}), 0);
  EXPECT_EQ(shell.folder.read("config/ombud.toml"), "# mine\n");
  EXPECT_THAT(shell.said(), HasSubstr("was there already"));
}

// What came with the program is found without a setting, a variable, or a link in the desk.
TEST(Connectors, AreThoseOfTheProgramUnlessTheDeskHasItsOwn) {
  Shell shell;
  shell.folder.write("config/ombud.toml", "");
  const std::vector<std::string> list = {"supplier", "new", "--config", config_of(shell)};
  EXPECT_EQ(shell.run(list), 3);
  EXPECT_THAT(shell.complained(),
              AllOf(HasSubstr("No connector is installed in"), HasSubstr("config/install"),
                    HasSubstr("OMBUD_CONNECTORS")));
  const Folder program;
  program.connector("shipped", R"({"type":"object"})");
  shell.installed_connectors = program.path() / "connectors";
  EXPECT_EQ(shell.run(list), 0);
  EXPECT_THAT(shell.said(), HasSubstr("shipped"));
  shell.folder.write("config/suppliers/a.toml", "supplier = \"A\"\nconnector = \"shipped\"\n");
  EXPECT_EQ(shell.run({"check", "--config", config_of(shell)}), 0) << shell.said();
  shell.folder.connector("mine", R"({"type":"object"})");
  EXPECT_EQ(shell.run(list), 0);
  EXPECT_THAT(shell.said(), AllOf(HasSubstr("mine"), Not(HasSubstr("shipped"))));
}

// Such as findings whose words a one-letter secret has made unreadable.
TEST(SupplierTest, AConnectorThatTellsNothingDoesNotWork) {
  Shell shell;
  shell.folder.connector("plain", R"({"type":"object"})");
  shell.folder.write("config/ombud.toml", "");
  shell.folder.write("config/suppliers/a.toml", "supplier = \"A\"\nconnector = \"plain\"\n");
  shell.local.ask_connector = [](const LinkSettings&, bool, const std::vector<ConnectorQuestion>&) {
    return Result<std::vector<ConnectorAnswer>>({{true, "", {R"({"chec[secret]":"name"})"}}});
  };
  EXPECT_EQ(shell.run({"supplier", "test", "a", "--config", config_of(shell)}), 1);
  EXPECT_THAT(shell.said(), AllOf(HasSubstr("told nothing"), HasSubstr("a does not work")));
}

TEST(Check, SaysThatThereIsNoConfigurationAndWhatToDo) {
  Shell shell;
  for (const char* command : {"check", "serve"}) {
    shell.local.serve = [](const ServeOrder&) { return 0; };
    EXPECT_EQ(shell.run({command}), 3);
    EXPECT_THAT(shell.complained(), AllOf(HasSubstr("There is no config/ombud.toml"),
                                          HasSubstr("--config"), HasSubstr("ombud init")));
  }
}

// Mail comes in and none leaves; then it leaves, from an address that answers do not come back to,
// with links that lead nowhere.
TEST(Check, NotesWhatIsNoMistakeAndHardlyMeant) {
  Shell shell;
  shell.folder.connector("email", R"({"type":"object"})");
  const std::string mail =
      "[mail]\nlisten = \"127.0.0.1:2525\"\naddresses = [\"help@desk.example\"]\n";
  shell.folder.write("config/ombud.toml", mail);
  EXPECT_EQ(shell.run({"check", "--config", config_of(shell)}), 0);
  EXPECT_THAT(shell.said(),
              AllOf(HasSubstr("no letter leaves"), HasSubstr("mail-to-users.toml.example")));
  bool started = false;
  shell.local.serve = [&](const ServeOrder&) {
    started = true;
    return 0;
  };
  EXPECT_EQ(shell.run({"serve", "--config", config_of(shell)}), 0);
  EXPECT_TRUE(started);
  EXPECT_THAT(shell.complained(), HasSubstr("no letter leaves"));
  shell.folder.write("config/suppliers/mail-to-users.toml",
                     "supplier = \"Mail\"\nconnector = \"email\"\nkind = \"notices\"\n"
                     "[settings]\nfrom = \"support@desk.example\"\n");
  EXPECT_EQ(shell.run({"check", "--config", config_of(shell)}), 0) << shell.said();
  EXPECT_THAT(shell.said(),
              AllOf(Not(HasSubstr("no letter leaves")),
                    HasSubstr("support@desk.example, which is not among [mail] addresses"),
                    HasSubstr("http://127.0.0.1:8080, which nobody else's machine reaches")));
  shell.folder.write("config/ombud.toml",
                     "[http]\npublic_url = \"https://desk.example\"\n" + mail +
                         "[[mail.address]]\naddress = \"support@desk.example\"\n");
  EXPECT_EQ(shell.run({"check", "--config", config_of(shell)}), 0) << shell.said();
  EXPECT_THAT(shell.said(), Not(HasSubstr("Note")));
}

TEST(Check, NotesWhatOthersCouldChangeOrRead) {
  Shell shell;
  shell.folder.write("config/ombud.toml", "");
  shell.folder.write("data/reply.key", "0123456789", 0600);
  EXPECT_EQ(shell.run({"check", "--config", config_of(shell)}), 0);
  EXPECT_THAT(shell.said(), Not(HasSubstr("Note")));
  ::chmod((shell.folder.path() / "data").c_str(), 0755);
  ::chmod((shell.folder.path() / "data/reply.key").c_str(), 0644);
  ::chmod((shell.folder.path() / "config").c_str(), 0777);
  EXPECT_EQ(shell.run({"check", "--config", config_of(shell)}), 0);
  EXPECT_THAT(shell.said(), AllOf(HasSubstr("can be changed by everybody on this machine; chmod "
                                            "o-w " +
                                            config_of(shell)),
                                  HasSubstr("data/reply.key can be read by everybody")));
  ::chmod((shell.folder.path() / "config").c_str(), 0755);
}

TEST(Check, NotesALetterOfWhichOnlyOneFormWasChanged) {
  Shell shell;
  shell.folder.write("config/ombud.toml", "");
  EXPECT_EQ(shell.run({"letter", "export", "config/letters"}), 0);
  EXPECT_THAT(shell.said(), HasSubstr("change both, or remove"));
  EXPECT_EQ(shell.run({"check", "--config", config_of(shell)}), 0);
  EXPECT_THAT(shell.said(), Not(HasSubstr("word for word")));
  const std::string text = "config/letters/default/sv/registered.txt";
  shell.folder.write(text, shell.folder.read(text) + "Med hälsning\n");
  EXPECT_EQ(shell.run({"check", "--config", config_of(shell)}), 0) << shell.said();
  EXPECT_THAT(shell.said(), AllOf(HasSubstr("letters/default/sv/registered.html is the built-in "
                                            "one word for word, and registered.txt beside it"),
                                  HasSubstr("or remove it")));
  fs::remove(shell.folder.path() / "config/letters/default/sv/registered.html");
  EXPECT_EQ(shell.run({"check", "--config", config_of(shell)}), 0);
  EXPECT_THAT(shell.said(), Not(HasSubstr("word for word")));
}

TEST(Check, NotesLettersForNobody) {
  Shell shell;
  ScriptedHub hub;
  shell.variables["OMBUD_URL"] = hub.url();
  hub.on("GET /customers", 200, R"({"items":[{"id":"acme"}],"next":null})");
  shell.folder.write("config/ombud.toml", "");
  shell.folder.write("config/letters/acme/sv/solved.txt", "Subject: Klart\n\nHej!\n");
  shell.folder.write("config/letters/amce/sv/solved.txt", "Subject: Klart\n\nHej!\n");
  EXPECT_EQ(shell.run({"check", "--config", config_of(shell)}), 0);
  EXPECT_THAT(shell.said(),
              AllOf(HasSubstr("letters/amce is for no customer"), HasSubstr("did you mean acme?"),
                    Not(HasSubstr("letters/acme is"))));
}

TEST(Check, SaysWhatARunningHubTakesOnlyAtItsNextStart) {
  Shell shell;
  ScriptedHub hub;
  shell.variables["OMBUD_URL"] = hub.url();
  hub.on("POST /configuration/reload", 200, R"({"links":[]})");
  hub.on("GET /configuration", 200,
         R"({"findings":[{"message":"needs a restart: mail.listen is 127.0.0.1:2526 in the file, )"
         R"(and 127.0.0.1:2525 in the hub"},{"message":"other"}]})");
  shell.folder.write("config/ombud.toml", "");
  EXPECT_EQ(shell.run({"check", "--apply", "--config", config_of(shell)}), 0);
  EXPECT_THAT(shell.said(), AllOf(HasSubstr("Needs a restart: mail.listen is 127.0.0.1:2526"),
                                  HasSubstr("works by the rest now; restart it"),
                                  Not(HasSubstr("works by it now"))));
  hub.on("GET /configuration", 200, R"({"findings":[]})");
  EXPECT_EQ(shell.run({"check", "--apply", "--config", config_of(shell)}), 0);
  EXPECT_THAT(shell.said(), HasSubstr("works by it now"));
}

TEST(Restart, IsNeededForWhatIsReadOnce) {
  Settings running, fresh;
  EXPECT_TRUE(needs_restart(running, fresh).empty());
  fresh.desk.name = "Helpdesk";  // taken at once, as links and addresses are
  fresh.mail.addresses = {"support@desk.example"};
  fresh.mail_out.attachments_bytes_max = 1 << 20;
  fresh.mail_out.link_days = 7;
  EXPECT_TRUE(needs_restart(running, fresh).empty());
  fresh.mail.listen = Address{"127.0.0.1", 2526};
  fresh.http.threads = 4;
  fresh.tmf621.lenient_status = true;
  EXPECT_THAT(needs_restart(running, fresh),
              testing::ElementsAre("http.threads is 4 in the file, and 2 in the hub",
                                   "mail.listen is 127.0.0.1:2526 in the file, and nothing in "
                                   "the hub",
                                   "tmf621 has changed in the file"));
}

// As another user than the hub's: permission denied is not "no hub runs".
TEST(Hub, ThatCannotBeLookedForIsSaidToBeSo) {
  constexpr uid_t kNobody = 65534;
  Shell shell;
  shell.folder.write("data/run/local.json", "{}");
  const std::string data = shell.folder.path() / "data";
  ASSERT_EQ(::chmod(data.c_str(), 0), 0);
  const bool root = ::geteuid() == 0;  // who may look everywhere
  if (root) {
    ASSERT_EQ(::chown(shell.folder.path().c_str(), kNobody, kNobody), 0);
    ASSERT_EQ(::seteuid(kNobody), 0);
  }
  const int exit = shell.run({"supplier", "list", "--data", data});
  if (root) {
    ASSERT_EQ(::seteuid(0), 0);
  }
  ASSERT_EQ(::chmod(data.c_str(), 0700), 0);
  EXPECT_EQ(exit, 5);
  EXPECT_THAT(shell.complained(), AllOf(HasSubstr("Permission denied"), HasSubstr("sudo -u")));
}

TEST(Check, TellsEveryMistakeAndEndsWithOne) {
  Shell shell;
  shell.folder.write("config/ombud.toml", "[http]\nthreads = 0\n[desk]\nlanguge = \"sv\"\n");
  EXPECT_EQ(shell.run({"check", "--config", config_of(shell)}), 1);
  EXPECT_THAT(shell.said(), AllOf(HasSubstr("ombud.toml:2: http.threads"),
                                  HasSubstr("ombud.toml:4: desk.languge is not known here; did you "
                                            "mean language?"),
                                  HasSubstr("The configuration has 2 mistakes.")));
}

TEST(Check, TellsProgramsFileAndLine) {
  Shell shell;
  shell.folder.write("config/ombud.toml", "[http]\nthreads = 0\n");
  EXPECT_EQ(shell.run({"check", "--json", "--config", config_of(shell)}), 1);
  const auto parsed = json::parse(shell.said());
  ASSERT_TRUE(parsed);
  EXPECT_FALSE((*parsed)["ok"].boolean(true));
  const json::View mistake = (*parsed)["mistakes"].at(0);
  EXPECT_EQ(mistake["file"].text(), config_of(shell) + "/ombud.toml");
  EXPECT_EQ(mistake["line"].integer(), 2);
}

TEST(Check, NeverShowsASecret) {
  Shell shell;
  shell.folder.connector("rest", R"({"type":"object","properties":{"key":{"x-secret":true}}})");
  shell.folder.write("config/ombud.toml", "");
  shell.folder.write("config/suppliers/a.toml",
                     "supplier = \"A\"\nconnector = \"rest\"\n[settings]\nkey = \"hunter2\"\n");
  EXPECT_EQ(shell.run({"check", "--config", config_of(shell)}), 1);
  EXPECT_THAT(shell.said(),
              AllOf(HasSubstr("a.toml:4: settings.key is a secret"), Not(HasSubstr("hunter2"))));
}

TEST(Check, TellsMistakesInLettersAndWhichOnesAreTheOperatorsOwn) {
  Shell shell;
  shell.folder.write("config/ombud.toml", "[mail_out]\nquote = \"none\"\n");
  shell.folder.write("config/letters/acme/sv/solved.txt", "Subject: Klart\n\nHej {{person}}!\n");
  EXPECT_EQ(shell.run({"check", "--config", config_of(shell)}), 0);
  EXPECT_THAT(shell.said(), HasSubstr("Letters of your own: solved (sv, acme)."));
  shell.folder.write("config/letters/default/en/closed.txt", "Subject: x\n\nDear {{preson}}\n");
  EXPECT_EQ(shell.run({"check", "--config", config_of(shell)}), 1);
  EXPECT_THAT(shell.said(), AllOf(HasSubstr("letters/default/en/closed.txt:3: \"preson\" is not "
                                            "known here. Did you mean \"person\"?"),
                                  HasSubstr("uses the built-in ones instead")));
}

TEST(Check, TellsOfAProviderThatDoesNotAnswerAtItsIssuer) {
  Shell shell;
  shell.folder.write("config/ombud.toml",
                     "[[identity.oidc]]\nid = \"alfa\"\nissuer = \"https://id.example\"\n"
                     "client_id = \"ombud\"\n");
  std::optional<std::string> trouble = "no answer within 10 s";
  shell.local.try_provider = [&](const oidc::ProviderSettings& provider) {
    EXPECT_EQ(provider.issuer, "https://id.example");
    return trouble;
  };
  EXPECT_EQ(shell.run({"check", "--config", config_of(shell)}), 1);
  EXPECT_THAT(shell.said(),
              AllOf(HasSubstr("ombud.toml:3: identity.oidc \"alfa\" cannot be used: no "
                              "answer within 10 s"),
                    HasSubstr("1 of 1 providers")));
  EXPECT_EQ(shell.run({"check", "--offline", "--config", config_of(shell)}), 0);
  trouble.reset();
  EXPECT_EQ(shell.run({"check", "--config", config_of(shell)}), 0);
}

TEST(Serve, GetsACheckedConfigurationAndItsExitCodeIsThatOfTheHub) {
  Shell shell;
  shell.folder.write("config/ombud.toml", "[desk]\nname = \"Helpdesk\"\n");
  std::string name;
  fs::path data;
  shell.local.serve = [&](const ServeOrder& order) {
    name = order.settings.desk.name;
    data = order.settings.data_dir;
    EXPECT_TRUE(load_settings(order.options));  // as on SIGHUP
    return 7;
  };
  EXPECT_EQ(shell.run({"serve", "--config", config_of(shell), "--data", "elsewhere"}), 7);
  EXPECT_EQ(name, "Helpdesk");
  EXPECT_EQ(data, shell.folder.path() / "elsewhere");
}

TEST(Serve, DoesNotStartOnAMistake) {
  Shell shell;
  shell.folder.write("config/ombud.toml", "[desk]\nname = 5\n");
  bool started = false;
  shell.local.serve = [&](const ServeOrder&) {
    started = true;
    return 0;
  };
  EXPECT_EQ(shell.run({"serve", "--config", config_of(shell)}), 1);
  EXPECT_FALSE(started);
  EXPECT_THAT(shell.complained(),
              AllOf(HasSubstr("ombud.toml:2"), HasSubstr("Nothing was started")));
}

TEST(Backup, GoesToANewFolderOnly) {
  Shell shell;
  BackupOrder asked;
  shell.local.backup = [&](const BackupOrder& order) -> Result<CopyReport> {
    asked = order;
    return CopyReport{3, 2048, 12};
  };
  EXPECT_EQ(shell.run({"backup", "copy", "--data", "d"}), 0);
  EXPECT_EQ(asked.to, shell.folder.path() / "copy");
  EXPECT_EQ(asked.data_dir, shell.folder.path() / "d");
  EXPECT_THAT(shell.said(), AllOf(HasSubstr("12 tickets, 3 files, 2.0 KiB"),
                                  HasSubstr("secret keys: keep it as safe")));
  EXPECT_EQ(shell.run({"backup", "--help"}), 0);
  EXPECT_THAT(shell.said(), HasSubstr("The backup holds secrets"));
  fs::create_directory(shell.folder.path() / "copy");
  EXPECT_EQ(shell.run({"backup", "copy", "--data", "d"}), 2);
}

TEST(Restore, RefusesADirectoryThatIsNotEmpty) {
  Shell shell;
  bool asked = false;
  shell.local.restore = [&](const RestoreOrder&) -> Result<CopyReport> {
    asked = true;
    return CopyReport{};
  };
  shell.folder.write("copy/ombud.db", "x");
  shell.folder.write("d/ombud.db", "x");
  EXPECT_EQ(shell.run({"restore", "copy", "--data", "d"}), 6);
  EXPECT_FALSE(asked);
  EXPECT_EQ(shell.run({"restore", "copy", "--data", "fresh"}), 0);
  EXPECT_TRUE(asked);
  EXPECT_THAT(shell.said(), HasSubstr("holds no keys"));
  shell.folder.write("copy/reply.key", "x");
  EXPECT_EQ(shell.run({"restore", "copy", "--data", "fresh"}), 0);
  EXPECT_THAT(shell.said(), Not(HasSubstr("holds no keys")));
}

TEST(Audit, EndsWithOneWhenAnythingDiffers) {
  Shell shell;
  AuditReport report{10, 2, {}};
  shell.local.verify_audit = [&](const fs::path&) -> Result<AuditReport> { return report; };
  EXPECT_EQ(shell.run({"audit", "verify", "--data", "d"}), 0);
  EXPECT_THAT(shell.said(), HasSubstr("Whole: 10 events of 2 tickets"));
  report.differences = {"OMB-2: status is closed, the log says resolved"};
  EXPECT_EQ(shell.run({"audit", "verify", "--data", "d", "--json"}), 1);
  EXPECT_THAT(shell.said(), HasSubstr(R"("ok":false)"));
}

}  // namespace
}  // namespace ombud::cli
