// Turns a canonical document of the hub into the mail that carries it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/result.hpp"
#include "email/compose.hpp"
#include "email/settings.hpp"

namespace ombud::email {

struct Order {
  std::string_view correlation;
  std::string_view
      external_id;      // Message-ID of the first mail of the thread; empty: this is the first
  json::View document;  // its "schema" decides what is written
  std::optional<std::string> content;  // bytes of the attachments, one after the other
};

// The mail for this document: a new thread or the next mail of one. The Message-ID is
// <correlation@domain> and so the same on every attempt. A Problem speaks to the operator: the
// document cannot become a mail on this link and trying again will not help.
Result<Letter> write_letter(const Order& order, const Settings& settings);

}  // namespace ombud::email
