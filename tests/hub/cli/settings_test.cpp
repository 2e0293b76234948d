// The configuration of a hub is read whole: what is right becomes typed values, and every mistake
// of every file is told at once, each with the line it stands on.
#include "cli/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>

#include "hub/cli/support.hpp"

namespace ombud::cli {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kSchema = R"({
  "type": "object", "required": ["url", "key"], "additionalProperties": false,
  "properties": {
    "url": {"type": "string"}, "key": {"x-secret": true}, "size": {"type": "integer", "maximum": 9},
    "hooks": {"type": "array", "items": {"type": "string"}}
  }})";

class SettingsTest : public testing::Test {
 protected:
  SettingsTest() {
    folder_.connector("rest", kSchema);
    folder_.write("config/secrets/key", "s3cret\n", 0600);
    folder_.write("config/ombud.toml", "");
  }
  Result<Settings> load() {
    LoadOptions options;
    options.file = folder_.path() / "config/ombud.toml";
    options.environment = [](const std::string&) { return std::nullopt; };
    return load_settings(options);
  }
  // "ombud.toml:3: …", the folder cut off.
  std::vector<std::string> mistakes() {
    const auto settings = load();
    std::vector<std::string> all;
    if (settings) return all;
    for (const FieldProblem& field : settings.error().fields) {
      std::string text = field.pointer + ": " + field.detail;
      const auto at = text.find("config/");
      all.push_back(at == std::string::npos ? text : text.substr(at + 7));
    }
    return all;
  }
  void link(const std::string& text, const std::string& name = "acme") {
    folder_.write("config/suppliers/" + name + ".toml", text);
  }
  static std::string good(const std::string& more = {}) {
    return "supplier = \"Acme\"\nconnector = \"rest\"\n" + more +
           "[settings]\nurl = \"https://Desk.Acme.example/api\"\n"
           "key = { file = \"../secrets/key\" }\n";
  }

  Folder folder_;
};

TEST_F(SettingsTest, LettersLieBesideTheFileAndQuoteTheLast) {
  const auto plain = load();
  ASSERT_TRUE(plain);
  EXPECT_TRUE(plain->mail_out.quote_last);
  EXPECT_EQ(plain->mail_out.attachments_bytes_max, 10 << 20);
  EXPECT_EQ(plain->mail_out.link_days, 30);
  EXPECT_EQ(plain->letters_dir, folder_.path() / "config/letters");
  folder_.write("config/ombud.toml",
                "[mail_out]\nquote = \"none\"\nattachments_max = \"1MiB\"\nlink_days = 7\n");
  const auto written = load();
  ASSERT_TRUE(written);
  EXPECT_FALSE(written->mail_out.quote_last);
  EXPECT_EQ(written->mail_out.attachments_bytes_max, 1 << 20);
  EXPECT_EQ(written->mail_out.link_days, 7);
  folder_.write("config/ombud.toml",
                "[mail_out]\nquote = \"all\"\nattachments_max = \"1GiB\"\nlink_days = 0\n");
  EXPECT_FALSE(load());
}

TEST_F(SettingsTest, AddressesOfTheDeskHaveDefaultsAndServersAreTrustedByName) {
  folder_.write("config/ombud.toml",
                "[mail]\nauthentication_from = [\"MX.desk.example\"]\nunproven = \"doubt\"\n"
                "receipts_per_hour = 4\n[[mail.address]]\naddress = \"Support-Alfa@desk.example\"\n"
                "customer = \"alfa\"\nteam = \"nat\"\nlanguage = \"en\"\n");
  const auto settings = load();
  ASSERT_TRUE(settings);
  EXPECT_THAT(settings->mail.authentication_from, ElementsAre("mx.desk.example"));
  EXPECT_FALSE(settings->mail.believe_unproven);
  EXPECT_EQ(settings->mail.receipts_per_hour, 4);
  ASSERT_EQ(settings->mail.defaults.size(), 1U);
  EXPECT_EQ(settings->mail.defaults[0].customer, "alfa");
  EXPECT_EQ(settings->mail.defaults[0].team, "nat");
  EXPECT_EQ(settings->mail.defaults[0].language, "en");
  EXPECT_THAT(settings->mail.addresses, ElementsAre("desk@localhost", "support-alfa@desk.example"));
}

