#include "http/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace ombud::http {

void MetricText::family(std::string_view name, std::string_view type, std::string_view help) {
  text_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

void MetricText::begin(std::string_view name, Labels labels) {
  text_ += name;
  if (labels.size() == 0) return;
  char separator = '{';
  for (const auto& [label, value] : labels) {
    text_ += separator;
    text_ += label;
    text_ += "=\"";
    for (const char c : value) {
      if (c == '\n') {
        text_ += "\\n";
        continue;
      }
      if (c == '"' || c == '\\') text_ += '\\';
      text_ += c;
    }
    text_ += '"';
    separator = ',';
  }
  text_ += '}';
}

void MetricText::sample(std::string_view name, Labels labels, std::int64_t value) {
  begin(name, labels);
  text_ += fmt::format(" {}\n", value);
}

void MetricText::sample(std::string_view name, Labels labels, double value) {
  begin(name, labels);
  text_ += fmt::format(" {}\n", value);
}

RequestMetrics::RequestMetrics(std::vector<std::string> route_names)
    : names_(std::move(route_names)) {
  names_.emplace_back("none");
  counters_ = std::make_unique<Counters[]>(names_.size());
}

void RequestMetrics::count(std::size_t route, unsigned status, Millis took) {
  Counters& counters = counters_[route];
  const auto known = std::find(kStatuses.begin(), kStatuses.end(), status);
  counters.by_status[static_cast<std::size_t>(known - kStatuses.begin())].fetch_add(
      1, std::memory_order_relaxed);
  const auto bucket = std::lower_bound(kBucketsMs.begin(), kBucketsMs.end(), took.count());
  counters.by_latency[static_cast<std::size_t>(bucket - kBucketsMs.begin())].fetch_add(
      1, std::memory_order_relaxed);
  counters.took_ms.fetch_add(took.count(), std::memory_order_relaxed);
}

void RequestMetrics::write(MetricText& out) const {
  out.family("ombud_http_requests_total", "counter", "Requests answered, by route and status.");
  for (std::size_t route = 0; route < names_.size(); ++route) {
    for (std::size_t i = 0; i <= kStatuses.size(); ++i) {
      const std::int64_t count = counters_[route].by_status[i].load(std::memory_order_relaxed);
      if (count == 0) continue;
      const std::string status = i < kStatuses.size() ? std::to_string(kStatuses[i]) : "other";
      out.sample("ombud_http_requests_total", {{"route", names_[route]}, {"status", status}},
                 count);
    }
  }
  out.family("ombud_http_request_seconds", "histogram",
             "From the first byte of a request to its answer, by route.");
  for (std::size_t route = 0; route < names_.size(); ++route) {
    const Counters& counters = counters_[route];
    std::array<std::int64_t, kBucketsMs.size() + 1> counts{};
    std::int64_t total = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      counts[i] = counters.by_latency[i].load(std::memory_order_relaxed);
      total += counts[i];
    }
    if (total == 0) continue;
    std::int64_t running = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      running += counts[i];
      const std::string bound = i < kBucketsMs.size()
                                    ? fmt::format("{}", static_cast<double>(kBucketsMs[i]) / 1000)
                                    : "+Inf";
      out.sample("ombud_http_request_seconds_bucket", {{"route", names_[route]}, {"le", bound}},
                 running);
    }
    out.sample("ombud_http_request_seconds_sum", {{"route", names_[route]}},
               static_cast<double>(counters.took_ms.load(std::memory_order_relaxed)) / 1000);
    out.sample("ombud_http_request_seconds_count", {{"route", names_[route]}}, total);
  }
}

}  // namespace ombud::http
