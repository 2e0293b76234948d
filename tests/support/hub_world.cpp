#include "support/hub_world.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <atomic>
#include <csignal>
#include <stdexcept>

namespace ombud::testing {
namespace {

namespace fs = std::filesystem;

constexpr auto kConnectSeconds = 2, kReadSeconds = 20;

constexpr const char* kHubToml = R"([desk]
name = "Servicedesk"
email = "desk@desk.example"
domain = "desk.example"
[http]
listen = "127.0.0.1:{}"
[delivery]
poll_every = "1s"
soft_deadline = "5s"
settle = "500ms"
drain_grace = "3s"
)";
constexpr const char* kMailToml = R"([mail]
listen = "127.0.0.1:{}"
protocol = "{}"
addresses = ["support@desk.example", "desk@desk.example"]
)";
constexpr const char* kRestToml = R"(supplier = "Skrivarpartner AB"
connector = "rest"
[settings]
profile = "redmine"
url = "http://127.0.0.1:{}"
api_key = {{ file = "secrets/skrivarpartner" }}
project = "support"
correlation_field = 7
poll_overlap_seconds = 2
)";
constexpr const char* kQueueToml = R"(supplier = "Drift AB"
connector = "queue"
[settings]
endpoint = "tcp://127.0.0.1:{}"
desk = "desk.example"
server_public_key = "rq:rM>}}U?@Lns47E1%kR.o@n%FcmmsL/@{{H8]yf7"
secret_key = {{ file = "secrets/drift" }}
resend_after_ms = 500
)";
constexpr const char* kMailLinkToml = R"(supplier = "Kontorsvakt AB"
connector = "email"
[settings]
to = "arenden@kontorsvakt.example"
from = "desk@desk.example"
domain = "desk.example"
language = "sv"
[settings.smtp]
host = "127.0.0.1"
port = {}
security = "none"
[mail]
addresses = ["arenden@kontorsvakt.example"]
)";
constexpr const char* kNoticesToml = R"(supplier = "Mail to users"
connector = "email"
kind = "notices"
[settings]
from = "support@desk.example"
domain = "desk.example"
[settings.smtp]
host = "127.0.0.1"
port = {}
security = "none"
)";
// The keys of ZeroMQ's own manual (zmq_curve).
constexpr const char* kDeskSecret = "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs";
constexpr const char* kDeskPublic = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID";
constexpr const char* kSupplierSecret = "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6";

std::string fresh_key() {
  static std::atomic<int> made{0};
  return fmt::format("test-{}-{}", ::getpid(), ++made);
}

void write_secret(const fs::path& file, std::string_view text) {
  write_text(file, text);
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
}

void require(bool so, const std::string& what) {
  if (!so) throw std::runtime_error(what);
}

}  // namespace

std::string object(std::initializer_list<std::pair<std::string_view, std::string>> members) {
  json::Writer out;
  out.begin_object();
  for (const auto& [name, text] : members) out.field(name, text);
  return out.end_object().take();
}

Answer http(int port, const std::string& method, const std::string& path, const std::string& body,
            const std::map<std::string, std::string>& headers) {
  httplib::Client client("127.0.0.1", port);
  client.set_connection_timeout(kConnectSeconds);
  client.set_read_timeout(kReadSeconds);
  httplib::Request request;
  request.method = method;
  request.path = path;
  request.body = body;
  request.headers = {headers.begin(), headers.end()};
  if (!body.empty() && headers.count("Content-Type") == 0) {
    request.headers.emplace("Content-Type", "application/json");
  }
  const auto result = client.send(request);
  Answer answer;
  if (!result) return answer;
  answer.status = result->status;
  answer.body = result->body;
  auto parsed = json::parse(result->body);
  if (parsed) answer.json = std::move(*parsed);
  return answer;
}

Hub::Hub(fs::path root, int mail_port, const std::string& protocol)
    : root_(std::move(root)), port_(free_port()), mail_port_(mail_port) {
  std::string toml = fmt::format(fmt::runtime(kHubToml), port_);
  if (mail_port_ != 0) toml += fmt::format(fmt::runtime(kMailToml), mail_port_, protocol);
  write_text(config() / "ombud.toml", toml);
  fs::create_directories(config() / "suppliers" / "secrets");
  fs::create_directories(data());
}

void Hub::write_link(const std::string& name, const std::string& toml) const {
  write_text(config() / "suppliers" / (name + ".toml"), toml);
}

void Hub::start(const Command& extra) {
  Command command = extra;
  command.words = {program("ombud"), "serve", "--config", config()};
  command.log = root_ / "hub.log";
  command.environment.push_back("OMBUD_CONNECTORS=" +
                                (program("").parent_path().parent_path() / "connectors").string());
  process_ = std::make_unique<Process>(command);
}

