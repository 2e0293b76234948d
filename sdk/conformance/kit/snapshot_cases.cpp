// Level 2: what ombud.snapshot/1 says of a ticket is what the supplier has. The hub repairs by it,
// so a copy that claims too little makes it write twice, and one that claims too much lets a loss
// stand.
#include <algorithm>

#include "conformance/kit/case.hpp"
#include "conformance/kit/scene.hpp"

namespace ombud::conformance {
namespace {

constexpr Millis kPause{30'000};

std::string known_json(const std::vector<std::string>& tickets) {
  std::string json = R"({"schema":"ombud.known/1","tickets":[)";
  for (std::size_t i = 0; i < tickets.size(); ++i) json += (i == 0 ? "" : ",") + tickets[i];
  return json + "]}";
}

Write about(const Made& made, const std::vector<std::string>& tickets) {
  return {.correlation = made.correlation,
          .external_id = made.external_id,
          .body = known_json(tickets)};
}

void need_snapshots(const Kit& kit) {
  kit.need_supplier();
  kit.need_extension(OMBUD_EXT_SNAPSHOT);
}

// The one document of a snapshot that worked.
json::Document copy_of(const Kit& kit, const Outcome& outcome, const std::string& what) {
  kit.worked(outcome, what);
  expect(outcome.effects == 0, what + " changed something at the supplier.");
  expect(outcome.documents.size() == 1, what + " pushed " +
                                            std::to_string(outcome.documents.size()) +
                                            " documents; it is one, ombud.copy/1.");
  auto copy = json::parse(outcome.documents.front());
  if (!copy) fail(what + " pushed what is no JSON: " + copy.error().detail);
  expect((*copy)["schema"].text() == "ombud.copy/1", what + " pushed another schema.");
  expect((*copy)["exists"].is_boolean(), what + " does not say whether the ticket \"exists\".");
  for (std::size_t i = 0; i < (*copy)["changes"].size(); ++i) {
    if (const auto wrong = wrong_change((*copy)["changes"].at(i).dump())) {
      fail(what + " tells a change that " + *wrong);
    }
  }
  return std::move(*copy);
}

json::View field_of(const json::Document& copy, std::string_view name) {
  const json::View fields = copy["fields"];
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields.at(i)["name"].text() == name) return fields.at(i);
  }
  return {};
}

bool shows(const json::Document& copy, std::string_view kind) {
  for (std::size_t i = 0; i < copy["shows"].size(); ++i) {
    if (copy["shows"].at(i).text() == kind) return true;
  }
  return false;
}

// The first field that does not agree with that ticket; empty if all do.
std::string disagreeing(const json::Document& copy, std::int64_t with) {
  const json::View fields = copy["fields"];
  expect(fields.size() > 0, "A copy names no fields, so nothing can be compared.");
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto agrees = fields.at(i)["agrees_with"].maybe_integer();
    if (!agrees || *agrees != with) return std::string(fields.at(i)["name"].text());
  }
  return {};
}

void snapshot(Kit& kit, const Case&) {
  need_snapshots(kit);
  Stage stage(kit.subject);
  const Made made = make_ticket(kit, stage);
  const std::string comment = kit.correlation(), file = kit.correlation();
  kit.worked(stage.add_comment({.correlation = comment,
                                .external_id = made.external_id,
                                .body = comment_json("Does it print now?")}),
             "add_comment");
  const bool files = kit.subject.can("attachments");
  if (files) {
    kit.worked(stage.add_attachment({.correlation = file,
                                     .external_id = made.external_id,
                                     .body = attachment_json("a.txt", "text/plain", "abc"),
                                     .content = "abc"}),
               "add_attachment");
  }
  stage.supplier().pass(kPause);
  stage.supplier().staff_comment(made.id, "The tray is new.");
  stage.supplier().staff_status(made.id, kit.subject.dialect->status_word("in_progress"));
  stage.supplier().pass(kPause);
  const Outcome read = stage.snapshot(about(made, {ticket_json()}));
  const json::Document copy = copy_of(kit, read, "snapshot");
  expect(copy["exists"].boolean(), "snapshot says that the ticket is not there, and it is.");
  expect(copy["correlation"].text() == made.correlation,
         "snapshot does not tell our correlation of the ticket: the hub could not know whether the "
         "number still means ours.");
  const bool has_status = !kit.subject.dialect->status_word("in_progress").empty();
  expect(!has_status || copy["status"].text() == "in_progress" || copy["status"].text() == "new",
         "snapshot says the status is " + in_quotes(copy["status"].text()) + ".");
  for (const char* name : {"subject", "description"}) {
    const json::View field = field_of(copy, name);
    if (!field.present()) continue;
    expect(field["agrees_with"].maybe_integer() == std::optional<std::int64_t>(0),
           "snapshot says that the " + std::string(name) +
               " differs from what was put, and nobody has changed it.");
  }
  bool staff = false, ours = false, our_file = false;
  for (std::size_t i = 0; i < copy["changes"].size(); ++i) {
    const json::View change = copy["changes"].at(i);
    staff = staff || plain(change["comment"]["text"].text()) == "The tray is new.";
    ours = ours || change["echo_of"].text() == comment;
    our_file = our_file || change["echo_of"].text() == file;
  }
  expect(staff, "snapshot does not tell what the supplier's staff wrote.");
  expect(ours || !shows(copy, "comment"),
         "snapshot says that it shows our comments, and ours is not there: the hub would take it "
         "for lost.");
  expect(!files || our_file || !shows(copy, "attachment"),
         "snapshot says that it shows our files, and ours is not there.");
}

