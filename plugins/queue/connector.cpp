#include "queue/connector.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "base/json.hpp"

namespace ombud::queue {
namespace {

using sdk::Status;

constexpr int kVersion = 1;
constexpr int kEventsPerBatch = 100;
constexpr int kQuestionsPerPoll = 12;
constexpr std::size_t kEventBytesMax = 1U << 20U;
constexpr std::size_t kPollBytesMax = 6U << 20U;  // a reply to the hub holds 8 MiB
constexpr std::size_t kPieceBytes = 64U << 10U;
constexpr std::size_t kWordsBytesMax = 500;
constexpr std::int64_t kRetryAfterMsDefault = 30'000;

std::string words(json::View message) {
  return std::string(cut_utf8(message.text("it gave no reason"), kWordsBytesMax));
}

// Reads at most `bytes_max` + 1 bytes, so that too much is seen without reading it all.
std::optional<std::string> read_up_to(sdk::Source source, std::int64_t bytes_max) {
  std::string all;
  char piece[16384];
  while (static_cast<std::int64_t>(all.size()) <= bytes_max) {
    const std::int64_t got = source.read(piece, sizeof piece);
    if (got < 0) return std::nullopt;
    if (got == 0) return all;
    all.append(piece, static_cast<std::size_t>(got));
  }
  return all;
}

// The members of a reply or a match that the hub knows, taken over if they have the right type.
std::string reply_of(json::View from) {
  json::Writer out;
  out.begin_object();
  for (const char* name : {"external_id", "version", "url"}) {
    if (from[name].is_text()) out.field(name, from[name].text());
  }
  if (from["changed"].is_array()) out.field("changed", from["changed"]);
  out.end_object();
  return out.take();
}

// What is wrong with an event, or nothing.
std::string fault_of(json::View event) {
  if (event["schema"].text() != "ombud.change/1") return "its schema is not ombud.change/1";
  if (event["event_id"].text().empty()) return "it has no event_id";
  const std::string_view type = event["type"].text();
  if (type != "status" && type != "comment" && type != "attachment") return "its type is unknown";
  if (event["external_id"].text().empty() && event["correlation"].text().empty()) {
    return "it names no ticket (external_id or correlation)";
  }
  return {};
}

struct Batch {
  std::vector<std::string> documents;  // up to the first fault
  std::size_t bytes = 0;
  std::string fault;
};

Batch batch_of(json::View events) {
  Batch batch;
  for (std::size_t i = 0; i < events.size(); ++i) {
    std::string document = events.at(i).dump();
    batch.fault = document.size() > kEventBytesMax
                      ? "it is larger than 1 MiB; files belong behind a reference"
                      : fault_of(events.at(i));
    if (!batch.fault.empty()) return batch;
    batch.bytes += document.size();
    batch.documents.push_back(std::move(document));
  }
  return batch;
}

}  // namespace

QueueConnector::QueueConnector(sdk::Host host, std::string_view config_json)
    : settings_(read_settings(config_json,
                              [&host](std::string_view token) { return host.secret(token); })) {
  bytes_init();
}

Status QueueConnector::refuse(const sdk::Call& call, const Answer& answer, std::string_view wanted,
                              bool is_write) const {
  const std::string who = "The supplier's queue at " + settings_.endpoint;
  switch (answer.heard) {
    case Heard::stopped:
      return call.fail_as(Status::cancelled, "Stopped on request before it was sent.");
    case Heard::unsent:
      return call.fail_as(answer.keys_refused ? Status::auth : Status::retry,
                          fmt::format("{} cannot be reached: {}.", who, answer.why));
    case Heard::silence:
      return call.fail_as(is_write ? Status::ambiguous : Status::retry,
                          fmt::format("{} did not answer: {}.", who, answer.why));
    case Heard::answer:
      break;
  }
  const json::View said = answer.json.root();
  if (said["type"].text() != "nack") {
    return call.fail_as(is_write ? Status::ambiguous : Status::retry,
                        fmt::format("{} answered \"{}\" where \"{}\" was due.", who,
                                    cut_utf8(said["type"].text(), 50), wanted));
  }
  const std::string message = fmt::format("{} says: {}", who, words(said["message"]));
  const std::string_view verdict = said["verdict"].text();
  if (verdict == "retry") return call.fail_as(Status::retry, message);
  if (verdict == "permanent") return call.fail_as(Status::permanent, message);
  if (verdict == "auth") return call.fail_as(Status::auth, message);
  if (verdict == "rate_limited") {
    const std::int64_t after_ms =
        std::max<std::int64_t>(said["retry_after_ms"].integer(kRetryAfterMsDefault), 0);
    return call.fail_as(Status::rate_limited, message, 0, after_ms);
  }
  return call.fail_as(
      is_write ? Status::ambiguous : Status::retry,
      fmt::format("{} (with the unknown verdict \"{}\")", message, cut_utf8(verdict, 50)));
}

QueueConnector::Terms QueueConnector::greet(const sdk::Call& call, Line& line) const {
  json::Writer hello;
  hello.begin_object().field("type", "hello").field("id", "hello").field("version", kVersion);
  hello.field("desk", settings_.desk).end_object();
  const Answer answer = line.ask({"hello", hello.take(), {}, false});
  if (answer.heard == Heard::answer && answer.json["type"].text() == "welcome") {
    return {Status::ok,
            answer.json["attachment_bytes_max"].integer(settings_.attachment_bytes_max)};
  }
  const Status status = refuse(call, answer, "welcome", false);
  // A supplier that refuses to talk has not judged this ticket.
  return {status == Status::permanent ? Status::retry : status, 0};
}

Status QueueConnector::write(const sdk::Call& call, std::string_view type, const sdk::Write& write,
                             sdk::Sink& reply, bool with_content) const {
  const auto document = json::parse(write.body());
  if (!document) return call.fail_as(Status::permanent, document.error().detail);
  Line line(call, settings_);
  const Terms terms = greet(call, line);
  if (terms.status != Status::ok) return terms.status;

  Question question;
  question.id = std::string(write.correlation());
  question.has_content = with_content;
  if (with_content) {
    const auto source = write.content();
    if (!source) return call.fail_as(Status::permanent, "The attachment came without its bytes.");
    const std::int64_t bytes_max =
        std::min(terms.attachment_bytes_max, settings_.attachment_bytes_max);
    auto content = read_up_to(*source, bytes_max);
    if (!content) {
      return call.fail_as(Status::retry,
                          "The attachment's bytes could not be read; nothing was sent.");
    }
    if (static_cast<std::int64_t>(content->size()) > bytes_max) {
      return call.fail_as(
          Status::permanent,
          fmt::format("The attachment is larger than the {} bytes that the supplier or "
                      "settings.attachment_mib_max allow.",
                      bytes_max));
    }
    question.content = *std::move(content);
  }
  json::Writer out;
  out.begin_object().field("type", type).field("id", write.correlation());
  out.field("attempt", std::uint64_t{write.attempt()}).field("external_id", write.external_id());
  out.field("document", document->root()).end_object();
  question.json = out.take();

  const Answer answer = line.ask(question);
  if (answer.heard != Heard::answer || answer.json["type"].text() != "ack") {
    return refuse(call, answer, "ack", true);
  }
  if (type == "put_ticket" && answer.json["external_id"].text().empty()) {
    return call.fail_as(Status::ambiguous,
                        "The supplier acknowledged the ticket without telling its external_id.");
  }
  reply.put(reply_of(answer.json.root()));
  return Status::ok;
}

Status QueueConnector::put_ticket(const sdk::Call& call, const sdk::Write& w, sdk::Sink& reply) {
  return write(call, "put_ticket", w, reply, false);
}
Status QueueConnector::add_comment(const sdk::Call& call, const sdk::Write& w, sdk::Sink& reply) {
  return write(call, "add_comment", w, reply, false);
}
Status QueueConnector::add_attachment(const sdk::Call& call, const sdk::Write& w,
                                      sdk::Sink& reply) {
  return write(call, "add_attachment", w, reply, true);
}

Status QueueConnector::find(const sdk::Call& call, std::string_view kind, const sdk::Write& write,
                            sdk::Sink& matches) {
  Line line(call, settings_);
  const Terms terms = greet(call, line);
  if (terms.status != Status::ok) return terms.status;
  json::Writer out;
  out.begin_object().field("type", "find").field("id", "find").field("kind", kind);
  out.field("correlation", write.correlation())
      .field("external_id", write.external_id())
      .end_object();
  const Answer answer = line.ask({"find", out.take(), {}, false});
  const json::View list = answer.json["matches"];
  if (answer.heard != Heard::answer || answer.json["type"].text() != "matches" ||
      !list.is_array()) {
    return refuse(call, answer, "matches", false);
  }
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (!matches.put(reply_of(list.at(i)))) break;
  }
  return Status::ok;
}

