// A connector to a supplier that does not exist, right in every way but the one that OMBUD_SIN
// names. Each deviation is one `if constexpr`, so that it can be seen beside what is right.
#include <ombud/connector.hpp>
#include <ombud/json.hpp>

#include <cstdlib>
#include <map>
#include <memory>
#include <stdexcept>
#include <thread>

#include "sins.hpp"

namespace {

using namespace ombud::sdk;

constexpr Sin kSin = Sin::OMBUD_SIN;

constexpr const char* kCapabilities[] = {"attachments", nullptr};
constexpr const char* kSchema = kSin == Sin::secret_in_clear
                                    ? R"({"type":"object","required":["url","token"],"properties":{
             "url":{"type":"string","description":"Its address"},
             "token":{"description":"Its token"}}})"
                                    : R"({"type":"object","required":["url","token"],"properties":{
             "url":{"type":"string","description":"Its address"},
             "token":{"description":"Its token","x-secret":true}}})";
constexpr std::size_t kPageEvents = 50;
constexpr std::size_t kCutBytes = 100'000;

[[maybe_unused]] std::string_view kept_cursor;  // of keeps_pointer
[[maybe_unused]] int last_code = 0;             // of throws_across

struct Answer {
  Status status = Status::ok;
  int code = 0;
  std::int64_t retry_after_ms = -1;
  std::string words;
  Json body;
  bool ok() const { return status == Status::ok; }
};

class TinyDesk {
 public:
  TinyDesk(Host host, std::string_view config) : host_(host) {
    const auto settings = Json::parse(config);
    if constexpr (kSin == Sin::takes_any_settings) {
      url_ = "https://tiny.example";
      token_ = "token";
    }
    if (settings && !(*settings)["url"].text().empty()) url_ = (*settings)["url"].text();
    if (settings && !(*settings)["token"]["$secret"].text().empty()) {
      token_ = (*settings)["token"]["$secret"].text();
    }
    if (!settings || url_.empty() || token_.empty()) {
      throw std::invalid_argument(
          "settings.url must be the desk's address and settings.token a secret.");
    }
    if constexpr (kSin == Sin::starts_thread) {
      static const bool kStarted = [] {
        std::thread([] { std::this_thread::sleep_for(std::chrono::hours(1)); }).detach();
        return true;
      }();
      static_cast<void>(kStarted);
    }
  }

  Status put_ticket(const Call& call, const Write& write, Sink& reply) {
    const auto ticket = Json::parse(write.body());
    if (!ticket || (*ticket)["schema"].text() != "ombud.ticket/1") return not_understood(call);
    std::string text((*ticket)["description"].text());
    if constexpr (kSin == Sin::cuts_texts) {
      if (text.size() > kCutBytes) text.resize(kCutBytes);
    }
    const std::string id(write.external_id());
    JsonObject body;
    body.add("subject", (*ticket)["subject"].text()).add("text", text);
    body.add("status", (*ticket)["status"].text()).add("desk", (*ticket)["reference"].text());
    if (id.empty()) body.add("ref", write.correlation());
    const std::string target = id.empty() ? "/tickets" : "/tickets/" + percent_encode(id);
    Answer made = send(call, id.empty() ? "POST" : "PUT", target, body.text());
    if constexpr (kSin == Sin::makes_missing) {
      if (made.code == 404 && id.find('/') != std::string::npos)
        made = send(call, "POST", "/tickets", body.text());
    }
    if constexpr (kSin == Sin::sends_twice) {
      if (made.status == Status::ambiguous && made.code == 0 && id.empty()) {
        const Answer again = send(call, "POST", target, body.text());
        if (again.status != Status::retry) made = again;
      }
    }
    if constexpr (kSin == Sin::ignores_cancel) {
      for (int i = 0; i < 6; ++i) send(call, "GET", "/me");
    }
    if (!made.ok()) return fail(call, made);
    if (id.empty() && made.body["id"].text().empty()) {
      return call.fail_as(Status::ambiguous, "The desk took the ticket and gave it no id.");
    }
    reply.put(JsonObject().add("external_id", id.empty() ? made.body["id"].text() : id).text());
    return Status::ok;
  }

