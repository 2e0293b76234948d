#include "domain/event.hpp"

#include <type_traits>

namespace ombud {
namespace {

using namespace event;

void put(json::Writer& out, const Registered& e) {
  out.field("customer", e.customer)
      .field("requester", e.requester.value)
      .field("kind", to_text(e.kind))
      .field("priority", to_text(e.priority))
      .field("channel", to_text(e.channel))
      .field("subject", e.subject)
      .field("text", e.text)
      .field("service", e.service)
      .field("team", e.team)
      .field("language", e.language)
      .field("author", e.author);
  if (e.writer.value != 0) out.field("writer", e.writer.value);
  if (e.quiet) out.field("quiet", true);
  if (!e.answers.empty()) out.field("answers", e.answers);
}
void put(json::Writer& out, const MessageAdded& e) {
  out.field("visibility", to_text(e.visibility))
      .field("from", to_text(e.from))
      .field("author", e.author)
      .field("delegation", e.delegation.value)
      .field("relays", e.relays.value)
      .field("text", e.text);
  if (e.said_at) out.field("said_at", ms_of(*e.said_at));
  if (e.writer.value != 0) out.field("writer", e.writer.value);
  if (e.files.empty()) return;
  out.begin_array("files");
  for (const AttachmentId file : e.files) out.value(file.value);
  out.end_array();
}
void put(json::Writer& out, const AttachmentAdded& e) {
  out.field("message", e.message.value)
      .field("delegation", e.delegation.value)
      .field("visibility", to_text(e.visibility))
      .field("from", to_text(e.from))
      .field("name", e.name)
      .field("media_type", e.media_type)
      .field("bytes", e.bytes)
      .field("sha256", e.sha256);
}
void put_undoes(json::Writer& out, EventId undoes) {
  if (undoes.value != 0) out.field("undoes", undoes.value);
}
void put(json::Writer& out, const Assigned& e) {
  out.field("team", e.team).field("agent", e.agent);
  put_undoes(out, e.undoes);
}
void put(json::Writer& out, const Escalated& e) {
  out.field("team", e.team).field("agent", e.agent).field("reason", e.reason);
  if (e.priority) out.field("priority", to_text(*e.priority));
}
void put(json::Writer& out, const StatusChanged& e) {
  out.field("status", to_text(e.status)).field("reason", e.reason);
  put_undoes(out, e.undoes);
}
void put(json::Writer& out, const Edited& e) {
  out.field_if("subject", e.subject).field_if("service", e.service);
  if (e.priority) out.field("priority", to_text(*e.priority));
  if (e.kind) out.field("kind", to_text(*e.kind));
  if (e.requester) {
    out.field("requester", e.requester->value).field("requester_name", e.requester_name);
  }
  put_undoes(out, e.undoes);
}
void put(json::Writer& out, const ParticipantAdded& e) {
  out.field("person", e.person.value).field("name", e.name);
}
void put(json::Writer& out, const ParticipantRemoved& e) {
  out.field("person", e.person.value);
}
void put(json::Writer& out, const Rated& e) {
  out.field("score", e.score).field("text", e.text);
}
void put(json::Writer& out, const Merged& e) {
  out.field("into", e.into.value);
}
void put(json::Writer& out, const SplitOff& e) {
  out.field("into", e.into.value).begin_array("messages");
  for (const MessageId message : e.messages) out.value(message.value);
  out.end_array();
}
void put(json::Writer& out, const Related& e) {
  out.field("other", e.other.value).field("kind", to_text(e.kind));
  put_undoes(out, e.undoes);
}
void put(json::Writer& out, const Unrelated& e) {
  out.field("other", e.other.value);
  put_undoes(out, e.undoes);
}
void put_list(json::Writer& out, std::string_view name, const std::vector<std::string>& texts) {
  out.begin_array(name);
  for (const std::string& text : texts) out.value(text);
  out.end_array();
}
void put(json::Writer& out, const Delegated& e) {
  out.field("agreement", e.agreement.value)
      .field("link", e.link)
      .field("supplier", e.supplier)
      .field("brief", e.brief);
  put_list(out, "shared", e.shared);
  put_list(out, "withheld", e.withheld);
  if (e.due) out.field("due", ms_of(*e.due));
}
void put(json::Writer& out, const DelegationChanged& e) {
  out.field("delegation", e.delegation.value)
      .field("state", to_text(e.state))
      .field("reason", e.reason)
      .field("external_id", e.external_id)
      .field("external_url", e.external_url)
      .field("external_status", e.external_status);
}

void put(json::Writer& out, const Attributed& e) {
  out.field("delegation", e.delegation.value)
      .field("client", e.client)
      .field("external_id", e.external_id)
      .key("attributes")
      .raw(e.attributes);
}

void put(json::Writer& out, const MailBounced& e) {
  out.field("person", e.person.value)
      .field("address", e.address)
      .field("delivery", e.delivery.value)
      .field("permanent", e.permanent)
      .field("why", e.why);
}
void put(json::Writer& out, const ApprovalRequested& e) {
  out.field("occasion", to_text(e.occasion))
      .field("remind_at", ms_of(e.remind_at))
      .field("due", ms_of(e.due))
      .field("hand_over", e.hand_over)
      .begin_array("asked");
  for (const PersonId person : e.asked) out.value(person.value);
  out.end_array();
}
void put(json::Writer& out, const ApprovalDecided& e) {
  out.field("decision", e.approved ? "approve" : "reject")
      .field("person", e.person.value)
      .field("comment", e.comment);
  if (e.instead_of.value != 0) out.field("for", e.instead_of.value);
}
void put(json::Writer& out, const ApprovalWaived& e) {
  out.field("reason", e.reason);
}

template <class Enum>
Enum word(json::View data, std::string_view name, bool& known) {
  const auto found = from_text<Enum>(data[name].text());
  if (!found) known = false;
  return found.value_or(Enum{});
}
std::string text(json::View data, std::string_view name) {
  return std::string(data[name].text());
}
std::vector<std::string> texts(json::View list) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < list.size(); ++i) all.emplace_back(list.at(i).text());
  return all;
}

