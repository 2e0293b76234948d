// What goes to Redmine: issues, notes, attachments. Each write is read back.
#include "redmine/connector.hpp"
#include "redmine/text.hpp"

namespace ombud::redmine {
namespace {

constexpr std::size_t kReadPieceBytes = 65'536;

struct Reply {
  std::string external_id;
  std::string version;
  std::string url;
  std::vector<std::string> changed;
};

void push(const Reply& reply, Sink& sink) {
  json::Writer out;
  out.begin_object();
  if (!reply.external_id.empty()) out.field("external_id", reply.external_id);
  if (!reply.version.empty()) out.field("version", reply.version);
  out.field("url", reply.url);
  if (!reply.changed.empty()) {
    out.begin_array("changed");
    for (const std::string& name : reply.changed) out.value(name);
    out.end_array();
  }
  out.end_object();
  sink.put(out.take());
}

Status gone(const Call& call, std::string_view external_id) {
  return call.fail_as(Status::permanent,
                      "Redmine shows the API user no issue " + std::string(external_id) +
                          ": it was deleted, moved to a project the user is no member of, or made "
                          "private. Ask the supplier, then send the ticket again as a new one.",
                      404);
}

Status no_issue(const Call& call) {
  return call.fail_as(Status::permanent, "The write names no issue of Redmine (a whole number).");
}

// Everything the source holds, or nothing if it failed or holds more than `bytes_max`.
std::optional<std::string> read_up_to(sdk::Source source, std::int64_t bytes_max, bool& too_large) {
  std::string all;
  std::string piece(kReadPieceBytes, '\0');
  too_large = false;
  for (;;) {
    const std::int64_t got = source.read(piece.data(), piece.size());
    if (got < 0) return std::nullopt;
    if (got == 0) return all;
    all.append(piece, 0, static_cast<std::size_t>(got));
    too_large = static_cast<std::int64_t>(all.size()) > bytes_max;
    if (too_large) return std::nullopt;
  }
}

}  // namespace

Status Redmine::put_ticket(const Call& call, const Write& write, Sink& reply) {
  const auto ticket = json::parse(write.body());
  if (const auto why = unreadable(ticket, "ombud.ticket/1")) {
    return call.fail_as(Status::permanent, *why);
  }
  if (const Answer words = vocabulary_.load(call); !words.ok()) return words.fail(call);
  std::string why_not;
  if (!vocabulary_.status_id((*ticket)["status"].text(), why_not) ||
      !vocabulary_.priority_id((*ticket)["priority"].text(), why_not)) {
    return call.fail_as(Status::permanent, why_not);
  }
  return write.external_id().empty() ? create(call, write, *ticket, reply)
                                     : update(call, write, *ticket, reply);
}

Status Redmine::create(const Call& call, const Write& write, const json::Document& ticket,
                       Sink& reply) {
  // Before anything exists: a ticket that could not be found again must not be made.
  if (const Answer field = correlation_field_works(call); !field.ok()) return field.fail(call);

  const IssueDraft draft = draft_of(ticket, write.correlation());
  std::string why_not;
  json::Writer out;
  out.begin_object().begin_object("issue").field("project_id", settings_.project);
  out.field_if("tracker_id", settings_.tracker_id);
  out.field("subject", draft.subject).field("description", draft.description);
  out.field("status_id", *vocabulary_.status_id(draft.status, why_not));
  out.field("priority_id", *vocabulary_.priority_id(draft.priority, why_not));
  out.field_if("start_date", draft.start_date).field_if("due_date", draft.due_date);
  out.begin_array("custom_fields");
  if (settings_.correlation_field) {
    out.begin_object().field("id", *settings_.correlation_field);
    out.field("value", write.correlation()).end_object();
  }
  for (const auto& [id, text] : settings_.custom_fields) {
    out.begin_object().field("id", id).field("value", text).end_object();
  }
  out.end_array().end_object().end_object();

  const Answer made = rest_.send(call, "POST", "/issues.json", out.take());
  if (!made.ok()) return made.fail(call);
  const IssueView issue(made.body["issue"]);  // Redmine answers with the issue as stored
  if (issue.id() < 1) {
    return call.fail_as(Status::ambiguous, "Redmine took the issue but did not say its number.",
                        made.code);
  }
  const std::string id = std::to_string(issue.id());
  Reply done{id, issue.updated_on(), issue_url(id), differences(draft, issue)};
  if (settings_.correlation_field &&
      issue.custom_field(*settings_.correlation_field) != write.correlation()) {
    // The issue exists and carries the marker, so this is a success; but the first line is down.
    host_.log(Host::error,
              "Redmine did not store our reference in the custom field " +
                  std::to_string(*settings_.correlation_field) + " of issue " + id +
                  ". Enable the field for the issue's tracker and project, and let the API user's "
                  "role change it.");
    done.changed.emplace_back("correlation");
  }
  push(done, reply);
  return Status::ok;
}

std::vector<std::string> Redmine::differences(const IssueDraft& wanted,
                                              const IssueView& stored) const {
  std::vector<std::string> names;
  std::string why_not;
  if (normalized(wanted.subject) != normalized(stored.subject())) names.emplace_back("subject");
  if (normalized(wanted.description) != stored.description()) names.emplace_back("description");
  if (vocabulary_.status_id(wanted.status, why_not) != stored.status_id() &&
      vocabulary_.status_of(stored.status_id()).status != wanted.status) {
    names.emplace_back("status");
  }
  if (vocabulary_.priority_id(wanted.priority, why_not) != stored.priority_id()) {
    names.emplace_back("priority");
  }
  if (wanted.due_date && *wanted.due_date != stored.due_date()) names.emplace_back("due_at");
  return names;
}

Status Redmine::update(const Call& call, const Write& write, const json::Document& ticket,
                       Sink& reply) {
  const auto id = issue_number(write.external_id());
  if (!id) return no_issue(call);
  const std::string target = "/issues/" + *id + ".json";
  const Answer before = rest_.get(call, target);
  if (before.code == 404) return gone(call, *id);
  if (!before.ok()) return before.fail(call);
  const IssueView stored(before.body["issue"]);

  // The marker is that of the ticket's creation; this write's own is the second best.
  std::string correlation = stored.correlation(settings_.correlation_field);
  if (correlation.empty()) correlation = write.correlation();
  const IssueDraft draft = draft_of(ticket, correlation);
  const std::vector<std::string> needed = differences(draft, stored);
  if (needed.empty()) {
    push({*id, stored.updated_on(), issue_url(*id), {}}, reply);
    return Status::ok;
  }

  std::string why_not;
  json::Writer out;
  out.begin_object().begin_object("issue");
  for (const std::string& name : needed) {
    if (name == "subject") out.field("subject", draft.subject);
    if (name == "description") out.field("description", draft.description);
    if (name == "status") out.field("status_id", *vocabulary_.status_id(draft.status, why_not));
    if (name == "priority") {
      out.field("priority_id", *vocabulary_.priority_id(draft.priority, why_not));
    }
    if (name == "due_at") {
      out.field_if("start_date", draft.start_date).field_if("due_date", draft.due_date);
    }
  }
  out.end_object().end_object();
  const Answer put = rest_.send(call, "PUT", target, out.take());
  if (put.code == 404) return gone(call, *id);
  if (!put.ok()) return put.fail(call);

  Reply done{*id, {}, issue_url(*id), {}};
  if (const Answer after = rest_.get(call, target); after.ok()) {
    const IssueView now(after.body["issue"]);
    done.version = now.updated_on();
    done.changed = differences(draft, now);
  } else {
    host_.log(Host::warning, "The issue was changed but could not be read back: " + after.message);
  }
  push(done, reply);
  return Status::ok;
}

// A note sent as private by somebody who may not is stored as public, without a word. So ask first.
Answer Redmine::private_notes_allowed(const Call& call, std::int64_t project_id) const {
  Answer user = current_user(call, true);
  if (!user.ok() || user.body["user"]["admin"].boolean()) return user;
  const json::View memberships = user.body["user"]["memberships"];
  for (std::size_t i = 0; i < memberships.size(); ++i) {
    if (memberships.at(i)["project"]["id"].integer() != project_id) continue;
    const json::View roles = memberships.at(i)["roles"];
    for (std::size_t j = 0; j < roles.size(); ++j) {
      Answer role =
          rest_.get(call, "/roles/" + std::to_string(roles.at(j)["id"].integer()) + ".json");
      if (!role.ok()) return role;
      const json::View permissions = role.body["role"]["permissions"];
      for (std::size_t k = 0; k < permissions.size(); ++k) {
        if (permissions.at(k).text() == "set_notes_private") return role;
      }
    }
  }
  return permanent(
      "The API user may not write private notes in this project, and Redmine would show this "
      "comment to everybody. Give its role the permission \"Set notes as private\", or set "
      "settings.private_notes to false so that such comments are refused.");
}

Status Redmine::add_comment(const Call& call, const Write& write, Sink& reply) {
  const auto comment = json::parse(write.body());
  if (const auto why = unreadable(comment, "ombud.comment/1")) {
    return call.fail_as(Status::permanent, *why);
  }
  const auto id = issue_number(write.external_id());
  if (!id) return no_issue(call);
  const bool is_private = !(*comment)["public"].boolean();
  const std::string target = "/issues/" + *id + ".json";
  if (is_private) {
    if (!settings_.private_notes) {
      return call.fail_as(Status::permanent,
                          "settings.private_notes is false, so a comment that is not public is not "
                          "sent to this supplier.");
    }
    const Answer issue = rest_.get(call, target);
    if (issue.code == 404) return gone(call, *id);
    if (!issue.ok()) return issue.fail(call);
    const Answer allowed = private_notes_allowed(call, IssueView(issue.body["issue"]).project_id());
    if (!allowed.ok()) return allowed.fail(call);
  }

  json::Writer out;
  out.begin_object().begin_object("issue");
  out.field("notes", note_of(*comment, write.correlation()));
  if (is_private) out.field("private_notes", true);
  out.end_object().end_object();
  const Answer put = rest_.send(call, "PUT", target, out.take());
  if (put.code == 404) return gone(call, *id);
  if (!put.ok()) return put.fail(call);

  Reply done{{}, {}, issue_url(*id), {}};
  const Answer after = rest_.get(call, target + "?include=journals");
  if (!after.ok()) {
    host_.log(Host::warning, "The note was sent but could not be read back: " + after.message);
    push(done, reply);
    return Status::ok;
  }
  const json::View journals = IssueView(after.body["issue"]).journals();
  for (std::size_t i = 0; i < journals.size(); ++i) {
    const json::View journal = journals.at(i);
    if (marked_last(journal["notes"].text()) != std::string(write.correlation())) continue;
    done.external_id = std::to_string(journal["id"].integer());
    done.url += "#change-" + done.external_id;
    if (journal["private_notes"].boolean() != is_private) {
      host_.log(Host::error,
                "Redmine stored a note with another visibility than it was sent with: " + done.url);
      done.changed.emplace_back("public");
    }
    push(done, reply);
    return Status::ok;
  }
  return call.fail_as(Status::permanent,
                      "Redmine answered with success but did not store the note. Give the API "
                      "user's role the permissions \"Add notes\" and \"View private notes\".",
                      put.code);
}

Status Redmine::add_attachment(const Call& call, const Write& write, Sink& reply) {
  const auto document = json::parse(write.body());
  if (const auto why = unreadable(document, "ombud.attachment/1")) {
    return call.fail_as(Status::permanent, *why);
  }
  const auto id = issue_number(write.external_id());
  if (!id) return no_issue(call);
  auto source = write.content();
  if (!source) return call.fail_as(Status::permanent, "The attachment came without its bytes.");
  bool too_large = (*document)["size"].integer() > settings_.attachment_bytes_max;
  auto content = too_large ? std::optional<std::string>()
                           : read_up_to(*source, settings_.attachment_bytes_max, too_large);
  if (too_large) {
    return call.fail_as(Status::permanent,
                        "The attachment is larger than " +
                            std::to_string(settings_.attachment_bytes_max) +
                            " bytes, which settings.attachment_max_bytes allows. Raise it if the "
                            "supplier's Redmine takes more.");
  }
  if (!content) return call.fail_as(Status::retry, "The attachment's bytes could not be read.");

  const std::string name((*document)["name"].text("attachment"));
  const Answer uploaded = rest_.upload(call, name, std::move(*content));
  if (!uploaded.ok()) return uploaded.fail(call);
  const std::string_view token = uploaded.body["upload"]["token"].text();
  if (token.empty()) {
    return call.fail_as(Status::retry, "Redmine took the attachment's bytes but gave no token.",
                        uploaded.code);
  }

  json::Writer out;
  out.begin_object().begin_object("issue").begin_array("uploads").begin_object();
  out.field("token", token).field("filename", name);
  out.field("content_type", (*document)["media_type"].text("application/octet-stream"));
  out.field("description", marker(write.correlation()));
  out.end_object().end_array().end_object().end_object();
  const std::string target = "/issues/" + *id + ".json";
  const Answer put = rest_.send(call, "PUT", target, out.take());
  if (put.code == 404) return gone(call, *id);
  if (!put.ok()) return put.fail(call);

  Reply done{{}, {}, issue_url(*id), {}};
  const Answer after = rest_.get(call, target + "?include=attachments");
  if (!after.ok()) {
    host_.log(Host::warning, "The file was attached but could not be read back: " + after.message);
    push(done, reply);
    return Status::ok;
  }
  const json::View attachments = IssueView(after.body["issue"]).attachments();
  for (std::size_t i = 0; i < attachments.size(); ++i) {
    const json::View attached = attachments.at(i);
    if (marked_last(attached["description"].text()) != std::string(write.correlation())) continue;
    done.external_id = std::to_string(attached["id"].integer());
    done.url = rest_.url() + "/attachments/" + done.external_id;
    if (attached["filename"].text() != name) done.changed.emplace_back("name");
    push(done, reply);
    return Status::ok;
  }
  return call.fail_as(Status::permanent,
                      "Redmine answered with success but did not attach the file. Give the API "
                      "user's role the permission \"Edit issues\".",
                      put.code);
}

}  // namespace ombud::redmine