  Status add_comment(const Call& call, const Write& write, Sink& reply) {
    const auto comment = Json::parse(write.body());
    if (!comment || (*comment)["schema"].text() != "ombud.comment/1") return not_understood(call);
    JsonObject body;
    body.add("text", std::string((*comment)["text"].text()) + "\n[" +
                         std::string(write.correlation()) + "]");
    body.add("public", kSin == Sin::shows_private || (*comment)["public"].boolean());
    return below(call, write, "comments", body.text(), reply);
  }

  Status add_attachment(const Call& call, const Write& write, Sink& reply) {
    const auto file = Json::parse(write.body());
    if (!file || (*file)["schema"].text() != "ombud.attachment/1") return not_understood(call);
    auto source = write.content();
    const auto bytes = source ? source->read_all() : std::nullopt;
    if (!bytes) return call.fail_as(Status::retry, "The attachment's bytes could not be read.");
    return below(call, write,
                 "files?name=" + percent_encode((*file)["name"].text()) +
                     "&ref=" + percent_encode(write.correlation()),
                 *bytes, reply);
  }

  Status find(const Call& call, std::string_view kind, const Write& write, Sink& matches) {
    const std::string ref(write.correlation());
    if (kind == "ticket") {
      const Answer found = send(call, "GET", "/tickets?ref=" + percent_encode(ref));
      if constexpr (kSin == Sin::denies_when_hidden) {
        if (found.code == 404) return Status::ok;
      }
      if (!found.ok()) return fail(call, found);
      if (!found.body["tickets"].is_array()) return strange(call);
      for (const Json& one : found.body["tickets"].items()) {
        const bool same = kSin == Sin::finds_beginnings ? one["ref"].text().starts_with(ref)
                                                        : one["ref"].text() == ref;
        if (same) matches.put(JsonObject().add("external_id", one["id"].text()).text());
      }
      return Status::ok;
    }
    if (kind != "comment" && kind != "attachment") {
      return call.fail_as(Status::permanent, "This desk has tickets, comments and attachments.");
    }
    const Answer found = send(call, "GET", "/tickets/" + percent_encode(write.external_id()));
    if (!found.ok()) return fail(call, found);
    if (!found.body["comments"].is_array() || !found.body["files"].is_array()) {
      return strange(call);
    }
    for (const Json& one : found.body[kind == "comment" ? "comments" : "files"].items()) {
      const bool same = kind == "attachment" ? one["ref"].text() == ref
                        : kSin == Sin::finds_quotes
                            ? one["text"].text().find("[" + ref + "]") != std::string_view::npos
                            : one["text"].text().ends_with("\n[" + ref + "]");
      if (same) matches.put(JsonObject().add("external_id", one["id"].text()).text());
    }
    return Status::ok;
  }

  Status check(const Call& call) {
    const Answer me = send(call, "GET", "/me");
    return me.ok() ? Status::ok : fail(call, me);
  }

