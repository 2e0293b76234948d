// ombud import: an organisation from one commented TOML file. What is there already and equal is
// left alone, so the same file may be imported again after every change to it.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <ostream>
#include <set>

#include "base/ascii.hpp"
#include "base/nearest.hpp"
#include "base/toml.hpp"
#include "cli/commands/words.hpp"
#include "cli/context.hpp"

namespace ombud::cli {
namespace {

constexpr std::size_t kListMax = 1'000;

// One table of the file, as the API takes it.
struct Record {
  std::string identity;  // what makes it the same one as in the hub
  std::string body;      // JSON
  std::string label;     // for people
  int line = 0;
  std::map<std::string, int> lines;          // member of the body → line
  std::filesystem::path password_file = {};  // of an account that is made
};

struct Kind {
  std::string word;  // "customer": the table's name
  std::string path;  // in the API
  std::vector<Record> records;
};

// Writes the body of a record and remembers on which line each member stands.
class Builder {
 public:
  explicit Builder(toml::Reader& in) : in_(in) {
    record_.line = in.line();
    body_.begin_object();
  }

  std::string text(const std::string& name, bool required, std::string_view example) {
    const auto value = in_.maybe_text(name, {.required = required, .example = example});
    note(name, name);
    body_.field_if(name, value);
    return value.value_or("");
  }
  std::string key(const std::string& name, bool required, std::string_view example) {
    std::string value = text(name, required, example);
    if (!value.empty() && !is_key(value)) {
      in_.refuse(name,
                 fmt::format("is \"{}\"; write a short name of a-z, 0-9, '-', '_' and '.', such "
                             "as \"{}\"",
                             value, example));
    }
    return value;
  }
  std::vector<std::string> texts(const std::string& name, bool required, std::string_view example) {
    auto values = in_.texts(name, kListMax, {.required = required, .example = example});
    note(name, name);
    if (in_.has(name)) {
      body_.begin_array(name);
      for (std::size_t i = 0; i < values.size(); ++i) {
        body_.value(values[i]);
        record_.lines[fmt::format("{}/{}", name, i)] = in_.line(name, i);
      }
      body_.end_array();
    }
    return values;
  }
  // One or several; of one alone too.
  std::vector<std::string> one_or_more(const std::string& name, std::string_view example) {
    auto values = in_.texts(name, kListMax, {.example = example});
    note(name, "memberships");
    return values;
  }
  // A role at these customers, or as this agent, as the API nests them.
  void roles(const std::string& agent, const std::vector<std::string>& customers,
             const std::string& role) {
    if (!agent.empty()) {
      body_.begin_object("agent").field("id", agent);
      body_.field("role", role.empty() ? "agent" : role).end_object();
    } else {
      body_.begin_array("memberships");
      for (const std::string& customer : customers) {
        body_.begin_object().field("customer", customer);
        if (!role.empty()) body_.field("role", role);
        body_.end_object();
      }
      body_.end_array();
    }
  }
  // Read, but not part of what is compared with the hub's.
  std::string aside(const std::string& name, const std::string& member, std::string_view example) {
    const auto value = in_.maybe_text(name, {.example = example});
    note(name, member);
    return value.value_or("");
  }
  std::string choice(const std::string& name, const std::string& member,
                     const std::vector<std::string>& choices) {
    std::string value = in_.choice(name, "", choices);
    note(name, member);
    return value;
  }
  void refuse(const std::string& name, std::string detail) { in_.refuse(name, std::move(detail)); }
  void secret_file(const std::string& name) {
    if (in_.has(name)) record_.password_file = in_.path_to(name, "");
    note(name, "password");
  }
  void language() {
    const std::string value = in_.choice("language", "", {"sv", "en"});
    note("language", "language");
    if (!value.empty()) body_.field("language", value);
  }
  void flag(const std::string& name) {
    const bool value = in_.boolean(name, false);
    note(name, name);
    if (in_.has(name)) body_.field(name, value);
  }
  void number(const std::string& name, std::int64_t min, std::int64_t max) {
    const std::int64_t value = in_.integer(name, min, min, max);
    note(name, name);
    if (in_.has(name)) body_.field(name, value);
  }
  // `name` = "agent" or "auto" becomes the boolean `member`.
  void automatic(const std::string& name, const std::string& member) {
    const std::string value = in_.choice(name, "agent", {"agent", "auto"});
    note(name, member);
    if (in_.has(name)) body_.field(member, value == "auto");
  }
  void instant(const std::string& name, const std::string& member) {
    const auto value = in_.maybe_instant(name);
    note(name, member);
    if (value) body_.field(member, to_rfc3339(*value));
  }
  void duration(const std::string& name, const std::string& member) {
    const auto value = in_.maybe_duration(name, Millis(60'000), Millis(365LL * 86'400'000));
    note(name, member);
    if (value) body_.field(member, static_cast<std::int64_t>(value->count()));
  }

  Record finish(std::string identity, std::string label) {
    in_.finish();
    record_.identity = std::move(identity);
    record_.label = std::move(label);
    record_.body = body_.end_object().take();
    return std::move(record_);
  }

 private:
  void note(const std::string& name, const std::string& member) {
    record_.lines[member] = in_.line(name);
  }

  toml::Reader& in_;
  json::Writer body_;
  Record record_;
};

std::string agreement_identity(std::string_view customer, std::string_view link,
                               std::vector<std::string> services) {
  std::sort(services.begin(), services.end());
  std::string all = fmt::format("{} {}", customer, link);
  for (const std::string& service : services) all += " " + service;
  return all;
}

Record read_named(Builder& record, bool language_too) {
  const std::string id = record.key("id", true, "acme");
  const std::string name = record.text("name", true, "Acme AB");
  if (language_too) {
    record.texts("mail_domains", false, "acme.example");
    record.language();
    record.flag("order_approval");
    record.number("approval_days", 1, 60);
    record.flag("system_speaks_for_approvers");
  }
  return record.finish(id, id);
}

Record read_agent(Builder& record) {
  const std::string id = record.key("id", true, "anna");
  record.text("name", true, "Anna Alm");
  record.key("team", true, "desk");
  record.text("email", false, "anna@desk.example");
  return record.finish(id, id);
}

Record read_user(Builder& record) {
  const std::string customer = record.key("customer", true, "acme");
  record.text("name", true, "Eva Ek");
  const std::string email = record.text("email", true, "eva@acme.example");
  record.text("phone", false, "+46 70 000 00 00");
  record.language();
  record.flag("approver");
  return record.finish(customer + " " + ascii_lower(email), email);
}

Record read_service(Builder& record) {
  const std::string id = record.key("id", true, "print");
  record.text("name", true, "Printing");
  record.texts("words", false, "printer");
  return record.finish(id, id);
}

Record read_agreement(Builder& record) {
  const std::string customer = record.key("customer", true, "acme");
  const std::string link = record.key("link", true, "acme-it");
  const auto services = record.texts("services", true, "print");
  record.texts("share", false, "subject");
  record.automatic("relay", "relay_automatically");
  record.automatic("delegate", "delegate_automatically");
  record.instant("from", "valid_from");
  record.instant("until", "valid_until");
  record.duration("resolve_within", "resolve_within_ms");
  return record.finish(agreement_identity(customer, link, services),
                       fmt::format("{} with {}", customer, link));
}

// One of the provider's people, or a person at customers.
Record read_account(Builder& record) {
  const std::string email = record.text("email", true, "eva@acme.example");
  record.text("name", true, "Eva Ek");
  const std::string agent = record.aside("agent", "agent", "anna");
  const auto customers = record.one_or_more("customers", "acme");
  const std::vector<std::string> staff{"agent", "lead", "operator", "admin"};
  const std::vector<std::string> people{"user", "approver", "manager"};
  const std::string role = record.choice("role", agent.empty() ? "memberships" : "agent",
                                         agent.empty() ? people : staff);
  if (agent.empty() == customers.empty()) {
    record.refuse("agent", "must be there, or else customers = [\"acme\"]: one of the two");
  }
  record.roles(agent, customers, role);
  record.secret_file("password_file");
  return record.finish(ascii_lower(email), email);
}

// Whether somebody approves orders is one fact, whichever table says it: both must say the same.
void refuse_two_words(toml::Reader& root, const Kind& users, const Kind& accounts) {
  std::map<std::string, const Record*> said;  // what [[user]] tables say of it
  for (const Record& user : users.records) {
    const auto body = json::parse(user.body);
    if (body->root()["approver"].present()) said[user.identity] = &user;
  }
  for (const Record& account : accounts.records) {
    const auto body = json::parse(account.body);
    const json::View memberships = body->root()["memberships"];
    for (std::size_t i = 0; i < memberships.size(); ++i) {
      const json::View one = memberships.at(i);
      const auto user = said.find(fmt::format("{} {}", one["customer"].text(), account.identity));
      const bool silent = !one["role"].present() || one["role"].text() == "manager";
      if (user == said.end() || silent) continue;
      const bool approver = json::parse(user->second->body)->root()["approver"].boolean();
      if (approver == (one["role"].text() == "approver")) continue;
      root.refuse_at(
          account.lines.contains("memberships") ? account.lines.at("memberships") : account.line,
          fmt::format("the role \"{}\" and approver = {} on line {} are two words "
                      "about one right: make them agree",
                      one["role"].text(), approver, user->second->line));
    }
  }
}

std::vector<Kind> read_file(const std::filesystem::path& path, toml::Mistakes& mistakes) {
  // In this order each can refer to those before it.
  std::vector<Kind> kinds = {{"team", "/teams", {}},         {"agent", "/agents", {}},
                             {"customer", "/customers", {}}, {"user", "/people", {}},
                             {"service", "/services", {}},   {"agreement", "/agreements", {}},
                             {"account", "/accounts", {}}};
  const auto file = toml::File::load(path, mistakes);
  if (!file) return kinds;
  toml::Reader root = file->root();
  for (Kind& kind : kinds) {
    std::map<std::string, int> seen;
    for (toml::Reader& table : root.tables(kind.word)) {
      Builder builder(table);
      Record record = kind.word == "team"       ? read_named(builder, false)
                      : kind.word == "customer" ? read_named(builder, true)
                      : kind.word == "agent"    ? read_agent(builder)
                      : kind.word == "user"     ? read_user(builder)
                      : kind.word == "service"  ? read_service(builder)
                      : kind.word == "account"  ? read_account(builder)
                                                : read_agreement(builder);
      const auto [first, fresh] = seen.emplace(record.identity, record.line);
      if (!fresh && !record.label.empty()) {
        table.refuse_at(record.line, fmt::format("the {} {} stands on line {} already; remove one",
                                                 kind.word, record.label, first->second));
      }
      kind.records.push_back(std::move(record));
    }
  }
  refuse_two_words(root, kinds[3], kinds[6]);
  root.finish();
  return kinds;
}

std::string identity_of(const Kind& kind, json::View item) {
  if (kind.word == "user") {
    return fmt::format("{} {}", item["customer"].text(),
                       ascii_lower(std::string(item["email"].text())));
  }
  if (kind.word == "agreement") {
    std::vector<std::string> services;
    for (std::size_t i = 0; i < item["services"].size(); ++i) {
      services.emplace_back(item["services"].at(i).text());
    }
    return agreement_identity(item["customer"].text(), item["link"].text(), std::move(services));
  }
  if (kind.word == "account") return ascii_lower(std::string(item["email"].text()));
  return std::string(item["id"].text());
}

// An account's roles as one text: "lead anna", or "user acme, user beta".
std::string roles_of(json::View account) {
  const json::View agent = account["agent"];
  if (agent.is_object()) return fmt::format("{} {}", agent["role"].text(), agent["id"].text());
  std::set<std::string> all;
  const json::View memberships = account["memberships"];
  for (std::size_t i = 0; i < memberships.size(); ++i) {
    const json::View one = memberships.at(i);
    all.insert(fmt::format("{} {}", one["role"].text(), one["customer"].text()));
  }
  return fmt::format("{}", fmt::join(all, ", "));
}

// Every member that the file names has that value in the hub; lists as sets.
bool equal(json::View wanted, json::View there) {
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const json::View want = wanted.member_at(i), have = there[wanted.name_at(i)];
    if (want.is_array()) {
      std::multiset<std::string> left, right;
      for (std::size_t j = 0; j < want.size(); ++j) left.insert(ascii_lower(want.at(j).dump()));
      for (std::size_t j = 0; j < have.size(); ++j) right.insert(ascii_lower(have.at(j).dump()));
      if (left != right) return false;
    } else if (wanted.name_at(i) == "email" ? ascii_lower(want.dump()) != ascii_lower(have.dump())
                                            : want.dump() != have.dump()) {
      return false;
    }
  }
  return true;
}

// Where the file says no role, any that he has there will do.
bool equal_account(json::View wanted, json::View there) {
  const json::View memberships = wanted["memberships"];
  bool as_known = memberships.size() > 0 && there["memberships"].size() == memberships.size() &&
                  !there["agent"].is_object();
  for (std::size_t i = 0; as_known && i < memberships.size(); ++i) {
    bool found = false;
    for (std::size_t j = 0; j < memberships.size(); ++j) {
      const json::View have = there["memberships"].at(j);
      found |= have["customer"].text() == memberships.at(i)["customer"].text();
    }
    as_known = found && !memberships.at(i)["role"].present();
  }
  return wanted["name"].text() == there["name"].text() &&
         (as_known || roles_of(wanted) == roles_of(there));
}

// What the hub has of a kind: identity → the item.
struct Existing {
  std::vector<json::Document> pages;
  std::map<std::string, json::View> items;
};

Outcome<Existing> fetch(Context& on, const Kind& kind) {
  Existing existing;
  std::vector<Query> queries(1);
  if (kind.word == "user") {  // people are listed per customer
    std::set<std::string> customers;
    for (const Record& record : kind.records) {
      customers.insert(record.identity.substr(0, record.identity.find(' ')));
    }
    queries.clear();
    for (const std::string& customer : customers)
      queries.push_back(Query().add("customer", customer).add("limit", "200"));
  }
  for (const Query& query : queries) {
    auto pages = on.get_all(kind.path, query);
    if (!pages && pages.error().exit == Exit::not_found) continue;  // a customer to be made
    if (!pages) return pages.error();
    for (json::Document& page : *pages) existing.pages.push_back(std::move(page));
  }
  for (const json::Document& page : existing.pages) {
    const json::View items = page["items"];
    for (std::size_t i = 0; i < items.size(); ++i) {
      const json::View item = items.at(i);
      if (item["valid_until"].is_text()) {
        const auto until = parse_rfc3339(item["valid_until"].text());
        if (until && *until <= on.world.now()) continue;  // an ended agreement is history
      }
      existing.items[identity_of(kind, item)] = item;
    }
  }
  return existing;
}

// What a record's members may name besides what the file itself holds.
struct Reference {
  std::string_view member;     // of the body; of a list each
  std::string_view kind;       // "customer", or "link", which no file makes
  std::string_view otherwise;  // what to do if there is none
};

std::vector<Reference> references_of(const Kind& kind) {
  const Reference customer{"customer", "customer", "add a [[customer]] to the file"};
  if (kind.word == "agent") return {{"team", "team", "add a [[team]] to the file"}};
  if (kind.word == "user") return {customer};
  if (kind.word == "agreement") {
    return {customer,
            {"link", "link",
             "begin it with ombud supplier new, and turn it on, or leave the "
             "[[agreement]] out until then"},
            {"services", "service", "add a [[service]] to the file"}};
  }
  if (kind.word == "account") return {{"memberships", "customer", customer.otherwise}};
  return {};
}

std::vector<std::string> named_in(json::View body, std::string_view member) {
  const json::View value = body[member];
  if (value.is_text()) return {std::string(value.text())};
  std::vector<std::string> all;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const json::View one = value.at(i);
    all.emplace_back(one.is_object() ? one["customer"].text() : one.text());
  }
  return all;
}

// The keys that file and hub have of a kind. Nothing: the hub does not tell us.
Outcome<std::optional<std::set<std::string>>> keys_of(Context& on, const std::vector<Kind>& kinds,
                                                      std::string_view word) {
  std::set<std::string> keys;
  if (word == "team") keys.insert("desk");  // always there
  for (const Kind& kind : kinds) {
    if (kind.word != word) continue;
    for (const Record& record : kind.records) keys.insert(record.identity);
  }
  const auto pages = on.get_all(fmt::format("/{}s", word));
  if (!pages) {
    const Exit exit = pages.error().exit;
    if (exit == Exit::not_found) return std::optional<std::set<std::string>>();
    return pages.error();
  }
  for (const json::Document& page : *pages) {
    const json::View items = page["items"];
    for (std::size_t i = 0; i < items.size(); ++i) keys.emplace(items.at(i)["id"].text());
  }
  return std::optional(std::move(keys));
}

// Every name in the file that neither file nor hub knows, before anything is sent.
std::optional<Failure> check_references(Context& on, const std::string& file,
                                        const std::vector<Kind>& kinds, toml::Mistakes& mistakes) {
  std::map<std::string_view, std::optional<std::set<std::string>>> known;
  for (const Kind& kind : kinds) {
    const auto references = references_of(kind);
    for (const Record& record : kind.records) {
      const auto body = json::parse(record.body);
      for (const Reference& reference : references) {
        const auto names = named_in(body->root(), reference.member);
        if (names.empty()) continue;
        if (!known.contains(reference.kind)) {
          auto keys = keys_of(on, kinds, reference.kind);
          if (!keys) return keys.error();
          known[reference.kind] = std::move(*keys);
        }
        const auto& keys = known[reference.kind];
        if (!keys) continue;
        const std::vector<std::string> all(keys->begin(), keys->end());
        for (std::size_t i = 0; i < names.size(); ++i) {
          if (names[i].empty() || keys->contains(names[i])) continue;
          const auto line = record.lines.find(fmt::format("{}/{}", reference.member, i));
          const auto whole = record.lines.find(std::string(reference.member));
          const auto meant = nearest(names[i], all);
          mistakes.add(file,
                       line != record.lines.end()    ? line->second
                       : whole != record.lines.end() ? whole->second
                                                     : record.line,
                       fmt::format("\"{}\" is no {} that the hub or this file knows; {}", names[i],
                                   reference.kind,
                                   meant ? fmt::format("did you mean \"{}\"?", *meant)
                                         : std::string(reference.otherwise)));
        }
      }
    }
  }
  return std::nullopt;
}

struct Count {
  int made = 0, changed = 0, same = 0;
};

class Import {
 public:
  Import(Context& on, std::string file, bool dry) : on_(on), file_(std::move(file)), dry_(dry) {}

