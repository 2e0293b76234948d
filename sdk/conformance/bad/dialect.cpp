// What the supplier of tiny_desk.cpp speaks.
#include <ombud/conformance/dialect.hpp>
#include <ombud/json.hpp>

namespace {

using namespace ombud::conformance;
using ombud::sdk::Json;
using ombud::sdk::JsonObject;

constexpr std::string_view kToken = "canary-tiny-token-4711";
constexpr std::size_t kPageEvents = 50;

HttpResponse made(std::string_view id) {
  return {201, JsonObject().add("id", id).text()};
}

std::string list(const std::vector<std::string>& documents) {
  std::string all;
  for (const std::string& document : documents) all += (all.empty() ? "" : ",") + document;
  return "[" + all + "]";
}

std::string event_json(const Supplier& supplier, const Event& event, const std::string& origin) {
  const Ticket& ticket = *supplier.ticket(event.ticket);
  JsonObject out;
  out.add("id", event.id).add("ticket", ticket.id).add("ref", ticket.field("ref"));
  out.add("ours", event.ours).add("author", event.author).add("object", event.object);
  if (event.kind == Event::Kind::comment) {
    for (const Comment& comment : ticket.comments) {
      if (comment.id != event.object) continue;
      out.add("kind", "comment").add("text", comment.text).add("public", comment.shown);
    }
  } else if (event.kind == Event::Kind::file) {
    for (const File& file : ticket.files) {
      if (file.id != event.object) continue;
      const auto ref = file.fields.find("ref");
      out.add("kind", "file").add("name", file.name);
      out.add("file_ref", ref == file.fields.end() ? "" : ref->second);
      out.add("url", origin + "/files/" + file.id);
    }
  } else if (event.kind == Event::Kind::changed && event.object == "status") {
    out.add("kind", "status").add("status", event.to);
  }
  return out.text();
}

std::string ticket_json(const Ticket& ticket) {
  std::vector<std::string> comments, files;
  for (const Comment& one : ticket.comments) {
    comments.push_back(JsonObject().add("id", one.id).add("text", one.text).text());
  }
  for (const File& one : ticket.files) {
    const auto ref = one.fields.find("ref");
    files.push_back(JsonObject()
                        .add("id", one.id)
                        .add("ref", ref == one.fields.end() ? "" : ref->second)
                        .text());
  }
  return JsonObject()
      .add("id", ticket.id)
      .add("ref", ticket.field("ref"))
      .add_json("comments", list(comments))
      .add_json("files", list(files))
      .text();
}

Fields fields_of(const Json& body) {
  Fields fields;
  const auto take = [&](const char* from, const char* to) {
    if (body[from].is_text()) fields[to] = body[from].text();
  };
  take("subject", "subject");
  take("text", "description");
  take("status", "status");
  take("desk", "desk");
  take("ref", "ref");
  return fields;
}

std::string mark(std::string_view text) {
  std::uint32_t sum = 2'166'136'261U;
  for (const char c : text) sum = (sum ^ static_cast<unsigned char>(c)) * 16'777'619U;
  return "tiny-" + std::to_string(sum);
}

class TinyDialect final : public Dialect {
 public:
  Settings settings() const override {
    return {R"({"url":"https://tiny.example","token":{"$secret":"token"}})",
            {{"token", std::string(kToken)}}};
  }

  HttpResponse answer(Supplier& supplier, const HttpRequest& request) override {
    if (request.header("authorization") != "Bearer " + std::string(kToken)) return {401};
    const auto parts = request.segments();
    const bool get = request.method == "GET";
    const std::string root = parts.empty() ? "" : parts[0];
    if (get && root == "me") return {200, R"({"name":"ombud"})"};
    if (get && root == "events") return events(supplier, request, parts.size() > 1);
    if (get && root == "files" && parts.size() == 2) return file(supplier, parts[1]);
    if (root != "tickets") return {404};
    if (parts.size() == 1) {
      if (get) return search(supplier, request.parameter("ref"));
      const auto body = Json::parse(request.body);
      return body ? made(supplier.create(fields_of(*body)).id) : HttpResponse{400};
    }
    const Ticket* ticket = supplier.ticket(parts[1]);
    if (ticket == nullptr) return {404};
    if (get) return {200, ticket_json(*ticket)};
    if (parts.size() == 2) {
      const auto body = Json::parse(request.body);
      if (!body) return {400};
      supplier.update(ticket->id, fields_of(*body));
      return {200, "{}"};
    }
    if (parts[2] == "files") {
      return made(supplier
                      .attach(ticket->id, {.name = request.parameter("name"),
                                           .bytes = request.body,
                                           .fields = {{"ref", request.parameter("ref")}}})
                      ->id);
    }
    const auto body = Json::parse(request.body);
    if (!body) return {400};
    return made(supplier
                    .comment(ticket->id, {.text = std::string((*body)["text"].text()),
                                          .shown = (*body)["public"].boolean()})
                    ->id);
  }

  std::vector<Webhook> webhooks() const override {
    const std::string body =
        R"({"id":"77","ticket":"12","ref":"c-1","kind":"comment","object":"5","text":"On its way",)"
        R"("public":true,"ours":false,"author":"Sven"})";
    return {{.name = "a comment",
             .headers_json = JsonObject().add("x-tiny-mark", mark(body)).text(),
             .body = body,
             .is_signed = true,
             .changes = {R"({"type":"comment","external_id":"12","event_id":"77",)"
                         R"("comment":{"id":"5","text":"On its way","public":true}})"}}};
  }

 private:
  static HttpResponse search(const Supplier& supplier, std::string_view ref) {
    std::vector<std::string> found;
    for (const Ticket* ticket : supplier.indexed()) {
      if (ticket->field("ref").starts_with(ref)) {  // as loose as some searches are
        found.push_back(JsonObject().add("id", ticket->id).add("ref", ticket->field("ref")).text());
      }
    }
    return {200, JsonObject().add_json("tickets", list(found)).text()};
  }
  static HttpResponse events(const Supplier& supplier, const HttpRequest& request, bool last) {
    if (last) {
      return {200, supplier.events().empty()
                       ? std::string("{}")
                       : JsonObject().add("id", supplier.events().back().id).text()};
    }
    const long after = std::strtol(request.parameter("after").c_str(), nullptr, 10);
    std::vector<std::string> page;
    for (const Event& event : supplier.events()) {
      if (std::stol(event.id) <= after || page.size() == kPageEvents) continue;
      page.push_back(event_json(supplier, event, request.origin));
    }
    return {200, JsonObject().add_json("events", list(page)).text()};
  }
  static HttpResponse file(const Supplier& supplier, std::string_view id) {
    for (const Ticket* ticket : supplier.tickets()) {
      for (const File& one : ticket->files) {
        if (one.id == id) return {200, one.bytes, {{"Content-Type", one.media_type}}};
      }
    }
    return {404};
  }
};

}  // namespace

OMBUD_DIALECT(TinyDialect)
