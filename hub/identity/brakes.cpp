#include "identity/brakes.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

namespace ombud::identity {
namespace {

constexpr int kDoublingsMax = 30;  // beyond every `most`

// After `attempts` in a row: nothing for the free ones, then twice as long each time.
Millis delay_after(int attempts, const Brake& brake) {
  if (attempts < brake.free_attempts) return Millis{0};
  const int doublings = std::min(attempts - brake.free_attempts, kDoublingsMax);
  return std::min(brake.most, brake.first * (std::int64_t{1} << doublings));
}

}  // namespace

std::string brake_key_of(std::string_view address) {
  namespace ip = boost::asio::ip;
  boost::system::error_code wrong;
  const ip::address parsed = ip::make_address(address, wrong);
  if (wrong) return std::string(address);
  if (parsed.is_v4()) return parsed.to_string();
  const ip::address_v6 six = parsed.to_v6();
  if (six.is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, six).to_string();
  constexpr std::size_t kNetworkBytes = 8;
  ip::address_v6::bytes_type network = six.to_bytes();
  std::fill(network.begin() + kNetworkBytes, network.end(), static_cast<unsigned char>(0));
  return ip::address_v6(network).to_string() + "/64";
}

std::optional<Millis> Brakes::take(std::string_view key, const Brake& brake, Instant now) {
  const std::lock_guard lock(mutex_);
  if (entries_.size() >= entries_max_ && !entries_.contains(std::string(key))) {
    std::erase_if(entries_, [&](const auto& e) { return e.second.last + kBrakeMemory <= now; });
    // Whoever fills the table slows nobody else down by it: those who wait least give way.
    if (entries_.size() >= entries_max_) {
      std::erase_if(entries_, [&](const auto& e) { return e.second.until <= now; });
    }
    if (entries_.size() >= entries_max_) return brake.first;
  }
  Entry& entry = entries_[std::string(key)];
  if (entry.last + kBrakeMemory <= now) entry = {};
  if (now < entry.until) return entry.until - now;
  ++entry.attempts;
  entry.last = now;
  entry.until = now + delay_after(entry.attempts, brake);
  return std::nullopt;
}

void Brakes::forgive(std::string_view key, Instant now) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(std::string(key));
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  entry.attempts = std::max(0, entry.attempts - 1);
  entry.until = std::min(entry.until, now);
}

void Brakes::clear(std::string_view key) {
  const std::lock_guard lock(mutex_);
  entries_.erase(std::string(key));
}

}  // namespace ombud::identity
