// Counters of requests, and the Prometheus text format (version 0.0.4) by hand. Thread-safe.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/time.hpp"

namespace ombud::http {

// Writes metric families: family(), then its samples.
class MetricText {
 public:
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;
  void family(std::string_view name, std::string_view type, std::string_view help);
  void sample(std::string_view name, Labels labels, std::int64_t value);
  void sample(std::string_view name, Labels labels, double value);
  std::string take() { return std::move(text_); }

 private:
  void begin(std::string_view name, Labels labels);
  std::string text_;
};

// Something with numbers to show on /metrics; asked at every scrape.
class MetricSource {
 public:
  virtual ~MetricSource() = default;
  virtual net::awaitable<void> collect(MetricText& out) = 0;
};

class RequestMetrics {
 public:
  // Upper bounds of the latency buckets.
  static constexpr std::array<std::int64_t, 12> kBucketsMs{1,   2,   5,   10,   25,   50,
                                                           100, 250, 500, 1000, 2500, 10000};
  static constexpr std::array<unsigned, 22> kStatuses{200, 201, 202, 204, 304, 400, 401, 403,
                                                      404, 405, 408, 409, 412, 413, 414, 415,
                                                      417, 422, 429, 431, 500, 503};

  // One set of counters per name, and one more for requests without a route.
  explicit RequestMetrics(std::vector<std::string> route_names);
  void count(std::size_t route, unsigned status, Millis took);
  std::size_t no_route() const { return names_.size() - 1; }
  void write(MetricText& out) const;

 private:
  struct Counters {
    std::array<std::atomic<std::int64_t>, kStatuses.size() + 1> by_status{};  // the last: any other
    std::array<std::atomic<std::int64_t>, kBucketsMs.size() + 1> by_latency{};
    std::atomic<std::int64_t> took_ms{0};
  };
  std::vector<std::string> names_;
  std::unique_ptr<Counters[]> counters_;
};

}  // namespace ombud::http
