// The steps of an operation: in which order, under which condition, and what must hold.
#include "rest/run.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "profile/text.hpp"

namespace ombud::rest {

namespace {

constexpr std::size_t kElementsMax = 1'000;  // of a for_each

Status status_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok:
      return Status::ok;
    case Outcome::retry:
      return Status::retry;
    case Outcome::rate_limited:
      return Status::rate_limited;
    case Outcome::auth:
      return Status::auth;
    case Outcome::permanent:
      return Status::permanent;
    case Outcome::ambiguous:
      return Status::ambiguous;
    case Outcome::cancelled:
      return Status::cancelled;
  }
  return Status::ambiguous;
}

bool lists(const Value& list, const std::string& name) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list.at(i).shown() == name) return true;
  }
  return false;
}

}  // namespace

void set_page(Scope& scope, std::int64_t rows, std::int64_t page) {
  json::Writer out;
  out.begin_object().field("rows", rows).field("offset", rows * page).field("number", page + 1);
  scope.set("page", Value(scope.keep(json::parse(out.end_object().take()).value())));
}

Run::Run(const Host& host, const profile::Bound& bound, Memory& memory, const Call& call)
    : host_(host), bound_(bound), memory_(memory), call_(call), scope_(*this) {
  scope_.set("settings", Value(bound.settings.root()));
}

void Run::forget_what_is_proven() {
  memory_.lists.clear();
  memory_.proven.clear();
}

Failure Run::failure_of(const profile::Refused& refused) {
  Failure failure;
  failure.status = status_of(refused.outcome);
  failure.message = refused.message;
  return failure;
}

Status Run::fail(Failure failure, bool write) const {
  Status status = failure.status;
  if (write && touched_ && !failure.proof && status != Status::ambiguous) {
    status = Status::ambiguous;
    failure.message +=
        " What was sent before this may have taken effect, so the ticket is looked for first.";
    failure.retry_after_ms = -1;
  }
  if (!write && status == Status::ambiguous) status = Status::retry;
  return call_.fail_as(status, failure.message, failure.code, failure.retry_after_ms);
}

void Run::steps(const profile::Steps& steps) {
  for (const profile::Step& each : steps) step(each);
}

void Run::step(const profile::Step& step) {
  step_in(scope_, step);
}

void Run::step_in(Scope& scope, const profile::Step& step) {
  if (step.has_when && !step.when.evaluate(scope).truth()) return;
  if (step.once && memory_.proven.contains(step.name)) return;
  if (!step.has_for_each) {
    attempt(scope, step);
  } else {
    const Value list = step.for_each.evaluate(scope);
    bool held = false;
    for (std::size_t i = 0; i < std::min(list.size(), kElementsMax) && !held; ++i) {
      scope.set("item", list.at(i));
      attempt(scope, step);
      held = step.has_until && step.until.evaluate(scope).truth();
    }
    scope.set("item", Value());
    if (step.has_otherwise && step.has_until && !held && !unanswered()) {
      Failure failure;
      failure.status = status_of(step.otherwise.outcome);
      failure.message = step.otherwise.message.text(scope);
      failure.proof = step.otherwise.proof;
      throw failure;
    }
  }
  if (step.once) memory_.proven.insert(step.name);
}

void Run::attempt(Scope& scope, const profile::Step& step) {
  if (!step.read_back && step.optional.empty()) return perform(scope, step);
  Failure failure;
  try {
    perform(scope, step);
    return;
  } catch (const Failure& failed) {
    failure = failed;
  } catch (const profile::Refused& refused) {
    failure = failure_of(refused);
  }
  if (step.read_back) {
    log(Host::warning, "It was sent but could not be read back: " + failure.message);
    differing_.clear();
    scope.set("stored", Value());
    throw Finished{};
  }
  if (failure.status != Status::permanent) throw failure;
  log(Host::warning, failure.message);
  refused_.push_back(step.optional);
}

std::vector<std::string> Run::differing() const {
  std::vector<std::string> all = differing_;
  for (const std::string& name : refused_) {
    if (std::find(all.begin(), all.end(), name) == all.end()) all.push_back(name);
  }
  return all;
}

