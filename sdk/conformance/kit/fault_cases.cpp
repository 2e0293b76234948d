// Level 3: every fault at every exchange of every operation. Each operation is run with the fault
// at exchange 0, 1, 2 … until a run does not reach it. After each run the kit goes on as the hub
// would, before a supplier that is well again, and looks at what is really there.
//
// The hub's rules, restated: retry, rate_limited, auth and cancelled are tried again; permanent is
// given up; ambiguous waits until the supplier's search can know, then looks: one match is the
// ticket, none means write again, more go to a person.
#include <functional>

#include "conformance/kit/case.hpp"
#include "conformance/kit/follower.hpp"
#include "conformance/kit/scene.hpp"

namespace ombud::conformance {
namespace {

using Kind = Fault::Kind;

constexpr std::size_t kExchangesTried = 200;
constexpr int kAttemptsMax = 12;
constexpr Millis kUnsettled{31'000};  // the longest flight of a request, and then some
constexpr Millis kPause{30'000};
constexpr std::size_t kRedirectsMax = 20;
constexpr std::size_t kTriesAfterCancel = 3;

// What one run is about, for messages.
std::string where(const Fault& fault, const std::string& operation, std::size_t exchange) {
  return operation + " with the fault \"" + fault.name + "\" (" + fault.shows + ") at exchange " +
         std::to_string(exchange);
}

const Exchange* faulted(const Outcome& outcome) {
  for (const Exchange& exchange : outcome.exchanges) {
    if (exchange.faulted) return &exchange;
  }
  return nullptr;
}

// Something may have been applied, as far as anybody at this end can tell.
bool in_doubt(const Outcome& outcome) {
  for (const Exchange& exchange : outcome.exchanges) {
    if (!exchange.changing || !exchange.why_not.empty()) continue;
    if (exchange.verdict == OMBUD_AMBIGUOUS || exchange.effects > 0) return true;
    if (exchange.verdict == OMBUD_OK && (exchange.code >= 500 || exchange.code < 400)) return true;
  }
  return false;
}

// The fault says something; the connector must not say something else. Only what matters to the
// hub.
void right_verdict(Kit& kit, const Fault& fault, const Outcome& outcome, const std::string& what) {
  const Exchange* hit = faulted(outcome);
  if (fault.kind == Kind::cancel) {
    std::size_t refused = 0;
    for (const Exchange& exchange : outcome.exchanges) {
      if (!exchange.why_not.empty()) ++refused;
    }
    expect(refused <= kTriesAfterCancel,
           what + ": after that it tried " + std::to_string(refused) +
               " more requests. Ask cancelled() before each, and stop." + list(outcome.exchanges));
  }
  if (hit == nullptr || outcome.status == Status::ok) return;
  const auto wrong = [&](const std::string& why) {
    fail(what + ": it " + describe(outcome) + "; " + why + list(outcome.exchanges));
  };
  if (outcome.status == Status::ambiguous) {
    if (!in_doubt(outcome)) {
      kit.warn(what +
               ": it answered ambiguous although nothing can have been applied; retry saves "
               "the hub a search.");
    }
    return;
  }
  const Status status = outcome.status;
  switch (fault.kind) {
    case Kind::answer:
    case Kind::answer_after:
      if (fault.code == 401 && status != Status::auth) {
        wrong(
            "401 means that the credentials are refused: answer auth, so that the link waits for "
            "the operator.");
      }
      if (fault.code == 403 && status != Status::auth && status != Status::permanent) {
        wrong("403 does not pass by itself: answer auth or permanent.");
      }
      if (fault.code == 429) {
        if (status != Status::rate_limited) {
          wrong("429 means rate_limited: the link waits, and no attempt is used up.");
        }
        const std::int64_t asked = fault.headers.contains("Retry-After") ? kRetryAfterMs : -1;
        if (asked >= 0 && outcome.retry_after_ms != asked) {
          wrong("the supplier said Retry-After: " + std::to_string(asked / 1000) +
                ", so retry_after_ms is " + std::to_string(asked) + " and not " +
                std::to_string(outcome.retry_after_ms) + ".");
        }
      }
      if (hit->changing && outcome.write &&
          (fault.code == 400 || fault.code == 413 || fault.code == 422) &&
          status != Status::permanent) {
        wrong("the supplier refuses these very bytes (" + std::to_string(fault.code) +
              "): answer permanent, or the hub tries them again for three days.");
      }
      if (fault.code < 500) break;
      [[fallthrough]];
    case Kind::refuse:
    case Kind::lose_request:
    case Kind::lose_reply:
    case Kind::truncate:
    case Kind::slow:
    case Kind::not_json:
    case Kind::empty:
    case Kind::deadline:
      if (status == Status::permanent || status == Status::auth) {
        wrong("this passes by itself, and " + std::string(to_text(status)) +
              " would give the work up or stop the link: answer retry" +
              (outcome.write ? " or ambiguous." : "."));
      }
      break;
    case Kind::cancel:
      if (status == Status::permanent || status == Status::auth) {
        wrong("the hub only asked to stop: answer cancelled, or what is true of the supplier.");
      }
      break;
    case Kind::none:
      break;
  }
}

// ---- writes -------------------------------------------------------------------------------------

struct WriteJob {
  std::string name;  // as in messages
  std::string kind;  // of find: ticket, comment, attachment; empty: a write that may be repeated
  std::function<void(Kit&, Stage&)> prepare;
  std::function<Outcome(Stage&, const std::string& correlation, std::uint32_t attempt)> run;
  std::function<std::size_t(Stage&)> copies;  // how many of what it makes are there
  std::function<Write(const std::string& correlation)> look_up;
};

struct Ending {
  bool done = false, dead = false;
  std::string external_id;
};

// The hub's retry rule from the first answer on.
Ending play(Kit& kit, Stage& stage, const WriteJob& job, const std::string& correlation,
            Outcome outcome, const std::string& what) {
  Ending ending;
  std::string story = "\nWhat happened:\n  1. " + describe(outcome) + list(outcome.exchanges);
  for (std::uint32_t attempt = 1;; ++attempt) {
    kit.sound(outcome, what);
    kit.honest(outcome, what + (attempt == 1 ? "" : ", attempt " + std::to_string(attempt)));
    switch (outcome.status) {
      case Status::ok:
        ending.done = true;
        ending.external_id = external_id_of(outcome.documents);
        return ending;
      case Status::permanent:
        ending.dead = true;
        return ending;
      case Status::retry:
      case Status::auth:
      case Status::cancelled:
        stage.supplier().pass(kPause);
        break;
      case Status::rate_limited:
        stage.supplier().pass(kPause + Millis{std::max<std::int64_t>(outcome.retry_after_ms, 0)});
        break;
      case Status::ambiguous: {
        if (kit.subject.can("no-lookup")) return ending;  // a person asks the supplier
        stage.supplier().pass(kUnsettled + Millis{kit.subject.lookup_lag_ms});
        if (job.kind.empty()) break;
        const Outcome found = stage.find(job.kind, job.look_up(correlation));
        kit.worked(found, what + ": the search after an unknown outcome");
        story += "\n  find pushed " + std::to_string(found.documents.size()) + " matches";
        if (found.documents.size() > 1) {
          fail(what + ": the search after an unknown outcome finds " +
               std::to_string(found.documents.size()) + " of them; a person must clean up." +
               story);
        }
        if (found.documents.size() == 1) {
          ending.done = true;
          ending.external_id = external_id_of(found.documents);
          return ending;
        }
        break;
      }
    }
    if (attempt == kAttemptsMax) {
      fail(what + ": the supplier is well again, and after " + std::to_string(kAttemptsMax) +
           " attempts it is still not done. Last it " + describe(outcome) + "." + story);
    }
    outcome = job.run(stage, correlation, attempt + 1);
    story +=
        "\n  " + std::to_string(attempt + 1) + ". " + describe(outcome) + list(outcome.exchanges);
  }
}

void fault_in_write(Kit& kit, const Fault& fault, const WriteJob& job) {
  for (std::size_t at = 0; at < kExchangesTried; ++at) {
    Stage stage(kit.subject);
    if (!stage.create()) fail("create " + describe(stage.create_outcome()) + ".");
    if (job.prepare) job.prepare(kit, stage);
    stage.restart();
    const std::size_t before = job.copies(stage);
    const std::string correlation = kit.correlation();
    stage.arm(fault, at);
    const Outcome first = job.run(stage, correlation, 1);
    if (!stage.hit()) {
      kit.worked(first, job.name + " without any fault");
      return;
    }
    const std::string what = where(fault, job.name, at);
    kit.sound(first, what);
    if (fault.for_good) {
      expect(first.exchanges.size() <= at + kRedirectsMax,
             what + ": it made " + std::to_string(first.exchanges.size()) + " requests.");
    }
    kit.honest(first, what);
    right_verdict(kit, fault, first, what);
    const Ending ending = play(kit, stage, job, correlation, first, what);
    const std::size_t copies = job.copies(stage) - before;
    if (ending.done) {
      expect(copies == 1, what + ": the hub thinks that it is done, and the supplier has " +
                              std::to_string(copies) + " of it instead of one." +
                              list(first.exchanges));
      if (job.kind == "ticket") {
        expect(!ending.external_id.empty(),
               what + ": it is done, but nobody said under which external_id.");
      }
    } else if (ending.dead) {
      expect(copies == 0, what + ": it was given up as refused, but the supplier has " +
                              std::to_string(copies) + " of it." + list(first.exchanges));
    } else {
      expect(copies <= 1, what + ": the supplier has " + std::to_string(copies) + " of it.");
    }
    if (job.kind.empty() || kit.subject.can("no-lookup") || !ending.done) continue;
    stage.supplier().pass(kUnsettled + Millis{kit.subject.lookup_lag_ms});
    const Outcome found = stage.find(job.kind, job.look_up(correlation));
    kit.worked(found, "find after " + what);
    expect(found.documents.size() == 1, what + ": it is there once, but find pushed " +
                                            std::to_string(found.documents.size()) + " matches." +
                                            list(found.exchanges));
    const std::string id = external_id_of(found.documents);
    expect(ending.external_id.empty() || id.empty() || id == ending.external_id,
           what + ": it was answered to be " + in_quotes(ending.external_id) + ", and find says " +
               in_quotes(id) + ".");
  }
  fail(job.name + " makes more than " + std::to_string(kExchangesTried) + " requests.");
}

void writes(Kit& kit, const Fault& fault) {
  Made made;
  const auto with_ticket = [&](Kit& k, Stage& stage) { made = make_ticket(k, stage); };
  const auto below = [&](const std::string& correlation) {
    return Write{.correlation = correlation, .external_id = made.external_id};
  };
  fault_in_write(
      kit, fault,
      {"put_ticket (create)",
       "ticket",
       {},
       [](Stage& stage, const std::string& correlation, std::uint32_t attempt) {
         return stage.put_ticket(
             {.correlation = correlation, .body = ticket_json(), .attempt = attempt});
       },
       [](Stage& stage) { return stage.supplier().made().tickets; },
       [](const std::string& correlation) { return Write{.correlation = correlation}; }});
  const std::string word = kit.subject.dialect->status_word("in_progress");
  if (!word.empty()) {
    fault_in_write(kit, fault,
                   {"put_ticket (update)", "", with_ticket,
                    [&](Stage& stage, const std::string& correlation, std::uint32_t attempt) {
                      return stage.put_ticket({.correlation = correlation,
                                               .external_id = made.external_id,
                                               .body = ticket_json({.status = "in_progress"}),
                                               .attempt = attempt});
                    },
                    [&](Stage& stage) -> std::size_t {
                      return ticket_of(stage, made).field("status") == word ? 1 : 0;
                    },
                    below});
  }
  fault_in_write(kit, fault,
                 {"add_comment", "comment", with_ticket,
                  [&](Stage& stage, const std::string& correlation, std::uint32_t attempt) {
                    return stage.add_comment({.correlation = correlation,
                                              .external_id = made.external_id,
                                              .body = comment_json("Is it better now?"),
                                              .attempt = attempt});
                  },
                  [](Stage& stage) { return stage.supplier().made().comments; }, below});
  if (!kit.subject.can("attachments")) return;
  fault_in_write(
      kit, fault,
      {"add_attachment", "attachment", with_ticket,
       [&](Stage& stage, const std::string& correlation, std::uint32_t attempt) {
         return stage.add_attachment({.correlation = correlation,
                                      .external_id = made.external_id,
                                      .body = attachment_json("a.txt", "text/plain", "all is well"),
                                      .attempt = attempt,
                                      .content = "all is well"});
       },
       [](Stage& stage) { return stage.supplier().made().files; }, below});
}

// ---- reads --------------------------------------------------------------------------------------

void fault_in_read(Kit& kit, const Fault& fault, const std::string& name,
                   const std::function<void(Stage&)>& prepare,
                   const std::function<Outcome(Stage&)>& run,
                   const std::function<void(Stage&, const Outcome&, const std::string&)>& judge) {
  for (std::size_t at = 0; at < kExchangesTried; ++at) {
    Stage stage(kit.subject);
    if (!stage.create()) fail("create " + describe(stage.create_outcome()) + ".");
    prepare(stage);
    stage.restart();
    stage.arm(fault, at);
    const Outcome outcome = run(stage);
    const std::string what = stage.hit() ? where(fault, name, at) : name + " without any fault";
    kit.sound(outcome, what);
    expect(outcome.effects == 0,
           what + ": it changed something at the supplier." + list(outcome.exchanges));
    if (fault.for_good) {
      expect(outcome.exchanges.size() <= at + kRedirectsMax,
             what + ": it made " + std::to_string(outcome.exchanges.size()) + " requests.");
    }
    right_verdict(kit, fault, outcome, what);
    judge(stage, outcome, what);
    if (!stage.hit()) return;
  }
  fail(name + " makes more than " + std::to_string(kExchangesTried) + " requests.");
}

void finds(Kit& kit, const Fault& fault) {
  if (kit.subject.can("no-lookup")) return;
  Made made;
  std::string correlation;
  const auto settle = [&](Stage& stage) {
    stage.supplier().pass(kUnsettled + Millis{kit.subject.lookup_lag_ms});
  };
  const auto still_there = [](Stage&, const Outcome& outcome, const std::string& what) {
    if (outcome.status != Status::ok) return;
    expect(
        outcome.documents.size() == 1,
        what + ": it answered ok and pushed " + std::to_string(outcome.documents.size()) +
            " matches where there is one. The hub would take that for \"not there\" and write it "
            "a second time; what could not be searched is retry." +
            list(outcome.exchanges));
  };
  fault_in_read(
      kit, fault, "find (ticket)",
      [&](Stage& stage) {
        made = make_ticket(kit, stage);
        settle(stage);
      },
      [&](Stage& stage) { return stage.find("ticket", {.correlation = made.correlation}); },
      still_there);
  fault_in_read(
      kit, fault, "find (comment)",
      [&](Stage& stage) {
        made = make_ticket(kit, stage);
        correlation = kit.correlation();
        kit.worked(stage.add_comment({.correlation = correlation,
                                      .external_id = made.external_id,
                                      .body = comment_json("Is it better now?")}),
                   "add_comment");
        settle(stage);
      },
      [&](Stage& stage) {
        return stage.find("comment", {.correlation = correlation, .external_id = made.external_id});
      },
      still_there);
  if (!kit.subject.can("attachments")) return;
  fault_in_read(
      kit, fault, "find (attachment)",
      [&](Stage& stage) {
        made = make_ticket(kit, stage);
        correlation = kit.correlation();
        kit.worked(stage.add_attachment({.correlation = correlation,
                                         .external_id = made.external_id,
                                         .body = attachment_json("a.txt", "text/plain", "a"),
                                         .content = "a"}),
                   "add_attachment");
        settle(stage);
      },
      [&](Stage& stage) {
        return stage.find("attachment",
                          {.correlation = correlation, .external_id = made.external_id});
      },
      still_there);
}

void polls(Kit& kit, const Fault& fault) {
  std::vector<Made> made;
  std::optional<Follower> follower;
  fault_in_read(
      kit, fault, "changes",
      [&](Stage& stage) {
        made.clear();
        for (int i = 0; i < 3; ++i) made.push_back(make_ticket(kit, stage));
        stage.supplier().pass(kPause);
        follower.emplace(kit, stage);
        follower->catch_up();
        stage.supplier().pass(kPause);
        for (const Made& ticket : made) {
          stage.supplier().staff_comment(ticket.id, "Answer on " + ticket.external_id + ".");
          stage.supplier().pass(Millis{1'000});
        }
      },
      [&](Stage&) { return follower->poll(); },
      [&](Stage& stage, const Outcome&, const std::string& what) {
        stage.supplier().pass(kPause);
        follower->catch_up();
        for (const Made& ticket : made) {
          expect(follower->comment(ticket, "Answer on " + ticket.external_id + ".") != nullptr,
                 what + ": the comment on ticket " + ticket.external_id +
                     " never came, neither then nor with the polls after it. The cursor may not "
                     "pass what could not be read.");
        }
      });
}

void fetches(Kit& kit, const Fault& fault) {
  // Bytes have no shape: nobody can tell a page of HTML from a file.
  if (fault.kind == Kind::not_json || fault.kind == Kind::empty) return;
  if (!kit.subject.dialect->staff_attach_files()) return;
  const std::string bytes(50'000, 'x');
  std::string reference;
  bool offered = true;
  fault_in_read(
      kit, fault, "attachment (fetch)",
      [&](Stage& stage) {
        const Made made = make_ticket(kit, stage);
        stage.supplier().pass(kPause);
        stage.supplier().staff_attach(made.id, "trace.log", bytes);
        stage.supplier().pass(kPause);
        Follower follower(kit, stage);
        follower.catch_up();
        const Change* change = follower.attachment(made, "trace.log");
        offered = change != nullptr && change->has_reference && stage.offers(OMBUD_EXT_FETCH);
        if (offered) reference = change->reference;
      },
      [&](Stage& stage) {
        if (offered) return stage.fetch(reference);
        Outcome nothing;
        nothing.raw = OMBUD_OK;
        nothing.status = Status::ok;
        return nothing;
      },
      [&](Stage&, const Outcome& outcome, const std::string& what) {
        if (!offered || outcome.status != Status::ok) return;
        expect(outcome.joined() == bytes,
               what + ": it answered ok with " + std::to_string(outcome.joined().size()) + " of " +
                   std::to_string(bytes.size()) + " bytes." + list(outcome.exchanges));
      });
}

void snapshots(Kit& kit, const Fault& fault) {
  Made made;
  fault_in_read(
      kit, fault, "snapshot",
      [&](Stage& stage) {
        made = make_ticket(kit, stage);
        stage.supplier().pass(kPause);
      },
      [&](Stage& stage) {
        return stage.snapshot(
            {.correlation = made.correlation,
             .external_id = made.external_id,
             .body = R"({"schema":"ombud.known/1","tickets":[)" + ticket_json() + "]}"});
      },
      [&](Stage&, const Outcome& outcome, const std::string& what) {
        if (outcome.status != Status::ok || outcome.documents.empty()) return;
        const auto copy = json::parse(outcome.documents.front());
        const bool said_gone = fault.code == 404 || fault.code == 410;
        expect((copy && (*copy)["exists"].boolean()) || said_gone,
               what +
                   ": it answered that the ticket is gone, and it is there. The hub would make "
                   "it anew." +
                   list(outcome.exchanges));
      });
}

void inject(Kit& kit, const Case& wanted) {
  kit.need_supplier();
  const Fault& fault = *wanted.fault;
  Stage probe(kit.subject);
  if (!probe.create()) fail("create " + describe(probe.create_outcome()) + ".");
  writes(kit, fault);
  finds(kit, fault);
  if (probe.offers(OMBUD_EXT_HEALTH)) {
    fault_in_read(
        kit, fault, "check", [](Stage&) {}, [](Stage& stage) { return stage.check(); },
        [](Stage&, const Outcome&, const std::string&) {});
  }
  if (probe.offers(OMBUD_EXT_POLL)) {
    polls(kit, fault);
    fetches(kit, fault);
  }
  if (probe.offers(OMBUD_EXT_SNAPSHOT)) snapshots(kit, fault);
}

}  // namespace

void add_fault_cases(std::vector<Case>& cases) {
  for (const Fault& fault : all_faults()) {
    cases.push_back({"faults." + fault.name, 3, fault.shows, inject, &fault});
  }
}

}  // namespace ombud::conformance
