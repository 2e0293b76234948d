#include "sim/announcements.hpp"

#include <fmt/format.h>

#include <array>

#include "base/json.hpp"
#include "store/notices.hpp"

namespace ombud::sim {
namespace {

constexpr std::size_t kAnnounced = 3;
// Within the shortest run: 2 hours of faults, and the time after them.
constexpr Millis kStage{20 * 60'000};
constexpr std::array<std::string_view, 3> kStages = {"announced", "ongoing", "over"};
constexpr std::size_t kOwnShown = 5;

Instant begin() {
  return WorldClock().now();
}

std::size_t stage_at(Instant now) {
  const auto stages = static_cast<std::size_t>((now - begin()) / kStage);
  return std::min(stages, kStages.size() - 1);
}

std::string document(const Supplier& supplier, std::size_t number, std::size_t stage) {
  return json::Writer()
      .begin_object()
      .field("schema", "ombud.announcement/1")
      .field("remote_id", fmt::format("{}-outage-{}", supplier.options.name, number))
      .field("kind", "outage")
      .field("state", kStages[stage])
      .field("title", fmt::format("Outage {}", number))
      .field("updated_at", to_rfc3339(begin() + kStage * static_cast<std::int64_t>(stage)))
      .end_object()
      .take();
}

}  // namespace

std::vector<std::string> announcements_of(const Supplier& supplier, Instant now) {
  std::vector<std::string> all;
  if (supplier.options.notices) return all;
  const std::size_t stage = stage_at(now);
  for (std::size_t i = 0; i < kAnnounced; ++i) {
    all.push_back(document(supplier, i, stage));
    // What another page, or a slow webhook, still shows.
    if (i > 0 && stage > 0) all.push_back(document(supplier, i, stage - 1));
  }
  // Its people have moved tickets of ours to where it announces things.
  const auto& tickets = supplier.model.tickets();
  for (std::size_t i = 0; i < tickets.size() && i < kOwnShown; ++i) {
    all.push_back(json::Writer()
                      .begin_object()
                      .field("schema", "ombud.announcement/1")
                      .field("remote_id", tickets[i].id)
                      .field("correlation", tickets[i].correlation)
                      .field("title", "Ours")
                      .end_object()
                      .take());
  }
  return all;
}

void check_announcements(World& world, SimStore& store, const Supplier& supplier) {
  if (supplier.options.notices) return;
  std::vector<Notice> notices;
  store.run(system_principal("auditor"), [&](Tx& tx) {
    NoticeFilter filter;
    filter.link = supplier.options.name;
    notices = list_notices(tx, filter, {}, 1000);
    return true;
  });
  if (notices.size() != kAnnounced) {
    world.fail(fmt::format("{} announced {} things, and there are {} notices",
                           supplier.options.name, kAnnounced, notices.size()));
  }
  for (const Notice& n : notices) {
    if (n.told.title == "Ours") {
      world.fail(fmt::format("a ticket of ours, {}, became a notice", n.told.remote_id));
    }
    if (n.told.state != NoticeState::over) {
      world.fail(fmt::format("{} is {} at the end", n.told.remote_id, to_text(n.told.state)));
    }
    if (n.version > static_cast<std::int64_t>(kStages.size())) {
      world.fail(fmt::format("{} changed {} times", n.told.remote_id, n.version));
    }
  }
}

}  // namespace ombud::sim
