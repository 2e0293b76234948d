#include "domain/sample.hpp"

#include "base/json.hpp"

namespace ombud {

std::string sample_question(Instant now) {
  constexpr Millis kDay{86'400'000};
  json::Writer out;
  out.begin_object().begin_array("samples").begin_object();
  out.field("operation", "put_ticket").field("correlation", "00000000000000000000sample");
  out.begin_object("document")
      .field("schema", "ombud.ticket/1")
      .field("reference", "OMB-0")
      .field("kind", "incident")
      .field("subject", "A sample of the service desk")
      .field("description", "This is what a ticket looks like. It was never sent.")
      .field("status", "new")
      .field("priority", "normal")
      .field("service", "Sample service")
      .field("customer", "Sample customer")
      .field("opened_at", to_rfc3339(now))
      .field("due_at", to_rfc3339(now + 7 * kDay));
  out.begin_object("user")
      .field("name", "Sam Sample")
      .field("email", "sam@customer.example")
      .field("phone", "+46 8 000 00 00")
      .end_object();
  out.begin_object("desk").field("name", "Service desk").field("email", "desk@desk.example");
  out.end_object().end_object().end_object().end_array().end_object();
  return out.take();
}

}  // namespace ombud
