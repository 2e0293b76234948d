#include "hub.hpp"

#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include "base/bytes.hpp"
#include "identity/accounts.hpp"
#include "identity/hasher.hpp"
#include "store/mails.hpp"
#include "store/sqlite/migrate.hpp"

namespace ombud::http::test {
namespace {

std::string made_directory() {
  std::string name = (std::filesystem::temp_directory_path() / "ombud-http-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
  return name;
}

void give_token(Tx& tx, const std::string& secret, Role role, std::optional<std::string> tenant,
                PersonId person, const std::string& agent, std::vector<std::string> links = {}) {
  Token token;
  token.id = secret;
  token.name = secret;
  token.principal.role = role;
  token.principal.tenant = std::move(tenant);
  token.principal.person = person;
  token.principal.agent = agent;
  token.principal.links = std::move(links);
  token.created_at = tx.at();
  put_token(tx, token, sha256_hex(secret));
}

// One pass over 8 KiB: a test waits for no password.
constexpr identity::HashCost kCheap{1, 8192};
// Of Hub::kPassword at that cost.
const std::string& hashed_password() {
  static const std::string hashed = [] {
    identity::Settings settings;
    settings.cost = kCheap;
    net::thread_pool pool(1);  // ends after the hasher, whose thread still hands over to it
    identity::Hasher hasher(settings);
    auto future = net::co_spawn(pool, hasher.hash(Hub::kPassword), net::use_future);
    const std::string hash = future.get().value();
    pool.join();
    return hash;
  }();
  return hashed;
}

identity::NewAccount staff(const std::string& name, Role role, const std::string& tenant = "") {
  identity::NewAccount account;
  account.name = name + " Andersson";
  account.email = name + "@provider.example";
  account.staff = identity::NewStaff{name, "", role, tenant};
  return account;
}
identity::NewAccount person(const std::string& name, Role role, const std::string& customer) {
  identity::NewAccount account;
  account.name = name + " Andersson";
  account.email = name + "@" + customer + ".example";
  account.memberships = {{customer, role}};
  return account;
}

}  // namespace

net::awaitable<std::vector<HostReport>> PlayedLinks::reports() {
  std::vector<HostReport> all(1);
  all[0].link = "nordprint";
  all[0].state = "up";
  all[0].connector = "rest";
  all[0].capabilities = {"attachments"};
  all[0].certificate_until = certificate_until;
  all[0].clock_ahead = clock_ahead;
  co_return all;
}
net::awaitable<Result<void>> PlayedLinks::restart(std::string) {
  ++restarts;
  co_return Result<void>();
}
net::awaitable<Result<CheckReport>> PlayedLinks::check(std::string) {
  CheckReport report;
  report.ok = true;
  report.message = "fine";
  co_return report;
}

net::awaitable<Result<Findings>> PlayedLinks::ask(std::string link, Question question) {
  if (link == "none") co_return not_found("link");
  Findings findings;
  findings.status = question.operation == "probe" ? "ok" : "permanent";
  findings.documents = {R"({"check":"name","state":"ok","detail":"fine"})", "nonsense",
                        R"({"check":"rights","state":"fail","detail":"may not write"})"};
  co_return findings;
}
net::awaitable<Result<LinkWorks>> PlayedLinks::works(std::string link) {
  if (link == "none") co_return not_found("link");
  LinkWorks works;
  works.connector = "rest";
  works.settings_json = R"({"key":{"$secret":"token1"}})";
  co_return works;
}

WebhookIntake::Admission PlayedWebhooks::admit(const std::string& link) {
  if (link == "busy") return {nullptr, {WebhookVerdict::busy, "", 7}};
  if (link == "none") return {nullptr, {WebhookVerdict::unknown_link, "", 0}};
  return {std::make_shared<int>(), {}};
}

net::awaitable<WebhookAnswer> PlayedWebhooks::take(std::string, std::string,
                                                   std::string headers_json, std::string body) {
  last_headers = std::move(headers_json);
  WebhookAnswer answer;
  if (body == "nonsense") {
    answer.verdict = WebhookVerdict::refused;
    answer.detail = "There is no member \"issue\" in it.";
  } else if (body == "forged") {
    answer.verdict = WebhookVerdict::bad_signature;
  } else if (body == "later") {
    answer.verdict = WebhookVerdict::unavailable;
    answer.retry_after_s = 42;
  }
  co_return answer;
}

TemporaryDirectory::TemporaryDirectory() : path(made_directory()) {}
TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
}

Hub::Hub(tmf::Settings tmf621, const std::filesystem::path& web, const StreamLimits& stream_limits,
         const ServerLimits& server_limits)
    : log(clock, Level::info, [this](std::string_view line) {
        const std::lock_guard lock(log_mutex);
        log_lines.emplace_back(line);
      }) {
  bytes_init();
  const std::string database = directory.path + "/ombud.db";
  std::filesystem::create_directory(directory.path + "/uploads");
  std::filesystem::create_directory(directory.path + "/blobs");
  sqlite::migrate(database, log);
  store = std::make_unique<sqlite::SqliteStore>(database, clock, random, log);
  stream =
      std::make_unique<live::Stream>(blocking.get_executor(), clock, *store, log, stream_limits);
  store->observe([this](const CommitNote& note) { stream->committed(note); });
  streaming = net::co_spawn(blocking, stream->run(), net::use_future);
  blobs = std::make_unique<sqlite::FileBlobs>(directory.path + "/blobs", blocking);
  run([this](Tx& tx) {
    put_desk_identity(tx, {"Servicedesk", "desk@provider.example"});
    put_customer(tx, {"alfa", "Alfa AB", {"alfa.example"}, "sv"});
    put_customer(tx, {"beta", "Beta AB", {"beta.example"}, "en"});
    put_agent(tx, {"anna", "Anna Agent", "anna@provider.example", "desk"});
    put_agent(tx, {"bea", "Bea Agent", "bea@provider.example", "desk"});
    put_service(tx, {"printing", "Utskrift", {"skrivare"}});
    sync_links(tx, {{"nordprint", "supplier", "Nordprint AB", "rest", true, "open", "", {}, "", {}},
                    {"sudprint", "supplier", "Sudprint AB", "rest", true, "open", "", {}, "", {}},
                    {"desk-mail", "notices", "Users", "email", true, "open", "", {}, "", {}}});
    const PersonId e =
        put_person(tx, {{}, "alfa", "Erik Ek", "erik@alfa.example", "", "sv", false});
    const PersonId m =
        put_person(tx, {{}, "alfa", "Maja Malm", "maja@alfa.example", "", "sv", false});
    const PersonId o =
        put_person(tx, {{}, "beta", "Otto Ob", "otto@beta.example", "", "en", false});
    erik = e.value;
    Agreement covers;
    covers.customer = "alfa";
    covers.link = "nordprint";
    covers.services = {"printing"};
    covers.share = {"subject"};
    covers.valid_from = tx.at() - Millis{1};
    agreement = put_agreement(tx, covers).value;
    give_token(tx, "erik", Role::user, "alfa", e, "");
    give_token(tx, "maja", Role::user, "alfa", m, "");
    give_token(tx, "otto", Role::user, "beta", o, "");
    give_token(tx, "anna", Role::agent, {}, {}, "anna");
    give_token(tx, "bea", Role::agent, "beta", {}, "bea");
    give_token(tx, "olof", Role::operator_, {}, {}, "");
    give_token(tx, "ada", Role::admin, {}, {}, "");
    give_token(tx, "alfa-itsm", Role::customer, "alfa", {}, "");
    give_token(tx, "alfa-portal", Role::customer, "alfa", {}, "");
    give_token(tx, "beta-itsm", Role::customer, "beta", {}, "");
    give_token(tx, "nord-itsm", Role::supplier, {}, {}, "", {"nordprint"});
    give_token(tx, "sud-itsm", Role::supplier, {}, {}, "", {"sudprint"});
    identity::NewAccount both = staff("dubbel", Role::agent);
    both.memberships = {{"alfa", Role::manager}, {"beta", Role::user}};
    for (identity::NewAccount account :
         {staff("ada", Role::admin), staff("lena", Role::lead), staff("anna", Role::agent),
          staff("bea", Role::agent, "beta"), staff("olof", Role::operator_),
          person("erik", Role::user, "alfa"), person("asta", Role::approver, "alfa"),
          person("mona", Role::manager, "alfa"), person("otto", Role::user, "beta"),
          person("mats", Role::manager, "beta"), both}) {
      const std::string name = account.email.substr(0, account.email.find('@'));
      account.password = hashed_password();
      const Account made = identity::add(tx, account).value();
      const identity::Opened opened = identity::open_session(tx, made, {"192.0.2.1", "test"}, "");
      accounts[name] = made.id.value;
      cookies[name] = opened.cookie;
      sessions[name] = opened.session.id;
      csrfs[name] = identity::csrf_of(opened.cookie);
    }
  });
  auto found = Pages::load(web);
  if (!found) throw std::runtime_error(found.error().detail);
  pages = std::move(*found);
  AppParts parts{clock,
                 random,
                 log,
                 *store,
                 *blobs,
                 links,
                 webhooks,
                 directory.path + "/uploads",
                 "1.2.3",
                 true,
                 [this] { return reload(); },
                 std::move(tmf621)};
  parts.identity.cost = kCheap;
  parts.pages = &pages;
  parts.identity.proxies = {"127.0.0.1"};  // so that a test says where a request comes from
  parts.configuration = [this] { return configuration(); };
  parts.stream = stream.get();
  parts.letter_key = &letter_key;
  parts.chose = [this] { ++chose_anew; };
  parts.mail_waits = [this] { ++mails_to_read_again; };
  parts.letters = letters;
  parts.file_links = &file_links;
  app = std::make_unique<App>(std::move(parts));
  ServerOptions options;
  options.threads = 2;
  options.limits = server_limits;
  server = std::make_unique<Server>(clock, random, log, *app, options);
  app->add_source(*server);
  const auto listening = server->start();
  if (!listening) throw std::runtime_error(listening.error().detail);
  port = *listening;
}

net::awaitable<Result<ReloadReport>> Hub::reload() {
  if (configuration_mistake.empty()) co_return ReloadReport{{"nordprint"}};
  co_return invalid(configuration_mistake, "is a mistake");
}

net::awaitable<ConfigurationReport> Hub::configuration() {
  ConfigurationReport report;
  report.ok = configuration_mistake.empty();
  if (!report.ok) report.findings.push_back({"suppliers/nord.toml", 3, true, "is a mistake"});
  report.settings = {{"desk.name", "Servicedesk"}};
  report.mailboxes = {
      {"smtp", "smtp", "it@alfa.example, it@provider.example", "0.0.0.0:2525", "", "", ""},
      {"alfa", "imap", "it@alfa.example", "imap.alfa.example", "alfa", "desk", "sv"},
      {"shared", "imap", "it@provider.example", "imap.provider.example", "", "", ""}};
  report.links = {
      {"nordprint", "suppliers/nordprint.toml", "supplier", "Nordprint AB", "rest", "", true}};
  co_return report;
}

Hub::~Hub() {
  server.reset();
  net::post(blocking, [this] { stream->close(); });
  streaming.get();
  store.reset();
  blocking.join();  // whatever commits still told the stream
}

void Hub::run(const std::function<void(Tx&)>& work) {
  std::promise<std::exception_ptr> done;
  store->write(
      system_principal("test"),
      [&](Tx& tx) {
        work(tx);
        return true;
      },
      [&](std::exception_ptr error) { done.set_value(error); });
  if (const auto error = done.get_future().get()) std::rethrow_exception(error);
}

void Hub::tell() {
  const notify::Desk desk{*letters, letter_key, {}, "https://desk.example"};
  for (bool more = true; more;) {
    std::vector<PersonId> people;
    run([&](Tx& tx) {
      const notify::Plan plan = notify::plan(tx, desk, 100);
      more = !plan.empty();
      people = notify::carry_out(tx, plan);
    });
    stream->told(people);
  }
}

std::optional<Answer> Hub::send(const std::string& method, const std::string& target,
                                const std::string& token, const std::string& body,
                                std::vector<std::pair<std::string, std::string>> headers) const {
  if (!token.starts_with('@')) return ask(port, {method, target, token, body, std::move(headers)});
  const std::string name = token.substr(1);
  headers.emplace_back("Cookie", "ombud_session=" + cookies.at(name));
  headers.emplace_back("X-CSRF-Token", csrfs.at(name));
  return ask(port, {method, target, "", body, std::move(headers)});
}

json::Document Hub::expect(int status, const std::string& method, const std::string& target,
                           const std::string& token, const std::string& body) const {
  const auto answer = send(method, target, token, body);
  if (!answer) {
    ADD_FAILURE() << method << " " << target << ": no answer";
    return {};
  }
  EXPECT_EQ(answer->status, status) << method << " " << target << "\n" << answer->body;
  return answer->body.empty() ? json::Document() : answer->json();
}

std::string Hub::new_ticket(const std::string& subject) const {
  const auto ticket = expect(201, "POST", "/api/v1/tickets", "erik",
                             R"({"subject":")" + subject + R"(","text":"Den drar inte papper."})");
  return std::to_string(ticket["id"].integer());
}

std::int64_t Hub::delegate(const std::string& ticket) const {
  const auto delegation =
      expect(201, "POST", "/api/v1/tickets/" + ticket + "/delegations", "anna",
             R"({"link":"nordprint","service":"printing","brief":"Var god laga."})");
  return delegation["id"].integer();
}

Hub::NewMail Hub::new_mail(const std::string& ticket, const std::string& raw) {
  constexpr static Sql kAdd{
      "INSERT INTO mail_in (sha256, bytes, envelope_from, envelope_to, dedupe_key, message_id,"
      " received_at, state, outcome, ticket_id, mailbox, sender, sender_name, subject, verdict, "
      "spf,"
      " dmarc, done_at) VALUES ($1, $2, 'erik@alfa.example', 'desk@ombud.example', $3,"
      " '<m@alfa.example>', $4, 'done', 'reply', $5, 'lmtp', 'erik@alfa.example', 'Erik Ek', 'Hej',"
      " 'pass', 'pass', 'pass', $4)"};
  std::promise<BlobRef> stored;
  net::co_spawn(blocking, blobs->put(raw),
                [&](std::exception_ptr, Result<BlobRef> blob) { stored.set_value(blob.value()); });
  const BlobRef blob = stored.get_future().get();
  NewMail made;
  run([&](Tx& tx) {
    const TicketId id = ticket_of_reference(ticket);
    event::MessageAdded added;
    added.from = Party::user;
    added.author = "Erik Ek";
    added.writer = {erik};
    added.text = "Hej!\n\n> gammalt";
    MailMessage message;
    message.message = {append(tx, id, added).event.value};
    message.ticket = id;
    message.mail = tx.insert(kAdd, blob.sha256, blob.bytes, tx.mint(), tx.at(), id);
    message.person = {erik};
    message.sender = "erik@alfa.example";
    message.sender_name = "Erik Ek";
    message.shown = "Hej!";
    message.body = R"([{"t":"p","c":[{"t":"text","v":"Hej!"}]}])";
    message.signed_by = "smime";
    add_mail_message(tx, message);
    made = {std::to_string(message.mail), std::to_string(message.message.value)};
  });
  return made;
}

}  // namespace ombud::http::test
