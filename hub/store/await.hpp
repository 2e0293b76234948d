// co_await for the store: runs a unit of work in a transaction and resumes on the caller's
// executor.
//   auto ticket = co_await write<Ticket>(store, principal, work);   // work: Result<Ticket>(Tx&)
// A refusal undoes the work and is returned. A StoreError becomes an `unavailable` Problem whose
// detail is for the log of the operator; anything else that is thrown is rethrown here.
#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "store/store.hpp"

namespace ombud {

namespace detail {

// Suspends until `start`'s callback is called (from any thread), then resumes on this executor.
boost::asio::awaitable<std::exception_ptr> suspend(std::function<void(Store::Done)> start);

template <class T>
Result<T> outcome_of(std::exception_ptr error, std::optional<Result<T>>& result) {
  if (error) {
    try {
      std::rethrow_exception(error);
    } catch (const StoreError& failed) {
      return problem(ProblemKind::unavailable, failed.what());
    }
  }
  return std::move(*result);
}

}  // namespace detail

template <class T>
boost::asio::awaitable<Result<T>> write(Store& store, Principal principal,
                                        std::function<Result<T>(Tx&)> work) {
  auto result = std::make_shared<std::optional<Result<T>>>();
  Store::Work guarded = [result, work = std::move(work)](Tx& tx) {
    result->emplace(work(tx));
    return (*result)->has_value();
  };
  std::function<void(Store::Done)> start = [&store, principal = std::move(principal),
                                            guarded =
                                                std::move(guarded)](Store::Done done) mutable {
    store.write(std::move(principal), std::move(guarded), std::move(done));
  };
  auto error = co_await detail::suspend(std::move(start));
  co_return detail::outcome_of<T>(error, *result);
}

template <class T>
boost::asio::awaitable<Result<T>> read(Store& store, Principal principal,
                                       std::function<Result<T>(Tx&)> work) {
  auto result = std::make_shared<std::optional<Result<T>>>();
  Store::Work guarded = [result, work = std::move(work)](Tx& tx) {
    result->emplace(work(tx));
    return (*result)->has_value();
  };
  std::function<void(Store::Done)> start = [&store, principal = std::move(principal),
                                            guarded =
                                                std::move(guarded)](Store::Done done) mutable {
    store.read(std::move(principal), std::move(guarded), std::move(done));
  };
  auto error = co_await detail::suspend(std::move(start));
  co_return detail::outcome_of<T>(error, *result);
}

}  // namespace ombud
