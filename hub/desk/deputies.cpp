#include "desk/deputies.hpp"

#include <fmt/format.h>

#include "base/assert.hpp"
#include "base/json.hpp"
#include "desk/access.hpp"
#include "desk/approvals.hpp"
#include "store/audit.hpp"
#include "store/directory.hpp"
#include "store/identity.hpp"

namespace ombud::desk {
namespace {

// Of how many orders that wait already a new deputy is told; the others stand in his list.
constexpr int kAskedAtOnce = 100;
constexpr Sql kWaiting{
    "SELECT ticket_id FROM ticket WHERE customer_id = $1 AND approval = 'needed'"
    " AND status <> 'resolved' AND status <> 'closed'"
    " AND ($tenant IS NULL OR customer_id = $tenant) ORDER BY updated_at DESC, ticket_id LIMIT $2"};

constexpr Millis kDeputyMax{kDeputyDaysMax * 24LL * 60 * 60'000};

// The approver, to whoever may speak of him.
Result<Person> approver_to_name(Tx& tx, PersonId id) {
  const Principal& who = tx.principal();
  auto person = find_person(tx, id);
  const bool himself = person && who.is_person() && who.person == id;
  if (!person || (!himself && !role_may(who.role, Permission::approver_name))) {
    return not_found("person");
  }
  return std::move(*person);
}

bool is_disabled(Tx& tx, PersonId person) {
  const auto account = account_of_person(tx, person);
  const auto found = account ? find_account(tx, *account) : std::nullopt;
  return found && found->disabled_at;
}

Result<Person> deputy_named(Tx& tx, const NameDeputy& wanted, const Person& approver) {
  const bool by_id = wanted.person.value != 0;
  const std::string_view where = by_id ? "/person" : "/email";
  if (by_id == !wanted.email.empty()) {
    return invalid("/email", "is required, or a person's id; not both");
  }
  if (by_id && !knows_people(tx.principal())) {
    return invalid("/person", "is known to managers and the desk only; name an e-mail address");
  }
  std::optional<Person> found;
  if (by_id) {
    found = find_person(tx, wanted.person);
    if (found && found->customer != approver.customer) found.reset();
  }
  for (Person& known : people_of_email(tx, wanted.email)) {
    if (known.customer == approver.customer) found = std::move(known);
  }
  if (!found) return invalid(std::string(where), "must be somebody of the same organisation");
  if (found->id == approver.id) {
    return invalid(std::string(where), "must be somebody else: nobody stands in for himself");
  }
  if (is_disabled(tx, found->id)) {
    return invalid(std::string(where),
                   "must be somebody who can sign in; this account is disabled");
  }
  return std::move(*found);
}

std::optional<Problem> check_times(Instant now, Instant from, Instant until) {
  if (until <= now) return invalid("/until", "must lie ahead");
  if (until <= from) return invalid("/until", "must be after the beginning");
  if (until - from > kDeputyMax) {
    return invalid("/until", fmt::format("must be within {} days", kDeputyDaysMax));
  }
  if (from > now + kDeputyMax) {
    return invalid("/from", fmt::format("must be within {} days from now", kDeputyDaysMax));
  }
  return std::nullopt;
}

std::string audit_of(const Deputy& deputy) {
  json::Writer out;
  out.begin_object()
      .field("deputy", deputy.person.value)
      .field("from", to_rfc3339(deputy.from))
      .field("until", to_rfc3339(deputy.until))
      .end_object();
  return out.take();
}

// What waits already is asked of him as of an approver, once; its waiting goes on as it was.
void ask_of_waiting(Tx& tx, std::string_view customer, PersonId deputy) {
  std::vector<TicketId> waiting;
  {
    Rows rows = tx.query(kWaiting, customer, kAskedAtOnce);
    while (rows.next()) waiting.push_back({rows.integer(0)});
  }
  for (const TicketId id : waiting) {
    const auto ticket = find_ticket(tx, id);
    const auto approval = approval_of(tx, id);
    OMBUD_ASSERT(ticket && approval);
    if (was_asked(tx, id, deputy) || !might_decide(tx, *ticket, deputy)) continue;
    append(tx, id,
           event::ApprovalRequested{ApprovalOccasion::asked,
                                    approval->remind_at,
                                    approval->due_at,
                                    approval->hand_over,
                                    {deputy}});
  }
}

}  // namespace

Result<void> name_deputy(Tx& tx, const NameDeputy& wanted) {
  const auto approver = approver_to_name(tx, wanted.approver);
  if (!approver) return approver.error();
  if (!is_approver(tx, approver->id)) {
    return conflict(
        fmt::format("{} approves no orders; only who does has somebody stand in.", approver->name));
  }
  const auto person = deputy_named(tx, wanted, *approver);
  if (!person) return person.error();
  Deputy deputy;
  deputy.approver = approver->id;
  deputy.person = person->id;
  deputy.from = wanted.from.value_or(tx.at());
  deputy.until = wanted.until;
  if (auto refused = check_times(tx.at(), deputy.from, deputy.until)) return *refused;
  put_deputy(tx, approver->customer, deputy);
  record_audit(tx, "person.deputy_named", "person", std::to_string(approver->id.value),
               audit_of(deputy));
  if (deputy.is_active(tx.at())) ask_of_waiting(tx, approver->customer, deputy.person);
  return {};
}

Result<void> remove_deputy(Tx& tx, PersonId id) {
  const auto approver = approver_to_name(tx, id);
  if (!approver) return approver.error();
  if (ombud::remove_deputy(tx, id)) {
    record_audit(tx, "person.deputy_ended", "person", std::to_string(id.value));
  }
  return {};
}

Result<DeputyView> deputies_of(Tx& tx, PersonId id) {
  const auto person = approver_to_name(tx, id);
  if (!person) return person.error();
  return DeputyView{deputy_of(tx, id), stands_in_for(tx, id)};
}

}  // namespace ombud::desk