Status QueueConnector::changes(const sdk::Call& call, std::string_view cursor, sdk::Sink& out) {
  Line line(call, settings_);
  const Terms terms = greet(call, line);
  if (terms.status != Status::ok) return terms.status;
  std::string after(cursor);
  Status status = Status::ok;
  int limit = kEventsPerBatch;
  std::size_t pushed_bytes = 0;
  for (int question = 1; question <= kQuestionsPerPoll; ++question) {
    const std::string id = fmt::format("events-{}", question);
    json::Writer ask;
    ask.begin_object().field("type", "events").field("id", id).field("after", after);
    ask.field("limit", limit).end_object();
    const Answer answer = line.ask({id, ask.take(), {}, false});
    const json::View events = answer.json["events"];
    if (answer.heard != Heard::answer || answer.json["type"].text() != "events" ||
        !events.is_array() || !answer.json["cursor"].is_text()) {
      status = refuse(call, answer, "events", false);
      break;
    }
    const Batch batch = batch_of(events);
    if (!batch.fault.empty()) {
      // Never skipped: the cursor stays before this batch until the supplier repairs it.
      status = call.fail_as(
          Status::retry,
          fmt::format("Event {} after cursor \"{}\" of the supplier cannot be taken: "
                      "{}. It and later ones wait until the supplier has corrected it.",
                      batch.documents.size() + 1, cut_utf8(after, 100), batch.fault));
      break;
    }
    // Only a whole batch has a cursor, so a batch that does not fit is asked for in smaller ones.
    if (pushed_bytes + batch.bytes > kPollBytesMax && (pushed_bytes > 0 || limit > 1)) {
      if (pushed_bytes > 0) break;
      limit /= 2;
      continue;
    }
    for (const std::string& document : batch.documents) out.put(document);
    pushed_bytes += batch.bytes;
    after = answer.json["cursor"].text();
    if (!answer.json["more"].boolean(false)) break;
  }
  // What was handed over whole counts, even if a later batch failed.
  if (after != cursor) {
    json::Writer last;
    last.begin_object().field("cursor", after).end_object();
    out.put(last.take());
  }
  return status;
}

