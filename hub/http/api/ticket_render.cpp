#include "http/api/ticket_render.hpp"

#include <algorithm>

#include "http/api/render.hpp"

namespace ombud::http {
namespace {

constexpr Member kSupplierMarkMembers[] = {
    {.name = "delegation", .shape = Shape::integer},
    {.name = "link"},
    {.name = "supplier"},
    {.name = "state", .words = words_of<DelegationState>},
    {.name = "trouble",
     .shape = Shape::boolean,
     .about = "Something for it is in doubt or could not be delivered"}};
constexpr Schema kSupplierMarkSchema{"SupplierMark", kSupplierMarkMembers};
constexpr Member kLastMessageMembers[] = {{.name = "from", .words = words_of<Party>},
                                          {.name = "at", .shape = Shape::time},
                                          {.name = "author"}};
constexpr Schema kLastMessageSchema{"LastMessage", kLastMessageMembers};

constexpr Member kPersonNameMembers[] = {{.name = "person", .shape = Shape::integer},
                                         {.name = "name"}};
constexpr Schema kPersonNameSchema{"PersonName", kPersonNameMembers};
constexpr Member kApproverMembers[] = {
    {.name = "person", .shape = Shape::integer},
    {.name = "name"},
    {.name = "may_decide",
     .shape = Shape::boolean,
     .about = "False for who wrote this order for its requester"},
    {.name = "for",
     .shape = Shape::one,
     .about = "The approver in whose place",
     .required = false,
     .of = &kPersonNameSchema}};
constexpr Schema kApproverSchema{"Approver", kApproverMembers};
constexpr Member kApprovalMembers[] = {
    {.name = "state", .words = words_of<ApprovalState>},
    {.name = "approvers",
     .shape = Shape::many,
     .about = "Who says yes or no now",
     .of = &kApproverSchema},
    {.name = "trouble",
     .about = "For the desk: why nobody can decide it, and what to do",
     .required = false},
    {.name = "decided_by", .shape = Shape::one, .required = false, .of = &kPersonNameSchema},
    {.name = "decided_for",
     .shape = Shape::one,
     .about = "The approver in whose place he did",
     .required = false,
     .of = &kPersonNameSchema},
    {.name = "decided_at",
     .shape = Shape::time,
     .about = "Also of a desk that goes on without a yes",
     .required = false},
    {.name = "comment", .about = "Of who decided, or why no yes is needed", .required = false},
    {.name = "reminded_at", .shape = Shape::time, .required = false},
    {.name = "due_at",
     .shape = Shape::time,
     .about = "While it waits: when the desk looks after it",
     .required = false}};
constexpr Schema kApprovalSchema{"Approval", kApprovalMembers};

#define OMBUD_APPROVAL_MEMBER                                                                     \
  {                                                                                               \
    .name = "approval", .shape = Shape::one,                                                      \
    .about = "The yes that an order needs of its own organisation; null: it was never asked for", \
    .required = false, .of = &kApprovalSchema                                                     \
  }

#define OMBUD_ROW_MEMBERS                                                                          \
  OMBUD_TICKET_MEMBERS, {.name = "requester_name", .required = false},                             \
      {.name = "customer_name", .required = false},                                                \
      {.name = "suppliers",                                                                        \
       .shape = Shape::many,                                                                       \
       .about = "For the desk; empty for a user",                                                  \
       .of = &kSupplierMarkSchema},                                                                \
      {.name = "last_message",                                                                     \
       .shape = Shape::one,                                                                        \
       .about = "The last that is no internal note",                                               \
       .required = false,                                                                          \
       .of = &kLastMessageSchema},                                                                 \
      {.name = "unread", .shape = Shape::boolean, .about = "Changed since you read it"},           \
      {.name = "waiting_for", .about = "desk, user or supplier: who must act", .required = false}, \
      OMBUD_APPROVAL_MEMBER,                                                                       \
      {.name = "rating", .shape = Shape::integer, .about = "1 to 5", .required = false}, {         \
    .name = "due_at", .shape = Shape::time,                                                        \
    .about = "The first promise of a supplier that still works on it", .required = false           \
  }
constexpr Member kRowMembers[] = {OMBUD_ROW_MEMBERS};
constexpr Member kSimilarMembers[] = {
    OMBUD_ROW_MEMBERS,
    {.name = "score", .shape = Shape::integer, .about = "1 to 100: how much of the words agree"}};

constexpr Member kParticipantMembers[] = {
    {.name = "person", .shape = Shape::integer}, {.name = "name"}, {.name = "email"}};
constexpr Member kRelationMembers[] = {
    {.name = "kind", .about = "What the other is to this one", .words = words_of<RelationKind>},
    {.name = "ticket", .shape = Shape::integer},
    {.name = "reference"},
    {.name = "subject"},
    {.name = "status", .words = words_of<TicketStatus>}};

}  // namespace

constexpr Schema kTicketRowSchema{"TicketRow", kRowMembers};
constexpr Schema kSimilarSchema{"SimilarTicket", kSimilarMembers};
constexpr Schema kParticipantSchema{"Participant", kParticipantMembers};
constexpr Schema kRelationSchema{"TicketRelation", kRelationMembers};

namespace {

constexpr Member kRequesterDetailMembers[] = {{.name = "id", .shape = Shape::integer},
                                              {.name = "name"},
                                              {.name = "email"},
                                              {.name = "phone"},
                                              {.name = "approver", .shape = Shape::boolean},
                                              {.name = "bouncing",
                                               .about = "Why the address takes no mail, as its "
                                                        "server said",
                                               .required = false}};
constexpr Schema kRequesterDetailSchema{"RequesterDetail", kRequesterDetailMembers};
constexpr Member kContactMembers[] = {
    {.name = "address", .about = "As the mail says; nobody has vouched for it"},
    {.name = "name", .about = "As the mail says", .required = false},
    {.name = "message", .shape = Shape::integer, .about = "The mail"},
    {.name = "verdict",
     .about = "pass, fail (another one has sent it) or none; null: it was not looked at",
     .required = false}};
constexpr Schema kContactSchema{"TicketContact", kContactMembers};
constexpr Member kRatingMembers[] = {{.name = "score", .shape = Shape::integer, .about = "1 to 5"},
                                     {.name = "text"},
                                     {.name = "at", .shape = Shape::time}};
constexpr Schema kRatingSchema{"TicketRating", kRatingMembers};
constexpr Member kNextMembers[] = {
    {.name = "who", .about = "desk, user, supplier, approver, or you", .required = false}};
constexpr Schema kNextSchema{"NextStep", kNextMembers};

constexpr Member kTicketDetailMembers[] = {
    OMBUD_TICKET_MEMBERS,
    {.name = "requester_name", .required = false},
    {.name = "customer_name", .required = false},
    {.name = "service_name", .required = false},
    {.name = "team_name", .required = false},
    {.name = "agent_name", .required = false},
    {.name = "requester_detail",
     .shape = Shape::one,
     .about = "For the desk",
     .required = false,
     .of = &kRequesterDetailSchema},
    {.name = "contact",
     .shape = Shape::one,
     .about = "For the desk, while there is no requester: who wrote by mail and is nobody known",
     .required = false,
     .of = &kContactSchema},
    {.name = "reach",
     .shape = Shape::one,
     .about = "For the desk: whom an answer to the user reaches now",
     .required = false,
     .of = &kReachSchema},
    {.name = "participants", .shape = Shape::many, .of = &kParticipantSchema},
    {.name = "relations", .shape = Shape::many, .of = &kRelationSchema},
    {.name = "rating", .shape = Shape::one, .required = false, .of = &kRatingSchema},
    OMBUD_APPROVAL_MEMBER,
    {.name = "may", .shape = Shape::texts, .about = "What you may do with it now"},
    {.name = "next",
     .shape = Shape::one,
     .about = "Who must act; nobody once it is closed",
     .of = &kNextSchema},
    {.name = "messages", .shape = Shape::many, .about = "Oldest first", .of = &kMessageSchema},
    {.name = "attachments", .shape = Shape::many, .of = &kAttachmentSchema},
    {.name = "delegations",
     .shape = Shape::many,
     .about = "For the desk; empty for a user",
     .of = &kDelegationSchema}};

}  // namespace
constexpr Schema kTicketDetailSchema{"TicketDetail", kTicketDetailMembers};

namespace {

void write_person(json::Writer& out, std::string_view name, PersonId person,
                  std::string_view called) {
  out.key(name);
  if (person.value == 0) {
    out.null();
    return;
  }
  out.begin_object().field("person", person.value).field("name", called).end_object();
}

void write_approval(json::Writer& out, const std::optional<desk::ApprovalView>& view) {
  out.key("approval");
  if (!view) {
    out.null();
    return;
  }
  const Approval& approval = view->approval;
  const bool waits = approval.state == ApprovalState::needed;
  out.begin_object().field("state", to_text(approval.state)).begin_array("approvers");
  for (const desk::Decides& one : view->approvers) {
    out.begin_object().field("person", one.person.value).field("name", one.name);
    out.field("may_decide", one.may);
    if (one.instead_of.value != 0) write_person(out, "for", one.instead_of, one.instead_of_name);
    out.end_object();
  }
  out.end_array();
  write_or_null(out, "trouble", view->trouble);
  write_person(out, "decided_by", approval.decided_by, view->decided_by_name);
  write_person(out, "decided_for", approval.decided_for, view->decided_for_name);
  write_time(out, "decided_at", approval.decided_at);
  write_or_null(out, "comment", approval.comment);
  write_time(out, "reminded_at", waits ? approval.reminded_at : std::nullopt);
  write_time(out, "due_at", waits ? std::optional(approval.due_at) : std::nullopt);
  out.end_object();
}

// Who must act, as the reader is told it.
struct ByEvent {
  bool operator()(const ToldByMail& told, MessageId message) const {
    return told.event.value < message.value;
  }
  bool operator()(MessageId message, const ToldByMail& told) const {
    return message.value < told.event.value;
  }
};

std::string_view next_of(const desk::TicketView& view, const Principal& who) {
  if (!view.waits_for) return {};
  const bool asked = std::find(view.may.begin(), view.may.end(), "approve") != view.may.end();
  if (asked) return "you";
  if (view.ticket.waits_for_approval() && *view.waits_for == Party::user &&
      view.ticket.status != TicketStatus::waiting_user) {
    return "approver";
  }
  if (*view.waits_for == Party::user && who.is_customer()) return "you";
  return to_text(*view.waits_for);
}

}  // namespace

void write_members(json::Writer& out, const desk::TicketRow& row) {
  write_members(out, row.ticket);
  write_or_null(out, "requester_name", row.extras.requester_name);
  write_or_null(out, "customer_name", row.extras.customer_name);
  out.begin_array("suppliers");
  for (const SupplierMark& supplier : row.extras.suppliers) {
    out.begin_object()
        .field("delegation", supplier.delegation.value)
        .field("link", supplier.link)
        .field("supplier", supplier.supplier)
        .field("state", to_text(supplier.state))
        .field("trouble", supplier.trouble)
        .end_object();
  }
  out.end_array().key("last_message");
  if (const auto& last = row.extras.last) {
    out.begin_object()
        .field("from", to_text(last->from))
        .field("at", to_rfc3339(last->at))
        .field("author", last->author)
        .end_object();
  } else {
    out.null();
  }
  out.field("unread", row.extras.unread);
  const auto who = desk::waits_for(row.ticket);
  write_or_null(out, "waiting_for", who ? to_text(*who) : std::string_view());
  write_approval(out, row.approval);
  out.key("rating");
  if (row.ticket.rating > 0) {
    out.value(row.ticket.rating);
  } else {
    out.null();
  }
  write_time(out, "due_at", row.due_at);
}

void write(json::Writer& out, const desk::TicketRow& row) {
  out.begin_object();
  write_members(out, row);
  out.end_object();
}

void write(json::Writer& out, const Participant& participant) {
  out.begin_object()
      .field("person", participant.person.value)
      .field("name", participant.name)
      .field("email", participant.email)
      .end_object();
}

void write(json::Writer& out, const desk::RelatedTicket& related) {
  out.begin_object()
      .field("kind", to_text(related.kind))
      .field("ticket", related.ticket.id.value)
      .field("reference", reference_of(related.ticket.id))
      .field("subject", related.ticket.subject)
      .field("status", to_text(related.ticket.status))
      .end_object();
}

void write(json::Writer& out, const desk::TicketView& view, const std::vector<ToldByMail>& told,
           const std::optional<notify::Reach>& reach, const Principal& who) {
  out.begin_object();
  write_members(out, view.ticket);
  out.field("requester_name", view.requester_name);
  write_or_null(out, "customer_name", view.customer_name);
  write_or_null(out, "service_name", view.service_name);
  write_or_null(out, "team_name", view.team_name);
  write_or_null(out, "agent_name", view.agent_name);
  out.key("requester_detail");
  if (const auto& person = view.requester) {
    out.begin_object()
        .field("id", person->id.value)
        .field("name", person->name)
        .field("email", person->email)
        .field("phone", person->phone)
        .field("approver", person->approver);
    write_or_null(out, "bouncing", view.requester_bounces ? view.requester_bounces->why : "");
    out.end_object();
  } else {
    out.null();
  }
  out.key("contact");
  if (const auto& contact = view.contact) {
    out.begin_object().field("address", contact->address);
    write_or_null(out, "name", contact->name);
    out.field("message", contact->message.value);
    write_or_null(out, "verdict", contact->verdict);
    out.end_object();
  } else {
    out.null();
  }
  if (reach) write_reach(out, *reach);
  out.begin_array("participants");
  for (const Participant& participant : view.participants) write(out, participant);
  out.end_array().begin_array("relations");
  for (const desk::RelatedTicket& related : view.relations) write(out, related);
  out.end_array().key("rating");
  if (const auto& rating = view.rating) {
    out.begin_object()
        .field("score", rating->score)
        .field("text", rating->text)
        .field("at", to_rfc3339(rating->at))
        .end_object();
  } else {
    out.null();
  }
  write_approval(out, view.approval);
  out.begin_array("may");
  for (const std::string_view action : view.may) out.value(action);
  out.end_array().begin_object("next");
  write_or_null(out, "who", next_of(view, who));
  out.end_object();
  out.begin_array("messages");
  for (const Message& message : view.messages) {
    const auto mail = view.mails.find(message.id);
    const auto [first, last] = std::equal_range(told.begin(), told.end(), message.id, ByEvent());
    write(out, message, mail == view.mails.end() ? nullptr : &mail->second, {first, last}, who);
  }
  out.end_array().begin_array("attachments");
  for (const Attachment& attachment : view.attachments) write(out, attachment);
  out.end_array().begin_array("delegations");
  for (const Delegation& delegation : view.delegations) write(out, delegation);
  out.end_array().end_object();
}

}  // namespace ombud::http
