// GitHub's issues for the conformance kit: lists hold pull requests, an unknown query parameter is
// ignored, limits come as 403, nothing is private, nothing can be attached.
#include <ombud/conformance/dialect.hpp>

#include <algorithm>

#include "base/json.hpp"
#include "base/time.hpp"
#include "paging.hpp"
#include "profile_settings.hpp"

namespace ombud::dialects {
namespace {

using namespace ombud::conformance;

constexpr std::size_t kPageRows = 30;  // unless asked for otherwise
constexpr std::string_view kToken = "canary-github-token-4711";
constexpr std::string_view kRepository = "https://github.example/acme/support/issues/";
constexpr const char* kHook =
    R"({"action":"created","issue":{"number":7,"body":"x\n\n<!-- ombud:01abc -->"},)"
    R"("comment":{"id":9,"body":"Fixed in main","created_at":"2026-11-22T09:30:00Z",)"
    R"("user":{"login":"sven"}}})";

std::string time_text(std::int64_t ms) {
  return to_rfc3339(instant_of(ms / 1000 * 1000)).substr(0, 19) + "Z";
}

HttpResponse refused(int code, std::string_view why) {
  return {code, json::Writer().begin_object().field("message", why).end_object().take()};
}

void write_user(json::Writer& out, std::string_view name, bool ours) {
  out.begin_object(name).field("login", ours ? "ombud-desk" : "sven").end_object();
}

void write_issue(json::Writer& out, const Ticket& ticket) {
  out.begin_object().field("number", number(ticket.id)).field("id", number(ticket.id) + 100'000);
  out.field("title", ticket.field("subject")).field("body", ticket.field("description"));
  const auto status = ticket.field("status");
  out.field("state", status.empty() ? "open" : status);
  out.field("html_url", std::string(kRepository) + ticket.id);
  out.begin_array("labels").begin_object().field("name", ticket.field("label")).end_object();
  out.end_array().field("updated_at", time_text(ticket.updated_at_ms)).end_object();
}

void write_comment(json::Writer& out, const Comment& comment) {
  out.begin_object().field("id", number(comment.id)).field("body", comment.text);
  write_user(out, "user", comment.ours);
  out.field("html_url", std::string(kRepository) + "#issuecomment-" + comment.id);
  out.field("created_at", time_text(comment.at_ms)).end_object();
}

class GitHub final : public Dialect {
 public:
  Settings settings() const override {
    return {settings_json(R"("url":"https://api.github.example","token":{"$secret":"token"},
                "owner":"acme","repository":"support","webhook_secret":{"$secret":"hook"})"),
            {{"token", std::string(kToken)}, {"hook", "canary-github-hook-0815"}}};
  }
  std::string status_word(std::string_view canonical) const override {
    return canonical == "new" ? "open" : canonical == "resolved" ? "closed" : "";
  }
  bool staff_attach_files() const override { return false; }
  std::vector<Webhook> webhooks() const override {
    // Signed with openssl dgst -sha256 -hmac canary-github-hook-0815.
    Webhook comment{.name = "comment created", .body = kHook, .is_signed = true};
    comment.headers_json =
        R"({"X-GitHub-Event":"issue_comment","X-Hub-Signature-256":"sha256=1e880ad4f6b033e74057577e14a27657252b9e7ab9b8c42b5d9d975e5543fb1a"})";
    comment.changes = {R"({"external_id":"7","correlation":"01abc","type":"comment",
        "event_id":"comment-9","comment":{"id":"9","text":"Fixed in main","author":"sven"}})"};
    return {comment};
  }

  HttpResponse answer(Supplier& supplier, const HttpRequest& request) override {
    if (request.header("user-agent").empty()) return refused(403, "Missing User-Agent");
    if (request.header("authorization") != "Bearer " + std::string(kToken)) {
      return refused(401, "Bad credentials");
    }
    const auto parts = request.segments();
    if (parts.size() == 1 && parts[0] == "user") return {200, R"({"login":"ombud-desk"})"};
    if (parts.size() < 3 || parts[0] != "repos" || parts[1] != "acme" || parts[2] != "support") {
      return refused(404, "Not Found");
    }
    if (parts.size() == 3) return {200, R"({"has_issues":true})"};
    if (parts[3] == "labels") {
      return parts[4] == "service-desk" ? HttpResponse{200, "{}"} : refused(404, "Not Found");
    }
    if (parts[3] != "issues") return refused(404, "Not Found");
    if (request.method == "GET" && parts.size() == 4) return list(supplier, request);
    const auto body = json::parse(request.body.empty() ? "{}" : request.body);
    if (!body) return refused(400, "Problems parsing JSON");
    if (request.method == "POST" && parts.size() == 4) return create(supplier, body->root());
    const Ticket* ticket = parts.size() > 4 ? supplier.ticket(parts[4]) : nullptr;
    if (ticket == nullptr) return refused(404, "Not Found");
    if (request.method == "PATCH") return update(supplier, ticket->id, body->root());
    if (parts.size() == 6 && parts[5] == "comments") {
      return request.method == "POST" ? comment(supplier, ticket->id, body->root())
                                      : comments(*ticket, request);
    }
    if (parts.size() == 6 && parts[5] == "events") return events(supplier, *ticket, request);
    json::Writer out;
    write_issue(out, *ticket);
    return {200, out.take()};
  }

 private:
  static HttpResponse list(Supplier& supplier, const HttpRequest& request) {
    std::vector<const Ticket*> tickets = supplier.tickets();
    if (request.parameter("state") != "all") {
      std::erase_if(tickets, [](const Ticket* t) { return t->field("status") == "closed"; });
    }
    if (const auto since = parse_rfc3339(request.parameter("since"))) {
      std::erase_if(tickets, [&](const Ticket* t) { return t->updated_at_ms < ms_of(*since); });
    }
    const bool rising = request.parameter("direction") == "asc";
    const bool by_update = request.parameter("sort") == "updated";
    std::stable_sort(tickets.begin(), tickets.end(), [&](const Ticket* a, const Ticket* b) {
      const auto left = by_update ? a->updated_at_ms : a->created_at_ms;
      const auto right = by_update ? b->updated_at_ms : b->created_at_ms;
      return rising ? left < right : left > right;
    });
    const auto [from, to] = page_of(request, tickets.size() + 1, kPageRows);
    json::Writer out;
    out.begin_array();
    for (std::size_t i = from; i < to; ++i) {
      if (i < tickets.size()) {
        write_issue(out, *tickets[i]);
        continue;
      }
      // Somebody's pull request that quotes one of our markers.
      out.begin_object().field("number", 99'999).field("title", "a pull request");
      out.field("body", tickets.empty() ? "" : tickets[0]->field("description"));
      out.field("updated_at", "2020-01-01T00:00:00Z");
      out.begin_object("pull_request").field("url", "x").end_object().end_object();
    }
    return {200, out.end_array().take()};
  }

  static HttpResponse create(Supplier& supplier, json::View in) {
    if (in["title"].text().empty()) return refused(422, "Validation Failed");
    Fields fields{{"subject", std::string(in["title"].text())},
                  {"description", std::string(in["body"].text())},
                  {"label", std::string(in["labels"].at(0).text())},
                  {"status", "open"}};
    json::Writer out;
    write_issue(out, supplier.create(std::move(fields)));
    return {201, out.take()};
  }
  static HttpResponse update(Supplier& supplier, const std::string& id, json::View in) {
    Fields changes;
    if (in["title"].is_text()) changes["subject"] = in["title"].text();
    if (in["body"].is_text()) changes["description"] = in["body"].text();
    if (in["state"].is_text()) {
      if (in["state"].text() != "open" && in["state"].text() != "closed") {
        return refused(422, "Validation Failed");
      }
      changes["status"] = in["state"].text();
    }
    json::Writer out;
    write_issue(out, *supplier.update(id, changes));
    return {200, out.take()};
  }
  static HttpResponse comment(Supplier& supplier, const std::string& id, json::View in) {
    if (in["body"].text().empty()) return refused(422, "Validation Failed");
    Comment made;
    made.text = in["body"].text();
    json::Writer out;
    write_comment(out, *supplier.comment(id, std::move(made)));
    return {201, out.take()};
  }
  static HttpResponse comments(const Ticket& ticket, const HttpRequest& request) {
    std::vector<const Comment*> all;
    const auto since = parse_rfc3339(request.parameter("since"));
    for (const Comment& comment : ticket.comments) {
      if (comment.shown && (!since || comment.at_ms / 1000 * 1000 >= ms_of(*since))) {
        all.push_back(&comment);
      }
    }
    const auto [from, to] = page_of(request, all.size(), kPageRows);
    json::Writer out;
    out.begin_array();
    for (std::size_t i = from; i < to; ++i) write_comment(out, *all[i]);
    return {200, out.end_array().take()};
  }
  static HttpResponse events(const Supplier& supplier, const Ticket& ticket,
                             const HttpRequest& request) {
    std::vector<Event> all;
    for (const Event& event : supplier.events()) {
      if (event.ticket == ticket.id && event.object == "status") all.push_back(event);
    }
    const auto [from, to] = page_of(request, all.size(), kPageRows);
    json::Writer out;
    out.begin_array();
    for (std::size_t i = from; i < to; ++i) {
      const Event& event = all[i];
      out.begin_object().field("id", number(event.id));
      out.field("event", event.to == "closed" ? "closed" : "reopened");
      write_user(out, "actor", event.ours);
      out.field("created_at", time_text(event.at_ms)).end_object();
    }
    return {200, out.end_array().take()};
  }
};

}  // namespace
}  // namespace ombud::dialects

OMBUD_DIALECT(ombud::dialects::GitHub)
