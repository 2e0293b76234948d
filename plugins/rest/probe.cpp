// What the operator wants to know before a supplier gets its first ticket (ombud.probe/1): the
// profile's [check], step by step, and the requests that a sample would become.
#include <fmt/format.h>

#include <algorithm>

#include "rest/connector.hpp"

namespace ombud::rest {
namespace {

constexpr std::size_t kElementsMax = 200;  // of a step's for_each

struct Finding {
  std::string check, subject, state, detail, advice = {};
};

void push(Sink& out, const Finding& finding, const std::vector<std::string>& requests = {}) {
  json::Writer text;
  text.begin_object().field("check", finding.check).field("subject", finding.subject);
  text.field("state", finding.state).field("detail", finding.detail);
  if (!finding.advice.empty()) text.field("advice", finding.advice);
  if (!requests.empty()) {
    text.begin_array("requests");
    for (const std::string& request : requests) text.raw(request);
    text.end_array();
  }
  out.put(text.end_object().take());
}

const char* kind_of(const profile::Step& step, std::size_t index) {
  const bool computes = !step.request.present && step.use.empty();
  return index == 0 ? "credentials" : computes && step.has_for_each ? "values" : "setup";
}

std::string named(const profile::Step& step) {
  return !step.proves.empty() ? step.proves : !step.use.empty() ? step.use : step.name;
}

std::string sentence(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 32);
  return text + ".";
}

// Whatever the step's kind, a refusal has its own.
std::string kind_of(const Failure& failure, const char* otherwise) {
  if (failure.code == 401) return "credentials";
  if (failure.status == Status::auth)
    return std::string(otherwise) == "credentials" ? otherwise : "rights";
  if (failure.code == 0 && failure.status == Status::retry) return "connection";
  return otherwise;
}

// None: it passed.
std::optional<Failure> attempt(Run& run, const profile::Step& step) {
  try {
    run.step(step);
    return std::nullopt;
  } catch (const Finished&) {
    return std::nullopt;
  } catch (const Failure& failure) {
    return failure;
  } catch (const profile::Refused& refused) {
    return Run::failure_of(refused);
  }
}

// Steps that only look at each element of a list are asked for every one, so that an operator hears
// of all that is wrong at once.
std::vector<Failure> failures_of(Run& run, const profile::Step& step) {
  std::vector<Failure> all;
  if (!step.has_for_each || step.has_until || step.request.present) {
    if (auto failed = attempt(run, step)) all.push_back(std::move(*failed));
    return all;
  }
  Value list;
  try {
    list = step.for_each.evaluate(run.scope());
  } catch (const profile::Refused& refused) {
    return {Run::failure_of(refused)};
  }
  profile::Step one = step;
  one.has_for_each = false;
  for (std::size_t i = 0; i < std::min(list.size(), kElementsMax); ++i) {
    run.scope().set("item", list.at(i));
    auto failed = attempt(run, one);
    if (!failed) continue;
    const bool told = std::any_of(all.begin(), all.end(), [&](const Failure& known) {
      return known.message == failed->message;
    });
    if (!told) all.push_back(std::move(*failed));
  }
  run.scope().set("item", Value());
  return all;
}

// Somebody answered, and not that he does not let us in or is busy.
bool is_of_a_stranger(const Failure& failure) {
  const int code = failure.code;
  return code >= 200 && code < 500 && code != 401 && code != 403 && code != 408 && code != 429;
}

// Whether what answers is no supplier of the profile's kind: it knows nothing of the first
// question, nor of any that has but one good answer, nor of at least one more.
class Stranger {
 public:
  void look(const profile::Step& step, const std::vector<Failure>& failures) {
    const bool strange = std::any_of(failures.begin(), failures.end(), is_of_a_stranger);
    const bool plain = step.request.present && step.accept.empty();
    known_ = known_ || ((plain || first_) && !strange);
    first_ = false;
    strange_ += strange ? 1 : 0;
  }
  bool is_one() const { return !known_ && strange_ >= 2; }

 private:
  bool first_ = true, known_ = false;
  int strange_ = 0;
};

}  // namespace

Status Rest::probe(const Call& call, std::string_view question_json, Sink& findings) {
  Memory memory;  // everything is asked anew
  Run run(host_, bound_, memory, call);
  bool reached = true, failed_before = false;
  std::size_t left_out = 0;
  std::vector<Finding> found;
  Stranger stranger;
  for (std::size_t i = 0; i < profile().check.size(); ++i) {
    const profile::Step& step = profile().check[i];
    if (!reached) {
      ++left_out;
      continue;
    }
    const char* kind = kind_of(step, i);
    const auto failures = failures_of(run, step);
    for (const Failure& failure : failures) {
      found.push_back({kind_of(failure, kind), named(step), "fail", failure.message,
                       failed_before ? "This may follow from what failed before it." : ""});
      reached =
          reached && failure.code != 401 && (failure.code != 0 || failure.status != Status::retry);
    }
    const bool looked = !step.has_when || step.when.evaluate(run.scope()).truth();
    failed_before = failed_before || !failures.empty();
    if (looked) stranger.look(step, failures);
    if (failures.empty() && looked) {
      found.push_back({kind, named(step), "ok",
                       step.proves.empty()
                           ? fmt::format("{} answers as it should.", profile().title)
                           : sentence(step.proves)});
    }
  }
  if (stranger.is_one()) {  // said first: all else follows from it
    push(findings, {"address", profile().title, "fail",
                    fmt::format("Something answers there, and it does not look like a {}: it "
                                "knows nothing of what was asked.",
                                profile().title),
                    "Set settings.url to the supplier's own address, with the path that it may "
                    "be reached below."});
  }
  for (const Finding& finding : found) push(findings, finding);
  if (left_out > 0) {
    push(findings, {"setup", "", "skip",
                    fmt::format("{} more of the profile's checks were left out.", left_out)});
  }
  const auto question = json::parse(question_json);
  const json::View samples = question ? (*question)["samples"] : json::View();
  for (std::size_t i = 0; i < samples.size() && reached; ++i) {
    const std::string operation(samples.at(i)["operation"].text());
    const std::string body = samples.at(i)["document"].dump();
    const std::string correlation(samples.at(i)["correlation"].text());
    const ombud_write raw{sizeof(ombud_write), 1,      sdk::bytes(correlation), {},
                          sdk::bytes(body),    nullptr};
    std::vector<std::string> requests;
    Paper paper;
    paper.take = [&](const sdk::HttpRequest& request, const std::string& what) {
      requests.push_back(request_document(request, what));
    };
    Run dry(host_, bound_, memory, call);
    std::optional<Failure> failed;
    try {
      draw(dry, paper, operation, Write(&raw));
    } catch (const Finished&) {  // what follows is not needed
    } catch (const Failure& failure) {
      failed = failure;
    } catch (const profile::Refused& refused) {
      failed = Run::failure_of(refused);
    }
    if (failed) {
      push(findings,
           {"dry-run", operation, "fail",
            "A sample ticket could not be written: " + failed->message},
           requests);
    } else {
      push(findings,
           {"dry-run", operation, requests.empty() ? "warn" : "ok",
            fmt::format("A sample ticket would become {} request{}; nothing was sent.",
                        requests.size(), requests.size() == 1 ? "" : "s")},
           requests);
    }
  }
  return Status::ok;
}

}  // namespace ombud::rest