TEST_F(SettingsTest, AMailboxIsAnAddressOfTheDesk) {
  folder_.write("secrets/mailbox", "pass\n");
  folder_.write("config/ombud.toml",
                "[[mail.mailbox]]\nname = \"support\"\naddress = \"Support@desk.example\"\n"
                "host = \"imap.desk.example\"\nlogin = \"support\"\nsecurity = \"starttls\"\n"
                "password = { env = \"MAILBOX\" }\nfolder = \"Ärenden\"\nmove_to = \"Klart\"\n"
                "customer = \"alfa\"\nlanguage = \"en\"\n");
  const auto settings = load();
  ASSERT_FALSE(settings);  // there is no such variable
  EXPECT_THAT(mistakes(), ElementsAre(HasSubstr("ombud.toml:7: the secret mail.mailbox.password")));
  folder_.write("config/ombud.toml",
                "[[mail.mailbox]]\nname = \"support\"\naddress = \"Support@desk.example\"\n"
                "host = \"imap.desk.example\"\nlogin = \"support\"\nsecurity = \"starttls\"\n"
                "password = { file = \"secrets/key\" }\nfolder = \"Ärenden\"\n"
                "customer = \"alfa\"\nlanguage = \"en\"\n");
  const auto good = load();
  ASSERT_TRUE(good) << mistakes().front();
  ASSERT_EQ(good->mail.mailboxes.size(), 1U);
  const mail::MailboxSettings& box = good->mail.mailboxes[0].mailbox;
  EXPECT_EQ(box.port, 143);
  EXPECT_EQ(box.password, "s3cret");
  EXPECT_EQ(box.place(), "support@imap.desk.example/Ärenden");
  EXPECT_THAT(good->mail.addresses, ElementsAre("desk@localhost", "support@desk.example"));
  EXPECT_EQ(good->mail.mailboxes[0].customer, "alfa");
}

TEST_F(SettingsTest, AMailboxThatCannotBeReadIsRefusedByItsLine) {
  folder_.write("config/ombud.toml",
                "[[mail.mailbox]]\nname = \"a b\"\naddress = \"nobody\"\nhost = \"imap://x\"\n"
                "login = \"x\"\nfolder = \"INBOX\"\nmove_to = \"INBOX\"\n");
  EXPECT_THAT(mistakes(), ElementsAre(HasSubstr("ombud.toml:1: mail.mailbox.password"),
                                      HasSubstr("ombud.toml:2: mail.mailbox.name"),
                                      HasSubstr("ombud.toml:3: mail.mailbox.address"),
                                      HasSubstr("ombud.toml:4: mail.mailbox.host"),
                                      HasSubstr("ombud.toml:7: mail.mailbox.move_to")));
}

TEST_F(SettingsTest, SecretsOfAMailboxGoNowhereInTheClear) {
  const auto with = [this](const std::string& url) {
    folder_.write("config/ombud.toml",
                  "[[mail.mailbox]]\nname = \"support\"\naddress = \"support@desk.example\"\n"
                  "host = \"imap.desk.example\"\nlogin = \"support\"\n"
                  "oauth = { token_url = \"" +
                      url +
                      "\", client_id = \"x\", client_secret = { file = \"secrets/key\" } }\n");
    const auto settings = load();
    return settings ? std::string("good") : mistakes().front();
  };
  EXPECT_EQ(with("https://login.example/token"), "good");
  EXPECT_EQ(with("http://127.0.0.1:8080/token"), "good");
  EXPECT_EQ(with("http://[::1]/token"), "good");
  EXPECT_EQ(with("http://localhost/token"), "good");
  for (const char* url :
       {"http://login.example/token", "http://10.0.0.1/token", "http://127.0.0.1.evil.example/",
        "http://localhost:80@evil.example/", "http://localhost.evil.example/"}) {
    EXPECT_THAT(with(url), HasSubstr("ombud.toml:6: mail.mailbox.oauth.token_url is \"" +
                                     std::string(url) + "\", where secrets would go unencrypted"));
  }
  EXPECT_THAT(with("ftp://login.example/"),
              HasSubstr("write an address that begins with https://"));
}

TEST_F(SettingsTest, AnEmptyFileGivesTheDefaults) {
  const auto settings = load();
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->http.listen, (Address{"127.0.0.1", 8080}));
  EXPECT_EQ(settings->http.public_url, "http://127.0.0.1:8080");
  EXPECT_TRUE(settings->http.proxies.empty());
  EXPECT_FALSE(settings->mail.listen);
  EXPECT_EQ(settings->data_dir, folder_.path() / "data");
  EXPECT_EQ(settings->connectors_dir, folder_.path() / "connectors");
  EXPECT_THAT(settings->links, IsEmpty());
}