bool Hub::await_ready() {
  until(kSoon,
        [this] { return http(port_, "GET", "/readyz").status == 200 || !process_->running(); });
  return process_->running();
}

void Hub::kill_hard() {
  process_->kill_hard();
}

std::string Hub::token() const {
  const auto access = json::parse(read_text(data() / "run" / "local.json"));
  return access ? std::string((*access)["token"].text()) : std::string();
}

Answer Hub::api(const std::string& method, const std::string& path, const std::string& body,
                const std::string& idempotency_key) const {
  std::map<std::string, std::string> headers{{"Authorization", "Bearer " + token()}};
  if (!idempotency_key.empty()) headers.emplace("Idempotency-Key", idempotency_key);
  return http(port_, method, "/api/v1" + path, body, headers);
}

Answer Hub::must(const std::string& method, const std::string& path,
                 const std::string& body) const {
  const std::string key = method == "POST" ? fresh_key() : "";
  Answer answer;
  // 401: it has just started, and its new local token is not written yet.
  until(kSoon * 2, [&] {
    answer = api(method, path, body, key);
    return answer.status != 0 && answer.status < 500 && answer.status != 401;
  });
  require(answer.status >= 200 && answer.status < 300,
          fmt::format("{} {}: {} {}", method, path, answer.status, answer.body));
  return answer;
}

Ran Hub::ombud(std::vector<std::string> words) const {
  words.insert(words.begin(), {program("ombud").string(), "--config", config().string()});
  return run(std::move(words), {"OMBUD_CONNECTORS=" +
                                (program("").parent_path().parent_path() / "connectors").string()});
}

Supplier::Supplier(std::vector<std::string> command, int control, std::string seen_at, fs::path log)
    : command_(std::move(command)),
      control_(control),
      seen_at_(std::move(seen_at)),
      log_(std::move(log)) {}

void Supplier::start() {
  process_ = std::make_unique<Process>(Command{command_, log_, {}, {}, {}});
}
bool Supplier::await_ready() const {
  return until(kSoon, [this] { return http(control_, "GET", seen_at_).status == 200; });
}
void Supplier::kill_hard() {
  process_->kill_hard();
}

json::Document Supplier::seen() const {
  Answer answer;
  require(until(kSoon, [&] { return (answer = http(control_, "GET", seen_at_)).status == 200; }),
          "the supplier does not answer");
  return std::move(answer.json);
}
void Supplier::tell(const std::string& path, const std::string& json) const {
  const Answer answer = http(control_, "POST", path, json);
  require(answer.status == 200, fmt::format("{}: {} {}", path, answer.status, answer.body));
}
void Supplier::fault(const std::string& json) const {
  tell("/demo/faults", json);
}
int Supplier::count(std::string_view fault) const {
  return static_cast<int>(http(control_, "GET", "/demo/faults").json[fault].integer());
}

World::World() {
  const fs::path root = scratch_.path();
  hub_ = std::make_unique<Hub>(root, free_port());
  const std::string desk = fmt::format("127.0.0.1:{}", hub_->mail_port());
  const int rest = free_port(), queue = free_port(), queue_control = free_port(),
            mail = free_port(), mail_control = free_port(), box = free_port(),
            box_control = free_port();
  const auto text = [](int number) { return std::to_string(number); };
  write_secret(hub_->config() / "suppliers/secrets/skrivarpartner", "example-key\n");
  write_secret(hub_->config() / "suppliers/secrets/drift", kDeskSecret);
  write_secret(root / "supplier-key", kSupplierSecret);
  hub_->write_link("skrivarpartner", fmt::format(fmt::runtime(kRestToml), rest));
  hub_->write_link("drift", fmt::format(fmt::runtime(kQueueToml), queue));
  hub_->write_link("kontorsvakt", fmt::format(fmt::runtime(kMailLinkToml), mail));
  hub_->write_link("mail-to-users", fmt::format(fmt::runtime(kNoticesToml), box));

  rest_ = std::make_unique<Supplier>(
      std::vector<std::string>{program("example-redmine"), "--port", text(rest), "--data",
                               root / "rest.jsonl", "--key", "example-key"},
      rest, "/demo/issues", root / "rest.log");
  queue_ = std::make_unique<Supplier>(
      std::vector<std::string>{program("example-queue-supplier"), "--bind",
                               fmt::format("tcp://127.0.0.1:{}", queue), "--data",
                               root / "queue.jsonl", "--control", text(queue_control),
                               "--curve-secret-key", root / "supplier-key", "--allow", kDeskPublic},
      queue_control, "/demo/tickets", root / "queue.log");
  mail_ = std::make_unique<Supplier>(
      std::vector<std::string>{program("example-mail-supplier"), "--listen", text(mail),
                               "--reply-to", desk, "--data", root / "mail.jsonl", "--control",
                               text(mail_control)},
      mail_control, "/demo/mails", root / "mail.log");
  mailbox_ = std::make_unique<Supplier>(
      std::vector<std::string>{program("example-mail-supplier"), "--listen", text(box),
                               "--reply-to", desk, "--data", root / "mailbox.jsonl", "--control",
                               text(box_control)},
      box_control, "/demo/mails", root / "mailbox.log");
  for (Supplier* one : {rest_.get(), queue_.get(), mail_.get(), mailbox_.get()}) restart(*one);
  hub_->start();
  require(hub_->await_ready(), "the hub does not start:\n" + hub_->log());
  const Ran imported = hub_->ombud({"import", source("examples/organisation.toml")});
  require(imported.code == 0, imported.output);
}