  // Nothing to say on success; the first thing that cannot go on otherwise.
  std::optional<Failure> put(const Kind& kind) {
    if (kind.records.empty()) return std::nullopt;
    const auto existing = fetch(on_, kind);
    if (!existing) return existing.error();
    Count& count = counts_[kind.word];
    for (const Record& record : kind.records) {
      const auto body = json::parse(record.body);
      const auto there = existing->items.find(record.identity);
      const bool known = there != existing->items.end();
      const bool same =
          known && (kind.word == "account" ? equal_account(body->root(), there->second)
                                           : equal(body->root(), there->second));
      if (same) {
        ++count.same;
        continue;
      }
      if (!dry_) {
        const auto answer = send(kind, record, body->root(), known ? there->second : json::View());
        if (!answer && !refused(record, answer.error())) return answer.error();
        if (!answer) continue;
      }
      ++(known ? count.changed : count.made);
    }
    return std::nullopt;
  }

  const std::map<std::string, Count>& counts() const { return counts_; }
  const toml::Mistakes& mistakes() const { return mistakes_; }

 private:
  // What the file does not name stays as it is.
  Outcome<Answer> send(const Kind& kind, const Record& record, json::View wanted,
                       json::View there) {
    if (kind.word == "account") return send_account(kind, record, wanted, there);
    const std::string body = merged(there, wanted);
    if (kind.word == "user") return on_.post(kind.path, body);
    if (kind.word != "agreement")
      return on_.put(fmt::format("{}/{}", kind.path, record.identity), body);
    if (!there.present()) return on_.post(kind.path, body);
    // Only as it was read whole: it says what may leave, and somebody may be at it just now.
    const std::string path = fmt::format("{}/{}", kind.path, there["id"].dump());
    const auto before = on_.get(path);
    if (!before) return before.error();
    return on_.put(path, merged(before->root(), wanted), before->etag);
  }