TEST_F(SettingsTest, ALinkGetsWhatItsHostIsStartedWith) {
  link(good("poll_every = \"5m\"\n") +
       "hooks = [\"http://hook.acme.example:8443/x\", \"not://this\"]\n[limits]\nrate_per_second = "
       "2\n"
       "[mail]\naddresses = [\"Desk@Acme.example\"]\n");
  const auto settings = load();
  ASSERT_TRUE(settings) << mistakes().front();
  ASSERT_EQ(settings->links.size(), 1U);
  const LinkSettings& link = settings->links[0];
  EXPECT_EQ(link.id, "acme");
  EXPECT_EQ(link.poll_every, Millis(300'000));
  EXPECT_THAT(link.settings_json, HasSubstr(R"("key":{"$secret":"token1"})"));
  EXPECT_THAT(link.settings_json, Not(HasSubstr("s3cret")));
  EXPECT_EQ(link.secrets.at("token1"), "s3cret");
  EXPECT_THAT(link.origins,
              ElementsAre("http://hook.acme.example:8443", "https://desk.acme.example:443"));
  EXPECT_EQ(link.limits.rate_per_second, 2);
  EXPECT_EQ(link.limits.soft_deadline, settings->delivery.limits.soft_deadline);
  EXPECT_THAT(link.mail_addresses, ElementsAre("desk@acme.example"));
  EXPECT_EQ(link.connector_dir, folder_.path() / "connectors/rest");
}

TEST_F(SettingsTest, TwoLinksMayGoToTheSameSupplier) {
  link(good(), "acme-1");
  link(good(), "acme-2");
  EXPECT_THAT(mistakes(), IsEmpty());
}

TEST_F(SettingsTest, LoadingAgainGivesTheSame) {
  link(good());
  const auto first = load(), second = load();
  ASSERT_TRUE(first);
  ASSERT_TRUE(second);
  EXPECT_EQ(first->links[0].settings_json, second->links[0].settings_json);
}

TEST_F(SettingsTest, AllMistakesOfAllFilesAreToldAtOnce) {
  folder_.write("config/ombud.toml", "[http]\nlsiten = \"x\"\nthreads = 0\n[maill]\n");
  link("supplier = \"Acme\"\nconnector = \"rset\"\n", "a");
  link("supplier = 5\nconnector = \"rest\"\n[settings]\nurl = 7\nsize = 10\nkey = \"plain\"\n",
       "b");
  EXPECT_THAT(
      mistakes(),
      ElementsAre(
          AllOf(HasSubstr("ombud.toml:2: http.lsiten"), HasSubstr("did you mean listen?")),
          HasSubstr("ombud.toml:3: http.threads is the number 0"),
          AllOf(HasSubstr("ombud.toml:4: maill"), HasSubstr("did you mean mail?")),
          AllOf(HasSubstr("suppliers/a.toml:2: connector"), HasSubstr("did you mean \"rest\"?")),
          HasSubstr("suppliers/b.toml:1: supplier is the number 5"),
          HasSubstr("suppliers/b.toml:4: settings.url is 7; write a text in quotes"),
          HasSubstr("suppliers/b.toml:5: settings.size is 10; write a number of at most 9"),
          AllOf(HasSubstr("suppliers/b.toml:6: settings.key is a secret"),
                Not(HasSubstr("plain")))));
}

TEST_F(SettingsTest, WhatIsMissingIsToldAtItsTable) {
  link("connector = \"rest\"\n\n[settings]\nurl = \"x\"\n");
  EXPECT_THAT(mistakes(),
              ElementsAre(HasSubstr("acme.toml:1: supplier is missing; add it, such as"),
                          HasSubstr("acme.toml:3: settings.key is missing; add key =")));
}

struct Wrong {
  std::string_view text;
  int line;
  std::string_view detail;
};
class MainFile : public SettingsTest, public testing::WithParamInterface<Wrong> {};

TEST_P(MainFile, EachMistakeHasItsLine) {
  folder_.write("config/ombud.toml", std::string(GetParam().text));
  const auto all = mistakes();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_THAT(all[0], HasSubstr("ombud.toml:" + std::to_string(GetParam().line) + ": "));
  EXPECT_THAT(all[0], HasSubstr(std::string(GetParam().detail)));
}

INSTANTIATE_TEST_SUITE_P(
    Settings, MainFile,
    testing::Values(
        Wrong{"[http]\nlisten = \"8080\"\n", 2, "such as \"127.0.0.1:8080\""},
        Wrong{"[http]\npublic_url = \"desk.example\"\n", 2, "such as \"https://desk.example\""},
        Wrong{"[http]\npages = \"nowhere\"\n", 2, "where no index.html lies"},
        Wrong{"[http]\npublic_url = \"https://a:b@desk.example\"\n", 2,
              "where people reach the hub"},
        Wrong{"[http]\nproxies = [\"proxy.example\"]\n", 2,
              "write the IP addresses of your own proxies"},
        Wrong{"[desk]\nemail = \"nobody\"\n", 2, "write an e-mail address alone"},
        Wrong{"[desk]\nlanguage = \"fi\"\n", 2, "write \"sv\" or \"en\""},
        Wrong{"[desk]\ndomain = \"a@b\"\n", 2, "write a domain name alone"},
        Wrong{"[mail]\nprotocol = \"stmp\"\n", 2, "did you mean \"smtp\"?"},
        Wrong{"[mail]\naddresses = [\n\"a@b.example\",\n\"Anna <a@b.example>\"]\n", 4,
              "mail.addresses[1]"},
        Wrong{"[mail]\nfallback_customer = \"Acme AB\"\n", 2, "write a customer's key"},
        Wrong{"[mail]\nunproven = \"doubt\"\n", 2, "in authentication_from"},
        Wrong{"[mail]\ntickets_per_hour = 0\n", 2, "1"},
        Wrong{"[[mail.address]]\ncustomer = \"alfa\"\n", 1, "address"},
        Wrong{"[[mail.address]]\naddress = \"a@b\"\nteam = \"Nät\"\n", 3, "write a key"},
        Wrong{"[[mail.address]]\naddress = \"a@b\"\n[[mail.address]]\n"
              "address = \"A@b\"\n",
              4, "stands there twice"},
        Wrong{"[log]\nlevel = \"verbose\"\n", 2,
              "write \"debug\", \"info\", \"warning\" or \"error\""},
        Wrong{"[delivery]\nsoft_deadline = 30\n", 2, "write a duration in quotes"},
        Wrong{"[delivery]\nmemory = \"1MiB\"\n", 2, "write a size from \"32MiB\""},
        Wrong{"[data]\ndirectory = 1\n", 2, "write a text in quotes"},
        Wrong{"[suppliers]\ndirectory = \"nowhere\"\n", 2, "create it with: mkdir -p"},
        Wrong{"\n\nhttp = 1\n", 3, "write it as a table: [http]"},
        Wrong{"[http]\n[http]\n", 2, "may stand only once"}));

// A provider that lacks nothing, with more lines behind it: those begin on line 5.
std::string_view provider(std::string_view more) {
  static std::vector<std::unique_ptr<std::string>> kept;
  kept.push_back(std::make_unique<std::string>(
      "[[identity.oidc]]\nid = \"alfa\"\nissuer = \"https://id.example\"\nclient_id = \"ombud\"\n" +
      std::string(more)));
  return *kept.back();
}

INSTANTIATE_TEST_SUITE_P(
    Providers, MainFile,
    testing::Values(
        Wrong{"[[identity.oidc]]\nissuer = \"https://id.example\"\nclient_id = \"x\"\n", 1,
              "identity.oidc.id is missing"},
        Wrong{"[[identity.oidc]]\nid = \"Alfa AB\"\nissuer = \"https://id.example\"\n"
              "client_id = \"x\"\n",
              2, "write a key"},
        Wrong{"[[identity.oidc]]\nid = \"a\"\nissuer = \"http://id.example\"\nclient_id = \"x\"\n",
              3, "must begin with https://"},
        Wrong{"[[identity.oidc]]\nid = \"a\"\nissuer = \"id.example\"\nclient_id = \"x\"\n", 3,
              "not a whole address"},
        Wrong{provider("client_secret = \"hunter2\"\n"), 5, "must not stand here itself"},
        Wrong{provider("client_secret = { file = \"secrets/none\" }\n"), 5, "cannot be read"},
        Wrong{provider("client_secret = { env = \"NONE\" }\n"), 5, "is not set"},
        Wrong{provider("scopes = [\"email\"]\n"), 5, "add it"},
        Wrong{provider("scopes = [\"openid\",\n\"e mail\"]\n"), 6, "which is no scope"},
        Wrong{provider("domains = [\"alfa.example\",\n\"erik@alfa.example\"]\n"), 6,
              "what stands behind the @"},
        Wrong{provider("customer = \"Alfa AB\"\n"), 5, "write a key"},
        Wrong{provider("customer_claim = \"org\"\n"), 5, "needs customers ="},
        Wrong{provider("customers = { a = \"alfa\" }\n"), 5, "needs customer_claim"},
        Wrong{provider("customer = \"alfa\"\ncustomer_claim = \"org\"\ncustomers = {a=\"b\"}\n"), 6,
              "stands beside customer"},
        Wrong{provider("roles = { leads = \"boss\" }\n"), 5, "\"leads\" is \"boss\"; write user, "},
        Wrong{provider("roles = { leads = 1 }\n"), 5, "\"leads\" is 1"},
        Wrong{provider("roles = { it = \"approver\" }\n"), 5, "whose people these are"},
        Wrong{provider("roles = {}\n"), 5, "is empty"},
        Wrong{provider("roles_claim = \"groups\"\n"), 5, "has no effect"},
        Wrong{provider("create_accounts = true\ncustomer = \"alfa\"\n"), 5, "needs domains"},
        Wrong{provider("create_accounts = true\ndomains = [\"a.example\"]\n"), 5, "do nothing"},
        Wrong{provider("isuer = \"x\"\n"), 5, "did you mean issuer?"},
        Wrong{provider("[[identity.oidc]]\nid = \"alfa\"\nissuer = \"https://id.example\"\n"
                       "client_id = \"x\"\n"),
              6, "as of another provider"},
        Wrong{"[identity]\noidc = 1\n", 2, "write each entry as [[identity.oidc]]"}));

TEST_F(SettingsTest, AProviderIsReadWithItsSecretAndItsMappings) {
  folder_.write("config/ombud.toml",
                std::string(provider("client_secret = { file = \"secrets/key\" }\n"
                                     "domains = [\"Alfa.Example\"]\ncustomer = \"alfa\"\n"
                                     "roles = { \"desk/leads\" = \"lead\", it = \"approver\" }\n"
                                     "create_accounts = true\n")));
  const auto settings = load();
  ASSERT_TRUE(settings) << mistakes().front();
  ASSERT_EQ(settings->providers.size(), 1U);
  const oidc::ProviderSettings& read = settings->providers[0].provider;
  EXPECT_EQ(read.name, "alfa");
  EXPECT_EQ(read.client_secret, "s3cret");
  EXPECT_THAT(read.scopes, ElementsAre("openid", "email", "profile"));
  EXPECT_THAT(read.domains, ElementsAre("alfa.example"));
  EXPECT_EQ(read.roles.at("desk/leads"), "lead");
  EXPECT_THAT(settings->providers[0].place, HasSubstr("ombud.toml:3"));
}

class LinkFile : public SettingsTest, public testing::WithParamInterface<Wrong> {};

TEST_P(LinkFile, EachMistakeHasItsLine) {
  folder_.write("config/secrets/open", "s3cret", 0644);
  link(std::string(GetParam().text));
  const auto all = mistakes();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_THAT(all[0], HasSubstr("acme.toml:" + std::to_string(GetParam().line) + ": "));
  EXPECT_THAT(all[0], HasSubstr(std::string(GetParam().detail)));
}

constexpr std::string_view kEnd =
    "[settings]\nurl = \"https://a.example\"\nkey = { file = \"../secrets/key\" }\n";
const std::string kHead = "supplier = \"Acme\"\nconnector = \"rest\"\n";
const std::string kLimits = kHead + std::string(kEnd) + "[limits]\nrate_per_secnd = 2\n";
const std::string kSender = kHead + std::string(kEnd) + "[mail]\naddresses = [\"acme\"]\n";
const std::string kOpen = kHead + "[settings]\nurl = \"x\"\nkey = { file = \"../secrets/open\" }\n";
const std::string kVariable = kHead + "[settings]\nurl = \"x\"\nkey = { env = \"KEY\" }\n";
const std::string kReference = kHead +
                               "[settings]\nkey = { file = \"../secrets/key\" }\n"
                               "url = { file = \"../secrets/key\" }\n";
const std::string kUnknown = kHead + std::string(kEnd) + "ulr = 1\n";
const std::string kItem = kHead + std::string(kEnd) + "hooks = [\"a\",\n  5]\n";
const std::string kKind = kHead + "kind = \"suplier\"\n" + std::string(kEnd);
const std::string kEnabled = kHead + "enabled = \"no\"\n" + std::string(kEnd);
const std::string kPoll = kHead + "poll_every = \"0s\"\n" + std::string(kEnd);
const std::string kEscape = "supplier = \"Acme\"\nconnector = \"../rest\"\n";

INSTANTIATE_TEST_SUITE_P(
    Settings, LinkFile,
    testing::Values(Wrong{kLimits, 7, "did you mean rate_per_second?"},
                    Wrong{kSender, 7, "write an e-mail address alone"},
                    Wrong{kOpen, 5, "chmod 600"},
                    Wrong{kVariable, 5, "variable KEY, which is not set"},
                    Wrong{kReference, 5, "settings.url is no secret"},
                    Wrong{kUnknown, 6, "settings.ulr is not known here; did you mean url?"},
                    Wrong{kItem, 7, "settings.hooks.1 is 5; write a text in quotes"},
                    Wrong{kKind, 3, "did you mean \"supplier\"?"},
                    Wrong{kEnabled, 3, "write true or false"},
                    Wrong{kPoll, 3, "write a duration from \"1s\""},
                    Wrong{kEscape, 2, "write the name of a folder"}));

TEST_F(SettingsTest, ALinkIsComparedByItselfOnlyIfItsFileSaysSo) {
  const auto every = [this] { return load()->links[0].reconcile_every; };
  constexpr Millis kDay{24 * 3'600'000};
  link(good());
  EXPECT_EQ(every(), Millis{0});
  link(good("reconcile = \"daily\"\n"));
  EXPECT_EQ(every(), kDay);
  link(good("reconcile = \"weekly\"\n"));
  EXPECT_EQ(every(), 7 * kDay);
  link(good("reconcile = \"12h\"\n"));
  EXPECT_EQ(every(), kDay / 2);
  link(good("reconcile = \"off\"\n"));
  EXPECT_EQ(every(), Millis{0});
  for (const char* wrong : {"nightly", "5m", "400d", "1"}) {
    link(good(std::string("reconcile = \"") + wrong + "\"\n"));
    EXPECT_THAT(mistakes(), ElementsAre(AllOf(HasSubstr("acme.toml:3: reconcile is \""),
                                              HasSubstr("write off, daily, weekly"))));
  }
}

TEST_F(SettingsTest, OnlyAConnectorThatCanIsGivenSeveralThingsAtOnce) {
  link(good("parallel = 2\n"));
  EXPECT_THAT(mistakes(), ElementsAre(AllOf(HasSubstr("acme.toml:3: parallel is 2"),
                                            HasSubstr("one thing at a time"))));
  link(good("parallel = 1\n"));
  EXPECT_THAT(mistakes(), IsEmpty());
  folder_.connector("rest", kSchema, R"(["parallel"])");
  link(good("parallel = 33\n"));
  EXPECT_THAT(mistakes(), ElementsAre(HasSubstr("acme.toml:3: parallel")));
  link(good("parallel = 32\n"));
  EXPECT_EQ(load()->links[0].parallel, 32);
  link(good());
  EXPECT_EQ(load()->links[0].parallel, kParallelDefault);
}

TEST_F(SettingsTest, ASenderBelongsToOneLinkOnly) {
  link(good() + "[mail]\naddresses = [\"x@acme.example\"]\n", "a");
  link(good() + "[mail]\naddresses = [\"X@acme.example\"]\n", "b");
  EXPECT_THAT(mistakes(), ElementsAre(HasSubstr("b.toml: mail.addresses names x@acme.example")));
}

TEST_F(SettingsTest, OneLinkCarriesMailToUsers) {
  link(good("kind = \"notices\"\n"), "a");
  link(good("kind = \"notices\"\n"), "b");
  EXPECT_THAT(mistakes(), ElementsAre(HasSubstr("b.toml: is a second enabled link")));
}

TEST_F(SettingsTest, OneLinkTellsSubscribersByAConnectorThatCan) {
  link(good("kind = \"subscribers\"\n"));
  EXPECT_THAT(mistakes(), ElementsAre(HasSubstr("such as subscriber, belong together")));
  folder_.connector("rest", kSchema, "[\"subscribers\"]");
  EXPECT_EQ(load()->links[0].kind, LinkKind::subscribers);
  link(good("kind = \"subscribers\"\n"), "second");
  EXPECT_THAT(mistakes(),
              ElementsAre(HasSubstr("is a second enabled link of kind \"subscribers\"")));
}

TEST_F(SettingsTest, HowStrictTheTmf621SideIsCanBeSaid) {
  EXPECT_FALSE(load()->tmf621.exact_fields);
  EXPECT_TRUE(load()->tmf621.unique_external_id);
  folder_.write("config/ombud.toml",
                "[tmf621]\nfields = \"exact\"\nstatus = \"lenient\"\narrays = \"replace\"\n"
                "callback = \"append\"\npartial_content = true\nexternal_id = \"free\"\n"
                "unknown = \"refuse\"\nattachment_max = \"1MiB\"\n");
  const auto settings = load();
  ASSERT_TRUE(settings);
  const Tmf621Settings& tmf = settings->tmf621;
  EXPECT_TRUE(tmf.exact_fields && tmf.lenient_status && tmf.replace_arrays && tmf.append_listener &&
              tmf.partial_content && tmf.refuse_unknown);
  EXPECT_FALSE(tmf.unique_external_id);
  EXPECT_EQ(tmf.attachment_bytes_max, 1LL << 20U);
  folder_.write("config/ombud.toml", "[tmf621]\nfields = \"v3\"\nlenient = true\n");
  EXPECT_EQ(mistakes().size(), 2U);
}

TEST_F(SettingsTest, ANameThatCannotBeALinkIsRefused) {
  link(good(), "Acme IT");
  EXPECT_THAT(mistakes(), ElementsAre(HasSubstr("rename the file")));
}

// --- Connectors
// ------------------------------------------------------------------------------------

TEST_F(SettingsTest, AConnectorThatOthersMayChangeIsRefused) {
  link(good());
  ::chmod((folder_.path() / "connectors/rest").c_str(), 0777);
  EXPECT_THAT(mistakes(),
              ElementsAre(AllOf(HasSubstr("acme.toml:2: connector"), HasSubstr("chmod o-w"))));
}

TEST_F(SettingsTest, ALibraryThatIsNotTheOneOfTheManifestIsRefused) {
  link(good());
  folder_.write("connectors/rest/rest.so", "something else");
  EXPECT_THAT(mistakes(),
              ElementsAre(AllOf(HasSubstr("acme.toml:2:"), HasSubstr("SHA-256 differs"))));
}

TEST_F(SettingsTest, AnotherAbiIsRefusedInOneSentence) {
  link(good());
  folder_.connector("rest", kSchema, "[]", 2);
  EXPECT_THAT(mistakes(), ElementsAre(HasSubstr("was built for SDK ABI 2, and this hub has 1")));
}

TEST_F(SettingsTest, AManifestThatIsNotJsonIsRefusedWithItsPlace) {
  link(good());
  folder_.write("connectors/rest/connector.json", "{\n oops }");
  EXPECT_THAT(mistakes(), ElementsAre(AllOf(HasSubstr("acme.toml:2:"), HasSubstr("line 2"))));
}

TEST_F(SettingsTest, AManifestWithoutItsMembersIsRefused) {
  link(good());
  folder_.write("connectors/rest/connector.json", "{\"id\":\"x\"}");
  EXPECT_THAT(mistakes(), ElementsAre(HasSubstr("is not a valid manifest")));
}

TEST_F(SettingsTest, OnlyAConnectorThatCanCarriesMailToUsers) {
  folder_.connector("rest", kSchema, "[]");
  link(good("kind = \"notices\"\n"));
  EXPECT_THAT(mistakes(),
              ElementsAre(AllOf(HasSubstr("acme.toml:3: kind"), HasSubstr("such as email"))));
}

TEST_F(SettingsTest, AMissingFileIsToldByName) {
  fs::remove(folder_.path() / "config/ombud.toml");
  EXPECT_THAT(mistakes(), ElementsAre(HasSubstr("ombud.toml: cannot be read")));
}

// --- What is shipped
// -------------------------------------------------------------------------------

// Every setting that stands in config/ behind a '#' is a real one with its default.
TEST_F(SettingsTest, TheShippedFileDocumentsTheDefaults) {
  const fs::path source = std::getenv("OMBUD_SOURCE");
  std::ifstream in(source / "config/ombud.toml");
  std::string shipped{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  folder_.write("config/ombud.toml", shipped);
  ASSERT_THAT(mistakes(), IsEmpty());
  const auto defaults = load();

  std::string uncommented;
  std::istringstream lines(shipped);
  for (std::string line; std::getline(lines, line);) {
    const bool setting = line.starts_with("# ") && line.find(" = ") != std::string::npos &&
                         line.find_first_of(" =", 2) == line.find(" = ");
    uncommented += (setting ? line.substr(2) : line) + "\n";
  }
  folder_.write("config/ombud.toml", uncommented);
  fs::create_directories(folder_.path() / "config/suppliers");
  folder_.write("web/index.html", "");  // [http] pages
  ASSERT_THAT(mistakes(), IsEmpty());
  const auto said = load();
  EXPECT_EQ(said->http.listen, defaults->http.listen);
  EXPECT_EQ(said->http.public_url, defaults->http.public_url);
  EXPECT_EQ(said->http.threads, defaults->http.threads);
  EXPECT_EQ(said->http.connections_max, defaults->http.connections_max);
  EXPECT_EQ(said->desk.name, defaults->desk.name);
  EXPECT_EQ(said->desk.email, defaults->desk.email);
  EXPECT_EQ(said->desk.language, defaults->desk.language);
  EXPECT_EQ(said->desk.domain, defaults->desk.domain);
  EXPECT_EQ(said->mail.protocol, defaults->mail.protocol);
  EXPECT_EQ(said->mail.message_bytes_max, defaults->mail.message_bytes_max);
  EXPECT_EQ(said->data_dir, defaults->data_dir);
  EXPECT_EQ(said->suppliers_dir, defaults->suppliers_dir);
  EXPECT_EQ(said->connectors_dir, defaults->connectors_dir);
  EXPECT_EQ(said->delivery.limits.soft_deadline, defaults->delivery.limits.soft_deadline);
  EXPECT_EQ(said->delivery.limits.memory_bytes_max, defaults->delivery.limits.memory_bytes_max);
  EXPECT_EQ(said->delivery.poll_every, defaults->delivery.poll_every);
  EXPECT_EQ(said->delivery.drain_grace, defaults->delivery.drain_grace);
  EXPECT_EQ(said->log_level, defaults->log_level);
  EXPECT_EQ(said->tmf621.attachment_bytes_max, defaults->tmf621.attachment_bytes_max);
  EXPECT_EQ(said->tmf621.unique_external_id, defaults->tmf621.unique_external_id);
}

TEST_F(SettingsTest, TheShippedExamplesAreRight) {
  const fs::path examples = fs::path(std::getenv("OMBUD_SOURCE")) / "config/suppliers";
  for (const char* name : {"email", "queue"}) folder_.connector(name, "{}");
  folder_.connector("rest", "{}", R"(["profiles","parallel"])");
  fs::copy(fs::path(std::getenv("OMBUD_SOURCE")) / "plugins/rest/profiles",
           folder_.path() / "connectors/rest/profiles", fs::copy_options::recursive);
  folder_.connector("subscriber", "{}", "[\"subscribers\"]");
  folder_.connector("rest", R"({"type":"object","required":["profile"],
    "properties":{"profile":{"type":["string","object"]}}})",
                    R"(["profiles"])");
  std::ifstream profile(fs::path(std::getenv("OMBUD_SOURCE")) /
                        "plugins/rest/profiles/tmf621-v4.toml");
  folder_.write("connectors/rest/profiles/tmf621-v4.toml",
                {std::istreambuf_iterator<char>(profile), std::istreambuf_iterator<char>()});
  for (const char* name :
       {"smtp-password", "drift-curve-key", "byggit-api-key", "granby-token", "granby-events"}) {
    folder_.write(std::string("config/suppliers/secrets/") + name, "s3cret", 0600);
  }
  int count = 0;
  for (const auto& entry : fs::directory_iterator(examples)) {
    std::ifstream in(entry.path());
    link({std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()},
         entry.path().stem().stem().string());
    ++count;
  }
  EXPECT_GE(count, 4);
  EXPECT_THAT(mistakes(), IsEmpty());
}

TEST_F(SettingsTest, ALinkToAConnectorThatBecameAProfileIsToldWhatToWriteInstead) {
  link(
      "supplier = \"Acme\"\nconnector = \"redmine\"\n[settings]\n"
      "url = \"https://redmine.example\"\n");
  EXPECT_THAT(mistakes(), ElementsAre(AllOf(HasSubstr("acme.toml:2: connector is \"redmine\""),
                                            HasSubstr("write connector = \"rest\""),
                                            HasSubstr("profile = \"redmine\""))));
}

TEST_F(SettingsTest, AConnectorOfTheOperatorsOwnMayHaveTheNameOfOneThatBecameAProfile) {
  folder_.connector("redmine", "{}");
  link("supplier = \"Acme\"\nconnector = \"redmine\"\n");
  EXPECT_THAT(mistakes(), IsEmpty());
}

// A connector that runs profiles: one profile beside it, one of the operator's own.
class ProfileSettingsTest : public SettingsTest {
 protected:
  ProfileSettingsTest() {
    folder_.connector("rest", R"({"type":"object","required":["profile"],
                                  "properties":{"profile":{"type":["string","object"]}}})",
                      R"(["profiles"])");
    std::ifstream redmine(std::string(std::getenv("OMBUD_SOURCE")) +
                          "/plugins/rest/profiles/redmine.toml");
    profile_.assign(std::istreambuf_iterator<char>(redmine), {});
    folder_.write("connectors/rest/profiles/redmine.toml", profile_);
  }
  static std::string of(const std::string& profile, const std::string& more = {}) {
    return "supplier = \"Acme\"\nconnector = \"rest\"\n[settings]\nprofile = \"" + profile +
           "\"\nurl = \"https://redmine.example\"\napi_key = { file = \"../secrets/key\" }\n"
           "project = \"support\"\n" +
           more;
  }
  std::string profile_;
};

