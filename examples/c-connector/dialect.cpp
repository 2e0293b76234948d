// The desk of plain_desk.c, for ombud-conform: it takes the hub's own documents.
#include <ombud/conformance/dialect.hpp>
#include <ombud/json.hpp>

using namespace ombud::conformance;
using ombud::sdk::Json;

class PlainDesk final : public Dialect {
 public:
  Settings settings() const override { return {R"({"url":"https://plain.example"})", {}}; }

  HttpResponse answer(Supplier& supplier, const HttpRequest& request) override {
    const auto path = request.segments();
    const std::string ref = request.parameter("ref");
    const bool get = request.method == "GET";
    if (get && request.path() == "/me") return plain(200, "desk\n");
    if (path.empty() || path[0] != "tickets") return plain(404, "");
    const Ticket* ticket = path.size() > 1 ? supplier.ticket(path[1]) : nullptr;
    if (path.size() > 1 && ticket == nullptr) return plain(404, "");
    if (get) return plain(200, ticket == nullptr ? tickets(supplier, ref) : comments(*ticket, ref));
    const Json body = Json::parse(request.body).value_or(Json());
    if (path.size() == 3) {
      if (body["schema"].text() != "ombud.comment/1") return plain(422, "");
      const Comment* made = supplier.comment(ticket->id, {.text = std::string(body["text"].text()),
                                                          .shown = body["public"].boolean(),
                                                          .fields = {{"ref", ref}}});
      return plain(201, made->id + "\n");
    }
    if (body["schema"].text() != "ombud.ticket/1") return plain(422, "");
    Fields fields{{"subject", std::string(body["subject"].text())},
                  {"description", std::string(body["description"].text())},
                  {"status", std::string(body["status"].text())},
                  {"reference", std::string(body["reference"].text())}};
    if (ticket == nullptr) {
      fields["ref"] = ref;
      return plain(201, supplier.create(std::move(fields)).id + "\n");
    }
    supplier.update(ticket->id, fields);
    return plain(200, ticket->id + "\n");
  }

 private:
  static HttpResponse plain(int code, std::string body) {
    return {code, std::move(body), {{"Content-Type", "text/plain"}}};
  }
  static std::string tickets(const Supplier& supplier, std::string_view ref) {
    std::string ids;
    for (const Ticket* one : supplier.indexed()) {
      if (one->field("ref") == ref) ids += one->id + "\n";
    }
    return ids + ".";
  }
  static std::string comments(const Ticket& ticket, const std::string& ref) {
    std::string ids;
    for (const Comment& one : ticket.comments) {
      const auto at = one.fields.find("ref");
      if (at != one.fields.end() && at->second == ref) ids += one.id + "\n";
    }
    return ids + ".";
  }
};

OMBUD_DIALECT(PlainDesk)
