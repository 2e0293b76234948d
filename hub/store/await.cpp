#include "store/await.hpp"

#include <boost/asio/as_tuple.hpp>

#include <tuple>

namespace ombud::detail {

namespace net = boost::asio;

net::awaitable<std::exception_ptr> suspend(std::function<void(Store::Done)> start) {
  auto initiate = [](auto handler, std::function<void(Store::Done)> begin) {
    auto executor = net::get_associated_executor(handler);
    auto guard = net::make_work_guard(executor);
    using Handler = decltype(handler);
    // shared, because Store::Done must be copyable
    auto held =
        std::make_shared<std::pair<Handler, decltype(guard)>>(std::move(handler), std::move(guard));
    begin([held](std::exception_ptr error) {
      auto& [resume, work] = *held;
      auto target = work.get_executor();
      net::post(target, [held, error = std::move(error)]() mutable {
        std::move(held->first)(std::move(error));
      });
    });
  };
  auto token = net::as_tuple(net::use_awaitable);
  auto operation = net::async_initiate<decltype(token), void(std::exception_ptr)>(initiate, token,
                                                                                  std::move(start));
  const std::tuple<std::exception_ptr> outcome = co_await std::move(operation);
  co_return std::get<0>(outcome);
}

}  // namespace ombud::detail