Registered get_registered(json::View d, bool& known) {
  return {text(d, "customer"),
          {d["requester"].integer()},
          word<TicketKind>(d, "kind", known),
          word<Priority>(d, "priority", known),
          word<Channel>(d, "channel", known),
          text(d, "subject"),
          text(d, "text"),
          text(d, "service"),
          text(d, "team"),
          text(d, "language"),
          text(d, "author"),
          {d["writer"].integer()},
          d["quiet"].boolean(false),
          text(d, "answers")};
}
MessageAdded get_message(json::View d, bool& known) {
  MessageAdded e{word<Visibility>(d, "visibility", known),
                 word<Party>(d, "from", known),
                 text(d, "author"),
                 {d["delegation"].integer()},
                 {d["relays"].integer()},
                 text(d, "text")};
  if (d["said_at"].present()) e.said_at = instant_of(d["said_at"].integer());
  e.writer = {d["writer"].integer()};
  for (std::size_t i = 0; i < d["files"].size(); ++i) {
    e.files.push_back({d["files"].at(i).integer()});
  }
  return e;
}
AttachmentAdded get_attachment(json::View d, bool& known) {
  return {{d["message"].integer()},
          {d["delegation"].integer()},
          word<Visibility>(d, "visibility", known),
          word<Party>(d, "from", known),
          text(d, "name"),
          text(d, "media_type"),
          d["bytes"].integer(),
          text(d, "sha256")};
}
Edited get_edited(json::View d, bool& known) {
  Edited e;
  if (d["subject"].present()) e.subject = text(d, "subject");
  if (d["service"].present()) e.service = text(d, "service");
  if (d["priority"].present()) e.priority = word<Priority>(d, "priority", known);
  if (d["kind"].present()) e.kind = word<TicketKind>(d, "kind", known);
  if (d["requester"].present()) {
    e.requester = PersonId{d["requester"].integer()};
    e.requester_name = text(d, "requester_name");
  }
  e.undoes = {d["undoes"].integer()};
  return e;
}
Escalated get_escalated(json::View d, bool& known) {
  Escalated e{text(d, "team"), text(d, "agent"), {}, text(d, "reason")};
  if (d["priority"].present()) e.priority = word<Priority>(d, "priority", known);
  return e;
}
SplitOff get_split(json::View d) {
  SplitOff e{{d["into"].integer()}, {}};
  for (std::size_t i = 0; i < d["messages"].size(); ++i) {
    e.messages.push_back({d["messages"].at(i).integer()});
  }
  return e;
}
Delegated get_delegated(json::View d) {
  Delegated e{{d["agreement"].integer()},
              text(d, "link"),
              text(d, "supplier"),
              text(d, "brief"),
              texts(d["shared"]),
              texts(d["withheld"]),
              {}};
  if (d["due"].present()) e.due = instant_of(d["due"].integer());
  return e;
}
DelegationChanged get_change(json::View d, bool& known) {
  return {{d["delegation"].integer()}, word<DelegationState>(d, "state", known),
          text(d, "reason"),           text(d, "external_id"),
          text(d, "external_url"),     text(d, "external_status")};
}
ApprovalRequested get_request(json::View d, bool& known) {
  ApprovalRequested e{word<ApprovalOccasion>(d, "occasion", known),
                      instant_of(d["remind_at"].integer()),
                      instant_of(d["due"].integer()),
                      d["hand_over"].boolean(),
                      {}};
  for (std::size_t i = 0; i < d["asked"].size(); ++i) {
    e.asked.push_back({d["asked"].at(i).integer()});
  }
  return e;
}
ApprovalDecided get_decision(json::View d, bool& known) {
  const std::string_view decision = d["decision"].text();
  if (decision != "approve" && decision != "reject") known = false;
  return {decision == "approve", {d["person"].integer()}, text(d, "comment"), {d["for"].integer()}};
}

