// Customers, people, teams, agents, services, suppliers' links, agreements and tokens.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.hpp"

namespace ombud {

struct Team {
  std::string id, name;
};
struct Agent {
  std::string id, name, email, team;
};
struct Customer {
  std::string id, name;
  std::vector<std::string> mail_domains;  // lower case
  std::string language = "sv";
  // Orders wait for a yes of its own organisation; nothing: if it has an approver.
  std::optional<bool> order_approval = {};
  int approval_days = 3;  // how long they wait before the desk looks after it
  // What its own system brings in as an approver's order is the approver's word.
  bool system_speaks_for_approvers = false;
};
struct Person {
  PersonId id;
  std::string customer, name, email, phone, language = "sv";
  bool approver = false;  // read only: set_approver
};
struct Service {
  std::string id, name;
  std::vector<std::string> words;  // what users call it, lower case
};
struct Link {
  std::string id, kind, supplier, connector;  // kind: "supplier", "notices", "subscribers"
  bool configured = true;
  std::string state, reason;  // open, auth, paused
  Instant not_before;
  std::string poll_cursor;
  std::optional<Instant> polled_at;
};
struct Agreement {
  AgreementId id;
  std::string customer, link;
  std::vector<std::string> services;  // keys
  std::vector<std::string> share;     // domain/privacy.hpp; nothing else leaves
  bool relay_automatically = false;   // supplier's public comments reach the user without an agent
  bool delegate_automatically = false;
  Instant valid_from;
  std::optional<Instant> valid_until;
  std::optional<Millis> resolve_within;
  std::int64_t version = 1;  // counted by put_agreement
};
struct Token {
  std::string id, name;
  Principal principal;
  Instant created_at;
  std::optional<Instant> expires_at, revoked_at;
};

// put_*: insert or replace by key. find_*: nothing if not there or of another tenant.
void put_team(Tx& tx, const Team& team);
std::vector<Team> list_teams(Tx& tx);
std::optional<Team> find_team(Tx& tx, std::string_view id);

void put_agent(Tx& tx, const Agent& agent);
std::vector<Agent> list_agents(Tx& tx);
std::optional<Agent> find_agent(Tx& tx, std::string_view id);

void put_customer(Tx& tx, const Customer& customer);
std::vector<Customer> list_customers(Tx& tx);
std::optional<Customer> find_customer(Tx& tx, std::string_view id);
std::optional<Customer> customer_of_domain(Tx& tx, std::string_view domain);

// By (customer, e-mail) if it has an e-mail, else always a new one, who approves nothing. Returns
// the id.
PersonId put_person(Tx& tx, const Person& person);
// By id: name, telephone and language.
void change_person(Tx& tx, const Person& person);
// Whether he says yes or no to his organisation's orders: the one place where that is written. The
// role of a membership is this and no word of its own (store/identity.hpp). The audit tells who
// named whom. Whoever is none any more has no deputy.
void set_approver(Tx& tx, PersonId id, bool approver);
std::optional<Person> find_person(Tx& tx, PersonId id);
std::vector<Person> people_of_email(Tx& tx, std::string_view email);  // any case
// Whose name or e-mail has words that begin like these, all of them.
std::vector<Person> search_people(Tx& tx, std::string_view words, std::string_view customer,
                                  PersonId after, int limit);
std::vector<Person> list_people(Tx& tx, std::string_view customer, PersonId after, int limit);

void put_service(Tx& tx, const Service& service);
std::vector<Service> list_services(Tx& tx);
std::optional<Service> find_service(Tx& tx, std::string_view id);

// Makes the table equal to the configured links: new ones open, known ones keep their state.
void sync_links(Tx& tx, const std::vector<Link>& configured);
std::vector<Link> list_links(Tx& tx);
std::optional<Link> find_link(Tx& tx, std::string_view id);
// Whoever opens a link ends the time that its supplier had asked it to wait, too.
void set_link_state(Tx& tx, std::string_view id, std::string_view state, std::string_view reason);
void set_link_not_before(Tx& tx, std::string_view id, Instant not_before);
void set_link_cursor(Tx& tx, std::string_view id, std::string_view cursor);  // polled at tx.at()
// Whether its connector can look up what it wrote (false: class C), learned when it is up.
void set_link_lookup(Tx& tx, std::string_view id, bool lookup);

// Id 0: a new one. The version is counted, whatever it is in `agreement`.
AgreementId put_agreement(Tx& tx, const Agreement& agreement);
std::vector<Agreement> list_agreements(Tx& tx);
std::optional<Agreement> find_agreement(Tx& tx, AgreementId id);
// Valid at `at` for customer and service; empty link: any. The oldest first.
std::vector<Agreement> agreements_for(Tx& tx, std::string_view customer, std::string_view service,
                                      std::string_view link, Instant at);

// Names of the desk as users and suppliers see it, from configuration.
struct DeskIdentity {
  std::string name = "Service desk", email;
};
void put_desk_identity(Tx& tx, const DeskIdentity& desk);
DeskIdentity desk_identity(Tx& tx);
// The link that carries the desk's mail to users; nothing if none is configured.
std::optional<std::string> notices_link(Tx& tx);

// Only the digest of the secret is kept.
void put_token(Tx& tx, const Token& token, std::string_view secret_sha256);
std::optional<Token> find_token(Tx& tx, std::string_view secret_sha256);  // valid at tx.at()
std::vector<Token> list_tokens(Tx& tx);
bool revoke_token(Tx& tx, std::string_view id);
void forget_local_tokens(
    Tx& tx);  // those that earlier starts of the hub gave to commands on this machine

}  // namespace ombud
