#include "http/router.hpp"

#include "base/assert.hpp"
#include "http/target.hpp"

namespace ombud::http {

struct Router::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> any;  // {name}
  std::vector<const Route*> routes;
};

namespace {

// Splits "/a/b" into its segments; "/" has none. A final slash makes an empty segment.
std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  if (path.size() <= 1) return segments;
  path.remove_prefix(1);
  for (;;) {
    const std::size_t slash = path.find('/');
    segments.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

}  // namespace

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;

void Router::add(Route declared) {
  declared.index = routes_.size();
  const Route& route = *routes_.emplace_back(std::make_unique<Route>(declared));
  Node* node = root_.get();
  for (const std::string_view segment : segments_of(route.path)) {
    std::unique_ptr<Node>& next =
        segment.front() == '{' ? node->any : node->literals[std::string(segment)];
    if (!next) next = std::make_unique<Node>();
    node = next.get();
  }
  for (const Route* other : node->routes) OMBUD_ASSERT(other->method != route.method);
  node->routes.push_back(&route);
}

Router::Match Router::find(Method method, std::string_view path) const {
  Match match;
  const Node* node = root_.get();
  for (const std::string_view segment : segments_of(path)) {
    const auto decoded = percent_decode(segment, false);
    if (!decoded) {
      match.bad_escape = true;
      return match;
    }
    const auto literal = node->literals.find(*decoded);
    if (literal != node->literals.end()) {
      node = literal->second.get();
    } else if (node->any && !decoded->empty()) {
      match.params.push_back(*decoded);
      node = node->any.get();
    } else {
      return match;
    }
  }
  const Method wanted = method == Method::head ? Method::get : method;
  for (const Route* route : node->routes) {
    if (route->method == wanted) {
      match.route = route;
      return match;
    }
  }
  for (const Route* route : node->routes) {
    if (!match.allow.empty()) match.allow += ", ";
    match.allow += to_text(route->method);
    if (route->method == Method::get) match.allow += ", HEAD";
  }
  if (!match.allow.empty()) match.allow += ", OPTIONS";
  return match;
}

}  // namespace ombud::http