  // Its password is set when it is made, and never again: by then it is its owner's.
  Outcome<Answer> send_account(const Kind& kind, const Record& record, json::View wanted,
                               json::View there) {
    if (there.present()) {
      const auto api = on_.hub();
      if (!api) return api.error();
      return (*api)->patch(fmt::format("{}/{}", kind.path, there["id"].dump()), record.body, "");
    }
    json::Writer body;
    body.begin_object();
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      body.field(wanted.name_at(i), wanted.member_at(i));
    }
    if (!record.password_file.empty()) {
      std::ifstream in(record.password_file, std::ios::binary);
      std::string line;
      if (!std::getline(in, line) || line.empty()) {
        return Failure{Exit::failed,
                       "",
                       {{"/password", fmt::format("holds no password: {}; write it on the first "
                                                  "line of the file",
                                                  record.password_file.string())}},
                       {},
                       {}};
      }
      body.field("password", line);
    }
    return on_.post(kind.path, body.end_object().take());
  }

  // Takes the hub's refusal of one record back to its lines. False: it is about more than this one.
  bool refused(const Record& record, const Failure& failure) {
    if (failure.exit == Exit::unreachable || failure.exit == Exit::denied) return false;
    if (failure.fields.empty()) mistakes_.add(file_, record.line, failure.detail);
    for (const FieldProblem& field : failure.fields) {
      std::string member = field.pointer.empty() ? "" : field.pointer.substr(1);
      while (!member.empty() && !record.lines.contains(member)) {
        const auto slash = member.rfind('/');
        member.resize(slash == std::string::npos ? 0 : slash);
      }
      mistakes_.add(file_, member.empty() ? record.line : record.lines.at(member),
                    fmt::format("{} {}", field.pointer, field.detail));
    }
    return true;
  }

