// What would be sent, and what a recorded change means, without sending anything (ombud.replay/1).
#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.hpp"
#include "profile/text.hpp"
#include "rest/connector.hpp"

namespace ombud::rest {
namespace {

constexpr std::string_view kSecretOpens = "{{secret:";
constexpr std::size_t kBodyShownMax = 65'536;
constexpr std::size_t kRecordedMemberMax =
    24'000;  // a larger one, such as a whole page, is left out
constexpr std::size_t kRecordedListMax = 500;

// The host would fill them in; a reader must see that one is there, and no more.
std::string without_secrets(std::string text) {
  for (auto at = text.find(kSecretOpens); at != std::string::npos;
       at = text.find(kSecretOpens, at)) {
    const auto end = text.find("}}", at);
    text.replace(at, end == std::string::npos ? std::string::npos : end + 2 - at, "[secret]");
  }
  return text;
}

}  // namespace

std::string request_document(const sdk::HttpRequest& request, const std::string& what) {
  json::Writer out;
  out.begin_object().field("what", what).field("method", request.method);
  out.field("url", to_valid_utf8(without_secrets(request.url))).begin_object("headers");
  for (const auto& [name, value] : request.headers) {
    out.field(to_valid_utf8(name), to_valid_utf8(without_secrets(value)));
  }
  out.end_object();
  const std::string body = without_secrets(request.body);
  if (const auto parsed = json::parse(body); parsed && !body.empty()) {
    out.field("json", parsed->root());
  } else if (!body.empty()) {
    out.field("text", cut_utf8(to_valid_utf8(body), kBodyShownMax));
  }
  return out.end_object().take();
}

// A write goes to the paper; so does everything after it, for nothing was answered.
bool Run::takes_paper(Scope& scope, const profile::Step& step, const Sent& sent) {
  const bool reads = step.request.method == "GET" || step.request.login;
  if (reads && !unanswered()) return false;
  if (!reads) {
    sdk::HttpRequest shown = sent.request;
    if (profile().auth.kind != profile::AuthKind::login) authenticate(scope, step.request, shown);
    paper_->take(shown, sent.what);
    paper_->used = true;
  }
  scope.set("code", Value(std::int64_t{200}));
  scope.set("header", Value());
  scope.set("answer", Value());
  return true;
}

// The supplier's own words cannot be asked for: those that the maps name stand for themselves.
const std::vector<profile::ListEntry>& Run::made_up(std::string_view name) {
  std::vector<profile::ListEntry> entries;
  // First as they are written for the supplier, then as they are read from it, in lower case.
  for (const bool ours : {true, false}) {
    for (const auto& [map, table] : bound_.maps) {
      if (map.ends_with("_to") != ours) continue;
      for (const auto& [key, value] : table.entries) {
        const std::string& word = ours ? value : key;
        entries.push_back({word, word, ours ? key : value});
      }
    }
  }
  auto& kept = memory_.lists[std::string(name)];
  kept = std::move(entries);
  return kept;
}

void Run::record(Scope& scope, bool pushed) {
  if (!host_.records() || paper_ != nullptr) return;
  json::Writer out;
  out.begin_object().field("from", pushed ? "webhook" : "poll");
  // Not the settings: another mapping brings its own. Of a webhook `raw` and `row` say the same.
  out.key("names").raw(scope.written(
      kRecordedMemberMax,
      {"settings", "header", "raw", "page", "since", "since_ms", pushed ? "row" : "code"}));
  out.begin_object("lists");
  for (const auto& [name, entries] : memory_.lists) {
    if (entries.size() > kRecordedListMax) continue;
    out.begin_array(name);
    for (const profile::ListEntry& entry : entries) {
      out.begin_array().value(entry.id).value(entry.name).value(entry.otherwise).end_array();
    }
    out.end_array();
  }
  host_.record(call_, out.end_object().end_object().take());
}

void Run::take_up(json::View raw, Paper& paper) {
  paper.offline = true;
  write_on(paper);
  const json::View names = raw["names"];
  for (std::size_t i = 0; i < names.size(); ++i) {
    scope_.set(names.name_at(i), Value(names.member_at(i)));
  }
  if (raw["from"].text() == "webhook") scope_.set("row", Value(names["answer"]));
  const json::View lists = raw["lists"];
  for (std::size_t i = 0; i < lists.size(); ++i) {
    std::vector<profile::ListEntry>& entries = memory_.lists[std::string(lists.name_at(i))];
    const json::View rows = lists.member_at(i);
    for (std::size_t at = 0; at < rows.size(); ++at) {
      const json::View row = rows.at(at);
      entries.push_back({std::string(row.at(0).text()), std::string(row.at(1).text()),
                         std::string(row.at(2).text())});
    }
  }
}

void Rest::draw(Run& run, Paper& paper, std::string_view operation, const Write& write) {
  run.write_on(paper);
  if (operation == "put_ticket") {
    carry_out(run, write, "ombud.ticket/1", "ticket",
              write.external_id().empty() ? profile().create : profile().update);
  } else if (operation == "add_comment") {
    carry_out(run, write, "ombud.comment/1", "comment", profile().comment);
  } else if (operation == "add_attachment") {
    run.scope().set("content", Value("the attachment's bytes"));
    run.content("the attachment's bytes");
    carry_out(run, write, "ombud.attachment/1", "attachment", profile().attachment);
  } else {
    Failure failure;
    failure.message = fmt::format("There is no operation \"{}\".", operation);
    throw failure;
  }
}

Status Rest::render(const Call& call, std::string_view operation, const Write& write,
                    Sink& requests) {
  Memory memory;  // what a run that sends knows is not for this one, nor the other way
  Run run(host_, bound_, memory, call);
  Paper paper;
  paper.offline = true;
  paper.take = [&](const sdk::HttpRequest& request, const std::string& what) {
    requests.put(request_document(request, what));
  };
  return guarded(run, false, [&] { draw(run, paper, operation, write); });
}

Status Rest::interpret(const Call& call, std::string_view raw_json, Sink& changes) {
  Memory memory;
  Run run(host_, bound_, memory, call);
  Paper paper;
  return guarded(run, false, [&] {
    Failure failure;
    auto parsed = json::parse(raw_json);
    if (!parsed) {
      failure.message = "The recording could not be read: " + parsed.error().detail;
      throw failure;
    }
    const json::View raw = run.scope().keep(std::move(*parsed));
    const bool pushed = raw["from"].text() == "webhook";
    if (pushed ? !profile().webhook.present : !profile().poll.present) {
      failure.message = fmt::format("By this profile {} {}.", profile().title,
                                    pushed ? "sends no webhooks" : "is not polled");
      throw failure;
    }
    run.take_up(raw, paper);
    if (pushed && profile().webhook.has_when &&
        !profile().webhook.when.evaluate(run.scope()).truth()) {
      return;
    }
    if (!pushed && !profile().poll.ours.evaluate(run.scope()).truth()) return;
    push_events(run, run.scope(), pushed ? profile().webhook.events : profile().poll.events,
                changes);
  });
}

}  // namespace ombud::rest
