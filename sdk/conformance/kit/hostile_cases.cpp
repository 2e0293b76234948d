// Level 4: a supplier that answers nonsense, a host without manners, secrets that must not get out,
// and a whole day.
#include <malloc.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <thread>

#include "base/bytes.hpp"
#include "conformance/kit/case.hpp"
#include "conformance/kit/follower.hpp"
#include "conformance/kit/scene.hpp"

namespace ombud::conformance {
namespace {

constexpr int kFuzzRounds = 400;
constexpr std::size_t kFuzzExchangesMax = 1'000;
constexpr std::string_view kElsewhere = "https://elsewhere.example";

// ---- every operation once -----------------------------------------------------------------------

struct Named {
  std::string name;
  std::function<Outcome()> run;
};

// `made`: a ticket that is there, or one that might be.
std::vector<Named> every_operation(Kit& kit, Stage& stage, const Made& made) {
  std::vector<Named> all;
  if (stage.offers(OMBUD_EXT_OUTBOUND)) {
    all.push_back({"put_ticket (create)", [&] {
                     return stage.put_ticket(
                         {.correlation = kit.correlation(), .body = ticket_json()});
                   }});
    all.push_back({"put_ticket (update)", [&] {
                     return stage.put_ticket({.correlation = kit.correlation(),
                                              .external_id = made.external_id,
                                              .body = ticket_json({.status = "waiting"})});
                   }});
    all.push_back({"add_comment", [&] {
                     return stage.add_comment({.correlation = kit.correlation(),
                                               .external_id = made.external_id,
                                               .body = comment_json("A comment.")});
                   }});
    all.push_back({"add_attachment", [&] {
                     return stage.add_attachment(
                         {.correlation = kit.correlation(),
                          .external_id = made.external_id,
                          .body = attachment_json("a.txt", "text/plain", "abc"),
                          .content = "abc"});
                   }});
    for (const char* kind : {"ticket", "comment", "attachment"}) {
      all.push_back({"find (" + std::string(kind) + ")", [&, kind] {
                       return stage.find(kind, {.correlation = made.correlation,
                                                .external_id = made.external_id});
                     }});
    }
  }
  if (stage.offers(OMBUD_EXT_POLL)) {
    all.push_back({"changes", [&] { return stage.changes(""); }});
  }
  if (stage.offers(OMBUD_EXT_FETCH)) {
    all.push_back({"attachment (fetch)", [&] { return stage.fetch(R"({"id":"7"})"); }});
  }
  if (stage.offers(OMBUD_EXT_WEBHOOK)) {
    all.push_back({"decode", [&] { return stage.decode("{}", "{}"); }});
  }
  if (stage.offers(OMBUD_EXT_SNAPSHOT)) {
    all.push_back({"snapshot", [&] {
                     return stage.snapshot({.correlation = made.correlation,
                                            .external_id = made.external_id,
                                            .body = R"({"schema":"ombud.known/1","tickets":[)" +
                                                    ticket_json() + "]}"});
                   }});
  }
  if (stage.offers(OMBUD_EXT_HEALTH)) {
    all.push_back({"check", [&] { return stage.check(); }});
  }
  return all;
}

bool is_pure(const std::string& name) {
  return name == "decode";
}

// ---- nonsense -----------------------------------------------------------------------------------

std::string mutated(Random& random, std::string text) {
  const auto spot = [&] { return static_cast<std::size_t>(random.below(text.size() + 1)); };
  const std::uint64_t times = 1 + random.below(4);
  for (std::uint64_t i = 0; i < times; ++i) {
    switch (random.below(9)) {
      case 0:
        if (!text.empty()) {
          char& c = text[spot() % text.size()];
          c = static_cast<char>(static_cast<unsigned char>(c) ^ (1U << random.below(8)));
        }
        break;
      case 1:
        text.resize(spot());
        break;
      case 2:
        text.insert(spot(), std::string(random.below(5) + 1, static_cast<char>(random.next())));
        break;
      case 3: {
        const std::size_t from = spot();
        text.insert(spot(), text.substr(from, random.below(64)));
        break;
      }
      case 4: {
        const std::size_t from = spot();
        text.erase(from, random.below(32));
        break;
      }
      case 5:
        text.insert(spot(), std::string(random.below(3'000), '['));
        break;
      case 6:
      case 7: {
        // A value of JSON becomes another one.
        static constexpr std::string_view kOther[] = {
            "null",        "true", "-1",         "[]",
            "{}",          "\"\"", "1e999",      "99999999999999999999",
            "\"\\u0000\"", "[[]]", "\"../../x\""};
        const std::size_t colon = text.find(':', spot());
        if (colon == std::string::npos) break;
        const std::size_t end = text.find_first_of(",}]", colon);
        if (end == std::string::npos) break;
        text.replace(colon + 1, end - colon - 1, kOther[random.below(std::size(kOther))]);
        break;
      }
      default: {
        // A name of JSON becomes another one.
        const std::size_t quote = text.find("\":", spot());
        if (quote != std::string::npos) text.insert(quote, "x");
      }
    }
  }
  return text;
}

// Whatever it makes of nonsense, what comes out must be a document of ours.
void tidy_documents(const Kit& kit, const Outcome& outcome, const std::string& what, bool changes,
                    bool polled) {
  if (changes) {
    try {
      read_changes(outcome.documents, polled, kit.subject.can("mail-replies"));
    } catch (const Failed& error) {
      fail(what + ": " + error.what());
    }
    return;
  }
  for (const std::string& document : outcome.documents) {
    if (const auto wrong = wrong_reply(document, false)) {
      fail(what + " pushed a document that is none: " + *wrong + ". It is " + in_quotes(document));
    }
  }
}

void poll_fuzz(Kit& kit, const Case&) {
  kit.need_supplier();
  for (int round = 0; round < kFuzzRounds; ++round) {
    Stage stage(kit.subject);
    const Made made = make_ticket(kit, stage);
    stage.supplier().pass(Millis{30'000});
    stage.supplier().staff_comment(made.id, "Ny tid: åtta.");
    stage.supplier().staff_status(made.id, kit.subject.dialect->status_word("resolved"));
    stage.supplier().staff_attach(made.id, "a.txt", "abc");
    stage.supplier().pass(Millis{30'000});
    stage.on_answer([&](HttpResponse& answer) {
      if (kit.random.below(3) == 0) answer.body = mutated(kit.random, answer.body);
      if (kit.random.below(20) == 0) {
        static constexpr int kCodes[] = {100, 204, 206, 304, 418, 451, 599, 999};
        answer.code = kCodes[kit.random.below(std::size(kCodes))];
      }
      if (kit.random.below(20) == 0) answer.headers["Retry-After"] = "-9999999999999999999";
    });
    const auto operations = every_operation(kit, stage, made);
    const Named& one = operations[kit.random.below(operations.size())];
    // Mostly what reads most.
    const bool poll = stage.offers(OMBUD_EXT_POLL) && kit.random.below(2) == 0;
    const std::string what =
        (poll ? "changes" : one.name) + " before nonsense (round " + std::to_string(round) + ")";
    const Outcome outcome = poll ? stage.changes("") : one.run();
    kit.sound(outcome, what);
    expect(outcome.exchanges.size() <= kFuzzExchangesMax,
           what + " made " + std::to_string(outcome.exchanges.size()) +
               " requests: it follows pages without end.");
    const bool changes = poll || one.name == "changes" || one.name == "decode";
    if (!changes && one.name.starts_with("attachment")) continue;  // bytes, not documents
    tidy_documents(kit, outcome, what, changes, poll || one.name == "changes");
  }
}

void webhook_fuzz(Kit& kit, const Case&) {
  kit.need_settings();
  kit.need_extension(OMBUD_EXT_WEBHOOK);
  std::vector<Webhook> hooks;
  if (kit.subject.dialect != nullptr) hooks = kit.subject.dialect->webhooks();
  if (hooks.empty()) {
    hooks.push_back({.name = "anything",
                     .headers_json = R"({"content-type":"application/json"})",
                     .body = R"({"event":"comment","ticket":{"id":7},"text":"x"})"});
    hooks.push_back(
        {.name = "a mail",
         .headers_json = R"({"content-type":"message/rfc822"})",
         .body = "From: a@b.example\r\nSubject: x\r\nMessage-ID: <1@b>\r\n\r\nHello\r\n"});
  }
  Stage stage(kit.subject);
  const auto look = [&](const std::string& headers, const std::string& body,
                        const std::string& what) {
    const Outcome outcome = stage.decode(headers, body);
    kit.sound(outcome, what);
    expect(outcome.exchanges.empty(), what + " used the network; decode must be pure.");
    tidy_documents(kit, outcome, what, true, false);
  };
  for (const char* body : {"", "{}", "[]", "null", "\xff\xff", "0", "\"", "{\"a\":"}) {
    for (const char* headers : {"{}", "", "[]", "null", "{\"x\":7}", "{\"x\":[\"y\"]}"}) {
      look(headers, body,
           "decode of " + in_quotes(body) + " with the headers " + in_quotes(headers));
    }
  }
  for (int round = 0; round < kFuzzRounds * 5; ++round) {
    const Webhook& hook = hooks[kit.random.below(hooks.size())];
    const std::string what = "decode of nonsense made from " + in_quotes(hook.name) + " (round " +
                             std::to_string(round) + ")";
    look(kit.random.below(4) == 0 ? mutated(kit.random, hook.headers_json) : hook.headers_json,
         mutated(kit.random, hook.body), what);
  }
}

// ---- a host without manners ---------------------------------------------------------------------

// A ticket's ids for a stage where none can be made.
Made somebody(Kit& kit, Stage& stage) {
  if (!kit.subject.can("raw-network") && kit.subject.dialect != nullptr) {
    Stage other(kit.subject);
    Made made = make_ticket(kit, other);
    return made;
  }
  static_cast<void>(stage);
  return {kit.correlation(), "1", "1"};
}

void past_deadline(Kit& kit, const Case&) {
  kit.need_settings();
  StageOptions options;
  options.time_ms = 0;
  Stage stage(kit.subject, options);
  const Made made = somebody(kit, stage);
  if (!stage.create()) {
    kit.sound(stage.create_outcome(), "create, its time over");
    return;
  }
  for (const Named& one : every_operation(kit, stage, made)) {
    const std::string what = one.name + " whose time was over before it began";
    const Outcome outcome = one.run();
    kit.sound(outcome, what);
    kit.honest(outcome, what);
    if (is_pure(one.name) || kit.subject.dialect == nullptr) continue;
    expect(outcome.status != Status::ok || !outcome.documents.empty() || outcome.write,
           what +
               " answered ok without having asked anybody; the hub would take that for \"nothing "
               "there\".");
    expect(outcome.exchanges.size() <= 10,
           what + " tried " + std::to_string(outcome.exchanges.size()) + " requests.");
  }
}

void cancelled(Kit& kit, const Case&) {
  kit.need_settings();
  StageOptions options;
  options.cancelled = true;
  Stage stage(kit.subject, options);
  const Made made = somebody(kit, stage);
  if (!stage.create()) {
    kit.sound(stage.create_outcome(), "create, cancelled");
    return;
  }
  for (const Named& one : every_operation(kit, stage, made)) {
    const std::string what = one.name + ", cancelled before it began,";
    const Outcome outcome = one.run();
    kit.sound(outcome, what);
    kit.honest(outcome, what);
    if (is_pure(one.name) || kit.subject.dialect == nullptr) continue;
    expect(outcome.status != Status::auth,
           what + " " + describe(outcome) + ": it was not asked, so nobody refused it.");
  }
}

void bare_host(Kit& kit, const Case&) {
  kit.need_settings();
  StageOptions options;
  options.bare = true;
  Stage stage(kit.subject, options);
  const Made made = somebody(kit, stage);
  if (!stage.create()) {
    const Outcome& outcome = stage.create_outcome();
    expect(!outcome.threw, "create threw across the boundary: " + outcome.thrown);
    expect(!outcome.message.empty(),
           "Before a host that offers nothing, create failed without a word.");
    return;
  }
  for (const Named& one : every_operation(kit, stage, made)) {
    const Outcome outcome = one.run();
    const std::string what = one.name + " before a host that offers nothing";
    kit.sound(outcome, what);
    if (is_pure(one.name) || kit.subject.dialect == nullptr) continue;
    expect(outcome.status != Status::ok, what + " answered ok: it cannot have asked anybody.");
  }
}

// As the connector's hub of a later major year, or of the first: nothing but the first ids.
void first_host(Kit& kit, const Case&) {
  kit.need_supplier();
  StageOptions options;
  options.first_ids_only = true;
  Stage stage(kit.subject, options);
  const Made made = make_ticket(kit, stage);
  kit.worked(stage.add_comment({.correlation = kit.correlation(),
                                .external_id = made.external_id,
                                .body = comment_json("As in the first year.")}),
             "add_comment before a host that offers only the first extensions");
  if (!kit.subject.can("no-lookup")) {
    stage.supplier().pass(Millis{kit.subject.lookup_lag_ms} + Millis{1'000});
    const Outcome found = stage.find("ticket", {.correlation = made.correlation});
    kit.worked(found, "find before a host that offers only the first extensions");
    expect(found.documents.size() == 1, "find does not find the ticket.");
  }
  if (stage.offers(OMBUD_EXT_WEBHOOK)) {
    kit.sound(stage.decode("{}", "{}"), "decode before a host that offers only the first ids");
  }
}

void other_thread(Kit& kit, const Case&) {
  kit.need_supplier();
  Stage stage(kit.subject);
  if (!stage.create()) fail("create " + describe(stage.create_outcome()) + ".");
  std::string wrong;
  // The host makes the connector on one thread and runs its operations on another.
  std::thread worker([&] {
    try {
      const Made made = make_ticket(kit, stage);
      for (const Named& one : every_operation(kit, stage, made)) {
        kit.sound(one.run(), one.name + " on another thread than create");
      }
    } catch (const std::exception& error) {
      wrong = error.what();
    }
  });
  worker.join();
  if (!wrong.empty()) fail(wrong);
}

// ---- secrets ------------------------------------------------------------------------------------

std::string percent_encoded(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    out += plain ? std::string(1, c) : std::string{'%', kHex[code >> 4U], kHex[code & 15U]};
  }
  return out;
}

class Canaries {
 public:
  explicit Canaries(const Fields& secrets) {
    for (const auto& [token, clear] : secrets) {
      forms_.push_back({token, clear, "in clear"});
      forms_.push_back({token, percent_encoded(clear), "percent-encoded"});
      // Base 64 at each of the three offsets; what the neighbours decide is cut off.
      for (std::size_t before = 0; before < 3; ++before) {
        const std::string whole = to_base64(std::string(before, 'x') + clear);
        const std::size_t first = before == 0 ? 0 : before + 1;
        const std::size_t certain = (before + clear.size()) * 8 / 6;
        forms_.push_back({token, whole.substr(first, certain - first), "in base 64"});
      }
    }
  }
  void not_in(std::string_view text, const std::string& where) const {
    for (const Form& form : forms_) {
      if (text.find(form.text) == std::string_view::npos) continue;
      fail("The secret \"" + form.token + "\" is " + form.how + " in " + where + ".");
    }
  }

 private:
  struct Form {
    std::string token, text, how;
  };
  std::vector<Form> forms_;
};

void look_for_canaries(const Canaries& canaries, const Stage& stage, const Outcome& outcome,
                       const std::string& what) {
  canaries.not_in(outcome.message, "the error text of " + what);
  for (const std::string& document : outcome.documents) {
    canaries.not_in(document, "a document that " + what + " pushed");
  }
  for (const std::string& line : stage.log_lines()) canaries.not_in(line, "a log line of " + what);
  for (const Exchange& exchange : outcome.exchanges) {
    canaries.not_in(exchange.sent, "a request of " + what +
                                       ", written there by the connector itself: only the host "
                                       "fills secrets in");
  }
}

void not_at_the_supplier(const Canaries& canaries, Stage& stage, const std::string& what) {
  for (const Ticket* ticket : stage.supplier().tickets()) {
    for (const auto& [name, value] : ticket->fields) {
      canaries.not_in(value, "the supplier's field \"" + name + "\" after " + what);
    }
    for (const Comment& comment : ticket->comments) {
      canaries.not_in(comment.text, "a comment at the supplier after " + what);
    }
    for (const File& file : ticket->files) {
      canaries.not_in(file.name + file.bytes, "a file at the supplier after " + what);
    }
  }
}

void secrets(Kit& kit, const Case&) {
  kit.need_settings();
  const Fields& all = kit.subject.settings.secrets;
  if (all.empty()) skip("the settings hold no secret");
  for (const auto& [token, clear] : all) {
    expect(clear.size() >= 8, "The secret \"" + token +
                                  "\" of the dialect is shorter than 8 bytes: a leak could not be "
                                  "told from chance.");
  }
  const Canaries canaries(all);
  if (kit.subject.can("raw-network") || kit.subject.dialect == nullptr) {
    Stage stage(kit.subject);
    const Made made = somebody(kit, stage);
    if (!stage.create()) {
      look_for_canaries(canaries, stage, stage.create_outcome(), "create");
      return;
    }
    for (const Named& one : every_operation(kit, stage, made)) {
      look_for_canaries(canaries, stage, one.run(), one.name);
    }
    return;
  }
  // Wherever an answer points, the secret does not go there.
  const auto inside = [](std::string_view text) {
    return text.find("{{secret:") != std::string_view::npos ||
           text.find("{{base64:") != std::string_view::npos;
  };
  for (const bool redirects : {false, true}) {
    Stage stage(kit.subject);
    const Made made = make_ticket(kit, stage);
    stage.supplier().staff_attach(made.id, "a.txt", "abc");
    stage.supplier().staff_comment(made.id, "Look there.");
    stage.supplier().pass(Millis{30'000});
    std::vector<std::string> origins;
    for (const Exchange& exchange : stage.exchanges()) {
      const std::string bare = exchange.origin.ends_with(":443") || exchange.origin.ends_with(":80")
                                   ? exchange.origin.substr(0, exchange.origin.rfind(':'))
                                   : exchange.origin;
      origins.push_back(exchange.origin);
      origins.push_back(bare);
    }
    stage.on_answer([&](HttpResponse& answer) {
      if (redirects) {
        answer = {302, "", {{"Location", std::string(kElsewhere) + "/take/it"}}};
        return;
      }
      for (const std::string& origin : origins) {
        for (std::size_t at = answer.body.find(origin); at != std::string::npos;
             at = answer.body.find(origin, at + kElsewhere.size())) {
          answer.body.replace(at, origin.size(), kElsewhere);
        }
      }
    });
    for (const Named& one : every_operation(kit, stage, made)) {
      Outcome outcome = one.run();
      if (one.name == "changes" && stage.offers(OMBUD_EXT_FETCH)) {
        for (const std::string& document : std::vector<std::string>(outcome.documents)) {
          const auto parsed = json::parse(document);
          if (!parsed || !(*parsed)["attachment"]["reference"].is_object()) continue;
          const Outcome fetched = stage.fetch((*parsed)["attachment"]["reference"].dump());
          outcome.exchanges.insert(outcome.exchanges.end(), fetched.exchanges.begin(),
                                   fetched.exchanges.end());
        }
      }
      kit.sound(outcome, one.name);
      look_for_canaries(canaries, stage, outcome, one.name);
      for (const Exchange& exchange : outcome.exchanges) {
        if (origin_of(exchange.url) != std::string(kElsewhere) + ":443") continue;
        expect(!inside(exchange.sent),
               one.name + " sends a secret to " + std::string(kElsewhere) +
                   ", where an answer of the supplier pointed it. The host stops that; do not "
                   "count on it: take ids from answers, never whole addresses." +
                   list(outcome.exchanges));
        kit.warn(one.name +
                 " follows an address in an answer to another host, which the host "
                 "refuses.");
      }
    }
  }
  // A user's words that look like our placeholders stay words.
  Stage stage(kit.subject);
  std::string words;
  for (const auto& [token, clear] : all) {
    words += "{{secret:" + token + "}} {{base64:{{secret:" + token + "}}}} ";
  }
  const Made made = make_ticket(kit, stage, {.subject = "S " + words, .description = words});
  kit.sound(stage.add_comment({.correlation = kit.correlation(),
                               .external_id = made.external_id,
                               .body = comment_json(words)}),
            "add_comment");
  kit.sound(
      stage.add_attachment({.correlation = kit.correlation(),
                            .external_id = made.external_id,
                            .body = attachment_json(words.substr(0, 200), "text/plain", words),
                            .content = words}),
      "add_attachment");
  not_at_the_supplier(canaries, stage,
                      "a user wrote the placeholder into a ticket. The host filled it in because "
                      "the connector asked it to: never mix users' words and placeholders");
}

// ---- what is left behind ------------------------------------------------------------------------

void threads_and_files(Kit& kit, const Case&) {
  kit.need_settings();
  const bool own_sockets = kit.subject.can("raw-network");
  const auto round = [&](std::size_t& threads, std::size_t& files) {
    {
      Stage stage(kit.subject);
      const Made made = somebody(kit, stage);
      if (!stage.create()) fail("create " + describe(stage.create_outcome()) + ".");
      for (const Named& one : every_operation(kit, stage, made)) kit.sound(one.run(), one.name);
      threads = entries("/proc/self/task");
      files = entries("/proc/self/fd");
    }
  };
  std::size_t threads = 0, files = 0;
  const std::size_t threads_before = kit.subject.threads_before;
  round(threads, files);  // libraries may open something once
  const std::size_t during = threads;
  expect(own_sockets || during == threads_before, "The connector runs " +
                                                      std::to_string(during - threads_before) +
                                                      " threads of its own; it may start none.");
  const std::size_t files_before = entries("/proc/self/fd");
  const std::size_t threads_after = entries("/proc/self/task");
  for (int i = 0; i < 20; ++i) round(threads, files);
  expect(entries("/proc/self/fd") == files_before,
         "Twenty instances later " + std::to_string(entries("/proc/self/fd") - files_before) +
             " more file descriptors are open.");
  expect(entries("/proc/self/task") == threads_after,
         "Twenty instances later " + std::to_string(entries("/proc/self/task") - threads_after) +
             " more threads run.");
}

void day(Kit& kit, const Case&) {
  kit.need_supplier();
  kit.need_extension(OMBUD_EXT_POLL);
  constexpr int kPolls = 24 * 120;  // every 30 s
  constexpr int kQuietFrom = 240;   // two hours: everything is warm
  constexpr std::size_t kGrowthMax = 65'536;
  Stage stage(kit.subject);
  std::vector<Made> made;
  for (int i = 0; i < 8; ++i) made.push_back(make_ticket(kit, stage));
  Follower follower(kit, stage);
  std::size_t effects = 0, before = 0;
  std::vector<std::pair<std::size_t, std::string>> said;
  for (int poll = 0; poll < kPolls; ++poll) {
    if (poll < kQuietFrom && kit.random.below(8) == 0) {
      const std::size_t ticket = kit.random.below(made.size());
      const std::string text = "Poll " + std::to_string(poll) + ", as the clock strikes.";
      stage.supplier().staff_comment(made[ticket].id, text);
      said.emplace_back(ticket, text);
    }
    if (poll == 0) effects = stage.supplier().effects();
    if (poll == kQuietFrom) {
      follower.forget();
      before = mallinfo2().uordblks;
    }
    const Outcome outcome = follower.poll();
    kit.worked(outcome, "changes, poll " + std::to_string(poll) + " of the day");
    expect(poll < kQuietFrom + 8 || follower.fresh() == 0,
           "Poll " + std::to_string(poll) +
               " of the day tells something new where nothing "
               "happened.");
    if (poll == kQuietFrom - 1) {
      for (const auto& [ticket, text] : said) {
        expect(follower.comment(made[ticket], text) != nullptr,
               "Within two hours of polling the comment " + in_quotes(text) + " never came.");
      }
    }
    stage.forget();
    stage.supplier().pass(Millis{30'000});
  }
  expect(stage.supplier().effects() == effects, "Polling changed something at the supplier.");
  const std::size_t after = mallinfo2().uordblks;
  expect(after <= before + kGrowthMax, "Over " + std::to_string(kPolls - kQuietFrom) +
                                           " polls where nothing happened the memory "
                                           "grew by " +
                                           std::to_string(after - before) + " bytes.");
  // After such a day it is as awake as in the morning.
  stage.supplier().staff_comment(made[0].id, "Good morning.");
  stage.supplier().pass(Millis{30'000});
  follower.catch_up();
  expect(follower.comment(made[0], "Good morning.") != nullptr,
         "After a day of polling a new comment no longer comes.");
}

}  // namespace

void add_hostile_cases(std::vector<Case>& cases) {
  const auto add = [&](const char* name, const char* shows, void (*run)(Kit&, const Case&)) {
    cases.push_back({name, 4, shows, run, nullptr});
  };
  add("hostile.answers-fuzz", "nonsense for an answer is an outcome, not a crash", poll_fuzz);
  add("hostile.webhook-fuzz", "nonsense for a webhook is an outcome, not a crash", webhook_fuzz);
  add("hostile.past-deadline", "an operation whose time is over before it begins", past_deadline);
  add("hostile.cancelled", "an operation that is cancelled before it begins", cancelled);
  add("hostile.bare-host", "a host that offers nothing", bare_host);
  add("hostile.first-host", "a host that offers only the first extensions", first_host);
  add("hostile.other-thread", "operations run on another thread than create", other_thread);
  add("hostile.secrets", "no secret gets out", secrets);
  add("hostile.threads-and-files", "no thread and no file is left behind", threads_and_files);
  add("hostile.day", "a day of polling", day);
}

}  // namespace ombud::conformance
