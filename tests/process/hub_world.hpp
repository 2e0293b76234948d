// A hub alone with one customer, which is all that these tests need.
#pragma once

#include <stdexcept>

#include "support/hub_world.hpp"

namespace ombud::testing {

struct LoneHub {
  Scratch scratch;
  Hub hub{scratch.path(), 0};

  void start(const Command& extra = {}) {
    hub.start(extra);
    if (!hub.await_ready()) throw std::runtime_error("the hub does not start:\n" + hub.log());
  }
  void add_customer() {
    hub.must("PUT", "/customers/acme", R"({"name":"Acme AB","language":"sv"})");
  }
};

// What is posted to /tickets.
inline std::string ticket_body(const std::string& subject, const std::string& text = "Text.") {
  return object({{"customer", "acme"}, {"subject", subject}, {"text", text}});
}

}  // namespace ombud::testing
