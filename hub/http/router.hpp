// Finds the route of a method and path. Filled once at start, then read by all threads.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/route.hpp"

namespace ombud::http {

class Router {
 public:
  Router();
  ~Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) = delete;

  // Paths are made of literal segments and {names}; a literal goes before a name.
  void add(Route route);

  struct Match {
    const Route* route = nullptr;  // null: no such path, or not with this method
    std::vector<std::string> params;
    std::string allow;  // without a route: the methods of the path; empty: no such path
    bool bad_escape = false;
  };
  Match find(Method method, std::string_view path) const;

  const std::vector<std::unique_ptr<Route>>& routes() const { return routes_; }

 private:
  struct Node;
  std::vector<std::unique_ptr<Route>> routes_;
  std::unique_ptr<Node> root_;
};

}  // namespace ombud::http
