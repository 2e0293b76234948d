#include "http/tmf621/document.hpp"

#include "http/tmf621/words.hpp"

namespace ombud::http::tmf {
namespace {

void put_time(Members& out, const char* name, const std::optional<Instant>& at) {
  if (at) out[name] = json_text(to_rfc3339(*at));
}

bool is_hidden(json::View attributes, const char* list, std::int64_t id) {
  const json::View hidden = attributes[list];
  for (std::size_t i = 0; i < hidden.size(); ++i) {
    if (hidden.at(i).integer() == id) return true;
  }
  return false;
}

// Under the name that its client gave it, else under our number.
std::string shown_id(json::View attributes, std::int64_t id) {
  const std::string number = std::to_string(id);
  return std::string(attributes["$named"][number]["id"].text(number));
}

std::string notes_of(const Trouble& t, json::View attributes) {
  json::Writer out;
  out.begin_array();
  for (const Note& note : t.notes) {
    if (is_hidden(attributes, "$notes", note.id)) continue;
    out.begin_object()
        .field("id", shown_id(attributes, note.id))
        .field("author", note.author)
        .field("date", to_rfc3339(note.at))
        .field("text", note.text)
        .end_object();
  }
  out.end_array();
  return out.take();
}

std::string files_of(const Trouble& t, json::View attributes, std::string_view base) {
  json::Writer out;
  out.begin_array();
  for (const File& file : t.files) {
    if (is_hidden(attributes, "$attachments", file.id)) continue;
    const std::string where =
        std::string(base) + "/troubleTicket/" + t.id() + "/attachment/" + std::to_string(file.id);
    out.begin_object()
        .field("id", shown_id(attributes, file.id))
        .field("href", where)
        .field("attachmentType", "file")
        .field("mimeType", file.media_type)
        .field("name", file.name)
        .field("url", where);
    const json::View described = attributes["$named"][std::to_string(file.id)]["description"];
    if (described.is_text()) out.field("description", described.text());
    out.begin_object("size")
        .field("amount", file.bytes)
        .field("units", "bytes")
        .end_object()
        .end_object();
  }
  const json::View references = attributes["$references"];
  for (std::size_t i = 0; i < references.size(); ++i) out.value(references.at(i));
  out.end_array();
  return out.take();
}

std::string steps_of(const Trouble& t) {
  json::Writer out;
  out.begin_array();
  for (const Step& step : t.steps) {
    out.begin_object()
        .field("changeDate", to_rfc3339(step.at))
        .field("changeReason", step.reason)
        .field("status", step.status)
        .end_object();
  }
  out.end_array();
  return out.take();
}

void put_party(json::Writer& out, std::string_view id, std::string_view name, std::string_view role,
               std::string_view type) {
  if (id.empty()) return;
  out.begin_object().field("id", id);
  if (!name.empty()) out.field("name", name);
  out.field("role", role).field("@referredType", type).end_object();
}

std::string parties_of(const Trouble& t) {
  json::Writer out;
  out.begin_array();
  if (t.requester.value != 0) {
    put_party(out, std::to_string(t.requester.value), t.requester_name, "requester", "Individual");
  }
  put_party(out, t.contact, t.contact_name, "owner", "Organization");
  put_party(out, t.shared_customer, t.shared_customer, "customer", "Organization");
  put_party(out, t.shared_user, t.shared_user, "user", "Individual");
  out.end_array();
  return out.take();
}

// The client's own word as long as it says what the desk says now.
template <class Enum>
std::string word(json::View given, std::optional<Enum> means, Enum now, std::string_view ours) {
  const bool stands = given.is_text() && (!means || *means == now);
  return json_text(stands ? given.text() : ours);
}

}  // namespace

std::string json_text(std::string_view text) {
  json::Writer out;
  out.value(text);
  return out.take();
}

Members members_of(json::View object) {
  Members members;
  if (!object.is_object()) return members;
  for (std::size_t i = 0; i < object.size(); ++i) {
    members[std::string(object.name_at(i))] = object.member_at(i).dump();
  }
  return members;
}

std::string object_of(const Members& members) {
  std::string text = "{";
  for (const auto& [name, value] : members) {
    if (text.size() > 1) text += ',';
    text += json_text(name) + ":" + value;
  }
  return text + "}";
}

std::string merge(json::View target, json::View patch) {
  if (!patch.is_object()) return patch.dump();
  Members members = members_of(target);
  for (std::size_t i = 0; i < patch.size(); ++i) {
    const std::string name(patch.name_at(i));
    if (!patch.member_at(i).present()) {
      members.erase(name);
    } else {
      members[name] = merge(target[name], patch.member_at(i));
    }
  }
  return object_of(members);
}

std::string v4_document(const Trouble& t, std::string_view base) {
  const auto parsed = json::parse(t.attributes);
  const json::View kept = parsed ? parsed->root() : json::View();
  Members out;
  for (auto& [name, value] : members_of(kept)) {
    if (name.empty() || name.front() != kHiddenMark) out[name] = value;
  }
  if (!out.contains("@type")) out["@type"] = json_text("TroubleTicket");
  if (!out.contains("@baseType")) out["@baseType"] = json_text("TroubleTicket");
  if (!out.contains("channel")) {
    json::Writer channel;
    channel.begin_object().field("id", to_text(t.channel)).end_object();
    if (t.delegation.value == 0) out["channel"] = channel.take();
  }
  if (!out.contains("relatedParty")) out["relatedParty"] = parties_of(t);
  if (!out.contains("resolutionDate")) put_time(out, "resolutionDate", t.resolved_at);
  if (!out.contains("requestedResolutionDate")) put_time(out, "requestedResolutionDate", t.due_at);
  if (!t.external_id.empty()) out["externalId"] = json_text(t.external_id);
  if (!kept["description"].is_text()) out["description"] = json_text(t.description);
  const std::string_view type = to_text(t.kind);
  out["ticketType"] = word(kept["ticketType"], kind_from(kept["ticketType"].text()), t.kind, type);
  out["priority"] = word(kept["priority"], priority_from(kept["priority"].text()), t.priority,
                         priority_word(t.priority));
  // Severity is the client's own judgement; the desk has none beside its priority.
  out["severity"] = kept["severity"].is_text() ? json_text(kept["severity"].text())
                                               : json_text(severity_of(t.priority));
  out["id"] = json_text(t.id());
  out["href"] = json_text(std::string(base) + "/troubleTicket/" + t.id());
  out["name"] = json_text(t.name);
  out["status"] = json_text(t.status);
  out["statusChangeReason"] = json_text(t.status_reason);
  put_time(out, "creationDate", t.created_at);
  put_time(out, "lastUpdate", t.updated_at);
  put_time(out, "statusChangeDate", t.status_at);
  out["statusChange"] = steps_of(t);
  out["note"] = notes_of(t, kept);
  out["attachment"] = files_of(t, kept, base);
  return object_of(out);
}

// --- v5 ------------------------------------------------------------------------------------------

namespace {

std::string typed(Members members, std::string_view type) {
  if (!members.contains("@type")) members["@type"] = json_text(type);
  return object_of(members);
}

template <class Convert>
std::string each(json::View list, Convert convert) {
  if (!list.is_array()) return list.dump();
  std::string text = "[";
  for (std::size_t i = 0; i < list.size(); ++i) {
    text += (i == 0 ? "" : ",") + std::string(convert(list.at(i)));
  }
  return text + "]";
}

// {id, name, href, role, @referredType} → {role, <inner>: {id, name, href, @type …}}
std::string nested(json::View flat, std::string_view inner, std::string_view outer_type,
                   std::string_view inner_type) {
  if (flat[inner].is_object()) return flat.dump();  // kept as a v5 client gave it
  Members outside, inside = members_of(flat);
  outside["role"] = flat["role"].is_text() ? flat["role"].dump() : json_text("related");
  outside["@type"] = json_text(outer_type);
  inside.erase("role");
  inside.erase("@type");
  inside["@type"] = json_text(inner_type);
  outside[std::string(inner)] = object_of(inside);
  return object_of(outside);
}

std::string flat(json::View nest, std::string_view inner) {
  if (!nest[inner].is_object()) return nest.dump();
  Members members = members_of(nest[inner]);
  if (nest["role"].present()) members["role"] = nest["role"].dump();
  if (!members.contains("@referredType")) {
    members["@referredType"] =
        nest[inner]["@type"].is_text() ? nest[inner]["@type"].dump() : json_text("Entity");
  }
  members.erase("@type");
  return object_of(members);
}

std::string step_to_v5(json::View step) {
  Members out;
  out["statusChangeDate"] = step["changeDate"].dump();
  out["statusChangeReason"] = step["changeReason"].dump();
  out["status"] = step["status"].dump();
  return typed(std::move(out), "StatusChange");
}

std::string identifiers(json::View v4) {
  const json::View kept = v4["externalIdentifier"];
  if (kept.is_array() && kept.at(0)["id"].text() == v4["externalId"].text()) return kept.dump();
  json::Writer out;
  out.begin_array()
      .begin_object()
      .field("@type", "ExternalIdentifier")
      .field("id", v4["externalId"].text())
      .end_object()
      .end_array();
  return out.take();
}

}  // namespace

std::string to_v5(json::View v4, std::string_view base) {
  Members out = members_of(v4);
  if (v4["externalId"].is_text()) {
    out["externalIdentifier"] = identifiers(v4);
    out.erase("externalId");
  }
  if (v4["statusChange"].is_array()) {
    out["statusChangeHistory"] = each(v4["statusChange"], step_to_v5);
    out.erase("statusChange");
  }
  const auto convert = [&](const char* name, auto function) {
    if (v4[name].is_array()) out[name] = each(v4[name], function);
  };
  convert("note", [](json::View note) { return typed(members_of(note), "Note"); });
  convert("attachment", [](json::View file) { return typed(members_of(file), "Attachment"); });
  convert("relatedParty", [](json::View party) {
    return nested(party, "partyOrPartyRole", "RelatedPartyRefOrPartyRoleRef", "PartyRef");
  });
  convert("relatedEntity",
          [](json::View entity) { return nested(entity, "entity", "RelatedEntity", "EntityRef"); });
  convert("troubleTicketRelationship", [](json::View relation) {
    Members members = members_of(relation);
    if (!members.contains("id")) members["id"] = json_text("");
    if (!members.contains("relationshipType")) members["relationshipType"] = json_text("related");
    return typed(std::move(members), "TroubleTicketRelationship");
  });
  if (v4["channel"].is_object()) out["channel"] = typed(members_of(v4["channel"]), "ChannelRef");
  if (v4["id"].is_text()) {
    out["href"] = json_text(std::string(base) + "/troubleTicket/" + std::string(v4["id"].text()));
  }
  if (!out.contains("@type")) out["@type"] = json_text("TroubleTicket");
  return object_of(out);
}

std::string from_v5(json::View v5) {
  Members out = members_of(v5);
  const json::View identifiers = v5["externalIdentifier"];
  if (identifiers.is_array() && identifiers.at(0)["id"].is_text()) {
    out["externalId"] = identifiers.at(0)["id"].dump();
  } else if (out.contains("externalIdentifier")) {
    out["externalId"] = "null";
  }
  if (v5["relatedParty"].is_array()) {
    out["relatedParty"] =
        each(v5["relatedParty"], [](json::View p) { return flat(p, "partyOrPartyRole"); });
  }
  if (v5["relatedEntity"].is_array()) {
    out["relatedEntity"] =
        each(v5["relatedEntity"], [](json::View e) { return flat(e, "entity"); });
  }
  if (v5["statusChangeHistory"].is_array()) {
    out["statusChange"] = each(v5["statusChangeHistory"], [](json::View step) {
      Members one;
      one["changeDate"] = step["statusChangeDate"].dump();
      one["changeReason"] = step["statusChangeReason"].dump();
      one["status"] = step["status"].dump();
      return object_of(one);
    });
    out.erase("statusChangeHistory");
  }
  return object_of(out);
}

}  // namespace ombud::http::tmf
