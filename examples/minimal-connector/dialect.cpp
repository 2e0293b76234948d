// How Acme's desk speaks HTTP, for ombud-conform.
#include <ombud/conformance/dialect.hpp>
#include <ombud/json.hpp>

using namespace ombud::conformance;
using ombud::sdk::Json;
using ombud::sdk::JsonObject;

class AcmeDialect final : public Dialect {
 public:
  Settings settings() const override {
    return {R"({"url":"https://desk.acme.example","token":{"$secret":"token"}})",
            {{"token", "canary-acme-token"}}};
  }

  bool staff_attach_files() const override { return false; }

  HttpResponse answer(Supplier& supplier, const HttpRequest& request) override {
    if (request.header("authorization") != "Bearer canary-acme-token") return {401};
    const std::vector<std::string> path = request.segments();
    const std::string root = path.empty() ? "" : path[0], ref = request.parameter("external_ref");
    const bool get = request.method == "GET";
    const auto body = Json::parse(get ? "{}" : request.body);
    if (!body) return {400};
    if (get && root == "me") return {200, R"({"name":"Ombud Desk"})"};
    if (get && root == "events") return events(supplier, request.parameter("after"));
    if (root != "tickets") return {404};
    if (path.size() == 1 && get) return search(supplier, ref);
    if (path.size() == 1)
      return {201, JsonObject().add("id", supplier.create(fields(*body)).id).text()};
    const Ticket* ticket = supplier.ticket(path[1]);
    if (ticket == nullptr) return {404};
    if (path.size() == 2) {
      supplier.update(ticket->id, fields(*body));
      return {200, "{}"};
    }
    if (get) return comments(*ticket, ref);
    const Comment* made = supplier.comment(
        ticket->id, {.text = std::string((*body)["text"].text()),
                     .shown = !(*body)["internal"].boolean(),
                     .fields = {{"external_ref", std::string((*body)["external_ref"].text())}}});
    return {201, JsonObject().add("id", made->id).text()};
  }

 private:
  static Fields fields(const Json& body) {
    Fields out;
    for (const auto& [theirs, ours] : {std::pair{"title", "subject"},
                                       {"text", "description"},
                                       {"state", "status"},
                                       {"our_number", "our_number"},
                                       {"external_ref", "external_ref"}}) {
      if (body[theirs].is_text()) out[ours] = body[theirs].text();
    }
    return out;
  }
  static HttpResponse page(const char* name, const std::vector<std::string>& all,
                           bool more = false) {
    std::string list;
    for (const std::string& one : all) list += (list.empty() ? "" : ",") + one;
    return {200, JsonObject().add_json(name, "[" + list + "]").add("more", more).text()};
  }
  static HttpResponse search(const Supplier& supplier, std::string_view ref) {
    std::vector<std::string> found;
    for (const Ticket* ticket : supplier.indexed()) {  // Acme's search lags by two seconds
      if (ticket->field("external_ref") == ref)
        found.push_back(JsonObject().add("id", ticket->id).text());
    }
    return page("items", found);
  }
  static HttpResponse comments(const Ticket& ticket, const std::string& ref) {
    std::vector<std::string> found;
    for (const Comment& one : ticket.comments) {
      const auto at = one.fields.find("external_ref");
      if (at != one.fields.end() && at->second == ref)
        found.push_back(JsonObject().add("id", one.id).text());
    }
    return page("items", found);
  }
  static HttpResponse events(const Supplier& supplier, const std::string& after) {
    std::vector<std::string> found;
    const long from = std::strtol(after.c_str(), nullptr, 10);
    for (const Event& event : supplier.events()) {
      if (std::stol(event.id) <= from) continue;
      if (found.size() == 40) return page("events", found, true);
      JsonObject out;
      out.add("number", event.id).add("ticket", event.ticket).add("by", event.author);
      if (event.kind == Event::Kind::changed && event.object == "status" && !event.ours)
        out.add("state", event.to);
      for (const Comment& one : supplier.ticket(event.ticket)->comments) {
        if (event.kind != Event::Kind::comment || one.id != event.object) continue;
        const auto ref = one.fields.find("external_ref");
        out.add("kind", "comment")
            .add("comment", one.id)
            .add("text", one.text)
            .add("internal", !one.shown);
        if (ref != one.fields.end()) out.add("external_ref", ref->second);
      }
      found.push_back(out.text());
    }
    return page("events", found);
  }
};

OMBUD_DIALECT(AcmeDialect)