// Two fields that put the same member contradict each other.
Value Run::table_of(Scope& scope, json::Writer& out) const {
  auto parsed = json::parse(out.take());
  if (parsed) return Value(scope.keep(std::move(*parsed)));
  Failure failure;
  failure.message = "The profile's fields put the same member twice: " + parsed.error().detail;
  throw failure;
}

void Run::perform(Scope& scope, const profile::Step& step) {
  if (!step.use.empty()) {
    const auto found = profile().steps.find(step.use);
    for (const profile::Step& inner : found->second) step_in(scope, inner);
  }
  if (step.request.present) {
    if (step.page_rows > 0) {
      read_pages(scope, step);
    } else {
      exchange(scope, step);
    }
    if (!step.name.empty()) scope.set(step.name, scope.get("answer"));
  }
  for (const auto& [name, text] : step.let) scope.set(name, text.evaluate(scope));
  require(scope, step);
  if (step.has_stored) compare(scope, step);
}

void Run::require(Scope& scope, const profile::Step& step) {
  if (unanswered()) return;
  for (const profile::Requirement& rule : step.require) {
    if (rule.is.evaluate(scope).truth()) continue;
    Failure failure;
    failure.status = status_of(rule.outcome);
    failure.message = rule.message.text(scope);
    if (step.request.present) {
      failure.code = static_cast<int>(scope.get("code").number().value_or(0));
    }
    failure.proof = rule.proof;
    throw failure;
  }
}

void Run::set_fields() {
  json::Writer out;
  out.begin_object();
  for (const profile::Field& field : profile().fields) field.put.write_members(scope_, out);
  out.end_object();
  scope_.set("fields", table_of(scope_, out));
}

void Run::compare(Scope& scope, const profile::Step& step) {
  scope.set("stored", step.stored.evaluate(scope));
  differing_.clear();
  json::Writer out;
  out.begin_object();
  Value::List names;
  const Value only = scope.get("ticket").member("only");  // a repair: no other field is touched
  for (const profile::Field& field : profile().fields) {
    if (only.is_list() && !lists(only, field.name)) continue;
    if (field.same.evaluate(scope).truth()) continue;
    differing_.push_back(field.name);
    names.emplace_back(field.name);
    if (!touched_) field.put.write_members(scope, out);
  }
  out.end_object();
  scope.set("differing", Value(std::move(names)));
  if (touched_) return;
  scope.set("changes", table_of(scope, out));
  if (ends_when_same_ && differing_.empty() && !unanswered()) throw Finished{};
}

Value Run::rows(Scope& scope, const profile::Search& search) {
  scope.set("answer", Value());
  step_in(scope, search.step);
  return search.rows.evaluate(scope);
}

const std::vector<profile::ListEntry>& Run::list(std::string_view name, bool again) {
  const auto known = memory_.lists.find(name);
  const bool fresh = known == memory_.lists.end();
  if (!fresh && (!again || read_again_.contains(name))) return known->second;
  if (unanswered()) return fresh ? made_up(name) : known->second;
  read_again_.emplace(name);  // at most once in an operation
  const profile::List& list = profile().lists.find(name)->second;
  Scope scope(scope_);
  step_in(scope, list.step);
  const Value rows = list.rows.evaluate(scope);
  std::vector<profile::ListEntry> entries;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Value item = rows.at(i);
    const Scope::Within within(scope, item);
    entries.push_back({list.id.text(scope), list.name.text(scope), list.otherwise.text(scope)});
  }
  auto& kept = memory_.lists[std::string(name)];
  kept = std::move(entries);
  return kept;
}

std::optional<std::string> Run::mapped(std::string_view map, std::string_view key) const {
  const auto table = bound_.maps.find(map);
  if (table == bound_.maps.end()) return std::nullopt;
  const auto found = table->second.entries.find(profile::to_lower(key));
  if (found != table->second.entries.end()) return found->second;
  const auto rest = table->second.entries.find("*");
  return rest == table->second.entries.end() ? std::nullopt : std::optional(rest->second);
}

const profile::Template* Run::defined(std::string_view name) const {
  const auto found = profile().defines.find(name);
  return found == profile().defines.end() ? nullptr : &found->second;
}

}  // namespace ombud::rest
