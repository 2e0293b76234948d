#include "inbound/webhook_gate.hpp"

#include <utility>

#include "inbound/limits.hpp"

namespace ombud::inbound {

std::string_view to_text(WebhookEnd end) {
  switch (end) {
    case WebhookEnd::taken:
      return "taken";
    case WebhookEnd::bad_signature:
      return "bad_signature";
    case WebhookEnd::refused:
      return "refused";
    case WebhookEnd::busy:
      return "busy";
    case WebhookEnd::unavailable:
      return "unavailable";
  }
  return "unavailable";
}

void WebhookGate::set_links(const std::vector<std::string>& links) {
  const std::lock_guard lock(doors_->mutex);
  for (auto& [name, link] : doors_->links) link.known = false;
  for (const std::string& name : links) doors_->links[name].known = true;
}

WebhookGate::Admission WebhookGate::admit(const std::string& name) {
  const std::lock_guard lock(doors_->mutex);
  const auto at = doors_->links.find(name);
  if (at == doors_->links.end() || !at->second.known) return {};
  if (at->second.inside >= kWebhooksPerLinkMax) return {Door::busy, nullptr};
  ++at->second.inside;
  // Links are never erased, so its place in the map stays.
  std::shared_ptr<Link> place(&at->second, [doors = doors_](Link* link) {
    const std::lock_guard again(doors->mutex);
    --link->inside;
  });
  return {Door::open, std::move(place)};
}

std::optional<std::int64_t> WebhookGate::count(std::string_view name, WebhookEnd end, Instant now) {
  const std::lock_guard lock(doors_->mutex);
  const auto at = doors_->links.find(name);
  if (at == doors_->links.end()) return std::nullopt;
  const auto i = static_cast<std::size_t>(end);
  Link& link = at->second;
  ++link.ended[i];
  if (end == WebhookEnd::taken) return std::nullopt;
  ++link.untold[i];
  if (link.told_at[i] && now < *link.told_at[i] + kWebhookTellEvery) return std::nullopt;
  link.told_at[i] = now;
  return std::exchange(link.untold[i], 0);
}

std::vector<WebhookGate::Counts> WebhookGate::counts() const {
  const std::lock_guard lock(doors_->mutex);
  std::vector<Counts> all;
  for (const auto& [name, link] : doors_->links) all.push_back({name, link.ended});
  return all;
}

}  // namespace ombud::inbound
