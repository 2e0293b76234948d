// Who of the webhooks may come in: so many of each link at a time, and no others are even read, so
// that a supplier that floods costs the hub little and the other suppliers nothing. Counts what
// came of them, and says when that is worth a line in the log. Thread-safe; never waits.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace ombud::inbound {

enum class WebhookEnd { taken, bad_signature, refused, busy, unavailable };
inline constexpr std::size_t kWebhookEnds = 5;
std::string_view to_text(WebhookEnd end);

class WebhookGate {
 public:
  // Those of links that are not named here do not exist for it.
  void set_links(const std::vector<std::string>& links);

  enum class Door { open, busy, no_link };
  struct Admission {
    Door door = Door::no_link;
    std::shared_ptr<void> place;  // open: held until the webhook is answered
  };
  Admission admit(const std::string& link);

  // How many ended like this since the last that was told (this one included), if it is time to
  // tell again; nothing: say nothing. `taken` is never told.
  std::optional<std::int64_t> count(std::string_view link, WebhookEnd end, Instant now);

  struct Counts {
    std::string link;
    std::array<std::int64_t, kWebhookEnds> ended{};
  };
  std::vector<Counts> counts() const;

 private:
  struct Link {
    std::size_t inside = 0;
    bool known = false;
    std::array<std::int64_t, kWebhookEnds> ended{}, untold{};
    std::array<std::optional<Instant>, kWebhookEnds> told_at{};
  };
  struct Doors {
    std::mutex mutex;
    std::map<std::string, Link, std::less<>> links;
  };
  const std::shared_ptr<Doors> doors_ = std::make_shared<Doors>();  // places may outlive the gate
};

}  // namespace ombud::inbound