  Status changes(const Call& call, std::string_view cursor, Sink& out) {
    if constexpr (kSin == Sin::keeps_pointer) {
      // What stands there now must decide nothing, or other cases would tell by chance.
      if (!kept_cursor.empty()) [[maybe_unused]]
        const volatile char looked = kept_cursor[0];
      kept_cursor = cursor;
    }
    if constexpr (kSin == Sin::grows) {
      static std::vector<std::unique_ptr<std::string>> kept;
      kept.push_back(std::make_unique<std::string>(200, 'x'));
    }
    if (cursor.find_first_not_of("0123456789") != std::string_view::npos || cursor.size() > 9) {
      host_.log(Host::warning, "The cursor is none of ours: reading everything again.");
      cursor = {};
    }
    std::string at(cursor.empty() ? "0" : cursor), suffix;
    static int times = 0;
    if constexpr (kSin == Sin::renames_events) suffix = "-" + std::to_string(++times);
    bool wanted = true;
    std::map<std::string, int> told;  // of each ticket
    for (bool more = true; more && wanted;) {
      const Answer page = send(call, "GET", "/events?after=" + at);
      if (!page.ok()) return fail(call, page);
      if (!page.body["events"].is_array()) return strange(call);
      const auto& events = page.body["events"].items();
      for (const Json& event : events) {
        if constexpr (kSin == Sin::trusts_answers) {
          if (event["ticket"].text().empty()) std::abort();
        }
        if (event["id"].text().empty() || event["ticket"].text().empty()) return strange(call);
        if constexpr (kSin == Sin::trusts_addresses) {
          if (!event["url"].text().empty()) send_to(call, "GET", std::string(event["url"].text()));
        }
        if constexpr (kSin == Sin::cuts_talks) {
          at = event["id"].text();
          if (++told[std::string(event["ticket"].text())] > 100) continue;
        }
        wanted = push(event, out, suffix) || kSin == Sin::pushes_on;
        at = event["id"].text();
        if (!wanted) break;
      }
      more = events.size() == kPageEvents;
      if (kSin == (more ? Sin::forgets_second_page : Sin::runs_ahead)) {
        const Answer last = send(call, "GET", "/events/last");
        if (!last.ok()) return fail(call, last);
        if (!last.body["id"].text().empty() && wanted) at = last.body["id"].text();
        if constexpr (kSin == Sin::forgets_second_page) break;
      }
    }
    out.put(JsonObject().add("cursor", at).text());
    return Status::ok;
  }

  Status decode(const Call& call, std::string_view headers, std::string_view body, Sink& out) {
    const auto marks = Json::parse(headers);
    const auto event = Json::parse(body);
    const std::string expected = "tiny-" + std::to_string(checksum(body));
    if (kSin != Sin::accepts_forged && (!marks || (*marks)["x-tiny-mark"].text() != expected)) {
      return call.fail_as(Status::auth, "The message does not carry the desk's mark.");
    }
    if (!event || (*event)["id"].text().empty() || (*event)["ticket"].text().empty()) {
      return call.fail_as(Status::permanent, "The message is none of the desk's.");
    }
    push(*event, out);
    return Status::ok;
  }

  Status attachment(const Call& call, std::string_view reference, Sink& bytes) {
    const auto parsed = Json::parse(reference);
    const std::string id(parsed ? (*parsed)["id"].text() : "");
    if (id.empty()) return call.fail_as(Status::permanent, "This names no file.");
    HttpResponse head;
    std::string error;
    bool stopped = false;
    const Status transport = host_.send(call, request("GET", url_ + "/files/" + percent_encode(id)),
                                        head, [&](std::string_view piece) {
                                          if (head.code != 200) return false;
                                          stopped = !bytes.put(piece);
                                          return !stopped;
                                        });
    if (stopped) return Status::ok;
    const Answer answer = judge(transport, head, "GET");
    return answer.ok() ? Status::ok : fail(call, answer);
  }

 private:
  static std::uint32_t checksum(std::string_view text) {
    std::uint32_t sum = 2'166'136'261U;
    for (const char c : text) sum = (sum ^ static_cast<unsigned char>(c)) * 16'777'619U;
    return sum;
  }

  Status below(const Call& call, const Write& write, const std::string& what, std::string body,
               Sink& reply) {
    const Answer made =
        send(call, "POST", "/tickets/" + percent_encode(write.external_id()) + "/" + what,
             std::move(body));
    if (!made.ok()) return fail(call, made);
    reply.put(JsonObject().add("external_id", made.body["id"].text()).text());
    return Status::ok;
  }

