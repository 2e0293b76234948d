#include "desk/rearrange.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "desk/access.hpp"
#include "desk/approvals.hpp"
#include "desk/hand_over.hpp"
#include "desk/limits.hpp"
#include "domain/delegation_rules.hpp"

namespace ombud::desk {
namespace {

bool blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

Result<Ticket> desk_ticket(Tx& tx, TicketId id) {
  auto ticket = visible_ticket(tx, id);
  if (!ticket) return ticket;
  if (auto refused = needs_desk(tx)) return *refused;
  return ticket;
}

std::optional<Problem> refuse_merged(const Ticket& ticket) {
  if (ticket.merged_into.value == 0) return std::nullopt;
  return conflict(fmt::format("{} has gone on in {}. Do it there.", reference_of(ticket.id),
                              reference_of(ticket.merged_into)));
}

// --- Merge ---------------------------------------------------------------------------------------

std::optional<Problem> refuse_merge(Tx& tx, const Ticket& ticket, const Ticket& into) {
  if (ticket.id == into.id) return invalid("/into", "must be another ticket");
  if (ticket.customer != into.customer) {
    return invalid("/into", "belongs to another customer; relate the two tickets instead");
  }
  if (auto refused = refuse_merged(ticket)) return refused;
  if (into.merged_into.value != 0) {
    return conflict(fmt::format("{} was merged into {} itself. Merge into that one.",
                                reference_of(into.id), reference_of(into.merged_into)));
  }
  if (into.status == TicketStatus::closed) {
    return conflict(fmt::format("{} is closed. Reopen it first.", reference_of(into.id)));
  }
  for (const Delegation& d : delegations_of(tx, ticket.id)) {
    if (is_ended(d.state)) continue;
    return conflict(fmt::format(
        "{} still has {} (delegation {}, {}). Accept its solution or withdraw the delegation "
        "first, then merge.",
        d.supplier, reference_of(ticket.id), d.id.value, to_text(d.state)));
  }
  return std::nullopt;
}

// Those who had a part in `ticket` and have none in `into`.
std::vector<Person> newcomers(Tx& tx, const Ticket& ticket, const Ticket& into) {
  std::vector<PersonId> ids;
  if (ticket.requester.value != 0) ids.push_back(ticket.requester);
  for (const Participant& one : participants_of(tx, ticket.id)) ids.push_back(one.person);
  std::vector<Person> people;
  for (const PersonId id : ids) {
    if (id == into.requester || is_participant(tx, into.id, id)) continue;
    if (auto person = find_person(tx, id)) people.push_back(std::move(*person));
  }
  return people;
}

// --- Split ---------------------------------------------------------------------------------------

// The chosen messages in the order in which they were written; refused if one is not of the ticket.
Result<std::vector<Message>> chosen(Tx& tx, const Split& request) {
  if (request.messages.empty()) return invalid("/messages", "must name at least one message");
  if (request.messages.size() > kSplitMessagesMax) {
    return invalid("/messages", fmt::format("names more than {} messages", kSplitMessagesMax));
  }
  const auto all = messages_of(tx, request.ticket);
  std::set<std::int64_t> wanted;
  for (std::size_t i = 0; i < request.messages.size(); ++i) {
    const MessageId id = request.messages[i];
    const bool there =
        std::any_of(all.begin(), all.end(), [&](const Message& m) { return m.id == id; });
    if (!there) {
      return invalid(fmt::format("/messages/{}", i), "there is no such message on this ticket");
    }
    if (!wanted.insert(id.value).second) {
      return invalid(fmt::format("/messages/{}", i), "stands twice");
    }
  }
  std::vector<Message> messages;
  for (const Message& m : all) {
    if (wanted.contains(m.id.value)) messages.push_back(m);
  }
  return messages;
}

// A supplier's leg does not come along, so what belongs to it is the desk's own knowledge there.
Visibility copied(Visibility visibility) {
  return visibility == Visibility::user ? Visibility::user : Visibility::internal;
}

// Those that are named must hang on no message; the others come with theirs.
std::optional<Problem> refuse_files(const Split& request, const std::vector<Attachment>& files) {
  std::set<std::int64_t> wanted;
  for (std::size_t i = 0; i < request.attachments.size(); ++i) {
    const AttachmentId id = request.attachments[i];
    const std::string pointer = fmt::format("/attachments/{}", i);
    const auto file = std::find_if(files.begin(), files.end(),
                                   [&](const Attachment& one) { return one.id == id; });
    if (file == files.end()) return invalid(pointer, "there is no such file on this ticket");
    if (file->message.value != 0) {
      return invalid(pointer, fmt::format("belongs to message {}, and comes with that or not",
                                          file->message.value));
    }
    if (!wanted.insert(id.value).second) return invalid(pointer, "stands twice");
  }
  return std::nullopt;
}

// Who of them takes part in the new ticket, too: those who are named; all, if nobody said.
Result<std::vector<Participant>> staying(std::vector<Participant> there,
                                         const std::optional<std::vector<PersonId>>& named) {
  if (!named) return there;
  std::vector<Participant> all;
  for (std::size_t i = 0; i < named->size(); ++i) {
    const PersonId id = (*named)[i];
    const auto one = std::find_if(there.begin(), there.end(),
                                  [&](const Participant& known) { return known.person == id; });
    const std::string pointer = fmt::format("/participants/{}", i);
    if (one == there.end()) return invalid(pointer, "takes no part in this ticket");
    const bool twice = std::any_of(all.begin(), all.end(),
                                   [&](const Participant& known) { return known.person == id; });
    if (twice) return invalid(pointer, "stands twice");
    all.push_back(*one);
  }
  return all;
}

void copy_file(Tx& tx, const Attachment& file, TicketId to, MessageId copy) {
  event::AttachmentAdded added;
  added.message = copy;
  added.visibility = copied(file.visibility);
  added.from = file.from;
  added.name = file.name;
  added.media_type = file.media_type;
  added.bytes = file.bytes;
  added.sha256 = file.sha256;
  append(tx, to, added);
}

// --- Relations -----------------------------------------------------------------------------------

std::optional<TicketId> parent_of(Tx& tx, TicketId id) {
  for (const Relation& relation : relations_of(tx, id)) {
    if (relation.kind == RelationKind::parent) return relation.other;
  }
  return std::nullopt;
}

std::optional<Problem> refuse_parent(Tx& tx, TicketId child, TicketId parent) {
  if (const auto there = parent_of(tx, child)) {
    return conflict(fmt::format("{} has a parent already, {}. Remove that relation first.",
                                reference_of(child), reference_of(*there)));
  }
  // One parent each, and never a circle so far: this comes to an end.
  for (std::optional<TicketId> up = parent; up; up = parent_of(tx, *up)) {
    if (*up != child) continue;
    return conflict(fmt::format("{} is above {} already; it cannot be below it, too.",
                                reference_of(child), reference_of(parent)));
  }
  return std::nullopt;
}

bool is_merge(const Ticket& one, const Ticket& other) {
  return one.merged_into == other.id || other.merged_into == one.id;
}

// --- Undo ----------------------------------------------------------------------------------------

constexpr Sql kWhatCanBeUndone{
    "SELECT event_id, at, actor, type, data FROM event WHERE ticket_id = $1"
    " AND type IN ('registered', 'assigned', 'escalated', 'status_changed', 'edited', 'related',"
    " 'unrelated', 'delegated', 'delegation_changed', 'merged', 'approval_decided')"
    " AND ($tenant IS NULL OR customer_id = $tenant) ORDER BY version"};

struct State {
  std::string team, agent, subject, service;
  PersonId requester;
  TicketStatus status = TicketStatus::fresh;
  Priority priority = Priority::normal;
  TicketKind kind = TicketKind::incident;
  std::map<std::int64_t, RelationKind> relations;
};

// What kind of change an event is; two of one kind follow each other.
struct Kinds {
  bool assigned = false, edited = false, status = false;
  TicketId relation;  // with this ticket
  bool any() const { return assigned || edited || status || relation.value != 0; }
  bool meets(const Kinds& other) const {
    return (assigned && other.assigned) || (edited && other.edited) || (status && other.status) ||
           (relation.value != 0 && relation == other.relation);
  }
};

Kinds kinds_of(const Event& e) {
  Kinds kinds;
  if (const auto* escalated = std::get_if<event::Escalated>(&e)) {
    kinds.assigned = true;
    kinds.edited = escalated->priority.has_value();
  }
  kinds.assigned |= std::holds_alternative<event::Assigned>(e);
  kinds.edited |= std::holds_alternative<event::Edited>(e);
  kinds.status = std::holds_alternative<event::StatusChanged>(e);
  if (const auto* related = std::get_if<event::Related>(&e)) kinds.relation = related->other;
  if (const auto* unrelated = std::get_if<event::Unrelated>(&e)) kinds.relation = unrelated->other;
  return kinds;
}

// What cannot be taken back on one side alone, nor can what came with it.
bool is_final(const Event& e) {
  return std::holds_alternative<event::Registered>(e) ||
         std::holds_alternative<event::Delegated>(e) ||
         std::holds_alternative<event::DelegationChanged>(e) ||
         std::holds_alternative<event::ApprovalDecided>(e) ||
         std::holds_alternative<event::Merged>(e);
}

void take(State& state, const Event& e) {
  if (const auto* registered = std::get_if<event::Registered>(&e)) {
    state.team = registered->team;
    state.requester = registered->requester;
    state.subject = registered->subject;
    state.service = registered->service;
    state.priority = registered->priority;
    state.kind = registered->kind;
  } else if (const auto* assigned = std::get_if<event::Assigned>(&e)) {
    state.team = assigned->team;
    state.agent = assigned->agent;
  } else if (const auto* escalated = std::get_if<event::Escalated>(&e)) {
    state.team = escalated->team;
    state.agent = escalated->agent;
    state.priority = escalated->priority.value_or(state.priority);
  } else if (const auto* changed = std::get_if<event::StatusChanged>(&e)) {
    state.status = changed->status;
  } else if (const auto* edited = std::get_if<event::Edited>(&e)) {
    state.subject = edited->subject.value_or(state.subject);
    state.service = edited->service.value_or(state.service);
    state.priority = edited->priority.value_or(state.priority);
    state.kind = edited->kind.value_or(state.kind);
    state.requester = edited->requester.value_or(state.requester);
  } else if (const auto* related = std::get_if<event::Related>(&e)) {
    state.relations.insert_or_assign(related->other.value, related->kind);
  } else if (const auto* unrelated = std::get_if<event::Unrelated>(&e)) {
    state.relations.erase(unrelated->other.value);
  }
}

struct Past {
  EventId id;
  Instant at;
  std::string actor;
  Event event;
  State before;
};

std::vector<Past> past_of(Tx& tx, TicketId ticket) {
  std::vector<Past> past;
  State state;
  Rows rows = tx.query(kWhatCanBeUndone, ticket);
  while (rows.next()) {
    const auto data = json::parse(rows.view(4));
    OMBUD_ASSERT(data.has_value());
    auto e = event_from(rows.view(3), data->root());
    OMBUD_ASSERT(e.has_value());
    past.push_back({{rows.integer(0)}, rows.instant(1), rows.text(2), *e, state});
    take(state, *e);
  }
  return past;
}

// Sets the relation with `other` to what it was, on both sides.
Result<void> relate_back(Tx& tx, const Ticket& ticket, TicketId other_id,
                         std::optional<RelationKind> was, EventId undoes) {
  const auto other = find_ticket(tx, other_id);
  if (!other || is_merge(ticket, *other)) return conflict("This relation cannot be changed.");
  if (!was) {
    append(tx, other_id, event::Unrelated{ticket.id, {}});
    append(tx, ticket.id, event::Unrelated{other_id, undoes});
    return {};
  }
  if (*was == RelationKind::parent || *was == RelationKind::child) {
    const bool up = *was == RelationKind::parent;
    if (auto refused = refuse_parent(tx, up ? ticket.id : other_id, up ? other_id : ticket.id)) {
      return *refused;
    }
  }
  append(tx, other_id, event::Related{ticket.id, opposite(*was), {}});
  append(tx, ticket.id, event::Related{other_id, *was, undoes});
  return {};
}

event::Edited edit_back(Tx& tx, const Ticket& now, const State& was, const Event& e) {
  event::Edited back;
  const auto* edited = std::get_if<event::Edited>(&e);
  if (edited != nullptr && edited->subject && was.subject != now.subject) {
    back.subject = was.subject;
  }
  if (edited != nullptr && edited->service && was.service != now.service) {
    back.service = was.service;
  }
  if (edited != nullptr && edited->kind && was.kind != now.kind) back.kind = was.kind;
  if (edited != nullptr && edited->requester && was.requester != now.requester) {
    back.requester = was.requester;
    if (const auto person = find_person(tx, was.requester)) back.requester_name = person->name;
  }
  const bool priority = edited == nullptr || edited->priority;
  if (priority && was.priority != now.priority) back.priority = was.priority;
  return back;
}

Result<void> take_back(Tx& tx, const Ticket& ticket, const Past& done) {
  const Kinds kinds = kinds_of(done.event);
  const State& was = done.before;
  if (kinds.relation.value != 0) {
    const auto there = was.relations.find(kinds.relation.value);
    const auto kind = there == was.relations.end() ? std::nullopt : std::optional(there->second);
    if (auto back = relate_back(tx, ticket, kinds.relation, kind, done.id); !back) return back;
  }
  if (kinds.assigned) append(tx, ticket.id, event::Assigned{was.team, was.agent, done.id});
  if (kinds.edited) {
    event::Edited back = edit_back(tx, ticket, was, done.event);
    back.undoes = done.id;
    if (back.requester && was.requester.value != 0 && !find_person(tx, was.requester)) {
      return conflict("Whoever was the requester then is in the directory no more.");
    }
    if (back.subject || back.service || back.priority || back.kind || back.requester) {
      append(tx, ticket.id, back);
      update_suppliers(tx, *find_ticket(tx, ticket.id));
      order_changed(tx, ticket);
    }
  }
  if (kinds.status) {
    append(tx, ticket.id, event::StatusChanged{was.status, "undone", done.id});
  }
  return {};
}

}  // namespace

Result<Ticket> escalate(Tx& tx, const Escalate& request) {
  const auto ticket = desk_ticket(tx, request.ticket);
  if (!ticket) return ticket.error();
  if (ticket->status == TicketStatus::resolved || ticket->status == TicketStatus::closed) {
    return conflict(fmt::format("The ticket is {}. Reopen it first.", to_text(ticket->status)));
  }
  if (!find_team(tx, request.team)) return invalid("/team", "there is no such team");
  if (!request.agent.empty() && !find_agent(tx, request.agent)) {
    return invalid("/agent", "there is no such agent");
  }
  if (blank(request.reason)) {
    return invalid("/reason", "is required: whoever gets it must know why");
  }
  if (request.reason.size() > kReasonBytesMax || !is_utf8(request.reason)) {
    return invalid("/reason", fmt::format("must be UTF-8 of at most {} bytes", kReasonBytesMax));
  }
  const bool other_priority = request.priority && *request.priority != ticket->priority;
  if (request.team == ticket->team && request.agent == ticket->agent && !other_priority) {
    return conflict("The ticket is there already, with that priority.");
  }
  append(tx, ticket->id,
         event::Escalated{request.team, request.agent,
                          other_priority ? request.priority : std::nullopt, request.reason});
  if (other_priority) update_suppliers(tx, *find_ticket(tx, ticket->id));
  return *find_ticket(tx, ticket->id);
}

Result<Ticket> merge(Tx& tx, TicketId id, TicketId into_id) {
  const auto ticket = desk_ticket(tx, id);
  if (!ticket) return ticket.error();
  const auto into = visible_ticket(tx, into_id);
  if (!into) return invalid("/into", "there is no such ticket");
  if (auto refused = refuse_merge(tx, *ticket, *into)) return *refused;
  const auto people = newcomers(tx, *ticket, *into);
  if (participants_of(tx, into_id).size() + people.size() > kParticipantsMax) {
    return problem(ProblemKind::too_large, fmt::format("{} would have more than {} participants.",
                                                       reference_of(into_id), kParticipantsMax));
  }
  for (const Person& person : people) {
    append(tx, into_id, event::ParticipantAdded{person.id, person.name});
  }
  append(tx, into_id, event::Related{id, RelationKind::duplicated_by, {}});
  if (ticket->status != TicketStatus::closed) {
    append(tx, id,
           event::StatusChanged{TicketStatus::closed, "merged into " + reference_of(into_id), {}});
  }
  append(tx, id, event::Merged{into_id});
  return *find_ticket(tx, id);
}

Result<Ticket> split(Tx& tx, const Split& request) {
  const auto ticket = desk_ticket(tx, request.ticket);
  if (!ticket) return ticket.error();
  if (blank(request.subject)) return invalid("/subject", "must not be empty");
  if (request.subject.size() > kSubjectBytesMax || !is_utf8(request.subject)) {
    return invalid("/subject", fmt::format("must be UTF-8 of at most {} bytes", kSubjectBytesMax));
  }
  const auto messages = chosen(tx, request);
  if (!messages) return messages.error();
  const auto files = attachments_of(tx, ticket->id);
  if (auto refused = refuse_files(request, files)) return *refused;
  const auto participants = staying(participants_of(tx, ticket->id), request.participants);
  if (!participants) return participants.error();

  // The user's first word opens the new ticket; the others follow.
  const auto opening = std::find_if(messages->begin(), messages->end(), [](const Message& m) {
    return m.visibility == Visibility::user && m.from == Party::user;
  });
  event::Registered registered;
  registered.customer = ticket->customer;
  registered.requester = ticket->requester;
  registered.kind = ticket->kind;
  registered.priority = ticket->priority;
  registered.channel = ticket->channel;
  registered.subject = request.subject;
  registered.service = ticket->service;
  registered.team = ticket->team;
  registered.language = ticket->language;
  if (opening != messages->end()) {
    registered.text = opening->text;
    registered.author = opening->author;
    registered.writer = opening->person;
  } else if (const auto person = find_person(tx, ticket->requester)) {
    registered.author = person->name;
  }
  const Appended made = append(tx, {}, registered);
  std::vector<MessageId> ids;
  for (auto m = messages->begin(); m != messages->end(); ++m) {
    ids.push_back(m->id);
    MessageId copy{made.event.value};
    if (m != opening) {
      event::MessageAdded added;
      added.visibility = copied(m->visibility);
      added.from = m->from;
      added.author = m->author;
      added.text = m->text;
      added.said_at = m->at;
      added.writer = m->person;
      copy = {append(tx, made.ticket, added).event.value};
    }
    for (const Attachment& file : files) {
      if (file.message == m->id) copy_file(tx, file, made.ticket, copy);
    }
  }
  const auto& named = request.attachments;
  for (const Attachment& file : files) {
    const bool comes = std::find(named.begin(), named.end(), file.id) != named.end();
    if (comes) copy_file(tx, file, made.ticket, {});
  }
  for (const Participant& one : *participants) {
    append(tx, made.ticket, event::ParticipantAdded{one.person, one.name});
  }
  append(tx, made.ticket, event::Related{ticket->id, RelationKind::related, {}});
  append(tx, ticket->id, event::SplitOff{made.ticket, std::move(ids)});
  append(tx, ticket->id, event::Related{made.ticket, RelationKind::related, {}});
  const Ticket fresh = *find_ticket(tx, made.ticket);
  begin_approval(tx, fresh, ApprovalOccasion::registered, false);
  return *find_ticket(tx, fresh.id);
}

RelationKind opposite(RelationKind kind) {
  switch (kind) {
    case RelationKind::parent:
      return RelationKind::child;
    case RelationKind::child:
      return RelationKind::parent;
    case RelationKind::related:
      return RelationKind::related;
    case RelationKind::duplicate_of:
      return RelationKind::duplicated_by;
    case RelationKind::duplicated_by:
      return RelationKind::duplicate_of;
  }
  return RelationKind::related;
}

Result<RelatedTicket> relate(Tx& tx, TicketId id, RelationKind kind, TicketId other_id) {
  const auto ticket = desk_ticket(tx, id);
  if (!ticket) return ticket.error();
  const auto other = visible_ticket(tx, other_id);
  if (!other) return invalid("/ticket", "there is no such ticket");
  if (id == other_id) return invalid("/ticket", "must be another ticket");
  if (const auto there = find_relation(tx, id, other_id)) {
    if (there->kind == kind) return RelatedTicket{kind, *other};
    return conflict(fmt::format("{} is related to this ticket already ({}). Remove that first.",
                                reference_of(other_id), to_text(there->kind)));
  }
  for (const TicketId one : {id, other_id}) {
    if (relations_of(tx, one).size() < kRelationsMax) continue;
    return problem(ProblemKind::too_large,
                   fmt::format("{} is related to {} tickets already; that is as many as it can.",
                               reference_of(one), kRelationsMax));
  }
  if (kind == RelationKind::parent || kind == RelationKind::child) {
    const bool up = kind == RelationKind::parent;
    if (auto refused = refuse_parent(tx, up ? id : other_id, up ? other_id : id)) return *refused;
  }
  append(tx, other_id, event::Related{id, opposite(kind), {}});
  append(tx, id, event::Related{other_id, kind, {}});
  return RelatedTicket{kind, *find_ticket(tx, other_id)};
}

Result<void> unrelate(Tx& tx, TicketId id, TicketId other_id) {
  const auto ticket = desk_ticket(tx, id);
  if (!ticket) return ticket.error();
  const auto other = find_ticket(tx, other_id);
  if (!other || !find_relation(tx, id, other_id)) return not_found("relation");
  if (is_merge(*ticket, *other)) {
    return conflict("The two tickets were merged; that they belong together cannot be removed.");
  }
  append(tx, other_id, event::Unrelated{id, {}});
  append(tx, id, event::Unrelated{other_id, {}});
  return {};
}

Result<Ticket> undo(Tx& tx, TicketId id, EventId event) {
  const auto ticket = desk_ticket(tx, id);
  if (!ticket) return ticket.error();
  if (auto refused = refuse_merged(*ticket)) return *refused;
  const auto past = past_of(tx, id);
  const auto named =
      std::find_if(past.begin(), past.end(), [&](const Past& p) { return p.id == event; });
  if (named == past.end()) {
    return conflict("This cannot be undone: it is no assignment, change, status or relation.");
  }
  std::vector<const Past*> together;
  for (const Past& p : past) {
    if (p.at != named->at || p.actor != named->actor) continue;
    if (is_final(p.event)) {
      return conflict(
          "This cannot be undone: it came with a registration, a hand-over, an approval or a "
          "merge.");
    }
    together.push_back(&p);
  }
  for (const Past* done : together) {
    for (auto later = past.rbegin(); later != past.rend() && later->id > done->id; ++later) {
      const bool meets = kinds_of(later->event).meets(kinds_of(done->event));
      if (!meets) continue;
      return conflict(
          "Somebody has changed the same again since; look at the ticket before you change it "
          "back.");
    }
  }
  // What one did oneself one may take back.
  for (const Past* done : together) {
    if (!kinds_of(done->event).assigned || done->actor == tx.principal().actor()) continue;
    if (auto refused = refuse_move(tx, *ticket, done->before.team)) return *refused;
  }
  for (auto done = together.rbegin(); done != together.rend(); ++done) {
    if (auto back = take_back(tx, *find_ticket(tx, id), **done); !back) return back.error();
  }
  return *find_ticket(tx, id);
}

}  // namespace ombud::desk
