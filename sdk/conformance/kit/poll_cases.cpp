// Level 2, the way back: polls, webhooks, files of the supplier.
#include <set>

#include "conformance/kit/case.hpp"
#include "conformance/kit/follower.hpp"
#include "conformance/kit/scene.hpp"

namespace ombud::conformance {
namespace {

constexpr Millis kBetweenPolls{30'000};

void need_poll(const Kit& kit) {
  kit.need_supplier();
  kit.need_extension(OMBUD_EXT_POLL);
}

// What the staff do to one ticket, and the look whether it came through.
struct Acts {
  const Made& ticket;
  std::string comment, status, word, file;

  Acts(Kit& kit, Stage& stage, const Made& made, int number, std::string_view to = "in_progress")
      : ticket(made), status(to), word(kit.subject.dialect->status_word(to)) {
    comment = "The technician comes at " + std::to_string(number) + " o'clock, åäö.";
    if (kit.subject.dialect->staff_attach_files())
      file = "report-" + std::to_string(number) + ".txt";
    MemorySupplier& supplier = stage.supplier();
    supplier.staff_comment(made.id, comment);
    supplier.pass(Millis{1'000});
    if (!word.empty()) supplier.staff_status(made.id, word);
    supplier.pass(Millis{1'000});
    if (!file.empty()) supplier.staff_attach(made.id, file, "bytes of " + file);
    supplier.pass(Millis{1'000});
  }
  void expect_seen(const Follower& follower, const std::string& when) const {
    expect(follower.comment(ticket, comment) != nullptr,
           when + " the comment " + in_quotes(comment) + " of the supplier's staff never came.");
    expect(word.empty() || follower.status(ticket, status) != nullptr,
           when + " the staff's change of the status to " + in_quotes(word) + " (" + status +
               ") never came.");
    expect(file.empty() || follower.attachment(ticket, file) != nullptr,
           when + " the file " + in_quotes(file) + " of the staff never came.");
  }
};

void poll_empty(Kit& kit, const Case&) {
  need_poll(kit);
  Stage stage(kit.subject);
  Follower follower(kit, stage);
  follower.catch_up();
  expect(follower.seen().empty(), "A supplier without a ticket of ours has changes for us.");
  // What comes later is seen from wherever that cursor stands.
  const Made made = make_ticket(kit, stage);
  stage.supplier().pass(kBetweenPolls);
  const Acts acts(kit, stage, made, 7);
  follower.catch_up();
  acts.expect_seen(follower, "After a first poll that found nothing,");
}

void poll_all(Kit& kit, const Case&) {
  need_poll(kit);
  Stage stage(kit.subject);
  const Made made = make_ticket(kit, stage);
  stage.supplier().pass(kBetweenPolls);
  const Acts first(kit, stage, made, 8);
  Follower follower(kit, stage);
  follower.catch_up();
  first.expect_seen(follower, "Polled from the beginning,");
  const Change* comment = follower.comment(made, first.comment);
  expect(comment->shown, "A public comment came as not public.");
  expect(comment->echo_of.empty(), "A comment of the staff came as the echo of one of ours.");
  expect(!comment->comment_id.empty(), "A comment came without its id.");
  stage.supplier().staff_comment(made.id, "Between us: he is often late.", false);
  stage.supplier().pass(kBetweenPolls);
  follower.catch_up();
  const Change* hidden = follower.comment(made, "Between us: he is often late.");
  expect(hidden == nullptr || !hidden->shown,
         "A comment that only the supplier's staff may see came as public: users would read it.");
  const Acts second(kit, stage, made, 9, "resolved");
  stage.supplier().pass(kBetweenPolls);
  follower.catch_up();
  second.expect_seen(follower, "Polled from the last cursor,");
  // A new instance, the same cursor.
  stage.restart();
  const Acts third(kit, stage, made, 10, "closed");
  follower.catch_up();
  third.expect_seen(follower, "Polled from the last cursor by a new instance,");
}

void poll_again(Kit& kit, const Case&) {
  need_poll(kit);
  Stage stage(kit.subject);
  const Made made = make_ticket(kit, stage);
  stage.supplier().pass(kBetweenPolls);
  const Acts acts(kit, stage, made, 8);
  std::map<std::string, std::string> ids;
  for (int round = 0; round < 3; ++round) {
    Follower follower(kit, stage);
    follower.catch_up();
    acts.expect_seen(follower, "Polled from the beginning once more,");
    for (const Change& change : follower.seen()) {
      const auto [known, added] = ids.emplace(change.key(), change.event_id);
      expect(added ? round == 0 : known->second == change.event_id,
             "The same change has another event_id when it is polled again: " +
                 in_quotes(known->second) + " and " + in_quotes(change.event_id) +
                 ". The hub would take it twice.");
    }
    stage.restart();
    stage.supplier().pass(kBetweenPolls);
  }
}

void poll_echo(Kit& kit, const Case&) {
  need_poll(kit);
  Stage stage(kit.subject);
  const Made made = make_ticket(kit, stage);
  const std::string mine = kit.correlation();
  const std::string text = "This is from the desk itself.";
  stage.supplier().pass(kBetweenPolls);
  const Outcome added = stage.add_comment(
      {.correlation = mine, .external_id = made.external_id, .body = comment_json(text)});
  kit.worked(added, "add_comment");
  kit.worked(stage.put_ticket({.correlation = kit.correlation(),
                               .external_id = made.external_id,
                               .body = ticket_json({.status = "in_progress"})}),
             "put_ticket (update)");
  stage.supplier().pass(kBetweenPolls);
  Follower follower(kit, stage);
  follower.catch_up();
  const Change* echo = follower.comment(made, text);
  if (echo != nullptr) {
    expect(echo->echo_of == mine ||
               (!echo->comment_id.empty() && echo->comment_id == external_id_of(added.documents)),
           "Our own comment comes back, and nothing tells the hub that it is ours: neither is "
           "\"echo_of\" its correlation, nor the comment's \"id\" the external_id that add_comment "
           "answered. The user would read their own words as the supplier's.");
  }
  for (const Change& change : follower.seen()) {
    if (change.type == "status" && change.echo_of.empty()) {
      kit.warn("Our own change of the status comes back without \"echo_of\" (status " +
               in_quotes(change.status) + ").");
      break;
    }
  }
}

void poll_many(Kit& kit, const Case&) {
  need_poll(kit);
  constexpr int kTickets = 130;  // more than one page of most suppliers
  Stage stage(kit.subject);
  std::vector<Made> made;
  for (int i = 0; i < kTickets; ++i) made.push_back(make_ticket(kit, stage));
  stage.supplier().pass(kBetweenPolls);
  for (int i = 0; i < kTickets; ++i) {
    stage.supplier().staff_comment(made[static_cast<std::size_t>(i)].id,
                                   "Answer number " + std::to_string(i) + ".");
    if (i % 3 == 0) stage.supplier().pass(Millis{400});  // several in one second
  }
  stage.supplier().pass(kBetweenPolls);
  Follower follower(kit, stage);
  follower.catch_up();
  for (int i = 0; i < kTickets; ++i) {
    expect(follower.comment(made[static_cast<std::size_t>(i)],
                            "Answer number " + std::to_string(i) + ".") != nullptr,
           "Of " + std::to_string(kTickets) +
               " tickets with a new comment each, the comment on the " + std::to_string(i + 1) +
               ". never came: is there a second page?");
  }
}

void poll_long(Kit& kit, const Case&) {
  need_poll(kit);
  constexpr int kComments = 250;  // more than two pages of most suppliers
  Stage stage(kit.subject);
  const Made made = make_ticket(kit, stage);
  stage.supplier().pass(kBetweenPolls);
  Follower follower(kit, stage);
  follower.catch_up();
  const auto text = [](int number) { return "Line " + std::to_string(number) + " of the log."; };
  for (int i = 0; i < kComments; ++i) {
    stage.supplier().staff_comment(made.id, text(i));
    stage.supplier().pass(Millis{400});  // several in one second
  }
  stage.supplier().pass(kBetweenPolls);
  const auto expect_all = [&](const Follower& reader, const std::string& when) {
    for (int i = 0; i < kComments; ++i) {
      expect(reader.comment(made, text(i)) != nullptr,
             "Of " + std::to_string(kComments) + " comments on one ticket, polled " + when +
                 ", the " + std::to_string(i + 1) +
                 ". never came: is there a second page of comments?");
    }
  };
  follower.catch_up();
  expect_all(follower, "from the last cursor");
  Follower anew(kit, stage);
  anew.catch_up();
  expect_all(anew, "from the beginning");
}

void poll_race(Kit& kit, const Case&) {
  need_poll(kit);
  // While a poll is under way the staff go on; the next poll must have it, after any exchange.
  for (std::size_t at = 0;; ++at) {
    Stage stage(kit.subject);
    const Made first = make_ticket(kit, stage);
    const Made second = make_ticket(kit, stage);
    stage.supplier().pass(kBetweenPolls);
    stage.supplier().staff_comment(first.id, "Before the first poll.");
    Follower follower(kit, stage);
    follower.catch_up();
    stage.supplier().pass(kBetweenPolls);
    stage.supplier().staff_comment(second.id, "Before the poll.");
    bool acted = false;
    stage.after_exchange([&](std::size_t number) {
      if (number != at || acted) return;
      acted = true;
      stage.supplier().staff_comment(first.id, "While the poll was under way.");
      stage.supplier().staff_comment(second.id, "While the poll was under way.");
    });
    follower.poll();
    stage.after_exchange({});
    if (!acted) return;
    stage.supplier().pass(kBetweenPolls);
    follower.catch_up();
    for (const Made* made : {&first, &second}) {
      expect(follower.comment(*made, "While the poll was under way.") != nullptr,
             "A comment that the staff wrote just after exchange " + std::to_string(at) +
                 " of a poll never came, neither with that poll nor with any later one. The cursor "
                 "must not run ahead of what was read.");
    }
    expect(follower.comment(second, "Before the poll.") != nullptr,
           "A comment from before the poll never came, because another followed it while the poll "
           "was under way (after exchange " +
               std::to_string(at) + ").");
  }
}

void poll_strange_cursor(Kit& kit, const Case&) {
  need_poll(kit);
  Stage stage(kit.subject);
  const Made made = make_ticket(kit, stage);
  stage.supplier().pass(kBetweenPolls);
  const Acts acts(kit, stage, made, 8);
  for (const char* cursor : {"expired-7f3a", "{}", "{\"at\":\"1970-01-01T00:00:00Z\"}", "0", "-1",
                             "99999999999999999999999999", "\xff\xfe", "null", "[]"}) {
    Follower follower(kit, stage, cursor);
    const Outcome outcome = follower.poll();
    if (outcome.status != Status::ok) {
      kit.warn("changes from the cursor " + in_quotes(cursor) + " " + describe(outcome) +
               ". A supplier that forgets old cursors stops this link for ever: begin again from "
               "the start, a change may come twice.");
      continue;
    }
    follower.catch_up();
    acts.expect_seen(follower,
                     "From the cursor " + in_quotes(cursor) + ", which is none of its own,");
  }
}

void poll_stop(Kit& kit, const Case&) {
  need_poll(kit);
  constexpr int kTickets = 12;
  StageOptions options;
  Stage stage(kit.subject, options);
  std::vector<Made> made;
  for (int i = 0; i < kTickets; ++i) made.push_back(make_ticket(kit, stage));
  stage.supplier().pass(kBetweenPolls);
  for (const Made& ticket : made) {
    stage.supplier().staff_comment(ticket.id, "Answer on " + ticket.external_id + ".");
    stage.supplier().pass(Millis{1'500});
  }
  stage.supplier().pass(Millis{600'000});
  stage.options().stop_after = 4;
  Follower follower(kit, stage);
  int idle = 0;
  for (int i = 0; i < kPollsMax && idle < 20; ++i) {
    const Outcome outcome = follower.poll();
    kit.worked(outcome, "changes into a sink that says stop");
    expect(outcome.pushed_after_stop <= 1,
           "After the sink said stop, " + std::to_string(outcome.pushed_after_stop) +
               " more documents were pushed; only a cursor may still come.");
    idle = follower.fresh() == 0 ? idle + 1 : 0;
    stage.supplier().pass(Millis{1'000});
  }
  for (const Made& ticket : made) {
    expect(follower.comment(ticket, "Answer on " + ticket.external_id + ".") != nullptr,
           "The host takes four documents at a time, and the comment on ticket " +
               ticket.external_id +
               " never comes: when the sink says stop, push a cursor that stands behind what it "
               "took (or none, if nothing whole was taken), so that the next poll goes on there.");
  }
}

void fetch(Kit& kit, const Case&) {
  need_poll(kit);
  if (!kit.subject.dialect->staff_attach_files()) skip("the supplier's people attach no files");
  Stage stage(kit.subject);
  const Made made = make_ticket(kit, stage);
  std::string bytes;
  for (int i = 0; i < 200'000; ++i) bytes += static_cast<char>(i * 31 + i / 255);
  stage.supplier().pass(kBetweenPolls);
  stage.supplier().staff_attach(made.id, "skärmbild.png", bytes);
  stage.supplier().pass(kBetweenPolls);
  Follower follower(kit, stage);
  follower.catch_up();
  const Change* change = follower.attachment(made, "skärmbild.png");
  expect(change != nullptr, "A file of the supplier's staff never came.");
  if (change->has_content) {
    expect(change->content == bytes, "The file's content is not what the supplier has.");
    return;
  }
  if (!change->has_reference) {
    kit.warn(
        "A file of 200 kB comes with neither \"content\" nor \"reference\": the desk cannot "
        "read it.");
    return;
  }
  expect(stage.offers(OMBUD_EXT_FETCH),
         "A file comes with a \"reference\", but the connector "
         "offers no ombud.fetch/1 to read it by.");
  const Outcome fetched = stage.fetch(change->reference);
  kit.worked(fetched, "attachment (fetch)");
  expect(fetched.joined() == bytes, "The file that was fetched is not what the supplier has (" +
                                        std::to_string(fetched.joined().size()) + " of " +
                                        std::to_string(bytes.size()) + " bytes).");
  for (const char* reference :
       {"{}", "null", "", "7", R"({"id":"../../etc/passwd"})",
        R"({"id":-1,"url":"https://elsewhere.example/x"})", R"({"id":987654321})"}) {
    const Outcome odd = stage.fetch(reference);
    kit.sound(odd, "attachment (fetch) of the reference " + in_quotes(reference));
    expect(odd.status != Status::ok || odd.joined().empty(),
           "attachment (fetch) answered bytes for the reference " + in_quotes(reference) + ".");
  }
}

// ---- webhooks -----------------------------------------------------------------------------------

std::vector<Webhook> need_webhooks(const Kit& kit) {
  kit.need_settings();
  kit.need_extension(OMBUD_EXT_WEBHOOK);
  std::vector<Webhook> hooks;
  if (kit.subject.dialect != nullptr) hooks = kit.subject.dialect->webhooks();
  if (hooks.empty()) {
    skip("the dialect gives no genuine webhook messages (override Dialect::webhooks)");
  }
  return hooks;
}

void webhook(Kit& kit, const Case&) {
  for (const Webhook& hook : need_webhooks(kit)) {
    Stage stage(kit.subject);
    const std::string what = "decode of " + in_quotes(hook.name);
    const Outcome outcome = stage.decode(hook.headers_json, hook.body);
    kit.worked(outcome, what);
    expect(outcome.exchanges.empty(), what + " used the network; it must be pure.");
    read_changes(outcome.documents, false, kit.subject.can("mail-replies"));
    std::string all;
    for (const std::string& document : outcome.documents) all += "\n  " + document;
    expect(outcome.documents.size() == hook.changes.size(),
           what + " pushed " + std::to_string(outcome.documents.size()) + " changes where " +
               std::to_string(hook.changes.size()) + " are in it:" + all);
    for (std::size_t i = 0; i < hook.changes.size(); ++i) {
      const auto wanted = json::parse(hook.changes[i]);
      if (!wanted) fail("The dialect's change " + in_quotes(hook.changes[i]) + " is no JSON.");
      const auto pushed = json::parse(outcome.documents[i]);
      expect(contains(pushed->root(), wanted->root()), what + " pushed\n  " + outcome.documents[i] +
                                                           "\nwhich does not hold\n  " +
                                                           hook.changes[i]);
    }
    const Outcome again = stage.decode(hook.headers_json, hook.body);
    expect(again.documents == outcome.documents,
           what +
               " answers differently the second time; the supplier may send it twice, and the "
               "hub tells by the event_id.");
  }
}

void webhook_signature(Kit& kit, const Case&) {
  bool any = false;
  for (const Webhook& hook : need_webhooks(kit)) {
    if (!hook.is_signed) continue;
    any = true;
    Stage stage(kit.subject);
    const auto refused = [&](const std::string& headers, const std::string& body,
                             const std::string& how) {
      const Outcome outcome = stage.decode(headers, body);
      kit.sound(outcome, "decode of " + in_quotes(hook.name) + how);
      expect(outcome.documents.empty() && outcome.status == Status::auth,
             "decode of " + in_quotes(hook.name) + how + " " + describe(outcome) + " and pushed " +
                 std::to_string(outcome.documents.size()) +
                 " changes; a message that is not the supplier's own is auth, without changes.");
    };
    std::string forged = hook.body;
    for (std::size_t i = forged.size() / 2; i < forged.size(); ++i) {
      const bool letter = forged[i] >= 'a' && forged[i] < 'z';
      if (!letter) continue;
      ++forged[i];
      break;
    }
    expect(forged != hook.body, "The genuine message " + in_quotes(hook.name) + " has no text.");
    refused(hook.headers_json, forged, ", one letter of it changed,");
    refused("{}", hook.body, ", without its headers,");
    if (kit.subject.settings.secrets.empty()) continue;
    // The same headers with each value spoilt.
    const auto headers = json::parse(hook.headers_json);
    if (!headers) fail("The headers of " + in_quotes(hook.name) + " are no JSON.");
    json::Writer out;
    out.begin_object();
    for (std::size_t i = 0; i < headers->root().size(); ++i) {
      out.field(headers->root().name_at(i), std::string(headers->root().member_at(i).text()) + "0");
    }
    refused(out.end_object().take(), hook.body, ", every header spoilt,");
  }
  if (!any) skip("none of the dialect's webhook messages is signed");
}

}  // namespace

void add_poll_cases(std::vector<Case>& cases) {
  const auto add = [&](const char* name, const char* shows, void (*run)(Kit&, const Case&)) {
    cases.push_back({name, 2, shows, run, nullptr});
  };
  add("behave.poll-empty", "a supplier without tickets of ours is no trouble", poll_empty);
  add("behave.poll-all", "what the staff do comes through, from any cursor", poll_all);
  add("behave.poll-again", "the same change keeps its event_id", poll_again);
  add("behave.poll-echo", "what we wrote ourselves can be told apart", poll_echo);
  add("behave.poll-many", "a hundred changes at once all come", poll_many);
  add("behave.poll-long", "two hundred and fifty comments on one ticket all come", poll_long);
  add("behave.poll-race", "what happens while a poll is under way is not lost", poll_race);
  add("behave.poll-strange-cursor", "a cursor that nobody knows loses nothing",
      poll_strange_cursor);
  add("behave.poll-stop", "a sink that says stop is heard, and nothing is lost", poll_stop);
  add("behave.fetch", "the bytes of the supplier's files can be read", fetch);
  add("behave.webhook", "genuine webhook messages are understood", webhook);
  add("behave.webhook-signature", "forged webhook messages are refused", webhook_signature);
}

}  // namespace ombud::conformance
