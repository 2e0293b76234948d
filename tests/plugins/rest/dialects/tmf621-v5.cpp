#include "tmf621.hpp"

namespace ombud::dialects {
namespace {

constexpr const char* kEvent =
    R"({"@type":"TroubleTicketStatusChangeEvent","eventId":"e2","eventTime":"2026-11-22T09:30:00.123Z",)"
    R"("eventType":"TroubleTicketStatusChangeEvent","timeOccurred":"2026-11-22T09:30:00.123Z","id":"7",)"
    R"("event":{"troubleTicket":{"@type":"TroubleTicket","id":"7","lastUpdate":"2026-11-22T09:30:00.123Z",)"
    R"("externalIdentifier":[{"@type":"ExternalIdentifier","externalIdentifierType":"ombud","id":"01abc"}],)"
    R"("status":"resolved","statusChangeHistory":[{"@type":"StatusChange","status":"resolved",)"
    R"("statusChangeDate":"2026-11-22T09:30:00.123Z","statusChangeReason":"New fuser"}]}}})";

class Tmf621V5 final : public Tmf621 {
 public:
  Tmf621V5() : Tmf621(true) {}
  std::vector<Webhook> webhooks() const override {
    // openssl dgst -sha256 -hmac canary-tmf-events-0815
    Webhook solved{.name = "resolved", .body = kEvent, .is_signed = true};
    solved.headers_json =
        R"({"X-Ombud-Event":"e2","X-Ombud-Signature":"sha256=f9dc0fa62e0a0c395d728ae038789364e30e0d268b80404a7546129b7b0549c3"})";
    solved.changes = {
        R"({"external_id":"7","correlation":"01abc","type":"status","status":"resolved",
            "event_id":"status-7-2026-11-22T09:30:00.123Z-resolved","status_text":"resolved: New fuser"})"};
    return {solved};
  }
};

}  // namespace
}  // namespace ombud::dialects

OMBUD_DIALECT(ombud::dialects::Tmf621V5)
