#include "desk/leaving.hpp"

#include <fmt/format.h>

#include "store/directory.hpp"
#include "store/forgetting.hpp"
#include "store/identity.hpp"

namespace ombud::desk {
namespace {

// Where tickets come that nobody gave a team.
constexpr std::string_view kFirstTeam = "desk";

std::string_view word_of(Entry entry) {
  switch (entry) {
    case Entry::customer:
      return "customer";
    case Entry::person:
      return "person";
    case Entry::team:
      return "team";
    case Entry::service:
      return "service";
    case Entry::agent:
      return "agent";
  }
  return "";
}

bool is_there(Tx& tx, Entry entry, std::string_view key) {
  switch (entry) {
    case Entry::customer:
      return find_customer(tx, key).has_value();
    case Entry::person:
      return find_person(tx, {ticket_of_reference(key).value}).has_value();
    case Entry::team:
      return find_team(tx, key).has_value();
    case Entry::service:
      return find_service(tx, key).has_value();
    case Entry::agent:
      return find_agent(tx, key).has_value();
  }
  return false;
}

// "2 people, 1 ticket and 3 agreements"
std::string told(const std::vector<Reference>& references) {
  std::string text;
  for (std::size_t i = 0; i < references.size(); ++i) {
    const Reference& r = references[i];
    if (i > 0) text += i + 1 == references.size() ? " and " : ", ";
    text += fmt::format("{} {}", r.count, r.count == 1 ? r.one : r.many);
  }
  return text;
}

std::string_view erased_name(std::string_view language) {
  return language == "en" ? "Erased person" : "Raderad person";
}

Erased::Account end_account(Tx& tx, const Person& person, std::string_view name) {
  const auto id = account_of_person(tx, person.id);
  if (!id) return Erased::Account::none;
  remove_membership(tx, *id, person.customer);
  const auto account = find_account(tx, *id);
  if (account->staff || !account->memberships.empty()) {
    end_sessions(tx, *id, "");
    return Erased::Account::left;
  }
  drop_letters_to(tx, account->email);
  anonymise_account(tx, *id, name);
  return Erased::Account::ended;
}

}  // namespace

Result<void> remove_from_directory(Tx& tx, Entry entry, std::string_view key) {
  if (!is_there(tx, entry, key)) return not_found(word_of(entry));
  if (entry == Entry::team && key == kFirstTeam) {
    return conflict("New tickets come to the team \"desk\"; it stays.");
  }
  const auto found = references(tx, entry, key);
  if (!found.empty()) {
    const bool one = found.size() == 1 && found.front().count == 1;
    return conflict(fmt::format("{} still {} to this {}. {}", told(found), one ? "refers" : "refer",
                                word_of(entry),
                                entry == Entry::person ? "Anonymise the person instead."
                                                       : "Move or end what does, then remove it."));
  }
  remove_entry(tx, entry, key);
  return {};
}

Result<Erased> erase_person(Tx& tx, PersonId id) {
  const auto person = find_person(tx, id);
  if (!person) return not_found("person");
  const std::string_view name = erased_name(person->language);
  Erased erased;
  erased.tickets = count_tickets_of(tx, id);
  erased.account = end_account(tx, *person, name);
  anonymise_person(tx, id, name);
  return erased;
}

}  // namespace ombud::desk