Status QueueConnector::attachment(const sdk::Call& call, std::string_view reference_json,
                                  sdk::Sink& bytes) {
  const auto reference = json::parse(reference_json);
  if (!reference) return call.fail_as(Status::permanent, reference.error().detail);
  Line line(call, settings_);
  const Terms terms = greet(call, line);
  if (terms.status != Status::ok) return terms.status;
  json::Writer out;
  out.begin_object()
      .field("type", "fetch")
      .field("id", "fetch")
      .field("reference", reference->root());
  out.end_object();
  const Answer answer = line.ask({"fetch", out.take(), {}, false});
  if (answer.heard != Heard::answer || answer.json["type"].text() != "content") {
    return refuse(call, answer, "content", false);
  }
  std::string_view left = answer.content;
  while (!left.empty()) {
    if (!bytes.put(left.substr(0, kPieceBytes))) break;
    left.remove_prefix(std::min(kPieceBytes, left.size()));
  }
  return Status::ok;
}

Status QueueConnector::check(const sdk::Call& call) {
  Line line(call, settings_);
  const Terms terms = greet(call, line);
  if (terms.status != Status::ok) return terms.status;
  const Answer answer = line.ask({"ping", R"({"type":"ping","id":"ping"})", {}, false});
  if (answer.heard == Heard::answer && answer.json["type"].text() == "pong") return Status::ok;
  return refuse(call, answer, "pong", false);
}

}  // namespace ombud::queue