  // False: the sink wants no more.
  bool push(const Json& event, Sink& out, const std::string& suffix = {}) {
    const std::string_view kind = event["kind"].text();
    JsonObject change;
    const std::string id = std::string(event["id"].text()) + suffix;
    change.add("schema", "ombud.change/1").add("event_id", id);
    change.add("external_id", event["ticket"].text()).add("correlation", event["ref"].text());
    const bool ours = event["ours"].boolean();
    if (kind == "status") {
      if (ours) return true;
      const std::string_view status = event["status"].text();
      if (status != "new" && status != "in_progress" && status != "waiting" &&
          status != "resolved" && status != "closed") {
        return true;
      }
      change.add("type", "status").add("status", status);
    } else if (kind == "comment") {
      std::string text(event["text"].text());
      const std::size_t mark = text.rfind("\n[");
      if (ours && mark != std::string::npos && text.ends_with(']') && kSin != Sin::hides_echo) {
        change.add("echo_of", text.substr(mark + 2, text.size() - mark - 3));
      }
      change.add("type", "comment");
      JsonObject comment;
      if (!(ours && kSin == Sin::hides_echo)) comment.add("id", event["object"].text());
      comment.add("text", text).add("public", event["public"].boolean());
      change.add_json("comment", comment.add("author", event["author"].text()).text());
    } else if (kind == "file" && !event["name"].text().empty()) {
      if (ours) change.add("echo_of", event["file_ref"].text());
      change.add("type", "attachment");
      JsonObject file;
      file.add("id", event["object"].text()).add("name", event["name"].text());
      file.add_json("reference", JsonObject().add("id", event["object"].text()).text());
      change.add_json("attachment", file.text());
    } else {
      return true;
    }
    return out.put(change.text());
  }

  Status not_understood(const Call& call) const {
    return call.fail_as(Status::permanent, "The hub's document is not one that this desk takes.");
  }
  Status strange(const Call& call) const {
    return call.fail_as(Status::retry, "What answers is not the desk: no list.");
  }
  static Status fail(const Call& call, const Answer& answer) {
    return call.fail_as(answer.status, answer.words, answer.code, answer.retry_after_ms);
  }

  HttpRequest request(const char* method, const std::string& url) const {
    HttpRequest out;
    out.method = method;
    out.url = url;
    out.headers = {{"Authorization", "Bearer {{secret:" + token_ + "}}"}};
    return out;
  }

  Answer send(const Call& call, const char* method, const std::string& target,
              std::string body = {}) {
    if (call.cancelled() && kSin != Sin::ignores_cancel) {
      return {Status::cancelled, 0, -1, "Stopped as asked.", {}};
    }
    return send_to(call, method, url_ + target, std::move(body));
  }

  Answer send_to(const Call& call, const char* method, const std::string& url,
                 std::string body = {}) {
    if constexpr (kSin == Sin::needs_log) {
      const auto* log =
          static_cast<const ombud_log*>(host_.raw()->extension(host_.raw(), OMBUD_EXT_LOG));
      log->write(host_.raw(), 0, bytes("sending"), bytes("{}"));
    }
    HttpRequest wanted = request(method, url);
    wanted.body = std::move(body);
    HttpResponse response = host_.send(call, std::move(wanted));
    last_code = response.code;
    Answer answer = judge(response.transport, response, method);
    if (!answer.ok() || response.body.empty()) return answer;
    const auto parsed = Json::parse(response.body);
    if (parsed && parsed->is_object()) {
      answer.body = *parsed;
    } else {
      answer.status = std::string_view(method) == "GET" ? Status::retry : Status::ambiguous;
      answer.words = "What answers is not the desk: no JSON.";
    }
    return answer;
  }

