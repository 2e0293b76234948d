#include "identity/oidc/waiting.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace ombud::oidc {

net::awaitable<void> suspend(std::function<void(std::function<void()>)> start) {
  auto initiate = [](auto handler, std::function<void(std::function<void()>)> begin) {
    auto guard = net::make_work_guard(net::get_associated_executor(handler));
    using Handler = decltype(handler);
    // shared, because std::function must be copyable
    auto held =
        std::make_shared<std::pair<Handler, decltype(guard)>>(std::move(handler), std::move(guard));
    begin([held] {
      auto target = held->second.get_executor();
      net::post(target, [held] { std::move(held->first)(); });
    });
  };
  auto token = net::use_awaitable;
  auto operation = net::async_initiate<decltype(token), void()>(initiate, token, std::move(start));
  co_await std::move(operation);
}

}  // namespace ombud::oidc
