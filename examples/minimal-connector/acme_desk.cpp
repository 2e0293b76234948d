// A whole connector for a desk with a small REST interface. It needs nothing but the Ombud SDK.
#include <ombud/connector.hpp>
#include <ombud/json.hpp>

#include <stdexcept>

#include "ombud_manifest.h"

using namespace ombud::sdk;

class AcmeDesk {
 public:
  AcmeDesk(Host host, std::string_view config) : host_(host) {
    const Json settings = Json::parse(config).value_or(Json());
    url_ = settings["url"].text();
    token_ = settings["token"]["$secret"].text();
    if (url_.empty() || token_.empty()) throw std::invalid_argument("Set url and token.");
  }

  Status put_ticket(const Call& call, const Write& write, Sink& reply) {
    const Json ticket = Json::parse(write.body()).value_or(Json());
    if (ticket["schema"].text() != "ombud.ticket/1") return refuse(call);
    const bool create = write.external_id().empty();
    JsonObject body;
    body.add("title", ticket["subject"].text()).add("text", ticket["description"].text());
    body.add("state", ticket["status"].text()).add("our_number", ticket["reference"].text());
    if (create) body.add("external_ref", write.correlation());  // by this it is found again
    const Answer made = create ? send(call, "POST", "/tickets", body.text())
                               : send(call, "PATCH", ticket_path(write), body.text());
    if (made.status != Status::ok) return fail(call, made);
    const std::string id(create ? made.body["id"].text() : write.external_id());
    if (id.empty()) return call.fail_as(Status::ambiguous, "Acme did not say the ticket's id.");
    reply.put(JsonObject().add("external_id", id).text());
    return Status::ok;
  }

  Status add_comment(const Call& call, const Write& write, Sink& reply) {
    const Json comment = Json::parse(write.body()).value_or(Json());
    if (comment["schema"].text() != "ombud.comment/1") return refuse(call);
    JsonObject body;
    body.add("text", comment["text"].text()).add("internal", !comment["public"].boolean());
    body.add("external_ref", write.correlation());
    const Answer made = send(call, "POST", ticket_path(write) + "/comments", body.text());
    if (made.status != Status::ok) return fail(call, made);
    reply.put(JsonObject().add("external_id", made.body["id"].text()).text());
    return Status::ok;
  }

  Status add_attachment(const Call& call, const Write&, Sink&) { return refuse(call); }

  // What carries our correlation; "none" only if Acme really looked.
  Status find(const Call& call, std::string_view kind, const Write& write, Sink& matches) {
    if (kind != "ticket" && kind != "comment") return refuse(call);
    const std::string where = kind == "ticket" ? "/tickets" : ticket_path(write) + "/comments";
    const std::string ref = percent_encode(write.correlation());
    const Answer found = send(call, "GET", where + "?external_ref=" + ref);
    if (found.status != Status::ok) return fail(call, found);
    const Json& items = found.body["items"];
    if (!items.is_array()) return fail(call, {Status::retry});
    for (const Json& one : items.items()) {
      matches.put(JsonObject().add("external_id", one["id"].text()).text());
    }
    return Status::ok;
  }

  Status check(const Call& call) {
    const Answer me = send(call, "GET", "/me");
    return me.status == Status::ok ? Status::ok : fail(call, me);
  }

  // Acme numbers its events; the cursor is the last number that the hub has taken.
  Status changes(const Call& call, std::string_view cursor, Sink& out) {
    const bool known = cursor.find_first_not_of("0123456789") == std::string_view::npos;
    std::string last(known && cursor.size() < 18 && !cursor.empty() ? cursor : "0");
    for (bool more = true; more;) {
      const Answer page = send(call, "GET", "/events?after=" + last);
      if (page.status != Status::ok) return fail(call, page);
      const Json& events = page.body["events"];
      if (!events.is_array()) return fail(call, {Status::retry});
      for (const Json& event : events.items()) {
        const std::string_view number = event["number"].text();
        if (number.empty() || event["ticket"].text().empty()) return fail(call, {Status::retry});
        last = number;
        const std::string change = change_of(event);
        more = change.empty() || out.put(change);
        if (!more) break;  // the hub wants no more
      }
      more = more && page.body["more"].boolean() && !events.items().empty();
    }
    out.put(JsonObject().add("cursor", last).text());
    return Status::ok;
  }

 private:
  struct Answer {
    Status status = Status::ok;
    int code = 0;
    std::int64_t retry_after_ms = -1;
    Json body = {};
  };
  static std::string change_of(const Json& event) {
    const std::string_view state = event["state"].text(), ref = event["external_ref"].text();
    JsonObject change, comment;
    change.add("schema", "ombud.change/1").add("event_id", event["number"].text());
    change.add("external_id", event["ticket"].text());
    if (!ref.empty()) change.add("echo_of", ref);  // the hub drops what it wrote itself
    if (event["kind"].text() == "comment") {
      comment.add("id", event["comment"].text()).add("text", event["text"].text());
      comment.add("public", !event["internal"].boolean()).add("author", event["by"].text());
      return change.add("type", "comment").add_json("comment", comment.text()).text();
    }
    constexpr std::string_view kStates = " new in_progress waiting resolved closed ";
    if (kStates.find(" " + std::string(state) + " ") == std::string_view::npos) return {};
    return change.add("type", "status").add("status", state).text();
  }

  // One request, and what its answer means: was it carried out?
  Answer send(const Call& call, const char* method, std::string path, std::string body = {}) {
    if (call.cancelled()) return {Status::cancelled};
    HttpRequest request{.method = method, .url = url_ + path, .body = std::move(body)};
    request.headers = {{"Authorization", "Bearer {{secret:" + token_ + "}}"},
                       {"Content-Type", "application/json"}};
    const HttpResponse got = host_.send(call, std::move(request));
    const Status unknown = std::string_view(method) == "GET" ? Status::retry : Status::ambiguous;
    if (got.transport == Status::ambiguous) return {unknown};
    if (got.transport != Status::ok) return {got.transport};
    const std::int64_t wait = Json::parse(got.header("retry-after")).value_or(Json()).integer(-1);
    if (got.code == 401 || got.code == 403) return {Status::auth, got.code};
    if (got.code == 429) return {Status::rate_limited, got.code, wait < 0 ? -1 : wait * 1000};
    if (got.code >= 500 || got.code < 200) return {unknown, got.code};
    if (got.code >= 300) return {Status::permanent, got.code};
    auto parsed = Json::parse(got.body);
    return parsed ? Answer{Status::ok, got.code, -1, std::move(*parsed)} : Answer{unknown};
  }

  static std::string ticket_path(const Write& write) {
    return "/tickets/" + percent_encode(write.external_id());
  }
  static Status refuse(const Call& call) { return call.fail_as(Status::permanent, "Not for us."); }
  static Status fail(const Call& call, const Answer& got) {
    const char* why = got.code != 0 ? "Acme refused." : "Acme is silent.";
    return call.fail_as(got.status, why, got.code, got.retry_after_ms);
  }

  Host host_;
  std::string url_, token_;
};

OMBUD_CONNECTOR(AcmeDesk, OMBUD_MANIFEST)