void older(Kit& kit, const Case&) {
  need_snapshots(kit);
  Stage stage(kit.subject);
  const Made made = make_ticket(kit, stage);
  stage.supplier().pass(kPause);
  const std::string was = ticket_json();
  const std::string later =
      ticket_json({.subject = "It is the feeder", .description = "Both trays are well."});
  const json::Document one =
      copy_of(kit, stage.snapshot(about(made, {later, was})), "snapshot (lost update)");
  const json::View subject = field_of(one, "subject");
  expect(!subject.present() ||
             subject["agrees_with"].maybe_integer() == std::optional<std::int64_t>(1),
         "The supplier has the subject of our older ticket, and snapshot does not say so.");
  const json::Document none =
      copy_of(kit, stage.snapshot(about(made, {later})), "snapshot (of somebody else's words)");
  expect(
      !field_of(none, "subject").present() || !field_of(none, "subject")["agrees_with"].present(),
      "The supplier's subject is none of ours, and snapshot says that it agrees.");
}

void missing(Kit& kit, const Case&) {
  need_snapshots(kit);
  Stage stage(kit.subject);
  Made made = make_ticket(kit, stage);
  for (const char* id : {"987654321", "no such ticket", "../../secret", "1 OR 1=1", "%00", ""}) {
    made.external_id = id;
    const Outcome outcome = stage.snapshot(about(made, {ticket_json()}));
    const std::string what = "snapshot of the ticket " + in_quotes(id);
    kit.sound(outcome, what);
    expect(outcome.effects == 0, what + " changed something at the supplier.");
    if (outcome.status != Status::ok) continue;
    expect(!copy_of(kit, outcome, what)["exists"].boolean(true),
           what + " says that it is there, and there is none.");
  }
  made.external_id = "987654321";
  expect(stage.snapshot(about(made, {})).status == Status::ok,
         "snapshot of a ticket that was deleted must answer ok with \"exists\": false.");
  for (const char* body : {"", "{}", "[]", "7", R"({"schema":"ombud.known/1","tickets":7})"}) {
    kit.sound(stage.snapshot({.correlation = made.correlation, .external_id = "1", .body = body}),
              "snapshot with an odd body");
  }
}

void only(Kit& kit, const Case&) {
  need_snapshots(kit);
  Stage stage(kit.subject);
  const Made made = make_ticket(kit, stage);
  const auto before = ticket_of(stage, made).fields;
  std::string repair =
      ticket_json({.subject = "Another subject", .status = "in_progress", .priority = "urgent"});
  repair.insert(repair.size() - 1, R"(,"only":["status"])");
  kit.worked(
      stage.put_ticket(
          {.correlation = kit.correlation(), .external_id = made.external_id, .body = repair}),
      "put_ticket (of one field)");
  const auto& after = ticket_of(stage, made).fields;
  for (const char* name : {"subject", "description", "priority"}) {
    const auto was = before.find(name), is = after.find(name);
    expect(was == before.end() || is == after.end() || was->second == is->second,
           "put_ticket with \"only\": [\"status\"] changed the " + std::string(name) +
               ": a repair must leave alone what it does not name.");
  }
}

void whole(Kit& kit, const Case&) {
  need_snapshots(kit);
  Stage stage(kit.subject);
  const Made made = make_ticket(kit, stage);
  const json::Document copy =
      copy_of(kit, stage.snapshot(about(made, {ticket_json()})), "snapshot");
  const std::string differs = disagreeing(copy, 0);
  expect(differs.empty(), "Right after it was made, snapshot says that the field " +
                              in_quotes(differs) +
                              " differs: every run of reconciliation would find it.");
}

}  // namespace

void add_snapshot_cases(std::vector<Case>& cases) {
  const auto add = [&](const char* name, const char* shown, void (*run)(Kit&, const Case&)) {
    cases.push_back({name, 2, shown, run, nullptr});
  };
  add("behave.snapshot", "a snapshot tells what is there, ours and theirs", snapshot);
  add("behave.snapshot-whole", "what has just been put agrees in every field", whole);
  add("behave.snapshot-older", "a lost update is told from somebody else's change", older);
  add("behave.snapshot-missing", "a ticket that is gone is said to be gone", missing);
  add("behave.snapshot-only", "a repair of one field touches no other", only);
}

}  // namespace ombud::conformance
