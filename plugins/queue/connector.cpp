#include "queue/connector.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "queue/amqp_line.hpp"
#include "queue/events.hpp"
#include "queue/zmq_line.hpp"
#include "shared/source.hpp"

namespace ombud::queue {
namespace {

using sdk::Status;

constexpr int kVersion = 1;
constexpr int kEventsPerBatch = 100;
constexpr int kQuestionsPerPoll = 12;
constexpr int kLooksPerPoll = 8;  // into a queue of events, after messages have left it
constexpr std::size_t kPieceBytes = 64U << 10U;
constexpr std::size_t kWordsBytesMax = 500;
constexpr std::int64_t kRetryAfterMsDefault = 30'000;

std::string words(json::View message) {
  return std::string(cut_utf8(message.text("it gave no reason"), kWordsBytesMax));
}

// The members of a reply or a match that the hub knows, taken over if they have the right type.
std::string reply_of(json::View from) {
  json::Writer out;
  out.begin_object();
  for (const char* name : {"external_id", "version", "url"}) {
    if (const std::string text = id_text(from[name]); !text.empty()) out.field(name, text);
  }
  if (from["changed"].is_array()) out.field("changed", from["changed"]);
  out.end_object();
  return out.take();
}

std::unique_ptr<Carrier> carrier_for(const Settings& settings) {
  if (settings.amqp) return std::make_unique<AmqpCarrier>(settings);
  return std::make_unique<ZmqCarrier>(settings);
}

}  // namespace

QueueConnector::QueueConnector(sdk::Host host, std::string_view config_json)
    : host_(host),
      settings_(read_settings(config_json,
                              [&host](std::string_view token) { return host.secret(token); })),
      carrier_(carrier_for(settings_)) {
  bytes_init();
}

QueueConnector::QueueConnector(sdk::Host host, Settings settings, std::unique_ptr<Carrier> carrier)
    : host_(host), settings_(std::move(settings)), carrier_(std::move(carrier)) {
  bytes_init();
}

Status QueueConnector::refuse(const sdk::Call& call, const Answer& answer, std::string_view wanted,
                              bool is_write) const {
  const std::string who = "The supplier's queue at " + settings_.endpoint;
  switch (answer.heard) {
    case Heard::stopped:
      return call.fail_as(Status::cancelled, "Stopped on request before it was sent.");
    case Heard::unsent:
      return call.fail_as(answer.refused ? Status::auth : Status::retry,
                          fmt::format("{} cannot be reached: {}.", who, answer.why));
    case Heard::silence:
      return call.fail_as(is_write ? Status::ambiguous : Status::retry,
                          fmt::format("{} did not answer: {}.", who, answer.why));
    case Heard::too_big:
      return call.fail_as(Status::permanent,
                          fmt::format("{} does not take it: {}.", who, answer.why));
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
  const auto line = carrier_->open(call);
  const Terms terms = greet(call, *line);
  if (terms.status != Status::ok) return terms.status;

  Question question;
  question.id = std::string(write.correlation());
  question.has_content = with_content;
  question.is_write = true;
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

  const Answer answer = line->ask(question);
  if (answer.heard != Heard::answer || answer.json["type"].text() != "ack") {
    return refuse(call, answer, "ack", true);
  }
  if (type == "put_ticket" && id_text(answer.json["external_id"]).empty()) {
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
  const auto line = carrier_->open(call);
  const Terms terms = greet(call, *line);
  if (terms.status != Status::ok) return terms.status;
  json::Writer out;
  out.begin_object().field("type", "find").field("id", "find").field("kind", kind);
  out.field("correlation", write.correlation())
      .field("external_id", write.external_id())
      .end_object();
  const Answer answer = line->ask({"find", out.take(), {}, false});
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
  const auto line = carrier_->open(call);
  if (EventQueue* queue = line->events()) return take_events(call, *queue, cursor, out);
  const Terms terms = greet(call, *line);
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
    const Answer answer = line->ask({id, ask.take(), {}, false});
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

// Nothing leaves the queue in the poll that hands it over: only the cursor of the next one proves
// that it is committed.
Status QueueConnector::take_events(const sdk::Call& call, EventQueue& queue,
                                   std::string_view cursor, sdk::Sink& out) {
  const auto proven = proven_by(cursor);
  std::vector<Delivered> waiting;
  for (int look = 1; look <= kLooksPerPoll; ++look) {
    const Answer seen = queue.receive(waiting);
    if (seen.heard != Heard::answer) return refuse(call, seen, "events", false);
    const auto gone = std::erase_if(waiting, [&](const Delivered& one) {
      return proven.contains(digest_of(one.body)) && queue.acknowledge(one.tag);
    });
    if (gone == 0) break;  // else there is room for more
  }
  std::vector<std::string> handed_over;
  std::string fault;
  std::size_t bytes = 0, faults = 0;
  for (const Delivered& one : waiting) {
    const auto event = json::parse(one.body);
    std::string wrong = one.body.size() > kEventBytesMax
                            ? "it is larger than 1 MiB; files belong behind a reference"
                        : event ? fault_of(event->root())
                                : "it is no JSON";
    if (!wrong.empty()) {
      const std::string what =
          fmt::format("message {} ({}…): {}", one.tag,
                      cut_utf8(to_valid_utf8(one.body.substr(0, 200)), 80), wrong);
      if (settings_.amqp && settings_.amqp->reject_unreadable && queue.reject(one.tag)) {
        host_.log(sdk::Host::warning,
                  "An event of the supplier cannot be read and went to the dead letters: " + what);
      } else if (++faults == 1) {
        fault = what;
      }
      continue;
    }
    std::string document = with_text_ids(event->root());
    if (bytes + document.size() > kPollBytesMax && bytes > 0) break;
    bytes += document.size();
    if (!out.put(document)) break;
    handed_over.push_back(digest_of(one.body));
  }
  if (!handed_over.empty()) {
    json::Writer last;
    last.begin_object().field("cursor", cursor_of(handed_over)).end_object();
    out.put(last.take());
  }
  if (faults == 0) return Status::ok;
  return call.fail_as(
      Status::retry,
      fmt::format("{} of the supplier's events cannot be taken and stay in the queue until "
                  "somebody takes them out of it; the others are not held up. The first is {}.",
                  faults, fault));
}

Status QueueConnector::attachment(const sdk::Call& call, std::string_view reference_json,
                                  sdk::Sink& bytes) {
  const auto reference = json::parse(reference_json);
  if (!reference) return call.fail_as(Status::permanent, reference.error().detail);
  const auto line = carrier_->open(call);
  const Terms terms = greet(call, *line);
  if (terms.status != Status::ok) return terms.status;
  json::Writer out;
  out.begin_object()
      .field("type", "fetch")
      .field("id", "fetch")
      .field("reference", reference->root());
  out.end_object();
  const Answer answer = line->ask({"fetch", out.take(), {}, false});
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
  const auto line = carrier_->open(call);
  const Answer seen = line->examine();
  if (seen.heard != Heard::answer) return refuse(call, seen, "", false);
  const Terms terms = greet(call, *line);
  if (terms.status != Status::ok) return terms.status;
  const Answer answer = line->ask({"ping", R"({"type":"ping","id":"ping"})", {}, false});
  if (answer.heard == Heard::answer && answer.json["type"].text() == "pong") return Status::ok;
  return refuse(call, answer, "pong", false);
}

}  // namespace ombud::queue