  Context& on_;
  std::string file_;
  bool dry_;
  std::map<std::string, Count> counts_;
  toml::Mistakes mistakes_;
};

void say(Context& on, const Import& import, bool dry) {
  if (on.json()) {
    json::Writer out;
    out.begin_object().field("dry_run", dry);
    for (const auto& [word, count] : import.counts()) {
      out.begin_object(word).field("new", count.made).field("changed", count.changed);
      out.field("unchanged", count.same).end_object();
    }
    on.out() << out.end_object().take() << '\n';
    return;
  }
  Table table({dry ? "WOULD BE" : "IMPORTED", "NEW", "CHANGED", "UNCHANGED"});
  for (const auto& [word, count] : import.counts()) {
    table.add({{word + "s", Paint::bold},
               {std::to_string(count.made), count.made > 0 ? Paint::green : Paint::dim},
               {std::to_string(count.changed), count.changed > 0 ? Paint::yellow : Paint::dim},
               {std::to_string(count.same)}});
  }
  if (table.empty()) {
    on.out() << "The file names nothing. See: config/organisation.toml.example\n";
  } else {
    table.print(on.out(), on.style, on.columns);
  }
}

Exit import_file(Context& on, const Values& with) {
  const std::filesystem::path path = with.text("FILE");
  toml::Mistakes mistakes;
  const auto kinds = read_file(path.is_absolute() ? path : on.world.directory / path, mistakes);
  if (!mistakes.empty()) {
    Failure failure = failure_of(mistakes.problem());
    failure.detail = "Nothing was imported. " + failure.detail;
    return on.fail(failure);
  }
  if (const auto failure = check_references(on, path.string(), kinds, mistakes)) {
    return on.fail(*failure);
  }
  if (!mistakes.empty()) {
    Failure failure = failure_of(mistakes.problem());
    failure.detail = "Nothing was imported: the file names what there is not.";
    return on.fail(failure);
  }
  const bool dry = with.flag("--dry-run");
  Import import(on, path.string(), dry);
  for (const Kind& kind : kinds) {
    if (const auto failure = import.put(kind)) {
      say(on, import, dry);  // what was done before it
      return on.fail(*failure);
    }
  }
  say(on, import, dry);
  if (import.mistakes().empty()) return Exit::ok;
  Failure failure = failure_of(import.mistakes().problem());
  failure.detail =
      "The hub refused what follows; what the table counts was imported, and nothing else.";
  failure.advice = "Mend it and import the file again: what is there already is left alone.";
  return on.fail(failure);
}

}  // namespace

std::vector<Command> import_commands() {
  return {
      {.group = "",
       .name = "import",
       .summary =
           "Set up customers, users, services, teams, agents, agreements and accounts from one "
           "file.",
       .arguments = {{.name = "FILE",
                      .help = "TOML; see config/organisation.toml.example",
                      .required = true},
                     {.name = "--dry-run",
                      .help = "say what would change, and change nothing",
                      .kind = Argument::Kind::flag}},
       .examples = {"ombud import organisation.toml --dry-run", "ombud import organisation.toml"},
       .more =
           "May be repeated: what is there and equal is left alone, what differs is changed, and "
           "nothing is removed. Every mistake is told with its line, and nothing is sent while the "
           "file names a customer, team, service or link that neither it nor the hub has. What the "
           "hub then still refuses is told, and the table counts what it took.",
       .run = import_file}};
}

}  // namespace ombud::cli