void World::restart_hub() {
  hub_->start();
  require(hub_->await_ready(), "the hub does not start again:\n" + hub_->log());
}

void World::restart(Supplier& supplier) const {
  supplier.start();
  require(supplier.await_ready(), "a supplier does not start");
}

void World::kill_host(const std::string& link) const {
  const Answer answer = hub_->api("GET", "/links/" + link);
  const auto pid = static_cast<pid_t>(answer.json["host"]["pid"].integer());
  if (pid > 0) ::kill(pid, SIGKILL);
}

std::int64_t World::ticket(const std::string& customer, const std::string& service,
                           const std::string& subject) {
  json::Writer out;
  out.begin_object()
      .field("customer", customer)
      .field("service", service)
      .field("subject", subject);
  out.field("text", "Det här är ett prov.").begin_object("requester").field("name", "Eva Ek");
  out.field("email", "eva@" + customer + ".example").end_object().end_object();
  return hub_->must("POST", "/tickets", out.take()).json["id"].integer();
}

std::int64_t World::delegation(std::int64_t ticket) {
  const json::Document now = ticket_now(ticket);
  if (now["delegations"].size() > 0) return now["delegations"].at(0)["id"].integer();
  return hub_->must("POST", fmt::format("/tickets/{}/delegations", ticket), "{}")
      .json["id"]
      .integer();
}

json::Document World::ticket_now(std::int64_t ticket) {
  return hub_->must("GET", fmt::format("/tickets/{}", ticket)).json;
}
std::string World::delegation_state(std::int64_t ticket) {
  const json::Document now = ticket_now(ticket);
  return std::string(now["delegations"].at(0)["state"].text());
}
bool World::await_delegation(std::int64_t ticket, const std::string& state) {
  return until(kSoon, [&] { return delegation_state(ticket) == state; });
}

// True if nothing stands in doubt any more.
bool World::settle_doubts() {
  const Answer trouble = hub_->must("GET", "/deliveries?trouble=true&limit=200");
  const json::View items = trouble.json["items"];
  for (std::size_t i = 0; i < items.size(); ++i) {
    const json::View delivery = items.at(i);
    if (delivery["state"].text() != "dead") continue;  // the hub is still at it
    require(delivery["doubt"].boolean(), "a delivery is dead without doubt: " + delivery.dump());
    const std::string id = fmt::format("<{}@desk.example>", delivery["correlation"].text());
    const json::Document mails =
        (delivery["link"].text() == "kontorsvakt" ? *mail_ : *mailbox_).seen();
    bool arrived = false;
    for (std::size_t m = 0; m < mails.root().size(); ++m)
      arrived |= mails.root().at(m)["message_id"].text() == id;
    hub_->must(
        "POST",
        fmt::format("/deliveries/{}/{}", delivery["id"].integer(), arrived ? "confirm" : "retry"),
        arrived ? object({{"reason", "it is there"}, {"external_id", id}})
                : object({{"reason", "it is not there"}}));
  }
  return items.size() == 0;
}

bool World::come_to_rest() {
  return until(kSoon * 4, [this] {
    if (!settle_doubts()) return false;
    for (const char* state : {"waiting", "ready", "leased", "dead", "parked"}) {
      if (hub_->must("GET", fmt::format("/deliveries?state={}", state)).json["items"].size() > 0)
        return false;
    }
    return true;
  });
}

std::vector<std::string> World::mails(const Supplier& box, std::int64_t ticket) {
  std::vector<std::string> texts;
  const json::Document all = box.seen();
  const std::string tag = fmt::format("[OMB-{}]", ticket);
  for (std::size_t i = 0; i < all.root().size(); ++i) {
    const json::View mail = all.root().at(i);
    if (mail["subject"].text().find(tag) != std::string_view::npos)
      texts.emplace_back(mail["text"].text());
  }
  return texts;
}

}  // namespace ombud::testing