  Answer judge(Status transport, const HttpResponse& response, std::string_view method) const {
    const bool changing = method != "GET";
    const std::string words = std::string(method) + " answered " + std::to_string(response.code);
    Answer answer{Status::ok, response.code, -1, words, {}};
    const auto is = [&](Status status) {
      answer.status = status;
      return answer;
    };
    if (transport == Status::ambiguous) {
      answer.words = "The answer to " + std::string(method) + " was lost.";
      return is(changing ? Status::ambiguous : Status::retry);
    }
    if (transport != Status::ok) {
      answer.words = "The desk could not be reached.";
      if constexpr (kSin == Sin::gives_up) return is(Status::permanent);
      return is(transport);
    }
    if constexpr (kSin == Sin::claims_retry) {
      if (response.code == 504) return is(Status::retry);
    }
    if (response.code == 401 || response.code == 403) return is(Status::auth);
    if (response.code == 429 || response.code == 503) {
      if constexpr (kSin != Sin::ignores_retry_after) {
        const auto seconds = Json::parse(response.header("retry-after"));
        if (seconds && seconds->integer(-1) >= 0 && seconds->integer() < 100'000) {
          answer.retry_after_ms = seconds->integer() * 1000;
        }
      }
      return is(Status::rate_limited);
    }
    if (response.code >= 500 || response.code < 200) {
      return is(changing ? Status::ambiguous : Status::retry);
    }
    if (response.code >= 300) return is(Status::permanent);
    return answer;
  }

  Host host_;
  std::string url_, token_;
};

// ---- the sins that the wrapper would not allow --------------------------------------------------

[[maybe_unused]] const ombud_outbound* honest_slots = nullptr;

// Throws where the supplier refuses the ticket with 409.
[[maybe_unused]] ombud_status throwing_put_ticket(ombud_connector* self, const ombud_call* call,
                                                  const ombud_write* write, ombud_sink* out) {
  const ombud_status status = honest_slots->put_ticket(self, call, write, out);
  if (last_code == 409) throw std::runtime_error("the desk says 409");
  return status;
}

[[maybe_unused]] const void* strange_extension(const ombud_connector* self, const char* id) {
  const auto real = [&](const char* name) { return detail::extension<TinyDesk>(self, name); };
  if constexpr (kSin == Sin::answers_any_id) {
    if (std::string_view(id).starts_with(OMBUD_EXT_HEALTH)) return real(OMBUD_EXT_HEALTH);
  }
  if constexpr (kSin == Sin::throws_across) {
    if (std::string_view(id) == OMBUD_EXT_OUTBOUND) {
      honest_slots = static_cast<const ombud_outbound*>(real(OMBUD_EXT_OUTBOUND));
      static const ombud_outbound slots{throwing_put_ticket, honest_slots->add_comment,
                                        honest_slots->add_attachment, honest_slots->find};
      return &slots;
    }
  }
  return real(id);
}

ombud_connector* strange_create(const ombud_host* host, ombud_bytes config,
                                const ombud_call* call) {
  ombud_connector* made = detail::create<TinyDesk>(host, config, call);
  if (made == nullptr) return nullptr;
  if constexpr (kSin == Sin::answers_any_id || kSin == Sin::throws_across) {
    made->extension = strange_extension;
  }
  if constexpr (kSin == Sin::leaks_instance) {
    made->destroy = [](ombud_connector*) {};
  }
  return made;
}

constexpr ombud_descriptor kDescriptor{"com.example.tiny-desk",
                                       kSin == Sin::unlike_manifest ? "1.0.1" : "1.0.0", kSchema,
                                       kCapabilities, 0};

}  // namespace

extern "C" {
const ombud_entry ombud_connector_entry = {OMBUD_ABI_MAJOR, OMBUD_ABI_MINOR, &kDescriptor,
                                           &strange_create};
#ifdef OMBUD_SECOND_SYMBOL
OMBUD_EXPORT
extern const int tiny_desk_helper;
const int tiny_desk_helper = 7;
#endif
}
