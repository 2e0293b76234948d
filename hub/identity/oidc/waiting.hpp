// co_await for what answers by a callback on another thread; resumes on the caller's executor.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace ombud::oidc {

namespace net = boost::asio;

// `start` is given what to call, once, from any thread.
net::awaitable<void> suspend(std::function<void(std::function<void()>)> start);

template <class T>
net::awaitable<T> answer_of(std::function<void(std::function<void(T)>)> start) {
  auto answer = std::make_shared<std::optional<T>>();
  std::function<void(std::function<void()>)> begin =
      [answer, start = std::move(start)](std::function<void()> resume) {
        start([answer, resume = std::move(resume)](T value) {
          answer->emplace(std::move(value));
          resume();
        });
      };
  co_await suspend(std::move(begin));
  co_return std::move(**answer);
}

}  // namespace ombud::oidc