constexpr std::array<std::string_view, std::variant_size_v<Event>> kTypes{
    "registered",     "message_added", "attachment_added",   "assigned",
    "status_changed", "edited",        "delegated",          "delegation_changed",
    "attributed",     "escalated",     "participant_added",  "participant_removed",
    "rated",          "merged",        "split_off",          "related",
    "unrelated",      "mail_bounced",  "approval_requested", "approval_decided",
    "approval_waived"};

}  // namespace

std::string_view type_of(const Event& event) {
  return kTypes[event.index()];
}

std::string data_of(const Event& event) {
  json::Writer out;
  out.begin_object();
  std::visit([&](const auto& e) { put(out, e); }, event);
  out.end_object();
  return out.take();
}

Result<Event> event_from(std::string_view type, json::View d) {
  bool known = true;
  Event event;
  if (type == kTypes[0]) {
    event = get_registered(d, known);
  } else if (type == kTypes[1]) {
    event = get_message(d, known);
  } else if (type == kTypes[2]) {
    event = get_attachment(d, known);
  } else if (type == kTypes[3]) {
    event = Assigned{text(d, "team"), text(d, "agent"), {d["undoes"].integer()}};
  } else if (type == kTypes[4]) {
    event = StatusChanged{
        word<TicketStatus>(d, "status", known), text(d, "reason"), {d["undoes"].integer()}};
  } else if (type == kTypes[5]) {
    event = get_edited(d, known);
  } else if (type == kTypes[6]) {
    event = get_delegated(d);
  } else if (type == kTypes[7]) {
    event = get_change(d, known);
  } else if (type == kTypes[8]) {
    known = d["attributes"].is_object();
    event = Attributed{{d["delegation"].integer()},
                       text(d, "client"),
                       text(d, "external_id"),
                       d["attributes"].dump()};
  } else if (type == kTypes[9]) {
    event = get_escalated(d, known);
  } else if (type == kTypes[10]) {
    event = ParticipantAdded{{d["person"].integer()}, text(d, "name")};
  } else if (type == kTypes[11]) {
    event = ParticipantRemoved{{d["person"].integer()}};
  } else if (type == kTypes[12]) {
    event = Rated{d["score"].integer(), text(d, "text")};
  } else if (type == kTypes[13]) {
    event = Merged{{d["into"].integer()}};
  } else if (type == kTypes[14]) {
    event = get_split(d);
  } else if (type == kTypes[15]) {
    event = Related{
        {d["other"].integer()}, word<RelationKind>(d, "kind", known), {d["undoes"].integer()}};
  } else if (type == kTypes[16]) {
    event = Unrelated{{d["other"].integer()}, {d["undoes"].integer()}};
  } else if (type == kTypes[17]) {
    event = MailBounced{{d["person"].integer()},
                        text(d, "address"),
                        {d["delivery"].integer()},
                        d["permanent"].boolean(),
                        text(d, "why")};
  } else if (type == kTypes[18]) {
    event = get_request(d, known);
  } else if (type == kTypes[19]) {
    event = get_decision(d, known);
  } else if (type == kTypes[20]) {
    event = ApprovalWaived{text(d, "reason")};
  } else {
    known = false;
  }
  if (!known) {
    return problem(ProblemKind::invalid, "The event log holds a \"" + std::string(type) +
                                             "\" event that this version does not know.");
  }
  return event;
}

}  // namespace ombud
