// What the operator wants to know of a queue before the first ticket (ombud.probe/1). Nothing but
// hello and ping is said.
#include <fmt/format.h>

#include "base/json.hpp"
#include "queue/connector.hpp"

namespace ombud::queue {
namespace {

using sdk::Status;

void push(sdk::Sink& out, std::string_view check, std::string_view subject, std::string_view state,
          std::string_view detail, std::string_view advice = {}) {
  json::Writer text;
  text.begin_object().field("check", check).field("subject", subject).field("state", state);
  text.field("detail", detail);
  if (!advice.empty()) text.field("advice", advice);
  out.put(text.end_object().take());
}

}  // namespace

Status QueueConnector::probe(const sdk::Call& call, std::string_view question_json,
                             sdk::Sink& findings) {
  const bool open = settings_.amqp ? !settings_.amqp->tls : !settings_.zmq.encrypted();
  const bool here = settings_.endpoint.starts_with("ipc://") ||
                    settings_.endpoint.find("//127.") != std::string::npos ||
                    settings_.endpoint.find("//localhost") != std::string::npos;
  push(findings, "encryption", settings_.endpoint,
       open && !here ? "warn"
       : open        ? "skip"
                     : "ok",
       open ? "The connection is not encrypted." : "The connection is encrypted.",
       open && !here ? "Set server_public_key and secret_key (ombud supplier key), or use amqps://."
                     : "");
  // What goes wrong from here on is told as the answer of the whole.
  const auto line = carrier_->open(call);
  const Answer seen = line->examine();
  if (seen.heard != Heard::answer) return refuse(call, seen, "", false);
  push(findings, "connection", settings_.endpoint, "ok",
       settings_.amqp ? "The broker answers, and exchange and queues are there."
                      : "The way to the supplier is open.");
  const Terms terms = greet(call, *line);
  if (terms.status != Status::ok) return terms.status;
  push(findings, "credentials", settings_.desk, "ok",
       fmt::format("The supplier welcomes us as \"{}\" and takes attachments of up to {} bytes.",
                   settings_.desk, terms.attachment_bytes_max));
  if (terms.attachment_bytes_max < settings_.attachment_bytes_max) {
    push(findings, "setup", "attachment_mib_max", "warn",
         fmt::format("settings.attachment_mib_max allows {} bytes, more than the supplier takes.",
                     settings_.attachment_bytes_max),
         "Lower it, so that the desk is told before an attachment is handed over.");
  }
  const Answer answer = line->ask({"ping", R"({"type":"ping","id":"ping"})", {}, false});
  if (answer.heard != Heard::answer || answer.json["type"].text() != "pong") {
    return refuse(call, answer, "pong", false);
  }
  push(findings, "supplier", settings_.endpoint, "ok", "The supplier answers a ping.");

  const auto question = json::parse(question_json);
  const json::View samples = question ? (*question)["samples"] : json::View();
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const json::View sample = samples.at(i);
    json::Writer text;
    text.begin_object().field("check", "dry-run").field("subject", sample["operation"].text());
    text.field("state", "ok");
    text.field("detail", "A sample ticket would become one message; nothing was sent.");
    text.begin_array("requests").begin_object();
    text.field("what", sample["operation"].text()).field("method", "MESSAGE");
    text.field("url", settings_.endpoint).begin_object("headers").end_object();
    text.begin_object("json").field("type", sample["operation"].text());
    text.field("id", sample["correlation"].text()).field("attempt", 1).field("external_id", "");
    text.field("document", sample["document"]).end_object();
    findings.put(text.end_object().end_array().end_object().take());
  }
  return Status::ok;
}

}  // namespace ombud::queue