TEST_F(ProfileSettingsTest, TheConnectorGetsTheProfileInPlaceOfItsName) {
  link(of("redmine"));
  const auto settings = load();
  ASSERT_TRUE(settings) << mistakes().front();
  const auto given = json::parse(settings->links[0].settings_json);
  ASSERT_TRUE(given);
  EXPECT_EQ((*given)["profile"]["profile"]["name"].text(), "redmine");
  EXPECT_EQ((*given)["project"].text(), "support");
  EXPECT_THAT(settings->links[0].origins, ElementsAre("https://redmine.example:443"));
}

TEST_F(ProfileSettingsTest, MistakesOfTheLinkAreToldWithTheirLine) {
  link(of("redmine",
          "projekt = 1\ntracker_id = \"x\"\n[settings.status_to]\nwating = \"Feedback\"\n"));
  EXPECT_THAT(
      mistakes(),
      ElementsAre(
          HasSubstr("acme.toml:8: settings.projekt is not known here; did you mean project?"),
          HasSubstr("acme.toml:9: settings.tracker_id must be a whole number"),
          HasSubstr("acme.toml:11: settings.status_to.wating is not known here; did "
                    "you mean \"waiting\"?")));
}

TEST_F(ProfileSettingsTest, MistakesOfTheOperatorsOwnProfileAreToldWithTheirLine) {
  std::string own = profile_;
  const auto replace = [&](const std::string& from, const std::string& to) {
    const std::size_t at = own.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    own.replace(at, from.size(), to);
  };
  replace("code = 401", "kode = 401");
  replace("{subject_whole|truncate:255}", "{subject_whol|truncate:255}");
  folder_.write("config/own.toml", own);
  link(of("../own.toml"));
  const auto line = [&](const std::string& text) {
    return "own.toml:" +
           std::to_string(1 + std::count(own.begin(),
                                         own.begin() + static_cast<std::ptrdiff_t>(own.find(text)),
                                         '\n')) +
           ": ";
  };
  EXPECT_THAT(mistakes(),
              ElementsAre(AllOf(HasSubstr(line("kode = 401")), HasSubstr("did you mean \"code\"?")),
                          AllOf(HasSubstr(line("{subject_whol|")),
                                HasSubstr("did you mean \"subject_whole\"?"))));
}

TEST_F(ProfileSettingsTest, AProfileThatIsNotThereIsToldWithThoseThatAre) {
  link(of("redmin"));
  EXPECT_THAT(mistakes(), ElementsAre(HasSubstr("acme.toml:4: settings.profile is \"redmin\"")));
  EXPECT_THAT(mistakes(), ElementsAre(HasSubstr("did you mean \"redmine\"?")));
}

}  // namespace
}  // namespace ombud::cli
