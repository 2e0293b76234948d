#include "tmf621.hpp"

namespace ombud::dialects {
namespace {

constexpr const char* kEvent =
    R"({"eventId":"e1","eventTime":"2026-11-22T09:30:00.123Z","eventType":"TroubleTicketAttributeValueChangeEvent",)"
    R"("timeOcurred":"2026-11-22T09:30:00.123Z","fieldPath":"note","event":{"troubleTicket":{"id":"7",)"
    R"("externalId":"01abc","lastUpdate":"2026-11-22T09:30:00.123Z","status":"acknowledged",)"
    R"("note":[{"id":"9","author":"Sven","date":"2026-11-22T09:30:00.123Z","text":"Klart nu"}],)"
    R"("statusChange":[{"changeDate":"2026-11-22T09:00:00.000Z","changeReason":"","status":"acknowledged"}]}}})";

class Tmf621V4 final : public Tmf621 {
 public:
  Tmf621V4() : Tmf621(false) {}
  std::vector<Webhook> webhooks() const override {
    // openssl dgst -sha256 -hmac canary-tmf-events-0815
    Webhook noted{.name = "note added", .body = kEvent, .is_signed = true};
    noted.headers_json =
        R"({"X-Ombud-Event":"e1","X-Ombud-Signature":"sha256=489784cccd070162dad1bc97c94e76afbfd66cf3203a3b7342766714703137e8"})";
    noted.changes = {
        R"({"external_id":"7","correlation":"01abc","type":"comment","event_id":"note-7-9",
            "comment":{"id":"9","text":"Klart nu","public":true,"author":"Sven"}})"};
    return {noted};
  }
};

}  // namespace
}  // namespace ombud::dialects

OMBUD_DIALECT(ombud::dialects::Tmf621V4)
