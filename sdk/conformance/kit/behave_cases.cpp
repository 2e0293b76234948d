// Level 2: a healthy supplier, and every operation does what it says.
#include <algorithm>
#include <set>

#include "base/bytes.hpp"
#include "base/json_schema.hpp"
#include "conformance/kit/case.hpp"
#include "conformance/kit/scene.hpp"

namespace ombud::conformance {
namespace {

constexpr std::size_t kLongTextBytes = 1U << 20U;

std::string all_bytes(std::size_t count) {
  std::string bytes;
  for (std::size_t i = 0; i < count; ++i) bytes += static_cast<char>(i * 7 + i / 256);
  return bytes;
}

bool names(const std::vector<std::string>& changed, std::string_view name) {
  return std::find(changed.begin(), changed.end(), name) != changed.end();
}

// ---- the schema of the settings -----------------------------------------------------------------

json::Document schema_of(const Kit& kit) {
  kit.need_loaded();
  const char* text = kit.subject.entry->descriptor->config_schema;
  expect(text != nullptr,
         "The descriptor has no config_schema: the operator's file goes unchecked.");
  auto schema = json::parse(std::string_view(text));
  if (!schema) fail("config_schema is no JSON: " + schema.error().detail);
  return std::move(*schema);
}

void look_for_secrets(Kit& kit, json::View properties, const std::string& where) {
  static constexpr std::string_view kSecretive[] = {"password", "passwd", "secret",     "token",
                                                    "api_key",  "apikey", "private_key"};
  for (std::size_t i = 0; i < properties.size(); ++i) {
    const std::string name(properties.name_at(i));
    const json::View property = properties.member_at(i);
    std::string lower = name;
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool plain = property["type"].text() == "boolean" ||
                       property["type"].text() == "integer" || property["enum"].present();
    for (const std::string_view word : kSecretive) {
      if (lower.find(word) == std::string::npos || property["x-secret"].boolean() || plain)
        continue;
      fail("The setting \"" + where + name +
           "\" sounds like a secret but has no \"x-secret\": true, so it would stand in clear text "
           "in the link's file.");
    }
    if (property["properties"].is_object()) {
      look_for_secrets(kit, property["properties"], where + name + ".");
    }
  }
}

void schema(Kit& kit, const Case&) {
  const json::Document schema = schema_of(kit);
  expect(schema.root().is_object(), "config_schema is no object.");
  expect(schema["type"].text() == "object",
         "config_schema must describe a table: \"type\": \"object\".");
  look_for_secrets(kit, schema["properties"], "");
  const json::View properties = schema["properties"];
  for (std::size_t i = 0; i < properties.size(); ++i) {
    if (properties.member_at(i)["description"].text().empty()) {
      kit.warn("The setting \"" + std::string(properties.name_at(i)) +
               "\" has no \"description\": the operator reads it when something is wrong.");
    }
  }
  if (!kit.subject.has_settings) return;
  const auto settings = json::parse(kit.subject.settings.json);
  if (!settings) fail("The settings are no JSON: " + settings.error().detail);
  for (const auto& mistake : json::check_schema(schema.root(), settings->root())) {
    fail("The settings that the dialect gives break the connector's own schema at " +
         (mistake.pointer.empty() ? "/" : mistake.pointer) + ": " + mistake.detail);
  }
}

std::set<std::string> words_of(json::View value) {
  std::set<std::string> words;
  if (value.is_text()) words.emplace(value.text());
  for (std::size_t i = 0; value.is_array() && i < value.size(); ++i) {
    words.insert(value.at(i).is_text() ? std::string(value.at(i).text()) : value.at(i).dump());
  }
  return words;
}

// What was right under `before` must still be right.
void compare_schemas(json::View before, json::View now, const std::string& where) {
  const std::set<std::string> was_required = words_of(before["required"]);
  for (const std::string& name : words_of(now["required"])) {
    expect(was_required.contains(name),
           "The setting \"" + where + name +
               "\" is required now and was not in the last release: every link's file would have "
               "to change. Give it a default.");
  }
  const bool closed =
      now["additionalProperties"].present() && !now["additionalProperties"].boolean(true);
  const json::View properties = before["properties"];
  for (std::size_t i = 0; i < properties.size(); ++i) {
    const std::string name(properties.name_at(i));
    const json::View was = properties.member_at(i);
    const json::View is = now["properties"][name];
    if (!is.present()) {
      expect(!closed,
             "The setting \"" + where + name +
                 "\" is gone, and files that hold it are refused. Keep it, and ignore it.");
      continue;
    }
    for (const char* keyword : {"type", "enum"}) {
      if (!is[keyword].present()) continue;
      const std::set<std::string> allowed = words_of(is[keyword]);
      expect(was[keyword].present(), "The setting \"" + where + name + "\" now has \"" + keyword +
                                         "\", which it had not in the last release.");
      for (const std::string& word : words_of(was[keyword])) {
        expect(allowed.contains(word), "The setting \"" + where + name +
                                           "\" no longer allows the " + keyword + " \"" + word +
                                           "\".");
      }
    }
    expect(is["x-secret"].boolean() == was["x-secret"].boolean(),
           "The setting \"" + where + name + "\" changed whether it is a secret.");
    if (is["properties"].is_object() || was["properties"].is_object()) {
      compare_schemas(was, is, where + name + ".");
    }
  }
}

void schema_compatible(Kit& kit, const Case&) {
  const json::Document now = schema_of(kit);
  if (kit.subject.previous_manifest.empty()) {
    skip("needs the last release: give --previous its connector.json");
  }
  const auto before = json::parse(kit.subject.previous_manifest);
  if (!before) fail("The previous connector.json is no JSON: " + before.error().detail);
  compare_schemas((*before)["config_schema"], now.root(), "");
}

// ---- writes -------------------------------------------------------------------------------------

void create(Kit& kit, const Case&) {
  kit.need_supplier();
  Stage stage(kit.subject);
  const TicketText text;
  const Made made = make_ticket(kit, stage, text);
  const Ticket& ticket = ticket_of(stage, made);
  expect(ticket.field("subject").find(text.subject) != std::string_view::npos,
         "The subject at the supplier is " + in_quotes(ticket.field("subject")) + ".");
  expect(plain(ticket.field("description")).find(plain(text.description)) != std::string::npos,
         "The description at the supplier is " + in_quotes(ticket.field("description")) + ".");
  const std::string word = kit.subject.dialect->status_word("new");
  expect(word.empty() || ticket.field("status") == word, "The status at the supplier is " +
                                                             in_quotes(ticket.field("status")) +
                                                             " and not " + in_quotes(word) + ".");
  expect(kit.subject.can("no-lookup") || mentions(ticket, made.correlation),
         "No field of the new ticket holds the correlation, so find() can never know it. Write it "
         "into a field that can be searched, or into the text.");
  if (!mentions(ticket, kReference)) {
    kit.warn("No field of the new ticket holds the desk's number (" + std::string(kReference) +
             "): people on the telephone will not know which ticket is meant.");
  }
  for (const auto& event : stage.supplier().events()) {
    expect(event.kind == Event::Kind::created || event.ours, "The staff acted on its own.");
  }
}

void update(Kit& kit, const Case&) {
  kit.need_supplier();
  Stage stage(kit.subject);
  TicketText text;
  const Made made = make_ticket(kit, stage, text);
  for (const char* status : {"in_progress", "waiting", "resolved", "closed"}) {
    const std::string word = kit.subject.dialect->status_word(status);
    if (word.empty()) continue;
    text.status = status;
    text.subject = "Printer on floor 3, now " + std::string(status);
    text.priority = std::string_view(status) == "waiting" ? "urgent" : "high";
    const Outcome outcome = stage.put_ticket({.correlation = kit.correlation(),
                                              .external_id = made.external_id,
                                              .body = ticket_json(text)});
    const std::string what = std::string("put_ticket (update to ") + status + ")";
    kit.worked(outcome, what);
    expect(stage.supplier().tickets().size() == 1,
           what + " made another ticket: external_id names the one to change." +
               list(outcome.exchanges));
    const Ticket& ticket = ticket_of(stage, made);
    const auto changed = changed_of(outcome.documents);
    expect(ticket.field("status") == word || names(changed, "status"),
           what + " answered ok, but the status at the supplier is " +
               in_quotes(ticket.field("status")) + " and not " + in_quotes(word) +
               ", and \"changed\" does not say so.");
    expect(ticket.field("subject").find(text.subject) != std::string_view::npos ||
               names(changed, "subject"),
           what + " answered ok, but the subject at the supplier is " +
               in_quotes(ticket.field("subject")) + ", and \"changed\" does not say so.");
    expect(
        kit.subject.can("no-lookup") || mentions(ticket, made.correlation),
        what + " wiped out the correlation of the ticket's creation: find() no longer knows it.");
  }
  // The same state again is no news.
  const Outcome again = stage.put_ticket({.correlation = kit.correlation(),
                                          .external_id = made.external_id,
                                          .body = ticket_json(text)});
  kit.worked(again, "put_ticket (update to the same)");
}

void update_missing(Kit& kit, const Case&) {
  kit.need_supplier();
  Stage stage(kit.subject);
  make_ticket(kit, stage);
  for (const char* id : {"987654321", "no such ticket", "../../secret", "1 OR 1=1", "%00"}) {
    const Outcome outcome = stage.put_ticket(
        {.correlation = kit.correlation(), .external_id = id, .body = ticket_json()});
    kit.sound(outcome, "put_ticket (update of a ticket that is not there)");
    expect(outcome.status != Status::ok && outcome.effects == 0,
           "put_ticket for the external_id " + in_quotes(id) + " " + describe(outcome) +
               ", but the supplier has no such ticket." + list(outcome.exchanges));
    expect(outcome.status == Status::permanent,
           "put_ticket for the external_id " + in_quotes(id) + " " + describe(outcome) +
               "; no retry will make that ticket appear: it is permanent." +
               list(outcome.exchanges));
  }
}

void comment(Kit& kit, const Case&) {
  kit.need_supplier();
  Stage stage(kit.subject);
  const Made made = make_ticket(kit, stage);
  const std::string text = "We have replaced the tray.\nDoes it print now?";
  const std::string correlation = kit.correlation();
  const Outcome outcome = stage.add_comment(
      {.correlation = correlation, .external_id = made.external_id, .body = comment_json(text)});
  kit.worked(outcome, "add_comment");
  const auto& comments = ticket_of(stage, made).comments;
  expect(comments.size() == 1, "add_comment answered ok, and the ticket has " +
                                   std::to_string(comments.size()) + " comments." +
                                   list(outcome.exchanges));
  expect(plain(comments[0].text).find(plain(text)) != std::string::npos,
         "The comment at the supplier is " + in_quotes(comments[0].text) + ".");
  expect(comments[0].shown, "A public comment was written where only the staff see it.");
  expect(kit.subject.can("no-lookup") || mentions(comments[0], correlation),
         "Neither the text nor a field of the comment holds its correlation, so find() can never "
         "know it.");
  if (external_id_of(outcome.documents).empty()) {
    kit.warn(
        "add_comment does not say the supplier's id of the comment; the hub drops its echo "
        "by it.");
  }
}

void private_comment(Kit& kit, const Case&) {
  kit.need_supplier();
  Stage stage(kit.subject);
  const Made made = make_ticket(kit, stage);
  const Outcome outcome = stage.add_comment({.correlation = kit.correlation(),
                                             .external_id = made.external_id,
                                             .body = comment_json("For your staff only.", false)});
  kit.sound(outcome, "add_comment (not public)");
  const auto& comments = ticket_of(stage, made).comments;
  if (outcome.status == Status::ok) {
    expect(comments.size() == 1, "add_comment answered ok, and the ticket has " +
                                     std::to_string(comments.size()) + " comments.");
    expect(!comments[0].shown,
           "A comment that is not public was written where the supplier shows it to everybody. If "
           "the supplier has no such place, answer permanent." +
               list(outcome.exchanges));
  } else {
    expect(outcome.status == Status::permanent,
           "add_comment for a comment that is not public " + describe(outcome) +
               "; either it is kept from the public, or the answer is permanent.");
    expect(comments.empty(), "add_comment answered permanent and wrote the comment all the same.");
  }
}

void attachment(Kit& kit, const Case&) {
  kit.need_supplier();
  Stage stage(kit.subject);
  const Made made = make_ticket(kit, stage);
  const std::string bytes = all_bytes(300'001);
  const std::string correlation = kit.correlation();
  const Outcome outcome =
      stage.add_attachment({.correlation = correlation,
                            .external_id = made.external_id,
                            .body = attachment_json("bild åäö 1.png", "image/png", bytes),
                            .content = bytes});
  if (!kit.subject.can("attachments")) {
    kit.sound(outcome, "add_attachment");
    expect(outcome.status == Status::permanent,
           "The connector does not have the capability \"attachments\", so add_attachment must "
           "answer permanent; it " +
               describe(outcome) + ".");
    return;
  }
  kit.worked(outcome, "add_attachment");
  const auto& files = ticket_of(stage, made).files;
  expect(files.size() == 1, "add_attachment answered ok, and the ticket has " +
                                std::to_string(files.size()) + " files." + list(outcome.exchanges));
  expect(files[0].bytes == bytes, "The file at the supplier has other bytes (" +
                                      std::to_string(files[0].bytes.size()) + " of " +
                                      std::to_string(bytes.size()) + ").");
  const auto changed = changed_of(outcome.documents);
  expect(files[0].name == "bild åäö 1.png" || names(changed, "name"),
         "The file at the supplier is called " + in_quotes(files[0].name) +
             ", and \"changed\" does not say so.");
  expect(kit.subject.can("no-lookup") || mentions(files[0], correlation),
         "Nothing that is kept with the file holds its correlation, so find() can never know it.");
  // A source that fails in the middle: nothing may be there.
}

// ---- find ---------------------------------------------------------------------------------------

void expect_matches(Kit& kit, Stage& stage, const std::string& kind, const Write& write,
                    const std::vector<std::string>& ids, const std::string& what) {
  stage.supplier().pass(Millis{kit.subject.lookup_lag_ms} + Millis{1'000});
  const Outcome outcome = stage.find(kind, write);
  kit.worked(outcome, "find (" + kind + ")");
  for (const std::string& document : outcome.documents) {
    if (const auto wrong = wrong_reply(document, kind == "ticket")) {
      fail("A match of find is not as sdk/DOCUMENTS.md says: " + *wrong + ". It is " +
           in_quotes(document));
    }
  }
  std::string all;
  for (const std::string& document : outcome.documents) all += " " + in_quotes(document);
  expect(outcome.documents.size() == ids.size(),
         what + " find (" + kind + ") pushed " + std::to_string(outcome.documents.size()) +
             " matches where there are " + std::to_string(ids.size()) + ":" + all +
             list(outcome.exchanges));
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const std::string found = external_id_of({outcome.documents[i]});
    expect(ids[i].empty() || found.empty() || found == ids[i],
           what + " find (" + kind + ") answered " + in_quotes(found) + " and not " +
               in_quotes(ids[i]) + ".");
  }
}

void need_lookup(const Kit& kit) {
  kit.need_supplier();
  if (kit.subject.can("no-lookup")) skip("the supplier cannot be searched (no-lookup)");
}

void find_tickets(Kit& kit, const Case&) {
  need_lookup(kit);
  Stage stage(kit.subject);
  const Made a = make_ticket(kit, stage);
  const Made b = make_ticket(kit, stage);
  const auto look = [&](const std::string& correlation, const std::vector<std::string>& ids,
                        const std::string& what) {
    expect_matches(kit, stage, "ticket", {.correlation = correlation}, ids, what);
  };
  look(a.correlation, {a.external_id}, "Of two tickets, the first:");
  look(b.correlation, {b.external_id}, "Of two tickets, the second:");
  look(kit.correlation(), {}, "Nothing was ever sent with this correlation:");
  look(a.correlation.substr(0, a.correlation.size() - 1), {},
       "This is only the beginning of a correlation:");
  // An update does not hide it, and neither does being closed.
  TicketText closed;
  closed.status = "closed";
  kit.worked(stage.put_ticket({.correlation = kit.correlation(),
                               .external_id = a.external_id,
                               .body = ticket_json(closed)}),
             "put_ticket (close)");
  stage.restart();
  look(a.correlation, {a.external_id}, "After it was closed, by a new instance:");
}

void find_comments(Kit& kit, const Case&) {
  need_lookup(kit);
  Stage stage(kit.subject);
  const Made made = make_ticket(kit, stage);
  const std::string mine = kit.correlation();
  const Outcome added = stage.add_comment({.correlation = mine,
                                           .external_id = made.external_id,
                                           .body = comment_json("Is it better now?")});
  kit.worked(added, "add_comment");
  const std::string id = external_id_of(added.documents);
  const auto look = [&](const std::string& correlation, std::size_t count,
                        const std::string& what) {
    expect_matches(kit, stage, "comment",
                   {.correlation = correlation, .external_id = made.external_id},
                   std::vector<std::string>(count, id), what);
  };
  look(mine, 1, "The comment is there:");
  look(kit.correlation(), 0, "No comment has this correlation:");
  look(made.correlation, 0, "That is the ticket's correlation, not a comment's:");
  // Somebody answers and quotes us, marker and all.
  std::string quote = "Yes, thank you.\n\nOn Monday you wrote:\n";
  std::string_view rest(ticket_of(stage, made).comments[0].text);
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    quote += "> " + std::string(rest.substr(0, end)) + "\n";
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  stage.supplier().staff_comment(made.id, quote);
  look(mine, 1, "After somebody at the supplier quoted it:");
}

void find_attachments(Kit& kit, const Case&) {
  need_lookup(kit);
  if (!kit.subject.can("attachments")) skip("the connector sends no attachments");
  Stage stage(kit.subject);
  const Made made = make_ticket(kit, stage);
  const std::string mine = kit.correlation();
  const Outcome added =
      stage.add_attachment({.correlation = mine,
                            .external_id = made.external_id,
                            .body = attachment_json("log.txt", "text/plain", "all is well"),
                            .content = "all is well"});
  kit.worked(added, "add_attachment");
  stage.supplier().staff_attach(made.id, "log.txt", "all is well");
  const std::string id = external_id_of(added.documents);
  expect_matches(kit, stage, "attachment", {.correlation = mine, .external_id = made.external_id},
                 {id}, "The file is there, and another of the same name:");
  expect_matches(kit, stage, "attachment",
                 {.correlation = kit.correlation(), .external_id = made.external_id}, {},
                 "No file has this correlation:");
}

void find_odd_kind(Kit& kit, const Case&) {
  kit.need_supplier();
  Stage stage(kit.subject);
  const Made made = make_ticket(kit, stage);
  for (const char* kind : {"", "task", "tickets"}) {
    const Outcome outcome =
        stage.find(kind, {.correlation = made.correlation, .external_id = made.external_id});
    kit.sound(outcome, "find of the kind " + in_quotes(kind));
    expect(outcome.documents.empty(), "find of the kind " + in_quotes(kind) + " found something.");
  }
}

// ---- texts and sizes ----------------------------------------------------------------------------

void texts(Kit& kit, const Case&) {
  kit.need_supplier();
  struct Sample {
    const char* what;
    std::string text;
  };
  std::string lines;
  while (lines.size() < kLongTextBytes)
    lines += "Räksmörgås och 絵文字 line " + std::to_string(lines.size()) + "\n";
  const std::vector<Sample> samples{
      {"Swedish, Greek, Chinese, an emoji", "Blåbärsgröt καλημέρα 打印机 🖨️ e\u0301"},
      {"nothing", ""},
      {"blanks", "   \n \n"},
      {"1 MB", lines},
      {"a null byte inside", std::string("before\0after", 12)},
      {"control characters", "bell \x07 escape \x1b[31m tab\tend"},
      {"quotes and backslashes", R"(C:\new\table "quoted" 'single' \u0000 \n)"},
      {"markup", "<script>alert(1)</script> &amp; ]]> {{secret:token}} ${x} %s %n"},
      {"line ends of Windows", "one\r\ntwo\r\n"},
      {"a line that looks like a header", "Subject: x\r\nBcc: y@z\r\n\r\nbody"},
      {"text from right to left", "\u202Eabc שלום"},
  };
  Stage stage(kit.subject);
  const Made made = make_ticket(kit, stage);
  for (const Sample& sample : samples) {
    const std::string what = std::string("with a text of ") + sample.what;
    TicketText text;
    text.description = sample.text;
    const std::size_t before = stage.supplier().tickets().size();
    const Outcome created =
        stage.put_ticket({.correlation = kit.correlation(), .body = ticket_json(text)});
    kit.sound(created, "put_ticket " + what);
    kit.honest(created, "put_ticket " + what);
    if (created.status == Status::ok) {
      const auto tickets = stage.supplier().tickets();
      expect(tickets.size() == before + 1, "put_ticket " + what + " answered ok and made " +
                                               std::to_string(tickets.size() - before) +
                                               " tickets.");
      const std::string_view stored = tickets.back()->field("description");
      expect(is_utf8(stored), "The description stored " + what + " is not UTF-8.");
      expect(plain(stored).find(plain(sample.text)) != std::string::npos ||
                 names(changed_of(created.documents), "description"),
             "The description stored " + what +
                 " is another one, and \"changed\" does not say so: " + in_quotes(stored));
    } else {
      expect(created.status == Status::permanent,
             "put_ticket " + what + " " + describe(created) +
                 "; the supplier is well, so this would be tried again for three days. What it "
                 "cannot take is permanent.");
    }
    const std::size_t comments = ticket_of(stage, made).comments.size();
    const Outcome added = stage.add_comment({.correlation = kit.correlation(),
                                             .external_id = made.external_id,
                                             .body = comment_json(sample.text)});
    kit.sound(added, "add_comment " + what);
    kit.honest(added, "add_comment " + what);
    if (added.status == Status::ok) {
      const auto& now = ticket_of(stage, made).comments;
      expect(now.size() == comments + 1, "add_comment " + what + " answered ok and wrote " +
                                             std::to_string(now.size() - comments) + " comments.");
      expect(plain(now.back().text).find(plain(sample.text)) != std::string::npos ||
                 names(changed_of(added.documents), "text"),
             "The comment stored " + what +
                 " is another one, and \"changed\" does not say so: " + in_quotes(now.back().text));
    } else {
      expect(added.status == Status::permanent,
             "add_comment " + what + " " + describe(added) +
                 "; the supplier is well: what it cannot take is permanent.");
    }
  }
}

void bad_documents(Kit& kit, const Case&) {
  kit.need_supplier();
  Stage stage(kit.subject);
  const Made made = make_ticket(kit, stage);
  for (const char* body : {"", "{", "null", "[]", "{}", "7", R"({"schema":"ombud.ticket/99"})",
                           R"({"schema":"ombud.unheard-of/1","subject":"x"})",
                           R"({"schema":7,"subject":[],"status":{}})"}) {
    const auto look = [&](const Outcome& outcome, const std::string& what) {
      kit.sound(outcome, what);
      expect(outcome.status == Status::permanent && outcome.effects == 0,
             what + " " + describe(outcome) +
                 "; a document that is not understood is permanent, "
                 "and nothing is sent." +
                 list(outcome.exchanges));
    };
    const std::string with = " with the body " + in_quotes(body);
    look(stage.put_ticket({.correlation = kit.correlation(), .body = body}), "put_ticket" + with);
    look(stage.add_comment(
             {.correlation = kit.correlation(), .external_id = made.external_id, .body = body}),
         "add_comment" + with);
  }
}

void small_pieces(Kit& kit, const Case&) {
  kit.need_supplier();
  StageOptions options;
  options.piece_bytes = 1;
  Stage stage(kit.subject, options);
  const Made made = make_ticket(kit, stage);
  if (!kit.subject.can("attachments")) return;
  const std::string bytes = all_bytes(5'000);
  const Outcome outcome =
      stage.add_attachment({.correlation = kit.correlation(),
                            .external_id = made.external_id,
                            .body = attachment_json("small.bin", "application/octet-stream", bytes),
                            .content = bytes});
  kit.worked(outcome, "add_attachment from a source that gives one byte at a time");
  const auto& files = ticket_of(stage, made).files;
  expect(files.size() == 1 && files[0].bytes == bytes,
         "The file at the supplier is not what the source gave, one byte at a time.");
}

// ---- check --------------------------------------------------------------------------------------

void check(Kit& kit, const Case&) {
  kit.need_supplier();
  kit.need_extension(OMBUD_EXT_HEALTH);
  Stage stage(kit.subject);
  const Outcome outcome = stage.check();
  kit.worked(outcome, "check");
  expect(outcome.effects == 0,
         "check changed something at the supplier: it may only look." + list(outcome.exchanges));
  expect(!outcome.exchanges.empty(),
         "check answered ok without asking the supplier anything, so it proves nothing.");
}

void wrong_secret(Kit& kit, const Case&) {
  kit.need_supplier();
  if (kit.subject.settings.secrets.empty()) skip("the settings hold no secret");
  StageOptions options;
  options.wrong_secrets = true;
  const auto look = [&](const Outcome& outcome, const std::string& what) {
    kit.sound(outcome, what);
    kit.honest(outcome, what);
    // Some suppliers answer 200 to everything, and say inside that they refuse.
    bool refused = outcome.status == Status::auth;
    for (const Exchange& exchange : outcome.exchanges) {
      refused = refused || exchange.code == 401 || exchange.code == 403;
    }
    if (outcome.exchanges.empty()) return;
    expect(refused, what + ": the dialect lets a wrong secret pass; let it answer 401.");
    expect(outcome.status == Status::auth,
           what + " with a secret that is no longer valid " + describe(outcome) +
               "; the answer is auth, so that the link waits for the operator." +
               list(outcome.exchanges));
  };
  Stage stage(kit.subject, options);
  look(stage.put_ticket({.correlation = kit.correlation(), .body = ticket_json()}), "put_ticket");
  if (!kit.subject.can("no-lookup")) {
    look(stage.find("ticket", {.correlation = kit.correlation()}), "find");
  }
  if (stage.offers(OMBUD_EXT_HEALTH)) look(stage.check(), "check");
  if (stage.offers(OMBUD_EXT_POLL)) look(stage.changes(""), "changes");
}

// ---- what is lent -------------------------------------------------------------------------------

void borrowed(Kit& kit, const Case&) {
  kit.need_supplier();
  StageOptions options;
  options.strict_loans = true;
  Stage stage(kit.subject, options);
  const Made made = make_ticket(kit, stage);
  kit.worked(stage.put_ticket({.correlation = kit.correlation(),
                               .external_id = made.external_id,
                               .body = ticket_json({.status = "in_progress"})}),
             "put_ticket (update)");
  kit.worked(stage.add_comment({.correlation = kit.correlation(),
                                .external_id = made.external_id,
                                .body = comment_json("One")}),
             "add_comment");
  if (kit.subject.can("attachments")) {
    kit.worked(stage.add_attachment({.correlation = kit.correlation(),
                                     .external_id = made.external_id,
                                     .body = attachment_json("a.txt", "text/plain", "a"),
                                     .content = "a"}),
               "add_attachment");
  }
  if (!kit.subject.can("no-lookup")) {
    kit.worked(stage.find("ticket", {.correlation = made.correlation}), "find");
    kit.worked(stage.find("ticket", {.correlation = kit.correlation()}), "find");
  }
  if (stage.offers(OMBUD_EXT_POLL)) {
    std::string cursor;
    for (int i = 0; i < 3; ++i) {
      stage.supplier().staff_comment(made.id, "Answer " + std::to_string(i));
      const Outcome polled = stage.changes(cursor);
      kit.worked(polled, "changes");
      if (const auto next = read_changes(polled.documents, true).cursor) cursor = *next;
    }
  }
  for (const Webhook& hook : kit.subject.dialect->webhooks()) {
    if (stage.offers(OMBUD_EXT_WEBHOOK)) stage.decode(hook.headers_json, hook.body);
  }
  if (stage.offers(OMBUD_EXT_HEALTH)) kit.worked(stage.check(), "check");
  kit.worked(stage.add_comment({.correlation = kit.correlation(),
                                .external_id = made.external_id,
                                .body = comment_json("Two")}),
             "add_comment");
}

}  // namespace

void add_behave_cases(std::vector<Case>& cases) {
  const auto add = [&](const char* name, const char* shows, void (*run)(Kit&, const Case&)) {
    cases.push_back({name, 2, shows, run, nullptr});
  };
  add("behave.schema", "the settings' schema is sound and marks every secret", schema);
  add("behave.schema-compatible", "settings of the last release still hold", schema_compatible);
  add("behave.create", "a ticket arrives as it was sent, once, with its correlation", create);
  add("behave.update", "the supplier's copy follows the desk's ticket", update);
  add("behave.update-missing", "a ticket that is not there is refused for good", update_missing);
  add("behave.comment", "a public comment arrives as it was written", comment);
  add("behave.private-comment", "what is not public stays so, or is refused", private_comment);
  add("behave.attachment", "a file arrives byte for byte", attachment);
  add("behave.find-ticket", "find knows what put_ticket made, and nothing else", find_tickets);
  add("behave.find-comment", "find knows our comments, quoted or not", find_comments);
  add("behave.find-attachment", "find knows our files", find_attachments);
  add("behave.find-odd-kind", "a kind that nobody defined is no crash", find_odd_kind);
  add("behave.texts", "every text survives, or its change is told", texts);
  add("behave.bad-documents", "a document that is not understood is refused for good",
      bad_documents);
  add("behave.small-pieces", "bytes may come one at a time", small_pieces);
  add("behave.check", "check says yes to a link that works, and changes nothing", check);
  add("behave.wrong-secret", "a secret that is no longer valid is answered with auth",
      wrong_secret);
  add("behave.borrowed", "nothing that was lent for a call is looked at after it", borrowed);
}

}  // namespace ombud::conformance
